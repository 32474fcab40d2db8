"""Norms: y = w x̂ + b, where x̂ is x, shifted and scaled. A sample's gradients are Σ δ x̂ and Σ δ.

The sums go over the positions that share a weight: those of a channel for BatchNorm (in eval mode,
where the running statistics make x̂), GroupNorm and InstanceNorm, the tokens for LayerNorm.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    PerSample,
    full_precision,
    sum_to,
    whole,
)


def batch_norm(at: Operation) -> PerSample:
    """By w or b of a BatchNorm with running statistics: x̂ = (x − mean) / √(var + ε)."""
    node = at.node
    if node._saved_training:
        raise NotImplementedError("the statistics of the batch: its samples are not independent")
    if at.slot == 2:
        return _by_channel(at, at.delta)
    epsilon = node._saved_eps if hasattr(node, "_saved_eps") else node._saved_epsilon
    mean, deviation = node._saved_running_mean, (node._saved_running_var + epsilon).sqrt()
    along = (-1,) + (1,) * (at.delta.ndim - 2)  # the channels come second
    centred = node._saved_input - mean.view(along)
    return _by_channel(at, at.delta, centred, 1 / deviation)


def group_norm(at: Operation) -> PerSample:
    """By w or b of a GroupNorm: the statistics are those of a group of a sample's channels."""
    if at.slot == 2:
        return _by_channel(at, at.delta)
    x = at.node._saved_input
    grouped = x.reshape(*at.node._saved_result1.shape, -1)  # [N, groups, …]
    normed = _normed(grouped, at.node._saved_result1, at.node._saved_result2)
    return _by_channel(at, at.delta, normed.reshape(x.shape))


def layer_norm(at: Operation) -> PerSample:
    """By w or b of a LayerNorm: the statistics are those of a token."""
    values = at.delta
    if at.slot == 1:
        mean, scale = at.node._saved_result1, at.node._saved_result2
        values = values * (at.node._saved_input - mean) * scale
    return whole(sum_to(full_precision(at.samples_first(values)), at.shape))


def rms_norm(at: Operation) -> PerSample:
    """By w of an RMSNorm in one kernel; in several, it is a multiplication."""
    values = at.delta * at.node._saved_input * at.node._saved_result1
    return whole(sum_to(full_precision(at.samples_first(values)), at.shape))


def _normed(grouped: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    return (grouped - mean.unsqueeze(-1)) * scale.unsqueeze(-1)


def _by_channel(
    at: Operation, delta: Tensor, x: Tensor | None = None, factor: Tensor | float = 1
) -> PerSample:
    """Factor · Σ δ x over all positions of a channel, `[N, C]`."""
    back = full_precision(delta).flatten(2) if delta.ndim > 2 else full_precision(delta)[..., None]
    if x is None:
        sums = back.sum(2)  # [N, C]
    else:
        sums = torch.linalg.vecdot(back, x.to(back.dtype).reshape(back.shape)) * factor
    return whole(at.samples_first(sums).sum(1))
