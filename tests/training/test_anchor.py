"""Adaptation: Ω on any unlabelled data, at any time, and a model that has learned before."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import mas_edu as me
from tests.support import contract, nets
from tests.support.bad_input import NAN, one_error

DATA = torch.rand(12, 9)


def few(task: me.Task) -> Tensor:
    """Some of the task's inputs."""
    return task.x[task.y < 2]


@pytest.fixture
def task() -> me.Task:
    x, y = torch.rand(20, 9), torch.arange(20) % 3
    return me.Task("small", x, y, x + 1, y, x[:5] + 2, y[:5])


@pytest.fixture(scope="module")
def grown(digits: me.Stream, short: me.Schedule) -> nn.Module:
    """A model of the user's that has learned the first task."""
    return me.fit(me.mlp([64, 16, 10]), digits[0], me.Schedule(steps=200))


@pytest.fixture
def anchor(grown: nn.Module, digits: me.Stream) -> me.Anchor:
    return me.Anchor(me.snapshot(grown), me.mas(grown, digits[0].x))


@pytest.fixture
def later(digits: me.Stream) -> me.Stream:
    """Only what comes after."""
    return me.Stream("later", (digits[1],), 10, digits.shape)


# --- Ω on unlabelled data --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, lambda task: task.x),
        ("train", lambda task: task.x),
        ("val", lambda task: task.x_val),
        ("test", lambda task: task.x_test),
        (DATA, lambda _: DATA),
        (DATA.split(5), lambda _: DATA),
        ((batch for batch in DATA.split(5)), lambda _: DATA),
        ([(DATA, torch.zeros(12))], lambda _: DATA),
        (DataLoader(TensorDataset(DATA, DATA[:, 0]), batch_size=5), lambda _: DATA),
        (few, few),
        (lambda task: few(task).split(3), few),
    ],
    ids=["None", "train", "val", "test", "tensor", "batches", "generator", "labelled", "loader",
         "function", "function of batches"],
)  # fmt: skip
def test_omega_is_taken_on_the_data_that_are_given(data: Any, expected: Any, task: me.Task) -> None:
    model, method = nets.build("mlp"), me.MAS(data=data)
    with contract.left_as_it_was(model), contract.world_untouched():
        first = method.importance(model, task)
    contract.assert_close(first, me.mas(model, expected(task)))
    contract.assert_close(method.importance(model, task), first, 0)  # a generator gives but once


def test_the_active_logits_are_still_those_of_the_task(task: me.Task) -> None:
    model = nets.build("mlp")
    active = me.Task("two", task.x, task.y % 2, task.x, task.y % 2, classes=(0, 1))
    omega = me.MAS(data=DATA).importance(model, active)
    contract.assert_close(omega, me.mas(model, DATA, classes=(0, 1)))


def test_a_method_with_data_is_still_its_settings() -> None:
    one, same, other = (me.MAS(data=x) for x in (DATA, DATA.split(7), DATA + 1))
    assert one == same != other
    assert hash(one) == hash(same)
    assert one == pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == replace(one)
    assert repr(one) == repr(same) != repr(other)
    assert repr(one).startswith("MAS(data=<12 inputs, ")
    assert repr(me.MAS(data=few)) == "MAS(data=few)"
    assert repr(me.MAS("test")) == "MAS(data='test')"
    assert me.MAS("train") == me.MAS()
    assert repr(me.MAS("train")) == "MAS()"
    assert me.MAS(data=DATA) != me.MAS(data=DATA.view(12, 3, 3))


def test_data_are_copied(task: me.Task) -> None:
    mine, model = DATA.clone(), nets.build("mlp")
    method = me.MAS(data=mine)
    mine.zero_()
    contract.assert_close(method.importance(model, task), me.mas(model, DATA), 0)


