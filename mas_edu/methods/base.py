"""The base of all methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from mas_edu._common import as_float, as_instance, class_of_call, register_defaults, short_repr
from mas_edu.data import Stream, Task
from mas_edu.importance import NotFiniteError
from mas_edu.methods.penalty import Anchor, check_same_weights
from mas_edu.networks import Params, check_logits, evaluating, snapshot, to_model

T = TypeVar("T")
FLAT_WEIGHTS = "torch.nn.utils.parameters_to_vector(model.parameters())"  # for messages


@dataclass(frozen=True)
class Method:
    """The base of all methods; a new one overrides `importance`, and `merge` if it does not sum.

    One that has to see every update sets `needs_trace`, and overrides `start`, `after_step` and
    `after_task`.
    """

    rehearses: ClassVar[bool] = False
    """True: earlier tasks' data is trained on again: an upper bound for reference."""

    penalised: ClassVar[bool] = True
    """True: the loss has a penalty, so that λ plays a part."""

    unit: ClassVar[str] = ""
    """The unit of Ω, for axes and captions; empty: not known."""

    looks_at_samples: ClassVar[bool] = False
    """True: `importance` calls the network on single samples; that is tried before training."""

    needs_trace: ClassVar[bool] = False
    """True: it is told of every update: the gradient of the task loss, and the move."""

    def __init_subclass__(cls) -> None:
        """Let legends leave out the settings that are the default."""
        super().__init_subclass__()
        register_defaults(cls)

    def check_ready(self, model: nn.Module, stream: Stream, anchor: Anchor | None) -> None:
        """Raise, before training, if a run cannot work; `anchor`: the one given to begin with."""
        if anchor is not None and not self.penalised:
            raise ValueError(
                f"anchor: {type(self).__name__} protects nothing, so it has no use for one; leave "
                "it out, or take a method such as me.MAS()"
            )
        if self.looks_at_samples:
            with evaluating(model):
                check_logits(model, to_model(stream[0].x[:1], model))

    def notes(self, stream: Stream) -> dict[str, Any]:
        """Return what a record should say of a run on this stream beside the method's `repr`."""
        return {}

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of the task just learned."""
        raise NotImplementedError(
            f"{type(self).__name__} has no importance of its own; override it"
        )

    def merge(self, old: Params, new: Params) -> Params:
        """Return Ω over all tasks so far: added, as in the paper, so memory does not grow."""
        return weighted_sum(old, new)

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: Any = None
    ) -> Anchor | None:
        """Return the anchor of the next task: the weights now, and the merged Ω.

        `trace`: what `start` returned and `after_step` filled; None without `needs_trace`.
        """
        return self.next_anchor(model, self.importance(model, task), anchor)

    def next_anchor(self, model: nn.Module, omega: Params, anchor: Anchor | None) -> Anchor:
        """Return the weights now, and Ω of the task just learned merged with that of before."""
        before = as_anchor(anchor)
        return Anchor(snapshot(model), self.merge(before.omega, omega) if before else omega)

    def start(self, weights: Tensor, anchor: Anchor | None) -> Any:
        """Return an empty trace for one task; `weights`: as it begins, one flat vector `[n]`."""

    def after_step(self, trace: Any, gradient: Tensor, move: Tensor) -> None:
        """Add an update to the trace: gradient of the task's loss alone, and move, `[n]` each."""


def omega_unit(call: str) -> str:
    """Return the unit of Ω of a method as a record names it; nothing if that is not known.

    >>> omega_unit("SCP(alpha=0.9)"), omega_unit("by hand")
    ('output² per unit of weight²', '')
    """
    method = class_of_call(call)
    return method.unit if method is not None and issubclass(method, Method) else ""


def as_share(name: str, value: Any) -> float:
    """Return a number from 0 to 1."""
    if as_float(name, value) > 1:
        raise ValueError(f"{name}: expected a number from 0 to 1, got {short_repr(value)}")
    return float(value)


def as_task(task: Any) -> Task:
    """Return the task, or raise if it is none."""
    return as_instance("task", task, Task, "stream[0]")


def as_anchor(anchor: Any) -> Anchor | None:
    """Return the anchor, or None before the first task; raise for anything else."""
    return (
        None if anchor is None else as_instance("anchor", anchor, Anchor, "me.Anchor(theta, omega)")
    )


def weighted_sum(old: Params, new: Params, old_share: float = 1.0, share: float = 1.0) -> Params:
    """Return the weighted sum of two Ω, weight by weight.

    >>> weighted_sum({"w": torch.ones(1)}, {"w": torch.ones(1)}, old_share=0.5)
    {'w': tensor([1.5000])}
    """
    check_same_weights("old", old, "new", new)
    return {name: old_share * old[name] + share * new[name] for name in new}


def as_trace(method: Method, trace: T | None) -> T:
    """Return the trace, or raise if the method was not told of the updates."""
    if trace is None:
        raise ValueError(
            f"trace: {type(method).__name__} needs a trace of training, got None; use me.learn, or "
            "in your own loop call start before the task, after_step at each update, and give the "
            "trace to after_task"
        )
    return trace


def check_finite_path(omega: Tensor) -> Tensor:
    """Return Ω, or raise if training went so far astray that it is not finite."""
    if not bool(torch.isfinite(omega).all()):
        raise NotFiniteError("trace: the importance along the path is not finite")
    return omega
