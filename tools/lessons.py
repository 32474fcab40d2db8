"""The form that all lessons share, and what each of them costs.

python -m tools.lessons                  # what is missing in the form
python -m tools.lessons --measure        # run each top to bottom, refresh the seconds in its header
python -m tools.lessons --measure 01 02  # these alone
"""

from __future__ import annotations

import argparse
import ast
import importlib
import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from mas_edu import Schedule

FOLDER = Path(__file__).parents[1] / "notebooks"

# What makes a lesson's figure quick enough to see all its states in a test: keyword arguments of
# its `figure`. A lesson without an entry is quick as it is.
FAST: dict[str, dict[str, Any]] = {
    "01": {"seconds": 0.0, "schedule": Schedule(steps=41, lr=0.01)},
    "05": {
        "schedule": Schedule(
            steps=2, lr=0.3, optimizer="sgd", proximal=True, evaluations=1, threads=1
        )
    },
}

# The cells that every lesson has, by their ids and in this order; others stand between them.
SHAPE = (
    "header",
    "predict",
    "figure",
    "figure-call",
    "try-1",
    "try-2",
    "quiz",
    "limits",
    "reveal",
    "summary",
    "glossary",
    "sources",
)
OPENINGS = {
    "limits": "## What this figure cannot show",
    "summary": "## Summary",
    "sources": "## Sources",
    "try-1": "## Try this",
}
WORDS, LINES = 120, 10  # of a markdown cell, of a code cell
NOTEBOOK_SECONDS, CELL_SECONDS, GIGABYTES = 60.0, 20.0, 1.0
COST = re.compile(r"(\d+) minutes; the computer needs (\d+) s\b")


@dataclass(frozen=True)
class Lesson:
    """A notebook and what belongs to it."""

    path: Path

    @property
    def number(self) -> str:
        """Such as "01"."""
        return self.path.name[:2]

    @property
    def module(self) -> Any:
        """Its figure and its quiz."""
        return importlib.import_module(f"mas_edu.lessons.{self.path.stem[3:]}")

    def read(self) -> Any:
        """The notebook."""
        return nbformat.read(self.path, as_version=4)

    def figure(self, **options: Any) -> Any:
        """The interactive figure, made to be quick, working in the caller's thread."""
        return self.module.figure(**{"blocking": True, **FAST.get(self.number, {}), **options})


