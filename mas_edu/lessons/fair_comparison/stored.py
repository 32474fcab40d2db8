"""The tasks, the methods, and all their runs: they take minutes, so what came out is stored.

`python -m tools.lesson_data 10` makes it again. The file holds four measures of each run in per
cent, by method, λ and seed, once with the usual epochs and once with twice as many; the seconds of
a run; and the settings it was made with.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mas_edu as me

Array = NDArray[np.float64]
PATH = Path(__file__).with_name("runs.json")
SEEDS = (0, 1, 2, 3, 4)
LAMS = tuple(float(f"{m}e{e}") for e in range(-2, 3) for m in (1, 2, 5)) + (1000.0,)
SCHEDULE = me.Schedule(evaluations=1, threads=1)
LONGER = replace(SCHEDULE, epochs=2 * SCHEDULE.epochs)
MEASURES = ("validated", "average", "forgetting", "learned")
ROUNDS = 5  # in which each run is timed

METHODS: dict[str, me.Method] = {
    "fine-tuning": me.FineTune(),
    "L2": me.L2(),
    "EWC": me.EWC(),
    "SI": me.SI(),
    "RWalk": me.RWalk(),
    "SCP": me.SCP(),
    "MAS": me.MAS(),
    "batch-form MAS": me.MASBatch(),
    "local MAS": me.MASLocal(),
    "joint training": me.Joint(),
}
RIVALS = tuple(name for name, method in METHODS.items() if method.penalised)


@cache
def stream() -> me.Stream:
    """Five tasks: the digits upright, turned by 20°, and so on to 80°."""
    return me.rotated("digits", tasks=5, step=20)


@cache
def stored() -> Mapping[str, Any]:
    """Read the file: "settings", "seconds", and runs by method, `[λ, seed, measure]`."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def runs(name: str, longer: bool = False) -> dict[float | None, dict[str, Array]]:
    """Return for each λ the measures of its runs, `[seeds]` each; λ is None where there is none.

    Args:
        name: of one of `METHODS`.
        longer: with twice the epochs.

    >>> runs("MAS")[0.1]["average"].shape
    (5,)
    """
    table = np.array(stored()["longer" if longer else "runs"][name]) / 100
    lams = LAMS if name in RIVALS else (None,)
    return {
        lam: dict(zip(MEASURES, values, strict=True))
        for lam, values in zip(lams, np.moveaxis(table, 1, 2), strict=True)
    }


def seconds(name: str, longer: bool = False) -> float:
    """Return how long one run takes: 1 is fine-tuning with the usual epochs."""
    found: list[float] = stored()["seconds"][name]
    return found[longer]


def settings() -> dict[str, Any]:
    """Return what the runs depend on, as the code is now."""
    found: dict[str, Any] = {
        "stream": {"name": stream().name, "tasks": len(stream()), **stream().settings},
        "schedules": [asdict(SCHEDULE), asdict(LONGER)],
        "methods": {name: repr(method) for name, method in METHODS.items()},
        "measures": MEASURES,
        "lams": LAMS,
        "seeds": SEEDS,
    }
    return dict(json.loads(json.dumps(found)))


def make() -> Path:
    """Train all runs, time one of each, and write the file."""
    found = {
        "settings": settings(),
        "seconds": _timed(),
        "runs": {name: _swept(method, SCHEDULE) for name, method in METHODS.items()},
        "longer": {name: _swept(METHODS[name], LONGER) for name in RIVALS},
    }
    PATH.write_text(json.dumps(found).replace("]], ", "]],\n") + "\n", encoding="utf-8")
    stored.cache_clear()
    return PATH


def _swept(method: me.Method, schedule: me.Schedule) -> list[list[list[float]]]:
    """Return the measures of every run in per cent, `[λ, seed, measure]`."""
    lams = LAMS if method.penalised else LAMS[:1]
    records = me.sweep(stream(), method, lams, SEEDS, schedule=schedule)
    table = [[100 * getattr(record, name) for name in MEASURES] for record in records]
    shape = (len(lams), len(SEEDS), len(MEASURES))
    return np.array(table).reshape(shape).round(2).tolist()  # type: ignore[no-any-return]


def _timed() -> dict[str, list[float]]:
    """Time a run of each method alone, with both schedules, in units of fine-tuning.

    The methods take turns, and each turn is compared with fine-tuning of the same round: what else
    the computer does then slows both.
    """
    times: dict[str, list[list[float]]] = {name: [] for name in METHODS}
    for _ in range(ROUNDS):
        unit = 0.0
        for name, method in METHODS.items():  # fine-tuning comes first
            both = [
                me.learn(stream(), method, schedule=schedule, progress=False).seconds
                for schedule in ([SCHEDULE, LONGER] if name in RIVALS else [SCHEDULE])
            ]
            unit = unit or both[0]
            times[name].append([value / unit for value in both])
    return {
        name: [round(statistics.median(column), 2) for column in zip(*rounds, strict=True)]
        for name, rounds in times.items()
    }
