"""The arrays of a record under one name each, as they stand in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mas_edu.networks import Params

Arrays = dict[str, NDArray[Any]]


def pack(
    parts: Mapping[str, NDArray[Any] | None],
    omegas: Sequence[Params],
    weights: Params,
    memory: Params,
) -> Arrays:
    """Return every array of a record under one name each: "accuracy", "omega/0/…", "weight/…"."""
    arrays = {name: value for name, value in parts.items() if value is not None}
    for i, omega in enumerate(omegas):
        arrays |= {f"omega/{i}/{name}": _as_numpy(value) for name, value in omega.items()}
    arrays |= {f"weight/{name}": _as_numpy(value) for name, value in weights.items()}
    arrays |= {f"memory/{name}": _as_numpy(value) for name, value in memory.items()}
    return {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def unpack(arrays: Arrays) -> dict[str, Any]:
    """Return the arguments of a record that `pack` packed.

    Raises:
        ValueError: if one that is needed is missing, or Ω has the number of no task.

    >>> arrays = {name: np.zeros(1) for name in ("accuracy", "steps", "curve", "weight/0.bias")}
    >>> unpack(arrays)["weights"]
    {'0.bias': tensor([0.], dtype=torch.float64)}
    """
    if missing := {"accuracy", "steps", "curve"} - arrays.keys():
        raise ValueError(f"expected {min(missing)!r} among the arrays, found none")
    found: dict[str, Any] = {name: arrays[name] for name in ("accuracy", "steps", "curve")}
    found |= {name: arrays[name] for name in ("initial", "validation") if name in arrays}
    omegas: dict[int, Params] = {}
    weights: Params = {}
    memory: Params = {}
    for key, value in arrays.items():
        kind, _, name = key.partition("/")
        if kind == "omega":
            place, _, name = name.partition("/")
            omegas.setdefault(_as_place(place), {})[name] = torch.from_numpy(value)
        elif kind in ("weight", "memory"):
            (weights if kind == "weight" else memory)[name] = torch.from_numpy(value)
    most = max(len(np.atleast_1d(arrays["accuracy"])), len(omegas))  # a gap is a task without Ω
    if max(omegas, default=-1) >= most:
        raise ValueError(f"expected Ω of {most} tasks at most, found number {max(omegas)}")
    ordered = tuple(omegas.get(i, {}) for i in range(max(omegas, default=-1) + 1))
    return found | {"omegas": ordered, "weights": weights, "memory": memory}


def _as_place(text: str) -> int:
    """Return the number of a task as `pack` writes it, and no other way to write it."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
        raise ValueError(f"expected the number of a task in the name of an Ω, found {text[:20]!r}")
    return int(text)


def _as_numpy(tensor: Tensor) -> NDArray[Any]:
    """Return the numbers as NumPy has them; bfloat16, which it lacks, as float32, exactly."""
    known = tensor.float() if tensor.dtype == torch.bfloat16 else tensor
    array: NDArray[Any] = known.numpy(force=True)
    return array
