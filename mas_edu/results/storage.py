"""A record on the disk: two files, the arrays in safetensors, the text as JSON with their checksum.

Each file appears whole or not at all, and nothing that is there is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

from mas_edu._common import short_repr, write_whole
from mas_edu.networks import Params

TENSORS, TEXT = "record.safetensors", "record.json"
FORMAT = 1

Arrays = dict[str, NDArray[Any]]


def check_writable(folder: Path, overwrite: bool = False, name: str = "out") -> None:
    """Raise, before any work is done, if a record could not be saved into the folder.

    `name`: of the argument that the folder was given as.
    """
    if any((folder / name).exists() for name in (TENSORS, TEXT)) and not overwrite:
        raise FileExistsError(
            f"{name}: {folder} already holds a record; choose another folder or move it away"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or error
        raise OSError(f"{name}: {folder} cannot be written ({reason}); choose another") from error


def save_arrays(
    folder: str | os.PathLike[str], arrays: Arrays, text: Mapping[str, Any], overwrite: bool
) -> Path:
    """Write both files of a record, the JSON last; return the folder."""
    folder = _as_path(folder)
    check_writable(folder, overwrite)
    tensors = safetensors.numpy.save(arrays)
    content = _as_json(
        {
            "format": FORMAT,
            **text,
            "tensors": list(arrays),  # safetensors does not keep their order: first layer first
            "sha256": hashlib.sha256(tensors).hexdigest(),
        }
    )

    def both(path: Path) -> None:  # the text is on the disk before any file is replaced
        path.write_text(content + "\n", encoding="utf-8")
        write_whole(folder / TENSORS, lambda path: path.write_bytes(tensors))

    write_whole(folder / TEXT, both)
    return folder


def load_arrays(
    folder: str | os.PathLike[str], needed: tuple[str, ...]
) -> tuple[Arrays, dict[str, Any]]:
    """Return what `save_arrays` was given: the arrays in their order, and the text.

    Args:
        folder: that the record was saved in.
        needed: keys that the text must have.

    Raises:
        FileNotFoundError: if the folder holds no record.
        ValueError: naming the file that is damaged or cut short, or of a newer format.
    """
    folder = _as_path(folder)
    for name in (TENSORS, TEXT):
        if not (folder / name).is_file():
            found = f"{name} is missing" if folder.is_dir() else "there is no such folder"
            found = f"it is a file, take {folder.parent}" if folder.is_file() else found
            raise FileNotFoundError(
                f"folder: no record in {folder} ({found}); expected the folder that a record "
                "was saved in"
            )
    try:
        text = json.loads((folder / TEXT).read_text(encoding="utf-8"))
        form, checksum, *_ = [text[name] for name in ("format", "sha256", *needed)]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"record: {folder / TEXT} is damaged or cut short ({error}); take a copy, or make "
            "the run again"
        ) from error
    if form != FORMAT:
        raise ValueError(
            f"record: {folder / TEXT} has format {form}, this version reads {FORMAT}; "
            "upgrade mas_edu"
        )
    tensors = (folder / TENSORS).read_bytes()
    if hashlib.sha256(tensors).hexdigest() != checksum:
        raise ValueError(
            f"record: {folder / TENSORS} is damaged or cut short, or does not belong to "
            f"{TEXT} beside it (its checksum differs); take a copy, or make the run again"
        )
    arrays = safetensors.numpy.load(tensors)
    order = {name: place for place, name in enumerate(text.get("tensors", ()))}
    return {
        name: arrays[name] for name in sorted(arrays, key=lambda one: order.get(one, len(order)))
    }, text


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

    >>> arrays = {name: np.zeros(1) for name in ("accuracy", "steps", "curve", "weight/0.bias")}
    >>> unpack(arrays)["weights"]
    {'0.bias': tensor([0.], dtype=torch.float64)}
    """
    found: dict[str, Any] = {name: arrays[name] for name in ("accuracy", "steps", "curve")}
    found |= {name: arrays[name] for name in ("initial", "validation") if name in arrays}
    omegas: dict[int, Params] = {}
    weights: Params = {}
    memory: Params = {}
    for key, value in arrays.items():
        kind, _, name = key.partition("/")
        if kind == "omega":
            place, _, name = name.partition("/")
            omegas.setdefault(int(place), {})[name] = torch.from_numpy(value)
        elif kind in ("weight", "memory"):
            (weights if kind == "weight" else memory)[name] = torch.from_numpy(value)
    ordered = tuple(omegas.get(i, {}) for i in range(max(omegas, default=-1) + 1))
    return found | {"omegas": ordered, "weights": weights, "memory": memory}


def _as_path(folder: str | os.PathLike[str]) -> Path:
    """Return the folder as a path, or raise: it may be anything."""
    if not isinstance(folder, str | os.PathLike):
        raise ValueError(f"folder: expected a path, got {short_repr(folder)}")
    return Path(folder)


def _as_json(text: dict[str, Any]) -> str:
    """Return the text as JSON; raise for values that JSON does not know."""
    try:
        return json.dumps(_without_nan(text), indent=1, ensure_ascii=False, allow_nan=False)
    except TypeError as error:  # the settings of a custom stream may hold anything
        raise ValueError(
            f"settings: expected texts, numbers, lists and dicts only ({error}); give the "
            "stream's settings in these types"
        ) from error


def _without_nan(value: Any) -> Any:
    """Replace NaN and infinity, which JSON does not have, by None."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _as_numpy(tensor: Tensor) -> NDArray[Any]:
    """Return the numbers as NumPy has them; bfloat16, which it lacks, as float32, exactly."""
    known = tensor.float() if tensor.dtype == torch.bfloat16 else tensor
    array: NDArray[Any] = known.numpy(force=True)
    return array
