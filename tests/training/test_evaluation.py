"""Accuracies of tasks evaluated together, against one sample at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.training.evaluation import measure_accuracies


def one_by_one(model: torch.nn.Module, task: me.Task) -> float:
    """Return the share of right answers; only the active classes compete."""
    right = 0
    for x, y in zip(task.x_test, task.y_test, strict=True):
        logits = model(x[None].float())[0].tolist()
        active = range(len(logits)) if task.classes is None else task.classes
        right += max(active, key=lambda c: logits[c]) == int(y)
    return right / len(task.y_test)


def tasks_of_all_kinds(digits: me.Stream, split_digits: me.Stream) -> list[me.Task]:
    """Return tasks of several sizes, with and without masks, one in double precision."""
    tasks = [*digits, *split_digits, *digits]
    tasks[1] = replace(tasks[1], x_test=tasks[1].x_test[:17], y_test=tasks[1].y_test[:17])
    tasks[4] = replace(tasks[4], x_test=tasks[4].x_test.double())
    return tasks


@pytest.mark.parametrize("samples", [7, 100, 4096])
def test_tasks_evaluated_together_are_as_one_sample_at_a_time(
    digits: me.Stream, split_digits: me.Stream, samples: int
) -> None:
    tasks, model = tasks_of_all_kinds(digits, split_digits), me.mlp([64, 10])
    found = measure_accuracies(model, model, tasks, samples=samples)
    assert found.tolist() == [one_by_one(model, task) for task in tasks]


def test_few_small_tasks_take_one_forward_pass(digits: me.Stream) -> None:
    passes = []
    model = me.mlp([64, 10])
    model.register_forward_hook(lambda *_: passes.append(1))
    measure_accuracies(model, model, list(digits))
    assert len(passes) == 1


def test_copies_are_evaluated_side_by_side(digits: me.Stream, split_digits: me.Stream) -> None:
    tasks, models = tasks_of_all_kinds(digits, split_digits), [me.mlp([64, 10], s) for s in (0, 1)]

    def both(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([model(x) for model in models])

    found = measure_accuracies(models[0], both, tasks)
    np.testing.assert_array_equal(found, [me.accuracies(model, tasks) for model in models])
