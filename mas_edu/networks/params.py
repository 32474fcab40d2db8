"""The only walk over a model's weights: everything else speaks of `Params`, weights by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from mas_edu._common import short_repr

Params = dict[str, Tensor]
"""One tensor per trainable weight, under the name the model gives it."""


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """The weights that training changes, by name; a weight that is tied appears once.

    Raises:
        ValueError: if every weight is frozen, or there is none, or `model` is no module; if a
            weight has no shape yet, or was made where nothing can learn.

    >>> sorted(trainable(nn.Linear(3, 2)))
    ['bias', 'weight']
    """
    as_module(model)
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    if not weights:
        raise ValueError(
            "model: expected at least one trainable weight, found none; "
            "set requires_grad=True on the weights that should learn"
        )
    for name, weight in weights.items():
        if is_lazy(weight):
            raise ValueError(
                f"model: expected weights with a shape, found that {name!r} takes its shape from "
                "the first data; call the model on a batch once"
            )
        if weight.is_inference():
            raise ValueError(
                f"model: expected weights that can learn, found that {name!r} was made under "
                "torch.inference_mode(); make the model outside of it"
            )
    return weights


def check_finite_weights(model: nn.Module) -> None:
    """Raise if a trainable weight is NaN or infinite."""
    for name, weight in trainable(model).items():
        if not bool(torch.isfinite(weight).all()):
            raise ValueError(f"model: expected finite weights, found NaN or infinity in {name!r}")


def snapshot(model: nn.Module) -> Params:
    """A copy of the trainable weights, cut off from the model: later training leaves it alone.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> before = snapshot(layer)
    >>> _ = nn.init.constant_(layer.weight, 7.0)
    >>> bool(before["weight"] == layer.weight)
    False
    """
    return {name: weight.detach().clone() for name, weight in trainable(model).items()}


def flatten(params: Mapping[str, Tensor]) -> Tensor:
    """All tensors as one flat vector, `[n]`, in their order."""
    return torch.cat([value.detach().flatten() for value in params.values()])


def unflatten(model: nn.Module, vector: Tensor) -> Params:
    """A flat vector over the trainable weights, `[n]`, by name: views into it.

    >>> unflatten(nn.Linear(1, 1), torch.tensor([3.0, 4.0]))
    {'weight': tensor([[3.]]), 'bias': tensor([4.])}
    """
    weights = trainable(model)
    parts = vector.split([weight.numel() for weight in weights.values()])
    return {
        name: part.view(weight.shape)
        for (name, weight), part in zip(weights.items(), parts, strict=True)
    }


def as_module(model: object) -> nn.Module:
    """The model, if it is one."""
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: expected an nn.Module, such as me.mlp(), got {short_repr(model)}")
    return model


def device_of(model: nn.Module) -> torch.device:
    """Where the model lives: the device of its first weight."""
    first = next(as_module(model).parameters(), None)
    return torch.device("cpu") if first is None else first.device


def check_logits(model: nn.Module, x: Tensor) -> Tensor:
    """The logits of a few samples, `[N, C]`, without a graph: does the model fit the data?

    Raises:
        ValueError: if the model cannot be applied to them, or gives something else than logits.
    """
    try:
        with torch.no_grad():
            outputs = model(x)
        torch.clear_autocast_cache()  # PyTorch 2.5–2.9 would use its casts, without gradients, on
    except Exception as error:  # whatever a model may raise: it comes along as the cause
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise ValueError(
            f"model: cannot be applied to {len(x)} of the inputs, each {tuple(x.shape[1:])} of "
            f"{x.dtype} ({reason[:150]}); {remedy(x, error)}"
        ) from error
    good = (
        isinstance(outputs, Tensor)
        and outputs.is_floating_point()
        and outputs.ndim == 2
        and len(outputs) == len(x)
        and outputs.shape[1] > 0
    )
    if not good:
        found = type(outputs).__name__
        if isinstance(outputs, Tensor):
            found = f"{tuple(outputs.shape)} of {outputs.dtype}"
        raise ValueError(
            f"model: expected one row of logits for each sample, [N, C], got {found} for {len(x)}; "
            "flatten the output, or wrap the model in a module that returns its logits"
        )
    logits: Tensor = outputs
    return logits


def remedy(x: Tensor, error: Exception) -> str:
    """What to do when a model cannot be applied to these inputs, as far as they and it tell."""
    if x.dtype == torch.uint8:
        return "if they are grey values, give x.float() / 255"
    if "indices" in str(error):
        return "an embedding needs whole numbers: give x.long(), to me.stream in a me.Task"
    return "do model and data belong together?"


@contextmanager
def keep_modes(model: nn.Module) -> Iterator[None]:
    """Whatever train() and eval() do in the block: each module has its own mode back after it."""
    flags = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, flag in flags.items():
            module.training = flag


def _loose(module: nn.Module) -> Params:
    """Tensors that are neither weights nor buffers, such as what old-style weight norm makes."""
    return {name: value for name, value in vars(module).items() if isinstance(value, Tensor)}


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Borrow a model in eval mode; give it back as it was.

    Training flags (module by module), buffers, tensors kept as plain attributes and the random
    state are restored, also when the body raises. `.grad` is not touched here: whoever borrows
    uses `torch.autograd.grad`.
    """
    modules = list(as_module(model).modules())
    buffers = {module: dict(module._buffers.items()) for module in modules}
    loose = {module: _loose(module) for module in modules}
    values = {buffer: buffer.clone() for buffer in model.buffers()}
    devices = {weight.device for weight in model.parameters() if weight.device.type == "cuda"}
    try:
        with keep_modes(model), torch.random.fork_rng(devices=list(devices)):
            yield model.eval()
    finally:
        for module in modules:  # the very tensors, should one be replaced
            for name, buffer in buffers[module].items():
                module._buffers[name] = buffer
            for name in _loose(module).keys() - loose[module].keys():
                delattr(module, name)
            vars(module).update(loose[module])
        with torch.no_grad():
            for buffer, value in values.items():
                buffer.copy_(value)
