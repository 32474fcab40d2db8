"""The way through the course: links, the start page, the pages made from all lessons."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

import mas_edu as me
from mas_edu.classroom import all_exercises, find_exercise
from mas_edu.lessons import where_you_stand
from mas_edu.widgets import reader_answers
from mas_edu.widgets.glossary_terms import TERMS
from tools.lessons import LESSONS, Lesson, chain, reference_pages
from tools.lessons.chain import INDEX, PLAYGROUND, START, Page
from tools.lessons.lesson import FOLDER

WRITE = "run python -m tools.lessons --links"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def prose(notebook: Any) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


# ---- links


def test_the_links_are_those_that_the_tool_writes() -> None:
    for path, notebook in chain.linked(chain.pages()).items():
        assert read(path) == notebook, f"{path.name}: {WRITE}"


def test_the_way_is_one_chain_through_all_lessons() -> None:
    way, seen = PLAYGROUND, []
    while True:
        seen.append(way)
        found = re.search(r"Next: \[[^\]]+\]\(([^)]+)\)", prose(read(way)))
        if not found:
            break
        after = FOLDER / found[1]
        assert f"Back: {Page(way, read(way)).link}" in prose(read(after))
        way = after
    assert seen == [PLAYGROUND, *(lesson.path for lesson in LESSONS)]


@each_notebook
def test_every_link_leads_to_a_notebook_that_is_there(path: Path) -> None:
    for target in LINK.findall(prose(read(path))):
        assert (FOLDER / target).is_file(), target


@each_notebook
def test_every_page_leads_to_the_start_page(path: Path) -> None:
    first = read(path).cells[0].source
    assert path == INDEX or first.endswith(f"\n\n{START}")


def _page(name: str, title: str, end: str = "## Summary") -> Page:
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title}", id="header"),
        nbformat.v4.new_markdown_cell(end, id="summary"),
    ]
    return Page(Path(name), nbformat.v4.new_notebook(cells=cells))


def test_links_follow_the_lessons_that_exist() -> None:
    ends = [
        "## Summary",
        "- a\n\nNext: more.",
        "- b\n\nBack: [x](gone.ipynb) · Next: [y](gone.ipynb)",
    ]
    way = [_page(f"0{k}_a.ipynb", f"{k} · A {k}", end) for k, end in enumerate(ends, 1)]
    chain.linked(way)
    assert [page.notebook.cells[1].source for page in way] == [
        "## Summary\n\nNext: [02 A 2](02_a.ipynb)",
        "- a\n\nBack: [01 A 1](01_a.ipynb) · Next: [03 A 3](03_a.ipynb)",
        "- b\n\nBack: [02 A 2](02_a.ipynb)",
    ]
    before = copy.deepcopy(way)
    chain.linked(way)  # once more changes nothing
    assert way == before


def test_a_lesson_leads_to_its_exercises_where_there_are_any(tmp_path: Path) -> None:
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (tmp_path / name).touch()
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "02_b.ipynb").touch()
    way = [_page(str(tmp_path / name), name) for name in ("01_a.ipynb", "02_b.ipynb")]
    for _ in range(2):  # once more changes nothing
        chain.linked(way)
        assert [page.notebook.cells[1].source for page in way] == [
            "## Summary\n\nNext: [02_b.ipynb](02_b.ipynb)",
            "## Summary\n\nNow you: [exercises that name your mistake](exercises/02_b.ipynb)\n\n"
            "Back: [01_a.ipynb](01_a.ipynb)",
        ]


# ---- the pages made from all lessons


def test_the_pages_are_those_that_the_tool_makes() -> None:
    for path, notebook in reference_pages.made().items():
        assert read(path) == notebook, f"{path.name}: {WRITE}"


def test_the_start_page_lists_every_notebook() -> None:
    linked = set(LINK.findall(prose(read(INDEX))))
    exercises = {f"exercises/{path.name}" for path in (FOLDER / "exercises").iterdir()}
    assert linked == {path.name for path in NOTEBOOKS} - {INDEX.name} | exercises


def test_the_start_page_says_what_each_lesson_is_for() -> None:
    table = reference_pages.lesson_table(LESSONS)
    rows = re.findall(r"^\| \[\d+ · .+?\]\(\w+\.ipynb\) \| \d+ \| \w.+ \|$", table, re.MULTILINE)
    assert len(rows) == len(LESSONS)


def test_the_plans_of_the_start_page_take_the_time_they_say() -> None:
    plans = re.findall(r"- \*\*(\d+) minutes\.\*\*((?:.|\n(?!- ))+)", prose(read(INDEX)))
    minutes = {lesson.path.name: lesson.read().metadata["lesson"]["minutes"] for lesson in LESSONS}
    assert [plan for plan, _ in plans] == ["5", "45", "90"]
    for plan, text in plans:
        wholes = re.findall(r"\[lesson \d+\]\((\w+\.ipynb)\)", text.partition("Then")[0])
        assert sum(minutes[name] for name in wholes) <= int(plan) - 5  # left for the rest


def test_the_glossary_has_every_term_and_names_its_lessons() -> None:
    page = reference_pages.glossary(LESSONS)
    for term in TERMS:
        assert f"**{term.replace('*', chr(92) + '*')}**: " in page
    (batch_form,) = (line for line in page.splitlines() if line.startswith("**batch form**"))
    assert "([3](03_omega_by_hand.ipynb), [4](04_cancellation.ipynb)" in batch_form
    for lesson in LESSONS:
        assert f"[{int(lesson.number)}]({lesson.path.name})" in page


@each_lesson
def test_a_lessons_terms_and_sources_are_found(lesson: Lesson) -> None:
    assert set(reference_pages.terms_of(lesson)) <= set(TERMS)
    assert len(reference_pages.terms_of(lesson)) >= 5
    assert list(reference_pages.sources_of(lesson))


def test_the_bibliography_has_each_work_once_with_what_is_taken_from_it() -> None:
    page = reference_pages.bibliography(LESSONS)
    addresses = re.findall(r"https?://[^)]+", page)
    assert len(addresses) == len(set(addresses))
    cited = {a for lesson in LESSONS for a in re.findall(r"https?://[^)]+", prose(lesson.read()))}
    assert {address for address in cited if "arxiv" in address} <= set(addresses)
    mas = next(entry for entry in page.split("\n- ") if "1711.09601" in entry)
    assert mas.lstrip("- ").startswith("R. Aljundi, F. Babiloni")
    assert "[5](05_penalty_and_lambda.ipynb): The penalty" in mas


def test_the_works_of_a_source_are_told_apart() -> None:
    two = "A rule: A. Bee, *Title*, 1999, [arXiv 1](https://a/1), section 4. C. Dee, *Other*, 2001."
    assert list(reference_pages.works_of(two)) == [
        ("A rule", "A. Bee, *Title*, 1999, [arXiv 1](https://a/1)."),
        ("A rule", "C. Dee, *Other*, 2001."),
    ]
    leads = "X: A. Bee, ICML 1999, [arXiv 1](https://a/1). Y: C. Dee and others, JASA 56, 2001."
    assert list(reference_pages.works_of(leads)) == [
        ("X", "A. Bee, ICML 1999, [arXiv 1](https://a/1)."),
        ("Y", "C. Dee and others, JASA 56, 2001."),
    ]
    alone = "A. Bee, *Title: and more*, 1999."
    assert list(reference_pages.works_of(alone)) == [("", alone)]
    assert list(reference_pages.works_of("What else: the notebook *Title*.")) == []


# ---- where you stand


def test_with_nothing_kept_the_first_lesson_is_named(home: Path) -> None:
    stand = where_you_stand(FOLDER)
    assert "Nothing is kept yet" in str(stand)
    assert '<a href="01_forgetting.ipynb">1 · Forgetting in a minute</a></p>' in stand._repr_html_()
    assert len(stand.lessons) == len(LESSONS)
    assert not home.exists()


def test_a_guess_and_right_answers_are_counted() -> None:
    first = LESSONS[0]
    me.predict("01", "How much?").keep(40)
    shown = me.quiz(first.module.QUIZ)
    for place, question in enumerate(first.module.QUIZ):
        shown.answer(place, question.options.index(question.right))
    stand = where_you_stand(FOLDER)
    assert stand.lessons[0].words == ("40", "3 of 3 right", "0 of 4 right")
    assert stand.lessons[1].words == ("none yet", "0 of 3 right", "0 of 4 right")
    assert stand.next == stand.lessons[1]
    assert f"1 of {len(LESSONS)} lessons are done" in str(stand)


def test_exercises_that_are_right_are_counted() -> None:
    for number in ("05.4", "05.5"):
        me.check(number, find_exercise(number).solution)
    me.check("05.1", lambda model, theta, omega: 0.0)
    stand = where_you_stand(FOLDER)
    lesson = next(one for one in stand.lessons if one.file.startswith("05"))
    count = sum(number.startswith("05.") for number in all_exercises())
    assert lesson.words[2] == f"2 of {count} right"
    assert lesson.begun
    assert not lesson.done
    assert f"<td>2 of {count} right</td>" in stand._repr_html_()


def test_a_lesson_without_exercises_has_a_dash(tmp_path: Path) -> None:
    name = LESSONS[0].path.name
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert where_you_stand(tmp_path).lessons[0].words[2] == "–"


def test_the_right_answer_stays_when_the_others_are_tried() -> None:
    question = LESSONS[0].module.QUIZ[0]
    right = question.options.index(question.right)
    wrong = (right + 1) % len(question.options)
    shown = me.quiz([question])
    shown.answer(0, wrong)
    assert reader_answers().read() == {question.text: question.options[wrong].text}
    shown.answer(0, right)
    shown.answer(0, wrong)
    assert reader_answers().read() == {question.text: question.right.text}


def test_a_folder_that_cannot_be_written_spoils_no_quiz(home: Path, monkeypatch: Any) -> None:
    home.write_text("")
    monkeypatch.setenv("MAS_EDU_HOME", str(home / "inside"))
    shown = me.quiz(LESSONS[0].module.QUIZ)
    assert shown.answer(0, 0)[0] in "✓✗"
    assert "cannot be written: let MAS_EDU_HOME name a folder" in shown.asked[0].feedback.value
    shown.answer(0, 1)
    assert "cannot be written" not in shown.asked[0].feedback.value, "it is said once"
    assert "Nothing is kept yet" in str(where_you_stand(FOLDER))


def test_all_lessons_can_be_done() -> None:
    for lesson in LESSONS:
        me.predict(lesson.number, "How much?").keep(40)
        for question in lesson.module.QUIZ:
            reader_answers().keep(question.text, question.right.text)
    stand = where_you_stand(FOLDER)
    assert stand.next is None
    assert str(stand).startswith(f"All {len(LESSONS)} lessons are done.")


def test_a_folder_without_lessons_is_one_sentence(tmp_path: Path) -> None:
    assert "no lessons beside this notebook" in str(where_you_stand(tmp_path))
