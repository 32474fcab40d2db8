"""Memory Aware Synapses, in three forms."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from mas_edu import importance
from mas_edu.arguments import whole
from mas_edu.methods.method import Method
from mas_edu.params import Params
from mas_edu.streams import Task


@dataclass(frozen=True)
class MAS(Method):
    """Memory Aware Synapses, exact: see `importance.mas`."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """From the task's training inputs; its labels are not used."""
        return importance.mas(model, task.x, classes=task.classes)


@dataclass(frozen=True)
class MASBatch(Method):
    """MAS with the common mistake, the absolute value after the batch mean: for comparison."""

    batch_size: int = 128

    def __post_init__(self) -> None:
        object.__setattr__(self, "batch_size", whole("batch_size", self.batch_size, 1))

    def importance(self, model: nn.Module, task: Task) -> Params:
        """From the task's training inputs; its labels are not used."""
        return importance.mas_batch(model, task.x, batch_size=self.batch_size, classes=task.classes)


@dataclass(frozen=True)
class MASLocal(Method):
    """The local, Hebbian version of MAS: see `importance.mas_local`."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """From the task's training inputs; its labels are not used."""
        return importance.mas_local(model, task.x, classes=task.classes)
