"""Words for values: what was given, what was expected, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import nn

from mas_edu._common import short_repr
from mas_edu.classroom.plain_data import RELATIVE, Unknown, decode, encode, is_same

FEW = 6  # entries that are written out
SHORT = 100  # letters of a list or dict that is written out


def describe_case(case: dict[str, Any]) -> str:
    """Return the inputs of a case in words, small ones in full.

    >>> describe_case({"lr": 0.1, "x": np.ones((7, 3))})
    'lr = 0.1, x of shape (7, 3)'
    """
    return ", ".join(_described(name, value) for name, value in case.items())


def describe(value: Any) -> str:
    """Return a decoded value in words.

    >>> describe(0.5), describe(np.zeros((3, 3))), describe({"a": 1.0})
    ('0.5', 'numbers of shape (3, 3)', '{a: 1}')
    """
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, float | int):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray):
        if value.size > FEW:
            return f"numbers of shape {value.shape}"
        return _bracketed(value.tolist())
    if isinstance(value, dict) and len(value) <= FEW:
        return "{" + ", ".join(f"{key}: {describe(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list) and len(value) <= FEW:
        return "[" + ", ".join(describe(one) for one in value) + "]"
    return short_repr(value)


def form_problem(expected: Any, found: Any, what: str = "the result") -> str:
    """Return in words how a decoded value differs from another in form; nothing if it does not.

    Form is type, names, shapes, and whether all numbers are finite.

    >>> form_problem(np.zeros(2), np.zeros((2, 1)))
    'the result: expected numbers of shape (2,), got shape (2, 1)'
    """
    if isinstance(expected, dict):
        return _dict_problem(expected, found, what)
    if isinstance(expected, bool | float | int | np.ndarray):
        return _number_problem(expected, found, what)
    if isinstance(expected, list) and isinstance(found, list | np.ndarray):
        if len(expected) != len(found):
            return f"{what}: expected {len(expected)} entries, got {len(found)}"
        items = [decode(encode(one)) for one in found]
        pairs = enumerate(zip(expected, items, strict=True))
        return next(filter(None, (form_problem(*pair, f"{what}[{k}]") for k, pair in pairs)), "")
    if type(expected) is not type(found):
        return f"{what}: expected {_kind(expected)}, got {describe(found)}"
    return ""


def first_difference(expected: Any, found: Any) -> str:
    """Return "expected …, got …" for the first entry in which two values of one form differ.

    >>> first_difference({"a": np.array([1.0, 2.0])}, {"a": np.array([1.0, 3.0])})
    "['a']: expected [1, 2], got [1, 3]"
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key in found and not is_same(value, found[key]):
                return _prefixed(f"[{key!r}]", first_difference(value, found[key]))
    large = isinstance(expected, np.ndarray) and expected.size > FEW
    if large and isinstance(found, np.ndarray) and expected.shape == found.shape:
        off = np.argwhere(~np.isclose(found, expected, rtol=RELATIVE, equal_nan=True))
        place = tuple(int(k) for k in (*off, np.zeros(expected.ndim))[0])
        values = f"expected {describe(expected[place])}, got {describe(found[place])}"
        return f"[{', '.join(map(str, place))}]: {values}"
    return f"expected {describe(expected)}, got {describe(found)}"


def _prefixed(place: str, words: str) -> str:
    return f"{place}{words}" if words.startswith("[") else f"{place}: {words}"


def _dict_problem(expected: dict[Any, Any], found: Any, what: str) -> str:
    if not isinstance(found, dict):
        return f"{what}: expected a dict with {_names(expected)}, got {describe(found)}"
    if missing := [key for key in expected if key not in found]:
        return f"{what}: expected {_names(expected)}; {_names(missing)} missing"
    if extra := [key for key in found if key not in expected]:
        return f"{what}: expected {_names(expected)}; {_names(extra)} should not be there"
    problems = (form_problem(one, found[key], f"{what}[{key!r}]") for key, one in expected.items())
    return next(filter(None, problems), "")


def _number_problem(expected: Any, found: Any, what: str) -> str:
    shape = np.shape(expected)
    wanted = f"numbers of shape {shape}" if shape else "a number"
    if isinstance(expected, bool):
        wanted = "True or False"
    if not isinstance(found, bool | float | int | np.ndarray):
        return f"{what}: expected {wanted}, got {describe(found)}"
    if np.shape(found) != shape:
        return f"{what}: expected {wanted}, got {_shape_words(found)}"
    if np.isfinite(expected).all() and not np.isfinite(found).all():
        return f"{what}: expected finite numbers, got {describe(found)} with NaN or infinity in it"
    return ""


def _shape_words(found: Any) -> str:
    shape = np.shape(found)
    return f"shape {shape}" if shape else f"the number {describe(found)}"


def _names(keys: Any) -> str:
    shown = [str(key) for key in keys]
    rest = f" and {len(shown) - FEW} more" if len(shown) > FEW else ""
    return ", ".join(shown[:FEW]) + rest


def _kind(value: Any) -> str:
    kinds = {str: "a text", list: "a list", set: "a set", type(None): "None"}
    return kinds.get(type(value), "another value")


def _bracketed(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_bracketed, value)) + "]"
    return describe(value)


def _described(name: str, value: Any) -> str:
    if isinstance(value, nn.Module):
        sizes = [" × ".join(map(str, weight.shape)) for weight in value.parameters()]
        return f"{name}: a network with weights {', '.join(sizes)}"
    plain = decode(encode(value))
    if isinstance(plain, np.ndarray) and plain.size > FEW:
        return f"{name} of shape {plain.shape}"
    if isinstance(plain, list) and len(plain) > FEW:
        return f"{name} with {len(plain)} entries"
    words = describe(plain)
    if isinstance(plain, float | bool | str | np.ndarray) or len(words) <= SHORT:
        return f"{name} = {words}" if not isinstance(plain, Unknown) else _typed(name, value)
    if isinstance(value, Mapping):
        return f"{name} with {_names(value)}"
    return f"{name} with {len(value)} entries" if isinstance(value, list) else _typed(name, value)


def _typed(name: str, value: Any) -> str:
    return f"{name}: a function" if callable(value) else f"{name} ({type(value).__name__})"
