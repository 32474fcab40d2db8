"""Weights that are added or multiplied with broadcasting: biases, scales, tokens, positions.

y = x + b, with one b for many positions: a sample's gradient is δ, summed over the positions.
y = w x: it is δ x, summed. y = w for each sample, as a class token is laid before each image: it
is δ.
"""

from __future__ import annotations

from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    PerSample,
    full_precision,
    sum_to,
    whole,
)


def shift(at: Operation) -> PerSample:
    """Differentiate y = x + b by b, or y = b for each sample."""
    return whole(sum_to(full_precision(at.samples_first(at.delta)), at.shape))


def addition(at: Operation) -> PerSample:
    """Differentiate y = x + α z by x or z."""
    return _times(at, at.node._saved_alpha if at.slot == 1 else 1)


def subtraction(at: Operation) -> PerSample:
    """Differentiate y = x − α z by x or z."""
    return _times(at, -at.node._saved_alpha if at.slot == 1 else 1)


def multiplication(at: Operation) -> PerSample:
    """Differentiate y = x z by x or z."""
    return _times(at, at.node._saved_self if at.slot == 1 else at.node._saved_other)


def repetition(at: Operation) -> PerSample:
    """Differentiate y = (w, w, …, w), a w for each sample, by w: as an InstanceNorm has it."""
    return whole(full_precision(at.samples_first(at.delta)).reshape(at.samples, *at.shape))


def parametric_relu(at: Operation) -> PerSample:
    """Differentiate y = max(x, 0) + w min(x, 0) by w."""
    return _times(at, at.node._saved_self.clamp(max=0))


def _times(at: Operation, factor: Tensor | float) -> PerSample:
    return whole(sum_to(full_precision(at.samples_first(at.delta * factor)), at.shape))
