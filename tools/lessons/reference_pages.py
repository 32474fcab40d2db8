"""The pages made from all lessons: the list on the start page, the glossary, the bibliography."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from mas_edu.widgets.glossary_terms import TERMS
from tools import markdown
from tools.lessons.chain import INDEX, PLAYGROUND, START
from tools.lessons.form import cell_of
from tools.lessons.lesson import FOLDER, LESSONS, Lesson
from tools.paths import README
from tools.readme.badge import repository

GLOSSARY, BIBLIOGRAPHY = FOLDER / "glossary.ipynb", FOLDER / "bibliography.ipynb"
ABOUT_TERMS = "Every term and symbol, in a sentence. In brackets: the lessons that use it."
ABOUT_WORKS = "Every work that the lessons cite, and what each lesson takes from it."
ROW = re.compile(r"^\| \[[^\]]+\]\(notebooks/(\w+\.ipynb)\) \|[^|]*\| (.+) \|$", re.MULTILINE)
YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")
ADDRESS = re.compile(r"\[[^\]]+\]\((https?://[^)]+)\)")
INITIALS = re.compile(r"^(?:[A-Z]\w?\.[- ]?)+")
LEAD = re.compile(r"([^:]+): ")  # what is taken from a work, before its authors
NEXT_WORK = re.compile(r"(?<=[\d)])[.;] (?=(?:[^:.]{1,40}: )?[A-Z]\w?\. )")  # after year or address


def made() -> dict[Path, Any]:
    """Make the three pages, by their paths."""
    start = nbformat.read(INDEX, as_version=4)
    cell_of(start, "lessons").source = f"{lesson_table(LESSONS)}\n\n{exercise_links(LESSONS)}"
    return {
        INDEX: start,
        GLOSSARY: _page(f"# Glossary\n\n{ABOUT_TERMS}", glossary(LESSONS)),
        BIBLIOGRAPHY: _page(f"# Bibliography\n\n{ABOUT_WORKS}", bibliography(LESSONS)),
    }


def _page(header: str, text: str) -> Any:
    cells = [
        new_markdown_cell(f"{header}\n\n{START}", id="header"),
        new_markdown_cell(text, id="entries"),
    ]
    about = nbformat.read(PLAYGROUND, as_version=4).metadata
    return new_notebook(cells=cells, metadata=about)


# ---- the start page


def lesson_table(lessons: Sequence[Lesson]) -> str:
    """List the lessons with their links, minutes, and the README's line on each."""
    gains = dict(ROW.findall(README.read_text(encoding="utf-8")))
    rows = []
    for lesson in lessons:
        notebook = lesson.read()
        minutes = notebook.metadata["lesson"]["minutes"]
        gain = gains.get(lesson.path.name, "")
        rows.append((f"[{_title(notebook)}]({lesson.path.name})", str(minutes), gain))
    head = ("lesson", "minutes", "afterwards you can")
    return f"## The lessons\n\n{markdown.table(head, rows, 'lrl')}".rstrip()


def exercise_links(lessons: Sequence[Lesson]) -> str:
    """Link the exercises that there are, and say where teachers find their pages.

    That link leads to the repository: what students get has no teacher pages.
    """
    links = [
        f"[{int(lesson.number)}](exercises/{lesson.path.name})"
        for lesson in lessons
        if (lesson.path.parent / "exercises" / lesson.path.name).is_file()
    ]
    pack = f"https://github.com/{repository()}/tree/HEAD/notebooks/teacher"
    return (
        f"**Exercises** that name your mistake, by lesson: {' · '.join(links)}\n\n"
        f"**Teachers** find plans, answers and grading in the [teacher pack]({pack})."
    )


def _title(notebook: Any) -> str:
    return str(notebook.cells[0].source.splitlines()[0].removeprefix("# "))


# ---- the glossary


def glossary(lessons: Sequence[Lesson]) -> str:
    """Explain every term, in alphabetical order, with the lessons that use it."""
    users: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        for term in terms_of(lesson):
            users.setdefault(term, []).append(lesson)
    lines = []
    for term in sorted(TERMS, key=lambda term: (term[0] > "z", term.casefold())):
        where = ", ".join(_short_link(lesson) for lesson in users.get(term, ()))
        words = f"**{_literal(term)}**: {_literal(TERMS[term])}"
        lines.append(f"{words} ({where})" if where else words)
    return "\n\n".join(lines)


def _literal(text: str) -> str:
    """Escape what Markdown would take for emphasis, such as the star of θ*."""
    return text.replace("*", r"\*")


def terms_of(lesson: Lesson) -> list[str]:
    """Return the terms of a lesson's glossary cell: given there, or as its module's WORDS."""
    call = ast.parse(cell_of(lesson.read(), "glossary").source).body[-1]
    terms: list[str] = []
    for argument in call.value.args:  # type: ignore[attr-defined]
        if isinstance(argument, ast.Starred):
            terms += lesson.module.WORDS
        else:
            terms.append(ast.literal_eval(argument))
    return terms


def _short_link(lesson: Lesson) -> str:
    return f"[{int(lesson.number)}]({lesson.path.name})"


# ---- the bibliography


@dataclass
class Work:
    """A cited work, and what each lesson takes from it."""

    text: str
    uses: dict[Lesson, list[str]] = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, str]:
        """Return the surname of the first author, then the text."""
        return INITIALS.sub("", self.text).casefold(), self.text

    def __str__(self) -> str:
        uses = (
            ": ".join([_short_link(lesson), *filter(None, ["; ".join(what)])])
            for lesson, what in self.uses.items()
        )
        return f"- {self.text}\n  In lesson {' · '.join(uses)}"


def bibliography(lessons: Sequence[Lesson]) -> str:
    """List every work that a lesson cites, once, by its first author."""
    works: dict[str, Work] = {}
    for lesson in lessons:
        for what, text in sources_of(lesson):
            address = ADDRESS.search(text)
            key = address[1] if address else text.casefold()
            work = works.setdefault(key, Work(text))
            if len(text) > len(work.text):
                work.text = text
            uses = work.uses.setdefault(lesson, [])
            if what and what not in text:
                uses.append(what)
    return "\n".join(str(work) for work in sorted(works.values(), key=lambda work: work.order))


def sources_of(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield what a lesson takes from each work, and the work: a source that has a year."""
    source = cell_of(lesson.read(), "sources").source
    for item in re.findall(r"^- (.+(?:\n(?!- |\n).+)*)", source, re.MULTILINE):
        yield from works_of(" ".join(item.split()))


def works_of(item: str) -> Iterator[tuple[str, str]]:
    """Yield the works of one source; what comes after year and address is no part of them.

    >>> list(works_of("A rule: A. Bee, *Title*, 1999. C. Dee, *Other*, 2001, there with a sign."))
    [('A rule', 'A. Bee, *Title*, 1999.'), ('A rule', 'C. Dee, *Other*, 2001.')]
    """
    what = ""
    for part in NEXT_WORK.split(item):
        if (lead := LEAD.match(part)) and not INITIALS.match(part) and not YEAR.search(lead[1]):
            what, part = lead[1], part[lead.end() :]
        years, address = list(YEAR.finditer(ADDRESS.sub("", part))), ADDRESS.search(part)
        if address:
            yield what, f"{part[: address.end()]}."
        elif years:
            yield what, f"{part[: years[-1].end()]}."
