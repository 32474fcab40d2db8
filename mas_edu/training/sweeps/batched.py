"""Several runs of a small network advanced side by side, as one batched program."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu.methods import Anchor, check_same_weights
from mas_edu.networks import Params, snapshot, with_gradients
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
    run's own. A run that diverges stays where it was before the task, the others go on. In the
    first task λ has no effect yet: runs of one seed, with the same weights, train one network.
    """
    return with_gradients(_train(sorted(runs, key=lambda run: run.seed)))


def _train(runs: Sequence[Training]) -> Generator[int]:
    first = runs[0]
    for run in runs:
        run.restart_task()
    for i in range(first.finished, len(first.stream)):
        runs = [run for run in runs if run.finished == i]
        if not runs:
            return
        learners, place = _learners(runs)
        small = SMALL_TOGETHER // len(learners)
        steps = _train_task(runs, learners, place, i)
        yield from with_threads(first.schedule, first.model, steps, small)


def _learners(runs: Sequence[Training]) -> tuple[list[Training], list[int]]:
    """Return a run for each network to train, and, for each run, which of these networks it has.

    Before there is an anchor, runs with the same seed and weights learn the same.
    """
    learners: list[Training] = []
    place: list[int] = []
    same_seed: dict[int, list[int]] = defaultdict(list)
    for run in runs:
        alike = same_seed[run.seed] if run.anchor is None else []
        found = next((k for k in alike if _same_weights(learners[k], run)), len(learners))
        if found == len(learners):
            learners.append(run)
            alike.append(found)
        place.append(found)
    return learners, place


def _same_weights(run: Training, other: Training) -> bool:
    own, others = list(run.model.parameters()), list(other.model.parameters())
    return len(own) == len(others) and all(map(torch.equal, own, others))


def _train_task(
    runs: Sequence[Training], learners: Sequence[Training], place: Sequence[int], i: int
) -> Generator[int]:
    """Train task i, and finish it for each run; `learners`, `place`: as of `_learners`."""
    begun, first = time.perf_counter(), runs[0]
    copies = Ensemble([run.model for run in learners])
    count, before = first.updates_of(i), first.updates_until(i)
    evaluated = first.schedule.evaluation_updates(count)
    finite = torch.ones(len(learners), dtype=torch.bool, device="cpu")
    with flattened(copies) as flat:
        accuracies = partial(
            measure_accuracies,
            copies,
            copies.shared,
            first.stream.tasks,
            samples=max(1, TESTED_AT_ONCE // len(learners)),
            together=copies.by_hand,
        )
        traces, note = _start_traces(runs, place, flat)
        for step in _updates(copies, flat, learners, i, finite, note):
            if step in evaluated:
                points = accuracies()
                for run, k in zip(runs, place, strict=True):
                    run.add_point(before + step, points[k])
            if step < count:
                yield len(runs)
        trained = time.perf_counter()
        found = omegas(copies, flat, [run.method for run in runs], first.stream[i])
        omega_share = (time.perf_counter() - trained) / len(runs)
        validation = accuracies("val") if first.stream.has_validation else [None] * len(learners)
        copies.hand_out([run.model for run in runs], place)
    with use_threads(first.schedule, first.model):
        for run, k, trace in zip(runs, place, traces, strict=True):
            _finish_task(run, trace, validation[k], found[k], is_finite=bool(finite[k]))
    for run in runs:
        share = (time.perf_counter() - begun) / len(runs)
        run.add_share(share, omega_share, len(runs))
    yield len(runs)


def _start_traces(
    runs: Sequence[Training], place: Sequence[int], flat: FlatParams
) -> tuple[list[Any], Callable[[Tensor, Tensor], None] | None]:
    """Return what each run's method notes its updates in, and what is called to note one."""
    if not runs[0].method.needs_trace:
        return [None] * len(runs), None

    def of_each_run(vector: Tensor) -> Tensor:  # [runs, n], each its own memory
        return flat.of_each_network(vector)[place]

    weights = of_each_run(flat.values.detach())
    traces = [run.method.start(own, run.anchor) for run, own in zip(runs, weights, strict=True)]

    def note(gradients: Tensor, moves: Tensor) -> None:
        own = map(of_each_run, (gradients, moves))
        for run, trace, gradient, move in zip(runs, traces, *own, strict=True):
            run.method.after_step(trace, gradient, move)

    return traces, note


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
    learners: Sequence[Training],
    i: int,
    finite: Tensor,
    note: Callable[[Tensor, Tensor], None] | None,
) -> Iterator[int]:
    """Train all copies on one task: `train_steps` with a first dimension K.

    `finite`, `[K]`, turns False for the copies that diverge.
    """
    first, networks = learners[0], len(learners)
    schedule, updates = first.schedule, first.updates_of(i)
    data = training_data(first.model, first.training_tasks(i))
    theta, strength = _penalty(copies, flat, learners)
    update = make_update(flat, schedule, theta, strength, note)
    alike = math.gcd(*Counter(run.seed for run in learners).values()) if copies.by_hand else 1
    compute_gradient = copies.make_gradient(flat, alike)
    orders = _pass_orders(learners, i, len(data))
    batches = data.batches(orders, schedule.batch, alike)  # [K, batch, …]
    for step, (x, y, masks) in enumerate(batches, 1):
        logits = compute_gradient(x, y, masks)
        update()
        yield step
        if schedule.ends_pass(step, len(data)) or step == updates:
            losses = masked_cross_entropy(logits, y, masks, reduction="none").view(networks, -1)
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
    if not any(run.lam and run.anchor is not None for run in runs):
        return None, None
    anchors = [_free(run.model) if run.anchor is None else run.anchor for run in runs]
    for run, anchor in zip(runs, anchors, strict=True):
        check_same_weights("anchor", anchor.theta, "model", dict(run.model.named_parameters()))
    strengths = [
        {name: run.lam * omega for name, omega in anchor.omega.items()}
        for run, anchor in zip(runs, anchors, strict=True)
    ]
    theta = copies.stack([anchor.theta for anchor in anchors])
    return flat.vector(theta), flat.vector(copies.stack(strengths))


def _free(model: nn.Module) -> Anchor:
    """Return an anchor that holds nothing, for a run that has none beside others that have."""
    theta = snapshot(model)
    return Anchor(theta, {name: torch.zeros_like(weight) for name, weight in theta.items()})
