"""Many networks of one architecture as one network: the weights side by side.

A step of a small network costs little arithmetic and much overhead; K copies with weights
`[K, …]` share the overhead. `torch.func` turns the forward pass of one network into that of all.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mas_edu.params import trainable


class Copies(nn.Module):
    """K networks as one: inputs `[K, N, …]` to outputs `[K, N, C]`, weights `[K, …]`.

    Raises:
        ValueError: if the networks cannot be run side by side: frozen weights, buffers, a forward
            pass that draws random numbers or that `torch.func` cannot batch.

    >>> from mas_edu import models
    >>> pair = Copies([models.mlp([4, 3, 2], seed) for seed in (0, 1)])
    >>> pair(torch.zeros(2, 5, 4)).shape
    torch.Size([2, 5, 2])
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        weights = [trainable(model) for model in models]
        if any(
            len(own) != len(list(model.state_dict()))
            for own, model in zip(weights, models, strict=True)
        ):
            raise ValueError("model: frozen weights and buffers cannot be trained side by side")
        self.names = list(weights[0])
        self.stacked = nn.ParameterList(
            torch.stack([own[name].detach() for own in weights]) for name in self.names
        )
        template = copy.deepcopy(models[0]).to("meta")
        self.template = [template]  # in a list: its weights are not ours

    def forward(self, x: Tensor) -> Tensor:
        """`[K, N, …]` to `[K, N, C]`."""
        return self._all(x, 0)

    def shared(self, x: Tensor) -> Tensor:
        """The same inputs for every copy: `[N, …]` to `[K, N, C]`."""
        return self._all(x, None)

    def hand_out(self, models: Sequence[nn.Module]) -> None:
        """Write the weights of each copy into the model it belongs to."""
        with torch.no_grad():
            for k, model in enumerate(models):
                for name, weight in trainable(model).items():
                    weight.copy_(self.stacked[self.names.index(name)][k])

    def _all(self, x: Tensor, dimension: int | None) -> Tensor:
        def one(weights: tuple[Tensor, ...], inputs: Tensor) -> Tensor:
            named = dict(zip(self.names, weights, strict=True))
            outputs: Tensor = torch.func.functional_call(self.template[0], named, (inputs,))
            return outputs

        every: Tensor = torch.func.vmap(one, in_dims=(0, dimension), randomness="error")(
            tuple(self.stacked), x
        )
        return every


def can_be_copied(model: nn.Module, x: Tensor) -> bool:
    """Whether K copies of the model, in training mode, compute what each would alone."""
    try:
        pair = Copies([model, model]).train()
        with torch.no_grad():
            together, alone = pair.shared(x), copy.deepcopy(model).train()(x)
    except Exception:  # whatever cannot be batched is trained one by one instead
        return False
    return bool(torch.allclose(together[0], alone, rtol=1e-3, atol=1e-5))
