"""A model's weights as one flat tensor while it trains.

The penalty and the optimizer are limited by memory, not by arithmetic: on one long vector they are
a handful of passes, instead of a handful for each weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, check_own_memory, trainable


class FlatParams:
    """All trainable weights, `values`, and their gradients, `grads`, one vector `[n]` each.

    From `bind` to `release` each weight of the model is a view into `values`, and its `.grad` one
    into `grads`: a change of one is a change of the other.

    Weights of K networks, `[K, …]` each, lie one after the other too, each in one piece: PyTorch's
    batched products write into one piece three times as fast as into K pieces.
    """

    def __init__(self, model: nn.Module) -> None:
        self.weights = trainable(model)
        check_own_memory(model)
        self.places = [_as_place(weight.data) for weight in self.weights.values()]
        kinds = {(weight.dtype, weight.device) for weight in self.weights.values()}
        if len(kinds) > 1:
            raise ValueError(
                "model: expected all trainable weights of one dtype on one device, found "
                + ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
            )
        self.values = nn.Parameter(self.vector(self.weights))
        self.grads = torch.zeros_like(self.values)
        self.values.grad = self.grads

    def bind(self) -> None:
        """Let each weight be a view into `values`, and its gradient one into `grads`."""
        for name, values in self.params(self.values.data).items():
            self.weights[name].data = values
        self.grad_views = self.params(self.grads)
        self.bind_grads()

    def bind_grads(self) -> None:
        """Let each gradient be a view into `grads` again, after a `zero_grad()` of the reader's."""
        for name, view in self.grad_views.items():
            self.weights[name].grad = view

    def vector(self, params: Mapping[str, Tensor]) -> Tensor:
        """Return weights by name as one new vector, in the order of the model."""
        return torch.cat([params[name].detach().flatten() for name in self.weights])

    def params(self, vector: Tensor) -> Params:
        """Return a vector as weights by name: views into it."""
        parts = vector.split([weight.numel() for weight in self.weights.values()])
        return {
            name: part.view(weight.shape)
            for (name, weight), part in zip(self.weights.items(), parts, strict=True)
        }

    def of_each_network(self, vector: Tensor) -> Tensor:
        """Return a vector with the weights of K networks as K new vectors, `[K, n]`."""
        parts = self.params(vector).values()
        return torch.cat([part.reshape(len(part), -1) for part in parts], 1)

    def release(self) -> None:
        """Give each weight its own memory again, with its value now, and drop the gradients."""
        for weight, place in zip(self.weights.values(), self.places, strict=True):
            place.copy_(weight.data)
            weight.data, weight.grad = place, None


@contextmanager
def flattened(model: nn.Module) -> Iterator[FlatParams]:
    """Yield the model's weights as one vector, for the time of the block.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> with flattened(layer) as flat:
    ...     flat.values.data.fill_(3.0)
    tensor([3., 3.])
    >>> layer.weight
    Parameter containing:
    tensor([[3., 3.]], requires_grad=True)
    """
    flat = FlatParams(model)
    with _bound(flat), _bound(flat):  # twice: Ctrl-C may come while weights are given back
        yield flat


@contextmanager
def _bound(flat: FlatParams) -> Iterator[None]:
    try:
        flat.bind()
        yield
    finally:
        flat.release()


def _as_place(values: Tensor) -> Tensor:
    """Return memory to which a weight can go back: its own, unless numbers in it are shared."""
    return values.contiguous() if 0 in values.stride() else values
