"""What is noted along the path of training: for methods that watch each step.

Everything here is one flat vector over all weights, `[n]`. The gradient is that of the task's loss
alone, without the penalty; the move is the step that the optimiser really made.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class PathIntegral:
    """How much of the loss's fall is owed to each weight: w = −Σ over steps of gradient · move.

    >>> path = PathIntegral.begun(torch.zeros(1))
    >>> path.step(gradient=torch.tensor([-1.0]), move=torch.tensor([0.1]))
    >>> path.importance(end=torch.tensor([0.1]), xi=0.1)  # 0.1 / (0.1² + 0.1)
    tensor([0.9091])
    """

    begin: Tensor
    gain: Tensor

    @classmethod
    def begun(cls, weights: Tensor) -> PathIntegral:
        """At the first step."""
        return cls(weights.clone(), torch.zeros_like(weights))

    def step(self, gradient: Tensor, move: Tensor) -> None:
        """Add what one step gained, to first order."""
        self.gain.addcmul_(gradient, move, value=-1)

    def importance(self, end: Tensor, xi: float) -> Tensor:
        """Compute the gain for each squared unit of way made; never below 0."""
        return (self.gain / ((end - self.begin).square() + xi)).relu()


@dataclass
class RiemannianWalk:
    """A moving average F of squared gradients, and the gain for each unit of way measured by F.

    The squared gradient is that of a batch's mean: cheap, and not the Fisher diagonal.
    """

    gain: Tensor
    way: Tensor
    score: Tensor
    fisher: Tensor | None
    steps: int = 0

    @classmethod
    def begun(cls, weights: Tensor, fisher: Tensor | None) -> RiemannianWalk:
        """At the first step, with F of the tasks before, if there were any."""
        gain, way, score = torch.zeros(3, *weights.shape).to(weights)
        return cls(gain, way, score, None if fisher is None else fisher.clone())

    def step(self, gradient: Tensor, move: Tensor, decay: float) -> None:
        """Add one step; `decay`: what is left of F after it."""
        squared = gradient.square()
        self.fisher = squared if self.fisher is None else self.fisher.lerp(squared, 1 - decay)
        self.gain.addcmul_(gradient, move, value=-1)
        self.way += move
        self.steps += 1

    def rest(self, epsilon: float) -> None:
        """Close some steps: score them, relu(gain / (½ F way² + ε)), and begin anew from here."""
        if self.fisher is None or not self.steps:
            return
        self.score += (self.gain / (self.fisher * self.way.square() / 2 + epsilon)).relu()
        self.gain.zero_()
        self.way.zero_()
        self.steps = 0
