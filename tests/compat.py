"""Known deviations of public code, each as a small method that can be switched on to be shown.

None of them is meant to be used. The batch average has its place in the library: `me.MASBatch`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import squared_length, tally
from mas_edu.params import joined, parted, trainable


@dataclass(frozen=True)
class MovingAverage(me.MAS):
    """Half of the old Ω, half of the new, where the paper sums: the first tasks fade."""

    def merge(self, old: me.Params, new: me.Params) -> me.Params:
        return {name: (old[name] + new[name]) / 2 for name in new}


@dataclass(frozen=True)
class CumulativeGuards(me.MAS):
    """Ω is kept in a list, each entry already holds all before it, and all are added once more."""

    def after_task(
        self, model: nn.Module, task: me.Task, anchor: me.Anchor | None
    ) -> me.Anchor | None:
        omega, listed = joined(self.importance(model, task)), torch.zeros(())
        if anchor is not None:
            listed = anchor.memory["listed"]
            omega = omega + listed
        return me.Anchor(me.snapshot(model), parted(model, omega), {"listed": listed + omega})


@dataclass(frozen=True)
class UnsquaredNorm(me.MAS):
    """‖F‖ instead of ‖F‖²: a sample counts less, the louder the network answers it."""

    def importance(self, model: nn.Module, task: me.Task) -> me.Params:
        def length(net: nn.Module, x: Tensor) -> Tensor:
            return squared_length(net(x), task.classes).sqrt()

        return tally(model, task.x, length).mean()


@dataclass(frozen=True)
class TrainMode(me.MAS):
    """Estimated in train(): dropout makes Ω noise, and BatchNorm's statistics move meanwhile."""

    def importance(self, model: nn.Module, task: me.Task) -> me.Params:
        model.train()
        weights = trainable(model)
        score = squared_length(model(task.x), task.classes).sum() / len(task.x)
        gradients = torch.autograd.grad(score, list(weights.values()), materialize_grads=True)
        return {name: g.abs() for name, g in zip(weights, gradients, strict=True)}


@dataclass(frozen=True)
class SquaredBatchMean(me.EWC):
    """The gradient of the whole batch's loss, squared, and called Fisher."""

    def importance(self, model: nn.Module, task: me.Task) -> me.Params:
        weights = trainable(model)
        loss = nn.functional.cross_entropy(model(task.x), task.y)
        gradients = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
        return {name: g.square() for name, g in zip(weights, gradients, strict=True)}


@dataclass(frozen=True)
class PenalisedSI(me.SI):
    """SI that integrates the gradient of the whole loss, penalty and all.

    `lam` is the λ of the run, which a method is not told.
    """

    lam: float = 0.0

    def start(self, weights: Tensor, anchor: me.Anchor | None) -> object:
        trace = super().start(weights, anchor)
        pull = None if anchor is None else (joined(anchor.theta), joined(anchor.omega))
        return [trace, pull, weights.clone()]

    def after_step(self, trace: list, gradient: Tensor, move: Tensor) -> None:
        path, pull, now = trace
        if pull is not None:
            gradient = gradient + self.lam * pull[1] * (now - pull[0])
        path.step(gradient, move)
        now += move

    def after_task(self, model, task, anchor, trace=None):
        return super().after_task(model, task, anchor, trace[0])
