"""Five rules that make one Ω of many: each is MAS, and differs in how old and new are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

import mas_edu as me


@dataclass(frozen=True, repr=False)
class Mean(me.MAS):
    """The mean over all tasks; the number of tasks so far is kept beside Ω."""

    def after_task(
        self, model: nn.Module, task: me.Task, anchor: me.Anchor | None, trace: Any = None
    ) -> me.Anchor:
        """Return the anchor with Ω + (new − Ω) / t, where t counts the tasks."""
        new = self.importance(model, task)
        count = anchor.memory["tasks"] + 1 if anchor else torch.ones(1)
        if anchor:
            old = anchor.omega
            new = {name: old[name] + (new[name] - old[name]) / count for name in new}
        return me.Anchor(me.snapshot(model), new, {"tasks": count})


@dataclass(frozen=True, repr=False)
class Max(me.MAS):
    """For each weight the largest Ω of any task."""

    def merge(self, old: me.Params, new: me.Params) -> me.Params:
        """Return the larger of the two, weight by weight."""
        return {name: torch.maximum(old[name], new[name]) for name in new}


@dataclass(frozen=True, repr=False)
class MovingAverage(me.MAS):
    """Half of the old, half of the new: each task counts half as much as the one after it."""

    def merge(self, old: me.Params, new: me.Params) -> me.Params:
        """Return the mean of the two."""
        return {name: (old[name] + new[name]) / 2 for name in new}


@dataclass(frozen=True, repr=False)
class Last(me.MAS):
    """Ω of the last task alone."""

    def merge(self, old: me.Params, new: me.Params) -> me.Params:
        """Return the new."""
        return new


RULES: dict[str, me.Method] = {  # translated
    "sum": me.MAS(),  # as in the paper
    "mean": Mean(),
    "max": Max(),
    "moving average": MovingAverage(),
    "last": Last(),
}
