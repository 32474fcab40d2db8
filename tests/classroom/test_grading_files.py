"""Grading: where submissions are found, what is written, what is filled into a gradebook."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mas_edu.classroom import (
    Grade,
    Verdict,
    all_exercises,
    exercises_in,
    feedback_text,
    fill_gradebook,
    find_submissions,
    write_pages,
)
from mas_edu.classroom.grading.gradebook import split_cells
from mas_edu.classroom.grading.grades import file_name
from mas_edu.classroom.grading.notebook_code import read_notebook
from mas_edu.classroom.grading.pages import summary_page
from tests.support.submissions import checked, notebook, right

LAYOUTS = {
    "notebooks": ["ada.ipynb", "Bo Li.ipynb"],
    "folders": ["ada/ex05 (1).ipynb", "Bo Li/deep/inside/it.ipynb"],
    "Moodle": [
        "ada_11_assignsubmission_file_/x.ipynb", "Bo Li_12_assignsubmission_file/x.ipynb",
    ],
    "Canvas": ["ada_4711_98765_x.ipynb", "Bo Li_LATE_4712_98766_x-2.ipynb"],
    "nbgrader": ["ada/ex05/x.ipynb", "Bo Li/ex05/x.ipynb"],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_submissions_are_found_in_every_layout_also_in_a_zip(tmp_path: Path, layout: str) -> None:
    for name in [*LAYOUTS[layout], "ada/.ipynb_checkpoints/x.ipynb", "__MACOSX/ada.ipynb"]:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in (tmp_path / "in").rglob("*.ipynb"):
            archive.write(path, path.relative_to(tmp_path / "in"))
    for place in (tmp_path / "in", tmp_path / "all.zip"):
        found = find_submissions(place)
        assert [one.student for one in found] == ["Bo Li", "ada"]
        assert [len(one.files) for one in found] == [1, 1]


@pytest.mark.parametrize(
    "student",
    ["李" * 82, "é" * 120, "a" * 250, "../" * 60, "." * 99],
    ids=["Chinese", "accents", "long", "upwards", "dots"],
)
def test_the_name_of_a_students_file_fits_on_a_disk(tmp_path: Path, student: str) -> None:
    name = file_name(student)
    assert len(name.encode()) < 120
    assert name != file_name(student[:-1])
    write_pages([Grade(student, (), {})], tmp_path)
    assert (tmp_path / "feedback" / f"{name}.html").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_can_be_written(tmp_path: Path) -> None:
    for name in (b"\xff", b"\xfe"):
        Path(os.fsdecode(bytes(tmp_path / "in") + b"-" + name)).mkdir()
    folders = [path for path in tmp_path.iterdir() if path.name.startswith("in-")]
    for folder in folders:
        (folder / "x.ipynb").write_text("{}")
    found = find_submissions(tmp_path)
    write_pages([Grade(one.student, (), {}) for one in found], tmp_path / "out")
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == 2


@pytest.mark.parametrize(
    ("inside", "student"),
    [
        ("ada/x.ipynb", "ada"),
        ("submitted/ada/x.ipynb", "ada"),
        ("ada_11_assignsubmission_file_/work/x.ipynb", "ada"),
    ],
)
def test_a_zip_of_one_student_alone(tmp_path: Path, inside: str, student: str) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr(inside, "{}")
    assert [one.student for one in find_submissions(tmp_path / "one.zip")] == [student]


def test_two_students_of_one_name_stay_two_and_two_files_of_one_stay_one(tmp_path: Path) -> None:
    for name in (
        "Bo Li_12_assignsubmission_file_/x.ipynb", "Bo Li_13_assignsubmission_file_/x.ipynb",
        "ada_4711_1_x.ipynb", "ada_4711_2_y.ipynb",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = {one.student: len(one.files) for one in find_submissions(tmp_path)}
    assert found == {"Bo Li (participant 12)": 1, "Bo Li (participant 13)": 1, "ada": 2}


def test_what_holds_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no zip")
    for place in (tmp_path, tmp_path / "a.txt", tmp_path / "gone"):
        with pytest.raises(ValueError, match="DIR: expected"):
            find_submissions(place)


# ---- notebooks ---------------------------------------------------------------------------------


def test_the_lesson_follows_from_the_checks_or_else_from_the_names(tmp_path: Path) -> None:
    by_checks = read_notebook(checked(right()).encode())
    by_names = read_notebook(notebook(*right().values()).encode())
    assert by_checks.lessons() == by_names.lessons() == {"05"}
    another = f"{all_exercises()['01.1'].name} = 1"  # a name of another lesson beside three
    assert read_notebook(notebook(another, *right().values()).encode()).lessons() == {"05"}
    assert read_notebook(notebook("x = 1").encode()).lessons() == set()
    (tmp_path / "ada.ipynb").write_text(checked(right()))
    numbers = [number for number, one in all_exercises().items() if one.lesson == "05"]
    assert exercises_in(find_submissions(tmp_path)) == tuple(numbers)


def test_the_students_own_code_is_found_also_where_it_cannot_be_compiled() -> None:
    book = read_notebook(
        notebook("def f(:\n  1", "x = 2", "def g():\n    return 1\ny = 3").encode()
    )
    assert book.last_cell_with("f") == 1
    assert book.code_of("f") == "def f(:\n  1"
    assert book.code_of("g") == "def g():\n    return 1"
    assert book.code_of("nothing") == ""


def test_an_old_notebook_and_one_with_a_mark_at_its_start_are_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]}]}
    assert read_notebook(json.dumps(old).encode()).cells == ("x = 1\ny = 2",)
    assert read_notebook("\ufeff".encode() + notebook("x = 1").encode()).cells == ("x = 1",)


# ---- pages -------------------------------------------------------------------------------------


def grade(student: str, *, status: str = "right", ids: tuple[str, ...] = ()) -> Grade:
    words = "" if status == "right" else "This is <half> of it."
    points = 2.0 if status == "right" else 0.0
    verdict = Verdict("05.4", "largest_stable", status, words, points, 2)  # type: ignore[arg-type]
    return Grade(student, ids, {"05.4": verdict}, code={"05.4": "def largest_stable(): <b>"})


def test_grades_feedback_and_summary_are_written(tmp_path: Path) -> None:
    broken = Grade("Zoë", (), grade("", status="missing").verdicts, "x.ipynb cannot be read")
    write_pages([grade("ada"), grade("=1+1", status="mistake"), broken], tmp_path)
    raw = (tmp_path / "grades.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["student", "points", "of", "05.4", "status", "notes"]
    assert rows[1] == ["ada", "2", "2", "2", "graded", ""]
    assert rows[2][0] == "'=1+1", "no formula for a spreadsheet"
    assert rows[3] == ["Zoë", "0", "2", "0", "x.ipynb cannot be read", ""]
    page = (tmp_path / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "05.4 largest_stable: right, 2 of 2" in page
    assert "def largest_stable(): &lt;b&gt;" in page
    assert "return 2 / (lr" not in page, "no solution"
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 3
    summary = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert "05.4 largest_stable: 1 of 3 right" in summary
    assert "<td>1 of 3</td><td>This is &lt;half&gt; of it.</td>" in summary
    assert "Zoë" in summary


def test_the_summary_counts_each_kind_of_what_went_wrong() -> None:
    told = {
        "TypeError: x, in your line 3: f(x)": "<td>2 of 4</td><td>ended with TypeError</td>",
        "TypeError: y": "<td>2 of 4</td><td>ended with TypeError</td>",
        "The call computed for more than 10 s: is there a loop without an end?": (
            "<td>1 of 4</td><td>The call computed for more than 10 s</td>"
        ),
        "The call ended Python.": "<td>1 of 4</td><td>The call ended Python</td>",
    }
    grades = [
        Grade(str(k), (), {"05.4": Verdict("05.4", "largest_stable", "error", words, 0.0, 2)})
        for k, words in enumerate(told)
    ]
    page = summary_page(grades)
    assert all(row in page for row in told.values())


# ---- gradebooks --------------------------------------------------------------------------------

CANVAS = (
    "Student,ID,SIS Login ID,Section,Exercises 5 (991),Other (992)\r\n"
    "    Points Possible,,,,10,5\r\n"
    '"Byron, Ada",4711,ada,"A ""1""",,3\r\n'
    '"Li, Bo",4712,bo@x.org,A,7,\r\n'
    '"Student, Test",4713,t,A,,'
)
MOODLE = (
    "\ufeffFirst name;Last name;ID number;Email address;Exercises 5 (Real);Last downloaded\n"
    'Ada;Byron;1;ada@x.org;-;"1;2"\n'
    "Bo;Li;2;bo@x.org;-;3\n"
    "Bo;Li;3;bo2@x.org;-;3\n"
)


