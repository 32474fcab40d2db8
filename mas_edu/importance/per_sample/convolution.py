"""Convolutions, transposed ones too: y = w ∗ x, each sample's gradient by the library's own code.

Three ways to the same numbers, each the fastest for some shapes: a kernel of 1 × 1 is a matrix
product; many samples with small kernels are the groups of one grouped convolution; else one sample
after the other. (To unfold the patches was slower for all shapes but a few small ones.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    SampleGradients,
    at_least_float32,
    from_tensor,
)

SMALL_KERNEL = 40_000  # numbers in the weight, up to which samples go as groups
FEW_POSITIONS = 4096  # of the output, for the same


def convolution(at: Operation) -> SampleGradients:
    """Differentiate y = b + w ∗ x by w or by b."""
    back = at_least_float32(at.samples_first(at.delta))  # [N, L, out, …]
    if at.slot == 2:
        return from_tensor(back.sum([d for d in range(1, back.ndim) if d != 2]))
    x = at_least_float32(at.samples_first(at.node._saved_input))  # [N, L, in, …]
    images, positions = back.shape[1], back.shape[3:].numel()
    if images == 1 and _is_pointwise(at):
        rows, columns = back[:, 0].flatten(2), x[:, 0].flatten(2)  # [N, out, P], [N, in, P]
        return SampleGradients(
            lambda part: (rows[part] @ columns[part].mT).reshape(-1, *at.shape),
            rows.shape[1] * columns.shape[1],
        )
    size = torch.Size(at.shape).numel()
    grouped = images == 1 and size <= SMALL_KERNEL and positions <= FEW_POSITIONS
    of = _as_groups if grouped else _one_by_one
    held = size + x[0].numel() + back[0].numel() if grouped else size
    return SampleGradients(lambda part: of(at, x[part], back[part]), held)


def _is_pointwise(at: Operation) -> bool:
    node = at.node
    plain = not node._saved_transposed and node._saved_groups == 1 and not any(node._saved_padding)
    return plain and at.shape[2:].count(1) == len(at.shape) - 2 and set(node._saved_stride) == {1}


def _one_by_one(at: Operation, x: Tensor, back: Tensor) -> Tensor:
    weight = at_least_float32(at.node._saved_weight)
    found = [_gradient(at, a, d, weight, 1) for a, d in zip(x, back, strict=True)]
    return found[0].unsqueeze(0) if len(found) == 1 else torch.stack(found)


def _as_groups(at: Operation, x: Tensor, back: Tensor) -> Tensor:
    """Take the samples' channels, `[n, 1, channels, …]`, as groups of one large image."""
    n, weight = len(x), at_least_float32(at.node._saved_weight)
    many = weight.repeat(n, *(1,) * (weight.ndim - 1))
    side_by_side = _gradient(at, x.flatten(0, 2)[None], back.flatten(0, 2)[None], many, n)
    return side_by_side.reshape(n, *at.shape)


def _gradient(at: Operation, x: Tensor, back: Tensor, weight: Tensor, times: int) -> Tensor:
    node = at.node
    gradient: Tensor = torch.ops.aten.convolution_backward(
        back,
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
