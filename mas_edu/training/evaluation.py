"""Accuracy on each task, of one network or of many copies side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu._common import as_choice, as_instance, is_iterable, short_repr
from mas_edu.data import Task
from mas_edu.networks import (
    check_model_fits,
    describe_output,
    enable_gradients,
    evaluating,
    explain_errors,
    is_logits,
    settle_after_ctrl_c,
    to_model,
)
from mas_edu.training.batches import inactive_masks
from mas_edu.training.chain import is_chain

SAMPLES_AT_ONCE = 4096  # bounds the memory


@enable_gradients()  # without autocast, as in training
def accuracies(model: nn.Module, tasks: Iterable[Task], part: str = "test") -> NDArray[np.float64]:
    """Return the share of right answers on each task's test part (or `part="val"`), `[T]`.

    Logits of classes that are not active in the task do not compete.
    """
    as_choice("part", part, ("test", "val"))
    if isinstance(tasks, Task | str | bytes) or not is_iterable(tasks):
        raise ValueError(
            f"tasks: expected several tasks, such as a stream or [task], got {short_repr(tasks)}"
        )
    tasks = list(tasks)
    for task in tasks:
        as_instance("tasks", task, Task, "those of me.rotated()")
    if tasks:
        check_model_fits(model, tasks[0].x, max(max(task.classes or (0,)) for task in tasks) + 1)
    return measure_accuracies(model, model, tasks, part, together=is_chain(model))


def measure_accuracies(
    model: nn.Module,
    forward: Callable[[Tensor], Tensor],
    tasks: Sequence[Task],
    part: str = "test",
    samples: int = SAMPLES_AT_ONCE,
    together: bool = False,
) -> NDArray[np.float64]:
    """Return the accuracies, `[T]`, or `[K, T]` where `forward` maps `[N, …]` to `[K, N, C]`.

    Args:
        model: what is evaluated; it is in eval mode meanwhile.
        forward: the model, or a method of it.
        tasks: the tasks.
        part: "test" or "val".
        samples: how many at a time.
        together: evaluate small tasks together, as one forward pass costs less than several; only
            for chains of layers, where samples cannot affect each other, and no layer has a mode.
    """
    for task in tasks:
        if getattr(task, f"y_{part}") is None:
            raise ValueError(
                f"part: task {task.name!r} has no validation part; make it with val > 0"
            )
    with settle_after_ctrl_c() if together else evaluating(model), torch.no_grad():
        groups = _groups(tasks, part, samples) if together else [[task] for task in tasks]
        # a chain of layers does not write into its inputs, and a copy would take 13 MB of MNIST
        may_write = not together or any(getattr(one, "inplace", False) for one in model.modules())
        found = [_together(model, forward, group, part, samples, may_write) for group in groups]
    return np.array([accuracy for group in found for accuracy in group]).T


def _logits(forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the logits, with a sentence for models that take some batches and not others."""
    with explain_errors(x, "in testing"):
        logits = forward(x)  # [N, C] or [K, N, C]
    several = isinstance(logits, Tensor) and not logits.is_nested and logits.ndim == 3
    if not is_logits(logits[0] if several else logits, len(x)):
        raise ValueError(
            "model: expected one row of logits for each sample, [N, C], got "
            f"{describe_output(logits)} for {len(x)} in testing; let it return the same for every "
            "batch"
        )
    return logits


def _groups(tasks: Sequence[Task], part: str, samples: int) -> list[list[Task]]:
    """Return the tasks in groups of like inputs and at most so many samples; a larger one alone."""
    groups: list[list[Task]] = []
    kind, room = None, 0
    for task in tasks:
        if len(getattr(task, f"y_{part}")) > samples:  # its inputs may have to be made first
            groups.append([task])
            room = 0
            continue
        x = getattr(task, f"x_{part}")
        if kind != (x.shape[1:], x.dtype, x.device) or len(x) > room:
            groups.append([])
            kind, room = (x.shape[1:], x.dtype, x.device), samples
        groups[-1].append(task)
        room -= len(x)
    return groups


def _together(
    model: nn.Module,
    forward: Callable[[Tensor], Tensor],
    tasks: Sequence[Task],
    part: str,
    samples: int,
    may_write: bool,
) -> list[NDArray[np.float64]]:
    """Return the share of right answers on each of a group of tasks, `[]` or `[K]` each."""
    x, y = (_joined([getattr(task, f"{name}_{part}") for task in tasks]) for name in "xy")
    sizes = [len(getattr(task, f"y_{part}")) for task in tasks]
    right = []
    for inputs, labels in zip(x.split(samples), y.split(samples), strict=True):
        if len(tasks) == 1 and may_write:
            inputs = inputs.clone()
        logits = _logits(forward, to_model(inputs, model))  # [N, C] or [K, N, C]
        if any(task.classes is not None for task in tasks):
            masks = inactive_masks(tasks, sizes, logits.shape[-1]).to(logits.device)
            logits = logits.masked_fill(masks, -torch.inf)
        answers = logits.max(-1).indices  # as argmax, but faster
        right.append(answers.cpu() == labels.cpu())
    first = [0, *accumulate(sizes[:-1])]  # of each task
    counts = np.add.reduceat(torch.cat(right, -1).numpy(), first, axis=-1, dtype=np.int64)
    return list((counts / sizes).T)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Return the parts as one, not copied if it is one alone: a large task is 30 MB."""
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))
