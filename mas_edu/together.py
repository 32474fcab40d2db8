"""Several runs of a small network advanced side by side, as one batched program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from mas_edu.copies import Copies
from mas_edu.flat import Flat, flattened
from mas_edu.params import Params, evaluating
from mas_edu.schedule import threads
from mas_edu.steps import DivergedError, inactive, task_seed, towards, union
from mas_edu.streams import Task
from mas_edu.training import Training


def together(runs: Sequence[Training]) -> Iterator[int]:
    """Train all runs to their end; gives 1, 2, … after each update of all of them.

    The runs share stream, schedule and the number of tasks finished; λ, seed and weights are each
    run's own. A run that diverges stays where it was before the task, the others go on.
    """
    first, done = runs[0], 0
    for i in range(len(first.rows), len(first.stream)):
        runs, begun = [run for run in runs if len(run.rows) == i], time.perf_counter()
        if not runs:
            return
        copies = Copies([run.model for run in runs])
        before = sum(first.counts[:i])
        with threads(first.schedule, copies), flattened(copies) as flat:
            for step in _updates(copies, flat, runs, i):
                if step in first.moments(i):
                    points = _accuracies(copies, first.stream.tasks)
                    for run, point in zip(runs, points, strict=True):
                        run.measured(before + step, point)
                done += 1
                if step < first.counts[i]:
                    yield done
            copies.hand_out([run.model for run in runs])
        with threads(first.schedule, first.model):
            for run in runs:
                _close_task(run)
        for run in runs:
            run.seconds += (time.perf_counter() - begun) / len(runs)  # each run's share
        yield done


def _close_task(run: Training) -> None:
    """What one run holds on to; one that diverged goes back to where it was before the task."""
    try:
        if not all(bool(torch.isfinite(w).all()) for w in run.model.state_dict().values()):
            raise DivergedError
        run.task_learned()
    except DivergedError:
        run.back_to_task_start()


def _updates(copies: Copies, flat: Flat, runs: Sequence[Training], i: int) -> Iterator[int]:
    """One task for all copies: `steps.updates` with a first dimension K."""
    first = runs[0]
    schedule, count = first.schedule, first.counts[i]
    x, y, masks = union(first.model, first.data(i))
    optimiser = schedule.optimiser([flat.values])
    pull = _pull(copies, flat, runs)
    orders = {run.seed: torch.Generator().manual_seed(task_seed(run.seed, i)) for run in runs}
    copies.train()
    step = 0
    while step < count:
        shuffled = {seed: torch.randperm(len(x), generator=g) for seed, g in orders.items()}
        order = torch.stack([shuffled[run.seed] for run in runs])  # [K, N]
        for rows in order.split(schedule.batch, dim=1):  # [K, batch]
            flat.grads.zero_()
            logits = copies(x[rows])  # [K, batch, C]
            if masks is not None:
                logits = logits.masked_fill(masks if masks.ndim == 1 else masks[rows], -torch.inf)
            loss = F.cross_entropy(logits.flatten(0, 1), y[rows].flatten(), reduction="sum")
            (loss / rows.shape[1]).backward()  # the mean of each copy, added up
            if pull and not schedule.proximal:
                pull()
            optimiser.step()
            if pull and schedule.proximal:
                pull()
            step += 1
            yield step
            if step == count:
                break


def _pull(copies: Copies, flat: Flat, runs: Sequence[Training]) -> Callable[[], None] | None:
    """What draws each copy to its own anchor with its own λ."""
    anchors = [run.anchor for run in runs if run.anchor is not None]
    if not anchors or not any(run.lam for run in runs):
        return None
    strengths = [
        {name: run.lam * omega for name, omega in anchor.omega.items()}
        for run, anchor in zip(runs, anchors, strict=True)
    ]
    theta = flat.vector(_stack(copies, [anchor.theta for anchor in anchors]))
    return towards(flat, theta, flat.vector(_stack(copies, strengths)), runs[0].schedule)


def _accuracies(copies: Copies, tasks: Sequence[Task]) -> NDArray[np.float64]:
    """`steps.accuracies` of every copy, `[K, T]`."""
    with evaluating(copies), torch.no_grad():
        return np.stack([_accuracy(copies, task) for task in tasks], 1)


def _accuracy(copies: Copies, task: Task) -> NDArray[np.float64]:
    right = 0
    for x, y in zip(task.x_test.split(1024), task.y_test.split(1024), strict=True):
        logits = copies.shared(x.to(copies.stacked[0]))  # [K, N, C]
        if task.classes is not None:
            logits = logits.masked_fill(inactive(task, logits.shape[2]), -torch.inf)
        right = right + (logits.argmax(2) == y).sum(1)
    return torch.as_tensor(right).numpy() / len(task.y_test)


def _stack(copies: Copies, params: Sequence[Params]) -> Params:
    """Weights of each run, by name, as the weights of the copies, `[K, …]`."""
    return {
        f"stacked.{i}": torch.stack([own[name] for own in params])
        for i, name in enumerate(copies.names)
    }
