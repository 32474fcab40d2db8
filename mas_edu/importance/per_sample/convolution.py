"""Convolutions, transposed ones too: y = w ∗ x, each sample's gradient by w.

Four ways to the same numbers, each the fastest for some shapes. A kernel of 1 × 1 is a linear layer
along the positions. So is any kernel on patches cut out of the image, which pays for large kernels
at few positions. Many samples with small kernels are the groups of one grouped convolution. Else
one sample goes after the other.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    SampleGradients,
    at_least_float32,
    from_tensor,
)
from mas_edu.importance.per_sample.outer_product import products

SMALL_KERNEL = 40_000  # numbers in the weight, up to which samples go as groups
FEW_POSITIONS = 4096  # of the output, for the same
FEW_PATCHES = 32  # positions, up to which patches are cut out for larger kernels


def convolution(at: Operation) -> SampleGradients:
    """Differentiate y = b + w ∗ x by w or by b."""
    delta = at_least_float32(at.samples_first(at.delta))  # [N, L, out, …]
    if at.slot == 2:
        return from_tensor(delta.sum([d for d in range(1, delta.ndim) if d != 2]))
    x = at_least_float32(at.samples_first(at.node._saved_input))  # [N, L, in, …]
    images, positions = delta.shape[1], delta.shape[3:].numel()
    size = torch.Size(at.shape).numel()
    if images == 1 and _is_pointwise(at):
        return products(delta[:, 0].flatten(2), x[:, 0].flatten(2).mT).reshaped(at.shape)
    small = size <= SMALL_KERNEL
    if images == 1 and not small and positions <= FEW_PATCHES and _can_unfold(at):
        return products(delta[:, 0].flatten(2), _patches(at, x[:, 0]).mT).reshaped(at.shape)
    grouped = images == 1 and small and positions <= FEW_POSITIONS
    of = _as_groups if grouped else _one_by_one
    held = size + x[0].numel() + delta[0].numel() if grouped else size
    return SampleGradients(lambda part: of(at, x[part], delta[part]), held)


def _is_plain(at: Operation) -> bool:
    return not at.node._saved_transposed and at.node._saved_groups == 1


def _can_unfold(at: Operation) -> bool:
    return _is_plain(at) and len(at.shape) == 4


def _is_pointwise(at: Operation) -> bool:
    node, kernel = at.node, at.shape[2:]
    return _is_plain(at) and not any(node._saved_padding) and {*kernel, *node._saved_stride} == {1}


def _patches(at: Operation, x: Tensor) -> Tensor:
    """Cut images into the patches that the kernel sees, `[N, in · kernel, positions]`."""
    node = at.node
    padding = (*node._saved_padding, *node._saved_padding)[:2]  # "valid" is saved as one number
    return F.unfold(x, at.shape[2:], node._saved_dilation, padding, node._saved_stride)


def _one_by_one(at: Operation, x: Tensor, delta: Tensor) -> Tensor:
    weight = at_least_float32(at.node._saved_weight)
    found = [_gradient(at, a, d, weight, 1) for a, d in zip(x, delta, strict=True)]
    return found[0].unsqueeze(0) if len(found) == 1 else torch.stack(found)


def _as_groups(at: Operation, x: Tensor, delta: Tensor) -> Tensor:
    """Take the samples' channels, `[n, 1, channels, …]`, as groups of one large image."""
    n, weight = len(x), at_least_float32(at.node._saved_weight)
    many = weight.repeat(n, *(1,) * (weight.ndim - 1))
    side_by_side = _gradient(at, x.flatten(0, 2)[None], delta.flatten(0, 2)[None], many, n)
    return side_by_side.reshape(n, *at.shape)


def _gradient(at: Operation, x: Tensor, delta: Tensor, weight: Tensor, times: int) -> Tensor:
    node = at.node
    gradient: Tensor = torch.ops.aten.convolution_backward(
        delta,
        x,
        weight,
        None,
        node._saved_stride,
        node._saved_padding,
        node._saved_dilation,
        node._saved_transposed,
        node._saved_output_padding,
        node._saved_groups * times,
        [False, True, False],
    )[1]
    return gradient
