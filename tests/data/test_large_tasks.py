"""Tasks of large data sets: their training inputs are made when their turn comes."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from dataclasses import fields, replace

import pytest
import torch

import mas_edu as me
from mas_edu.data import JoinedInputs, partition
from mas_edu.data.large_tasks import DeferredTask
from mas_edu.training.batches import pass_orders, training_data
from mas_edu.training.evaluation import measure_accuracies
from mas_edu.training.provenance import fingerprint_task
from tests.support.sweeps import noisy

Make = Callable[[], me.Stream]
MAKE: dict[str, Make] = {
    "rotated": lambda: me.rotated("digits", tasks=3, step=30),
    "permuted": lambda: me.permuted("digits", tasks=3),
    "split": lambda: me.split("digits", tasks=3),
    "domain": lambda: me.split("digits", tasks=2, scenario="domain", samples=100),
    "no validation": lambda: me.rotated("digits", tasks=2, val=0),
}
SHORT = me.Schedule(steps=5, evaluations=2)


@pytest.fixture
def deferred(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], me.Stream]:
    """Make a stream as of a large data set."""

    def make(name: str) -> me.Stream:
        with monkeypatch.context() as patch:
            patch.setattr(partition, "LARGE", 1)
            return MAKE[name]()

    return make


@pytest.mark.parametrize("name", MAKE)
def test_the_parts_are_those_of_a_small_set(name: str, deferred) -> None:
    late, plain = deferred(name), MAKE[name]()
    assert repr(late) == repr(plain)
    assert late.features == plain.features
    for one, other in zip(late, plain, strict=True):
        assert type(one) is DeferredTask
        assert type(other) is me.Task
        for field in fields(me.Task):
            mine, theirs = getattr(one, field.name), getattr(other, field.name)
            same = torch.equal(mine, theirs) if isinstance(mine, torch.Tensor) else mine == theirs
            assert same, field.name
            assert not isinstance(mine, torch.Tensor) or mine.dtype == theirs.dtype


@pytest.mark.parametrize("method", [me.MAS(), me.Joint(), me.SI()], ids=repr)
def test_the_record_is_the_same(method: me.Method, deferred) -> None:
    late, plain = (
        me.learn(stream, method, schedule=SHORT, progress=False)
        for stream in (deferred("rotated"), MAKE["rotated"]())
    )
    assert late == plain


@pytest.mark.slow
@pytest.mark.parametrize("model", [None, noisy], ids=["side by side", "one by one"])
def test_a_sweep_is_the_same(model, deferred) -> None:
    more = {"schedule": SHORT, "progress": False, "model": model}
    late, plain = (
        me.sweep(stream, me.MAS(), [0, 1], [0], **more)
        for stream in (deferred("split"), MAKE["split"]())
    )
    assert late == plain


def test_the_inputs_of_one_task_alone_are_in_memory(deferred) -> None:
    stream, alive = deferred("rotated"), []

    class Counting(me.MAS):
        def importance(self, model, task):
            found = super().importance(model, task)
            gc.collect()
            alive.append(weakref.ref(task.x))
            assert sum(one() is not None for one in alive) == 1
            return found

    me.learn(stream, Counting(), schedule=SHORT, progress=False)
    assert len(alive) == 3


def test_validation_inputs_are_made_as_the_training_inputs_are(deferred) -> None:
    first, second, _ = deferred("rotated")
    assert not {"x", "x_val"} & set(vars(first))
    kept, other = weakref.ref(first.x_val), weakref.ref(first.x)
    gc.collect()
    assert kept() is None  # of one part alone
    assert second.x_val is second.x_val
    gc.collect()
    assert other() is None  # of one task alone
    expected = first.x_val.add_(1).clone()
    assert first.changes == 1
    assert second.x_val is not None
    assert torch.equal(first.x_val, expected)
    assert first.changes == 1


def test_large_validation_parts_are_tested_one_by_one(deferred) -> None:
    plain, made = MAKE["rotated"](), []
    model = me.mlp([plain.features, 16, 10])
    expected = me.accuracies(model, plain, "val")
    late = deferred("rotated")
    for task in late:
        make = task._make["x_val"]
        task._make["x_val"] = lambda make=make: made.append(1) or make()
    found = measure_accuracies(model, model, late.tasks, "val", samples=100, together=True)
    assert found.tolist() == expected.tolist()
    assert len(made) == len(late)  # each once: making them takes time


def test_only_the_rows_of_a_batch_are_made_of_joined_tasks(deferred) -> None:
    late, plain = deferred("rotated"), MAKE["rotated"]()
    made: list[int] = []
    for task in late:
        make = task._make["x"]
        task._make["x"] = lambda rows=..., make=make: made.append(len(make(rows))) or make(rows)
    model = me.mlp([plain.features, 4, 10]).double()
    one, other = (training_data(model, stream.tasks) for stream in (late, plain))
    assert isinstance(one.x, JoinedInputs)
    assert not made
    orders = list(pass_orders(len(one), 32, 30, seed=0))
    batches = [list(data.batches(orders, 32)) for data in (one, other)]
    for mine, theirs in zip(*batches, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine[:2], theirs[:2], strict=True))
    assert max(made) < 1000
    late[1].x.add_(1)  # the rows of inputs that were changed are those
    assert torch.equal(one.x.index_select(0, torch.tensor([1300])), late[1].x[5:6].double())


def test_they_are_made_once_while_they_are_needed(deferred) -> None:
    first, second, _ = deferred("rotated")
    assert first.x is first.x
    before = first.x
    assert second.x is second.x
    assert first.x is not before
    assert torch.equal(first.x, before)


def test_copies_are_plain_tasks(deferred) -> None:
    (task, *_) = deferred("rotated")
    for other in (copy.deepcopy(task), pickle.loads(pickle.dumps(task)), replace(task)):
        assert type(other) is me.Task
        assert torch.equal(other.x, task.x)
    assert replace(task, name="other").name == "other"


def test_changes_in_place_are_kept_and_told(deferred) -> None:
    first, second, _ = deferred("rotated")
    before = fingerprint_task(first)
    first.x.add_(1)
    changed, expected = fingerprint_task(first), first.x.clone()
    assert changed != before
    assert second.x is second.x
    assert torch.equal(first.x, expected)
    assert fingerprint_task(first) == changed


def test_inputs_that_were_made_in_place_are_not_changed_by_it() -> None:
    x = torch.zeros(5, 2)
    parts = {"y": torch.zeros(5).long(), "x_test": x[:1], "y_test": torch.zeros(1).long()}
    task = DeferredTask("late", make=lambda: torch.zeros(5, 2).add_(1), **parts)
    assert torch.equal(task.x, x + 1)
    assert task.changes == 0
    task.x.mul_(2)
    assert task.changes == 1
