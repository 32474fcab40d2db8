"""The form that all lessons share: each rule yields what is wrong, in a sentence each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

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
LINKS = re.compile(r"(?:\s*\n(?:Now you|Back|Next): [^\n]*)+\s*\Z")  # at the end, with or without
COST = re.compile(r"(\d+) minutes; the computer needs (\d+) s\b")


def shape(notebook: Any) -> Iterator[str]:
    """Check that the cells are there and in order, with the fixed headings."""
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
        if name in ids and not cell_of(notebook, name).source.startswith(heading):
            yield f"{name}: begins with {heading!r}"


def header(notebook: Any) -> Iterator[str]:
    """Check the title, two to four objectives, minutes and measured seconds."""
    source = cell_of(notebook, "header").source
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
    """Check that texts and code are short; links that the tool writes are no text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if (count := len(LINKS.sub("", cell.source).split())) > WORDS:
                yield f"{cell.id}: {count} words, at most {WORDS}"
        else:
            lines = [line for line in cell.source.splitlines() if line.strip()]
            if len(lines) > LINES:
                yield f"{cell.id}: {len(lines)} lines, at most {LINES}"
            if any(len(line) > 100 for line in lines):
                yield f"{cell.id}: a line is longer than 100 letters"


def clean(notebook: Any) -> Iterator[str]:
    """Check that no result of a run is stored."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "kernelspec is not python3"
    if "widgets" in notebook.metadata:
        yield "widget state is stored"
    for cell in notebook.cells:
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{cell.id}: has outputs"


def numbers(notebook: Any) -> Iterator[str]:
    """Check that no prose has a result: shares, points and decimals are printed by code.

    Else they go stale. Formulas, code and links may have them.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"\$[^$]*\$|`[^`]*`|https?://\S+|arXiv\W*\d+\.\d+", "", cell.source)
            pattern = r"\d[\d.,]*\s*(?:%|per ?cent\b|points?\b)|\d+\.\d+"
            if found := re.findall(pattern, prose):
                yield f"{cell.id}: numbers that no code prints: {found}"


def pictures(notebook: Any) -> Iterator[str]:
    """Check that each picture is shown with an alt text that is computed."""
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
    """Check that at least one claim about a result is asserted over several seeds."""
    held = [c for c in notebook.cells if c.cell_type == "code" and "assert " in c.source]
    if not any("seed" in cell.source for cell in held):
        yield "no cell asserts a claim over several seeds"


RULES = (shape, header, sizes, clean, numbers, pictures, claims)


def problems(notebook: Any) -> list[str]:
    """Return all that the rules find, in sentences."""
    missing = list(shape(notebook))
    if any(problem.startswith("no cell") for problem in missing):
        return missing
    return [problem for rule in RULES for problem in rule(notebook)]


def cell_of(notebook: Any, name: str) -> Any:
    """Return the cell with this id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def _draws(function: ast.expr) -> bool:
    """Say whether a call draws: `me.plots.anything` but `show`, or a lesson's `draw`."""
    if not isinstance(function, ast.Attribute):
        return False
    of_plots = getattr(function.value, "attr", "") == "plots"
    return (of_plots and function.attr not in ("show", "limits")) or function.attr == "draw"
