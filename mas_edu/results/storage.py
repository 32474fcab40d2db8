"""Results on the disk: each file whole or not at all, and nothing that is there is lost.

A record is two files: the arrays in safetensors, the text as JSON with their checksum.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from mas_edu._common.arguments import short_repr

TENSORS, TEXT = "record.safetensors", "record.json"
FORMAT = 1

Arrays = dict[str, NDArray[Any]]


def write_whole(path: Path, writing: Callable[[Path], object]) -> None:
    """Let `writing` fill a temporary file beside `path`, then rename it: whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    fresh = Path(name)
    try:
        writing(fresh)
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def set_aside(path: Path, mark: str) -> Path | None:
    """Rename a file or folder, so that a new one can take its place; None if that failed."""
    names = (path.with_name(f"{mark}{path.stem}-{i}{path.suffix}") for i in range(1, 10_000))
    free = next(name for name in names if not name.exists())
    try:
        return path.rename(free)
    except OSError:  # another process may have done so
        return None


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
    """Both files of a record, the JSON last; gives the folder."""
    folder = _path(folder)
    check_writable(folder, overwrite)
    tensors = safetensors.numpy.save(arrays)
    content = _json(
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
    """What `save` was given: the arrays in their order, and the text, which has what is needed.

    Raises:
        FileNotFoundError: if the folder holds no record.
        ValueError: naming the file that is damaged or cut short, or of a newer format.
    """
    folder = _path(folder)
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


def _path(folder: str | os.PathLike[str]) -> Path:
    if not isinstance(folder, str | os.PathLike):
        raise ValueError(f"folder: expected a path, got {short_repr(folder)}")
    return Path(folder)


def _json(text: dict[str, Any]) -> str:
    try:
        return json.dumps(_without_nan(text), indent=1, ensure_ascii=False, allow_nan=False)
    except TypeError as error:  # a stream of one's own may have brought anything
        raise ValueError(
            f"settings: expected texts, numbers, lists and dicts alone ({error}); give the "
            "stream's settings as such"
        ) from error


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: None stands for it."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
