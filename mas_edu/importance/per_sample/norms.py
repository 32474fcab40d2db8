"""Norms: y = w x̂ + b, where x̂ is x, shifted and scaled. A sample's gradients are Σ δ x̂ and Σ δ.

The sums go over the positions that share a weight: those of a channel for BatchNorm (in eval mode,
where the running statistics make x̂), GroupNorm and InstanceNorm, the tokens for LayerNorm.
"""

from __future__ import annotations

from torch import Tensor

from mas_edu.importance.per_sample.broadcasting import summed
from mas_edu.importance.per_sample.operation import (
    Operation,
    SampleGradients,
    at_least_float32,
    from_tensor,
)


def batch_norm(at: Operation) -> SampleGradients:
    """Differentiate by w or b of a BatchNorm in eval mode: x̂ = (x − mean) / √(var + ε)."""
    node = at.node
    if node._saved_training:
        raise NotImplementedError("the statistics of the batch: its samples are not independent")
    if at.slot == 2:
        return _by_channel(at)
    epsilon = node._saved_eps if hasattr(node, "_saved_eps") else node._saved_epsilon
    mean, deviation = node._saved_running_mean, (node._saved_running_var + epsilon).sqrt()
    along = (-1,) + (1,) * (at.delta.ndim - 2)  # the channels come second
    return _by_channel(at, node._saved_input - mean.view(along), 1 / deviation)


def group_norm(at: Operation) -> SampleGradients:
    """Differentiate by w or b of a GroupNorm: statistics of a group of a sample's channels."""
    if at.slot == 2:
        return _by_channel(at)
    x, mean, scale = at.node._saved_input, at.node._saved_result1, at.node._saved_result2
    grouped = x.reshape(*mean.shape, -1)  # [N, groups, …]
    normed = (grouped - mean.unsqueeze(-1)) * scale.unsqueeze(-1)
    return _by_channel(at, normed.reshape(x.shape))


def layer_norm(at: Operation) -> SampleGradients:
    """Differentiate by w or b of a LayerNorm: statistics of a token."""
    if at.slot == 2:
        return summed(at, at.delta)
    mean, scale = at.node._saved_result1, at.node._saved_result2
    return summed(at, at.delta * (at.node._saved_input - mean) * scale)


def rms_norm(at: Operation) -> SampleGradients:
    """Differentiate by w of an RMSNorm in one kernel; in several, it is a multiplication."""
    return summed(at, at.delta * at.node._saved_input * at.node._saved_result1)


def _by_channel(
    at: Operation, x: Tensor | None = None, factor: Tensor | float = 1
) -> SampleGradients:
    """Compute factor · Σ δ x over all positions of a channel, `[N, C]`; without x, Σ δ.

    x is overwritten.
    """
    delta = at_least_float32(at.delta)
    delta = delta.flatten(2) if delta.ndim > 2 else delta.unsqueeze(-1)  # [N, C, positions]
    if x is None:
        sums = delta.sum(2)
    else:
        sums = x.to(delta.dtype).reshape(delta.shape).mul_(delta).sum(2) * factor
    return from_tensor(at.samples_first(sums).sum(1))
