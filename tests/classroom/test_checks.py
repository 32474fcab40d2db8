"""`me.check`, `me.hint`, `me.solution`: the cards, what is kept, what an answer may do to them."""

from __future__ import annotations

import json
import sys
import threading
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.classroom import (
    CheckedExercise,
    Exercise,
    all_exercises,
    find_exercise,
    in_notebook,
    reader_progress,
)
from mas_edu.classroom.exercises import lesson_05
from mas_edu.classroom.exercises.lesson_05.largest_stable import largest_stable
from mas_edu.classroom.guarding import guarded
from mas_edu.classroom.judging import judge_observations
from mas_edu.classroom.observing import observe_cases
from mas_edu.classroom.plain_data import Unknown, decode, encode, is_same


def right(lr: float, omega: Any) -> float:
    return float(largest_stable(lr, omega))


def halved(lr: float, omega: Any) -> float:
    return right(lr, omega) / 2


def exercise(solution: Any, **settings: Any) -> Exercise:
    """Return a small exercise on one network and its inputs."""

    def cases(seed: int) -> list[dict[str, Any]]:
        return [{"model": nn.Linear(2, 1), "x": torch.ones(3, 2)}]

    base = {"id": "99.1", "name": "answer", "points": 2, "asks": "", "why": "", "cases": cases}
    return Exercise(**base, hints=("a", "b", "c"), solution=solution, **settings)  # type: ignore[arg-type]


def judged(one: Exercise, answer: Any, seed: int = 0) -> Any:
    return judge_observations(one, list(observe_cases(one, answer, seed)), seed)


# ---- cards -------------------------------------------------------------------------------------


def test_a_right_answer_is_told_in_words_for_eyes_and_ears() -> None:
    card = me.check("05.4", right)
    assert card.right
    assert repr(card) == "✓ 05.4 largest_stable: right, 2 of 2 points"
    page = card._repr_html_()
    assert 'role="status"' in page
    assert "right, 2 of 2 points" in page


def test_a_mistake_is_named_with_what_was_found_and_the_next_hint() -> None:
    lines = repr(me.check("05.4", halved)).splitlines()
    assert lines[0] == "✗ 05.4 largest_stable: not right yet, 0 of 2 points"
    assert lines[1] == lesson_05.STABLE.known_mistakes["one"].words
    assert lines[2].startswith("With lr = 0.5, omega = {")
    assert "expected" in lines[2]
    assert lines[3] == 'Next: me.hint("05.4") shows hint 1 of 3.'


def test_what_an_answer_prints_and_warns_is_shown_and_fails_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def loud(lr: float, omega: Any) -> float:
        print("lr is", lr)
        print("<b>bold</b>" * 10_000)
        print("on stderr", file=sys.stderr)
        warnings.warn("mind the gap", UserWarning, stacklevel=2)
        return right(lr, omega)

    card = me.check("05.4", loud)
    assert card.right
    assert "Your code printed: lr is 0.5 <b>bold</b>" in repr(card)
    assert "Your code warned: UserWarning: mind the gap" in repr(card)
    assert "<b>" not in card._repr_html_()
    assert len(repr(card)) < 1000
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "error", [SystemExit(3), RecursionError("deep"), MemoryError(), ValueError()]
)
def test_no_exception_of_an_answer_goes_through(error: BaseException) -> None:
    def broken(lr: float, omega: Any) -> float:
        raise error  # here

    verdict = me.check("05.4", broken).verdict
    assert verdict.status == "error"
    assert type(error).__name__ in verdict.words
    assert "raise error  # here" in verdict.words


def test_ctrl_c_goes_through() -> None:
    def interrupted(lr: float, omega: Any) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        me.check("05.4", interrupted)


def test_the_line_of_an_exception_is_the_students_own_also_below_the_library() -> None:
    def deep(theta: Any, theta_star: Any, strength: Any) -> Any:
        return torch.cat([theta, "no tensor"])  # the own line

    words = me.check("05.5", deep).verdict.words
    assert words.startswith("TypeError")
    assert 'return torch.cat([theta, "no tensor"])  # the own line' in words


def test_a_function_with_other_arguments_is_reported() -> None:
    words = me.check("05.4", lambda lr: 1.0).verdict.words
    assert "largest_stable is called with (lr, omega); yours takes other arguments" in words
    assert "no function" in me.check("05.4", 3.0).verdict.words


def test_an_unknown_exercise_is_refused() -> None:
    with pytest.raises(ValueError, match=r"exercise: expected one of .*got '5\.1'"):
        me.check("5.1", right)


# ---- hints and the solution --------------------------------------------------------------------


def test_hints_come_one_by_one_and_the_solution_after_the_third(home: Path) -> None:
    hints = find_exercise("05.1").hints
    assert "3 hints are left" in repr(me.solution("05.1"))
    for k in (1, 2, 3):
        text = repr(me.hint("05.1"))
        assert all((hint in text) == (i < k) for i, hint in enumerate(hints))
    assert me.hint("05.1") == me.hint("05.1")
    assert "def penalty(" in repr(me.solution("05.1"))
    assert "def penalty(" in me.solution("05.1")._repr_html_()
    assert json.loads((home / "hints.json").read_text()) == {"05.1": 3}


