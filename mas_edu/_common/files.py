"""Files that appear whole or not at all, and are moved out of the way rather than overwritten."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mas_edu._common.arguments import short_repr

HOUR = 3600.0  # seconds
ABANDONED = 5.0  # seconds after which a lock belongs to a process that was killed
TICK, PATIENCE = 0.005, 200  # seconds between two looks at a lock; looks at one that is not there


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it: whole or not at all."""
    prefix = f".{path.stem[:40]}-"  # a disk allows 255 bytes in a name
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
    os.close(handle)
    fresh = Path(name)
    try:
        write(fresh)
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def check_kinds(
    name: str, folder: Path, files: Iterable[str] = (), folders: Iterable[str] = ()
) -> None:
    """Raise OSError if a file stands where a folder is to be written, or a folder where a file is.

    Args:
        name: of the argument that the folder was given as.
        folder: where all is written.
        files: paths from the folder.
        folders: also paths from it.
    """
    wanted = [(path, "file") for path in files] + [(path, "folder") for path in folders]
    for path, kind in wanted:
        place = folder / path
        if place.exists() and place.is_dir() != (kind == "folder"):
            other = "folder" if kind == "file" else "file"
            raise OSError(f"{name}: {place} is a {other} where a {kind} belongs; move it away")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock, a file that exists only meanwhile: other processes and threads wait for it.

    What is done under it takes far less than `ABANDONED` seconds.

    Raises:
        OSError: if the file cannot be made.
    """
    refused, begun = 0, time.monotonic()
    while not _made(path):
        try:
            waited = (time.monotonic() - begun) / 2  # for where a server's clock is another
            if max(waited, time.time() - path.stat().st_mtime) > ABANDONED:
                path.unlink()
        except FileNotFoundError:  # released meanwhile; on Windows its end is refused for a moment
            refused += 1
            if refused > PATIENCE:
                raise PermissionError(f"{path.parent} cannot be written") from None
        time.sleep(TICK)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _made(path: Path) -> bool:
    """Return whether the file was made here and now; no other process can have made it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except (FileExistsError, PermissionError):
        if not os.access(path.parent, os.W_OK):
            raise
        return False
    return True


def set_aside(path: Path, prefix: str) -> Path | None:
    """Rename a file or folder, so that a new one can take its place; None if that failed."""
    names = (path.with_name(f"{prefix}{path.stem}-{i}{path.suffix}") for i in range(1, 10_000))
    free = next(name for name in names if not os.path.lexists(name))  # nor a broken link
    try:
        return path.rename(free)
    except OSError:  # another process may have done so
        return None


def chosen_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names, or None if it is not set.

    Raises:
        ValueError: if it is the home of a user whom the system does not know, or no path at all.
    """
    chosen = os.environ.get(variable)
    if not chosen:
        return None
    try:
        folder = Path(chosen).expanduser()
        folder.exists()
        return folder
    except (RuntimeError, OSError, ValueError) as error:  # too long, or a zero byte
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"{variable}: expected a path, got {short_repr(chosen)} ({reason}); give the whole "
            "path of a folder"
        ) from error


def remove_leftovers(folder: Path, pattern: str, unused: float = HOUR) -> None:
    """Remove files and folders of this pattern that a killed process left.

    `unused`: seconds since anything in them was last written, so that none is still in use.
    """
    for path in folder.glob(pattern):
        with suppress(OSError):  # another process may be as quick; it costs space only
            inside = path.rglob("*") if path.is_dir() else ()
            written = max(one.lstat().st_mtime for one in (path, *inside))
            if time.time() - written < unused:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
