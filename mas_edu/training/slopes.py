"""The slopes of activation functions, which δ is multiplied with on its way back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

SLOPES: dict[type[nn.Module], Callable[[Any, Tensor, Tensor], Tensor]] = {
    nn.Identity: lambda f, a, z: torch.ones_like(z),
    nn.ReLU: lambda f, a, z: z.sign(),  # z ≥ 0: 1 where the input was let through
    nn.LeakyReLU: lambda f, a, z: torch.where(a > 0, torch.ones_like(a), f.negative_slope),
    nn.ELU: lambda f, a, z: torch.where(a > 0, torch.ones_like(a), z + f.alpha),
    nn.Tanh: lambda f, a, z: 1 - z.square(),
    nn.Sigmoid: lambda f, a, z: z * (1 - z),
    nn.SiLU: lambda f, a, z: a.sigmoid() + z * (1 - a.sigmoid()),
    nn.GELU: lambda f, a, z: _slope_of_gelu(f, a),
}
"""The slope f′(a) of each activation function f, from a and z = f(a)."""


def _slope_of_gelu(f: nn.GELU, a: Tensor) -> Tensor:
    """Return the slope of a Φ(a), or of its approximation with tanh."""
    if f.approximate == "none":
        density = (-a.square() / 2).exp() / math.sqrt(2 * math.pi)
        return (1 + torch.erf(a / math.sqrt(2))) / 2 + a * density
    scale, cubic = math.sqrt(2 / math.pi), 0.044715
    t = (scale * (a + cubic * a**3)).tanh()
    return (1 + t) / 2 + a * (1 - t.square()) / 2 * scale * (1 + 3 * cubic * a.square())