LESSONS = tuple(
    Lesson(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb")) if path.name[:2] != "00"
)


# ---- the form: each rule gives what is wrong, in a sentence each


def shape(notebook: Any) -> Iterator[str]:
    """The cells are there and in order, the fixed headings begin them."""
    ids = [cell.id for cell in notebook.cells]
    present = [name for name in SHAPE if name in ids]
    yield from (f"no cell with the id {name!r}" for name in SHAPE if name not in ids)
    if sorted(present, key=ids.index) != present:
        yield f"cells are not in the order {present}"
    if len(set(ids)) != len(ids):
        yield "two cells have the same id"
    if bad := [i for i in ids if not re.fullmatch(r"[a-z][a-z0-9-]*", i)]:
        yield f"ids say what a cell is, in small letters and hyphens: {bad}"
    for name, heading in OPENINGS.items():
        if name in ids and not _cell(notebook, name).source.startswith(heading):
            yield f"{name}: begins with {heading!r}"


def header(notebook: Any) -> Iterator[str]:
    """Title, two to four objectives, minutes and measured seconds."""
    source = _cell(notebook, "header").source
    objectives = re.findall(r"^- ", source, flags=re.MULTILINE)
    if not source.startswith("# "):
        yield "header: begins with a title"
    if not 2 <= len(objectives) <= 4:
        yield f"header: two to four objectives as a list, found {len(objectives)}"
    cost = COST.search(source)
    if not cost:
        yield "header: says 'About NN minutes; the computer needs NN s'"
    elif notebook.metadata.get("lesson", {}).get("seconds") != int(cost[2]):
        yield "header: its seconds are not the measured ones; run python -m tools.lessons --measure"


def sizes(notebook: Any) -> Iterator[str]:
    """Text in small steps, code in few lines."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if (count := len(cell.source.split())) > WORDS:
                yield f"{cell.id}: {count} words, at most {WORDS}"
        else:
            lines = [line for line in cell.source.splitlines() if line.strip()]
            if len(lines) > LINES:
                yield f"{cell.id}: {len(lines)} lines, at most {LINES}"
            if any(len(line) > 100 for line in lines):
                yield f"{cell.id}: a line is longer than 100 letters"


def clean(notebook: Any) -> Iterator[str]:
    """Nothing of a run is stored."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "kernelspec is not python3"
    if "widgets" in notebook.metadata:
        yield "widget state is stored"
    for cell in notebook.cells:
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{cell.id}: has outputs"


def numbers(notebook: Any) -> Iterator[str]:
    """No result in prose: shares, points and decimals are printed by code, or go stale.

    Formulas, code and links may have them.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"\$[^$]*\$|`[^`]*`|https?://\S+|arXiv\W*\d+\.\d+", "", cell.source)
            pattern = r"\d[\d.,]*\s*(?:%|per ?cent\b|points?\b)|\d+\.\d+"
            if found := re.findall(pattern, prose):
                yield f"{cell.id}: numbers that no code prints: {found}"


def pictures(notebook: Any) -> Iterator[str]:
    """Whoever draws shows it with an alt text, and that is computed."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        drawn = [call for call in calls if _draws(call.func)]
        shows = [call for call in calls if getattr(call.func, "attr", "") == "show"]
        alts = [key.value for call in shows for key in call.keywords if key.arg == "alt"]
        if len(alts) < len(drawn):
            yield f"{cell.id}: a picture is drawn and not shown with its alt text"
        if any(isinstance(alt, ast.Constant) for alt in alts):
            yield f"{cell.id}: the alt text is fixed, not computed from the data"


def claims(notebook: Any) -> Iterator[str]:
    """At least one claim about a result is held to a band over seeds."""
    held = [c for c in notebook.cells if c.cell_type == "code" and "assert " in c.source]
    if not any("seed" in cell.source for cell in held):
        yield "no cell asserts a claim over several seeds"


RULES = (shape, header, sizes, clean, numbers, pictures, claims)


def problems(notebook: Any) -> list[str]:
    """All that the rules find."""
    missing = list(shape(notebook))
    if any(problem.startswith("no cell") for problem in missing):
        return missing
    return [problem for rule in RULES for problem in rule(notebook)]


def _cell(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == name)


def _draws(function: ast.expr) -> bool:
    """`me.plots.anything` but show, or a lesson's `draw`."""
    if not isinstance(function, ast.Attribute):
        return False
    of_plots = getattr(function.value, "attr", "") == "plots"
    return (of_plots and function.attr not in ("show", "limits")) or function.attr == "draw"


# ---- the cost


@dataclass(frozen=True)
class Cost:
    """What it took to run a notebook from top to bottom."""

    seconds: float
    slowest: float
    cell: str
    gigabytes: float

    @property
    def too_much(self) -> list[str]:
        """Which limit is exceeded."""
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
    """Run the notebook in a kernel of its own, on two cores."""
    notebook, begun = lesson.read(), time.perf_counter()
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}})
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home, client.setup_kernel(env=_env(home)):
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
    cell, seconds = _cell(notebook, "header"), math.ceil(cost.seconds)
    found = COST.search(cell.source)
    if found is None:
        raise SystemExit(f"{lesson.path.name}: its header says no minutes and seconds")
    cell.source = COST.sub(rf"\1 minutes; the computer needs {seconds} s", cell.source)
    notebook.metadata["lesson"] = {"minutes": int(found[1]), "seconds": seconds}
    nbformat.write(notebook, lesson.path)


def _env(home: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | {"MAS_EDU_HOME": home}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.lessons", description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01; none: all")
    parser.add_argument("--measure", action="store_true", help="run them, refresh the headers")
    chosen = parser.parse_args()
    failed = False
    for lesson in LESSONS:
        if chosen.numbers and lesson.number not in chosen.numbers:
            continue
        found = []
        if chosen.measure:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
            cost = measure(lesson)
            refresh(lesson, cost)
            print(f"{lesson.path.name}: {cost}")
            found = cost.too_much
        found += problems(lesson.read())
        print(*(f"{lesson.path.name}: {problem}" for problem in found), sep="\n", end="")
        print("\n" if found else "", end="")
        failed = failed or bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
