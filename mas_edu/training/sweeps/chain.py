"""The forward pass of K networks side by side as batched matrix products, for chains of layers.

`torch.func.vmap` does the same for any network, at twice the overhead a step: this is its fast
twin for multilayer perceptrons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

ELEMENTWISE = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Identity)


def is_chain(model: nn.Module) -> bool:
    """Return whether the network is a sequence of linear layers, activations and flattening."""
    return type(model) is nn.Sequential and all(
        type(layer) in (nn.Linear, *ELEMENTWISE) or _flattens(layer) for _, layer in _layers(model)
    )


def chain_forward(model: nn.Module, weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Return the outputs of all copies, `[K, N, C]`.

    Args:
        model: one of them.
        weights: those of all, by name, `[K, …]`.
        x: inputs of each copy, `[K, N, …]`.

    >>> weights = {"0.weight": torch.ones(5, 2, 3), "0.bias": torch.zeros(5, 2)}
    >>> chain_forward(nn.Sequential(nn.Linear(3, 2)), weights, torch.ones(5, 4, 3)).shape
    torch.Size([5, 4, 2])
    """
    for name, layer in _layers(model):
        if isinstance(layer, nn.Linear):
            weight, bias = weights[f"{name}.weight"].mT, weights.get(f"{name}.bias")
            rows = x.flatten(1, -2)  # [K, N, fan_in], also with extra dimensions
            y = rows @ weight if bias is None else torch.baddbmm(bias.unsqueeze(1), rows, weight)
            x = y.unflatten(1, x.shape[1:-1])
        else:
            x = x.flatten(2) if _flattens(layer) else layer(x)
    return x


def _layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers in order, with their names; a sequence within the sequence is opened."""
    for name, layer in model._modules.items():  # not named_children, which leaves repeats out
        if type(layer) is nn.Sequential:
            yield from ((f"{name}.{inner}", part) for inner, part in _layers(layer))
        elif layer is not None:
            yield name, layer


def _flattens(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, -1)
