"""Copy the notebooks of the course to where the reader works, and open them."""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from mas_edu._common import check_kinds, write_whole
from mas_edu.cli.commands import DONE, say
from mas_edu.results import check_writable

START = "index.ipynb"
COPIED = ".mas_edu-course.json"  # the digest of each file as it was copied, in the reader's folder
Outcome = Literal["new", "updated", "up to date", "kept, because it was changed"]


@dataclass(frozen=True)
class Copied:
    """The outcome of copying one notebook."""

    name: str
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.name:36} {self.outcome}"


def course_command(args: argparse.Namespace) -> int:
    """Copy the notebooks, say what was done with each, and open the start page."""
    check_writable(args.folder, overwrite=True, name="DIR")
    found = copy_course(course_folder(), args.folder)
    print(*found, sep="\n")
    if any("changed" in one.outcome for one in found):
        print("To get a new copy of a changed notebook, rename it and give the command again.")
    start = args.folder / START
    if args.no_open:
        print(f"to open them: {Path(sys.executable).name} -m jupyterlab {start}", flush=True)
        return DONE
    say(f"opening {start} in JupyterLab; Ctrl-C ends it")
    return _open(args.folder)


def course_folder() -> Path:
    """Return the folder with the notebooks: in the installed package, or in the repository.

    Raises:
        FileNotFoundError: if they are in neither.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise FileNotFoundError(
        f"the notebooks are not in {package}; install mas_edu again: "
        "python -m pip install --force-reinstall --no-deps mas_edu"
    )


def copy_course(source: Path, folder: Path) -> list[Copied]:
    """Copy each lesson and exercise that is not there, or is there as it was copied; no other.

    Args:
        source: with the notebooks.
        folder: where they go; made if needed.

    Raises:
        OSError: if something stands in the way, or the folder cannot be written.
    """
    paths = sorted([*source.glob("*.ipynb"), *source.glob("exercises/*.ipynb")])
    names = [path.relative_to(source).as_posix() for path in paths]
    check_kinds("DIR", folder, [*names, COPIED], {str(Path(name).parent) for name in names})
    folder.mkdir(parents=True, exist_ok=True)
    before = _read_digests(folder / COPIED)
    digests, found = dict(before), []
    for name, path in zip(names, paths, strict=True):
        content, target = path.read_bytes(), folder / name
        outcome = _outcome(target, content, before.get(name))
        if outcome in ("new", "updated"):
            target.parent.mkdir(exist_ok=True)
            write_whole(target, partial(Path.write_bytes, data=content))
        if not outcome.startswith("kept"):
            digests[name] = _digest(content)
        found.append(Copied(name, outcome))
    text = json.dumps(digests, indent=1) + "\n"
    write_whole(folder / COPIED, lambda fresh: fresh.write_text(text, encoding="utf-8"))
    return found


def _outcome(target: Path, content: bytes, copied: str | None) -> Outcome:
    """Decide what to do with a notebook, given the digest of what was copied there before."""
    if not target.exists():
        return "new"
    there = target.read_bytes()
    if there == content:
        return "up to date"
    return "updated" if _digest(there) == copied else "kept, because it was changed"


def _read_digests(path: Path) -> dict[str, str]:
    """Return the digests; none if they cannot be read: then every other file counts as changed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _open(folder: Path) -> int:
    """Run JupyterLab in the folder until it ends; Ctrl-C is for it to answer."""
    with subprocess.Popen([sys.executable, "-m", "jupyterlab", START], cwd=folder) as lab:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return lab.wait()
        finally:
            signal.signal(signal.SIGINT, before)
