"""A teacher page for each lesson: objectives, quiz, exercises and mistakes from their sources."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mas_edu.classroom import Exercise, all_exercises, own_exercises
from tools import markdown
from tools.lessons import LESSONS, Lesson
from tools.lessons.form import COST, cell_of
from tools.lessons.objectives import ITEM
from tools.readme.blocks import renewed
from tools.teacher.parts import Parts, read_parts

FOLDER = LESSONS[0].path.parent / "teacher"
PLANS, OWN = FOLDER / "plans.md", FOLDER / "own_exercises.md"
NOTE = "<!-- Written by `make teacher`; its own words are in tools/teacher/parts.md. -->"


def pages() -> dict[Path, str]:
    """Return the pages that follow from lessons and exercises, by their paths."""
    parts = read_parts()
    made = {
        FOLDER / "lessons" / f"{lesson.path.stem}.md": page(lesson, parts[lesson.number])
        for lesson in LESSONS
    }
    plans, own = (path.read_text(encoding="utf-8") for path in (PLANS, OWN))
    made[PLANS] = renewed(plans, "lessons", lesson_table(LESSONS))
    made[OWN] = renewed(own, "lines", ten_lines())
    return made


def page(lesson: Lesson, parts: Parts) -> str:
    """Return the page of a lesson."""
    exercises = [one for one in all_exercises().values() if one.lesson == lesson.number]
    blocks = [
        NOTE,
        f"# Teaching lesson {_title(lesson)}",
        _links(lesson, exercises),
        _cost(lesson),
        "## Objectives, and what tests each",
        _objectives(lesson),
        "## On the board",
        parts.board,
        "## Timing",
        parts.timing_table,
        "## To discuss",
        parts.discuss,
        "## Quiz: the right answers",
        _quiz(lesson),
        "## Exercises: common wrong answers, and what the student is told",
        *(_exercise(one) for one in exercises),
    ]
    blocks += [] if exercises else ["This lesson has no exercises."]
    return "\n\n".join(blocks) + "\n"


def lesson_table(lessons: Sequence[Lesson]) -> str:
    """Return minutes, measured seconds and points of all lessons, as a table."""
    rows = []
    for lesson in lessons:
        about = lesson.read().metadata["lesson"]
        points = [one.points for one in all_exercises().values() if one.lesson == lesson.number]
        worth = f"{len(points)}, {sum(points)} points" if points else "none"
        link = f"[{_title(lesson)}](lessons/{lesson.path.stem}.md)"
        rows.append((link, str(about["minutes"]), str(about["seconds"]), worth))
    return markdown.table(("lesson", "minutes", "seconds of computing", "exercises"), rows, "lrrl")


def ten_lines() -> str:
    """Return what the library says about a file with own exercises, as a list."""
    lines = re.findall(r"^ ?\d+\. .+$", own_exercises.__doc__ or "", re.MULTILINE)
    return "".join(f"{line.strip()}\n" for line in lines)


def escaped(text: str) -> str:
    """Return a plain text as Markdown; what stands between backticks stays code.

    >>> escaped("Σ Ω |θ − θ*|, not `a*b`")
    'Σ Ω \\\\|θ − θ\\\\*\\\\|, not `a*b`'
    """
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([*_<$~\[\]|])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [code.replace("|", r"\|") for code in parts[1::2]]  # they stand in tables
    return "".join(parts)


def _title(lesson: Lesson) -> str:
    return str(lesson.read().cells[0].source.splitlines()[0].removeprefix("# "))


def _links(lesson: Lesson, exercises: Sequence[Exercise]) -> str:
    name = lesson.path.name
    links = ["[Teacher pack](../README.md)", f"[the lesson](../../{name})"]
    if exercises:
        links += [f"[exercises](../../exercises/{name})", f"[solutions](../../solutions/{name})"]
    return " · ".join(links)


def _cost(lesson: Lesson) -> str:
    found = COST.search(cell_of(lesson.read(), "header").source)
    assert found  # the form of the lessons is held by a test
    return f"About {found[1]} minutes; the computer needs {found[2]} s of them."


def _objectives(lesson: Lesson) -> str:
    """Return the objectives in their order, with the questions and cells that answer them."""
    notebook = lesson.read()
    promised = [" ".join(one.split()) for one in ITEM.findall(cell_of(notebook, "header").source)]
    answers = importlib.import_module(f"{lesson.module.__name__}.quiz").OBJECTIVES.values()
    rows = []
    for objective, tests in zip(promised, answers, strict=True):
        named = dict.fromkeys(_named(notebook, test) for test in tests)
        rows.append((objective.rstrip(";."), "; ".join(named)))
    return markdown.table(("afterwards they can", "tested by"), rows, "ll").rstrip()


def _named(notebook: Any, test: str) -> str:
    """Return what tests an objective, as a teacher finds it."""
    kind, _, place = test.partition(" ")
    if kind == "quiz":
        return f"question {place}"
    if kind == "exercise":
        return f"exercise {place}"
    ids = [cell.id for cell in notebook.cells]
    above = reversed(notebook.cells[: ids.index(test)])
    heading = next(
        line for cell in above for line in cell.source.splitlines() if line.startswith("## ")
    )
    return f"the check in *{heading.removeprefix('## ')}*"


def _quiz(lesson: Lesson) -> str:
    """Return each question with its right answer and why it is right."""
    return "\n".join(
        f"{k}. {escaped(question.text)}\n   - **{escaped(question.right.text)}** "
        f"{escaped(question.right.feedback)}"
        for k, question in enumerate(lesson.module.QUIZ, start=1)
    )


def _exercise(exercise: Exercise) -> str:
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    blocks = [f"### {exercise.id} `{exercise.name}`, {points}", exercise.asks]
    blocks.append(f"*Why the solution is right.* {escaped(exercise.why)}")
    if exercise.mistakes:
        blocks.append(_mistakes(exercise))
    return "\n\n".join(blocks)


def _mistakes(exercise: Exercise) -> str:
    rows = []
    for name, mistake in exercise.known_mistakes.items():
        worth = f" ({mistake.points:g} of {exercise.points} points)" if mistake.points else ""
        rows.append((escaped(name), f"{escaped(mistake.words)}{worth}"))
    return markdown.table(("mistake", "what the student is told"), rows, "ll").rstrip()
