"""What methods are compared with: nothing protected, everything rehearsed, all weights alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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

    def after_task(self, model: nn.Module, task: Task, anchor: Anchor | None) -> None:
        """Nothing is held on to."""


@dataclass(frozen=True)
class Joint(FineTune):
    """Train on the data of all tasks so far: what the network could do if nothing were gone."""

    rehearses: ClassVar[bool] = True


@dataclass(frozen=True)
class L2(Method):
    """Every weight matters equally, Ω = 1: stay near the last weights."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """One, everywhere."""
        return {name: torch.ones_like(weight) for name, weight in trainable(model).items()}

    def merge(self, old: Params, new: Params) -> Params:
        """Only the last weights count."""
        return new
