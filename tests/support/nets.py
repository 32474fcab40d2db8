"""The networks over which the contract runs: `[N, 9]` to `[N, 3]`, float64, in train()."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu.networks import models


class Transposed(nn.Module):
    """A layer with the transposed weight of another one."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.weight = layer.weight

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.T)[:, :3]


class Shared(nn.Module):
    """A hidden layer that is used twice, and the input layer's weight, transposed, as output."""

    def __init__(self) -> None:
        super().__init__()
        self.inward = nn.Linear(9, 5)
        self.inner = nn.Linear(5, 5)
        self.outward = Transposed(self.inward)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.relu(self.inner(torch.relu(self.inner(torch.relu(self.inward(x))))))
        found: Tensor = self.outward(hidden)
        return found


def plain() -> nn.Module:
    return models.mlp([9, 7, 5, 3])


def convolutional() -> nn.Module:
    return models.cnn((1, 3, 3), outputs=3, channels=(4,))


def normalised() -> nn.Module:
    net = nn.Sequential(
        nn.Linear(9, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3)
    )
    nn.init.normal_(net[1].running_mean)  # as after training: no longer zero
    return net


def frozen() -> nn.Module:
    net = models.mlp([9, 7, 5, 3])
    net.hidden1.weight.requires_grad_(False)
    net.hidden2.requires_grad_(False)
    return net


def biasless() -> nn.Module:
    return nn.Sequential(nn.Linear(9, 8, bias=False), nn.ReLU(), nn.Linear(8, 3, bias=False))


NETS: dict[str, Callable[[], nn.Module]] = {
    "mlp": plain,
    "cnn": convolutional,
    "batchnorm and dropout": normalised,
    "shared weights": Shared,
    "frozen weights": frozen,
    "no bias": biasless,
}


def build(name: str) -> nn.Module:
    """Return the network of that name, in float64 and in training mode."""
    return NETS[name]().double().train()
