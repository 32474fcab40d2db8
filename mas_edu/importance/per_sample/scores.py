"""A score: one number for each sample, of which gradients are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Score = Callable[[nn.Module, Tensor], Tensor]
"""(model, x `[N, …]`) -> one number for each sample, `[N]`, of which gradients are taken."""


class Scored(nn.Module):
    """The model with its score, as one module: `x` in, one number for each sample out."""

    def __init__(self, model: nn.Module, score: Score) -> None:
        super().__init__()
        self.model = model
        self.score = score

    def forward(self, x: Tensor) -> Tensor:
        """Compute the score of each sample: `[N, …]` to `[N]`."""
        scores: Tensor = self.score(self.model, x)
        return scores


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


@contextmanager
def enable_gradients() -> Iterator[None]:
    """Enable gradients, whatever the caller switched off."""
    with torch.inference_mode(False), torch.enable_grad():
        yield
