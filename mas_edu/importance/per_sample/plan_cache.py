"""What was found out about a model, for as long as it stays what it was.

A plan holds for one structure of autograd's graph, which is seen anew with every batch: another
head, another order of layers, another weight shared is another graph. What the graph does not show
is held fast here. A network made of nothing but PyTorch's own modules, without hooks, is known by
its structure. Any other is known as this object, with everything that its modules hold, and what
the functions of their classes read from outside; if any of that cannot be compared, nothing is
remembered.
"""

from __future__ import annotations

import functools
import threading
import types
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mas_edu.importance.per_sample.graph import Use

MOST_STRUCTURES = 32  # networks remembered by structure
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass(frozen=True)
class Plan:
    """The route of each weight, for one structure of the graph."""

    routes: dict[str, str]
    uses: dict[str, list[Use]]
    last: list[int]
    inner: frozenset[int]

    def on(self, route: str) -> list[str]:
        """Return the weights that take this route."""
        return [name for name, taken in self.routes.items() if taken == route]


@dataclass
class Knowledge:
    """What is known of a model with inputs of one kind."""

    bytes_a_sample: int = 0  # that autograd keeps; 0: nothing is known yet
    alone: bool = False  # samples have to be taken one by one
    plans: dict[Hashable, Plan] = field(default_factory=dict)


_lock = threading.Lock()
_by_structure: OrderedDict[Hashable, Knowledge] = OrderedDict()
_by_object: WeakKeyDictionary[nn.Module, tuple[Hashable, Knowledge]] = WeakKeyDictionary()


class UnknowableError(Exception):
    """A module holds something that cannot be compared with what it was."""


def recall(model: nn.Module, x: Tensor) -> Knowledge:
    """Return what is known of the model with such inputs: nothing yet, if it changed."""
    try:
        seen = (fingerprint(model), x.dtype, x.device, x.shape[1:], _settings())
    except UnknowableError:
        return Knowledge()
    with _lock:
        if all(_is_pytorchs(module) for module in model.modules()):
            known = _by_structure.setdefault(seen, Knowledge())
            _by_structure.move_to_end(seen)
            while len(_by_structure) > MOST_STRUCTURES:
                _by_structure.popitem(last=False)
            return known
        before, known = _by_object.get(model, (None, Knowledge()))
        if before != seen:
            known = Knowledge()
            _by_object[model] = seen, known
        return known


def forget() -> None:
    """Forget everything; for tests and measurements."""
    _by_structure.clear()
    _by_object.clear()


def _settings() -> Hashable:
    """Return those settings of PyTorch that choose other kernels."""
    return torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled


def _is_pytorchs(module: nn.Module) -> bool:
    hooked = any(getattr(module, hooks, None) for hooks in HOOKS)
    own = type(module).__module__.startswith("torch.nn.modules.")
    return own and not hooked and "forward" not in vars(module)


def fingerprint(model: nn.Module) -> Hashable:
    """Return all that makes the model what it is, except the values of weights and buffers.

    Raises:
        UnknowableError: where a module holds something that cannot be compared.
    """
    tensors: dict[int, int] = {}
    modules: dict[int, int] = {}
    parts: list[Hashable] = []
    for name, module in model.named_modules(remove_duplicate=False):
        parts.append((name, type(module), modules.setdefault(id(module), len(modules))))
        for key, value in vars(module).items():
            if key in ("_modules", "training") or (key.endswith("_hooks") and not value):
                continue
            if key in ("_parameters", "_buffers"):
                value = {k: _tensor(v, tensors) for k, v in value.items()}
            parts.append((key, _value(value, tensors)))
    for kind in dict.fromkeys(k for module in model.modules() for k in type(module).__mro__):
        if issubclass(kind, nn.Module) and not _is_fixed(kind.__module__):
            parts.append((kind, _class(kind, tensors)))
    return tuple(parts)


def _is_fixed(module: str) -> bool:
    """Tell whether code is PyTorch's, which a reader does not change."""
    return module.split(".")[0] in ("torch", "torchvision")


def _class(kind: type, tensors: dict[int, int]) -> Hashable:
    """Return what a class holds: its functions, but the one that made the model, and its values."""
    held = {name: value for name, value in vars(kind).items() if not name.startswith("__")}
    held |= {name: value for name, value in vars(kind).items() if name == "__call__"}
    return tuple(
        (name, _value(value.fget if isinstance(value, property) else value, tensors))
        for name, value in held.items()
    )


def _tensor(value: Tensor | None, tensors: dict[int, int]) -> Hashable:
    if value is None:
        return None
    hooked = bool(value._backward_hooks)
    place = tensors.setdefault(id(value), len(tensors))  # the same number: shared
    return place, tuple(value.shape), value.dtype, value.device, value.requires_grad, hooked


def _value(value: Any, tensors: dict[int, int], depth: int = 0) -> Hashable:
    """Return something that is equal as long as the value is."""
    if depth > 8:
        raise UnknowableError
    if value is None or isinstance(
        value, bool | int | float | complex | str | bytes | torch.dtype | torch.device | type
    ):
        return type(value), value
    if isinstance(value, Tensor):
        return _tensor(value, tensors)
    if isinstance(value, dict):
        return tuple(
            (_value(k, tensors, depth + 1), _value(v, tensors, depth + 1)) for k, v in value.items()
        )
    if isinstance(value, list | tuple):
        return type(value), tuple(_value(item, tensors, depth + 1) for item in value)
    if isinstance(value, set | frozenset):
        return frozenset(_value(item, tensors, depth + 1) for item in value)
    if isinstance(value, types.ModuleType | types.BuiltinFunctionType):
        return "outside", id(value)
    if isinstance(value, staticmethod | classmethod):
        return _value(value.__func__, tensors, depth + 1)
    if isinstance(value, functools.partial):
        parts = (value.func, value.args, value.keywords)
        return tuple(_value(part, tensors, depth + 1) for part in parts)
    if isinstance(value, types.FunctionType):
        return _function(value, tensors, depth + 1)
    raise UnknowableError


def _function(function: Any, tensors: dict[int, int], depth: int = 1) -> Hashable:
    """Return a function's code, and the values that it reads from outside."""
    if _is_fixed(function.__module__ or ""):
        return "PyTorch's", id(function)
    read: list[tuple[str, Hashable]] = [
        (name, _value(function.__globals__[name], tensors, depth + 1))
        for name in _names(function.__code__)
        if name in function.__globals__
    ]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return (
        function.__code__,
        tuple(read),
        tuple(_value(value, tensors, depth + 1) for value in cells),
        _value(function.__defaults__, tensors, depth + 1),
    )


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function reads, with the functions inside it."""
    inside = (const for const in code.co_consts if isinstance(const, types.CodeType))
    return set(code.co_names).union(*(_names(own) for own in inside))
