"""The only walk over a model's weights: everything else speaks of `Params`, weights by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Params = dict[str, Tensor]
"""One tensor per trainable weight, under the name the model gives it."""


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """The weights that training changes, by name; a weight that is tied appears once.

    Raises:
        ValueError: if every weight is frozen, or there is none.

    >>> sorted(trainable(nn.Linear(3, 2)))
    ['bias', 'weight']
    """
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    if not weights:
        raise ValueError(
            "model: expected at least one trainable weight, found none; "
            "set requires_grad=True on the weights that should learn"
        )
    return weights


def snapshot(model: nn.Module) -> Params:
    """A copy of the trainable weights, cut off from the model: later training leaves it alone.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> before = snapshot(layer)
    >>> _ = nn.init.constant_(layer.weight, 7.0)
    >>> bool(before["weight"] == layer.weight)
    False
    """
    return {name: weight.detach().clone() for name, weight in trainable(model).items()}


def place(model: nn.Module) -> torch.device:
    """Where the model lives: the device of its first weight."""
    return next(model.parameters()).device


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Borrow a model in eval mode; give it back as it was.

    Training flags (module by module), buffers and the random state are restored, also when the
    body raises. `.grad` is not touched here: whoever borrows uses `torch.autograd.grad`.
    """
    flags = {module: module.training for module in model.modules()}
    buffers = {module: dict(module._buffers) for module in model.modules()}
    values = {buffer: buffer.clone() for buffer in model.buffers()}
    devices = {weight.device for weight in model.parameters() if weight.device.type == "cuda"}
    try:
        model.eval()
        with torch.random.fork_rng(devices=list(devices)):
            yield model
    finally:
        for module, flag in flags.items():
            module.training = flag
            module._buffers.update(buffers[module])  # the very tensors, should one be replaced
        with torch.no_grad():
            for buffer, value in values.items():
                buffer.copy_(value)
