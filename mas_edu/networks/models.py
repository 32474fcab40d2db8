"""Two plain networks for the examples; any `nn.Module` from `[N, …]` to `[N, C]` works as well.

Weights are drawn with a generator of their own (PyTorch's default scheme), so that building a
network leaves the global random state alone.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu._common import as_int, as_ints, as_seed

LATER: Any = {"device": "meta"}  # a layer without numbers: `initialise` draws them
MOST_LAYERS, MOST_WEIGHTS = 10_000, 10**9  # 4 GB in float32


def mlp(sizes: Sequence[int], seed: int = 0) -> nn.Sequential:
    """Build linear layers with ReLU between them: `mlp([64, 128, 10])` has one hidden layer.

    Args:
        sizes: number of inputs, hidden units of each layer, outputs.
        seed: of the initial weights.

    >>> [tuple(weight.shape) for weight in mlp([64, 128, 10]).parameters()]
    [(128, 64), (128,), (10, 128), (10,)]
    """
    sizes = as_ints("sizes", sizes, least=1)
    if len(sizes) < 2:
        raise ValueError(f"sizes: expected at least inputs and outputs, got {sizes}")
    _check_size("sizes", [fan_in * fan_out for fan_in, fan_out in pairwise(sizes)])
    layers: OrderedDict[str, nn.Module] = OrderedDict(flat=nn.Flatten())
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes), 1):
        last = i == len(sizes) - 1
        layers["output" if last else f"hidden{i}"] = nn.Linear(fan_in, fan_out, **LATER)
        if not last:
            layers[f"relu{i}"] = nn.ReLU()
    return initialise(nn.Sequential(layers), seed)


def cnn(
    shape: Sequence[int] = (1, 28, 28),
    outputs: int = 10,
    channels: Sequence[int] = (16, 32),
    seed: int = 0,
) -> nn.Sequential:
    """Build 3×3 convolutions, each with ReLU and 2×2 max pooling, and one linear layer.

    Args:
        shape: channels, height, width of one image; inputs may be flat, `[N, C·H·W]`.
        outputs: number of logits.
        channels: output channels of each convolution; each halves height and width.
        seed: of the initial weights.

    >>> cnn((1, 8, 8), 10)(torch.zeros(5, 64)).shape
    torch.Size([5, 10])
    """
    shape, channels = as_ints("shape", shape, least=1), as_ints("channels", channels, least=1)
    outputs = as_int("outputs", outputs, least=1)
    if len(shape) != 3:
        raise ValueError(f"shape: expected (channels, height, width), got {tuple(shape)}")
    depth, height, width = shape
    if min(height, width) >> len(channels) < 1:
        raise ValueError(
            f"channels: {len(channels)} poolings leave nothing of a {height} × {width} image; "
            "give fewer channels"
        )
    pixels = max(1, height >> len(channels)) * max(1, width >> len(channels))
    weights = [9 * a * b for a, b in pairwise([depth, *channels])]
    _check_size(
        "shape, channels or outputs", [*weights, (channels or [depth])[-1] * pixels * outputs]
    )
    layers: OrderedDict[str, nn.Module] = OrderedDict(images=AsImages(depth, height, width))
    for i, wider in enumerate(channels, 1):
        layers[f"conv{i}"] = nn.Conv2d(depth, wider, 3, padding=1, **LATER)
        layers[f"relu{i}"] = nn.ReLU()
        layers[f"pool{i}"] = nn.MaxPool2d(2)
        depth, height, width = wider, height // 2, width // 2
    layers["flat"] = nn.Flatten()
    layers["output"] = nn.Linear(depth * height * width, outputs, **LATER)
    return initialise(nn.Sequential(layers), seed)


def _check_size(argument: str, weights: Sequence[int]) -> None:
    """Raise for a network that memory or patience could not take; `weights`: of each layer."""
    if len(weights) > MOST_LAYERS:
        raise ValueError(
            f"{argument}: expected at most {MOST_LAYERS:,} layers, got {len(weights):,}; take fewer"
        )
    if sum(weights) > MOST_WEIGHTS:
        raise ValueError(
            f"{argument}: expected a network of at most {MOST_WEIGHTS:,} weights, got one of "
            f"{float(min(sum(weights), 10**300)):.1e}; take fewer units"
        )


class AsImages(nn.Module):
    """A layer that reshapes flat inputs `[N, C·H·W]` to images `[N, C, H, W]`."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """Reshape `[N, …]` to `[N, C, H, W]`."""
        depth, *size = self.shape
        if depth > 1 and x.shape[1:] == (*size, depth) != self.shape:
            raise ValueError("its channels come last: give x.permute(0, 3, 1, 2)")
        return x.reshape(len(x), *self.shape)


def initialise(model: nn.Sequential, seed: int) -> nn.Sequential:
    """Draw the weights of each layer as PyTorch does: uniform within ± 1/√fan_in."""
    generator = torch.Generator().manual_seed(as_seed(seed))
    for layer in model:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for name, weight in list(layer.named_parameters()):
                drawn = torch.empty(weight.shape, dtype=torch.float32, device="cpu")
                drawn.uniform_(-bound, bound, generator=generator)  # equal whatever the default is
                layer.register_parameter(name, nn.Parameter(drawn.to(weight.dtype)))
    return model
