"""Many runs: every λ with every seed, side by side in one program where the network allows it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from os import PathLike
from typing import Any

from torch import nn

from mas_edu._common import as_flag, as_float, as_job_count, as_list, as_seed, as_stop, progress_bar
from mas_edu.data import Stream
from mas_edu.methods import Anchor, Method
from mas_edu.networks import settle_after_ctrl_c, to_model, trainable
from mas_edu.results import Record
from mas_edu.training.run import Training
from mas_edu.training.schedule import SMALL, Schedule
from mas_edu.training.start import gradient_hooks
from mas_edu.training.sweeps.batched import train_batched
from mas_edu.training.sweeps.ensemble import can_batch
from mas_edu.training.sweeps.parallel import (
    WorkerKilledError,
    train_alone,
    train_parallel,
    worker_count,
)
from mas_edu.training.sweeps.store import Pair, RunStore, open_store

WEIGHTS_TOGETHER = 4_000_000  # of all copies in one program; beyond, several programs
INTERRUPTED = "interrupted"
KILLED = "a process was killed, perhaps for want of memory: take fewer n_jobs"
SHOWN = 8  # runs named in a warning
LAMS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)


class InterruptedWarning(UserWarning):
    """Ctrl-C, or the end of a process, ended the sweep before all runs were finished."""


def sweep(
    stream: Stream,
    method: Method,
    lams: Iterable[float] = LAMS,
    seeds: Iterable[int] = (0, 1, 2),
    *,
    schedule: Schedule | None = None,
    model: nn.Module | Callable[[int], nn.Module] | None = None,
    anchor: Anchor | None = None,
    store: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> list[Record]:
    """Call `learn` for every λ with every seed: the same numbers, in a fraction of the time.

    Copies of a small network are trained as one batched program. Before there is an anchor, λ has
    no effect: the first task is then trained once for each seed. What cannot be batched (dropout,
    batch norm, frozen or tied weights, large networks, bf16, a function whose networks differ in
    more than their weights) runs one by one through joblib, on as many processes or machines as
    the caller sets up with `joblib.parallel_config`.

    Args:
        stream: as in `learn`, like `method`, `schedule` and `model`.
        method: what to protect after each task.
        lams: the values of λ.
        seeds: the seeds.
        schedule: how each task is trained.
        model: the network to start from, or a function that makes one from a seed.
        anchor: as in `learn`, the same for all runs; it belongs to a model that is given.
        store: a folder in which each run is kept task by task. Called again, the sweep resumes
            there: finished tasks are not repeated. Where it then trains fewer runs side by side
            than before, weights may differ in their last digits, by about 1e-7, as sums are
            formed in another order; runs trained one by one are the same to the last digit.
            Several processes may use one store. None: nothing is kept on disk.
        n_jobs: processes for runs that cannot be batched; None: as joblib is configured.
        progress: whether to show a progress bar.
        stop: asked after every update (with several processes: after every finished run); True
            ends the sweep.

    Returns:
        One record for each pair, all seeds of the first λ first. A pair that is asked for twice,
        and each λ of a method without one, is trained once. When interrupted or stopped, when a
        worker is killed (out of memory), or for a run that diverged, with a warning, records of
        the tasks finished until then.

    Raises:
        ValueError: naming the argument that is out of range.
        OSError: if `store` cannot be written; before anything is trained.

    >>> from mas_edu import methods
    >>> from mas_edu.data import streams
    >>> stream, short = streams.rotated("digits", tasks=2), Schedule(epochs=1)
    >>> records = sweep(stream, methods.MAS(), [0, 1], [0, 1], schedule=short, progress=False)
    >>> [(r.settings["lam"], r.settings["seed"]) for r in records]
    [(0.0, 0), (0.0, 1), (1.0, 0), (1.0, 1)]
    """
    lams = [as_float("lams", lam) + 0.0 for lam in as_list("lams", lams)]  # + 0.0: no −0.0
    seeds = [as_seed(seed, "seeds") for seed in as_list("seeds", seeds)]
    stop = as_stop(stop)
    progress = as_flag("progress", progress)
    n_jobs = None if n_jobs is None else as_job_count("n_jobs", n_jobs)
    folder = None if store is None else open_store(store)
    wanted = [_pair(method, lam, seed) for lam in lams for seed in seeds]
    given: dict[str, Any] = {"schedule": schedule, "model": model, "anchor": anchor}
    runs: dict[Pair, Training] = {}
    for lam, seed in dict.fromkeys(wanted):
        like = runs.get((wanted[0][0], seed))  # of the first λ: drawn and checked already
        if like is not None and model is None and anchor is None:
            runs[lam, seed] = like.with_lam(lam)
        else:
            runs[lam, seed] = Training(stream, method, lam, seed=seed, **given)
    kept = RunStore.of(folder, runs) if folder else RunStore({})
    for run in runs.values():
        kept.resume(run)
    ended = _train(list(runs.values()), kept, n_jobs, progress, stop)
    _close(list(runs.values()), kept, ended)
    records = {pair: run.record for pair, run in runs.items()}
    return [records[pair] for pair in wanted]


def _pair(method: Method, lam: float, seed: int) -> Pair:
    """Return what distinguishes two runs of a sweep; without a penalty, λ does not."""
    return (lam if getattr(method, "penalised", True) else 0.0, seed)


def _train(
    runs: list[Training],
    store: RunStore,
    n_jobs: int | None,
    progress: bool,
    stop: Callable[[], bool],
) -> str:
    """Train what is not finished; return what ended it too early, or an empty text."""
    name = f"{len(runs)} run{'s' * (len(runs) > 1)} of {type(runs[0].method).__name__}"
    total = sum(run.total for run in runs)
    done = sum(run.updates_until(run.finished) for run in runs)
    bar = progress_bar(total=total, initial=done, disable=not progress, unit="update", desc=name)
    try:
        with settle_after_ctrl_c(), bar, closing(_advance(runs, store, n_jobs)) as advancing:
            for updates in advancing:
                bar.update(updates)
                if as_flag("stop", stop()):
                    return "stopped"
    except KeyboardInterrupt:
        return INTERRUPTED
    except WorkerKilledError:
        return KILLED
    return ""


def _advance(runs: list[Training], store: RunStore, n_jobs: int | None) -> Generator[int]:
    """Train each run in the way that suits it; yield how many updates were made."""
    single: list[Training] = []
    for group in _groups([run for run in runs if not run.is_complete]):
        if len(group) > 1 and _can_batch(group):
            yield from _train_side_by_side(group, store)
        else:
            single += group
    can_travel = not any(gradient_hooks(run.model) for run in single)
    if len(single) > 1 and can_travel and worker_count(n_jobs) > 1:
        yield from train_parallel(single, store, n_jobs)
    else:
        for run in single:
            yield from train_alone(run, store)


def _groups(runs: Sequence[Training]) -> Iterator[list[Training]]:
    """Yield runs to train together: with as many tasks finished, and not too many at once."""
    for finished in sorted({run.finished for run in runs}, reverse=True):
        equal = [run for run in runs if run.finished == finished]
        most = max(1, WEIGHTS_TOGETHER // _size(equal[0]))
        yield from (equal[i : i + most] for i in range(0, len(equal), most))


def _can_batch(group: list[Training]) -> bool:
    first = group[0]
    return (
        _size(first) <= SMALL
        and first.schedule.precision == "fp32"
        and can_batch([run.model for run in group], to_model(first.stream[0].x[:3], first.model))
    )


def _size(run: Training) -> int:
    return sum(weight.numel() for weight in trainable(run.model).values())


def _train_side_by_side(group: list[Training], store: RunStore) -> Generator[int]:
    """Train the runs as one program; store all of them after each task."""
    first = group[0]
    ends = {first.updates_until(i + 1) for i in range(len(first.stream))}
    done = first.updates_until(first.finished)
    for step, updates in enumerate(train_batched(group), done + 1):
        if step in ends:
            for run in group:
                store.save(run)
        yield updates


def _close(runs: list[Training], store: RunStore, ended: str) -> None:
    """Leave each run at its last finished task, in memory and on disk; warn of unfinished runs."""
    for run in runs:
        store.resume(run)  # another process may have stored more than it has reported
        run.restart_task()
        store.save(run)
    if ended == INTERRUPTED and not any(run.finished for run in runs):
        raise KeyboardInterrupt  # there is nothing to keep
    unfinished = [run for run in runs if not run.is_complete]
    if not unfinished:
        return
    names = "; ".join(_describe(run) for run in unfinished[:SHOWN])
    names += f"; and {len(unfinished) - SHOWN} more" if len(unfinished) > SHOWN else ""
    category = InterruptedWarning if ended in (INTERRUPTED, KILLED) else UserWarning
    if not ended:
        ended, names = "training diverged", f"{names}; lower lr or λ, or use proximal=True"
    warnings.warn(
        f"{ended}: {len(unfinished)} of {len(runs)} runs are unfinished, their records hold the "
        f"tasks finished until then: {names}",
        category,
        stacklevel=3,
    )


def _describe(run: Training) -> str:
    lam = f"λ = {run.lam:g}, " if run.method.penalised else ""
    return f"{lam}seed {run.seed}"
