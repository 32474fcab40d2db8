"""The code of a notebook, and what can be told about it without running it."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from mas_edu.classroom.catalogue import all_exercises

CHECKED = re.compile(r"""check\(\s*["'](\w[\w-]*\.\d+)["']""")
DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=]+)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """The code cells of a notebook, in order."""

    cells: tuple[str, ...]

    def last_cell_with(self, name: str) -> int:
        """Return the number of the last cell that defines a name at its top level, or 0."""
        numbers = (k for k in range(len(self.cells), 0, -1) if name in _names(self.cells[k - 1]))
        return next(numbers, 0)

    def code_of(self, name: str) -> str:
        """Return the student's code of a name: its definition, or the cell that it stands in."""
        number = self.last_cell_with(name)
        return _definition(self.cells[number - 1], name) if number else ""

    def lessons(self) -> set[str]:
        """Return the lessons that it has exercises of.

        By its calls of `me.check`; where these were deleted, by the names that it defines.
        """
        known = all_exercises()
        if checked := {n for cell in self.cells for n in CHECKED.findall(cell) if n in known}:
            return {known[number].lesson for number in checked}
        names = set().union(*map(_names, self.cells))
        hits = [exercise.lesson for exercise in known.values() if exercise.name in names]
        most = max(map(hits.count, hits), default=0)
        return {lesson for lesson in hits if hits.count(lesson) == most}


def read_notebook(content: bytes) -> Notebook:
    """Return the code cells of a notebook of any version; of its metadata nothing is needed.

    Raises:
        ValueError: saying why it cannot be read.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        whole = "it is empty or too large" if not content.strip() else "it is no whole notebook"
        raise ValueError(f"cannot be read: {whole}; ask for it again") from None
    if not isinstance(found, dict):
        raise ValueError("cannot be read: it is no notebook; ask for it again")
    sheets = found.get("worksheets")
    first = sheets[0] if isinstance(sheets, list) and sheets else found
    cells = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(cells, list):
        raise ValueError("cannot be read: it has no cells; ask for it again")
    language = _language(found)
    if language != "python":
        raise ValueError(f"is written for {language}, not for Python")
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return Notebook(tuple(_text(cell.get("source", cell.get("input", ""))) for cell in code))


def _language(notebook: dict[str, object]) -> str:
    metadata = notebook.get("metadata")
    about = metadata if isinstance(metadata, dict) else {}
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        value = about.get(part)
        if isinstance(value, dict) and isinstance(value.get(key), str):
            return str(value[key]).lower()
    return "python"


def _text(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _tree(cell: str) -> ast.Module | None:
    try:
        return ast.parse(TransformerManager().transform_cell(cell))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _names(cell: str) -> set[str]:
    """Return the names that a cell defines at its top level, also if it cannot be compiled."""
    tree = _tree(cell)
    if tree is None:
        return {name for pair in DEFINED.findall(cell) for name in pair if name}
    return {name for node in tree.body for name in _bound(node)}


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return {one.id for one in stored if isinstance(one.ctx, ast.Store)}


def _definition(cell: str, name: str) -> str:
    tree = _tree(cell)
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return ast.get_source_segment(TransformerManager().transform_cell(cell), node) or cell
    return cell
