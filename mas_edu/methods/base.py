"""What all methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from mas_edu._common import as_float, register_defaults, short_repr
from mas_edu.data import Stream, Task
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import Params, snapshot


@dataclass(frozen=True)
class Method:
    """What all methods share; a new one overrides `importance`, and `merge` if it does not sum.

    One that watches training says so, and overrides `start`, `after_step` and `after_task`.
    """

    rehearses: ClassVar[bool] = False
    """Whether earlier tasks' data is trained on again (an upper bound, not a method of memory)."""

    penalised: ClassVar[bool] = True
    """Whether λ plays a part."""

    watches: ClassVar[bool] = False
    """Whether it is told of every step; such runs of a sweep go one by one."""

    def __init_subclass__(cls) -> None:
        """Let legends leave out the settings that are the default."""
        super().__init_subclass__()
        register_defaults(cls)

    def check_ready(self, model: nn.Module, stream: Stream, anchor: Anchor | None) -> None:
        """Raise if a run cannot work; asked before training. `anchor`: one that was brought."""
        if anchor is not None and not self.penalised:
            raise ValueError(
                f"anchor: {type(self).__name__} protects nothing, so it has no use for one; leave "
                "it out, or take a method such as me.MAS()"
            )

    def notes(self, stream: Stream) -> dict[str, Any]:
        """What a record should say of a run on this stream and the method's repr does not."""
        return {}

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Ω of the task just learned."""
        raise NotImplementedError(f"{type(self).__name__} says nothing about importance")

    def merge(self, old: Params, new: Params) -> Params:
        """Ω over all tasks so far: added, as in the paper; memory does not grow with tasks."""
        return {name: old[name] + new[name] for name in new}

    def after_task(self, model: nn.Module, task: Task, anchor: Anchor | None) -> Anchor | None:
        """What training on the next task is tied to: the weights now, and the merged Ω.

        A method that watches is given, as a fourth argument, what it made in `start`.
        """
        omega = self.importance(model, task)
        return Anchor(snapshot(model), self.merge(anchor.omega, omega) if anchor else omega)

    def start(self, weights: Tensor, anchor: Anchor | None) -> Any:
        """What to note a task's steps in; `weights`: as it begins, one flat vector `[n]`."""

    def after_step(self, trace: Any, gradient: Tensor, move: Tensor) -> None:
        """Note one step: the gradient of the task's loss alone, and the move made, `[n]` each."""


def as_share(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    if as_float(name, value) > 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {short_repr(value)}")
    return float(value)
