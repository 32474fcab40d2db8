"""A record on the disk: two files, the arrays in safetensors, the text as JSON.

The text holds the checksum of the tensors and its own. Each file appears whole or not at all. When
a record is overwritten the rename of the text decides: until then the earlier record is read, from
then on the new one, whose tensors wait beside it until they have their name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.numpy

from mas_edu._common import as_flag, remove_leftovers, short_repr, write_whole
from mas_edu.results.packing import Arrays
from mas_edu.results.settings import as_stored

TENSORS, TEXT = "record.safetensors", "record.json"
FORMAT = 1
OWN = "sha256_of_text"  # the key of the text's own checksum; earlier files have none
CURE = "take a copy, or make the run again"
ATTEMPTS = 5  # to read a record that another process is replacing


def check_writable(folder: Path, overwrite: bool = False, name: str = "out") -> None:
    """Raise, before any work is done, if a record could not be saved into the folder.

    `name`: of the argument that the folder was given as.
    """
    try:
        there = any((folder / file).exists() for file in (TENSORS, TEXT))
        if odd := [file for file in (TENSORS, TEXT) if (folder / file).is_dir()]:
            raise IsADirectoryError(f"{odd[0]} in it is a folder")
        if not there or overwrite:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        reason = "it is a file" if isinstance(error, FileExistsError) else reason
        raise OSError(
            f"{name}: {_in_words(folder)} cannot be written ({reason}); choose another"
        ) from error
    raise FileExistsError(
        f"{name}: {folder} already holds a record; choose another folder or move it away"
    )


def save_arrays(
    folder: str | os.PathLike[str], arrays: Arrays, text: Mapping[str, Any], overwrite: bool
) -> Path:
    """Write both files of a record, the JSON last; return the folder."""
    folder = as_folder(folder)
    check_writable(folder, as_flag("overwrite", overwrite), name="folder")
    tensors = safetensors.numpy.save(arrays)
    checksum = hashlib.sha256(tensors).hexdigest()
    content = {
        **text,
        "tensors": list(arrays),  # safetensors does not keep their order: first layer first
        "sha256": checksum,
    }
    content = json.loads(_as_json({"format": FORMAT, **content}))
    content = {"format": FORMAT, OWN: _checksum_of_text(content), **content}  # OWN: not the last
    replaced = (folder / TEXT).exists()
    place = _waiting(folder, checksum) if replaced else folder / TENSORS

    def both(path: Path) -> None:  # the text is on the disk before any file is replaced
        path.write_text(_as_json(content, indent=1) + "\n", encoding="utf-8")
        write_whole(place, lambda path: path.write_bytes(tensors))

    write_whole(folder / TEXT, both)
    if replaced:
        place.replace(folder / TENSORS)
    for pattern in (f".{Path(TENSORS).stem}-*", _waiting(folder, "?" * 16).name):
        remove_leftovers(folder, pattern)
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
    folder = as_folder(folder)
    earlier, content = None, None
    for attempt in range(1, ATTEMPTS + 1):
        try:
            text = _load_text(folder, needed)
            content = _tensors_with(folder, text["sha256"])
        except FileNotFoundError:  # another process may have moved it just now
            if attempt == ATTEMPTS:
                raise
            continue
        if content is not None or text == earlier:
            break
        earlier = text
    if content is None:
        raise ValueError(
            f"record: {folder / TENSORS} is damaged or cut short, or does not belong to "
            f"{TEXT} beside it (its checksum differs); {CURE}"
        )
    try:
        arrays = safetensors.numpy.load(content)
        order = {name: place for place, name in enumerate(text.get("tensors", ()))}
    except Exception as error:  # whatever forged bytes make of it
        raise ValueError(
            f"record: {folder / TENSORS} holds no tensors ({_in_short(error)}); {CURE}"
        ) from error
    return {
        name: arrays[name] for name in sorted(arrays, key=lambda one: order.get(one, len(order)))
    }, text


def damage_error(folder: Path, error: Exception) -> ValueError:
    """Return the error of a record whose files are whole, but hold something else."""
    return ValueError(f"record: {folder / TEXT} is damaged ({_in_short(error)}); {CURE}")


def _load_text(folder: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    """Return the text of a record, checked against its own checksum."""
    path = folder / TEXT
    if found := _what_is_missing(folder):
        raise FileNotFoundError(
            f"folder: no record in {_in_words(folder)} ({found}); expected the folder that a "
            "record was saved in"
        )
    try:
        content = path.read_text(encoding="utf-8")
        text: dict[str, Any] = json.loads(content)
        form, checksum, *_ = [text[name] for name in ("format", "sha256", *needed)]
        own = _checksum_of_text({name: text[name] for name in text if name != OWN})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"record: {path} is damaged or cut short ({_in_short(error)}); {CURE}"
        ) from error
    if form != FORMAT:
        raise ValueError(
            f"record: {path} has format {short_repr(form)}, this version reads {FORMAT}; "
            "upgrade mas_edu"
        )
    # elsewhere in the text it was moved by damage; under another name its own name was damaged
    others = [value for key, value in text.items() if key != "sha256" and _is_checksum(value)]
    earlier = OWN not in content and not others
    if (not earlier and text.get(OWN) != own) or not _is_checksum(checksum):
        raise ValueError(
            f"record: {path} is damaged, or was edited (its checksum differs); {CURE}, or, to "
            f"keep what was edited, remove {OWN!r} from it"
        )
    return text


def _what_is_missing(folder: Path) -> str:
    """Say which file of a record is missing; nothing if both are there."""
    try:
        for name in (TENSORS, TEXT):
            waits = name == TENSORS and any(folder.glob(_waiting(folder, "?" * 16).name))
            if not (folder / name).is_file() and not waits:
                found = f"{name} is missing" if folder.is_dir() else "there is no such folder"
                return f"it is a file, take {folder.parent}" if folder.is_file() else found
    except (OSError, ValueError) as error:  # too long, a zero byte, not allowed to look
        return str(getattr(error, "strerror", None) or error)
    return ""


def _tensors_with(folder: Path, checksum: str) -> bytes | None:
    """Return the tensors with this checksum: the record's, or those that wait to be it.

    One open file is checked and then read: nothing that replaces it meanwhile comes in between, and
    a file of any size takes no memory before it is known to be the right one.
    """
    for path in (folder / TENSORS, _waiting(folder, checksum)):
        if path.is_file():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == checksum:
                    file.seek(0)
                    return file.read()
    return None


def _waiting(folder: Path, checksum: str) -> Path:
    """Return where tensors wait for the rename of the text that they belong to."""
    return folder / f"{Path(TENSORS).stem}-{checksum[:16]}.safetensors"


def _checksum_of_text(text: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the values, however they are laid out in the file."""
    return hashlib.sha256(_as_json(text, sort_keys=True).encode("utf-8")).hexdigest()


def _is_checksum(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _in_short(error: Exception) -> str:
    """Return what an error says, on one line of bounded length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 150 else f"{text[:147]}..."


def _in_words(folder: Path) -> str:
    """Return a path as it is, or what can be shown of one that is no path."""
    text = str(folder)
    return text if text.isprintable() and len(text) < 250 else short_repr(text)


def as_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder as a path, or raise: it may be anything."""
    if not isinstance(folder, str | os.PathLike) or not os.fspath(folder):
        hint = "; write '.' for the folder you are in" * isinstance(folder, str)
        raise ValueError(f"folder: expected a path, got {short_repr(folder)}{hint}")
    return Path(folder)


def _as_json(text: Mapping[str, Any], **layout: Any) -> str:
    """Return the text as JSON; raise for values that JSON does not know."""
    try:
        content = json.dumps(as_stored(text), ensure_ascii=False, allow_nan=False, **layout)
        content.encode("utf-8")
        return content
    # a custom stream's settings may hold anything
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(
            f"settings: expected texts, numbers, lists and dicts only ({error}); give the "
            "stream's settings in these types"
        ) from error
