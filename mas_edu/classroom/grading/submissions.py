"""Find submissions: notebooks in a folder or a zip, as Moodle, Canvas and nbgrader lay them out.

DIR/ada.ipynb                                          the file names the student
DIR/ada/anything.ipynb                                 the folder does
DIR/Ada Byron_4711_assignsubmission_file_/x.ipynb      Moodle
DIR/byronada_4711_98765_x.ipynb                        Canvas, perhaps with _LATE_
submitted/ada/ex05/x.ipynb                             nbgrader; DIR is `submitted`
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_")
SKIPPED = ("__MACOSX", ".ipynb_checkpoints")
LARGEST = 50 * 2**20  # bytes of a notebook


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Args:
        student: a name that no other submission has.
        ids: what the course system knows the student by, beside the name.
        files: the notebooks: path within the folder, and content.
    """

    student: str
    ids: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]


def find_submissions(place: Path) -> list[Submission]:
    """Return the submissions in a folder or a zip, by student.

    Raises:
        ValueError: if it is neither, or holds no notebook.
    """
    if place.is_file() and zipfile.is_zipfile(place):
        found = list(_zipped(place))
    elif place.is_dir():
        found = list(_in_folder(place))
    else:
        raise ValueError(f"DIR: expected a folder or a zip of submissions, got {place}")
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, bytes]]] = {}
    for path, content in sorted(found):
        groups.setdefault(_owner(PurePosixPath(path)), []).append((path, content))
    if not groups:
        raise ValueError(f"DIR: expected notebooks (*.ipynb) in {place}, found none")
    names = [name for name, _ in groups]
    return [
        Submission(
            f"{name} ({' '.join(ids)})" if names.count(name) > 1 else name, ids, tuple(files)
        )
        for (name, ids), files in groups.items()
    ]


def _owner(path: PurePosixPath) -> tuple[str, tuple[str, ...]]:
    """Return the student of a file, and the numbers beside the name."""
    first = path.parts[0]
    if match := MOODLE.match(first):
        return match["name"].strip(), (f"participant {match['id']}",)
    if len(path.parts) == 1 and (match := CANVAS.match(first)):
        return match["name"].strip(), (match["id"],)  # the number behind it is the file's
    return (first if len(path.parts) > 1 else path.stem), ()


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*.ipynb"):
        inside = path.relative_to(folder)
        if path.is_file() and not _is_skipped(inside.parts):
            yield inside.as_posix(), path.read_bytes() if path.stat().st_size <= LARGEST else b""


def _zipped(file: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if info.filename.endswith(".ipynb")]
        infos = [info for info in infos if not _is_skipped(PurePosixPath(info.filename).parts)]
        tops = {PurePosixPath(info.filename).parts[0] for info in infos}
        deep = all(len(PurePosixPath(info.filename).parts) > 2 for info in infos)
        # a zip of the folder itself, not of the only student's
        wrapped = len(tops) == 1 and deep and not any(map(MOODLE.match, tops))
        for info in infos:
            path = PurePosixPath(info.filename)
            name = PurePosixPath(*path.parts[1:]) if wrapped else path
            yield name.as_posix(), archive.read(info) if info.file_size <= LARGEST else b""


def _is_skipped(parts: tuple[str, ...]) -> bool:
    return any(part in SKIPPED or part.startswith((".", "..")) for part in parts)
