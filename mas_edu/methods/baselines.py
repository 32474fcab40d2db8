"""Baselines and the upper bound: nothing protected, all weights alike, everything rehearsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from mas_edu.data import Task
from mas_edu.methods.base import Method
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import Params, trainable


@dataclass(frozen=True)
class FineTune(Method):
    """Train on each task and protect nothing: how much is forgotten without any method."""

    penalised: ClassVar[bool] = False

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: Any = None
    ) -> None:
        """Return no anchor: nothing is held on to."""


@dataclass(frozen=True)
class Joint(FineTune):
    """Train on the data of all tasks so far: an upper bound for reference."""

    rehearses: ClassVar[bool] = True


@dataclass(frozen=True)
class L2(Method):
    """Every weight matters equally, Ω = 1: stay near the last weights."""

    unit: ClassVar[str] = "without unit"  # translated

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return 1 for every weight."""
        return {name: torch.ones_like(weight) for name, weight in trainable(model).items()}

    def merge(self, old: Params, new: Params) -> Params:
        """Return the new Ω: only the last weights count."""
        return new
