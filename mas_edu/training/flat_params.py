"""A model's weights as one flat tensor while it trains.

The penalty and the optimizer are limited by memory, not by arithmetic: on one long vector they are
a handful of passes, instead of a handful for each weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, trainable


class FlatParams:
    """All trainable weights, `values`, and their gradients, `grads`, one vector `[n]` each.

    While it is in force each weight of the model is a view into `values`, and its `.grad` a view
    into `grads`: a change of one is a change of the other.

    Args:
        model: whose weights.
        stacked: they belong to K networks, `[K, …]` each; `values` and `grads` are then `[K, n]`.
    """

    def __init__(self, model: nn.Module, stacked: bool = False) -> None:
        self.weights, self.stacked = trainable(model), stacked
        kinds = {(weight.dtype, weight.device) for weight in self.weights.values()}
        if len(kinds) > 1:
            raise ValueError(
                "model: expected all trainable weights of one dtype on one device, found "
                + ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
            )
        self.values = nn.Parameter(self.vector(self.weights))
        self.grads = torch.zeros_like(self.values)
        self.values.grad = self.grads
        values, grads = self.params(self.values.data), self.params(self.grads)
        for name, weight in self.weights.items():
            weight.data, weight.grad = values[name], grads[name]

    def vector(self, params: Mapping[str, Tensor]) -> Tensor:
        """Return weights by name as one new vector, in the order of the model."""
        found = [params[name].detach() for name in self.weights]
        if self.stacked:
            return torch.cat([one.reshape(len(one), -1) for one in found], 1)
        return torch.cat([one.flatten() for one in found])

    def params(self, vector: Tensor) -> Params:
        """Return a vector as weights by name: views into it."""
        copies = len(vector) if self.stacked else 1
        parts = vector.split([weight.numel() // copies for weight in self.weights.values()], -1)
        return {
            name: part.view(weight.shape)
            for (name, weight), part in zip(self.weights.items(), parts, strict=True)
        }

    def release(self) -> None:
        """Give each weight memory of its own again, and drop the gradients."""
        for weight in self.weights.values():
            weight.data, weight.grad = weight.data.contiguous().clone(), None


@contextmanager
def flattened(model: nn.Module, stacked: bool = False) -> Iterator[FlatParams]:
    """Yield the model's weights as one vector, for the time of the block.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> with flattened(layer) as flat:
    ...     flat.values.data.fill_(3.0)
    tensor([3., 3.])
    >>> layer.weight
    Parameter containing:
    tensor([[3., 3.]], requires_grad=True)
    """
    flat = FlatParams(model, stacked)
    try:
        yield flat
    finally:
        flat.release()
