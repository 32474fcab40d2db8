"""Sliced Cramér Preservation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from mas_edu._common import as_int, as_seed
from mas_edu.data import Task
from mas_edu.importance import MOST_SLICES, scp
from mas_edu.methods.base import Method, as_share, as_task, weighted_sum
from mas_edu.networks import Params


@dataclass(frozen=True)
class SCP(Method):
    """Sliced Cramér Preservation: weights that move the mean output matter; see `scp`.

    Args:
        slices: how many directions to draw; None: all, exactly.
        alpha: what is left of the earlier Ω at each task, the rest is new: a moving average, in
            which the first tasks fade.
        seed: of the drawn directions.
    """

    unit: ClassVar[str] = "output² per unit of weight²"  # translated
    looks_at_samples: ClassVar[bool] = True

    slices: int | None = None
    alpha: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.slices is not None:
            object.__setattr__(self, "slices", as_int("slices", self.slices, 1, MOST_SLICES))
        object.__setattr__(self, "alpha", as_share("alpha", self.alpha))
        object.__setattr__(self, "seed", as_seed(self.seed))

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of the task's training inputs; its labels are not used."""
        task = as_task(task)
        return scp(model, task.x, slices=self.slices, classes=task.classes, seed=self.seed)

    def merge(self, old: Params, new: Params) -> Params:
        """Return α Ω + (1 − α) new."""
        return weighted_sum(old, new, self.alpha, 1 - self.alpha)
