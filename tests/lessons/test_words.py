"""One word for one thing: what the lessons and their quizzes call by the field's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest

from mas_edu.widgets.glossary_terms import TERMS
from tools.lessons import BESIDE, LESSONS
from tools.lessons.lesson import FOLDER

# What is not written: what is written instead.
INSTEAD = {
    r"optimiser\w*": "optimizer",
    r"mini-?batch\w*": "batch",
    r"iterations?": "update",
    r"neurons?": "unit",
    r"(?<!Memory Aware )synapses?": "weight",
    r"hyper-?parameters?": "λ, learning rate: the thing itself",
    r"regulari[sz]\w*": "penalty",
    r"importance (?:weight|score|factor)s?": "Ω",
    r"slopes?": "gradient",
    r"ground truths?": "label",
    r"(?:test|training|train|validation) (?:set|split)s?": "test part, training part",
    r"random seeds?": "seed",
    r"catastrophic interference": "catastrophic forgetting",
    r"slips?": "mistake, known bug",
    r"rightly|wrongly": "correctly, wrong",
    r"aught|lest|whilst|hence|thereby": "plain words",
}
FORBIDDEN = re.compile("|".join(rf"(?P<g{k}>\b(?:{p})\b)" for k, p in enumerate(INSTEAD)), re.I)
NOT_OURS = ("sources", "entries")  # cells with titles of other people's works


def faults(text: str) -> Iterator[str]:
    """Yield each word that is not ours, and what to write instead; code does not count."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    for found in FORBIDDEN.finditer(" ".join(prose.split())):
        instead = list(INSTEAD.values())[int(str(found.lastgroup)[1:])]
        yield f"{found[0]!r}: write {instead}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_prose_of_notebooks_has_one_word_for_one_thing(path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and cell.id not in NOT_OURS:
            assert list(faults(cell.source)) == [], cell.id


@pytest.mark.parametrize("lesson", [*LESSONS, *BESIDE], ids=lambda lesson: lesson.number)
def test_quizzes_have_one_word_for_one_thing(lesson) -> None:
    for question in lesson.module.QUIZ:
        texts = [question.text, *(f"{o.text} {o.feedback}" for o in question.options)]
        assert [fault for text in texts for fault in faults(text)] == []


def test_the_glossary_has_one_word_for_one_thing() -> None:
    assert [fault for text in TERMS.values() for fault in faults(text)] == []


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("The Optimiser moves.", "optimizer"),
        ("in each mini-batch of 32", "batch"),
        ("a synapse", "weight"),
        ("the test\nset", "test part"),
    ],
)
def test_forbidden_words_are_found(text: str, instead: str) -> None:
    assert any(instead in fault for fault in faults(text))


def test_names_and_code_may_have_them() -> None:
    text = "**Memory Aware Synapses**, `optimiser=None`, settings, a test setting"
    assert list(faults(text)) == []
