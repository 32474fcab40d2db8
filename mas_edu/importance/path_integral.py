"""Sums along the path of training, for methods that watch each update.

Everything here is one flat vector over all weights, `[n]`. The gradient is that of the task's loss
alone, without the penalty; the move is the step that the optimizer really made.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import at_least_float32


@dataclass
class PathIntegral:
    """The fall of the loss owed to each weight: w = −Σ over updates of gradient · move.

    >>> path = PathIntegral.starting_at(torch.zeros(1))
    >>> path.step(gradient=torch.tensor([-1.0]), move=torch.tensor([0.1]))
    >>> path.importance(end=torch.tensor([0.1]), xi=0.1)  # 0.1 / (0.1² + 0.1)
    tensor([0.9091])
    """

    start: Tensor
    gain: Tensor

    @classmethod
    def starting_at(cls, weights: Tensor) -> PathIntegral:
        """Return an empty path that starts at these weights."""
        return cls(weights.clone(), torch.zeros_like(at_least_float32(weights)))

    def step(self, gradient: Tensor, move: Tensor) -> None:
        """Add what one update gained, to first order."""
        self.gain.addcmul_(gradient, move, value=-1)  # in the precision of the gain

    def importance(self, end: Tensor, xi: float) -> Tensor:
        """Compute max(0, gain / ((end − start)² + ξ))."""
        distance = at_least_float32(end - self.start).square()
        return (self.gain / (distance + xi)).relu()


@dataclass
class RiemannianWalk:
    """A moving average F of squared gradients, and the gain per squared distance as F measures it.

    The squared gradient is that of a batch's mean: cheap, and not the Fisher diagonal.
    """

    gain: Tensor
    displacement: Tensor
    score: Tensor
    fisher: Tensor | None
    steps: int = 0  # updates in the current interval

    @classmethod
    def starting_at(cls, weights: Tensor, fisher: Tensor | None) -> RiemannianWalk:
        """Return an empty path, with F of the tasks before, if there were any."""
        gain, displacement, score = at_least_float32(weights).new_zeros(3, *weights.shape)
        return cls(gain, displacement, score, None if fisher is None else fisher.clone())

    def step(self, gradient: Tensor, move: Tensor, decay: float) -> None:
        """Add one update; `decay`: the share of F that is kept."""
        gradient, move = at_least_float32(gradient), at_least_float32(move)
        squared = gradient.square()
        self.fisher = squared if self.fisher is None else self.fisher.lerp(squared, 1 - decay)
        self.gain.addcmul_(gradient, move, value=-1)
        self.displacement += move
        self.steps += 1

    def close_interval(self, epsilon: float) -> None:
        """Add max(0, gain / (½ F displacement² + ε)) to the score, and begin a new interval."""
        if self.fisher is None or not self.steps:
            return
        distance = self.fisher * self.displacement.square() / 2
        self.score += (self.gain / (distance + epsilon)).relu()
        self.gain.zero_()
        self.displacement.zero_()
        self.steps = 0