def test_a_right_answer_opens_the_solution_and_is_kept(home: Path) -> None:
    me.check("05.4", right)
    me.check("05.4", halved)
    assert "def largest_stable(" in repr(me.solution("05.4"))
    assert json.loads((home / "exercises.json").read_text()) == {"05.4": 2.0}


def test_hints_work_where_nothing_can_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_text("a file where the folder should be")
    monkeypatch.setattr(in_notebook, "_hints", {})
    card = me.check("05.4", right)
    assert card.right
    told = f"Nothing is kept, {home} cannot be written: let MAS_EDU_HOME name a folder of yours."
    assert repr(card).splitlines()[-1] == told
    assert told not in repr(me.check("05.4", right)), "it is said once"
    assert "hint 1 of 3" in repr(me.hint("05.4"))
    assert "hint 2 of 3" in repr(me.hint("05.4"))


def test_each_check_of_a_written_answer_is_kept_without_its_code(home: Path) -> None:
    me.check("05.4", ...)
    assert not home.exists(), "a blank is no try"
    for answer in (halved, right, halved):
        me.check("05.4", answer)
    me.check("05.5", lambda *a: 0.0)
    me.hint("05.5")
    kept = reader_progress().exercises
    assert kept == {"05.4": CheckedExercise(True, 2, 3, 0), "05.5": CheckedExercise(False, 0, 1, 1)}
    assert not [path for path in home.iterdir() if "return" in path.read_text(encoding="utf-8")]


# ---- nbgrader ----------------------------------------------------------------------------------


