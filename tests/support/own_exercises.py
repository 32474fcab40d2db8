"""A teacher's file with one small exercise, as it is and with something changed."""

from __future__ import annotations

from pathlib import Path

from mas_edu.classroom import Exercise, load_exercises

SMALL = """\
from mas_edu.classroom import Exercise

def double(x):
    '''Return twice x.'''
    return 2 * x

SETTINGS = dict(
    id="my.1", name="double", points=2, asks="Double it.", why="That is twice.", solution=double,
    hints=("One?", "Two.", "Three."), cases=lambda seed: [{"x": 3.0}, {"x": 3.5 + seed}],
    mistakes={"square": (lambda x: x * x, "This is the square: add x to itself.")},
)
"""


def own(file: Path, changes: str = "", more: str = "") -> tuple[Exercise, ...]:
    """Write the small file with some settings changed, and load it."""
    file.write_text(f"{SMALL}{more}\nONE = Exercise(**{{**SETTINGS, {changes}}})\n", "utf-8")
    return load_exercises(file)
