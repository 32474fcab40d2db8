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
    found = measure_accuracies(model, model, tasks, samples=samples, together=True)
    assert found.tolist() == [one_by_one(model, task) for task in tasks]


@pytest.mark.parametrize(("together", "passes"), [(True, 1), (False, 2)])
def test_tasks_take_one_forward_pass_together_or_one_each(
    digits: me.Stream, together: bool, passes: int
) -> None:
    seen: list[int] = []
    model = me.mlp([64, 10])

    def forward(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return model(x)

    measure_accuracies(model, forward, list(digits), together=together)
    assert len(seen) == passes
    assert sum(seen) == sum(len(task.x_test) for task in digits)


def test_a_network_whose_samples_interact_sees_one_task_at_a_time(digits: me.Stream) -> None:
    """Normalised over the batch also in eval mode, it would mix the tasks."""
    model = torch.nn.Sequential(
        torch.nn.BatchNorm1d(64, track_running_stats=False), torch.nn.Linear(64, 10)
    )
    far = replace(digits[1], x_test=10 * digits[1].x_test + 5)
    apart = [me.accuracies(model, [task])[0] for task in (digits[0], far)]
    assert me.accuracies(model, [digits[0], far]).tolist() == apart


def test_copies_are_evaluated_side_by_side(digits: me.Stream, split_digits: me.Stream) -> None:
    tasks, models = tasks_of_all_kinds(digits, split_digits), [me.mlp([64, 10], s) for s in (0, 1)]

    def both(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([model(x) for model in models])

    found = measure_accuracies(models[0], both, tasks, together=True)
    np.testing.assert_array_equal(found, [me.accuracies(model, tasks) for model in models])
