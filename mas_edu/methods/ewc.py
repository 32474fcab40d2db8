"""Elastic Weight Consolidation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from torch import nn

from mas_edu._common import as_choice, short_repr
from mas_edu.data import Task
from mas_edu.importance import Kind, fisher
from mas_edu.methods.base import Method, as_anchor, as_share, as_task, weighted_sum
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import Params, flatten, snapshot


@dataclass(frozen=True)
class EWC(Method):
    """Elastic Weight Consolidation: weights that move the predicted probabilities matter.

    Args:
        kind: of the Fisher, see `fisher`; "empirical" needs the labels.
        gamma: what is left of the earlier Ω at each task. 1: all are added up; below 1: the online
            form, in which earlier tasks fade (Schwarz et al., ICML 2018, arXiv 1805.06370).
        separate: whether each task keeps its own θ*, as in the first paper (Kirkpatrick et al.,
            PNAS 2017, arXiv 1612.00796). It needs no more memory: Σ_t F_t (θ − θ*_t)² is, up to a
            constant, (Σ_t F_t) (θ − θ̄)² around the mean θ̄ of the θ*_t, weighted by F_t.
    """

    unit: ClassVar[str] = "log-likelihood² per unit of weight²"  # translated
    looks_at_samples: ClassVar[bool] = True

    kind: Kind = "exact"
    gamma: float = 1.0
    separate: bool = False

    def __post_init__(self) -> None:
        as_choice("kind", self.kind, get_args(Kind))
        object.__setattr__(self, "gamma", as_share("gamma", self.gamma))
        if not isinstance(self.separate, bool) or (self.separate and self.gamma < 1):
            raise ValueError(
                "separate: expected True or False, and True only with gamma=1, where nothing "
                f"fades, got {short_repr(self.separate)} with gamma={self.gamma:g}"
            )

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return the Fisher of the training inputs; only the empirical kind uses the labels."""
        task = as_task(task)
        labels = task.y if self.kind == "empirical" else None
        return fisher(model, task.x, kind=self.kind, labels=labels, classes=task.classes)

    def merge(self, old: Params, new: Params) -> Params:
        """Return γ Ω + F."""
        return weighted_sum(old, new, self.gamma)

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: Any = None
    ) -> Anchor:
        """Return the anchor; with `separate`, θ* moves to the weights by this task's share of Ω."""
        anchor, now = as_anchor(anchor), Anchor(snapshot(model), self.importance(model, task))
        if anchor is None:
            return now
        omega, theta = self.merge(anchor.omega, now.omega), now.theta
        if not self.separate:
            return Anchor(theta, omega)
        shares = {name: (now.omega[name] / omega[name]).nan_to_num(1.0) for name in omega}
        theta = {name: anchor.theta[name].lerp(theta[name], shares[name]) for name in theta}
        return Anchor(theta, omega, {"theta": flatten(theta)})
