"""Borrow a model in eval mode, and give it back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mas_edu.networks.params import Params, as_module
from mas_edu.networks.randomness import keep_random_state, may_draw


@contextmanager
def keep_modes(model: nn.Module) -> Iterator[None]:
    """Restore the training mode of each module after the block, whatever is done in it."""
    flags = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, flag in flags.items():
            module.training = flag


def _tensor_attributes(module: nn.Module) -> Params:
    """Return plain attributes that are tensors, such as those of old-style weight norm."""
    return {name: value for name, value in vars(module).items() if isinstance(value, Tensor)}


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Borrow a model in eval mode and give it back as it was, also when the block raises.

    Restored are the training mode of each module, buffers, tensors kept as plain attributes and
    the random state (see `keep_random_state`). `.grad` is not: use `torch.autograd.grad` in the
    block, which leaves it alone.
    """
    modules = list(as_module(model).modules())
    buffers = {module: dict(module._buffers.items()) for module in modules}
    attributes = {module: _tensor_attributes(module) for module in modules}
    values = {buffer: buffer.clone() for buffer in model.buffers()}
    devices = {weight.device for weight in model.parameters() if weight.device.type == "cuda"}
    try:
        with keep_modes(model), keep_random_state(may_draw(model, False), list(devices)):
            yield model.eval()
    finally:
        for module in modules:  # the same tensor objects, also where one was replaced
            for name, buffer in buffers[module].items():
                module._buffers[name] = buffer
            for name in _tensor_attributes(module).keys() - attributes[module].keys():
                delattr(module, name)
            vars(module).update(attributes[module])
        with torch.no_grad():
            for buffer, value in values.items():
                buffer.copy_(value)
