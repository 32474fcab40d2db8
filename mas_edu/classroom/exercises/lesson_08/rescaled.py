"""Exercise 08.4, `rescaled`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case, Exercise

Tensors = dict[str, Tensor]


def rescaled(local: dict[str, Tensor], whole: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return local Ω, each layer multiplied by one number so that its sum is that of global Ω.

    local, whole: local and global Ω by the name of each layer's weights, [units, inputs].
    """
    return {name: omega * (whole[name].sum() / omega.sum()) for name, omega in local.items()}


def _both_cases(seed: int) -> list[Case]:
    """Draw two Ω of two or three layers, with zeros in them."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for shapes in (((2, 2), (1, 2)), ((3, 4), (3, 3), (2, 3))):
        both = []
        for size in (1.0, 5.0):
            omegas = {
                f"{2 * k}.weight": size * 3.0**k * torch.rand(shape, generator=draw).double()
                for k, shape in enumerate(shapes)
            }
            omegas["0.weight"][0, 0] = 0
            both.append({n: one + 0.1 * (one > 0) for n, one in omegas.items()})
        cases.append({"local": both[0], "whole": both[1]})
    return cases


def _judge_rescaled(case: Case, found: Any) -> str:
    for name, omega in case["local"].items():
        if (found[name].ravel().argsort() != omega.numpy().ravel().argsort()).any():
            return (
                f"The order of the weights in {name} has changed: multiply them all by one number."
            )
    return ""


def _rescaled_if(factor: Callable[[Tensor, Tensor], Any]) -> Any:
    """Return a wrong rescaling: local Ω times `factor(local, global)` of each layer."""

    def wrong(local: Tensors, whole: Tensors) -> Tensors:
        return {name: omega * factor(omega, whole[name]) for name, omega in local.items()}

    return wrong


def _one_factor(local: Tensors, whole: Tensors) -> Tensors:
    factor = sum(float(one.sum()) for one in whole.values()) / sum(
        float(one.sum()) for one in local.values()
    )
    return {name: omega * factor for name, omega in local.items()}


def _mean_factor(local: Tensors, whole: Tensors) -> Tensors:
    ratios = [float(whole[name].sum() / omega.sum()) for name, omega in local.items()]
    return {name: omega * sum(ratios) / len(ratios) for name, omega in local.items()}


def _rescaled_in_place(local: Tensors, whole: Tensors) -> Tensors:
    for name, omega in local.items():
        omega *= whole[name].sum() / omega.sum()
    return dict(local)


RESCALED = Exercise(
    id="08.4",
    name="rescaled",
    points=2,
    asks="Layer by layer, local Ω differs from global Ω in size, and one λ cannot make up for it. "
    "Multiply local Ω of each layer by one number, so that its sum becomes that of global Ω.",
    solution=rescaled,
    why="A positive factor keeps every order, so rank correlations within a layer stay. What "
    "changes is how the penalty is divided among layers, which no λ can change.",
    hints=(
        "Which two sums does one layer have, and by what do they differ?",
        "The factor of a layer is its global ΣΩ over its local ΣΩ; each layer has its own.",
        "For each name multiply local Ω by the sum of global Ω and divide by the sum of local Ω.",
    ),
    mistakes={
        "one factor": (
            _one_factor,
            "All layers get the same factor, which λ could do as well: take one for each layer.",
        ),
        "mean factor": (
            _mean_factor,
            "All layers get the mean of the factors: give each layer its own.",
        ),
        "upside down": (
            _rescaled_if(lambda local, whole: local.sum() / whole.sum()),
            "The factor is upside down: layers move away from global Ω instead of towards it.",
        ),
        "global": (
            lambda local, whole: {name: omega * 1 for name, omega in whole.items()},
            "This is global Ω itself: keep the pattern of local Ω, only its size changes.",
        ),
        "largest": (
            _rescaled_if(lambda local, whole: whole.max() / local.max()),
            "The largest values agree now: it is the sums that have to.",
        ),
        "norms": (
            _rescaled_if(lambda local, whole: whole.norm() / local.norm()),
            "The root of the summed squares agrees now: it is the plain sums that have to.",
        ),
        "sums to one": (
            _rescaled_if(lambda local, whole: 1 / local.sum()),
            "Each layer sums to 1 now: multiply it by the sum of global Ω as well.",
        ),
        "not divided": (
            _rescaled_if(lambda local, whole: whole.sum()),
            "The sum of global Ω is a factor, but the layer's own sum is not divided out.",
        ),
        "each unit": (
            _rescaled_if(
                lambda local, whole: whole.sum(1, keepdim=True) / local.sum(1, keepdim=True)
            ),
            "Each unit gets a factor of its own, which changes the order in the layer: one for the "
            "whole layer.",
        ),
        "added": (
            lambda local, whole: {
                name: omega + (whole[name] - omega).mean() for name, omega in local.items()
            },
            "The sums agree, but a constant was added, also to Ω = 0: multiply instead.",
        ),
        "in place": (
            _rescaled_in_place,
            "The numbers are right, but the local Ω that was handed in has changed: return a new "
            "dict.",
        ),
    },
    cases=_both_cases,
    judge=_judge_rescaled,
)
