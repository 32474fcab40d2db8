r"""The diagonal of the Fisher information: how much each weight moves the predicted probabilities.

The labels are those that the model itself deems likely, not those of the data: that is what tells
the Fisher from squared gradients of the loss (its "empirical" form, which is often taken for it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from mas_edu._common import as_choice, as_ints, as_seed, short_repr
from mas_edu.data import Data, as_batches, as_tensor, batches
from mas_edu.importance.per_sample.scores import Score
from mas_edu.importance.tally import Tally, tally_scores
from mas_edu.networks import Params, check_classes, evaluating, explain_errors

Kind = Literal["exact", "sampled", "empirical"]


def fisher(
    model: nn.Module,
    data: Data,
    *,
    kind: Kind = "exact",
    labels: Tensor | None = None,
    classes: Sequence[int] | None = None,
    seed: int = 0,
) -> Params:
    r"""Compute how strongly each weight moves the predicted probabilities: the Fisher diagonal.

    .. math:: F_i = \frac1N \sum_{k=1}^N \mathbb{E}_{y \sim p(y|x_k)}
              \Big( \frac{\partial \log p(y|x_k)}{\partial \theta_i} \Big)^2

    The square is taken for each sample, never of a batch's mean gradient.

    Args:
        model: as in `mas`.
        data: as in `mas`; for "empirical" an iterable of `(x, y)`, or a tensor with `labels`.
        kind: "exact": the expectation over all active classes, at a pass for each class;
            "sampled": one label for each sample, drawn from the prediction, at one pass;
            "empirical": the label of the data instead, which is no longer the Fisher.
        labels: of the samples, `[N]`, for "empirical" alone.
        classes: the active classes; None: all.
        seed: of the drawn labels.

    Returns:
        One tensor per trainable weight, same name and shape, in 1 per squared unit of weight.

    Raises:
        ValueError: as `mas`; for "empirical" without labels, or with one that is not active.

    Sources: Kirkpatrick et al., PNAS 2017, arXiv 1612.00796; on the three kinds, Kunstner et al.,
    NeurIPS 2019, arXiv 1905.12558.

    >>> layer = nn.Linear(1, 2, bias=False)
    >>> _ = nn.init.zeros_(layer.weight)
    >>> fisher(layer, torch.tensor([[2.0]]))["weight"].round(decimals=4)  # p (1 − p) x², p = ½
    tensor([[1.],
            [1.]])
    """
    as_choice("kind", kind, get_args(Kind))
    if labels is not None and kind != "empirical":
        raise ValueError(
            f"labels: the {kind} Fisher takes the model's own; leave them out, or choose "
            'kind="empirical"'
        )
    classes, seed = None if classes is None else as_ints("classes", classes, 0), as_seed(seed)
    if kind == "exact":
        return _exact(model, data, classes)
    pairs = (
        _given_labels(data, labels)
        if kind == "empirical"
        else _sampled_labels(model, data, classes, seed)
    )
    return _with_labels(model, pairs, classes)


def _exact(model: nn.Module, data: Data, classes: Sequence[int] | None) -> Params:
    """Sum p_c (∂ log p_c)² over all classes: squared gradients of √p_c · log p_c, √p_c fixed."""
    data = data if not isinstance(data, Iterator) else list(data)  # read once for each class
    active = _active_classes(model, data, classes)
    tallies = [
        tally_scores(model, data, _log_likelihood(active, c, weighted=True), 2, classes)
        for c in active
    ]
    total = reduce(add, tallies)
    return Tally(total.total, tallies[0].samples, total.dtypes).mean()


def _with_labels(
    model: nn.Module, pairs: Iterable[tuple[Tensor, Tensor]], classes: Sequence[int] | None
) -> Params:
    """Average over samples with labels; those of one label share a score, and go together."""
    tallies = []
    for x, y in pairs:
        active = _active_classes(model, x, classes)
        if odd := sorted(set(y.tolist()) - set(active)):
            raise ValueError(f"labels: expected active classes, {active}, found {odd[0]}")
        for c in y.unique().tolist():
            score = _log_likelihood(active, c)
            tallies.append(tally_scores(model, x[y.to(x.device) == c], score, 2, classes))
    if not tallies:
        raise ValueError("data: expected at least one sample, found none")
    return reduce(add, tallies).mean()


def _log_likelihood(active: Sequence[int], c: int, weighted: bool = False) -> Score:
    """Return a score, log p(c|x) over the active classes; `weighted`: times √p, held fixed."""
    columns, place = list(active), list(active).index(c)

    def score(model: nn.Module, x: Tensor) -> Tensor:
        log_p: Tensor = model(x)[:, columns].log_softmax(1)[:, place]
        return log_p * (log_p.detach() / 2).exp() if weighted else log_p

    return score


def _active_classes(model: nn.Module, data: Data, classes: Sequence[int] | None) -> list[int]:
    """Return the active classes: those given, checked, or all logits."""
    with evaluating(model), torch.no_grad():
        first = next(batches(model, data))[:1]
        check_classes(model, first.clone(), classes)
        return list(range(model(first.clone()).shape[1])) if classes is None else list(classes)


def _sampled_labels(
    model: nn.Module, data: Data, classes: Sequence[int] | None, seed: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each batch with labels drawn from the predictions; the same however it is batched."""
    generator = torch.Generator("cpu").manual_seed(seed)
    for x in batches(model, data):
        active = torch.tensor(_active_classes(model, x, classes), device="cpu")
        with evaluating(model), torch.no_grad(), explain_errors(x):
            p = model(x.clone())[:, active.to(x.device)].double().softmax(1).cpu()
        random = torch.rand(len(x), 1, generator=generator, dtype=torch.float64, device="cpu")
        yield x, active[(p.cumsum(1) < random).sum(1).clamp(max=len(active) - 1)]


def _given_labels(data: Data, labels: Tensor | None) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each batch with the labels of the data, checked."""
    whole = hasattr(data, "__array__")
    if labels is not None and not whole:
        raise ValueError(
            "labels: they belong to one tensor of inputs; of batches, give (x, y) each, and no "
            "labels"
        )
    for item in [(data, labels)] if whole else as_batches(data):
        pair = item[:2] if isinstance(item, tuple | list) and len(item) > 1 else (item, None)
        x, y = map(as_tensor, pair)
        tensors = isinstance(x, Tensor) and isinstance(y, Tensor)
        if not tensors or x.ndim == 0 or y.shape != x.shape[:1]:
            raise ValueError(
                "labels: the empirical Fisher needs a label for each sample, [N]: give labels, or "
                f'batches (x, y), got {short_repr(y)}; or choose kind="exact"'
            )
        if len(x):
            yield x, y