@pytest.mark.parametrize("data", ["test", few, "tensor"])
def test_a_run_with_data_of_its_own(
    data: Any, digits: me.Stream, short: me.Schedule, tmp_path: Path
) -> None:
    method = me.MAS(data=digits[0].x_test if data == "tensor" else data)
    run = me.Training(digits, method, 0.5, schedule=short)
    record = me.learn(digits, method, 0.5, schedule=short, progress=False)
    for _ in run:
        if run.finished == 1:
            break
    inputs = [method.inputs(task) for task in digits]
    contract.assert_close(record.omegas[0], me.mas(run.model, inputs[0]), 1e-5)
    again = me.Record.load(record.save(tmp_path / "r"))
    assert again == record
    assert len(record.label) < 50
    stored: dict[str, Any] = {"schedule": short, "store": tmp_path / "s", "progress": False}
    records = me.sweep(digits, method, [0, 0.5], [0], **stored)
    assert np.allclose(records[1].accuracy, record.accuracy, atol=0.05)
    assert me.sweep(digits, method, [0, 0.5], [0], **stored) == records
    assert len(list((tmp_path / "s").iterdir())) == 2
    assert me.sweep(digits, me.MAS(), [0.5], [0], **stored)[0].omegas[0].keys()
    assert len(list((tmp_path / "s").iterdir())) == 3, "another method is another run"


def test_functions_of_one_name_are_told_apart_by_what_they_return(
    digits: me.Stream, short: me.Schedule, tmp_path: Path
) -> None:
    stored: dict[str, Any] = {"schedule": short, "store": tmp_path, "progress": False}
    runs = [
        me.sweep(digits, me.MAS(data=lambda task, k=k: task.x[:k]), [1.0], [0], **stored)[0]
        for k in (5, 50)
    ]
    assert runs[0].settings["data"] != runs[1].settings["data"]
    assert runs[0] != runs[1]


def test_a_function_that_gives_other_inputs_each_time_is_refused_before_training(
    digits: me.Stream, short: me.Schedule
) -> None:
    batches = iter(digits[0].x.split(9))
    ways: list[Any] = [
        lambda task: task.x[torch.randperm(len(task.x))[:9]],
        lambda task: next(batches),
    ]
    for way in ways:
        one_error(
            "data",
            lambda way=way: me.Training(digits, me.MAS(data=way), schedule=short),  # type: ignore[misc]
            f"inputs of task '{digits[0].name}' at each call",
            "beforehand",
        )


