"""Accuracy on each task, of one network or of many copies side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu._common import as_choice, as_instance
from mas_edu.data import Task
from mas_edu.networks import check_model_fits, evaluating, to_model
from mas_edu.training.batches import inactive_mask

SAMPLES_AT_ONCE = 4096  # bounds the memory


def accuracies(model: nn.Module, tasks: Sequence[Task], part: str = "test") -> NDArray[np.float64]:
    """Return the share of right answers on each task's test part (or `part="val"`), `[T]`.

    Logits of classes that are not active in the task do not compete.
    """
    as_choice("part", part, ("test", "val"))
    for task in tasks:
        as_instance("tasks", task, Task, "those of me.rotated()")
    if tasks:
        check_model_fits(model, tasks[0].x, max(max(task.classes or (0,)) for task in tasks) + 1)
    return measure_accuracies(model, model, tasks, part)


def measure_accuracies(
    model: nn.Module,
    forward: Callable[[Tensor], Tensor],
    tasks: Sequence[Task],
    part: str = "test",
    samples: int = SAMPLES_AT_ONCE,
) -> NDArray[np.float64]:
    """Return the accuracies, `[T]`, or `[K, T]` where `forward` maps `[N, …]` to `[K, N, C]`.

    Args:
        model: what is evaluated; it is in eval mode meanwhile.
        forward: the model, or a method of it.
        tasks: the tasks.
        part: "test" or "val".
        samples: how many at a time.
    """
    with evaluating(model), torch.no_grad():
        return np.array([_accuracy(model, forward, task, part, samples) for task in tasks]).T


def _accuracy(
    model: nn.Module, forward: Callable[[Tensor], Tensor], task: Task, part: str, samples: int
) -> NDArray[np.float64]:
    """Return the share of right answers on one task, `[]` or `[K]`."""
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
    if x is None:
        raise ValueError(f"part: task {task.name!r} has no validation part; make it with val > 0")
    right: NDArray[np.float64] = np.array(0.0)
    for inputs, labels in zip(x.split(samples), y.split(samples), strict=True):
        logits = forward(to_model(inputs, model))  # [N, C] or [K, N, C]
        if task.classes is not None:
            mask = inactive_mask(task, logits.shape[-1]).to(logits.device)
            logits = logits.masked_fill(mask, -torch.inf)
        right = right + (logits.argmax(-1).cpu() == labels.cpu()).sum(-1).numpy()
    return right / len(y)
