"""Known bugs of public code, each as a small method, to show what it costs.

None of them is meant to be used, so `me` does not export them; the batch average alone is there,
`me.MASBatch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu._common import as_float
from mas_edu.data import Task
from mas_edu.importance import active_logits, squared_norm, tally_scores
from mas_edu.methods import EWC, MAS, SI, Anchor, MASBatch
from mas_edu.networks import (
    Params,
    as_logits,
    evaluating,
    flatten,
    snapshot,
    to_model,
    trainable,
    unflatten,
)
from mas_edu.training import inactive_mask, masked_cross_entropy


@dataclass(frozen=True, repr=False)
class MovingAverage(MAS):
    """Half of the old Ω, half of the new, where the paper sums: the first tasks fade."""

    def merge(self, old: Params, new: Params) -> Params:
        """Return (Ω_old + Ω_new) / 2."""
        return {name: (old[name] + new[name]) / 2 for name in new}


@dataclass(frozen=True)
class CumulativeGuards(MASBatch):
    """Two known bugs at once: the batch average, and Ω in a list whose entries are added again.

    Each entry already holds all before it. So while task 5 is learned, tasks 1 to 4 count 4, 2, 1
    and 1 times.
    """

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: Any = None
    ) -> Anchor:
        """Return an anchor with Ω_t + Σ_{s<t} M_s, where M_s is the Ω in force after task s."""
        omega, listed = flatten(self.importance(model, task)), torch.zeros(())
        if anchor is not None:
            listed = anchor.memory.get(
                "listed", flatten(anchor.omega)
            )  # given to begin with: one entry
            omega = omega + listed
        return Anchor(snapshot(model), unflatten(model, omega), {"listed": listed + omega})


@dataclass(frozen=True, repr=False)
class UnsquaredNorm(MAS):
    """‖F‖ instead of ‖F‖²: a sample counts less, the larger the network's output for it."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return the mean over samples of |∂‖F‖/∂θ|."""

        def length(net: nn.Module, x: Tensor) -> Tensor:
            outputs = active_logits(as_logits(net(x), len(x)), task.classes)
            size: Tensor = torch.linalg.vector_norm(outputs, dim=1)  # slope 0 at 0, unlike √
            return size

        return tally_scores(model, self.inputs(task), length).mean()


@dataclass(frozen=True, repr=False)
class TrainMode(MAS):
    """Estimated in train(): dropout makes Ω noise, and BatchNorm's statistics move meanwhile."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of all inputs as one batch, in `train()`."""
        model.train()
        weights, x = trainable(model), to_model(self.inputs(task), model)
        score = squared_norm(model(x), task.classes).sum() / len(x)
        gradients = torch.autograd.grad(score, list(weights.values()), materialize_grads=True)
        return {name: g.abs() for name, g in zip(weights, gradients, strict=True)}


@dataclass(frozen=True)
class SquaredBatchMean(EWC):
    """The gradient of the whole batch's loss, squared, and called Fisher."""

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return (∂ mean loss / ∂θ)²."""
        weights = trainable(model)
        with evaluating(model):
            logits = model(to_model(task.x, model))
            masked = inactive_mask(task, logits.shape[1]).to(logits.device)
            loss = masked_cross_entropy(logits, task.y.to(logits.device), masked)
            gradients = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
        return {name: g.square() for name, g in zip(weights, gradients, strict=True)}


@dataclass(frozen=True)
class PenalisedSI(SI):
    """SI that integrates the gradient of the whole loss, penalty and all.

    `lam` is the λ of the run, which a method is not told.
    """

    lam: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "lam", as_float("lam", self.lam))

    def start(self, weights: Tensor, anchor: Anchor | None) -> Any:
        """Return the path of SI, and what is needed for the gradient of the penalty."""
        trace = super().start(weights, anchor)
        pull = None if anchor is None else (flatten(anchor.theta), flatten(anchor.omega))
        return [trace, pull, weights.clone()]

    def after_step(self, trace: Any, gradient: Tensor, move: Tensor) -> None:
        """Add the penalty's gradient to what is integrated."""
        path, pull, now = trace
        if pull is not None:
            gradient = gradient + self.lam * pull[1] * (now - pull[0])
        path.step(gradient, move)
        now += move

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: Any = None
    ) -> Anchor:
        """Merge the Ω of the path, as SI does."""
        return super().after_task(model, task, anchor, trace and trace[0])
