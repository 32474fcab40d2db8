"""The download of a data set: whole or not at all, and never over a file that is there."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from mas_edu._common import progress_bar, remove_leftovers, short_repr
from mas_edu.data.originals import FILES, Original, find, folders

SECONDS_TO_ANSWER = 20.0  # a server silent for this long counts as "no network"
SECONDS_TO_JUDGE = 60.0  # after which its speed is judged, again and again
LEAST_BYTES = 2**16  # in that time; less would take hours
MOST_BYTES = 2**26  # of one file: uncompressed, the largest has 47 million
CHUNK = 2**16


def download(name: str, original: Original, root: Path) -> None:
    """Download a set into a temporary folder, then move in the files that were missing.

    Folders that it made are removed again if nothing came into them.

    Raises:
        OSError: if it cannot be downloaded or stored.
    """
    advice = (
        "connect and try again, set MAS_EDU_DATA to a folder that has it, "
        "or use dataset='digits', which needs no network"
    )
    place = folders(original, root)[0]
    try:
        made = [path for path in (place, *place.parents) if not path.exists()]
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"dataset: {name!r} is not in {root}, and {place} cannot be made ({error.strerror}); "
            "set MAS_EDU_DATA to another folder"
        ) from error
    try:
        if odd := [path for file in FILES if (path := place / file).is_dir()]:
            raise IsADirectoryError(f"{odd[0]} is a folder where a file belongs; move it away")
        with tempfile.TemporaryDirectory(dir=root, prefix=f".{name}-") as temporary:
            fresh = [
                _fetch(original, file, Path(temporary))
                for file in FILES
                if find(original, root, file) is None
            ]
            for path in (path for both in fresh for path in both):
                _move_in(path, place / path.name)
    except Exception as error:  # URLError, TimeoutError, OSError of the disk, a broken archive
        cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if isinstance(error, HTTPException):
            cause = f"the server's answer is not HTTP: {short_repr(cause)}"
        raise OSError(
            f"dataset: {name!r} is not in {root} (no {place / FILES[0]}, nor .gz) and could not be "
            f"downloaded ({cause}); {advice}"
        ) from error
    finally:
        for empty in dict.fromkeys((place, place.parent, *made)):
            with suppress(OSError):  # there is something in it
                empty.rmdir()


def remove_killed_downloads(name: str, root: Path) -> None:
    """Remove the temporary folders of downloads that were killed."""
    remove_leftovers(root, f".{name}-*")


def _fetch(original: Original, file: str, folder: Path) -> list[Path]:
    """Download one file and unpack it; return the paths of what is to be kept."""
    import torchvision

    source = getattr(torchvision.datasets, original.folder)  # it knows the servers
    archive, plain = folder / f"{file}.gz", folder / file
    checksum = dict(source.resources)[archive.name]
    errors: list[Exception] = []
    for mirror in source.mirrors:
        try:
            found = _receive(f"{mirror.rstrip('/')}/{archive.name}", archive)
            if found != checksum:
                raise OSError(f"{archive.name} did not arrive whole")
            break
        except (OSError, HTTPException) as error:
            errors.append(error)
            if isinstance(error, HTTPError):
                error.close()
    else:
        raise errors[0]
    plain.write_bytes(gzip.decompress(archive.read_bytes()))
    return [plain, archive] if original.archives else [plain]


def _receive(url: str, path: Path) -> str:
    """Write what the server sends to the path; return its MD5.

    Raises:
        TimeoutError: from a server that is silent, or sends so little that it would take hours.
        OSError: from one that does not end.
    """
    code = hashlib.md5(usedforsecurity=False)
    request = urllib.request.Request(url, headers={"User-Agent": "mas_edu"})
    with (
        _open(request) as answer,
        path.open("wb") as file,
        progress_bar(
            desc=path.name, total=answer.length, unit="B", unit_scale=True, leave=False
        ) as bar,
    ):
        begun, received = time.monotonic(), 0
        while part := answer.read1(CHUNK):
            file.write(part)
            code.update(part)
            bar.update(len(part))
            received += len(part)
            if file.tell() > MOST_BYTES:
                raise OSError(f"the server sent more than {path.name} can hold")
            if time.monotonic() - begun > SECONDS_TO_JUDGE:
                if received < LEAST_BYTES:
                    raise TimeoutError(
                        f"the server sent {received} bytes in {SECONDS_TO_JUDGE:.0f} seconds"
                    )
                begun, received = time.monotonic(), 0
    return code.hexdigest()


def _open(request: urllib.request.Request) -> Any:
    """Return the answer; its header, too, may come a byte a second, each of them in time."""
    answers: list[Any] = []
    late = threading.Event()

    def ask() -> None:
        try:
            answer = urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER)
        except Exception as error:  # raised again by who waits
            answers.append(error)
        else:
            answers.append(answer)
            if late.is_set():
                answer.close()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS_TO_ANSWER + SECONDS_TO_JUDGE)
    if not answers:
        late.set()
        raise TimeoutError("the server began to answer, and did not come to the data")
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _move_in(fresh: Path, path: Path) -> None:
    """Move a file to its place, unless one is there by now."""
    if not path.exists():
        fresh.rename(path)  # same disk
