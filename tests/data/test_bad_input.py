"""Mistaken arguments of streams and tasks: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.data import datasets
from tests.support.bad_input import (
    NAN,
    NOT_NAME,
    NOT_NUMBER,
    NOT_WHOLE,
    X,
    Y,
    ids,
    make_task,
    one_error,
)
from tests.support.items import Items


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_tasks(make: Callable, value: Any) -> None:
    if value is None and make is me.split:
        return  # None: as many as the classes allow
    one_error("tasks", lambda: make("digits", tasks=value), "whole number", "at least 1", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_stream(make: Callable, value: Any) -> None:
    one_error("seed", lambda: make("digits", tasks=2, seed=value), "whole number", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [0, *(v for v in NOT_WHOLE if v is not None)], ids=ids)
def test_samples(make: Callable, value: Any) -> None:
    one_error("samples", lambda: make("digits", tasks=2, samples=value), "at least 1", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [1, 1.5, *NOT_NUMBER], ids=ids)
def test_val(make: Callable, value: Any) -> None:
    one_error("val", lambda: make("digits", tasks=2, val=value), "expected", "got")


@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_step(value: Any) -> None:
    one_error("step", lambda: me.rotated("digits", step=value), "finite number", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split, datasets.load_images])
@pytest.mark.parametrize("value", NOT_NAME, ids=ids)
def test_dataset(make: Callable, value: Any) -> None:
    one_error("dataset", lambda: make(value), "digits, mnist, fashion, kmnist", repr(value))


@pytest.mark.parametrize("typed", ["minst", "MNIST", "Digits", "fasion", "k-mnist"])
def test_the_nearest_dataset_is_named(typed: str) -> None:
    one_error("dataset", lambda: me.rotated(typed), "did you mean")


@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_classes_per_task(value: Any) -> None:
    one_error("classes_per_task", lambda: me.split(classes_per_task=value), "at least 1", "got")


def test_more_tasks_than_the_classes_allow() -> None:
    one_error("tasks", lambda: me.split(tasks=6), "10 classes", "at most 5", "got 6")
    one_error("tasks", lambda: me.split(tasks=3, classes_per_task=4), "at most 2", "got 3")
    one_error("classes_per_task", lambda: me.split(classes_per_task=11), "10 classes", "got 11")


@pytest.mark.parametrize("value", ["tasks", None, 1], ids=ids)
def test_scenario(value: Any) -> None:
    one_error("scenario", lambda: me.split(scenario=value), "task, domain, class")


@pytest.mark.parametrize("part", ["", "_test", "_val"])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X[:0], Y[:0]),
        (X, Y[:3]),
        (X * NAN, Y),
        (X / 0, Y),
        (X.tolist(), Y),
        (X.numpy(), Y),
        (X, Y.tolist()),
        (X, None),
        (None, Y),
        ("x", "y"),
        (X, Y.double()),
        (X, Y == 0),
        (X, Y[:, None]),
        (X, Y - 1),
        (X[0, 0], Y),
        (X, Y[0]),
        (X.to(torch.complex64), Y),
    ],
    ids=lambda value: str(getattr(value, "shape", type(value).__name__)),
)
def test_parts_of_a_task(part: str, x: Any, y: Any) -> None:
    changes = {f"x{part}": x, f"y{part}": y}
    fault = "y" if x is X and (y is None or np.shape(y) != (3,)) else "x"
    one_error("task", lambda: make_task(**changes), "'mine'", f": {fault}{part}: expected")


@pytest.mark.parametrize("part", ["", "_test", "_val"])
def test_inputs_beyond_float32_are_told_from_infinite_ones(part: str) -> None:
    words = "'mine'", f": x{part}: ", "range of float32", "1e+300", "scale"
    one_error("task", lambda: make_task(**{f"x{part}": X * -1e300}), *words)
    one_error("task", lambda: make_task(**{f"x{part}": X * NAN}), f"x{part}: ", "NaN")
    make_task(**{f"x{part}": X * 1e38})


UNSIGNED = [torch.uint16, torch.uint32, torch.uint64]


@pytest.mark.parametrize("kind", UNSIGNED, ids=str)
def test_unsigned_numbers_are_taken_where_they_fit(kind: torch.dtype) -> None:
    x, y = torch.arange(12).view(4, 3), torch.tensor([0, 1, 2, 1])
    task = me.Task("mine", x.to(kind), y.to(kind), x.to(kind), y.to(kind))
    assert task.y.tolist() == y.tolist()
    assert task.y.dtype == torch.int64
    (given,) = me.stream([(x.to(kind), y.to(kind), x, y)], val=0)
    assert torch.equal(given.x, x.float())
    assert torch.equal(given.y, y)


def test_unsigned_numbers_beyond_int64_do_not_turn_negative() -> None:
    large = np.array([2**64 - 1, 2**63, 1, 0], dtype=np.uint64)
    y = np.array([0, 1, 0, 1])
    as_tensor = torch.from_numpy(large)
    for x in (large, as_tensor, [torch.from_numpy(large[i : i + 1]) for i in range(4)]):
        found = me.stream([(x, y, x, y)], val=0)[0].x.flatten()
        assert torch.equal(found, torch.tensor([2.0**64, 2.0**63, 1, 0]))
    for labels in (large, as_tensor, [2**64 - 1] * 4):
        one_error("tasks", lambda labels=labels: me.stream([(y, labels)]), "y:", str(2**64 - 1))
    one_error("task", lambda: make_task(y=as_tensor), "y:", str(2**64 - 1))


@pytest.mark.parametrize(
    "classes", [(), (0, 0, 1, 2), (-1, 0), (0, 1), (0.5, 1), "012", 3, (True,), [None]], ids=ids
)
def test_classes_of_a_task(classes: Any) -> None:
    one_error("task", lambda: make_task(classes=classes), "'mine'", "classes", "expected")


@pytest.mark.parametrize("name", [None, 0, "", b"mine", NAN, ["mine"]], ids=ids)
def test_names_of_a_task_and_of_a_stream(name: Any) -> None:
    one_error("name", lambda: me.Task(name, X, Y, X, Y), "text")
    one_error("name", lambda: me.Stream(name, (make_task(),), 3, (9,)), "text")


def test_test_inputs_of_another_shape() -> None:
    one_error("task", lambda: make_task(x_test=X[:, :5]), "x_test", "(5,)", "(9,)")


def _stream(tasks: Any = None, outputs: Any = 3, shape: Any = (1, 3, 3)) -> me.Stream:
    return me.Stream("mine", [make_task()] if tasks is None else tasks, outputs, shape)


@pytest.mark.parametrize("tasks", [(), None, 3, "ab", [None], [1, 2]], ids=ids)
def test_tasks_of_a_stream(tasks: Any) -> None:
    one_error("tasks", lambda: me.Stream("mine", tasks, 3, (1, 3, 3)), "expected")


@pytest.mark.parametrize("outputs", [0, 2, *NOT_WHOLE], ids=ids)
def test_outputs_of_a_stream(outputs: Any) -> None:
    one_error("outputs", lambda: _stream(outputs=outputs), "got")


def test_a_label_that_only_validation_has_needs_an_output() -> None:
    only = make_task(y=Y * 0, y_test=Y * 0, y_val=Y)
    one_error("outputs", lambda: _stream([only], outputs=1), "2", "'mine'", "got 1")


@pytest.mark.parametrize("shape", [None, 9, "9", (1, 3, 4), (1, -3, -3), (1, 3, 3.5)], ids=ids)
def test_shape_of_a_stream(shape: Any) -> None:
    one_error("shape", lambda: _stream(shape=shape))


def test_tasks_of_different_inputs() -> None:
    other = me.Task("other", X[:, :5], Y, X[:, :5], Y)
    one_error("tasks", lambda: _stream([make_task(), other]), "'other'", "(5,)", "(9,)")


def test_labels_that_are_not_class_numbers() -> None:
    words = ("found the label 8010003", "as many outputs", "return_inverse")
    one_error("tasks", lambda: me.stream([(X, Y + 8010001)]), *words)


@pytest.mark.parametrize("value", [None, 5, "x", [1]], ids=ids)
def test_settings_of_a_stream(value: Any) -> None:
    one_error("settings", lambda: me.Stream("mine", [make_task()], 3, (1, 3, 3), value), "dict")


def test_a_shape_of_nothing() -> None:
    one_error("shape", lambda: me.stream([(X, Y)], shape=[]), "at least one")


def test_masked_values() -> None:
    masked = np.ma.array(X.numpy(), mask=X.numpy() == 0)
    masked[0, 0] = np.ma.masked
    labels = np.ma.array(Y.numpy(), mask=[True, *[False] * (len(Y) - 1)])
    for task in ((masked, Y), (list(masked), Y), (X, labels)):
        one_error("tasks", lambda task=task: me.stream([task]), "masked", "filled(0)")
    assert me.stream([(np.ma.array(X.numpy()), Y)])[0].x.dtype == torch.float32
    for data in (masked, [masked]):
        one_error("data", lambda data=data: me.mas(nn.Linear(9, 2), data), "masked")


def test_bytes_beside_other_numbers() -> None:
    grey = torch.arange(9).byte()
    for mixed in ([grey, *X[1:]], [grey.numpy(), *X[1:].numpy()], [[np.uint8(1)], [0.5]]):
        y = Y[: len(mixed)]
        one_error("tasks", lambda x=mixed, y=y: me.stream([(x, y)]), "found bytes")
        both = Items(list(zip(mixed, y, strict=True)))
        one_error("tasks", lambda both=both: me.stream([both]), "found bytes")
    mixed = Items([X[0], grey])
    one_error("data", lambda: me.mas(nn.Linear(9, 2), mixed), "got bytes beside torch.float")


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.parametrize("kind", ["bfloat16", "float8", "sparse", "quantized"])
def test_tensors_of_rare_kinds_are_read(kind: str) -> None:
    plain = torch.full((9,), 0.5)
    rare = {
        "bfloat16": lambda: plain.bfloat16(),
        "float8": lambda: plain.to(torch.float8_e4m3fn),
        "sparse": lambda: plain.to_sparse(),
        "quantized": lambda: torch.quantize_per_tensor(plain, 0.5, 0, torch.quint8),
    }[kind]()
    for task in (([rare] * 4, Y), Items([(rare, 0)] * 4)):
        assert torch.equal(me.stream([task])[0].x_test[0], plain)
    model = nn.Linear(9, 2)
    expected = me.mas(model, plain.expand(4, 9))["bias"]
    found = me.mas(model, Items([rare] * 4))["bias"]
    torch.testing.assert_close(found, expected, rtol=0.01, atol=0)


@pytest.mark.parametrize("error", [StopIteration, IndexError, OSError, KeyError], ids=str)
def test_an_item_that_cannot_be_read_is_numbered(error: type[Exception]) -> None:
    class Broken(Items):
        def __getitem__(self, i: int) -> Any:
            if i == 2:
                raise error("no such item")
            return super().__getitem__(i)

    broken = Broken(list(zip(X, Y, strict=True)))
    one_error("tasks", lambda: me.stream([broken]), "item 2 of the Dataset cannot be read")
