"""Exercise 08.5, `carry`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.exercises.lesson_08.local_omega import local_omega
from mas_edu.importance import mas, reference


def carry(model: nn.Module, x: Tensor) -> Tensor:
    """Return for each unit of the first layer Σ global Ω / Σ local Ω of its incoming weights.

    model: layers with ReLU between them, no biases; the first has weights [units, inputs].
    x: inputs, never negative, [N, inputs]. Global Ω may come from `me.mas`.
    Returns [units]; NaN where both sums are 0, as the unit is never active.
    """
    w = next(model.parameters()).detach()
    local = 2 / len(x) * (x @ w.T).relu().T @ x  # [units, inputs]
    whole = next(iter(mas(model, x).values()))  # of the first weight
    return whole.sum(dim=1) / local.sum(dim=1)  # 0 / 0 is NaN


def _unit_cases(seed: int) -> list[Case]:
    """Draw networks whose second unit is never active."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, sizes in ((3, (2, 3)), (5, (4, 4, 3))):
        layers: list[nn.Module] = []
        for fan_in, fan_out in zip(sizes, (*sizes[1:], 2), strict=True):
            layers += [nn.Linear(fan_in, fan_out, bias=False), nn.ReLU()]
        model = nn.Sequential(*layers[:-1]).double()
        for weight in model.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        first = next(model.parameters()).data
        first.abs_()
        first[0, 0] *= -0.5
        first[1] *= -1
        for weight in list(model.parameters())[1:-1]:
            weight.data[0].abs_()  # something comes through
        x = 0.1 + torch.rand(samples, sizes[0], generator=draw, dtype=torch.float64)
        cases.append({"model": model, "x": x})
    return cases


def _carry_if(rule: Callable[[Tensor, Tensor], Tensor]) -> Any:
    """Return a wrong one: `rule(global, local)` of the first layer's Ω."""

    def wrong(model: nn.Module, x: Tensor) -> Tensor:
        whole = next(iter(reference.mas(model, x).values()))
        return rule(whole, local_omega(x, next(model.parameters()).detach()))

    return wrong


def _judge_carry(case: Case, found: Any) -> str:
    return "A ratio of two Ω is never negative." if (found < 0).any() else ""


CARRY = Exercise(
    id="08.5",
    name="carry",
    points=2,
    asks="What local Ω cannot know: how much the outputs depend on a unit. Show it by the ratio of "
    "global to local Ω, for each unit of the first layer.",
    solution=carry,
    why="For a weight, global Ω has |δ| of its unit where local Ω has 2y, and the input is the "
    "same in both; summed over the inputs, the ratio tells what follows the unit.",
    hints=(
        "Which weights belong to a unit: a row or a column?",
        "Sum each Ω over the inputs of a unit, then divide the two sums.",
        "Take local Ω as in 08.1 and global Ω of the first weight by me.mas, sum(dim=1) of each, "
        "and divide; 0 / 0 becomes NaN by itself.",
    ),
    mistakes={
        "upside down": (
            _carry_if(lambda whole, local: local.sum(1) / whole.sum(1)),
            "The ratio is upside down: divide global Ω by local Ω.",
        ),
        "mean of ratios": (
            _carry_if(lambda whole, local: (whole / local).nanmean(1)),
            "This is the mean of the weights' ratios: sum both Ω over a unit's weights first, then "
            "divide.",
        ),
        "dead as 0": (
            _carry_if(lambda whole, local: (whole.sum(1) / local.sum(1)).nan_to_num(0)),
            "A unit that is never active got 0: nothing is known of it, so its ratio is NaN.",
        ),
        "dead as 1": (
            _carry_if(lambda whole, local: (whole.sum(1) / local.sum(1)).nan_to_num(1)),
            "A unit that is never active got 1, as if both Ω agreed: use NaN, as nothing is known.",
        ),
        "inputs": (
            _carry_if(lambda whole, local: whole.sum(0) / local.sum(0)),
            "There is a number for each input here: sum over the inputs, so that one is left for "
            "each unit.",
        ),
        "each weight": (
            _carry_if(lambda whole, local: whole / local),
            "There is a ratio for each weight: sum both Ω over the inputs of a unit first.",
        ),
        "layer": (
            _carry_if(lambda whole, local: whole.sum() / local.sum()),
            "This is one number for the whole layer: keep the units apart.",
        ),
        "shares": (
            _carry_if(
                lambda whole, local: (whole.sum(1) / whole.sum()) / (local.sum(1) / local.sum())
            ),
            "These are shares of the layer, so its size has dropped out: divide the sums "
            "themselves.",
        ),
    },
    cases=_unit_cases,
    judge=_judge_carry,
)
