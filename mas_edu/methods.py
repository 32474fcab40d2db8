"""The methods: each is its settings, and says what to hold on to once a task is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn

from mas_edu import importance
from mas_edu.arguments import one_of, whole
from mas_edu.params import Params, snapshot, trainable
from mas_edu.penalty import Anchor
from mas_edu.streams import Task


@dataclass(frozen=True)
class Method:
    """What all methods share; a new one overrides `importance`, and `merge` if it does not sum."""

    rehearses: ClassVar[bool] = False
    """Whether earlier tasks' data is trained on again (an upper bound, not a method of memory)."""

    penalised: ClassVar[bool] = True
    """Whether λ plays a part."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Ω of the task just learned."""
        raise NotImplementedError(f"{type(self).__name__} says nothing about importance")

    def merge(self, old: Params, new: Params) -> Params:
        """Ω over all tasks so far: added, as in the paper; memory does not grow with tasks."""
        return {name: old[name] + new[name] for name in new}

    def after_task(self, model: nn.Module, task: Task, anchor: Anchor | None) -> Anchor | None:
        """What training on the next task is tied to: the weights now, and the merged Ω."""
        omega = self.importance(model, task)
        return Anchor(snapshot(model), self.merge(anchor.omega, omega) if anchor else omega)


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


METHODS: dict[str, type[Method]] = {
    method.__name__: method for method in (FineTune, Joint, L2, MAS, MASBatch, MASLocal)
}


def named(name: str) -> Method:
    """The method of that name with its default settings.

    >>> named("MAS")
    MAS()
    """
    return METHODS[one_of("method", name, METHODS)]()
