"""Write the exercise notebooks: with solutions for the teacher, without them for the student.

python -m tools.exercises

Both are made from the exercises in mas_edu/classroom/exercises, in the format of nbgrader: they
work with nbgrader and without it. A lesson's file may say what the free text at the end asks for,
EXPLAIN; it is read by a person.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mas_edu.classroom import Exercise, all_exercises
from mas_edu.classroom.exercise import SETUP
from tools.paths import ROOT

NOTEBOOKS = ROOT / "notebooks"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
EXPLAIN = "Explain the idea of this lesson to a friend who has trained one network on one task."
INTRO = """\
# Exercises {number} · {title}

To the lesson: [{title}](../{page}). Replace what says *your turn*, then run the cell below it: it
says at once that your answer is right, or names the mistake. If you are stuck,
`me.hint("{number}.1")` shows a hint, called again the next one; after the third
`me.solution("{number}.1")` shows a solution. Everything stays on this computer."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
FREE = """\
## In your own words

{explain} 60 to 120 words; this is read by a person, no program scores it."""


def notebooks() -> dict[Path, Any]:
    """Return all notebooks that are made, by their path."""
    made = {}
    for number in sorted({exercise.lesson for exercise in all_exercises().values()}):
        page = lesson_page(number)
        for folder, solved in (("solutions", True), ("exercises", False)):
            made[NOTEBOOKS / folder / page.name] = notebook(number, page, solved=solved)
    return made


def lesson_page(number: str) -> Path:
    """Return the notebook of a lesson; its name is that of its exercises, too."""
    return next(NOTEBOOKS.glob(f"{number}_*.ipynb"), NOTEBOOKS / f"{number}_exercises.ipynb")


def notebook(number: str, page: Path, *, solved: bool) -> Any:
    """Return the exercises of a lesson as a notebook."""
    names = {"number": number, "title": _title(page), "page": page.name}
    module = importlib.import_module(f"mas_edu.classroom.exercises.lesson_{number}")
    cells = [
        _locked(new_markdown_cell(INTRO.format(**names)), "intro"),
        _locked(new_code_cell(SETUP.rstrip()), "setup"),
    ]
    for exercise in all_exercises().values():
        if exercise.lesson == number:
            cells += _cells(exercise, solved)
    text = FREE.format(explain=getattr(module, "EXPLAIN", EXPLAIN))
    cells += [
        _locked(new_markdown_cell(text), "explain-text"),
        _graded(new_markdown_cell("*Your text.*"), "explain", 0, solution=True),
    ]
    made = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.validate(made)
    return made


def marked_solution(exercise: Exercise) -> str:
    """Return the solution with its body between the marks that nbgrader knows."""
    code = exercise.solution_code
    if not callable(exercise.solution):
        return f"{BEGIN}\n{code}\n{END}"
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    lines = code.splitlines()
    end = function.body[0].end_lineno or 0  # of the docstring
    return "\n".join([*lines[:end], f"    {BEGIN}", *lines[end:], f"    {END}"])


def _cells(exercise: Exercise, solved: bool) -> Iterator[Any]:
    """Yield the cells of an exercise: its text, the answer, the check; code around the answer."""
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    place = exercise.id.replace(".", "-")
    title = f"## {exercise.id} `{exercise.name}` ({points})\n\n{exercise.asks}"
    yield _locked(new_markdown_cell(title), f"text-{place}")
    if exercise.before:
        yield _locked(new_code_cell(exercise.before), f"before-{place}")
    answer = new_code_cell(marked_solution(exercise) if solved else exercise.start_code)
    yield _with(answer, f"answer-{place}", grade=False, solution=True, locked=False)
    if exercise.after:
        yield _locked(new_code_cell(exercise.after), f"after-{place}")
    check = new_code_cell(f'me.check("{exercise.id}", {exercise.name})')
    check.metadata["mas_edu"] = {"exercise": exercise.id}
    yield _graded(check, f"check-{place}", exercise.points)


def _title(page: Path) -> str:
    """Return the title of a lesson, without its number."""
    if not page.is_file():
        return f"Lesson {page.name[:2]}"
    first = nbformat.read(page, as_version=4).cells[0].source.splitlines()[0]
    return re.sub(r"^# (\d+ · )?", "", first)


def _locked(cell: Any, place: str) -> Any:
    return _with(cell, place, grade=False, solution=False, locked=True)


def _graded(cell: Any, place: str, points: int, solution: bool = False) -> Any:
    return _with(cell, place, grade=True, solution=solution, locked=not solution, points=points)


def _with(cell: Any, place: str, **about: Any) -> Any:
    """Return the cell with its name, and with what nbgrader has to know of it."""
    cell.id = place
    cell.metadata["nbgrader"] = {"grade_id": place, "schema_version": 3, "task": False, **about}
    return cell


def main() -> None:
    """Write all notebooks; say which."""
    for path, made in notebooks().items():
        path.parent.mkdir(exist_ok=True)
        nbformat.write(made, path)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
