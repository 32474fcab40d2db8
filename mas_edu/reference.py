"""The slow twins: each quantity as the obvious loop over samples, for reading and for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from mas_edu.params import Params, evaluating, trainable


def mas(model: nn.Module, x: Tensor, classes: Sequence[int] | None = None) -> Params:
    r"""`importance.mas` by definition: one backward pass for each sample.

    .. math:: \Omega_i = \frac1N \sum_k |\partial \|F(x_k)\|^2 / \partial\theta_i|
    """
    with evaluating(model):
        return _mean_over_samples(model, x, partial(_score, model, classes))


def mas_batch(
    model: nn.Module, x: Tensor, batch_size: int = 128, classes: Sequence[int] | None = None
) -> Params:
    r"""`importance.mas_batch` by definition: the absolute value after the mean over a batch."""
    omega: Params = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    with evaluating(model):
        for batch in x.split(batch_size):
            loss = squared_length(model(batch), classes) / len(batch)
            for name, gradient in _gradient(model, loss).items():
                omega[name] += gradient.abs() * len(batch) / len(x)
    return omega


def mas_local(model: nn.Sequential, x: Tensor, classes: Sequence[int] | None = None) -> Params:
    r"""`importance.mas_local` by definition, for a chain of layers: each layer is the network.

    For each linear or convolutional layer, its input held fixed and with the ReLU behind it:
    mean over samples of |∂‖y‖²/∂W|.
    """
    omega: Params = {}
    with evaluating(model):
        layers = list(model.named_children())
        for i, (name, layer) in enumerate(layers):
            behind = layers[i + 1][1] if i + 1 < len(layers) else nn.Identity()
            if not isinstance(behind, nn.ReLU):
                behind = nn.Identity()
            block = nn.Sequential(layer, behind)
            if any(weight.requires_grad for weight in layer.parameters()):
                active = classes if i == len(layers) - 1 else None
                local = _mean_over_samples(block, x, partial(_score, block, active))
                omega |= {name + weight.removeprefix("0"): v for weight, v in local.items()}
            with torch.no_grad():
                x = layer(x)
    return omega


def squared_length(outputs: Tensor, classes: Sequence[int] | None = None) -> Tensor:
    """‖F‖² summed over the batch: of all outputs, or of the active classes only."""
    active = outputs if classes is None else outputs[:, list(classes)]
    return active.square().sum()


def _score(model: nn.Module, classes: Sequence[int] | None, x: Tensor) -> Tensor:
    return squared_length(model(x), classes)


def _mean_over_samples(
    model: nn.Module, x: Tensor, score: Callable[[Tensor], Tensor], power: int = 1
) -> Params:
    total = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    for sample in x.split(1):
        for name, gradient in _gradient(model, score(sample)).items():
            total[name] += gradient.abs() ** power
    return {name: value / len(x) for name, value in total.items()}


def _gradient(model: nn.Module, loss: Tensor) -> Params:
    weights = trainable(model)
    gradients = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
    return dict(zip(weights, gradients, strict=True))
