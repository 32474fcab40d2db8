"""Weights that are added or multiplied with broadcasting: biases, scales, tokens, positions.

y = x + b, with one b for many positions: a sample's gradient is δ, summed over the positions.
y = w x: it is δ x, summed. y = w for each sample, such as a class token put before each image: it
is δ.
"""

from __future__ import annotations

from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    SampleGradients,
    at_least_float32,
    from_tensor,
    sum_to_shape,
)


def shift(at: Operation) -> SampleGradients:
    """Differentiate y = x + b by b, or y = b for each sample."""
    return summed(at, at.delta)


def addition(at: Operation) -> SampleGradients:
    """Differentiate y = x + α z by x or z."""
    return summed(at, at.delta * at.node._saved_alpha if at.slot == 1 else at.delta)


def subtraction(at: Operation) -> SampleGradients:
    """Differentiate y = x − α z by x or z."""
    return summed(at, at.delta * -at.node._saved_alpha if at.slot == 1 else at.delta)


def multiplication(at: Operation) -> SampleGradients:
    """Differentiate y = x z by x or z."""
    other = at.node._saved_self if at.slot == 1 else at.node._saved_other
    return summed(at, at.delta * other)


def repetition(at: Operation) -> SampleGradients:
    """Differentiate y = (w, w, …, w), a w for each sample, by w: as in an InstanceNorm."""
    return from_tensor(at_least_float32(at.samples_first(at.delta)).reshape(at.samples, *at.shape))


def parametric_relu(at: Operation) -> SampleGradients:
    """Differentiate y = max(x, 0) + w min(x, 0) by w."""
    return summed(at, at.delta * at.node._saved_self.clamp(max=0))


def summed(at: Operation, values: Tensor) -> SampleGradients:
    """Sum δ times a factor over all positions that share a number of the weight."""
    return from_tensor(sum_to_shape(at_least_float32(at.samples_first(values)), at.shape))
