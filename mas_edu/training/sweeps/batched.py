"""Several runs of a small network advanced side by side, as one batched program."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mas_edu.methods import check_same_weights
from mas_edu.networks import Params, with_gradients
from mas_edu.training.batches import pass_orders, task_seed, training_data
from mas_edu.training.evaluation import measure_accuracies
from mas_edu.training.flat_params import FlatParams, flattened
from mas_edu.training.gradient import masked_cross_entropy
from mas_edu.training.loop import DivergedError, make_update
from mas_edu.training.run import Training
from mas_edu.training.schedule import use_threads, with_threads
from mas_edu.training.sweeps.ensemble import Ensemble
from mas_edu.training.sweeps.omegas import omegas

SMALL_TOGETHER = 20_000  # weights of all copies below which one thread is the fastest
TESTED_AT_ONCE = 2**16  # test samples of all copies together: 16 MB for 64 units


def train_batched(runs: Sequence[Training]) -> Generator[int]:
    """Train all runs to their end; yield, after each update, how many runs it advanced.

    The runs share stream, schedule and the number of tasks finished; λ, seed and weights are each
    run's own. A run that diverges stays where it was before the task, the others go on.
    """
    first, steps = runs[0], _train(sorted(runs, key=lambda run: run.seed))
    small = SMALL_TOGETHER // len(runs)
    return with_gradients(with_threads(first.schedule, first.model, steps, small))


def _train(runs: Sequence[Training]) -> Generator[int]:
    first = runs[0]
    for i in range(first.finished, len(first.stream)):
        runs, begun = [run for run in runs if run.finished == i], time.perf_counter()
        if not runs:
            return
        copies = Ensemble([run.model for run in runs])
        count, before = first.updates_of(i), first.updates_until(i)
        evaluated = first.schedule.evaluation_updates(count)
        finite = torch.ones(len(runs), dtype=torch.bool, device="cpu")
        with flattened(copies) as flat:
            accuracies = partial(
                measure_accuracies,
                copies,
                copies.shared,
                first.stream.tasks,
                samples=max(1, TESTED_AT_ONCE // len(runs)),
                together=copies.by_hand,
            )
            traces = _start_traces(runs, flat)
            for step in _updates(copies, flat, runs, i, finite, traces):
                if step in evaluated:
                    for run, point in zip(runs, accuracies(), strict=True):
                        run.add_point(before + step, point)
                if step < count:
                    yield len(runs)
            trained = time.perf_counter()
            found = omegas(copies, flat, [run.method for run in runs], first.stream[i])
            omega_share = (time.perf_counter() - trained) / len(runs)
            validation = accuracies("val") if first.stream.has_validation else [None] * len(runs)
            copies.hand_out([run.model for run in runs])
        with use_threads(first.schedule, first.model):
            ended = zip(runs, traces, validation, found, finite.tolist(), strict=True)
            for run, trace, accuracy, omega, is_finite in ended:
                _finish_task(run, trace, accuracy, omega, is_finite)
        for run in runs:
            share = (time.perf_counter() - begun) / len(runs)
            run.add_share(share, omega_share, len(runs))
        yield len(runs)


def _start_traces(runs: Sequence[Training], flat: FlatParams) -> list[Any]:
    """Return what each run's method notes its updates in; None where it needs no trace."""
    values = flat.of_each_network(flat.values.detach())
    return [
        run.method.start(values[k], run.anchor) if run.method.needs_trace else None
        for k, run in enumerate(runs)
    ]


def _finish_task(
    run: Training,
    trace: Any,
    validation: NDArray[np.float64] | None,
    omega: Params | None,
    is_finite: bool,
) -> None:
    """Finish the task of one run; one that diverged goes back to where it was before the task."""
    try:
        if not is_finite:
            raise DivergedError
        run.finish_task(trace, validation, omega)
    except DivergedError:
        run.restart_task()


def _updates(
    copies: Ensemble,
    flat: FlatParams,
    runs: Sequence[Training],
    i: int,
    finite: Tensor,
    traces: Sequence[Any],
) -> Iterator[int]:
    """Train all copies on one task: `train_steps` with a first dimension K.

    `finite`, `[K]`, turns False for the copies that diverge.
    """
    first = runs[0]
    schedule, updates = first.schedule, first.updates_of(i)
    data = training_data(first.model, first.training_tasks(i))

    def note(gradients: Tensor, moves: Tensor) -> None:
        own = map(flat.of_each_network, (gradients, moves))
        for run, trace, gradient, move in zip(runs, traces, *own, strict=True):
            run.method.after_step(trace, gradient, move)

    watch = note if first.method.needs_trace else None
    theta, strength = _penalty(copies, flat, runs)
    update = make_update(flat, schedule, theta, strength, watch)
    alike = math.gcd(*Counter(run.seed for run in runs).values()) if copies.by_hand else 1
    compute_gradient = copies.make_gradient(flat, alike)
    batches = data.batches(_pass_orders(runs, i, len(data)), schedule.batch, alike)  # [K, batch, …]
    for step, (x, y, masks) in enumerate(batches, 1):
        logits = compute_gradient(x, y, masks)
        update()
        yield step
        if schedule.ends_pass(step, len(data)) or step == updates:
            losses = masked_cross_entropy(logits, y, masks, reduction="none").view(len(runs), -1)
            finite &= torch.isfinite(losses).all(1).cpu()
    # a weight that is not finite stays so: one look at the end is enough
    finite &= torch.isfinite(flat.of_each_network(flat.values.detach())).all(1).cpu()


def _pass_orders(runs: Sequence[Training], i: int, samples: int) -> Iterator[Tensor]:
    """Yield the row numbers of each pass over task i, that of its seed, `[K, samples]`."""
    batch, updates = runs[0].schedule.batch, runs[0].updates_of(i)
    orders = {
        run.seed: pass_orders(samples, batch, updates, task_seed(run.seed, i)) for run in runs
    }
    for passes in zip(*orders.values(), strict=True):
        order = dict(zip(orders, passes, strict=True))
        yield torch.stack([order[run.seed] for run in runs])


def _penalty(
    copies: Ensemble, flat: FlatParams, runs: Sequence[Training]
) -> tuple[Tensor, Tensor] | tuple[None, None]:
    """Return θ* and λ Ω of all copies as flat vectors, each with its own anchor and λ."""
    anchors = [run.anchor for run in runs if run.anchor is not None]
    if not anchors or not any(run.lam for run in runs):
        return None, None
    for run, anchor in zip(runs, anchors, strict=True):
        check_same_weights("anchor", anchor.theta, "model", dict(run.model.named_parameters()))
    strengths = [
        {name: run.lam * omega for name, omega in anchor.omega.items()}
        for run, anchor in zip(runs, anchors, strict=True)
    ]
    theta = copies.stack([anchor.theta for anchor in anchors])
    return flat.vector(theta), flat.vector(copies.stack(strengths))
