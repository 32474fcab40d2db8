"""The trainable weights of a model, by name; only this file walks over `named_parameters`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from mas_edu._common import short_repr

Params = dict[str, Tensor]
"""One tensor per trainable weight, under the name the model gives it."""
STORED = {
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.bool,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
    torch.uint16, torch.uint32, torch.uint64,
}  # fmt: skip
"""The types of numbers that the file of a record can hold."""


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the weights that training changes, by name; a tied weight appears once.

    Raises:
        ValueError: if `model` is no module or has no trainable weight; if a weight has no shape
            yet or no real numbers, or was made under `torch.inference_mode()`.

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
        check_has_shape(name, weight)
        if weight.is_meta or weight.is_complex() or weight.dtype.itemsize == 1:
            found = f"is of {weight.dtype}" if not weight.is_complex() else "is complex"
            found = "is on the device meta, without numbers" if weight.is_meta else found
            raise ValueError(
                f"model: expected weights that are real numbers, found that {name!r} {found}; make "
                "the model on another device, in a float type"
            )
        if weight.is_inference():
            raise ValueError(
                f"model: expected weights that can learn, found that {name!r} was made under "
                "torch.inference_mode(); make the model outside of it"
            )
    return weights


def check_has_shape(name: str, value: Tensor) -> None:
    """Raise if a weight or buffer of a lazy module has no shape yet."""
    if is_lazy(value):
        raise ValueError(
            f"model: expected weights with a shape, found that {name!r} takes its shape from "
            "the first data; call the model on a batch once"
        )


def why_not_plain(value: object) -> str:
    """Say what is in the way of storing a value as an array of numbers; nothing if it can be.

    >>> why_not_plain(torch.zeros(2)), why_not_plain(torch.zeros(2, dtype=torch.complex128))
    ('', 'of torch.complex128')
    """
    if not isinstance(value, Tensor):
        return type(value).__name__
    if value.is_meta:
        return "on the device meta"
    if value.layout != torch.strided or value.is_quantized or value.is_nested:
        kind = "nested" if value.is_nested else value.layout
        return f"{kind} of {value.dtype}"
    return "" if value.dtype in STORED else f"of {value.dtype}"


def whole_state(model: nn.Module) -> Params:
    """Return a copy of all weights and buffers, by name.

    Raises:
        ValueError: if one is not an array of numbers, so that no file of a record could hold it.
    """
    state = model.state_dict()
    for name, value in state.items():
        if found := why_not_plain(value):
            raise ValueError(
                f"model: expected a state_dict() of plain tensors with numbers, found that "
                f"{name!r} is {found}; register it with persistent=False, or make it dense and of "
                "another type"
            )
    return {name: value.detach().clone() for name, value in state.items()}


def load_whole_state(model: nn.Module, state: Params) -> None:
    """Copy the values of `whole_state` back into the model.

    PyTorch's own `load_state_dict` looks at all names once for each module: 1,500 layers take it
    seconds. It is used where a module may have its own way of loading.
    """
    own: Params = dict(model.named_parameters(remove_duplicate=False))
    own |= dict(model.named_buffers(remove_duplicate=False))
    known = all(name in own and own[name].shape == value.shape for name, value in state.items())
    if not known or any(map(_loads_in_its_own_way, model.modules())):
        model.load_state_dict(state)
        return
    with torch.no_grad():
        for name, value in state.items():
            if not torch.equal(own[name], value):  # some buffers cannot be written
                own[name].copy_(value)


def _loads_in_its_own_way(module: nn.Module) -> bool:
    own = type(module)._load_from_state_dict is not nn.Module._load_from_state_dict
    hooked = module._load_state_dict_pre_hooks or module._load_state_dict_post_hooks
    return bool(hooked) or (own and not type(module).__module__.startswith("torch.nn"))


def float_buffers(model: nn.Module) -> Params:
    """Return copies of the buffers that are no integers, by name.

    Left out are the vectors of spectral norm: they follow the weights, not the data.
    """
    return {
        f"{path}.{name}" if path else name: buffer.detach().clone()
        for path, module in model.named_modules()
        if not type(module).__module__.startswith("torch.nn.utils")
        for name, buffer in module.named_buffers(recurse=False)
        if buffer.is_floating_point()
        and buffer.layout == torch.strided
        and not hasattr(module, f"{name.rpartition('_')[0]}_orig")
    }


def check_finite_weights(model: nn.Module) -> None:
    """Raise if a trainable weight is NaN or infinite."""
    for name, weight in trainable(model).items():
        if not bool(torch.isfinite(weight).all()):
            raise ValueError(f"model: expected finite weights, found NaN or infinity in {name!r}")


def check_own_memory(model: nn.Module) -> None:
    """Raise if something else in the model looks at the memory of a trainable weight."""
    places = {
        weight.data_ptr(): (name, weight)
        for name, weight in trainable(model).items()
        if weight.numel()
    }
    for path, module in model.named_modules():
        there = (module._parameters, module._buffers, vars(module))
        for name, value in chain.from_iterable(own.items() for own in there):
            if not isinstance(value, Tensor) or not _is_in_memory(value):
                continue
            other, weight = places.get(value.data_ptr(), ("", value))
            if weight is not value:
                where = f"{path}.{name}" if path else name
                raise ValueError(
                    f"model: expected memory of its own for {other!r}, but {where!r} shares it; "
                    "register one nn.Parameter under both names, or compute it in forward()"
                )


def _is_in_memory(value: Tensor) -> bool:
    return (
        value.layout == torch.strided
        and not value.is_meta
        and not is_lazy(value)
        and bool(value.numel())
    )


def snapshot(model: nn.Module) -> Params:
    """Return a copy of the trainable weights, which later training does not change.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> before = snapshot(layer)
    >>> _ = nn.init.constant_(layer.weight, 7.0)
    >>> bool(before["weight"] == layer.weight)
    False
    """
    return {name: weight.detach().clone() for name, weight in trainable(model).items()}


def flatten(params: Mapping[str, Tensor]) -> Tensor:
    """Concatenate all tensors, in their order, to one flat vector, `[n]`."""
    return torch.cat([value.detach().flatten() for value in params.values()])


def unflatten(model: nn.Module, vector: Tensor) -> Params:
    """Return views into a flat vector, `[n]`, under the names and in the shapes of the weights.

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
    """Return the model, or raise if it is no `nn.Module`."""
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: expected an nn.Module, such as me.mlp(), got {short_repr(model)}")
    return model


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the model's first weight; the CPU if it has none."""
    first = next(as_module(model).parameters(), None)
    return torch.device("cpu") if first is None else first.device
