"""The tasks, the methods, and all their runs: they take minutes, so what came out is stored.

`python -m tools.lesson_data 10` makes it again. The file holds four measures of each run in per
cent, by method, λ and seed; the same with twice the epochs, for some λ around the best; the time of
a run; and the settings all this was made with.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mas_edu as me
from mas_edu.lessons.stored_results import as_stored, load_results, save_results

Array = NDArray[np.float64]
PATH = Path(__file__).with_name("runs.json")
SEEDS = (0, 1, 2, 3, 4)
LAMS = (*(float(f"{m}e{e}") for e in range(-2, 3) for m in (1, 2, 5)), 1000.0)
SCHEDULE = me.Schedule(evaluations=1, threads=1)
LONGER = replace(SCHEDULE, epochs=2 * SCHEDULE.epochs)
MEASURES = ("validated", "average", "forgetting", "learned")  # the first chooses λ
ROUNDS = 5  # in which a run of each method is timed

METHODS: dict[str, me.Method] = {
    "fine-tuning": me.FineTune(),
    "L2": me.L2(),
    "EWC": me.EWC(),
    "SI": me.SI(),
    "RWalk": me.RWalk(),
    "SCP": me.SCP(),
    "MAS": me.MAS(),
    "batch MAS": me.MASBatch(),
    "local MAS": me.MASLocal(),
    "joint training": me.Joint(),
}
RIVALS = tuple(name for name, method in METHODS.items() if method.penalised)


@cache
def stream() -> me.Stream:
    """Return five tasks: the digits upright, turned by 20°, and so on to 80°."""
    return me.rotated("digits", tasks=5, step=20)


def stored() -> Mapping[str, Any]:
    """Read the file: "settings", "time", "usual" and "longer": runs by method."""
    return load_results(PATH)


def runs(name: str, longer: bool = False) -> dict[float | None, dict[str, Array]]:
    """Return for each λ the measures of its runs, `[seeds]` each; λ is None where there is none.

    Args:
        name: of one of `METHODS`.
        longer: with twice the epochs.

    >>> runs("MAS")[0.1]["average"].shape
    (5,)
    """
    found = stored()["longer" if longer else "usual"][name]
    table = np.moveaxis(np.array(found["runs"]) / 100, 1, 2)  # [λ, measure, seed]
    return {
        lam: dict(zip(MEASURES, values, strict=True))
        for lam, values in zip(found["lams"], table, strict=True)
    }


def chosen(name: str, part: str = "validated", longer: bool = False) -> float | None:
    """Return the λ with the best mean over seeds; of equals, the smallest.

    Args:
        name: of the method.
        part: "validated", or "average" for the test parts.
        longer: of the runs with twice the epochs.

    >>> chosen("MAS") < chosen("EWC")
    True
    """
    scores = {lam: _mean(values[part]) for lam, values in runs(name, longer).items()}
    return max(scores, key=lambda lam: scores[lam])


def time_of(name: str, longer: bool = False) -> float:
    """Return how long one run takes: 1 is fine-tuning with the usual epochs."""
    training, after_tasks = stored()["time"][name]
    return float((1 + longer) * training + after_tasks)


def settings() -> dict[str, Any]:
    """Return what the runs depend on, as the code is now."""
    found = {
        "stream": {"name": stream().name, "tasks": len(stream()), **stream().settings},
        "schedules": [asdict(SCHEDULE), asdict(LONGER)],
        "methods": {name: repr(method) for name, method in METHODS.items()},
        "measures": MEASURES,
        "lams": LAMS,
        "seeds": SEEDS,
    }
    return as_stored(found)


def make() -> Path:
    """Train all runs, time one of each method, and write the file."""
    usual = {name: _swept(name, LAMS, SCHEDULE) for name in METHODS}
    found = {
        "time": _timed(),
        "usual": usual,
        "longer": {name: _swept(name, _near(usual[name]), LONGER) for name in RIVALS},
    }
    return save_results(PATH, settings(), found)


def _swept(name: str, lams: Sequence[float], schedule: me.Schedule) -> dict[str, Any]:
    """Return λ, and the measures of every run in per cent, `[λ, seed, measure]`."""
    lams = lams if name in RIVALS else [0.0]
    records = me.sweep(stream(), METHODS[name], lams, SEEDS, schedule=schedule)
    table = [[100 * getattr(record, measure) for measure in MEASURES] for record in records]
    shape = (len(lams), len(SEEDS), len(MEASURES))
    return {
        "lams": list(lams) if name in RIVALS else [None],
        "runs": np.array(table).reshape(shape).round(2).tolist(),
    }


def _near(swept: Mapping[str, Any]) -> Sequence[float]:
    """Return the λ that validation chooses and some around it: longer training needs less."""
    scores = [_mean(some) for some in np.array(swept["runs"])[:, :, 0] / 100]
    best = scores.index(max(scores))
    return LAMS[max(0, best - 3) : best + 2]


def _mean(values: Array) -> float:
    """Return the mean over seeds, rounded: the last bit does not choose between equals."""
    return round(float(values.mean()), 9)


def _timed() -> dict[str, list[float]]:
    """Time a run of each method alone: its training, and what comes after the tasks.

    In units of fine-tuning, as this processor spends it: what else the computer does meanwhile
    does not count. Each time is the median over some rounds, in which the methods take turns.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for _ in range(ROUNDS):
        for name, method in METHODS.items():
            begun = time.process_time()
            run = me.learn(stream(), method, schedule=SCHEDULE, progress=False)
            spent, share = time.process_time() - begun, run.omega_seconds / run.seconds
            times[name].append((spent * (1 - share), spent * share))
    unit = statistics.median(sum(both) for both in times["fine-tuning"])
    return {
        name: [round(statistics.median(column) / unit, 3) for column in zip(*some, strict=True)]
        for name, some in times.items()
    }
