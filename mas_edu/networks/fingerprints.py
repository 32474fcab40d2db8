"""A fingerprint of a model: equal as long as it computes the same, up to the weights' values.

It has all that the modules hold, and the code of their classes with the values that it reads from
outside. PyTorch's own code is taken as fixed.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
from argparse import Namespace
from collections.abc import Hashable
from dataclasses import is_dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu._common import digest

FIXED = {"torch", "torchvision", "numpy", "mas_edu"} | sys.stdlib_module_names
"""Packages whose code a reader does not change."""
DEEPEST = 8  # containers within containers
PLAIN = (bool, int, float, complex, str, bytes, enum.Enum, type, torch.dtype, torch.device)


class UnknowableError(Exception):
    """A module holds something that cannot be compared with what it was."""


class _Tensors(dict[int, int]):
    """The tensors seen so far, numbered, by identity; `numbers`: those in them count, too."""

    numbers = False


def fingerprint(model: nn.Module, numbers: bool = False) -> Hashable:
    """Return all that makes the model what it is, except the values of weights and buffers.

    `numbers`: with those in tensors that are kept as plain attributes. Two models with one
    fingerprint then differ in nothing but weights and buffers.

    Raises:
        UnknowableError: where a module holds something that cannot be compared.
    """
    tensors = _Tensors()
    tensors.numbers = numbers
    modules: dict[int, int] = {}
    parts: list[Hashable] = []
    for name, module in model.named_modules(remove_duplicate=False):
        parts.append((name, type(module), modules.setdefault(id(module), len(modules))))
        for key, value in vars(module).items():
            if key in ("_modules", "training") or (key.endswith("_hooks") and not value):
                continue
            if key in ("_parameters", "_buffers"):
                parts.append(tuple((k, _of_tensor(v, tensors)) for k, v in value.items()))
            else:
                parts.append((key, _of_value(value, tensors)))
    for kind in dict.fromkeys(k for module in model.modules() for k in type(module).__mro__):
        if issubclass(kind, nn.Module) and not _is_fixed(kind.__module__):
            parts.append((kind, _of_class(kind, tensors)))
    return tuple(parts)


def _is_fixed(module: str) -> bool:
    return module.split(".")[0] in FIXED


def _of_class(kind: type, tensors: _Tensors) -> Hashable:
    """Describe a class: its values and its functions, but for those that make or copy an object."""
    own = {k: v for k, v in vars(kind).items() if not k.startswith("__") or k == "__call__"}
    return tuple(
        (name, _of_value(value.fget if isinstance(value, property) else value, tensors))
        for name, value in own.items()
    )


def _of_tensor(value: Tensor | None, tensors: _Tensors) -> Hashable:
    if value is None:
        return None
    hooked = bool(value._backward_hooks)
    place = tensors.setdefault(id(value), len(tensors))  # the same number: shared
    return place, tuple(value.shape), value.dtype, value.device, value.requires_grad, hooked


def _of_value(value: Any, tensors: _Tensors, depth: int = 0) -> Hashable:
    """Describe a value by something that is equal as long as the value is."""
    if value is None or type(value) in PLAIN or isinstance(value, PLAIN):
        return type(value), value
    if depth > DEEPEST:
        raise UnknowableError
    if isinstance(value, Tensor):
        counts = tensors.numbers and not isinstance(value, nn.Parameter)
        return _of_tensor(value, tensors), digest([value]) if counts else ""

    def inside(part: Any) -> Hashable:
        return _of_value(part, tensors, depth + 1)

    if isinstance(value, dict):
        return type(value), tuple((inside(k), inside(v)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(inside(item) for item in value)
    if isinstance(value, set | frozenset):
        return frozenset(inside(item) for item in value)
    if isinstance(value, types.ModuleType) and _is_fixed(value.__name__):
        return "fixed", id(value)
    if isinstance(value, types.BuiltinFunctionType):
        return "built in", id(value), inside(getattr(value, "__self__", None))
    if isinstance(value, staticmethod | classmethod):
        return inside(value.__func__)
    if isinstance(value, functools.partial):
        return inside(value.func), inside(value.args), inside(value.keywords)
    if isinstance(value, types.FunctionType):
        return _of_function(value, tensors, depth + 1)
    if is_dataclass(value) or isinstance(value, types.SimpleNamespace | Namespace):  # settings
        return _of_class(type(value), tensors), inside(vars(value))
    raise UnknowableError


def _of_function(function: Any, tensors: _Tensors, depth: int) -> Hashable:
    """Describe a function by its code, and by the values that it reads from outside."""
    if _is_fixed(function.__module__ or ""):
        return "fixed", id(function)
    read = [
        (name, _of_value(function.__globals__[name], tensors, depth))
        for name in sorted(_names(function.__code__) & function.__globals__.keys())
    ]
    closure = [_of_value(cell.cell_contents, tensors, depth) for cell in function.__closure__ or ()]
    defaults = (function.__defaults__, function.__kwdefaults__, vars(function))
    return function.__code__, tuple(read), tuple(closure), _of_value(defaults, tensors, depth)


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function reads, with the functions inside it."""
    nested = (const for const in code.co_consts if isinstance(const, types.CodeType))
    return set(code.co_names).union(*(_names(own) for own in nested))
