"""Synaptic Intelligence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from mas_edu._common import as_float, as_instance
from mas_edu.data import Task
from mas_edu.importance import PathIntegral
from mas_edu.methods.base import FLAT_WEIGHTS, Method, as_trace, check_finite_path
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import flatten, trainable, unflatten


@dataclass(frozen=True)
class SI(Method):
    r"""Synaptic Intelligence: weights that made the loss fall matter.

    .. math:: \Omega_i = \max\Big(0,
              \frac{-\sum_{\text{steps}} g_i \, \Delta\theta_i}{\Delta_i^2 + \xi}\Big)

    g is the gradient of the task's loss alone, Δθ the move of one update, Δ the move of the whole
    task. Measured while training; no second pass over the data. Zenke et al., ICML 2017,
    arXiv 1703.04200.

    Args:
        xi: ξ > 0, which keeps Ω of weights that hardly moved in bounds.
    """

    unit: ClassVar[str] = "loss per unit of weight²"  # translated
    needs_trace: ClassVar[bool] = True

    xi: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "xi", as_float("xi", self.xi, above=True))

    def start(self, weights: Tensor, anchor: Anchor | None) -> PathIntegral:
        """Return an empty path: each task begins with nothing gained."""
        return PathIntegral.starting_at(as_instance("weights", weights, Tensor, FLAT_WEIGHTS))

    def after_step(self, trace: PathIntegral, gradient: Tensor, move: Tensor) -> None:
        """Add what the update gained."""
        as_trace(self, trace).step(gradient, move)

    def after_task(
        self, model: nn.Module, task: Task, anchor: Anchor | None, trace: PathIntegral | None = None
    ) -> Anchor:
        """Merge the Ω of the path; the task's data are not looked at again."""
        end = flatten(trainable(model))
        omega = unflatten(model, check_finite_path(as_trace(self, trace).importance(end, self.xi)))
        return self.next_anchor(model, omega, anchor)
