"""A model's weights as one flat vector while it trains.

The penalty and the optimiser are bound by memory, not by arithmetic: on one long vector they are
a handful of passes, instead of a handful for each weight tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, trainable


class FlatParams:
    """All trainable weights, `values`, and their gradients, `grads`, one vector `[n]` each.

    Until `release` each weight of the model is a view into `values`, and its `.grad` a view
    into `grads`: what is written here is seen there, and the other way round.
    """

    def __init__(self, model: nn.Module) -> None:
        self.weights = trainable(model)
        kinds = {(weight.dtype, weight.device) for weight in self.weights.values()}
        if len(kinds) > 1:
            raise ValueError(
                "model: expected all trainable weights of one dtype on one device, found "
                + ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
            )
        self.values = nn.Parameter(self.vector(self.weights))
        self.grads = torch.zeros_like(self.values)
        self.values.grad = self.grads
        for weight, value, grad in zip(
            self.weights.values(),
            self._parts(self.values.data),
            self._parts(self.grads),
            strict=True,
        ):
            weight.data, weight.grad = value, grad

    def vector(self, params: Mapping[str, Tensor]) -> Tensor:
        """Return weights by name as one new vector, in the order of the model."""
        return torch.cat([params[name].detach().flatten() for name in self.weights])

    def params(self, vector: Tensor) -> Params:
        """Return a vector as weights by name: views into it."""
        return dict(zip(self.weights, self._parts(vector), strict=True))

    def release(self) -> None:
        """Give each weight memory of its own again, and drop the gradients."""
        for weight in self.weights.values():
            weight.data, weight.grad = weight.data.clone(), None

    def _parts(self, vector: Tensor) -> list[Tensor]:
        sizes = [weight.numel() for weight in self.weights.values()]
        pairs = zip(vector.split(sizes), self.weights.values(), strict=True)
        return [part.view(weight.shape) for part, weight in pairs]


@contextmanager
def flattened(model: nn.Module) -> Iterator[FlatParams]:
    """Lend the model's weights as one vector, for the time of the block.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> with flattened(layer) as flat:
    ...     flat.values.data.fill_(3.0)
    tensor([3., 3.])
    >>> layer.weight
    Parameter containing:
    tensor([[3., 3.]], requires_grad=True)
    """
    flat = FlatParams(model)
    try:
        yield flat
    finally:
        flat.release()
