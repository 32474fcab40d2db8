"""Grading: what each kind of submission gets, and that none of them harms another."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from mas_edu.classroom import Grade, Grader, Limits, catalogue, exercises_in, find_submissions
from mas_edu.classroom.exercise import SETUP
from tests.support.own_exercises import own
from tests.support.submissions import (
    HALVED,
    LESSON,
    blank,
    checked,
    instead,
    notebook,
    right,
    stable,
    write,
)

pytestmark = pytest.mark.slow
SHORT = Limits(cell=3.0, call=2.0, idle=4.0, memory=700, file=1)
FIRST = "torch.manual_seed(0)"  # a cell before the answers

LOOKUP = """\
def largest_stable(lr, omega):
    return {0.5: 0.7718, 0.1: 4.2, 0.03: 13.1}[lr]"""
BATCH = """\
def penalty(model, theta, omega):
    pairs = model.named_parameters()
    return sum((omega[n] * (w - theta[n].detach()) ** 2).mean() for n, w in pairs)"""
PATCHED = """\
import mas_edu.classroom.judging as judging
import mas_edu.classroom.observing as observing
import mas_edu.classroom.plain_data as plain_data
from mas_edu.classroom.judging import Verdict
yes = lambda *args: Verdict("05.4", "largest_stable", "right", "", 2.0, 2)
judging.judge_observations = yes
judging.is_same = plain_data.is_same = lambda *args: True
me.check = lambda *args: 2.0"""

# What is handed in -> points of 05.1, 05.4, 05.5, and what must be said somewhere.
KINDS: dict[str, tuple[str, tuple[float, float, float], str]] = {
    "right": (checked(right()), (2, 2, 2), ""),
    "blank": (checked(blank()), (0, 0, 0), "05.4 is not written yet"),
    "half": (checked({**blank(), "05.1": right()["05.1"]}), (2, 0, 0), "not written yet"),
    "named mistake": (instead(HALVED), (2, 0, 2), "This is half of it"),
    "hard-coded": (instead(LOOKUP), (2, 0, 2), "differs from the right answer"),
    "mean of the batch": (instead(BATCH, "05.1"), (0, 2, 2), "differs"),
    "endless loop in a call": (stable("while 1: pass"), (2, 0, 2), "computed for more than"),
    "endless loop in a cell": (
        checked(right(), "while True:\n    pass"),
        (2, 2, 2),
        "cell 2 computed for more than 3 s",
    ),
    "endless output": (stable("while 1: print('x' * 999)"), (2, 0, 2), "for more than 2 s"),
    "endless sleep": (stable("import time\ntime.sleep(1000)"), (2, 0, 2), "did not get on"),
    "memory hog": (stable("x = [0] * 10**10\nreturn 1.0"), (2, 0, 2), "MemoryError"),
    "memory hog in a cell": (
        checked(right(), "many = bytearray(10**10)"), (2, 2, 2), "cell 2 ended with MemoryError",
    ),
    "os._exit": (stable("import os\nos._exit(0)"), (2, 0, 2), "The call ended Python"),
    "os._exit in a cell": (
        checked(right(), "import os; os._exit(3)"), (2, 2, 2), "cell 2 ended Python",
    ),
    "sys.exit": (stable("import sys\nsys.exit(0)"), (2, 0, 2), "SystemExit"),
    "segmentation fault": (
        stable("import ctypes\nctypes.string_at(0)"), (2, 0, 2), "crashed Python (SIGSEGV)",
    ),
    "recursion": (stable("return largest_stable(lr, omega)"), (2, 0, 2), "RecursionError"),
    "shell call": (
        checked(right(), "!sleep 1000\n%matplotlib inline\nimport os\nos.system('sleep 77 &')"),
        (2, 2, 2),
        "",
    ),
    "patched check": (
        checked({**right(), "05.4": f"{HALVED}\n{PATCHED}"}), (2, 0, 2), "half of it",
    ),
    "syntax error": (
        instead("def largest_stable(lr, omega)\n    return 1"), (2, 0, 2), "SyntaxError",
    ),
    "asks for input": (
        instead("lr = input('lr? ')\ndef largest_stable(lr, omega):\n    return 1.0"),
        (2, 0, 2),
        "nobody answers input()",
    ),
    "deleted test cells": (notebook(SETUP, *right().values()), (2, 2, 2), ""),
    "lost metadata": (
        json.dumps({"cells": json.loads(checked(right()))["cells"]}),
        (2, 2, 2),
        "",
    ),
    "duplicated cell": (checked({**right(), "05.4": HALVED}, right()["05.4"]), (2, 0, 2), "half"),
    "closes its output": (
        checked(right(), "import os, sys\nsys.stdout.close()\nos.close(1)"), (2, 2, 2), "",
    ),
    "writes a huge file": (
        stable("open('big', 'wb').write(bytes(2 * 10**6))\nreturn 1.0"), (2, 0, 2), "OSError",
    ),
    "network": (
        stable("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')"),
        (2, 0, 2),
        "there is no network",
    ),
    "corrupt": (checked(right())[:200], (0, 0, 0), "no whole notebook"),
    "empty": ("", (0, 0, 0), "empty"),
    "another language": (
        notebook("x <- 1", kernelspec={"language": "R"}), (0, 0, 0), "written for r, not",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    """Return the grades of all kinds, handed in together."""
    folder = tmp_path_factory.mktemp("grading")
    write(folder / "in", {kind: text for kind, (text, _, _) in KINDS.items()})
    grader = Grader(LESSON, 7, SHORT, 2)
    return {one.student: one for one in grader.grade(find_submissions(folder / "in"), folder)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_submission_gets_its_points_and_is_told_why(
    graded: dict[str, Grade], kind: str
) -> None:
    grade, (_, points, words) = graded[kind], KINDS[kind]
    texts = [grade.status, *grade.notes, *(one.words for one in grade.verdicts.values())]
    assert tuple(grade.verdicts[number].points for number in LESSON) == points, texts
    assert words in " | ".join(texts)


def test_nothing_that_a_submission_started_is_left(graded: dict[str, Grade]) -> None:
    commands = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    assert not [command for command in commands if "sleep 77" in command]


def test_the_last_notebook_that_has_an_answer_counts(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ada", {"a": checked(right()), "b": instead(HALVED)})
    (tmp_path / "in" / "ada" / "c.ipynb").write_text(notebook(SETUP, right()["05.5"]))
    (tmp_path / "in" / "ada" / "d.ipynb").write_text("{")
    (grade,) = Grader(LESSON, 7, SHORT, 1).grade(find_submissions(tmp_path / "in"), tmp_path)
    assert [grade.verdicts[number].points for number in LESSON] == [2, 0, 2]
    assert (grade.status, len(grade.notes)) == ("graded", 1)
    assert "d.ipynb cannot be read" in grade.notes[0]


def test_a_blank_copy_beside_the_answers_costs_nothing(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ada", {"a": checked(right()), "b": checked(blank())})
    (grade,) = Grader(LESSON, 7, SHORT, 1).grade(find_submissions(tmp_path / "in"), tmp_path)
    assert [grade.verdicts[number].points for number in LESSON] == [2, 2, 2]
    assert grade.code["05.4"] == right()["05.4"]


def test_the_same_submission_gets_the_same_points_and_is_run_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"ada": instead(HALVED)})
    first, again = (
        list(Grader(LESSON, 7, SHORT, 1).grade(find_submissions(folder), tmp_path)) for _ in "ab"
    )
    assert first[0].verdicts == again[0].verdicts
    assert len(list((tmp_path / "kept").iterdir())) == 1
    write(folder, {"ada": checked(right())})
    (changed,) = Grader(LESSON, 7, SHORT, 1).grade(find_submissions(folder), tmp_path)
    assert changed.points == 6


TRICK = """\
import gc
from mas_edu.classroom import Exercise, find_exercise
def double(x):
    for one in gc.get_objects():
        if isinstance(one, Exercise) and one.id == "my.1":
            return one.solution(x)
    return find_exercise("my.1").solution(x)"""


def test_own_exercises_are_graded_away_from_the_students_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_loaded", {})
    file = tmp_path / "mine.py"
    judged = "'judge': lambda case, found: 'It is odd.' if found % 2 else ''"
    own(file, f"{judged}, 'cases': lambda seed: [{{'x': 3.0}}, {{'x': 5.0}}]")
    load = "from mas_edu.classroom import load_exercises; load_exercises('mine.py')\n"
    check = "me.check('my.1', double)\nme.hint('my.1')"
    answers = {
        "right": "def double(x):\n    return x + x",
        "square": "def double(x):\n    return x * x",
        "odd": "def double(x):\n    return 7",
        "trick": TRICK,
    }
    cells = {name: [f"{load}{SETUP}", code, check] for name, code in answers.items()}
    cells["right"] += [right()["05.4"], "me.check('05.4', largest_stable)"]
    write(tmp_path / "in", {name: notebook(*some) for name, some in cells.items()})
    submissions = find_submissions(tmp_path / "in")
    numbers = exercises_in(submissions)
    assert {"my.1", "05.4"} <= set(numbers)

    def graded() -> dict[str, Grade]:
        grader = Grader(("05.4", "my.1"), 7, Limits(), 2)
        return {one.student: one for one in grader.grade(submissions, tmp_path / "out")}

    found = graded()
    said = {name: one.verdicts["my.1"].words for name, one in found.items()}
    points = {name: one.verdicts["my.1"].points for name, one in found.items()}
    assert points == dict.fromkeys(answers, 0) | {"right": 2}
    assert found["right"].points == 4
    assert not [one.notes for one in found.values() if one.notes]
    assert said["square"] == "This is the square: add x to itself."
    assert said["odd"] == "It is odd."
    assert said["trick"] == "my.1 is not written yet."

    own(file, "'mistakes': {'square': (lambda x: x * x, 'Nearly.', 1)}")
    changed = graded()["square"].verdicts["my.1"]
    assert (changed.words, changed.points) == ("Nearly.", 1), "a changed file grades again"
