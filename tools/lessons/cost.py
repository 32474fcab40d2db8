"""The cost of a lesson: seconds and memory, measured and written into its header."""

from __future__ import annotations

import math
import os
import tempfile
import time
from dataclasses import dataclass

import nbformat
from nbclient import NotebookClient

from tools.lessons.form import COST, cell_of
from tools.lessons.lesson import FOLDER, Lesson

NOTEBOOK_SECONDS, CELL_SECONDS, GIGABYTES = 60.0, 20.0, 1.0


@dataclass(frozen=True)
class Cost:
    """Time and memory to run a notebook from top to bottom."""

    seconds: float
    slowest: float
    cell: str
    gigabytes: float

    @property
    def too_much(self) -> list[str]:
        """Return the limits that are exceeded, in words."""
        limits = (
            (self.seconds, NOTEBOOK_SECONDS, "s in all"),
            (self.slowest, CELL_SECONDS, f"s in the cell {self.cell!r}"),
            (self.gigabytes, GIGABYTES, "GB of memory"),
        )
        return [f"{v:.1f} {what}, at most {most:g}" for v, most, what in limits if v > most]

    def __str__(self) -> str:
        return (
            f"{self.seconds:.1f} s in all, {self.slowest:.1f} s in its slowest cell "
            f"({self.cell}), {self.gigabytes:.2f} GB"
        )


def measure(lesson: Lesson) -> Cost:
    """Run the notebook in a kernel of its own, and measure it."""
    notebook, begun = lesson.read(), time.perf_counter()
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}})
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home, client.setup_kernel(env=environment(home)):
        for place, cell in enumerate(notebook.cells):
            start = time.perf_counter()
            client.execute_cell(cell, place)
            seconds[cell.id] = time.perf_counter() - start
        total = time.perf_counter() - begun
        peak = nbformat.v4.new_code_cell(
            "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        notebook.cells.append(peak)
        client.execute_cell(peak, len(notebook.cells) - 1)
        kilobytes = int(peak.outputs[-1].text.split()[-1])
    slowest = max(seconds, key=lambda name: seconds[name])
    return Cost(total, seconds[slowest], slowest, kilobytes * 1024 / 1e9)


def refresh(lesson: Lesson, cost: Cost) -> None:
    """Write the measured seconds into the header, and into the notebook's metadata."""
    notebook = lesson.read()
    cell, seconds = cell_of(notebook, "header"), math.ceil(cost.seconds)
    found = COST.search(cell.source)
    if found is None:
        raise SystemExit(f"{lesson.path.name}: its header says no minutes and seconds")
    cell.source = COST.sub(rf"\1 minutes; the computer needs {seconds} s", cell.source)
    notebook.metadata["lesson"] = {"minutes": int(found[1]), "seconds": seconds}
    nbformat.write(notebook, lesson.path)


def environment(home: str) -> dict[str, str]:
    """Return the environment of a kernel whose reader keeps guesses in `home`."""
    return {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | {"MAS_EDU_HOME": home}
