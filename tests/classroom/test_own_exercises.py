"""A teacher's own exercises: the file, what is refused, and what a student's process gets of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mas_edu as me
from mas_edu.classroom import (
    Exercise,
    Grade,
    Grader,
    Limits,
    catalogue,
    exercises_in,
    find_submissions,
    load_exercises,
)
from mas_edu.classroom.exercise import SETUP
from mas_edu.classroom.observing import observe_cases
from mas_edu.classroom.own_exercises import pack_for_student, unpack_for_student
from tests.support.submissions import notebook, right, write
from tools.paths import ROOT

EXAMPLE = ROOT / "notebooks" / "teacher" / "my_exercises.py"
SMALL = """\
from mas_edu.classroom import Exercise

def double(x):
    '''Return twice x.'''
    return 2 * x

SETTINGS = dict(
    id="my.1", name="double", points=2, asks="Double it.", why="That is twice.", solution=double,
    hints=("One?", "Two.", "Three."), cases=lambda seed: [{"x": 3.0}, {"x": 3.5 + seed}],
    mistakes={"square": (lambda x: x * x, "This is the square: add x to itself.")},
)
"""


@pytest.fixture(autouse=True)
def _nothing_stays_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_loaded", {})
    return


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a teacher's file that is not written yet."""
    return tmp_path / "mine.py"


def own(file: Path, changes: str = "", more: str = "") -> tuple[Exercise, ...]:
    """Write the small file with some settings changed, and load it."""
    file.write_text(f"{SMALL}{more}\nONE = Exercise(**{{**SETTINGS, {changes}}})\n", "utf-8")
    return load_exercises(file)


# ---- in a notebook -----------------------------------------------------------------------------


def test_the_example_works_in_a_notebook() -> None:
    one, two = load_exercises(EXAMPLE)
    assert (one.id, two.id) == ("my.1", "my.2")
    assert me.check("my.1", one.solution).right
    wrong = me.check("my.1", one.known_mistakes["each"].answer)
    assert "These are the k largest of each tensor" in repr(wrong)
    assert "A share lies between 0 and 1." in repr(me.check("my.1", lambda omega, k: 7.0))
    assert 'me.hint("my.1") shows hint 1 of 3' in repr(wrong)
    assert "hint 1 of 3" in repr(me.hint("my.1"))
    assert "def top_share(" in repr(me.solution("my.1"))
    assert one.start_code.startswith("def top_share(")
    assert me.check("my.2", "zero").right


def test_without_its_file_an_exercise_is_unknown_and_the_cure_is_named() -> None:
    with pytest.raises(ValueError, match=r"got 'my\.1'; first .*load_exercises"):
        me.check("my.1", 3)


def test_a_file_loaded_again_replaces_its_exercises(file: Path) -> None:
    own(file)
    own(file, "'points': 5")
    assert me.check("my.1", lambda x: x + x).verdict.of == 5
    own(file, "'id': 'my.2'")
    with pytest.raises(ValueError, match=r"got 'my\.1'"):
        me.check("my.1", 3)


# ---- what is refused ---------------------------------------------------------------------------

