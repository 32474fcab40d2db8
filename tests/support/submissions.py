"""Submissions of lesson 05, as students hand them in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mas_edu.classroom import find_exercise
from mas_edu.classroom.exercise import SETUP

LESSON = ("05.1", "05.4", "05.5")  # enough to see that the others keep their points


def notebook(*cells: str, **metadata: Any) -> str:
    """Return a notebook of code cells as text."""
    code = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": one}
        for one in cells
    ]
    return json.dumps({"cells": code, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def right() -> dict[str, str]:
    """Return the cells of a right submission by the number of their exercise."""
    return {number: find_exercise(number).solution_code for number in LESSON}


def blank() -> dict[str, str]:
    """Return the cells of the student's copy."""
    return {number: find_exercise(number).start_code for number in LESSON}


def checked(cells: dict[str, str], *first: str) -> str:
    """Return the notebook of these answers, with the calls of `me.check` below each."""
    found = [SETUP, *first]
    for number, cell in cells.items():
        found += [cell, f'me.check("{number}", {find_exercise(number).name})']
    return notebook(*found)


def instead(cell: str, number: str = "05.4") -> str:
    """Return the right notebook with another answer to one exercise."""
    return checked({**right(), number: cell})


HALVED = """\
def largest_stable(lr, omega):
    return 1 / (lr * max(v.max().item() for v in omega.values()))"""


def stable(body: str) -> str:
    """Return a notebook with this body of `largest_stable`, the rest right."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return instead(f"def largest_stable(lr, omega):\n{lines}")


def write(folder: Path, submissions: dict[str, str]) -> Path:
    """Write each as the notebook of one student."""
    folder.mkdir(parents=True, exist_ok=True)
    for student, text in submissions.items():
        (folder / f"{student}.ipynb").write_text(text, encoding="utf-8")
    return folder
