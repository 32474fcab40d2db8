r"""Σ over samples of \|g\|^p for one layer, from what flows into it and what flows back.

For `y = W a` a sample's gradient is the outer product δ aᵀ, with δ the gradient at y, and the
absolute value of an outer product is the outer product of the absolute values: |δ aᵀ| = |δ||a|ᵀ.
So the sum over samples is ONE matrix product, |Δ|ᵀ|A|: as cheap as the plain batch gradient ΔᵀA.

A layer that uses its weight at many positions (a convolution, or a linear layer along a sequence)
adds the positions up *before* the absolute value is taken: |Σ_l δ_l a_lᵀ| ≠ Σ_l |δ_l||a_l|ᵀ. There
each sample's gradient is formed, a chunk of samples at a time, and then its absolute value.
"""

from __future__ import annotations

from typing import TypeGuard

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd as Convolution

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
LAYERS = (nn.Linear, *CONVOLUTIONS)
Layer = nn.Linear | Convolution
MEMORY = 64 * 2**20  # bytes for one chunk of per-sample gradients; larger was not faster


def supports(layer: nn.Module) -> TypeGuard[Layer]:
    """Tell whether the layer is exactly one of `LAYERS`.

    A subclass may compute something else, and so may a `forward` that was put in its place.
    """
    return type(layer) in LAYERS and "forward" not in vars(layer)


def accumulation_dtype(device: torch.device) -> torch.dtype:
    """Return the precision in which many terms are summed: float64, where the device has it."""
    return torch.float32 if device.type == "mps" else torch.float64


def sums(layer: Layer, a: Tensor, delta: Tensor, power: int) -> dict[str, Tensor]:
    """Σ_n |g_n|^power for `weight` and `bias` of the layer.

    Args:
        layer: of a kind that `supports` accepts.
        a: what went into the layer, `[N, …]`.
        delta: gradient of each sample's score at the layer's output, `[N, …]`.
        power: 1 for MAS, 2 for the Fisher diagonal.
    """
    if isinstance(layer, nn.Linear):
        weight, bias = _linear(a, delta, power)
    else:
        weight, bias = _convolution(layer, a, delta, power)
    return {"weight": weight.reshape(layer.weight.shape), "bias": bias}


def abs_power(g: Tensor, power: int) -> Tensor:
    """|g|^power for power 1 or 2."""
    return g.abs() if power == 1 else g.square()


def _linear(a: Tensor, delta: Tensor, power: int) -> tuple[Tensor, Tensor]:
    if a.ndim == 2:
        back = abs_power(delta, power)  # [N, out]
        return back.T @ abs_power(a, power), back.sum(0)
    positions, backs = a.flatten(1, -2), delta.flatten(1, -2)  # [N, L, in], [N, L, out]
    weight = _chunked(backs.transpose(1, 2), positions, power)
    return weight, abs_power(backs.sum(1), power).sum(0)


def _convolution(layer: Convolution, a: Tensor, delta: Tensor, power: int) -> tuple[Tensor, Tensor]:
    backs = delta.flatten(2).unflatten(1, (layer.groups, -1))  # [N, groups, out, L]
    bias = abs_power(delta.flatten(2).sum(2), power).sum(0)
    kernel = _product(layer.kernel_size)
    rows = _rows(a.shape[1] * kernel * backs.shape[-1] + layer.weight.numel(), a)
    weight = torch.zeros((), dtype=accumulation_dtype(a.device), device=a.device)
    for part, back in zip(a.split(rows), backs.split(rows), strict=True):
        weight = weight + _chunked(back, unfold_patches(layer, part).transpose(2, 3), power)
    return weight, bias


def unfold_patches(layer: Convolution, a: Tensor) -> Tensor:
    """Return what the kernel sees at each position: `[N, groups, in · kernel, L]`."""
    spatial = len(layer.kernel_size)
    a = pad_input(layer, a)
    for d, (k, stride, dilation) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)
    ):
        a = a.unfold(2 + d, (k - 1) * dilation + 1, stride)[..., ::dilation]
    # now [N, C, L1 … Ld, k1 … kd]; the kernel goes with the channels, as in the weight
    a = a.unflatten(1, (layer.groups, -1))
    positions, kernel = range(3, 3 + spatial), range(3 + spatial, 3 + 2 * spatial)
    a = a.permute(0, 1, 2, *kernel, *positions)
    return a.reshape(len(a), layer.groups, a.shape[2] * _product(layer.kernel_size), -1)


def pad_input(layer: Convolution, a: Tensor) -> Tensor:
    """Return the input with the border that the layer adds, in any of its padding modes."""
    border: list[int] = []
    for d in reversed(range(len(layer.kernel_size))):  # F.pad starts at the last dimension
        if layer.padding == "same":
            total = layer.dilation[d] * (layer.kernel_size[d] - 1)
            border += [total // 2, total - total // 2]
        else:
            border += 2 * [layer.padding[d] if isinstance(layer.padding, tuple) else 0]
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    return F.pad(a, border, mode=mode) if any(border) else a


def _chunked(backs: Tensor, positions: Tensor, power: int) -> Tensor:
    """Σ_n |backs_n @ positions_n|^power, a chunk of samples at a time."""
    rows = _rows(backs.shape[1:-1].numel() * positions.shape[-1], backs)
    total = torch.zeros((), dtype=accumulation_dtype(backs.device), device=backs.device)
    for back, position in zip(backs.split(rows), positions.split(rows), strict=True):
        gradients = back @ position  # one for each sample
        total = total + abs_power(gradients, power).sum(0)
    return total


def _rows(numbers: int, like: Tensor) -> int:
    """Compute how many samples fit into `MEMORY` when each needs so many numbers."""
    return max(1, MEMORY // (numbers * like.element_size()))


def _product(sizes: tuple[int, ...]) -> int:
    return torch.Size(sizes).numel()
