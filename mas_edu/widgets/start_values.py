"""Start values of a figure's controls: checked before there are any, and written as code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from mas_edu._common import as_choice, as_float, as_int, short_repr

Option = TypeVar("Option")
MOST_SEED = 9999  # that the control of a seed has room for


def start_choice(name: str, value: Any, options: Iterable[Option]) -> Option:
    """Return the option that equals the value.

    >>> start_choice("turn", 50, [30, 60, 90])
    Traceback (most recent call last):
    ValueError: turn: expected one of 30, 60, 90, got 50
    """
    options = list(options)
    for option in options:
        if _equal(value, option):
            return option
    words = [option if isinstance(option, str) else short_repr(option) for option in options]
    if words == options:
        as_choice(name, value, words)  # names the nearest, too
    raise ValueError(f"{name}: expected one of {', '.join(words)}, got {short_repr(value)}")


def start_whole(name: str, value: Any, least: int, most: int) -> int:
    """Return the value as an int that lies between both ends.

    >>> start_whole("seed", 20000, 0, MOST_SEED)
    Traceback (most recent call last):
    ValueError: seed: expected a whole number from 0 to 9999, got 20000
    """
    try:
        return as_int(name, value, least, most)
    except ValueError:
        raise ValueError(
            f"{name}: expected a whole number from {least} to {most}, got {short_repr(value)}"
        ) from None


def start_number(name: str, value: Any, least: float, most: float) -> float:
    """Return the value as a float that lies between both ends.

    >>> start_number("spread", -1, 0.05, 1.75)
    Traceback (most recent call last):
    ValueError: spread: expected a number from 0.05 to 1.75, got -1
    """
    try:
        number = as_float(name, value, least)
    except ValueError:
        number = float("inf")
    if number > most:
        raise ValueError(
            f"{name}: expected a number from {least:g} to {most:g}, got {short_repr(value)}"
        )
    return number


def number_code(value: float) -> str:
    """Return a number as code from which the same number comes back.

    >>> number_code(0.5), number_code(1.0), number_code(1e6), number_code(0.1234567)
    ('0.5', '1', '1e+06', '0.1234567')
    """
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _equal(value: Any, option: object) -> bool:
    """Return whether both are equal; an array of several numbers is equal to none."""
    try:
        return bool(value == option)
    except Exception:  # an object of the user's may raise anything
        return False
