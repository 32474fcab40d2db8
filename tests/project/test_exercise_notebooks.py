"""The exercise notebooks: made from the exercises, runnable, without a solution for students."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mas_edu.classroom import all_exercises
from tools import exercises
from tools.exercises import BEGIN, END, NOTEBOOKS, marked_solution

CURE = "python -m tools.exercises"
LESSONS = sorted({exercise.lesson for exercise in all_exercises().values()})


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a solution may write a study


def run(path: Path) -> dict[str, Any]:
    """Run the code cells of a notebook; return the card of each check by its exercise."""
    space: dict[str, Any] = {}
    cards = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "mas_edu" in cell.metadata:
            cards[cell.metadata.mas_edu.exercise] = eval(cell.source, space)
        elif cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec", dont_inherit=True), space)
    return cards


def test_the_committed_notebooks_are_what_the_exercises_give() -> None:
    made = exercises.notebooks()
    there = {path for name in ("solutions", "exercises") for path in (NOTEBOOKS / name).iterdir()}
    assert there == set(made), CURE
    for path, notebook in made.items():
        assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n", CURE


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solutions_are_right_and_the_blanks_run_through(lesson: str) -> None:
    name = exercises.lesson_page(lesson).name
    numbers = {number for number, one in all_exercises().items() if one.lesson == lesson}
    solved, blank = run(NOTEBOOKS / "solutions" / name), run(NOTEBOOKS / "exercises" / name)
    assert set(solved) == set(blank) == numbers
    for number in numbers:
        assert solved[number].right, solved[number]
        assert blank[number].verdict.status == "unwritten"


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_solution_is_in_the_students_copy(lesson: str) -> None:
    text = (NOTEBOOKS / "exercises" / exercises.lesson_page(lesson).name).read_text("utf-8")
    assert BEGIN not in text
    for exercise in all_exercises().values():
        if exercise.lesson == lesson and callable(exercise.solution):
            body = marked_solution(exercise).split(BEGIN)[1].split(END)[0]
            longest = max(map(str.strip, body.splitlines()), key=len)
            assert longest.replace('"', '\\"') not in text


def test_the_marks_are_those_of_nbgrader() -> None:
    for path in exercises.notebooks():
        cells = nbformat.read(path, as_version=4).cells
        marks = [cell.metadata.nbgrader for cell in cells]
        places = [mark.grade_id for mark in marks]
        assert len(set(places)) == len(places)
        assert all(re.fullmatch(r"[\w-]+", place) for place in places)
        assert all(mark.schema_version == 3 for mark in marks)
        assert all(("points" in mark) == mark.grade for mark in marks)
        points = sum(mark.points for mark in marks if mark.grade)
        lesson = path.name[:2]
        assert points == sum(e.points for e in all_exercises().values() if e.lesson == lesson)