def test_under_nbgrader_the_points_are_returned_and_the_cases_are_fresh(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(time, "time_ns", lambda: 12345)
    assert me.check("05.4", right) == 2.0
    assert me.check("05.4", halved) == 0.0
    assert "05.4 largest_stable: right" in capsys.readouterr().out
    assert not home.exists()


# ---- judging -----------------------------------------------------------------------------------


def test_what_a_call_leaves_behind_is_told_if_the_solution_does_not() -> None:
    def clean(model: nn.Module, x: torch.Tensor) -> float:
        return 1.0

    def leaves_gradients(model: nn.Module, x: torch.Tensor) -> float:
        model(x).sum().backward()
        return 1.0

    def changes_input(model: nn.Module, x: torch.Tensor) -> float:
        x += 1
        return 1.0

    def changes_mode(model: nn.Module, x: torch.Tensor) -> float:
        model.eval()
        return 1.0

    def draws(model: nn.Module, x: torch.Tensor) -> float:
        torch.rand(1)
        return 1.0

    def draws_numpy(model: nn.Module, x: torch.Tensor) -> float:
        np.random.rand()  # noqa: NPY002
        return 1.0

    told = {
        leaves_gradients: "leaves gradients in model",
        changes_input: "changes x",
        changes_mode: "leaves model in another mode",
        draws: "draws from the global random generator",
        draws_numpy: "draws from the global random generator",
    }
    one = exercise(clean, mistakes={"mode": (changes_mode, "It stays in eval mode.")})
    assert judged(one, clean).right
    for answer, words in told.items():
        found = judged(one, answer)
        if answer is changes_mode:
            assert (found.mistake, found.words) == ("mode", "It stays in eval mode.")
        else:
            assert found.status == "property"
            assert words in found.words
    assert judged(exercise(leaves_gradients), leaves_gradients).right


def test_after_the_mistakes_come_form_then_a_broken_property_then_the_smallest_case() -> None:
    def two(model: nn.Module, x: torch.Tensor) -> list[float]:
        return [1.0, 2.0]

    one = exercise(two, judge=lambda case, found: "It is negative." if found[0] < 0 else "")
    form = judged(one, lambda m, x: [1.0])
    assert (form.status, form.words) == (
        "form", "The result: expected numbers of shape (2,), got shape (1,).",
    )  # fmt: skip
    infinite = judged(one, lambda m, x: [1.0, float("inf")])
    assert infinite.status == "form"
    assert "finite" in infinite.words
    assert judged(one, lambda m, x: [-1.0, 2.0]).words == "It is negative."
    other = judged(one, lambda m, x: [1.0, 3.0])
    assert other.status == "case"
    assert other.detail.endswith("expected [1, 2], got [1, 3].")


def test_by_property_any_answer_that_breaks_none_is_right() -> None:
    one = exercise(
        lambda m, x: 4.0,
        by_property=True,
        judge=lambda case, found: "It is odd." if found % 2 else "",
    )
    assert judged(one, lambda m, x: 8).right
    assert judged(one, lambda m, x: 3).words == "It is odd."
    assert judged(one, lambda m, x: "four").words == "Expected something like 4, got 'four'."


def test_an_answer_is_judged_on_every_case_and_unwritten_if_any_is() -> None:
    def doubled(n: int) -> int:
        return 2 * n

    def even_of_one_alone(n: int) -> int:
        return 2 if n == 1 else 3

    def half_written(n: int) -> int:
        if n == 1:
            return 2
        raise NotImplementedError

    def odd(case: dict[str, Any], found: float) -> str:
        return "It is odd." if found % 2 else ""

    for by_property in (False, True):
        one = replace(
            exercise(doubled, by_property=by_property, judge=odd),
            cases=lambda seed: [{"n": 1}, {"n": 2}],
        )
        assert judged(one, doubled).right
        assert judged(one, even_of_one_alone).words == "It is odd."
        assert judged(one, half_written).status == "unwritten"
        few = judge_observations(one, list(observe_cases(one, doubled, 0))[:1], 0)
        assert few.words == "It was not called on every input."


def test_a_mistake_may_be_worth_points() -> None:
    one = exercise(lambda m, x: 4.0, mistakes={"near": (lambda m, x: 5.0, "Nearly.", 1)})
    assert judged(one, lambda m, x: 5.0).points == 1


def test_a_dict_with_a_blank_in_it_is_not_written_yet() -> None:
    one = Exercise("99.1", "which", 1, "", {"A": "x", "B": "y"}, "", ("a", "b", "c"))
    assert judged(one, {"A": "x", "B": ...}).status == "unwritten"
    assert judged(one, {"A": "x", "B": "y"}).right
    assert "B missing" in judged(one, {"A": "x"}).words
    assert one.start_code == "which = ...  # your turn"


def test_a_solution_that_fails_is_the_authors_error_not_the_students() -> None:
    def fails(model: nn.Module, x: torch.Tensor) -> float:
        raise ValueError("no")

    with pytest.raises(RuntimeError, match=r"99\.1: the solution fails"):
        judged(exercise(fails), lambda m, x: 1.0)


# ---- own work ----------------------------------------------------------------------------------


def test_the_library_function_that_is_the_answer_refuses_while_the_answer_is_called() -> None:
    def borrowed(model: nn.Module, theta: Any, omega: Any) -> torch.Tensor:
        return me.Anchor(theta, omega).penalty(model)

    verdict = me.check("05.1", borrowed).verdict
    assert verdict.status == "error"
    assert verdict.words == (
        "05.1 asks for your own code, me.Anchor.penalty is what it is compared with."
    )
    case = lesson_05.PENALTY.cases(0)[0]
    me.Anchor(case["theta"], case["omega"]).penalty(case["model"])  # given back


def test_the_library_function_itself_is_no_answer() -> None:
    words = me.check("03.2", me.mas).verdict.words
    assert words == "03.2 asks for your own code, me.mas is what it is compared with."


def test_a_guarded_function_refuses_under_any_name_but_only_in_this_thread() -> None:
    my_mas, model, x = me.mas, nn.Linear(2, 1), torch.ones(1, 2)
    space = {"own": my_mas, "me": me, "model": model, "x": x}
    exec("def answer(): return own(model, x)", space)
    beside: list[Any] = []
    with guarded((me.mas,), "03.2", space["answer"]):
        for call in (space["answer"], lambda: me.mas(model, x)):
            with pytest.raises(Exception, match=r"03\.2 asks for your own code, me\.mas"):
                call()  # type: ignore[operator]
        thread = threading.Thread(target=lambda: beside.append(me.mas(model, x)))
        thread.start()
        thread.join()
    assert beside[0].keys() == my_mas(model, x).keys()
    assert me.mas is space["own"] is my_mas


# ---- plain data --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None, True, "text", 3.5, {"a": 1.0, "b": {"c": "d"}}, {1.0, 2.0}, [1.0, "two"], [],
        {(1.0, 2.0): "pair"}, float("inf"),
    ],
)  # fmt: skip
def test_plain_data_come_back_from_json_as_they_were(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_arrays_tensors_and_nested_lists_are_numbers() -> None:
    for value in (np.eye(2), torch.eye(2), [[1, 0], [0, 1]], [torch.tensor([1.0, 0]), (0, 1)]):
        assert is_same(decode(encode(np.eye(2))), decode(encode(value)))
    assert decode(encode(torch.tensor(2.0))) == decode(encode(np.float32(2))) == 2.0


def test_what_cannot_be_read_is_named_not_sent() -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    for value in (object(), lambda: 0, torch.zeros(10**6), np.array(["a"], object), 1j):
        assert isinstance(decode(encode(value)), Unknown)
    json.dumps(encode(deep))
    record = me.Record([[0.5]], settings={"lam": 1.0})
    assert decode(encode(record))["settings"] == {"lam": 1.0}


def test_the_catalogue_is_in_order() -> None:
    assert list(all_exercises()) == sorted(all_exercises())