def points(one: Grade) -> str:
    return f"{one.points:g}"


def test_canvas_only_the_cells_of_the_students_change() -> None:
    grades = [grade("byronada", ids=("4711",)), grade("libo", status="mistake"), grade("nobody")]
    found = fill_gradebook(CANVAS.encode(), {"Exercises 5": points}, grades)
    expected = CANVAS.replace('"A ""1""",,3', '"A ""1""",2,3').replace(
        "bo@x.org,A,7", "bo@x.org,A,0"
    )
    assert found.content == expected.encode()
    assert (found.matched, found.unmatched, found.ambiguous) == (2, ("nobody",), ())


def test_moodle_two_rows_of_one_name_are_left_and_listed() -> None:
    columns: dict[str, Callable[[Grade], str]] = {
        "Exercises 5 (Real)": points, "Last downloaded": feedback_text,
    }  # fmt: skip
    found = fill_gradebook(MOODLE.encode(), columns, [grade("Ada Byron"), grade("Bo Li")])
    expected = MOODLE.replace('ada@x.org;-;"1;2"', "ada@x.org;2;05.4: right.")
    assert found.content == expected.encode()
    assert found.ambiguous == ("Bo Li",)


def test_the_row_of_titles_is_no_student_s_and_a_text_with_a_comma_stays_one_cell() -> None:
    columns: dict[str, Callable[[Grade], str]] = {"Exercises 5": lambda _: "a, b"}
    found = fill_gradebook(CANVAS.encode(), columns, [grade("student"), grade("ada")])
    assert found.unmatched == ("student",)
    assert found.content == CANVAS.replace('"A ""1""",,3', '"A ""1""","a, b",3').encode()


