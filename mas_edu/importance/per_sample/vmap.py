"""The general way: every sample's gradient at once, by `torch.func.vmap(grad)`.

It costs more than a closed form, and much memory: each sample's gradient is there as a whole.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mas_edu.importance.per_sample.scores import Score, Scored
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.networks import Params, trainable

MEMORY = 256 * 2**20  # bytes for one chunk of per-sample gradients


def add_by_vmap(
    sums: Sums, model: nn.Module, x: Tensor, score: Score, names: Sequence[str], power: int
) -> None:
    """Add what these weights sum up to, a chunk of samples at a time."""
    gradient = torch.func.grad(score_of_one(model, score))
    gradients_of = torch.func.vmap(gradient, (None, 0), randomness="different")
    weights = trainable(model)
    some = {name: weights[name].detach() for name in names}
    size = sum(weight.nbytes for weight in some.values())
    for part in x.split(max(1, MEMORY // (4 * size + 1))):  # 4: gradient, its abs, and in between
        # the fast kernels for attention have no batching rule
        with sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "There is a performance drop")  # for PyTorch's makers
            found = gradients_of(some, part)
        for name, gradients in found.items():
            sums.add_gradients(name, gradients.detach(), power)


def branches_on_values(model: nn.Module, x: Tensor, score: Score) -> bool:
    """Tell whether Python reads numbers of the samples, as in `if x.sum() > 0`, as `vmap` sees."""
    one = score_of_one(model, score)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "There is a performance drop")
            torch.func.vmap(one, (None, 0), randomness="different")({}, x)
    except Exception:  # that, or it gave up before it came there
        return True
    return False


def score_of_one(model: nn.Module, score: Score) -> Callable[[Params, Tensor], Tensor]:
    """Return a function (some of the weights, a sample) -> its score, for `torch.func`."""
    scored = Scored(model, score)
    places = _places(scored)
    # handed over, so that none is left replaced by vmap
    buffers = {at: buffer for buffer in scored.buffers() for at in places[buffer]}
    weights = {name: places[weight] for name, weight in trainable(model).items()}

    def score_of_one(some: Params, sample: Tensor) -> Tensor:
        named = buffers | {at: weight for name, weight in some.items() for at in weights[name]}
        scores: Tensor = torch.func.functional_call(
            scored, named, (sample.unsqueeze(0),), tie_weights=False
        )
        return scores.sum()

    return score_of_one


def _places(model: nn.Module) -> dict[Tensor, list[str]]:
    """Where each weight and buffer is kept: once in each module that has it.

    `functional_call` finds tied weights by itself, but replaces those of a module with two names
    twice, and does not give the first ones back.
    """
    places: dict[Tensor, list[str]] = {}
    for name, module in model.named_modules():
        for kept in (module._parameters, module._buffers):
            for part, tensor in kept.items():
                if tensor is not None:
                    places.setdefault(tensor, []).append(f"{name}.{part}".removeprefix("."))
    return places
