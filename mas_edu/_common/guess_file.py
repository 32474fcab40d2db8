"""What the reader guessed, answered and solved: small JSON files, on this computer alone."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mas_edu._common.files import chosen_folder, write_whole

NAME = "guesses.json"
Guess = float | str


@dataclass(frozen=True)
class GuessFile:
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
        self.folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps({**self.read(), name: guess}, ensure_ascii=False, indent=1) + "\n"
        write_whole(self.path, lambda path: path.write_text(content, encoding="utf-8"))

    def _set_aside(self) -> None:
        stem = self.path.stem
        names = (self.folder / f"{stem}-damaged-{k}.json" for k in range(1, 1000))
        with suppress(OSError, StopIteration):  # else it stays, and the next guess replaces it
            self.path.rename(next(name for name in names if not name.exists()))


def reader_guesses() -> GuessFile:
    """Return the reader's guesses: in `$MAS_EDU_HOME`, or in the folder for data of this user."""
    return GuessFile(_home())


def reader_answers() -> GuessFile:
    """Return the reader's quiz answers, beside the guesses; by the text of their question."""
    return GuessFile(_home(), "answers.json")


def reader_points() -> GuessFile:
    """Return the points of the reader's exercises, beside the guesses; by number, the most ever."""
    return GuessFile(_home(), "exercises.json")


def reader_hints() -> GuessFile:
    """Return how many hints the reader asked for; by the number of the exercise."""
    return GuessFile(_home(), "hints.json")


def _home() -> Path:
    from platformdirs import user_data_path

    return chosen_folder("MAS_EDU_HOME") or user_data_path("mas_edu")


def _checked(found: object) -> dict[str, Guess]:
    if not isinstance(found, dict):
        raise ValueError("expected guesses by name")
    for name, guess in found.items():
        if isinstance(guess, bool) or not isinstance(guess, float | int | str):
            raise ValueError(f"{name}: expected a number or a text, got {guess!r}")
    return found
