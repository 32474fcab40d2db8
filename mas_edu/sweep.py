"""Many runs: every λ with every seed, side by side in one program where the network allows it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mas_edu import shelf
from mas_edu.arguments import number, whole
from mas_edu.copies import can_be_copied
from mas_edu.methods import Method
from mas_edu.params import trainable
from mas_edu.record import Record
from mas_edu.schedule import SMALL, Schedule
from mas_edu.steps import DivergedError
from mas_edu.streams import Stream
from mas_edu.together import together
from mas_edu.training import Training

WEIGHTS_TOGETHER = 4_000_000  # of all copies in one program; beyond, several programs
Keep = Callable[[Training], None]
LAMS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)


def sweep(
    stream: Stream,
    method: Method,
    lams: Sequence[float] = LAMS,
    seeds: Sequence[int] = (0, 1, 2),
    *,
    schedule: Schedule | None = None,
    model: nn.Module | Callable[[int], nn.Module] | None = None,
    store: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> list[Record]:
    """`learn` for every λ with every seed: the same numbers, in a fraction of the time.

    Copies of a small network are trained as one batched program. What cannot be batched (dropout,
    batch norm, frozen weights, large networks) runs one by one through joblib, on as many
    processes or machines as the caller sets up with `joblib.parallel_config`.

    Args:
        stream: as in `learn`, like `method`, `schedule` and `model`.
        method: what to protect after each task.
        lams: the values of λ.
        seeds: the seeds.
        schedule: how each task is trained.
        model: the network to start from, or what makes one from a seed.
        store: a folder in which each run is kept task by task. Called again, the sweep goes on
            from there: finished tasks are not repeated. None: nothing is kept on disk.
        n_jobs: processes for runs that cannot be batched; None: as joblib is configured.
        progress: whether to show a progress bar.
        stop: asked after every update; True ends the sweep.

    Returns:
        One record for each pair, all seeds of the first λ first. When interrupted, stopped or
        diverged, with a warning, records of the tasks finished until then.

    >>> from mas_edu import methods, streams
    >>> stream, short = streams.rotated("digits", tasks=2), Schedule(epochs=1)
    >>> records = sweep(stream, methods.MAS(), [0, 1], [0, 1], schedule=short, progress=False)
    >>> [(r.settings["lam"], r.settings["seed"]) for r in records]
    [(0.0, 0), (0.0, 1), (1.0, 0), (1.0, 1)]
    """
    pairs = [(number("lams", lam), whole("seeds", seed, 0)) for lam in lams for seed in seeds]
    if not pairs:
        raise ValueError("lams, seeds: expected at least one of each, got none")
    runs = [
        Training(stream, method, lam, seed=seed, schedule=schedule, model=model)
        for lam, seed in pairs
    ]
    keep = _keeping(store, stream, runs)
    waiting = [run for run in runs if len(run.rows) < len(stream)]
    ended = ""
    try:
        for group in _groups(waiting):
            if _batchable(group[0]):
                ended = _side_by_side(group, keep, progress, stop)
            else:
                ended = _one_by_one(group, keep, n_jobs, progress, stop)
            if ended:
                break
    except KeyboardInterrupt:
        if not any(run.rows for run in runs):
            raise
        ended = "interrupted"
    records = [run.record for run in runs]
    unfinished = sum(not record.complete for record in records)
    if unfinished:
        reason = ended or "training diverged"
        warnings.warn(
            f"{reason}: {unfinished} of {len(records)} runs are unfinished, "
            "their records hold the tasks finished until then",
            stacklevel=2,
        )
    return records


def choose_lam(records: Sequence[Record]) -> float:
    """The λ with the best average accuracy on the validation parts, in the mean over seeds.

    Test accuracies play no part. Of equals, the smallest λ.

    Raises:
        ValueError: if there are no records, or some without λ or validation accuracies.

    >>> def run(lam, validation):
    ...     return Record([[1.0]], validation=[[validation]], settings={"lam": lam})
    >>> choose_lam([run(0.0, 0.5), run(1.0, 0.9), run(1.0, 0.8), run(10.0, 0.7)])
    1.0
    """
    scores: dict[float, list[float]] = {}
    for record in records:
        lam = record.settings.get("lam")
        if lam is None or not math.isfinite(record.validated):
            raise ValueError(
                f"records: expected runs with λ and validation accuracies, got {record!r}; "
                "make the stream with val > 0"
            )
        scores.setdefault(lam, []).append(record.validated if record.complete else 0.0)
    if not scores:
        raise ValueError("records: expected at least one, got none")
    return max(sorted(scores), key=lambda lam: float(np.mean(scores[lam])))


def _groups(runs: Sequence[Training]) -> Iterator[list[Training]]:
    """Runs that go together: with as many tasks finished, and not too many at once."""
    for finished in sorted({len(run.rows) for run in runs}, reverse=True):
        alike = [run for run in runs if len(run.rows) == finished]
        size = sum(weight.numel() for weight in trainable(alike[0].model).values())
        most = max(1, WEIGHTS_TOGETHER // size)
        yield from (alike[i : i + most] for i in range(0, len(alike), most))


def _batchable(run: Training) -> bool:
    size = sum(weight.numel() for weight in trainable(run.model).values())
    return (
        size <= SMALL
        and run.schedule.precision == "fp32"
        and can_be_copied(run.model, run.stream[0].x[:3].to(next(run.model.parameters()).dtype))
    )


def _keeping(store: str | PathLike[str] | None, stream: Stream, runs: list[Training]) -> Keep:
    """What stores a run when a task is finished; the runs go on from what is stored already."""
    if store is None:
        return lambda run: None
    place_of = {
        (run.lam, run.seed): place
        for run, place in zip(runs, shelf.places(Path(store), stream, runs), strict=True)
    }
    for run in runs:
        shelf.restore(run, place_of[run.lam, run.seed])
    return lambda run: shelf.keep(run, place_of[run.lam, run.seed])


def _side_by_side(
    group: list[Training], keep: Keep, progress: bool, stop: Callable[[], bool]
) -> str:
    from tqdm.auto import tqdm

    finished = len(group[0].rows)
    total = sum(group[0].counts[finished:])
    name = f"{len(group)} runs of {type(group[0].method).__name__} side by side"
    with tqdm(total=total, disable=not progress, unit="update", desc=name) as bar:
        for _ in together(group):
            bar.update()
            if max(len(run.rows) for run in group) > finished:
                finished += 1
                for run in group:
                    keep(run)
            if stop():
                return "stopped"
    return ""


def _one_by_one(
    group: list[Training],
    keep: Keep,
    n_jobs: int | None,
    progress: bool,
    stop: Callable[[], bool],
) -> str:
    import joblib
    from tqdm.auto import tqdm

    name = f"{len(group)} runs of {type(group[0].method).__name__}"
    with tqdm(total=len(group), disable=not progress, unit="run", desc=name) as bar:
        if joblib.effective_n_jobs(n_jobs) == 1:
            for run in group:
                if not finish(run, keep, stop):
                    return "stopped"
                bar.update()
            return ""
        jobs = (joblib.delayed(_elsewhere)(i, run, keep) for i, run in enumerate(group))
        for i, record in joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs):
            group[i].resume(record)
            keep(group[i])
            bar.update()
            if stop():
                return "stopped"
    return ""


def finish(run: Training, keep: Keep, stop: Callable[[], bool] = lambda: False) -> bool:
    """Train the run to its end, storing it after each task; False if it was stopped."""
    finished = len(run.rows)
    try:
        for _ in run:
            if len(run.rows) > finished:
                finished = len(run.rows)
                keep(run)
            if stop():
                return False
    except DivergedError:
        run.back_to_task_start()
    return True


def _elsewhere(i: int, run: Training, keep: Keep) -> tuple[int, Record]:
    """Run in another process, on one thread: the processes share the cores."""
    torch.set_num_threads(1)
    finish(run, keep)
    return i, run.record
