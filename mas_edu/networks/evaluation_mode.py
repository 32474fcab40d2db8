"""Borrow a model in eval mode, and give it back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from torch import Tensor, nn

from mas_edu.networks.interrupts import settle_after_ctrl_c
from mas_edu.networks.kept_values import KeptValues
from mas_edu.networks.params import Params, as_module, check_has_shape
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


def call_own_train(model: nn.Module) -> None:
    """Call `train()` of modules that have their own: some keep a part of them in eval mode.

    Modules in eval mode stay so.
    """
    frozen = [module for module in model.modules() if not module.training]
    for module in model.modules():
        if type(module).train is not nn.Module.train and module.training:
            module.train()
    for module in frozen:
        module.training = False


def _tensor_attributes(module: nn.Module) -> Params:
    """Return plain attributes that are tensors, such as those of old-style weight norm."""
    return {name: value for name, value in vars(module).items() if isinstance(value, Tensor)}


def _may_write(module: nn.Module) -> bool:
    """Return whether a forward pass may write into weights, as of `max_norm` or unknown code.

    Weights of any other module are not copied: they may be most of the memory there is.
    """
    known = type(module).__module__.startswith(("torch.nn.modules.", "torchvision.", "mas_edu."))
    hooked = module._forward_hooks or module._forward_pre_hooks
    return not known or bool(hooked) or getattr(module, "max_norm", None) is not None


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Borrow a model in eval mode and give it back as it was, also when the block raises.

    Restored are the training mode of each module, weights (an embedding with `max_norm` writes into
    its own), buffers, tensors kept as plain attributes and the random state (see
    `keep_random_state`). `.grad` is not: use `torch.autograd.grad` in the block, which leaves it
    alone.
    """
    modules = list(as_module(model).modules())
    for name, tensor in chain(model.named_parameters(), model.named_buffers()):
        check_has_shape(name, tensor)
    buffers = {module: dict(module._buffers.items()) for module in modules}
    attributes = {module: dict(vars(module)) for module in modules}
    plain = [value for module in modules for value in _tensor_attributes(module).values()]
    weights = [weight for module in modules if _may_write(module) for weight in module.parameters()]
    values = KeptValues([*weights, *model.buffers(), *plain])
    devices = {weight.device for weight in model.parameters() if weight.device.type == "cuda"}
    try:
        draws = may_draw(model, False)
        with settle_after_ctrl_c(model), keep_modes(model), keep_random_state(draws, list(devices)):
            yield model.eval()
    finally:
        for module in modules:  # the same tensor objects, also where one was replaced
            for key, own in buffers[module].items():
                module._buffers[key] = own
            before = attributes[module]
            vars(module).update({n: v for n, v in before.items() if isinstance(v, Tensor)})
            for name in _tensor_attributes(module):
                if name in before:  # such as None, where forward() keeps what it saw last
                    vars(module)[name] = before[name]
                else:
                    delattr(module, name)
        values.restore()
