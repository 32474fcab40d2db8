"""One layer, and wrong local Ω of it: shared by exercises 08.1 and 08.3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case
from mas_edu.importance import mas, mas_local, reference

LIBRARY = (mas, mas_local, reference.mas, reference.mas_local)


def layer_cases(seed: int, signed: bool = False) -> list[Case]:
    """Draw layers and their inputs; signed: inputs of both signs."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, units, inputs in ((2, 1, 2), (5, 3, 3), (7, 4, 3)):
        x = torch.rand(samples, inputs, generator=draw, dtype=torch.float64)
        if signed:
            x = 2 * x - 1
            x[1] = 0.2 - x[0]  # the two cancel in part
        w = torch.randn(units, inputs, generator=draw, dtype=torch.float64)
        w[0] = abs(w[0])  # a unit that is active
        w[-1, :2] = torch.tensor([1.0, -1.0])
        cases.append({"x": x, "w": w})
    return cases


def local_if(rule: Callable[[Tensor, Tensor], Tensor], relu: bool = True) -> Any:
    """Return a wrong local Ω: `rule(x, y)` of inputs and outputs."""

    def wrong(x: Tensor, w: Tensor) -> Tensor:
        y = x @ w.T
        return rule(x, y.relu() if relu else y)

    return wrong


def judge_sign(case: Case, found: Any) -> str:
    """Return a sentence if some Ω is negative."""
    return "An Ω is never negative: it is a mean of absolute values." if (found < 0).any() else ""