def test_a_number_tells_two_students_of_one_name_apart() -> None:
    book = "Identifier,Full name,Grade\nParticipant 12,Bo Li,\nParticipant 13,Bo Li,\n"
    grades = [grade(f"Bo Li (participant {k})", ids=(f"participant {k}",)) for k in (13, 12)]
    found = fill_gradebook(book.encode(), {"Grade": lambda one: one.ids[0][-2:]}, grades)
    assert found.content.decode() == book.replace("12,Bo Li,", "12,Bo Li,12").replace(
        "13,Bo Li,", "13,Bo Li,13"
    )
    assert found.matched == 2


def test_two_students_for_one_row_are_both_left_empty() -> None:
    found = fill_gradebook(
        CANVAS.encode(), {"Exercises 5": points}, [grade("ada"), grade("byronada")]
    )
    assert found.content == CANVAS.encode()
    assert found.ambiguous == ("ada", "byronada")


def test_an_email_a_login_and_another_encoding_are_understood() -> None:
    book = "Email;Points;Straße\r\nzoe@x.org;;ä\r\n".encode("cp1252")
    found = fill_gradebook(book, {"Points": points}, [grade("zoe")])
    assert found.content == "Email;Points;Straße\r\nzoe@x.org;2;ä\r\n".encode("cp1252")


def test_feedback_may_have_letters_that_the_gradebook_has_not() -> None:
    book = "Name;Points;Words\r\nZoë;;\r\n".encode("cp1252")
    columns: dict[str, Callable[[Grade], str]] = {"Points": points, "Words": lambda _: "½ of Ω, ü"}
    found = fill_gradebook(book, columns, [grade("Zoë")])
    assert found.content.decode("cp1252") == 'Name;Points;Words\r\nZoë;2;"½ of &#937;, ü"\r\n'


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="column: expected one of"):
        fill_gradebook(CANVAS.encode(), {"Exercise": points}, [])
    twice = "Student,E (1),E (2)\r\n"
    with pytest.raises(ValueError, match="expected one column 'E', got 2"):
        fill_gradebook(twice.encode(), {"E": points}, [])


@pytest.mark.parametrize(
    "text", ["a,b\n", 'a,"b\nc"\r\n,,\r\n"""",x', "a;b\r\n1;2\r\n", 'a,"no end\n', "", "\n\n", "a,"]
)
def test_cells_put_together_again_are_the_file(text: str) -> None:
    assert "".join(cell + end for line in split_cells(text) for cell, end in line) == text
