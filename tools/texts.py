"""List the texts that a language lacks, as lines to fill in.

python -m tools.texts de                       # all of them
python -m tools.texts de lessons/forgetting    # those of this part of the package

A text is the first argument of `translate`, a label or tooltip of `look`, a text of a `Question`, a
string with named fields, or a constant whose line says "# translated". Those of a notebook are the
question of `predict` and the labels of `try_this`. It fails if the language's file calls a part
complete that is not, or translates what is nowhere said.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

from mas_edu._common import languages
from tools.lessons import LESSONS, Lesson
from tools.paths import ROOT

PACKAGE = ROOT / "mas_edu"
FOLDER = PACKAGE / "languages"
TRANSLATING = {"look", "_look", "Question"}  # calls with nothing but texts to translate
MARK = "# translated"
FIELD = re.compile(r"\{[a-z_]+(:[^{}]*)?\}")
BUTTONS = re.compile(r"try-\d-buttons")


def texts() -> dict[str, list[str]]:
    """Return all texts by where they stand, each once in a place."""
    found = {
        str(path.relative_to(PACKAGE)): list(dict.fromkeys(texts_in(path.read_text("utf-8"))))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    for lesson in LESSONS:
        place = f"lessons/{lesson.path.stem[3:]}/{lesson.path.name}"
        found[place] = list(dict.fromkeys(filter(has_words, texts_of_notebook(lesson))))
    return {place: some for place, some in found.items() if some}


def texts_in(source: str) -> Iterator[str]:
    """Yield the texts of a module that are to be translated.

    >>> list(texts_in('words = translate("a task" if one else "tasks"), f"{a} task"'))
    ['a task', 'tasks']
    """
    lines, tree = source.splitlines(), ast.parse(source)
    for node in ast.walk(tree):
        chosen: list[Any] = []
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", "")
            chosen = node.args if name in TRANSLATING else chosen
            chosen = _either(node.args[0]) if name == "translate" else chosen
        elif isinstance(node, ast.Assign | ast.AnnAssign) and MARK in lines[node.lineno - 1]:
            chosen = [node.value]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.IfExp):
            found = _either(node.value)
            chosen = found if any(FIELD.search(str(one.value)) for one in found) else []
        yield from filter(has_words, _strings(chosen))


def texts_of_notebook(lesson: Lesson) -> list[str]:
    """Run the cells that ask for a guess or offer buttons, and return what they say."""
    found: list[str] = []

    def asked(name: str, question: str, options: Any = (), unit: str = "%", **_: Any) -> None:
        found.extend([question, *options, unit])

    def offered(_: Any, suggestions: dict[str, Any]) -> None:
        found.extend(suggestions)

    with (
        mock.patch("mas_edu.widgets.prediction.predict", asked),
        mock.patch("mas_edu.widgets.try_this", offered),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        names: dict[str, Any] = {"figure": None}
        for cell in lesson.read().cells:
            if cell.id == "predict" or BUTTONS.fullmatch(cell.id):
                exec(cell.source, names)
    return found


def has_words(text: str) -> bool:
    """Return whether there is anything to translate.

    >>> has_words("{low} to {high}"), has_words("θ₁ = {size:.3g} %")
    (True, False)
    """
    return re.search(r"[A-Za-z]{2}", FIELD.sub("", text)) is not None


def read(language: str) -> dict[str, Any]:
    """Read a language's file; an empty one if there is none yet."""
    path = FOLDER / f"{language}.json"
    if language not in languages():
        return {"complete": [], "texts": {}}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"), object_pairs_hook=_without_twins)
    return found


def lacking(language: str) -> dict[str, list[str]]:
    """Return the texts without a translation, by where they stand."""
    known = read(language)["texts"]
    missing = {place: [t for t in some if t not in known] for place, some in texts().items()}
    return {place: some for place, some in missing.items() if some}


def faults(language: str) -> list[str]:
    """Return what is wrong with a language's file, in sentences."""
    content, everything, missing = read(language), texts(), lacking(language)
    said = {text for some in everything.values() for text in some}
    found = [f"nothing says {text!r} any more" for text in content["texts"] if text not in said]
    for part in content["complete"]:
        if not _of(part, everything):
            found.append(f"complete: there is no part {part!r}")
        for place, some in _of(part, missing).items():
            found.append(f"{part} is called complete, but {place} has {len(some)} more")
    return found


def main() -> None:
    """List what is missing, then what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.texts", description=__doc__)
    parser.add_argument("language", help="such as de")
    parser.add_argument("part", nargs="?", default="", help="such as widgets; none: all")
    chosen = parser.parse_args()
    for place, some in _of(chosen.part, lacking(chosen.language)).items():
        print(f"{place}:")
        print(*(f'  {json.dumps(text, ensure_ascii=False)}: "",' for text in some), sep="\n")
    found = faults(chosen.language)
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))


def _of(part: str, places: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the places in this folder or file."""
    return {p: some for p, some in places.items() if not part or f"{p}/".startswith(f"{part}/")}


def _either(node: ast.expr) -> list[ast.Constant]:
    """Return the texts that an expression may become: itself, or the two of a condition."""
    if isinstance(node, ast.IfExp):
        return [*_either(node.body), *_either(node.orelse)]
    return [node] if isinstance(node, ast.Constant) else []


def _strings(nodes: list[Any]) -> Iterator[str]:
    """Yield all texts within some expressions, but not the parts of f-strings."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif not isinstance(node, ast.JoinedStr | ast.Constant):
            yield from _strings(list(ast.iter_child_nodes(node)))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; refuse a text that is translated twice."""
    twins = {key for key, _ in pairs if [other for other, _ in pairs].count(key) > 1}
    if twins:
        raise SystemExit(f"translated twice: {', '.join(map(repr, sorted(twins)))}")
    return dict(pairs)


if __name__ == "__main__":
    main()
