"""Several runs of a small network advanced side by side, as one batched program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from mas_edu.data import Task
from mas_edu.methods import check_same_weights
from mas_edu.networks import evaluating
from mas_edu.training.flat_params import FlatParams, flattened
from mas_edu.training.loop import (
    DivergedError,
    inactive_mask,
    make_penalty_step,
    task_seed,
    to_model,
    training_data,
)
from mas_edu.training.run import Training
from mas_edu.training.schedule import use_threads
from mas_edu.training.sweeps.ensemble import Ensemble

SMALL_TOGETHER = 20_000  # weights of all copies below which one thread is the fastest
TESTED_AT_ONCE = 16_384  # test samples of all copies together: bounds the memory


def train_batched(runs: Sequence[Training]) -> Iterator[int]:
    """Train all runs to their end; gives, after each update, how many runs it moved on.

    The runs share stream, schedule and the number of tasks finished; λ, seed and weights are each
    run's own. A run that diverges stays where it was before the task, the others go on.
    """
    first = runs[0]
    for i in range(len(first.rows), len(first.stream)):
        runs, begun = [run for run in runs if len(run.rows) == i], time.perf_counter()
        if not runs:
            return
        copies = Ensemble([run.model for run in runs])
        before, sound = sum(first.counts[:i]), torch.ones(len(runs), dtype=torch.bool)
        with use_threads(first.schedule, copies, SMALL_TOGETHER), flattened(copies) as flat:
            for step in _updates(copies, flat, runs, i, sound):
                if step in first.moments(i):
                    points = _accuracies(copies, first.stream.tasks)
                    for run, point in zip(runs, points, strict=True):
                        run.measured(before + step, point)
                if step < first.counts[i]:
                    yield len(runs)
            copies.hand_out([run.model for run in runs])
        with use_threads(first.schedule, first.model):
            for run, good in zip(runs, sound.tolist(), strict=True):
                _close_task(run, good)
        for run in runs:
            run.seconds += (time.perf_counter() - begun) / len(runs)  # each run's share
            run.side_by_side = max(run.side_by_side, len(runs))
        yield len(runs)


def _close_task(run: Training, sound: bool) -> None:
    """What one run holds on to; one that diverged goes back to where it was before the task."""
    try:
        if not sound:
            raise DivergedError
        run.task_learned()
    except DivergedError:
        run.back_to_task_start()


def _updates(
    copies: Ensemble, flat: FlatParams, runs: Sequence[Training], i: int, sound: Tensor
) -> Iterator[int]:
    """One task for all copies: `steps.updates` with a first dimension K.

    `sound`, `[K]`, turns False for the copies that diverge.
    """
    first = runs[0]
    schedule, count = first.schedule, first.counts[i]
    x, y, masks = training_data(first.model, first.data(i))
    optimiser = schedule.make_optimizer([flat.values])
    pull = _pull(copies, flat, runs)
    orders = {run.seed: torch.Generator().manual_seed(task_seed(run.seed, i)) for run in runs}
    copies.train()
    step, losses = 0, torch.zeros(())
    while step < count:
        shuffled = {seed: torch.randperm(len(x), generator=g) for seed, g in orders.items()}
        order = torch.stack([shuffled[run.seed] for run in runs])  # [K, N]
        for rows in order.split(schedule.batch, dim=1):  # [K, batch]
            flat.grads.zero_()
            logits = copies(x[rows])  # [K, batch, C]
            if masks is not None:
                logits = logits.masked_fill(masks if masks.ndim == 1 else masks[rows], -torch.inf)
            losses = F.cross_entropy(logits.flatten(0, 1), y[rows].flatten(), reduction="none")
            (losses.sum() / rows.shape[1]).backward()  # the mean of each copy, added up
            if pull and not schedule.proximal:
                pull()
            optimiser.step()
            if pull and schedule.proximal:
                pull()
            step += 1
            yield step
            if step == count:
                break
        sound &= torch.isfinite(losses.detach()).view(len(runs), -1).all(1).cpu()
        for weights in copies.stacked:
            sound &= torch.isfinite(weights.detach()).reshape(len(runs), -1).all(1).cpu()


def _pull(
    copies: Ensemble, flat: FlatParams, runs: Sequence[Training]
) -> Callable[[], None] | None:
    """What draws each copy to its own anchor with its own λ."""
    anchors = [run.anchor for run in runs if run.anchor is not None]
    if not anchors or not any(run.lam for run in runs):
        return None
    for run, anchor in zip(runs, anchors, strict=True):
        check_same_weights("anchor", anchor.theta, "model", dict(run.model.named_parameters()))
    strengths = [
        {name: run.lam * omega for name, omega in anchor.omega.items()}
        for run, anchor in zip(runs, anchors, strict=True)
    ]
    theta = flat.vector(copies.stack([anchor.theta for anchor in anchors]))
    return make_penalty_step(flat, theta, flat.vector(copies.stack(strengths)), runs[0].schedule)


def _accuracies(copies: Ensemble, tasks: Sequence[Task]) -> NDArray[np.float64]:
    """`steps.accuracies` of every copy, `[K, T]`."""
    with evaluating(copies), torch.no_grad():
        return np.stack([_accuracy(copies, task) for task in tasks], 1)


def _accuracy(copies: Ensemble, task: Task) -> NDArray[np.float64]:
    count = len(copies.stacked[0])
    right, rows = np.zeros(count), max(1, TESTED_AT_ONCE // count)
    for x, y in zip(task.x_test.split(rows), task.y_test.split(rows), strict=True):
        logits = copies.shared(to_model(x, copies))  # [K, N, C]
        if task.classes is not None:
            mask = inactive_mask(task, logits.shape[2]).to(logits.device)
            logits = logits.masked_fill(mask, -torch.inf)
        right += (logits.argmax(2).cpu() == y.cpu()).sum(1).numpy()
    return right / len(task.y_test)
