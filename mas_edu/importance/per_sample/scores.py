"""A score: one number for each sample, of which gradients are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from mas_edu.networks import trainable

Score = Callable[[nn.Module, Tensor], Tensor]
"""(model, x `[N, …]`) -> one number for each sample, `[N]`, of which gradients are taken."""


@dataclass(frozen=True)
class ScoredModel:
    """A model with a score and its trainable weights: what is differentiated, and by what."""

    model: nn.Module
    score: Score
    weights: dict[str, nn.Parameter]

    @classmethod
    def of(cls, model: nn.Module, score: Score) -> ScoredModel:
        """Look up the trainable weights; once, as it takes a walk over the model."""
        return cls(model, score, trainable(model))

    def __call__(self, x: Tensor) -> Tensor:
        """Compute each sample's score, `[N]`, on a copy: forward() may write into its input."""
        return self.score(self.model, x.detach().clone())


def check_differentiable(scores: Tensor) -> Tensor:
    """Return the scores, or raise if they do not depend on the trainable weights."""
    if not scores.requires_grad:
        raise cut_off()
    return scores


def cut_off() -> ValueError:
    """Return the error for a model whose output does not depend on the trainable weights."""
    return ValueError(
        "model: expected an output that depends on the trainable weights, got one that is cut "
        "off from them; does forward() use no_grad() or detach()?"
    )