REFUSED = {
    "number of the course": ("'id': '05.1'", r"mine\.py id: .* other exercise has, got '05\.1'; "),
    "number like one": ("'id': '99.1'", r"id: expected a word of yours, .* got '99\.1'; choose"),
    "no number": ("'id': 'mine'", r"id: expected a word of yours, .* got 'mine'; choose"),
    "name": ("'name': 'two words'", r"my\.1 name: expected that of a function .*'two words'; mend"),
    "points": ("'points': 0.5", r"my\.1 points: expected a whole number of at least 1, got 0\.5; "),
    "hints": ("'hints': ('a', 'b')", r"my\.1 hints: expected three texts, got \('a', 'b'\); mend"),
    "asks": ("'asks': ''", r"my\.1 asks: expected a text, got ''; mend"),
    "cases": ("'cases': lambda seed: 1 / 0", r"my\.1 cases: expected a list of dicts .*ZeroDivi"),
    "no case": ("'cases': lambda seed: []", r"my\.1 cases: expected a list of dicts .*got \[\]; "),
    "solution raises": ("'solution': lambda x: x.gone", r"my\.1 solution: .*AttributeError"),
    "solution is blank": ("'solution': lambda x: None", r"my\.1 solution: .*it returns None; mend"),
    "solution unreadable": ("'solution': lambda x: object()", r"solution: .* got builtins\.object"),
    "judge raises": ("'judge': lambda case, found: found['y']", r"my\.1 judge: .*got TypeError"),
    "judge of the solution": (
        "'judge': lambda case, found: 'Odd.'", r"my\.1 judge: expected '' .*got 'Odd\.'; mend",
    ),
    "mistake that is right": (
        "'cases': lambda seed: [{'x': 2.0}]",
        r"my\.1 mistakes\['square'\]: .*got one that is right; choose other cases",
    ),
    "two mistakes alike": (
        "'mistakes': {'a': (lambda x: x * x, 'A.'), 'b': (lambda x: x ** 2, 'B.')}",
        r"my\.1 mistakes\['b'\]: .*got the same as 'a'; choose other cases",
    ),
    "not to be sent": (
        "'cases': lambda seed, lock=__import__('threading').Lock(): [{'x': 3.0}]",
        r"my\.1 cases, observe: expected what can be sent to another process, got TypeError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_wrong_with_an_exercise_is_a_sentence(file: Path, kind: str) -> None:
    changes, message = REFUSED[kind]
    with pytest.raises(ValueError, match=message) as raised:
        own(file, changes)
    assert "\n" not in str(raised.value)
    assert not catalogue.own_exercises()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(:\n", r"mine\.py: expected a file that runs, got SyntaxError: .* in line 1; mend"),
        ("import os\nx = y\n", r"mine\.py: .*got NameError: name 'y' .* in line 2; mend it there"),
        ("raise SystemExit(3)", r"mine\.py: .*got SystemExit: 3 in line 1"),
        ("from mas_edu.classroom import Exercise\nE = Exercise('my.1')", r"TypeError: .*line 2"),
        ("x = 1\n", r"mine\.py: expected an Exercise or several, got none; write NAME = Exercise"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(file: Path, source: str, message: str) -> None:
    file.write_text(source, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_exercises(file)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.py: expected a Python file .*give its path"):
        load_exercises(tmp_path / "gone.py")


def test_two_exercises_of_one_number_or_name_are_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"id: .*got 'my\.1'; choose another"):
        own(file, more="TWO = Exercise(**{**SETTINGS, 'name': 'twice'})")
    with pytest.raises(ValueError, match=r"my\.\d name: .* of the file has, got 'double'"):
        own(file, more="TWO = Exercise(**{**SETTINGS, 'id': 'my.2'})")
    own(file)
    with pytest.raises(ValueError, match=r"other\.py id: .*got 'my\.1'"):
        own(tmp_path / "other.py")


# ---- grading -----------------------------------------------------------------------------------


def test_solution_mistakes_and_judge_do_not_go_to_the_student(file: Path) -> None:
    words = "'judge': lambda case, found: '' if found > 0 else 'SECRET JUDGE'"
    own(file, f"{words}, 'why': 'SECRET WHY'")
    packed = pack_for_student(["05.1", "my.1"])
    for secret in (b"SECRET", b"This is the square", b"Return twice x", b"One?"):
        assert secret not in packed
    (one,) = unpack_for_student(packed).values()
    assert one.judge is None
    assert one.known_mistakes == {}
    with pytest.raises(NotImplementedError):
        one.solution(2)
    (found,) = observe_cases(one, lambda: 6, 0)
    assert found.failure is not None
    assert "double is called with (x); yours takes other" in found.failure["message"]
    assert pack_for_student(["05.1"]) == b""


TRICK = """\
import gc
from mas_edu.classroom import Exercise, find_exercise
def double(x):
    for one in gc.get_objects():
        if isinstance(one, Exercise) and one.id == "my.1":
            return one.solution(x)
    return find_exercise("my.1").solution(x)"""


@pytest.mark.slow
def test_own_exercises_are_graded_away_from_the_students_code(file: Path, tmp_path: Path) -> None:
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
