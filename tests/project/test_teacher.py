"""The teacher pack: pages as the tool writes them, links, commands, minutes, the graded sample."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import nbformat
import pytest

from mas_edu.classroom import Limits, all_exercises
from mas_edu.cli.parser import make_parser
from mas_edu.widgets.playground import playground
from tests.project.test_readme import blocks
from tools.lessons import LESSONS
from tools.paths import ROOT
from tools.readme.badge import binder, derived
from tools.teacher import lesson_pages, memory, parts, sample
from tools.teacher.lesson_pages import FOLDER

CURE = "run make teacher"
PAGES = {path: path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.md"))}
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
TABLE = re.compile(r"^\| minutes \|.*\n\|[-:| ]+\n((?:\|.*\n)+)", re.MULTILINE)
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)


# ---- what is made


def test_the_pages_are_those_that_the_tool_writes() -> None:
    made = lesson_pages.pages()
    for path, text in made.items():
        assert PAGES[path] == text, f"{path.name}: {CURE}"
    assert set((FOLDER / "lessons").iterdir()) == {path for path in made if path.parent != FOLDER}


def test_a_page_has_every_mistake_of_its_exercises_with_its_message() -> None:
    for exercise in all_exercises().values():
        (path,) = (FOLDER / "lessons").glob(f"{exercise.lesson}_*.md")
        for mistake in exercise.known_mistakes.values():
            assert lesson_pages.escaped(mistake.words) in PAGES[path], CURE


def test_the_sample_is_the_one_that_the_tool_writes() -> None:
    made = sample.notebooks()
    assert set(sample.SUBMISSIONS.glob("*/*")) == set(made), CURE
    for path, notebook in made.items():
        assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n", CURE


@each_lesson
def test_the_timing_of_a_lesson_takes_its_minutes(lesson) -> None:
    assert parts.read_parts()[lesson.number].minutes == lesson.read().metadata["lesson"]["minutes"]


def test_a_part_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="01: expected Board, Timing, Discuss, got Board, Timing"):
        parts.read_parts("# 01\n## Board\nb\n## Timing\n- 5: t\n")


def test_measured_memory_keeps_the_row_of_the_other_build() -> None:
    page = memory.with_row("<!-- memory -->\n<!-- /memory -->", "| 1.0, CPU alone | a |\n")
    page = memory.with_row(page, "| 1.0, for NVIDIA cards | b |\n")
    page = memory.with_row(page, "| 2.0, CPU alone | c |\n")
    found = page.splitlines()[3:-1]
    assert found == ["| 1.0, for NVIDIA cards | b |", "| 2.0, CPU alone | c |"]


# ---- what the pages say


@each_page
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in LINK.findall(PAGES[path]):
        there = (path.parent / target).resolve() if target else path
        assert there.is_file(), target
        headings = re.findall(r"^#+ (.+)$", PAGES.get(there, ""), re.MULTILINE)
        slugs = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]
        assert not anchor or anchor in slugs, anchor


def test_every_page_is_reached_from_the_first() -> None:
    reached, ahead = set(), [FOLDER / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in PAGES and path not in reached:
            reached.add(path)
            ahead += [(path.parent / target).resolve() for target, _ in LINK.findall(PAGES[path])]
    assert reached == set(PAGES)


@each_page
def test_every_command_exists(path: Path) -> None:
    text = PAGES[path]
    code = [line for kind, content in blocks_within(text) if kind == "sh" for line in content]
    for line in [*code, *re.findall(r"`((?:make|python -m) [^`]+)`", text)]:
        words = shlex.split(line)
        words = words[1:] if re.fullmatch(r"[A-Z_]+=\S+", words[0]) else words
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        elif words[1:3] == ["-m", "mas_edu"]:
            make_parser().parse_args(words[3:])
        elif words[1:2] == ["-m"] and words[2].startswith("tools"):
            source = (ROOT / words[2].replace(".", "/") / "__main__.py").read_text(encoding="utf-8")
            assert all(f'"{word}"' in source for word in words[3:])


def blocks_within(text: str) -> list[tuple[str, list[str]]]:
    """Return the fenced blocks, also those in a list: language and lines."""
    text = re.sub(r"^ +", "", text, flags=re.MULTILINE)
    return [(kind, content.splitlines()) for kind, content in blocks(text)]


@each_page
def test_addresses_of_the_repository_are_right(path: Path) -> None:
    assert derived(PAGES[path]) == PAGES[path]
    for address in re.findall(r"https://mybinder\.org/v2[^)]+", PAGES[path]):
        assert address == binder("index.ipynb")


def test_each_plan_takes_the_minutes_it_says() -> None:
    page = PAGES[lesson_pages.PLANS]
    sections = re.split(r"^##+ ", page, flags=re.MULTILINE)
    plans = {one.partition("\n")[0]: TABLE.search(one) for one in sections if TABLE.search(one)}
    assert len(plans) == 2 + 8
    for title, table in plans.items():
        rows = [row.strip("| ").split(" | ") for row in table[1].splitlines()]
        stated = re.search(r"(\d+) minutes", title)
        assert sum(int(row[0]) for row in rows) == (int(stated[1]) if stated else 90), title
        stretches = re.split(r"^\| \d+ \| break .*$", table[1], flags=re.MULTILINE)
        for stretch in stretches if "Half a day" in title else []:
            assert sum(map(int, re.findall(r"^\| (\d+)", stretch, re.MULTILINE))) <= 75


@each_page
def test_exercises_that_are_named_exist(path: Path) -> None:
    assert set(re.findall(r"exercise (\d\d\.\d)", PAGES[path])) <= set(all_exercises())


def test_every_figure_can_train_in_the_cell_itself() -> None:
    for figure in [playground, *(lesson.module.figure for lesson in LESSONS)]:
        assert "blocking" in inspect.signature(figure).parameters


def test_what_students_open_leads_to_no_answers() -> None:
    for path in [*FOLDER.parent.glob("*.ipynb"), *FOLDER.parent.glob("exercises/*.ipynb")]:
        assert not re.search(r"\]\((?:\.\./)?(?:teacher|solutions)/", path.read_text("utf-8")), path


# ---- the graded sample


@pytest.mark.slow
def test_the_sample_gets_what_the_page_says(tmp_path: Path) -> None:
    page = PAGES[sample.PAGE].replace("more than 10 s", "more than 2 s")
    assert sample.written(page, Limits(call=2), tmp_path) == page, CURE
    assert "Mika Mistake                     8 of 10\n" in page
