"""Sliced Cramér preservation: how strongly each weight moves the mean output, seen along lines."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mas_edu._common import as_int, as_seed
from mas_edu.data import Data, batches
from mas_edu.importance.per_sample.batch_size import LARGEST_BATCH
from mas_edu.importance.per_sample.operation import at_least_float32
from mas_edu.importance.per_sample.scores import check_differentiable
from mas_edu.importance.tally import check_finite, omega_dtype
from mas_edu.networks import (
    Params,
    check_classes,
    enable_gradients,
    evaluating,
    explain_errors,
    trainable,
    unflatten,
)

MOST_SLICES = 10**5  # each takes a pass over the weights


@enable_gradients()
def scp(
    model: nn.Module,
    data: Data,
    *,
    slices: int | Tensor | None = None,
    classes: Sequence[int] | None = None,
    seed: int = 0,
) -> Params:
    r"""Compute how strongly each weight moves the mean output, in directions of the output.

    .. math:: \Omega_i = \frac1L \sum_{l=1}^L \Big( \frac{\partial}{\partial \theta_i}
              \Big\langle \xi_l, \frac1N \sum_k F(x_k) \Big\rangle \Big)^2

    Squared for each direction, then averaged. The mean over samples stands inside: what moves two
    samples' outputs in opposite ways does not count. Labels are never used.

    Args:
        model: as in `mas`.
        data: as in `mas`.
        slices: how many unit directions ξ to draw, or the directions, `[L, C]`. None: all of them,
            exactly: with C outputs the mean of ξξᵀ over the sphere is 1/C times the identity, so
            the C axes give what infinitely many draws would. Given directions are taken at unit
            length.
        classes: the active logits, C of them; None: all.
        seed: of the drawn directions.

    Returns:
        One tensor per trainable weight, same name and shape, in squared output per squared unit of
        weight.

    Raises:
        ValueError: as `mas`; for directions that do not fit the outputs.

    Cost: one forward pass and C backward passes; C numbers for each weight in memory. Source:
    Kolouri et al., Sliced Cramér Synaptic Consolidation, ICLR 2020.

    >>> layer = nn.Linear(1, 2, bias=False)
    >>> scp(layer, torch.tensor([[1.0], [3.0]]))["weight"]  # (mean of x)² / C
    tensor([[2.],
            [2.]])
    """
    seed = as_seed(seed)
    jacobian = _jacobian(model, data, classes)  # [C, n]; of half precision float32
    directions = _directions(slices, len(jacobian), seed).to(jacobian)  # [L, C]
    total = torch.zeros_like(jacobian[0])
    for direction in directions:
        total += (direction @ jacobian).square()
    omega = unflatten(model, total / len(directions))
    weights = trainable(model)
    return check_finite(
        {name: value.to(omega_dtype(weights[name].dtype)) for name, value in omega.items()}
    )


def _jacobian(model: nn.Module, data: Data, classes: Sequence[int] | None) -> Tensor:
    """Compute ∂ mean_n F_c(x_n) / ∂θ, `[C, n]`."""
    weights, samples, total = trainable(model), 0, torch.zeros((), device="cpu")
    with evaluating(model):
        for x in batches(model, data, LARGEST_BATCH):
            if not samples:
                check_classes(model, x[:1].clone(), classes)
            with explain_errors(x, "with gradients"):
                outputs = check_differentiable(model(x.clone()).sum(0))
                columns = range(len(outputs)) if classes is None else classes
                gradients = [
                    torch.autograd.grad(
                        outputs[c], list(weights.values()), retain_graph=True,
                        materialize_grads=True,
                    )
                    for c in columns
                ]  # fmt: skip
            total = total + torch.stack(
                [
                    at_least_float32(torch.cat([one.to_dense().flatten() for one in of_class]))
                    for of_class in gradients
                ]
            )
            samples += len(x)
    return total / samples


def _directions(slices: int | Tensor | None, outputs: int, seed: int) -> Tensor:
    """Return unit vectors, `[L, C]`: the axes, given directions, or random ones."""
    if slices is None:
        return torch.eye(outputs, device="cpu")
    if isinstance(slices, Tensor):
        if slices.ndim != 2 or slices.shape[1] != outputs or not len(slices):
            raise ValueError(
                f"slices: expected directions [L, {outputs}], one column for each active output, "
                f"got {tuple(slices.shape)}"
            )
        if not bool(torch.isfinite(slices).all()) or not bool((slices != 0).any(1).all()):
            raise ValueError("slices: expected directions, found one that is 0 or not finite")
        return nn.functional.normalize(slices.double(), dim=1)
    generator = torch.Generator("cpu").manual_seed(seed)
    random = torch.randn(
        as_int("slices", slices, 1, MOST_SLICES),
        outputs,
        generator=generator,
        dtype=torch.float64,
        device="cpu",
    )
    return nn.functional.normalize(random, dim=1)
