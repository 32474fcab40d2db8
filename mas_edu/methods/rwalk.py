"""Riemannian Walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from mas_edu._common import as_float, as_instance, as_int
from mas_edu.data import Stream, Task
from mas_edu.importance import RiemannianWalk
from mas_edu.methods.base import (
    FLAT_WEIGHTS,
    Method,
    as_anchor,
    as_share,
    as_trace,
    check_finite_path,
)
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import flatten, snapshot, trainable, unflatten


@dataclass(frozen=True)
class RWalk(Method):
    r"""Riemannian Walk: a running F for the predictions, and a score for the path, together.

    .. math:: s_i = \sum_{\text{intervals}} \max\Big(0, \frac{-\sum g_i \, \Delta\theta_i}
              {\frac12 F_i \Delta_i^2 + \varepsilon}\Big), \qquad
              \Omega = \frac{F}{\max F} + \frac{s}{\max s}

    F is a moving average of squared batch gradients, carried on from task to task; the sum and Δ
    run over one interval of `every` updates. Over tasks the scores are averaged, half and half. F
    and s are scaled to [0, 1] over all weights by their largest value, so that 0 stays 0. Chaudhry
    et al., ECCV 2018, arXiv 1801.10112, without its stored samples.

    Args:
        decay: the share of F that is kept at each update.
        every: updates in one interval, after which the score is added up.
        epsilon: ε > 0, which keeps the score of weights that hardly moved in bounds.
    """

    unit: ClassVar[str] = "without unit"  # both parts are divided by their largest value
    needs_trace: ClassVar[bool] = True

    decay: float = 0.9
    every: int = 10
    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", as_share("decay", self.decay))
        object.__setattr__(self, "every", as_int("every", self.every, 1))
        object.__setattr__(self, "epsilon", as_float("epsilon", self.epsilon, above=True))

    def check_ready(self, model: nn.Module, stream: Stream, anchor: Anchor | None) -> None:
        """Raise for an anchor of another method: F and the score are merged, not Ω."""
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
        """Return a path whose F goes on from the task before, and whose score begins at zero."""
        anchor = as_anchor(anchor)
        as_instance("weights", weights, Tensor, FLAT_WEIGHTS)
        return RiemannianWalk.starting_at(weights, anchor.memory["fisher"] if anchor else None)

    def after_step(self, trace: RiemannianWalk, gradient: Tensor, move: Tensor) -> None:
        """Add the update to the path, and the score after every few of them."""
        as_trace(self, trace).step(gradient, move, self.decay)
        if trace.steps == self.every:
            trace.close_interval(self.epsilon)

    def after_task(
        self,
        model: nn.Module,
        task: Task,
        anchor: Anchor | None,
        trace: RiemannianWalk | None = None,
    ) -> Anchor:
        """Make Ω of the path alone; F and the score are kept for the next task."""
        walk, anchor = as_trace(self, trace), as_anchor(anchor)
        walk.close_interval(self.epsilon)
        score = (walk.score + anchor.memory["score"]) / 2 if anchor else walk.score
        fisher = torch.zeros_like(score) if walk.fisher is None else walk.fisher
        omega = check_finite_path(_scale_to_one(fisher) + _scale_to_one(score))
        return Anchor(snapshot(model), unflatten(model, omega), {"fisher": fisher, "score": score})


def _scale_to_one(values: Tensor) -> Tensor:
    """Return the values divided by the largest, so that they lie in [0, 1]."""
    largest = values.max()
    return values / largest if largest > 0 else values
