"""Checks of what a record is made of, and of the run that it is measured against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from mas_edu._common import is_iterable, is_masked, short_repr
from mas_edu.networks import Params, why_not_plain
from mas_edu.results.settings import same_settings, settings_text

if TYPE_CHECKING:
    from mas_edu.results.record import Record


def as_locked(name: str, values: ArrayLike, kind: type = float) -> NDArray[Any]:
    """Return a copy of the numbers that cannot be written to."""
    array: NDArray[Any]
    try:
        plain = values.detach().cpu().double().numpy() if isinstance(values, Tensor) else values
        if np.iscomplexobj(plain):
            raise TypeError("complex")
        if is_masked(plain):  # not measured
            plain = np.ma.array(plain, dtype=float).filled(np.nan)
        with np.errstate(invalid="ignore"):
            array = np.array(plain, dtype=kind)  # a copy: the caller's array stays theirs
        if kind is int and not np.array_equal(array, plain):
            raise TypeError("not whole")
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:  # the last of PyTorch
        ragged = "; fill rows up with NaN where nothing was measured" * _is_ragged(values)
        raise ValueError(
            f"{name}: expected {'whole ' * (kind is int)}numbers, got {short_repr(values)}{ragged}"
        ) from error
    array.setflags(write=False)
    return array


def _is_ragged(values: object) -> bool:
    """Return whether these are rows of different lengths, such as the lower half of a matrix."""
    rows = values if isinstance(values, tuple | list) else ()
    return len({len(row) for row in rows if isinstance(row, tuple | list)}) > 1


def as_accuracies(name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return accuracies, each from 0 to 1, or NaN where not measured; the copy is locked."""
    array = as_locked(name, values)
    if array.shape != shape:
        raise ValueError(f"{name}: expected the shape {shape}, got {array.shape}")
    outside = array[~(((array >= 0) & (array <= 1)) | np.isnan(array))]
    if outside.size:
        percent = "; divide percent by 100" if ((outside > 1.5) & (outside <= 100)).all() else ""
        raise ValueError(
            f"{name}: expected shares from 0 to 1 or NaN, got {outside[0]:.9g}{percent}"
        )
    return array


def as_matrix(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return an accuracy matrix `[T, T]`, whose measured rows come first; the copy is locked."""
    array = as_locked(name, values)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise ValueError(
            f"{name}: expected one row and one column a task, [T, T], got {array.shape}"
        )
    array, known = as_accuracies(name, array, array.shape), ~np.isnan(array)
    below = np.tri(len(array), dtype=bool)
    if known[below.T].all() and not known[below].all():
        raise ValueError(
            f"{name}: expected accuracies after task i in row i, found NaN below the diagonal and "
            f"none above it; transposed? give {name}.T"
        )
    done = (known | ~below).all(1)  # [T]
    first = len(array) if done.all() else int(done.argmin())
    if known[first + 1 :].any():
        raise ValueError(
            f"{name}: expected NaN in all rows after the first that is not finished, row "
            f"{first + 1}, found numbers; the rows stand in the order of the tasks"
        )
    return array


def as_steps(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Return numbers of updates, ascending, `[S]`; the copy is locked."""
    array = as_locked(name, values, int)
    if array.ndim != 1 or (array < 0).any() or (np.diff(array) < 0).any():
        raise ValueError(
            f"{name}: expected numbers of updates, ascending, [S], got {short_repr(values)}"
        )
    return array


def as_tensors(name: str, several: Iterable[Params]) -> tuple[Params, ...]:
    """Return several dicts of tensors by name, as dicts of our own."""
    found = tuple(several) if is_iterable(several) else ("no iterable",)
    for params in found:
        good = isinstance(params, Mapping)
        if not good or not all(isinstance(value, Tensor) for value in params.values()):
            raise ValueError(f"{name}: expected tensors by name, got {short_repr(several)}")
        for key, value in params.items():
            if not isinstance(key, str):
                raise ValueError(f"{name}: expected texts as names, got {short_repr(key)}")
            if odd := why_not_plain(value):
                raise ValueError(
                    f"{name}: expected plain tensors with numbers, found that {key!r} is {odd}; "
                    "make it dense and of another type, as tensor.to_dense().float() does"
                )
    return tuple(dict(params) for params in found)


def as_names(names: Iterable[str] | None, tasks: int) -> tuple[str, ...]:
    """Return the names of the tasks, one for each; of none their numbers."""
    if names is None or (isinstance(names, str | tuple | list) and not names):
        return tuple(f"task {j}" for j in range(1, tasks + 1))
    found = tuple(names) if is_iterable(names) and not isinstance(names, str) else ()
    if len(found) != tasks or not all(isinstance(name, str) for name in found):
        raise ValueError(
            f"names: expected {tasks} texts, one for each task, got {short_repr(names)}"
        )
    return found


def check_joint(record: Record, joint: Record) -> None:
    """Raise unless `joint` is a run that the record may be measured against."""
    method = joint.settings.get("method", "Joint()")
    streams = [settings_text(one.settings.get("stream")) for one in (record, joint)]
    if method != "Joint()":
        raise ValueError(f"joint: expected a run of me.Joint(), got one of {method}")
    one, other = (short_repr(run.names) for run in (record, joint))
    if record.names == joint.names:  # other data under the same names: say which
        one, other = (short_repr(run.settings.get("stream")) for run in (record, joint))
    if record.names != joint.names or ("null" not in streams and streams[0] != streams[1]):
        raise ValueError(
            f"joint: expected a run on the same stream, {one}, got one on {other}; run "
            "me.learn(stream, me.Joint()) on this one"
        )
    counts = [run.settings.get("updates") for run in (record, joint)]
    if None not in counts and not same_settings(*counts):
        raise ValueError(
            f"joint: expected a run with the same number of updates a task, "
            f"{short_repr(counts[0])}, got {short_repr(counts[1])}; give both the same Schedule"
        )
    if joint.finished < record.finished:
        raise ValueError(
            f"joint: expected at least {record.finished} finished tasks, got {joint.finished}; let "
            "it finish"
        )
