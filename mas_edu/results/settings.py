"""Settings as their file gives them back, for comparing records that were loaded with new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def as_stored(value: Any) -> Any:
    """Return settings as JSON keeps them: lists for tuples, texts for keys, None for NaN.

    Infinity becomes None, too. What JSON does not know is left as it is.

    Raises:
        TypeError: if a key is neither a text nor a number, or two keys become the same text.

    >>> as_stored({1: (0.5, float("nan"))})
    {'1': [0.5, None]}
    """
    if isinstance(value, Mapping):
        found = {_as_key(key): as_stored(item) for key, item in value.items()}
        if len(found) < len(value):
            raise TypeError("two keys of a dict are the same text")
        return found
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def settings_text(value: Any) -> str:
    """Return a text that is the same for equal settings, also after they were stored.

    >>> settings_text({"a": (1, 2), 3: None}) == settings_text({"3": None, "a": [1, 2]})
    True
    """
    try:
        return json.dumps(as_stored(value), sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):  # settings that no file could hold
        return repr(value)


def same_settings(one: Any, other: Any) -> bool:
    """Return whether two settings are equal, also if one of them was stored meanwhile."""
    return settings_text(one) == settings_text(other)


def _as_key(key: Any) -> str:
    """Return the key of a dict as JSON writes it."""
    if isinstance(key, str):
        return key
    if not isinstance(key, int | float | None):
        raise TypeError(f"a key of a dict is of type {type(key).__name__}")
    return json.dumps(key)
