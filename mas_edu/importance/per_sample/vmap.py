"""The general way: every sample's gradient at once, by `torch.func.vmap(grad)`.

It costs more than a closed form, and much memory: the gradient of each sample is formed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mas_edu._common import USER_ERRORS
from mas_edu.importance.per_sample.scores import Score, ScoredModel
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.networks import Params

MEMORY = 256 * 2**20  # bytes for one chunk of per-sample gradients


def add_by_vmap(
    sums: Sums, scored: ScoredModel, x: Tensor, names: Sequence[str], power: int
) -> None:
    """Add |∂ score_n / ∂w|^power of these weights w, a chunk of samples at a time."""
    gradient = torch.func.grad(score_of_one(scored))
    gradients_of = torch.func.vmap(gradient, (None, 0), randomness="different")
    weights = {name: scored.weights[name].detach() for name in names}
    size = sum(weight.nbytes for weight in weights.values())
    for part in x.split(max(1, MEMORY // (4 * size + 1))):  # 4: gradient, its abs, and in between
        with _prepare_vmap():
            found = gradients_of(weights, part)
        for name, gradients in found.items():
            sums.add_gradients(name, gradients.detach(), power)


def branches_on_values(scored: ScoredModel, x: Tensor) -> bool:
    """Return whether Python reads the samples, as in `if x.sum() > 0`: `vmap` sees it."""
    try:
        with torch.no_grad(), _prepare_vmap():
            torch.func.vmap(score_of_one(scored), (None, 0), randomness="different")({}, x)
    except USER_ERRORS:  # that, or it gave up before it came there
        return True
    return False


@contextmanager
def _prepare_vmap() -> Iterator[None]:
    """Choose kernels that have a batching rule; keep remarks for PyTorch's makers to ourselves."""
    with sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "There is a performance drop")
        yield


class _ScoreModule(nn.Module):
    """A model with its score as one module, for `functional_call`."""

    def __init__(self, model: nn.Module, score: Score) -> None:
        super().__init__()
        self.model = model
        self.score = score

    def forward(self, x: Tensor) -> Tensor:
        """Compute the score of each sample: `[N, …]` to `[N]`."""
        return self.score(self.model, x.clone())


def score_of_one(scored: ScoredModel) -> Callable[[Params, Tensor], Tensor]:
    """Return a function (some of the weights, a sample) -> its score, for `torch.func`."""
    module = _ScoreModule(scored.model, scored.score)
    places = _find_places(module)
    # handed over, so that none is left replaced by vmap
    buffers = {place: buffer for buffer in module.buffers() for place in places[buffer]}

    def score(weights: Params, sample: Tensor) -> Tensor:
        replaced = dict(buffers)
        for name, weight in weights.items():
            replaced |= dict.fromkeys(places[scored.weights[name]], weight)
        scores: Tensor = torch.func.functional_call(
            module, replaced, (sample.unsqueeze(0),), tie_weights=False
        )
        return scores.sum()

    return score


def _find_places(model: nn.Module) -> dict[Tensor, list[str]]:
    """Find the names of each weight and buffer: one in each module that has it.

    `functional_call` finds tied weights by itself, but replaces those of a module with two names
    twice, and does not give the first ones back.
    """
    places: dict[Tensor, list[str]] = {}
    for name, module in model.named_modules():
        for tensors in (module._parameters, module._buffers):
            for key, tensor in tensors.items():
                if tensor is not None:
                    places.setdefault(tensor, []).append(f"{name}.{key}".removeprefix("."))
    return places
