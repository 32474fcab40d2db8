"""The reader's progress: guesses, quiz answers, checks of exercises; no code of theirs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mas_edu._common import (
    Guess,
    ReaderFile,
    as_kept_number,
    reader_answers,
    reader_folder,
    reader_guesses,
    reader_hints,
    reader_points,
    reader_results,
    reader_tries,
)
from mas_edu.classroom.catalogue import all_exercises
from mas_edu.results import table_lines


@dataclass(frozen=True)
class CheckedExercise:
    """The checks of one exercise.

    Args:
        right: whether an answer ever was.
        points: the most that an answer was worth.
        tries: how often an answer was checked.
        hints: how many were asked for.
    """

    right: bool
    points: float
    tries: int
    hints: int


@dataclass(frozen=True)
class Progress:
    """All that is kept about the reader.

    Args:
        folder: where.
        guesses: by lesson.
        answers: of the quizzes, by question.
        exercises: by number.
    """

    folder: Path
    guesses: dict[str, Guess]
    answers: dict[str, Guess]
    exercises: dict[str, CheckedExercise]

    def __str__(self) -> str:
        if not (self.guesses or self.answers or self.exercises):
            return f"Nothing is kept in {self.folder}."
        lines = [f"kept in {self.folder}, on this computer alone"]
        if self.exercises:
            head = ("exercise", "result", "points", "tries", "hints")
            lines += table_lines(head, [_row(*item) for item in self.exercises.items()])
        guesses = ", ".join(f"{name}: {guess}" for name, guess in self.guesses.items())
        lines.append(f"guesses: {guesses or 'none'}")
        lines.append(f"quiz questions answered: {len(self.answers)}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the same for a JSON file, without the folder, which may name the reader."""
        exercises = {number: asdict(one) for number, one in self.exercises.items()}
        return {"guesses": self.guesses, "answers": self.answers, "exercises": exercises}


def reader_progress() -> Progress:
    """Return all that is kept about the reader."""
    points, results, tries, hints = (
        file.read() for file in (reader_points(), reader_results(), reader_tries(), reader_hints())
    )
    exercises = {
        number: CheckedExercise(
            results.get(number) == "right",
            as_kept_number(points.get(number)),
            int(as_kept_number(tries.get(number))),
            int(as_kept_number(hints.get(number))),
        )
        for number in sorted({*points, *results, *tries, *hints})
    }
    return Progress(reader_folder(), reader_guesses().read(), reader_answers().read(), exercises)


def delete_progress() -> list[Path]:
    """Delete all that is kept about the reader, and the folder if nothing else is in it.

    Returns:
        the files that were there.

    Raises:
        OSError: if one cannot be deleted.
    """
    found = [path for file in _files() for path in (file.path, *file.damaged()) if path.exists()]
    for path in found:
        path.unlink()
    with suppress(OSError):  # something else is in it, or it is not there
        reader_folder().rmdir()
    return found


def _files() -> tuple[ReaderFile, ...]:
    return (
        reader_guesses(),
        reader_answers(),
        reader_points(),
        reader_results(),
        reader_tries(),
        reader_hints(),
    )


def _row(number: str, kept: CheckedExercise) -> tuple[str, ...]:
    exercise = all_exercises().get(number)  # a teacher's own one is unknown here
    name = f"{number} {exercise.name}" if exercise else number
    of = f" of {exercise.points}" if exercise else ""
    result = "right" if kept.right else "wrong" if kept.tries else "not tried"
    return name, result, f"{kept.points:g}{of}", str(kept.tries), str(kept.hints)
