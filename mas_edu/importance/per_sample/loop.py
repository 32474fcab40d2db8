"""The slow way that always works: one backward pass for each sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mas_edu.importance.per_sample.scores import Score, Scored
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.networks import trainable


def add_by_loop(
    sums: Sums, model: nn.Module, x: Tensor, score: Score, names: Sequence[str], power: int = 1
) -> Tensor:
    """Add what these weights sum up to, sample after sample; return each sample's score."""
    known, found = trainable(model), []
    weights = [known[name] for name in names]
    for sample in x.split(1):
        scores = Scored(model, score)(sample)
        found.append(scores.detach())
        if not scores.requires_grad:  # this sample takes a way without weights
            continue
        gradients = torch.autograd.grad(scores.sum(), weights, allow_unused=True)
        for name, gradient in zip(names, gradients, strict=True):
            if gradient is not None:
                sums.add_gradients(name, gradient.unsqueeze(0), power)
    return torch.cat(found)
