"""Checks of what the reader passes in; each failure names the argument and says what to do."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import Any


def whole(name: str, value: Any, least: int) -> int:
    """`value` as an int that is at least `least`; 2.0 counts as 2, 2.5, True and "2" do not.

    >>> whole("tasks", 2.5, least=1)
    Traceback (most recent call last):
    ValueError: tasks: expected a whole number of at least 1, got 2.5
    """
    try:
        good = not isinstance(value, bool | str) and int(value) == value >= least
    except (TypeError, ValueError, OverflowError):
        good = False
    if not good:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def number(name: str, value: Any, least: float = 0.0, above: bool = False) -> float:
    """`value` as a finite float that is at least `least` (with `above`: more than it).

    >>> number("lam", -1)
    Traceback (most recent call last):
    ValueError: lam: expected a finite number of at least 0, got -1
    """
    try:
        good = not isinstance(value, bool | str) and math.isfinite(value)
        good = good and (value > least if above else value >= least)
    except (TypeError, ValueError):
        good = False
    if not good:
        bound = "above" if above else "of at least"
        raise ValueError(f"{name}: expected a finite number {bound} {least:g}, got {value!r}")
    return float(value)


def one_of(name: str, value: Any, choices: Iterable[str]) -> str:
    """`value` if it is among `choices`; otherwise the error suggests the nearest of them.

    >>> one_of("dataset", "minst", ["digits", "mnist"])
    Traceback (most recent call last):
    ValueError: dataset: expected one of digits, mnist, got 'minst'; did you mean 'mnist'?
    """
    choices = list(choices)
    if isinstance(value, str) and value in choices:
        return value
    lowered = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(str(value).lower(), lowered, n=1, cutoff=0.5)
    hint = f"; did you mean {lowered[near[0]]!r}?" if near else ""
    raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {value!r}{hint}")