def test_lambda_is_chosen_among_runs_with_the_same_inputs(
    digits: me.Stream, short: me.Schedule
) -> None:
    runs = [
        me.learn(
            digits, me.MAS(data=lambda task, k=k: task.x[:k]), k, schedule=short, progress=False
        )
        for k in (5, 50)
    ]
    with pytest.raises(ValueError, match=r"one method.*<5 inputs.*and.*<50 inputs"):
        me.choose_lam(runs)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Test", ["train, val, test", "did you mean 'test'"]),
        ("digits", ["train, val, test"]),
        (3, ["a tensor", "a function", "train, val, test", "int"]),
        (DATA[:0], ["at least one sample", "none"]),
        ([], ["at least one sample", "none"]),
        (iter(()), ["at least one sample"]),
        (DATA * NAN, ["NaN", "clean"]),
        ([DATA, DATA / 0], ["infinity"]),
        ((DATA, torch.zeros(12)), ["one shape", "(x, y) tuples"]),
        ([DATA, DATA[:, :3]], ["one shape", "(9,)", "(3,)"]),
        ([DATA, DATA.long()], ["one shape and type", "int64"]),
        ([None], ["tensors of numbers"]),
        (torch.tensor(3.0), ["[N, …]"]),
        (nn.Linear(2, 2), ["a tensor", "Linear"]),
        (me.MAS, ["a tensor", "type"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bad_data_are_refused(data: Any, words: list[str]) -> None:
    one_error("data", lambda: me.MAS(data=data), *words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (DATA, ["(64,)", "(9,)", "the network takes"]),
        (torch.zeros(5, 64, dtype=torch.long), ["int64"]),
        (lambda task: task.x[:, :5], ["(64,)", "(5,)"]),
        (lambda task: task.x[:0], ["'0°'", "none"]),
        (lambda task: task.nothing, ["'0°'", "AttributeError"]),
        (lambda: DATA, ["'0°'", "TypeError"]),
        (lambda task: None, ["'0°'", "NoneType"]),
    ],
    ids=["width", "type", "width of a function", "empty", "raises", "no argument", "None"],
)
def test_data_that_do_not_fit_the_network_are_noticed_before_training(
    data: Any, words: list[str], digits: me.Stream
) -> None:
    one_error("data", lambda: me.Training(digits, me.MAS(data=data)), *words)


def test_a_validation_part_that_is_not_there() -> None:
    stream = me.rotated("digits", 2, samples=20, val=0)
    one_error("data", lambda: me.Training(stream, me.MAS("val")), "validation part", "val > 0")


# --- an anchor that is brought ---------------------------------------------------------------


def drift(anchor: me.Anchor, record: me.Record) -> float:
    model = me.mlp([64, 16, 10])
    model.load_state_dict(record.weights)
    return anchor.penalty(model).item()


def test_a_given_anchor_protects_from_the_first_task_on(
    later: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule
) -> None:
    def after(lam: float, **given: Any) -> float:
        about = {"schedule": short, "progress": False, "model": grown}
        return drift(anchor, me.learn(later, me.MAS(), lam, **about, **given))

    with contract.left_as_it_was(grown):
        free = after(10.0)
        drifts = [after(lam, anchor=anchor) for lam in (0.0, 0.1, 10.0)]
    assert drifts[0] == free, "λ = 0 is plain training, bit for bit"
    assert drifts[0] > drifts[1] > drifts[2] > 0


def test_a_given_anchor_keeps_the_accuracy_on_the_earlier_task(
    digits: me.Stream, later: me.Stream, grown: nn.Module, anchor: me.Anchor
) -> None:
    kept = []
    for given in (None, anchor):
        run = me.Training(later, me.MAS(), 30.0, model=grown, anchor=given)
        for _ in run:
            pass
        kept.append(me.accuracies(run.model, [digits[0]])[0])
    assert kept[1] > kept[0] + 0.1


def test_omega_of_later_tasks_is_merged_with_a_given_anchor(
    digits: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule
) -> None:
    run = me.Training(digits, me.MAS(), 1.0, schedule=short, model=grown, anchor=anchor)
    before = {name: value.clone() for name, value in anchor.omega.items()}
    total = anchor.omega
    for _ in run:
        if run.finished and run.anchor is not None:
            own = me.mas(run.model, digits[run.finished - 1].x)
            if torch.equal(run.anchor.theta["output.bias"], run.model.output.bias):
                total = {name: total[name] + own[name] for name in own}
                contract.assert_close(run.anchor.omega, total, 1e-5)
    assert len(run.record.omegas) == 2
    contract.assert_close(anchor.omega, before, 0)


def test_a_sweep_with_a_given_anchor_is_stored_apart(
    digits: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule, tmp_path: Path
) -> None:
    about: dict[str, Any] = {"schedule": short, "progress": False, "model": grown}
    swept = me.sweep(digits, me.MAS(), [0.0, 1.0], [0, 1], store=tmp_path, anchor=anchor, **about)
    for record in swept:
        lam, seed = record.settings["lam"], record.settings["seed"]
        alone = me.learn(digits, me.MAS(), lam, seed=seed, anchor=anchor, **about)
        assert np.allclose(record.accuracy, alone.accuracy, atol=0.02)
        assert record.settings == alone.settings
        assert record.settings["anchor"] == anchor.code
    assert len(list(tmp_path.iterdir())) == 4
    again = me.sweep(digits, me.MAS(), [0.0, 1.0], [0, 1], store=tmp_path, anchor=anchor, **about)
    assert again == swept
    stronger = me.Anchor(anchor.theta, {name: 2 * value for name, value in anchor.omega.items()})
    for given in (stronger, None):
        me.sweep(digits, me.MAS(), [1.0], [0], store=tmp_path, anchor=given, **about)
    assert len(list(tmp_path.iterdir())) == 6


def test_a_stopped_sweep_resumes_with_a_given_anchor(
    digits: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule, tmp_path: Path
) -> None:
    about: dict[str, Any] = {"schedule": short, "progress": False, "model": grown}
    about |= {"anchor": anchor, "lams": [1.0], "seeds": [0, 1]}
    whole = me.sweep(digits, me.MAS(), **about)
    for updates in (10, 40):  # within the first task, within the second
        asked = iter(range(1000))
        with pytest.warns(UserWarning, match="stopped"):
            me.sweep(
                digits,
                me.MAS(),
                store=tmp_path,
                stop=lambda a=asked, u=updates: next(a) > u,
                **about,
            )
    again = me.sweep(digits, me.MAS(), store=tmp_path, **about)
    assert [r.settings for r in again] == [r.settings for r in whole]
    assert all(np.allclose(a.accuracy, w.accuracy) for a, w in zip(again, whole, strict=True))


def test_a_run_with_nothing_finished_begins_with_the_given_anchor(
    later: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule
) -> None:
    run = me.Training(later, me.MAS(), 0.1, model=grown, schedule=short, anchor=anchor)
    unbegun = run.record
    for _ in run:
        pass
    run.resume(unbegun)
    assert run.anchor is not None
    assert all(torch.equal(run.anchor.omega[name], anchor.omega[name]) for name in anchor.omega)


@pytest.mark.parametrize(
    "method", [me.L2(), me.MASLocal(), me.EWC(separate=True), me.SI(), me.SCP()]
)
def test_other_methods_take_a_given_anchor(
    method: me.Method, digits: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule
) -> None:
    about: dict[str, Any] = {"schedule": short, "progress": False, "model": grown}
    first = me.Stream("first", (digits[1],), 10, digits.shape)
    free, held = (me.learn(first, method, 10.0, anchor=a, **about) for a in (None, anchor))
    assert drift(anchor, held) < drift(anchor, free)
    assert me.learn(digits, method, 1.0, anchor=anchor, **about).complete


def test_estimates_on_unlabelled_batches_add_up(grown: nn.Module, digits: me.Stream) -> None:
    """Two estimates together are the estimate on all, up to rounding."""
    x = digits[0].x
    found = me.Tally.of(grown, x[:50])
    for batch in x[50:].split(40):
        found += me.Tally.of(grown, batch)
    contract.assert_close(found.mean(), me.mas(grown, x), 1e-6)


def test_an_anchor_of_another_float_type_is_converted(
    later: me.Stream, grown: nn.Module, anchor: me.Anchor, short: me.Schedule
) -> None:
    double = me.Anchor(
        *({n: v.double() for n, v in own.items()} for own in (anchor.theta, anchor.omega))
    )
    about: dict[str, Any] = {"schedule": short, "progress": False, "model": grown}
    one, other = (me.learn(later, me.MAS(), 1.0, anchor=a, **about) for a in (anchor, double))
    assert one == other


def test_a_bad_anchor_is_refused(digits: me.Stream, grown: nn.Module, anchor: me.Anchor) -> None:
    def start(given: Any, method: me.Method | None = None) -> Any:
        return me.Training(digits, method or me.MAS(), 1.0, model=grown, anchor=given)

    other = me.mlp([64, 8, 10])
    for odd in (me.mlp([64, 16, 16, 10]), other, nn.Sequential(nn.Linear(64, 10))):
        ones = {name: torch.ones_like(w) for name, w in me.snapshot(odd).items()}
        misfit = me.Anchor(me.snapshot(odd), ones)
        one_error("anchor", lambda a=misfit: start(a), "same network")
        with pytest.raises(ValueError, match="anchor"):
            me.sweep(digits, me.MAS(), [1.0], [0], model=grown, anchor=misfit, progress=False)
    for odd in (anchor.omega, 3, "anchor", (anchor.theta, anchor.omega)):
        one_error("anchor", lambda a=odd: start(a), "Anchor", "me.Anchor(")
    for method in (me.FineTune(), me.Joint()):
        one_error("anchor", lambda m=method: start(anchor, m), "protects nothing", "me.MAS()")
    one_error("anchor", lambda: start(anchor, me.RWalk()), "RWalk", "me.MAS()")
    one_error("omega", lambda: me.Anchor(anchor.theta, {**anchor.omega, "output.bias": DATA * NAN}))
