"""Find submissions: notebooks in a folder or a zip, as Moodle, Canvas and nbgrader lay them out.

DIR/ada.ipynb                                          the file names the student
DIR/ada/anything.ipynb                                 the folder does
DIR/Ada Byron_4711_assignsubmission_file_/x.ipynb      Moodle
DIR/byronada_4711_98765_x.ipynb                        Canvas, perhaps with _LATE_
submitted/ada/ex05/x.ipynb                             nbgrader; DIR is `submitted`

A study, the answer of some exercises, is a folder with `study.json`, anywhere in the folder of a
student; its files are handed in with the notebooks.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_")
SKIPPED = ("__MACOSX", ".ipynb_checkpoints")
LARGEST = 50 * 2**20  # bytes of a notebook, or of another file
STUDY, STUDY_FILES = "study.json", (".json", ".safetensors", ".png")
STUDIES = 200 * 2**20  # bytes of all the studies of a student


@dataclass(frozen=True)
class StudyFile:
    """A file of a study; it is read when it is needed.

    Args:
        path: within the folder of submissions.
        root: the study's folder, a beginning of `path`.
        size: in bytes.
        stamp: what changes with its content.
        place: the file itself, or the zip that it is in.
        member: its name in the zip, if it is in one.
    """

    path: str
    root: str
    size: int
    stamp: str
    place: Path
    member: str = ""

    def read(self) -> bytes:
        """Return its content."""
        if not self.member:
            return self.place.read_bytes()
        with zipfile.ZipFile(self.place) as archive:
            return archive.read(self.member)

    def seen_from(self, notebook: str) -> str:
        """Return its path for a notebook: from the notebook's folder, or by its own folder's name.

        >>> StudyFile("ada/my_study/x.png", "ada/my_study", 1, "", Path()).seen_from("ada/x.ipynb")
        'my_study/x.png'
        """
        path, base = PurePosixPath(self.path), PurePosixPath(notebook).parent
        return path.relative_to(
            base if path.is_relative_to(base) else PurePosixPath(self.root).parent
        ).as_posix()


@dataclass(frozen=True)
class Submission:
    """The files that one student handed in.

    Args:
        student: a name that no other submission has.
        ids: what the course system knows the student by, beside the name.
        files: the notebooks: path within the folder, and content.
        studies: the files of all studies.
    """

    student: str
    ids: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    studies: tuple[StudyFile, ...] = ()


def find_submissions(place: Path) -> list[Submission]:
    """Return the submissions in a folder or a zip, by student.

    Raises:
        ValueError: if it is neither, or holds no notebook.
    """
    if place.is_file() and zipfile.is_zipfile(place):
        found, others = _zipped(place)
    elif place.is_dir():
        found, others = list(_in_folder(place)), _study_files(place)
    else:
        raise ValueError(f"DIR: expected a folder or a zip of submissions, got {place}")
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, bytes]]] = {}
    for path, content in sorted(found):
        groups.setdefault(_owner(PurePosixPath(path)), []).append((path, content))
    if not groups:
        raise ValueError(f"DIR: expected notebooks (*.ipynb) in {place}, found none")
    studies: dict[tuple[str, tuple[str, ...]], list[StudyFile]] = {owner: [] for owner in groups}
    for file in others:
        mine = studies.get(_owner(PurePosixPath(file.path)), [])
        if sum(one.size for one in mine) + file.size <= STUDIES:
            mine.append(file)
    names = [name for name, _ in groups]
    return [
        Submission(
            f"{name} ({' '.join(ids)})" if names.count(name) > 1 else name,
            ids,
            tuple(files),
            tuple(studies[name, ids]),
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
            yield _as_text(inside), path.read_bytes() if path.stat().st_size <= LARGEST else b""


def _study_files(folder: Path) -> list[StudyFile]:
    """Return the files of all studies below a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = PurePosixPath(_as_text(path.relative_to(folder)))
        if path.suffix in STUDY_FILES and path.is_file() and not path.is_symlink():
            about = path.stat()
            found.append((inside, about.st_size, str(about.st_mtime_ns), path, ""))
    return _of_studies(found)


def _as_text(path: Path) -> str:
    """Return a path as text that can be written; a disk may hold a name that is no UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _of_studies(files: Sequence[tuple[PurePosixPath, int, str, Path, str]]) -> list[StudyFile]:
    """Return those of the files that lie in a folder with `study.json`."""
    roots = {path.parent for path, *_ in files if path.name == STUDY}
    return [
        StudyFile(path.as_posix(), root.as_posix(), size, stamp, place, member)
        for path, size, stamp, place, member in files
        for root in sorted(roots & {*path.parents})[-1:]
        if size <= LARGEST and not _is_skipped(path.parts)
    ]


def _zipped(file: Path) -> tuple[list[tuple[str, bytes]], list[StudyFile]]:
    """Return the notebooks in a zip, and the files of studies."""
    with zipfile.ZipFile(file) as archive:
        every = [info for info in archive.infolist() if not _is_skipped(_parts(info))]
        infos = [info for info in every if info.filename.endswith(".ipynb")]
        tops = {_parts(info)[0] for info in infos}
        deep = all(len(_parts(info)) > 2 for info in infos)
        # a zip of the folder itself, not of the only student's
        wrapped = len(tops) == 1 and deep and not any(map(MOODLE.match, tops))
        cut = 1 if wrapped else 0
        notebooks = [
            (
                PurePosixPath(*_parts(info)[cut:]).as_posix(),
                archive.read(info) if info.file_size <= LARGEST else b"",
            )
            for info in infos
        ]
        others = [
            (PurePosixPath(*_parts(info)[cut:]), info.file_size, str(info.CRC), file, info.filename)
            for info in every
            if PurePosixPath(info.filename).suffix in STUDY_FILES and len(_parts(info)) > cut
        ]
    return notebooks, _of_studies(others)


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(info.filename).parts


def _is_skipped(parts: tuple[str, ...]) -> bool:
    return any(part in SKIPPED or part.startswith((".", "..")) for part in parts)
