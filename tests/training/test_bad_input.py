"""Mistaken arguments of training: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu import methods
from mas_edu.training import accuracies
from tests.support import contract
from tests.support.bad_input import NAN, NOT_NUMBER, NOT_WHOLE, ids, make_task, one_error


@pytest.mark.parametrize("name", ["epochs", "batch", "evaluations", "steps", "threads"])
@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_counts_of_a_schedule(name: str, value: Any) -> None:
    if value is None and name in ("steps", "threads"):
        return
    one_error(name, lambda: me.Schedule(**{name: value}), "whole number", "got")


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_numbers_of_a_schedule(name: str, value: Any) -> None:
    one_error(name, lambda: me.Schedule(**{name: value}), "finite number", "got")


def test_choices_of_a_schedule() -> None:
    one_error("lr", lambda: me.Schedule(lr=0), "above 0")
    one_error("optimizer", lambda: me.Schedule(optimizer="Adam"), "did you mean 'adam'")  # type: ignore[arg-type]
    one_error("optimizer", lambda: me.Schedule(optimizer=torch.optim.Adam), "adam, adamw, sgd")  # type: ignore[arg-type]
    one_error("precision", lambda: me.Schedule(precision="bf-16"), "did you mean 'bf16'")  # type: ignore[arg-type]
    for value in (1, None, "yes", 0.0):
        one_error("proximal", lambda value=value: me.Schedule(proximal=value), "True or False")


@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_lam(value: Any, digits: me.Stream) -> None:
    one_error("lam", lambda: me.learn(digits, me.MAS(), value), "at least 0", "got")
    model = me.mlp([64, 10])
    with contract.left_as_it_was(model):
        one_error("lam", lambda: me.fit(model, digits[0], lam=value), "at least 0", "got")


@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_run(value: Any, digits: me.Stream) -> None:
    one_error("seed", lambda: me.learn(digits, me.MAS(), seed=value), "got")
    model = me.mlp([64, 10])
    with contract.left_as_it_was(model):
        one_error("seed", lambda: me.fit(model, digits[0], seed=value), "got")


@pytest.mark.parametrize("value", [None, 3, "digits", [], lambda: 0], ids=ids)
def test_arguments_of_learn(value: Any, digits: me.Stream) -> None:
    one_error("stream", lambda: me.learn(value, me.MAS()), "Stream", "got")
    one_error("method", lambda: me.learn(digits, value), "Method", "got")
    if value is not None:
        one_error("schedule", lambda: me.learn(digits, me.MAS(), schedule=value), "Schedule", "got")
        brought = (lambda _seed: 0) if callable(value) else value
        one_error("model", lambda: me.learn(digits, me.MAS(), model=brought), "nn.Module", "got")
        one_error("anchor", lambda: me.fit(me.mlp([64, 10]), digits[0], anchor=value), "Anchor")
        one_error("schedule", lambda: me.fit(me.mlp([64, 10]), digits[0], value), "Schedule", "got")
    if not callable(value):
        one_error(
            "stop", lambda: me.learn(digits, me.MAS(), stop=value), "returns True to stop", "got"
        )
    else:
        for asked in (lambda run: False, type):  # each wants an argument, and is given none
            settings: Any = {"stop": asked}
            one_error("stop", lambda: me.learn(digits, me.MAS(), **settings), "without arguments")  # noqa: B023
            one_error("stop", lambda: me.sweep(digits, me.MAS(), **settings), "without arguments")  # noqa: B023
    one_error("task", lambda: me.fit(me.mlp([64, 10]), value), "Task", "got")
    one_error("model", lambda: me.fit(value, digits[0]), "nn.Module", "got")


def test_a_method_that_is_a_class_or_a_name(digits: me.Stream) -> None:
    one_error("method", lambda: me.learn(digits, me.MAS), "me.MAS()")  # type: ignore[arg-type]
    for typed, meant in (("mas", "MAS"), ("MASbatch", "MASBatch"), ("finetune", "FineTune")):
        one_error(
            "method", lambda typed=typed: methods.make_method(typed), f"did you mean '{meant}'"
        )


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (nn.Identity(), "trainable"),
        (me.mlp([64, 10]).requires_grad_(False), "trainable"),
        (me.mlp([64, 9]), "10 logits"),
        (me.mlp([63, 10]), "(64,)"),
        (nn.Sequential(me.mlp([64, 10]), nn.Flatten(0)), "[N, C]"),
        (nn.Sequential(me.mlp([64, 10]), nn.Unflatten(1, (10, 1))), "[N, C]"),
        (nn.Sequential(nn.Unflatten(1, (8, 8)), nn.LSTM(8, 10)), "[N, C]"),
    ],
    ids=["none", "frozen", "too few", "other inputs", "1-d", "3-d", "tuple"],
)
def test_a_model_that_does_not_fit_the_stream(
    model: nn.Module, word: str, digits: me.Stream
) -> None:
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("model", lambda: me.learn(digits, me.MAS(), model=model), word)
        one_error("model", lambda: me.fit(model, digits[0]), word)


def test_weights_that_are_nan_before_training(digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    nn.init.constant_(model.output.weight, NAN)
    with contract.left_as_it_was(model):
        one_error("model", lambda: me.learn(digits, me.MAS(), model=model), "finite")
        one_error("model", lambda: me.fit(model, digits[0]), "finite")


def test_weights_of_two_types(digits: me.Stream) -> None:
    model = nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 10))
    model[0].bias = nn.Parameter(model[0].bias.double())
    with contract.left_as_it_was(model):
        one_error("model", lambda: me.fit(model, digits[0]))


def test_accuracies(digits: me.Stream, split_digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    one_error("part", lambda: accuracies(model, list(digits), part="tset"), "test", "val")
    bare = me.rotated("digits", 1, val=0)
    one_error("part", lambda: accuracies(model, list(bare), part="val"), "no validation part")
    one_error("model", lambda: accuracies(None, list(digits)), "nn.Module")  # type: ignore[arg-type]
    one_error("tasks", lambda: accuracies(model, [None]), "Task")  # type: ignore[list-item]
    one_error("model", lambda: accuracies(me.mlp([63, 10]), list(digits)), "(64,)")
    one_error("model", lambda: accuracies(me.mlp([64, 1]), list(split_digits)), "logits")
    assert accuracies(nn.Identity(), [make_task(x_val=None, y_val=None)]).shape == (1,)


def test_an_anchor_of_another_type(digits: me.Stream) -> None:
    for odd in (5, {}, "theta"):
        one_error(
            "anchor", lambda odd=odd: me.learn(digits, me.MAS(), anchor=odd), "expected an Anchor"
        )


def test_what_stop_returns(digits: me.Stream) -> None:
    for call in (me.learn, me.sweep):
        one_error(
            "stop",
            lambda call=call: call(digits, me.L2(), stop=lambda: torch.ones(2), progress=False),
            "True or False",
        )


@pytest.mark.parametrize("record", [None, 3, "runs/mas", {}, torch.ones(2)], ids=ids)
def test_what_a_run_is_resumed_from(record: Any, digits: me.Stream) -> None:
    one_error("record", lambda: me.Training(digits, me.L2()).resume(record), "Record", "load")


def test_a_task_that_a_run_does_not_have(digits: me.Stream) -> None:
    run = me.Training(digits, me.MAS())
    assert run.updates_until(len(digits)) == run.total
    for i in (-1, len(digits), 10**9, None, "0"):
        one_error("i", lambda i=i: run.updates_of(i), "got")
    for i in (-1, len(digits) + 1, None):
        one_error("i", lambda i=i: run.updates_until(i), "got")


def test_tasks_that_are_a_text(digits: me.Stream) -> None:
    for value in ("", "digits", b""):
        one_error("tasks", lambda value=value: accuracies(me.mlp([64, 10]), value), "several tasks")


def test_a_store_without_a_name(digits: me.Stream) -> None:
    one_error("store", lambda: me.sweep(digits, me.MAS(), [0.1], store=""), "write '.'")


def test_weights_whose_memory_something_else_looks_at(digits: me.Stream) -> None:
    def seen_by_a_buffer() -> nn.Module:
        model = nn.Sequential(nn.Linear(64, 10))
        model.register_buffer("copy", model[0].weight.data)
        return model

    def tied_by_data() -> nn.Module:
        model = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10))
        model[1].weight.data = model[0].weight.data
        return model

    for model in (seen_by_a_buffer(), tied_by_data()):
        with contract.left_as_it_was(model):
            one_error("model", lambda model=model: me.fit(model, digits[0]), "memory", "shares it")
            one_error(
                "model", lambda model=model: me.learn(digits, me.MAS(), model=model), "shares"
            )


def test_weights_keep_their_memory(digits: me.Stream, short: me.Schedule) -> None:
    model = me.mlp([64, 10])
    places = [weight.data_ptr() for weight in model.parameters()]
    me.fit(model, digits[0], short)
    assert [weight.data_ptr() for weight in model.parameters()] == places
