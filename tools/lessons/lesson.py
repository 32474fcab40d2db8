"""A lesson: its notebook, its module, its figure in a quick form."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from mas_edu import Schedule
from tools.paths import ROOT

FOLDER = ROOT / "notebooks"

# What makes a lesson's figure quick enough to draw all its states in a test: keyword arguments of
# its `figure`. A lesson without an entry is quick as it is.
FAST: dict[str, dict[str, Any]] = {
    "01": {"seconds": 0.0, "schedule": Schedule(steps=41, lr=0.01)},
    "05": {
        "schedule": Schedule(
            steps=2, lr=0.3, optimizer="sgd", proximal=True, evaluations=1, threads=1
        )
    },
    "06": {"schedule": Schedule(steps=8, lr=0.02, evaluations=1, threads=1)},
    "09": {"seconds": 0.0, "schedule": Schedule(steps=5, lr=0.03, evaluations=1, threads=1)},
    "A1": {"samples": (2, 4), "rounds": 1},
}


@dataclass(frozen=True)
class Lesson:
    """A notebook, and the module and figure that belong to it."""

    path: Path

    @property
    def number(self) -> str:
        """Return the number, such as "01"."""
        return self.path.name[:2]

    @property
    def module(self) -> Any:
        """Import the module with its figure and its quiz."""
        return importlib.import_module(f"mas_edu.lessons.{self.path.stem[3:]}")

    def read(self) -> Any:
        """Read the notebook."""
        return nbformat.read(self.path, as_version=4)

    def figure(self, **options: Any) -> Any:
        """Make its interactive figure, quick, and computing in the caller's thread."""
        return self.module.figure(**{"blocking": True, **FAST.get(self.number, {}), **options})


LESSONS = tuple(
    Lesson(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb")) if path.name[:2] != "00"
)

# Pages beside the course with a figure, a question and a quiz: they have the form of lessons, but
# neither exercises nor a place on the way.
BESIDE = (Lesson(FOLDER / "A1_exact_and_fast.ipynb"),)
