"""Five sample submissions of lesson 05 as Moodle lays them out, and what grading them comes to."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from mas_edu.classroom import (
    Grade,
    Grader,
    Limits,
    all_exercises,
    feedback_text,
    fill_gradebook,
    find_submissions,
)
from mas_edu.cli import main
from tools import exercises, markdown
from tools.readme.blocks import renewed
from tools.teacher.lesson_pages import FOLDER, escaped

LESSON = "05"
SAMPLE = FOLDER / "sample"
SUBMISSIONS = SAMPLE / "submissions"
PAGE = FOLDER / "grading.md"
COLUMNS = {"moodle.csv": ("Grade", "Feedback comments"), "canvas.csv": ("Exercises 5", "")}
SEED = 7  # as in `python -m mas_edu grade`

WITHOUT_2 = """\
def largest_stable(lr, omega):
    return 1 / (lr * max(value.max().item() for value in omega.values()))"""
ENDLESS = """\
def proximal(theta, theta_star, strength):
    t = theta
    while not torch.equal(t, theta_star):  # it never gets there
        t = t - 0.1 * ((t - theta) + strength * (t - theta_star))
    return t"""


def answers() -> dict[str, dict[str, str]]:
    """Return what each student wrote, by exercise; what is missing was left blank."""
    right = {one.id: one.solution_code for one in all_exercises().values() if one.lesson == LESSON}
    return {
        "Bea Blank": {},
        "Hal Half": {number: right[number] for number in ("05.1", "05.3")},
        "Lou Loop": {**right, "05.5": ENDLESS},
        "Mika Mistake": {**right, "05.4": WITHOUT_2},
        "Rita Right": right,
    }


def notebooks() -> dict[Path, Any]:
    """Return the notebooks that were handed in, by their paths."""
    page = exercises.lesson_page(LESSON)
    made = {}
    for k, (student, written) in enumerate(answers().items(), start=301):
        notebook = exercises.notebook(LESSON, page, solved=False)
        cells = {cell.id: cell for cell in notebook.cells}
        for number, code in written.items():
            cells[f"answer-{number.replace('.', '-')}"].source = code
        made[SUBMISSIONS / f"{student}_{k}_assignsubmission_file" / page.name] = notebook
    return made


def write_sample() -> None:
    """Write the submissions, and remove those that are no longer made."""
    shutil.rmtree(SUBMISSIONS, ignore_errors=True)
    for path, notebook in notebooks().items():
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def run_command(limits: Limits, out: Path) -> str:
    """Grade the committed submissions with the command on the page; return what it prints."""
    points, sentences = COLUMNS["moodle.csv"]
    arguments = ["grade", str(SUBMISSIONS), "--out", str(out), "--fill", str(SAMPLE / "moodle.csv")]
    arguments += ["--column", points, "--feedback-column", sentences]
    arguments += ["--jobs", "1", "--call-seconds", f"{limits.call:g}"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        main(arguments)
    return printed.getvalue().replace(f"{out}{os.sep}", "grades/").replace(str(out), "grades")


def graded(limits: Limits, out: Path) -> list[Grade]:
    """Return the grades that the command kept in `out`."""
    numbers = tuple(one.id for one in all_exercises().values() if one.lesson == LESSON)
    found = Grader(numbers, SEED, limits, 1).grade(find_submissions(SUBMISSIONS), out)
    return sorted(found, key=lambda grade: grade.student)


def told(grades: Sequence[Grade]) -> str:
    """Return points and sentences of each submission as a table."""
    rows = [
        (
            grade.student,
            f"{grade.points:g} of {sum(v.of for v in grade.verdicts.values())}",
            escaped(" ".join(_wrong(grade)) or "Everything is right."),
        )
        for grade in grades
    ]
    return markdown.table(("student", "points", "what the student is told"), rows, "lrl")


def filled(name: str, grades: Sequence[Grade]) -> str:
    """Return a sample gradebook once it is filled, as a table."""
    points, sentences = COLUMNS[name]
    columns: dict[str, Any] = {points: lambda grade: f"{grade.points:g}"}
    if sentences:
        columns[sentences] = feedback_text
    content = fill_gradebook((SAMPLE / name).read_bytes(), columns, grades).content
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    head, *rows = ([_cell(text) for text in row] for row in lines)
    return markdown.table(head, rows, "l" * len(head))


def written(page: str, limits: Limits, out: Path) -> str:
    """Grade, and return the page about grading with what came out."""
    page = renewed(page, "printed", f"```text\n{run_command(limits, out)}```\n")
    grades = graded(limits, out)
    page = renewed(page, "told", told(grades))
    for name in COLUMNS:
        page = renewed(page, name.partition(".")[0], filled(name, grades))
    return page


def write_results() -> None:
    """Grade the submissions, and write what comes out into the page."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as out:
        PAGE.write_text(written(page, Limits(), Path(out)), encoding="utf-8")


def _wrong(grade: Grade) -> list[str]:
    wrong = [one for one in grade.verdicts.values() if not one.right]
    return [one.words if one.id in one.words else f"{one.id}: {one.words}" for one in wrong]


def _cell(text: str) -> str:
    """Return a cell of a gradebook as one of a table; a long one is cut."""
    if text.startswith(":-"):
        return text
    return escaped(text if len(text) <= 60 else f"{text[:59].rstrip()}…")
