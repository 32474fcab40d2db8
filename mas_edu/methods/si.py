"""The methods that watch training step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

import torch
from torch import Tensor, nn

from mas_edu._common import as_float, as_int
from mas_edu.data import Stream, Task
from mas_edu.importance import NotFiniteError, PathIntegral, RiemannianWalk
from mas_edu.methods.base import Method, as_share
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import flatten, snapshot, trainable, unflatten

T = TypeVar("T")


@dataclass(frozen=True)
class SI(Method):
    r"""Synaptic Intelligence: weights to which the fall of the loss is owed matter.

    .. math:: \Omega_i = \max\Big(0,
              \frac{-\sum_{\text{steps}} g_i \, \Delta\theta_i}{\Delta_i^2 + \xi}\Big)

    g is the gradient of the task's loss alone, Δθ the step that was made, Δ the way made in the
    whole task. Noted while training; no second pass over the data. Zenke et al., ICML 2017,
    arXiv 1703.04200.

    Args:
        xi: ξ > 0, which keeps Ω of weights that hardly moved in bounds.
    """

    watches: ClassVar[bool] = True

    xi: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "xi", as_float("xi", self.xi, above=True))

    def start(self, weights: Tensor, anchor: Anchor | None) -> PathIntegral:
        """Each task begins with nothing gained."""
        return PathIntegral.begun(weights)

    def after_step(self, trace: PathIntegral, gradient: Tensor, move: Tensor) -> None:
        """Add what the step gained."""
        trace.step(gradient, move)

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: PathIntegral | None = None
    ) -> Anchor:
        """From the path alone; the task's data are not looked at again."""
        end = flatten(trainable(model))
        omega = unflatten(model, _bounded(_watched(self, trace).importance(end, self.xi)))
        return Anchor(snapshot(model), self.merge(anchor.omega, omega) if anchor else omega)


@dataclass(frozen=True)
class RWalk(Method):
    r"""Riemannian Walk: a running F for the predictions, and a score for the path, together.

    .. math:: s_i = \sum_{\text{rests}} \max\Big(0, \frac{-\sum g_i \, \Delta\theta_i}
              {\frac12 F_i \Delta_i^2 + \varepsilon}\Big), \qquad
              \Omega = \frac{F}{\max F} + \frac{s}{\max s}

    F is a moving average of squared batch gradients, carried on from task to task; the sum and Δ
    run over the steps since the last rest. Over tasks the scores are averaged, half and half. F and
    s are scaled to [0, 1] over all weights by their largest value, so that 0 stays 0. Chaudhry et
    al., ECCV 2018, arXiv 1801.10112, without its stored samples.

    Args:
        decay: what is left of F after a step.
        every: steps from one rest to the next.
        epsilon: ε > 0, which keeps the score of weights that hardly moved in bounds.
    """

    watches: ClassVar[bool] = True

    decay: float = 0.9
    every: int = 10
    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", as_share("decay", self.decay))
        object.__setattr__(self, "every", as_int("every", self.every, 1))
        object.__setattr__(self, "epsilon", as_float("epsilon", self.epsilon, above=True))

    def check_ready(self, model: nn.Module, stream: Stream, anchor: Anchor | None) -> None:
        """An Ω that it did not make itself cannot be merged: F and the score are."""
        if anchor is None:
            return
        if not {"fisher", "score"} <= anchor.memory.keys():
            raise ValueError(
                "anchor: RWalk goes on from F and a score in its memory, and this one has none; "
                "take another method, such as me.MAS()"
            )
        size = flatten(trainable(model)).shape
        for name in ("fisher", "score"):
            if anchor.memory[name].shape != size:
                raise ValueError(
                    f"anchor: expected {name!r} in its memory with a number for each weight, "
                    f"{tuple(size)}, got {tuple(anchor.memory[name].shape)}"
                )

    def start(self, weights: Tensor, anchor: Anchor | None) -> RiemannianWalk:
        """F goes on from the task before, the score begins anew."""
        return RiemannianWalk.begun(weights, anchor.memory["fisher"] if anchor else None)

    def after_step(self, trace: RiemannianWalk, gradient: Tensor, move: Tensor) -> None:
        """Note the step, and score every few of them."""
        trace.step(gradient, move, self.decay)
        if trace.steps == self.every:
            trace.rest(self.epsilon)

    def after_task(
        self,
        model: nn.Module,
        task: Task,
        anchor: Anchor | None,
        trace: RiemannianWalk | None = None,
    ) -> Anchor:
        """From the path alone; F and the score are kept for the next task."""
        walk = _watched(self, trace)
        walk.rest(self.epsilon)
        score = (walk.score + anchor.memory["score"]) / 2 if anchor else walk.score
        fisher = torch.zeros_like(score) if walk.fisher is None else walk.fisher
        omega = _bounded(_scaled(fisher) + _scaled(score))
        return Anchor(snapshot(model), unflatten(model, omega), {"fisher": fisher, "score": score})


def _watched(method: Method, trace: T | None) -> T:
    """What was noted while training."""
    if trace is None:
        raise ValueError(
            f"trace: {type(method).__name__} has to watch training: use me.learn, or in a loop of "
            "your own call start before the task, after_step at each step, and hand on the trace"
        )
    return trace


def _bounded(omega: Tensor) -> Tensor:
    if not bool(torch.isfinite(omega).all()):
        raise NotFiniteError("trace: the importance along the path is not finite")
    return omega


def _scaled(values: Tensor) -> Tensor:
    """To [0, 1], by the largest."""
    largest = values.max()
    return values / largest if largest > 0 else values
