"""Plain data: what an answer came to, as JSON; nothing in it can run when it is read again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AnySet
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mas_edu._common import short_repr
from mas_edu.methods import Anchor
from mas_edu.results import Record

TAG = "#"  # the key of an encoded value that JSON has no form for
MOST = 200_000  # numbers in one value
DEEPEST = 12  # dicts in dicts
RELATIVE, ABSOLUTE = 1e-4, 1e-5  # what float32 may differ by; the second of the largest entry
Json = Any


@dataclass(frozen=True)
class Unknown:
    """A value of a type that no check reads."""

    type: str

    def __repr__(self) -> str:
        return self.type


def encode(value: Any, depth: int = 0) -> Json:
    """Return a value as JSON: numbers, texts, arrays, tensors, lists, dicts, sets, records.

    >>> encode({"a": torch.ones(2)})
    {'#': 'dict', 'items': [['a', {'#': 'numbers', 'shape': [2], 'values': [1.0, 1.0]}]]}
    >>> decode(encode([[1, 2], [3, 4]])).shape
    (2, 2)
    """
    if value is None or isinstance(value, bool | str):
        return value[:MOST] if isinstance(value, str) else value
    if isinstance(value, int | float):
        return float(value) if abs(value) < 2**1000 or isinstance(value, float) else math.inf
    if depth > DEEPEST:
        return _unknown(value)
    if isinstance(value, Record):
        return encode(_record(value), depth + 1)
    if isinstance(value, Anchor):
        return encode({"theta": value.theta, "omega": value.omega}, depth + 1)
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        return _numbers(value)
    if isinstance(value, Mapping):
        return {
            TAG: "dict",
            "items": [[encode(k), encode(v, depth + 1)] for k, v in _some(value.items())],
        }
    if isinstance(value, AnySet):
        return {TAG: "set", "items": sorted((encode(one) for one in _some(value)), key=repr)}
    if isinstance(value, list | tuple):
        return _list(value, depth)
    return _unknown(value)


def decode(value: Json) -> Any:
    """Return what `encode` was given, as floats, NumPy arrays, texts, lists, dicts and sets."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, dict):
        return value
    kind = value[TAG]
    if kind == "numbers":
        found = np.array(value["values"], float).reshape(value["shape"])
        return float(found) if found.ndim == 0 else found
    if kind == "dict":
        return {_key(decode(key)): decode(one) for key, one in value["items"]}
    if kind == "unknown":
        return Unknown(str(value["type"]))
    items = [decode(one) for one in value["items"]]
    return {_key(item) for item in items} if kind == "set" else items


def is_same(expected: Any, found: Any) -> bool:
    """Return whether two decoded values agree, numbers within the rounding of float32.

    >>> is_same({"a": 1.0}, {"a": 1.00001}), is_same(1.0, 1.01), is_same(1.0, "1")
    (True, False, False)
    """
    if _is_numeric(expected) and _is_numeric(found):
        first, second = np.asarray(expected, float), np.asarray(found, float)
        if first.shape != second.shape:
            return False
        finite = np.abs(first[np.isfinite(first)])
        slack = ABSOLUTE * float(finite.max(initial=0.0))
        return bool(np.allclose(second, first, rtol=RELATIVE, atol=slack, equal_nan=True))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(
            is_same(value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(found, list):
        pairs = zip(expected, found, strict=False)
        return len(expected) == len(found) and all(is_same(*pair) for pair in pairs)
    return type(expected) is type(found) and bool(expected == found)


def _is_numeric(value: Any) -> bool:
    return isinstance(value, bool | float | int | np.ndarray)


def _key(value: Any) -> Any:
    """Return a decoded value as one that can be a key: 1.0 is 1, a pair of numbers is a tuple."""
    if isinstance(value, np.ndarray):
        return tuple(value.tolist())
    return value if isinstance(value, str | float | bool | None) else repr(value)


def _some(values: Any) -> list[Any]:
    found = list(values)
    if len(found) > MOST:
        raise ValueError(f"expected at most {MOST:,} values, got {len(found):,}")
    return found


def _numbers(value: Any) -> Json:
    if isinstance(value, torch.Tensor):
        if value.numel() > MOST or value.is_complex() or value.layout != torch.strided:
            return _unknown(value)
        value = value.detach().to("cpu", torch.float64).numpy()
    found = np.asarray(value)
    if found.ndim == 0 and found.dtype.kind == "U":
        return encode(found.item())
    if found.size > MOST or found.dtype.kind not in "biuf":
        return _unknown(value)
    numbers = [float(one) for one in found.ravel().tolist()]
    return {TAG: "numbers", "shape": list(found.shape), "values": numbers}


def _list(values: Any, depth: int) -> Json:
    """Return a list as an array, if it holds rows of numbers of one length."""
    items = [encode(one, depth + 1) for one in _some(values)]
    shapes = {_shape(item) for item in items}
    if len(shapes) == 1 and None not in shapes:
        (shape,) = shapes
        flat = [one for item in items for one in _flat(item)]
        return {TAG: "numbers", "shape": [len(items), *shape], "values": flat}  # type: ignore[misc]
    return {TAG: "list", "items": items}


def _shape(item: Json) -> tuple[int, ...] | None:
    if isinstance(item, float):
        return ()
    return tuple(item["shape"]) if isinstance(item, dict) and item[TAG] == "numbers" else None


def _flat(item: Json) -> list[float]:
    return [item] if isinstance(item, float) else item["values"]


def _record(record: Record) -> dict[str, Any]:
    return {
        "settings": record.settings,
        "accuracy": record.accuracy,
        "validation": record.validation,
        "complete": record.complete,
    }


def _unknown(value: Any) -> Json:
    kind = type(value)
    text = short_repr(value) if kind.__module__ == "builtins" else ""
    return {TAG: "unknown", "type": f"{kind.__module__}.{kind.__qualname__} {text}".strip()}
