"""Checks of arguments; each error names the argument, what was expected and what was found."""

from __future__ import annotations

import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
USER_ERRORS = (Exception, SystemExit)  # what code of the user's may raise; Ctrl-C is none of it
MOST_JOBS = 10_000  # no machine has so many cores


def as_int(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return `value` as an int from `least` to `most`; 2.0 becomes 2, but 2.5, True, "2" raise.

    >>> as_int("tasks", 2.5, least=1)
    Traceback (most recent call last):
    ValueError: tasks: expected a whole number of at least 1, got 2.5
    """
    try:
        good = not _is_flag_or_text(value) and int(value) == value >= least
    except (TypeError, ValueError, OverflowError, RuntimeError):
        good = False
    if not good:
        raise ValueError(
            f"{name}: expected a whole number of at least {least}, got {short_repr(value)}"
        )
    if most is not None and value > most:
        raise ValueError(f"{name}: expected at most {most:,}, got {short_repr(value)}; take fewer")
    return int(value)


def is_iterable(value: object) -> TypeGuard[Iterable[Any]]:
    """Return whether the value can be iterated over; a tensor without dimensions cannot.

    >>> is_iterable([1]), is_iterable(np.array(1)), is_iterable(np.array([1]))
    (True, False, True)
    """
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) != 0


def is_masked(value: Any) -> bool:
    """Return whether a masked array of NumPy, or one in a list, has values that are masked.

    >>> is_masked([np.ma.array([1.0, 2.0], mask=[True, False])]), is_masked(np.ma.array([1.0]))
    (True, False)
    """
    if isinstance(value, tuple | list):
        return any(map(is_masked, value))
    return isinstance(value, np.ma.MaskedArray) and bool(np.ma.is_masked(value))


def as_ints(name: str, values: Any, least: int) -> list[int]:
    """Return several values, such as the sizes of layers, as ints of at least `least`.

    >>> as_ints("sizes", 64, least=1)
    Traceback (most recent call last):
    ValueError: sizes: expected several whole numbers, got 64
    """
    if isinstance(values, str | bytes | Mapping) or not is_iterable(values):
        raise ValueError(f"{name}: expected several whole numbers, got {short_repr(values)}")
    return [as_int(name, value, least) for value in values]


def as_text(name: str, value: Any, such_as: str = "") -> str:
    """Return `value` if it is a text that is not empty.

    >>> as_text("names", 3, "upright")
    Traceback (most recent call last):
    ValueError: names: expected a text, such as 'upright', got 3
    """
    if not isinstance(value, str) or not value:
        example = f", such as {such_as!r}," if such_as else ","
        raise ValueError(f"{name}: expected a text{example} got {short_repr(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a pair of UTF-16, which no file can hold
        raise ValueError(f"{name}: expected a text without broken letters, got {value!r}") from None
    return value


def as_list(name: str, values: Any) -> list[Any]:
    """Return the values as a list that is not empty.

    >>> as_list("lams", 0.1)
    Traceback (most recent call last):
    ValueError: lams: expected several, such as [0.1], got 0.1
    """
    try:
        found = None if isinstance(values, str | bytes) else list(values)
    except TypeError:  # a 0-d array or tensor has __iter__, which raises
        found = None
    if found is None:
        single = isinstance(values, int | float)
        example = f", such as [{short_repr(values)}]" if single else " in a list"
        raise ValueError(f"{name}: expected several{example}, got {short_repr(values)}")
    if not found:
        raise ValueError(f"{name}: expected at least one, got none")
    return found


def as_numbers(name: str, values: Any, dimensions: int, such_as: str) -> NDArray[np.float64]:
    """Return the values as an array of at least so many dimensions; it may hold NaN.

    >>> as_numbers("images", "cat", 3, "[N, H, W]")
    Traceback (most recent call last):
    ValueError: images: expected numbers, [N, H, W], got 'cat'
    """
    try:
        text = values is None or isinstance(values, str | bytes)
        values = np.ma.array(values, dtype=float).filled(np.nan) if is_masked(values) else values
        found = None if text else np.asarray(values, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        found = None
    if found is None or found.ndim < dimensions:
        raise ValueError(f"{name}: expected numbers, {such_as}, got {short_repr(values)}")
    return found


def as_seed(value: Any, name: str = "seed") -> int:
    """Return `value` as a seed: a whole number that every generator takes."""
    if as_int(name, value, least=0) >= 2**63:
        raise ValueError(
            f"{name}: expected a whole number below 2 to the 63rd, got {short_repr(value)}"
        )
    return int(value)


def as_job_count(name: str, value: Any) -> int:
    """Return a number of processes; a negative one as in joblib: −1 is one on each core.

    >>> as_job_count("jobs", 0)
    Traceback (most recent call last):
    ValueError: jobs: expected a number of processes, or -1 for one on each core, got 0
    """
    try:
        jobs = as_int(name, value, -MOST_JOBS, MOST_JOBS)
    except ValueError:
        jobs = 0
    if jobs == 0:
        raise ValueError(
            f"{name}: expected a number of processes, or -1 for one on each core, "
            f"got {short_repr(value)}"
        )
    return jobs


def as_float(name: str, value: Any, least: float = 0.0, above: bool = False) -> float:
    """Return `value` as a finite float of at least `least` (with `above`: above it).

    >>> as_float("lam", -1)
    Traceback (most recent call last):
    ValueError: lam: expected a finite number of at least 0, got -1
    """
    try:
        good = not _is_flag_or_text(value) and math.isfinite(value)
        good = good and (value > least if above else value >= least)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        good = False
    if not good:
        bound = "" if least == -math.inf else f" {'above' if above else 'of at least'} {least:g}"
        raise ValueError(f"{name}: expected a finite number{bound}, got {short_repr(value)}")
    return float(value)


def as_flag(name: str, value: Any) -> bool:
    """Return `value` as True or False, as an `if` takes it.

    >>> as_flag("progress", 1), as_flag("progress", None)
    (True, False)
    """
    try:
        return bool(value)
    except Exception as error:  # of several numbers, it says
        raise ValueError(f"{name}: expected True or False, got {short_repr(value)}") from error


def as_choice(name: str, value: Any, choices: Iterable[str]) -> str:
    """Return `value` if it is among `choices`; otherwise raise and suggest the nearest.

    >>> as_choice("dataset", "minst", ["digits", "mnist"])
    Traceback (most recent call last):
    ValueError: dataset: expected one of digits, mnist, got 'minst'; did you mean 'mnist'?
    """
    choices = list(choices)
    if isinstance(value, str) and value in choices:
        return value
    lowered = {choice.lower(): choice for choice in choices}
    given = value.lower() if isinstance(value, str) else ""
    near = difflib.get_close_matches(given, lowered, n=1, cutoff=0.5)
    hint = f"; did you mean {lowered[near[0]]!r}?" if near else ""
    listed = map(repr, choices) if any("," in choice for choice in choices) else choices
    raise ValueError(f"{name}: expected one of {', '.join(listed)}, got {short_repr(value)}{hint}")


def as_instance(name: str, value: Any, kind: type[T], such_as: str) -> T:
    """Return `value` if it is an instance of `kind`; otherwise raise and show an example.

    >>> as_instance("method", "MAS", float, "me.MAS()")
    Traceback (most recent call last):
    ValueError: method: expected a float, such as me.MAS(), got 'MAS'
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise ValueError(
            f"{name}: expected {article} {kind.__name__}, such as {such_as}, "
            f"got {short_repr(value)}"
        )
    return value


def short_repr(value: Any) -> str:
    """Return the value's `repr` on one line of at most 60 characters, for error messages."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an object of the user's may be half made
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def as_stop(stop: Any) -> Callable[[], bool]:
    """Return the function that is asked whether to stop, checked: it takes no arguments.

    >>> as_stop("now")
    Traceback (most recent call last):
    ValueError: stop: expected a function that returns True to stop, got 'now'
    """
    takes_none = callable(stop) and not isinstance(stop, type)
    if takes_none:
        with suppress(ValueError):  # something built in has no signature
            try:
                inspect.signature(stop).bind()
            except TypeError:
                takes_none = False
    if not takes_none:
        form = "a function without arguments" if callable(stop) else "a function"
        hint = "; give its is_set" if hasattr(stop, "is_set") else ""
        raise ValueError(
            f"stop: expected {form} that returns True to stop, got {short_repr(stop)}{hint}"
        )
    asked: Callable[[], bool] = stop
    return asked


def first_line(error: BaseException) -> str:
    """Return what an error says first, of at most 150 characters; its type if it says nothing."""
    said = next(iter(str(error).splitlines()), "")
    named = not said or isinstance(error, SystemExit)  # of the latter, a number says little
    return (f"{type(error).__name__} {said}".strip() if named else said)[:150]


def _is_flag_or_text(value: Any) -> bool:
    """Return whether a value is a boolean, a text or complex: elsewhere taken for a number."""
    odd = re.search("bool|complex", str(getattr(value, "dtype", "")))
    return isinstance(value, bool | str | bytes) or odd is not None
