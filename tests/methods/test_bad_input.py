"""Mistaken arguments of anchors and methods: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import mas_edu as me
from tests.support import contract
from tests.support.bad_input import INF, NAN, X, ids, make_task, one_error


@pytest.mark.parametrize("argument", ["theta", "omega"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "weight",
        [torch.ones(2)],
        {"weight": 1.0},
        {"weight": None},
        {"weight": [1.0, 1.0]},
        {"weight": torch.tensor([1.0, NAN])},
        {"weight": torch.tensor([1.0, INF])},
        {},
        {1: torch.ones(2)},
    ],
    ids=ids,
)
def test_parts_of_an_anchor(argument: str, value: Any) -> None:
    good = {"theta": {"weight": torch.ones(2)}, "omega": {"weight": torch.ones(2)}}
    one_error("theta|omega", lambda: me.Anchor(**(good | {argument: value})), argument, "expected")


def test_omega_that_is_negative() -> None:
    text = one_error("omega", lambda: me.Anchor({"w": torch.ones(2)}, {"w": -torch.ones(2)}))
    assert "'w'" in text


def test_parts_that_do_not_fit_each_other() -> None:
    one, two = {"a": torch.ones(2)}, {"a": torch.ones(3)}
    one_error("omega and theta", lambda: me.Anchor(one, two), "'a'", "(2,)", "(3,)", "same")
    one_error(
        "omega and theta", lambda: me.Anchor(one, {"b": torch.ones(2)}), "'a'", "only in theta"
    )


def _anchor(model: nn.Module) -> me.Anchor:
    theta = me.snapshot(model)
    return me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})


def test_an_anchor_of_another_network() -> None:
    anchor = _anchor(me.mlp([9, 4, 3]))
    other, wider = me.mlp([9, 4, 4, 3]), me.mlp([9, 5, 3])
    task = make_task(x=X.float(), x_test=X.float(), x_val=None, y_val=None)
    for model, word in ((other, "hidden2.bias"), (wider, "(5, 9)")):
        with contract.left_as_it_was(model):
            one_error("anchor and model", lambda model=model: anchor.penalty(model), word, "same")
        with contract.left_as_it_was(model), contract.world_untouched():
            fit = lambda model=model: me.fit(model, task, anchor=anchor, lam=1.0)  # noqa: E731
            one_error("anchor and model", fit, word)
    for model in (None, 3, {"weight": torch.ones(2)}):
        one_error("model", lambda model=model: anchor.penalty(model), "nn.Module")
        one_error("model", lambda model=model: me.snapshot(model), "nn.Module")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, x: me.scp(m, x, slices=torch.full((2, 3), NAN)), ["slices", "not finite"]),
        (lambda m, x: me.scp(m, x, slices=torch.zeros(2, 3)), ["slices", "0"]),
        (lambda m, x: me.fisher(m, None, kind="empirical"), ["data", "batches", "None"]),
        (
            lambda m, x: me.fisher(m, [x, x], kind="empirical", labels=torch.zeros(4)),
            ["labels", "one tensor of inputs", "(x, y)"],
        ),
        (lambda m, x: me.fisher(m, x, labels=torch.zeros(4)), ["labels", "empirical"]),
        (
            lambda m, x: me.Anchor(me.snapshot(m), me.mas(m, x), {"a": 3}),  # type: ignore[dict-item]
            ["memory", "tensors"],
        ),
        (
            lambda m, x: me.Anchor(me.snapshot(m), me.mas(m, x), None),  # type: ignore[arg-type]
            ["memory", "None"],
        ),
        (
            lambda m, x: me.RWalk().check_ready(
                m,
                None,  # type: ignore[arg-type]
                me.Anchor(
                    me.snapshot(m),
                    me.mas(m, x),
                    {"fisher": torch.zeros(3), "score": torch.zeros(3)},
                ),
            ),
            ["anchor", "'fisher'", "(15,)", "(3,)"],
        ),
    ],
)
def test_arguments_that_no_method_can_use(call: Callable[..., Any], words: list[str]) -> None:
    argument, *words = words
    one_error(argument, lambda: call(nn.Linear(4, 3), torch.rand(4, 4)), *words)


HOOKED = [
    me.L2(), me.MAS(), me.MAS(data="val"), me.MASBatch(), me.MASLocal(), me.EWC(),
    me.EWC(kind="empirical"), me.SCP(), me.SI(), me.RWalk(),
]  # fmt: skip


@pytest.mark.parametrize("method", HOOKED, ids=repr)
@pytest.mark.parametrize("value", [3, "task", [], torch.ones(2)], ids=ids)
def test_hooks_of_a_method_called_in_ones_own_loop(method: me.Method, value: Any) -> None:
    model, omega = me.mlp([9, 3]), {"weight": torch.ones(2)}
    if not method.needs_trace and not isinstance(method, me.L2):
        one_error("task", lambda: method.importance(model, value), "Task", "got")
        one_error("task", lambda: method.after_task(model, None, None), "Task", "got")  # type: ignore[arg-type]
    if not isinstance(method, me.L2):
        one_error("old", lambda: method.merge(value, omega), "tensors by name")
    task = make_task(x=X.float(), x_test=X.float(), x_val=X.float())
    trace = method.start(torch.zeros(30), None)
    one_error("anchor", lambda: method.after_task(model, task, value, trace), "Anchor", "got")
    if method.needs_trace:
        one_error("trace", lambda: method.after_step(None, torch.ones(30), torch.ones(30)), "got")
        if not isinstance(value, torch.Tensor):
            one_error("weights", lambda: method.start(value, None), "Tensor", "got")


@pytest.mark.parametrize("value", ["abc", object(), 3, [3], None], ids=ids)
def test_changes_of_an_anchor(value: Any) -> None:
    weights = {"weight": torch.ones(2)}
    one_error("changes", lambda: me.Anchor(weights, weights, changes=value), "words", "got")
