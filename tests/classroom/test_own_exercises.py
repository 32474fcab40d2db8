"""A teacher's own exercises: the file, what is refused, and what a student's process gets of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mas_edu as me
from mas_edu.classroom import catalogue, load_exercises
from mas_edu.classroom.judging import prepare_judging
from mas_edu.classroom.observing import observe_cases
from mas_edu.classroom.student_part import pack_for_student, unpack_for_student
from tests.support.own_exercises import own
from tools.paths import ROOT

EXAMPLE = ROOT / "notebooks" / "teacher" / "my_exercises.py"


@pytest.fixture(autouse=True)
def _nothing_stays_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_loaded", {})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a teacher's file that is not written yet."""
    return tmp_path / "mine.py"


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


def test_a_file_loaded_again_still_may_not_use_a_number_twice(file: Path) -> None:
    own(file)
    with pytest.raises(ValueError, match=r"id: .*got 'my\.1'; choose another"):
        own(file, more="TWO = Exercise(**{**SETTINGS, 'name': 'twice'})")


def test_an_exercise_with_two_names_is_loaded_once(file: Path) -> None:
    own(file)
    file.write_text(file.read_text("utf-8") + "AGAIN = ONE\n", "utf-8")
    assert [one.id for one in load_exercises(file)] == ["my.1"]


def test_annotations_in_the_file_are_not_texts(file: Path) -> None:
    typed = "def typed(x: float) -> float:\n    return 2 * x\n"
    (one,) = own(file, "'solution': typed", more=typed)
    assert one.solution.__annotations__ == {"x": float, "return": float}


# ---- what is refused ---------------------------------------------------------------------------

REFUSED = {
    "number of the course": ("'id': '05.1'", r"mine\.py id: .* other exercise has, got '05\.1'; "),
    "number like one": ("'id': '99.1'", r"id: expected a word of yours, .* got '99\.1'; choose"),
    "no number": ("'id': 'mine'", r"id: expected a word of yours, .* got 'mine'; choose"),
    "name": ("'name': 'two words'", r"my\.1 name: expected that of a function .*'two words'; mend"),
    "points": ("'points': 0.5", r"my\.1 points: expected a whole number of at least 1, got 0\.5; "),
    "points are a flag": ("'points': True", r"points: expected a whole number .*got True; mend"),
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


def test_a_solution_that_fails_with_the_seed_of_grading_is_a_sentence(file: Path) -> None:
    (one,) = own(file, "'cases': lambda seed: [{'x': 3.0}, {'x': 1 / (seed - 7)}]")
    prepare_judging(one, 6)
    with pytest.raises(ValueError, match=r"my\.1: .* cases for seed 7, got ZeroDivisionError"):
        prepare_judging(one, 7)


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
    code = "'start': 'SECRET START', 'code': 'SECRET CODE'"
    own(file, f"{words}, {code}, 'why': 'SECRET WHY'")
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
