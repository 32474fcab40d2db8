"""Σ over samples of |g|^p for every trainable weight of any model, at the price of one pass.

Three routes, all exact. "closed form": linear layers and convolutions, see `closed_forms`. "vmap":
every other weight (norms, embeddings, a layer called twice, tied weights, a weight used
functionally) by `torch.func.vmap(grad)` over just those weights, in chunks. "loop": one backward
pass a sample, for models that `torch.func` cannot handle. Which weight takes which: see `routes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mas_edu.importance.per_sample.closed_form import (
    Layer,
    abs_power,
    accumulation_dtype,
    sums,
    supports,
)
from mas_edu.importance.per_sample.hooks import called_once, record_calls
from mas_edu.importance.per_sample.scores import Score, Scored
from mas_edu.networks import Params, trainable


@dataclass(frozen=True)
class Plan:
    """The route of each weight, and how many samples may go together."""

    routes: dict[str, str]
    rows: int
    chunk: int

    def on(self, route: str) -> list[str]:
        """Return the weights that take this route."""
        return [name for name, taken in self.routes.items() if taken == route]


def zero_sums(model: nn.Module, exactly: bool = True) -> Params:
    """Return zeros for each weight: in the precision that many terms need, or its own."""
    return {
        name: torch.zeros_like(
            weight,
            dtype=accumulation_dtype(weight.device) if exactly else None,
            requires_grad=False,
        )
        for name, weight in trainable(model).items()
    }


def add_samples(
    total: Params, model: nn.Module, x: Tensor, score: Score, power: int, plan: Plan
) -> None:
    """Add Σ_n |∂ score_n / ∂θ|^power over the samples of one batch, for every trainable weight."""
    closed = set(plan.on("closed form"))
    if closed and not add_by_closed_form(total, model, x, score, closed, power):
        # for this batch the model took another way than on trial
        add_by_loop(total, model, x, score, list(plan.routes), power)
        return
    if names := plan.on("vmap"):
        add_by_vmap(total, model, x, score, names, power, plan.chunk)
    if names := plan.on("loop"):
        add_by_loop(total, model, x, score, names, power)


def add_by_closed_form(
    total: Params, model: nn.Module, x: Tensor, score: Score, names: set[str], power: int
) -> bool:
    """Add what these weights sum up to; False, and nothing added, if a layer is not as on trial."""
    layers = {
        name: layer
        for name, layer in closed_form_layers(model).items()
        if any(weight_name(name, part) in names for part in ("weight", "bias"))
    }
    with record_calls(layers) as calls:
        scores = Scored(model, score)(x)
    if not all(called_once(seen, len(x)) for seen in calls.values()):
        return False
    edges = [seen[0].edge for seen in calls.values()]
    deltas: list[Tensor | None] = list(torch.autograd.grad(scores.sum(), edges, allow_unused=True))
    del scores, edges
    with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
        for name, layer in layers.items():
            call, delta = calls.pop(name)[0], deltas.pop(0)  # popped: their memory is free then
            if delta is None:  # the score does not depend on this layer
                continue
            # not the precision of autocast, nor half of one: the sums need all digits
            kind = torch.promote_types(layer.weight.dtype, torch.float32)
            found = sums(layer, call.a.to(kind), delta.to(kind), power)
            for part, value in found.items():
                if (key := weight_name(name, part)) in names:
                    total[key] += value
    return True


def add_by_vmap(
    total: Params,
    model: nn.Module,
    x: Tensor,
    score: Score,
    names: list[str],
    power: int,
    chunk: int,
) -> None:
    """Add what these weights sum up to, `chunk` samples at a time."""
    gradient = torch.func.grad(score_of_one(model, score))
    gradients_of = torch.func.vmap(gradient, (None, 0), randomness="different")
    weights = trainable(model)
    some = {name: weights[name].detach() for name in names}
    for part in x.split(chunk):
        # the fast kernels for attention, and autocast before a norm, have no batching rule
        with sdpa_kernel(SDPBackend.MATH), torch.autocast(x.device.type, enabled=False):
            found = gradients_of(some, part)
        for name, gradients in found.items():
            total[name] += abs_power(gradients.detach(), power).sum(0)


def add_by_loop(
    total: Params, model: nn.Module, x: Tensor, score: Score, names: list[str], power: int
) -> None:
    """Add what these weights sum up to, sample after sample."""
    weights = [trainable(model)[name] for name in names]
    for sample in x.split(1):
        scores = Scored(model, score)(sample).sum()
        if not scores.requires_grad:  # this sample takes a way without weights
            continue
        gradients = torch.autograd.grad(scores, weights, materialize_grads=True)
        for name, gradient in zip(names, gradients, strict=True):
            total[name] += abs_power(gradient, power)


def weight_name(module: str, part: str) -> str:
    """Return the full name of a weight or buffer of a module; the model itself is ""."""
    return f"{module}.{part}".removeprefix(".")


def closed_form_layers(model: nn.Module) -> dict[str, Layer]:
    """Return the layers with a closed form and something to train."""
    return {
        name: layer
        for name, layer in model.named_modules()
        if supports(layer)
        and any(weight.requires_grad for weight in layer.parameters(recurse=False))
    }


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
                    places.setdefault(tensor, []).append(weight_name(name, part))
    return places
