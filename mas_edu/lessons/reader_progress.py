"""The reader's progress: guesses, quiz answers and exercises, as kept on this computer."""

from __future__ import annotations

import html
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mas_edu._common import reader_results, translate
from mas_edu.widgets import Guess, Question, reader_answers, reader_guesses


@dataclass(frozen=True)
class LessonStanding:
    """The guess and answers that are kept of one lesson.

    Args:
        title: of the lesson, with its number.
        file: name of its notebook.
        guess: the reader's guess; None: not made yet.
        right: how many questions of the quiz have been answered correctly,
        questions: of so many.
        solved: how many of its exercises are right,
        exercises: of so many.
    """

    title: str
    file: str
    guess: Guess | None
    right: int
    questions: int
    solved: int = 0
    exercises: int = 0

    @property
    def begun(self) -> bool:
        """Return whether anything is kept of it."""
        return self.guess is not None or self.right > 0 or self.solved > 0

    @property
    def done(self) -> bool:
        """Return whether the guess is made and the quiz answered."""
        return self.guess is not None and self.right == self.questions

    @property
    def words(self) -> tuple[str, str, str]:
        """Guess, quiz and exercises, as the table shows them."""
        guess = f"{self.guess:g}" if isinstance(self.guess, float | int) else self.guess
        right = translate("{right} of {count} right", right=self.right, count=self.questions)
        solved = translate("{right} of {count} right", right=self.solved, count=self.exercises)
        return (
            translate(guess) if guess else translate("none yet"),
            right,
            solved if self.exercises else "–",
        )


@dataclass(frozen=True)
class Standing:
    """The lessons with what is kept of each; a notebook shows a table with links."""

    lessons: tuple[LessonStanding, ...]

    @property
    def next(self) -> LessonStanding | None:
        """The first lesson that is not done; None if all are."""
        return next((lesson for lesson in self.lessons if not lesson.done), None)

    @property
    def advice(self) -> str:
        """A sentence before the table."""
        if not self.lessons:
            return translate(
                "There are no lessons beside this notebook; open the start page among them."
            )
        if not any(lesson.begun for lesson in self.lessons):
            return translate("Nothing is kept yet. Make your first guess in the first lesson:")
        done, count = sum(lesson.done for lesson in self.lessons), len(self.lessons)
        if self.next is None:
            return translate("All {count} lessons are done.", count=count)
        return translate("{done} of {count} lessons are done. Go on with:", done=done, count=count)

    def __repr__(self) -> str:
        lines = [f"{self.advice} {self.next.title if self.next else ''}".strip()]
        for lesson in self.lessons:
            guess, quiz, solved = lesson.words
            kept = translate(
                "guess {guess}; quiz {quiz}; exercises {solved}",
                guess=guess,
                quiz=quiz,
                solved=solved,
            )
            lines.append(f"{lesson.title}: {kept}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        further = f" {_link(self.next)}" if self.next else ""
        rows = "".join(
            f'<tr><td style="text-align: left">{_link(lesson)}</td>'
            + "".join(f"<td>{html.escape(words)}</td>" for words in lesson.words)
            + "</tr>"
            for lesson in self.lessons
        )
        head = (
            f'<tr><th style="text-align: left">{translate("lesson")}</th>'
            f"<th>{translate('your guess')}</th><th>{translate('quiz')}</th>"
            f"<th>{translate('exercises')}</th></tr>"
        )
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<p>{html.escape(self.advice)}{further}</p>{table}"


def where_you_stand(folder: str | Path = ".") -> Standing:
    """Say which guesses are made, and which questions and exercises right; a cell's last line.

    Args:
        folder: with the notebooks of the lessons; the start page lies among them.
    """
    guesses, answers = reader_guesses().read(), reader_answers().read()
    results, found = reader_results().read(), []
    for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb")):
        quiz = _quiz(path.stem[3:])
        if quiz:
            right = sum(answers.get(question.text) == question.right.text for question in quiz)
            guess = guesses.get(path.name[:2])
            exercises = _exercises(path)
            solved = sum(results.get(number) == "right" for number in exercises)
            counts = (right, len(quiz), solved, len(exercises))
            found.append(LessonStanding(_title(path), path.name, guess, *counts))
    return Standing(tuple(found))


def _quiz(module: str) -> tuple[Question, ...]:
    """Return a lesson's questions; none if the notebook is no lesson that this version has."""
    try:
        quiz: tuple[Question, ...] = importlib.import_module(f"mas_edu.lessons.{module}").QUIZ
    except ImportError:
        return ()
    return quiz


def _title(path: Path) -> str:
    """Return the first line of a notebook, without its mark."""
    return "".join(_cells(path)[0]["source"]).splitlines()[0].removeprefix("# ")


def _exercises(lesson: Path) -> list[str]:
    """Return the numbers of a lesson's exercises: those that its notebook of them checks."""
    path = lesson.parent / "exercises" / lesson.name
    cells = _cells(path) if path.is_file() else []
    found = (cell["metadata"].get("mas_edu", {}).get("exercise") for cell in cells)
    return [number for number in found if number]


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _link(lesson: LessonStanding) -> str:
    return f'<a href="{html.escape(lesson.file)}">{html.escape(lesson.title)}</a>'
