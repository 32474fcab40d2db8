"""The slow way that always works: one backward pass for each sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mas_edu.importance.per_sample.scores import ScoredModel
from mas_edu.importance.per_sample.sums import Sums


def add_by_loop(
    sums: Sums, scored: ScoredModel, x: Tensor, names: Sequence[str], power: int
) -> None:
    """Add |∂ score_n / ∂w|^power of these weights w, sample after sample."""
    for sample in x.split(1):
        add_gradients_of(sums, scored, scored(sample), names, power)


def add_gradients_of(
    sums: Sums, scored: ScoredModel, score: Tensor, names: Sequence[str], power: int
) -> None:
    """Add |∂ score / ∂w|^power of one sample, whose score, `[1]`, is given with its graph."""
    if not score.requires_grad:  # no weight has a part in it
        return
    weights = [scored.weights[name] for name in names]
    gradients = torch.autograd.grad(score.sum(), weights, allow_unused=True)
    for name, gradient in zip(names, gradients, strict=True):
        if gradient is not None:  # that of an embedding may be sparse
            sums.add_gradients(name, gradient.to_dense().unsqueeze(0), power)
