"""The reader's guesses, answers and solved exercises: small JSON files, on this computer alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mas_edu._common.files import chosen_folder, locked, write_whole
from mas_edu._common.language import translate

NAME, VARIABLE = "guesses.json", "MAS_EDU_HOME"
Guess = float | str
_said: set[Path] = set()  # folders of which it was said that they cannot be written


@dataclass(frozen=True)
class ReaderFile:
    """A file with all guesses, or all answers, by the name of their question.

    It is written whole or not at all. A damaged one is set aside under another name, so that no
    lesson fails over it and nothing is lost.
    """

    folder: Path
    name: str = NAME

    @property
    def path(self) -> Path:
        """Path of the file."""
        return self.folder / self.name

    def read(self) -> dict[str, Guess]:
        """Return all guesses; none if there is no file, or it cannot be read."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return _checked(found)
        except OSError:  # not there, or not ours to read
            return {}
        except (ValueError, RecursionError):
            self._set_aside()
            return {}

    def keep(self, name: str, guess: Guess) -> None:
        """Add a guess, or replace it.

        Raises:
            OSError: if the file cannot be written.
        """
        self.change(name, lambda _: guess)

    def change(self, name: str, new: Callable[[Guess | None], Guess]) -> None:
        """Replace a guess by one made of the old; what others write at that moment is kept, too.

        Raises:
            OSError: if the file cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / f".{self.path.stem}.lock"):
            kept = self.read()
            kept[name] = new(kept.get(name))
            content = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
            write_whole(self.path, lambda path: path.write_text(content, encoding="utf-8"))

    def change_if_possible(self, name: str, new: Callable[[Guess | None], Guess]) -> str:
        """Do the same; where the file cannot be written, say so the first time, and do nothing."""
        try:
            self.change(name, new)
        except OSError:
            if self.folder in _said:
                return ""
            _said.add(self.folder)
            return translate(
                "Nothing is kept, {folder} cannot be written: let {variable} name a folder of "
                "yours.",
                folder=self.folder,
                variable=VARIABLE,
            )
        return ""

    def damaged(self) -> list[Path]:
        """Return the damaged files that were set aside."""
        return sorted(self.folder.glob(f"{self.path.stem}-damaged-*.json"))

    def _set_aside(self) -> None:
        stem = self.path.stem
        names = (self.folder / f"{stem}-damaged-{k}.json" for k in range(1, 1000))
        with suppress(OSError, StopIteration):  # else it stays, and the next guess replaces it
            self.path.rename(next(name for name in names if not name.exists()))


def as_kept_number(kept: Guess | None) -> float:
    """Return what a file keeps as a number; 0 for nothing, or for a text of another's making."""
    return float(kept) if isinstance(kept, float | int) else 0.0


def reader_guesses() -> ReaderFile:
    """Return the reader's guesses, in `reader_folder`."""
    return ReaderFile(reader_folder())


def reader_answers() -> ReaderFile:
    """Return the reader's quiz answers, beside the guesses; by the text of their question."""
    return ReaderFile(reader_folder(), "answers.json")


def reader_points() -> ReaderFile:
    """Return the points of the reader's exercises, beside the guesses; by number, the most ever."""
    return ReaderFile(reader_folder(), "exercises.json")


def reader_results() -> ReaderFile:
    """Return "right" or "wrong" by the number of the exercise: right, if it ever was."""
    return ReaderFile(reader_folder(), "results.json")


def reader_tries() -> ReaderFile:
    """Return how often the reader's answer was checked; by the number of the exercise."""
    return ReaderFile(reader_folder(), "tries.json")


def reader_hints() -> ReaderFile:
    """Return how many hints the reader asked for; by the number of the exercise."""
    return ReaderFile(reader_folder(), "hints.json")


def reader_folder() -> Path:
    """Return where everything about the reader is kept: never where the course lies.

    `$MAS_EDU_HOME`, or the folder for data of this user: in a home that several users share, each
    has one of their own.

    Raises:
        ValueError: if `$MAS_EDU_HOME` is the home of a user whom the system does not know.
    """
    if chosen := chosen_folder(VARIABLE):
        return chosen
    from platformdirs import user_data_path

    folder = user_data_path("mas_edu")
    if not folder.is_absolute():  # there is no home: without this it would lie in the course
        return Path(os.devnull, "mas_edu")  # cannot be made, so nothing is kept
    name = os.environ.get("JUPYTERHUB_USER") or _name_beside_owner(folder)
    safe = re.sub(r"[^\w.@-]", "_", name)
    return folder.with_name(f"mas_edu-{safe}") if name else folder


def _name_beside_owner(folder: Path) -> str:
    """Return the name of this user if the folder is another's, else nothing."""
    try:
        mine = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:  # it is not there yet
        return ""
    if mine:
        return ""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # the system has no name for this user
        return str(os.getuid())


def _checked(found: object) -> dict[str, Guess]:
    if not isinstance(found, dict):
        raise ValueError("expected guesses by name")
    for name, guess in found.items():
        if isinstance(guess, bool) or not isinstance(guess, float | int | str):
            raise ValueError(f"{name}: expected a number or a text, got {guess!r}")
    return found
