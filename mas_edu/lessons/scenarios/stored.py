"""Several methods in three scenarios, with five seeds: this takes minutes, so it is stored.

`python -m tools.lesson_data 11` makes it again. The file holds the accuracies in thousandths, and
the settings they were made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import mas_edu as me
from mas_edu.lessons.scenarios.experiment import (
    SCENARIOS,
    SCHEDULE,
    SEEDS,
    Compared,
    Runs,
    Scenario,
    stream,
)
from mas_edu.lessons.stored_results import as_stored, load_results, save_results

PATH = Path(__file__).with_name("runs.json")
LAMS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4)
LONG = "MAS, 1000 updates"
METHODS: dict[str, me.Method] = {
    "MAS": me.MAS(),
    "EWC": me.EWC(),
    "L2": me.L2(),
    "joint": me.Joint(),
    LONG: me.MAS(),
}
SCHEDULES = dict.fromkeys(METHODS, SCHEDULE)
# Joint training learns up to ten digits at once, which takes it more updates; MAS may have as many.
SCHEDULES["joint"] = SCHEDULES[LONG] = replace(SCHEDULE, steps=1000)
GRIDS = {  # λ is not comparable between methods
    "MAS": LAMS,
    "EWC": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 1e5),
    "L2": (1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0),
    "joint": (0.0,),
    LONG: (0.0, 0.1, 0.3, 1.0, 3.0, 10.0),
}


def stored() -> Mapping[str, Any]:
    """Read the file: "settings", and "runs" by method and scenario."""
    return load_results(PATH)


@cache
def runs(method: str, scenario: Scenario) -> Runs:
    """Return the stored runs of a method in a scenario.

    Args:
        method: "MAS", "EWC", "L2", "joint" or "MAS, 1000 updates".
        scenario: "task", "domain" or "class".

    >>> plain = [runs("MAS", scenario).averages(0.0) for scenario in ("task", "class")]
    >>> bool(plain[0].min() > 0.9 > 0.2 > plain[1].max())
    True
    """
    found = stored()["runs"][method][scenario]
    accuracy, validated = (np.array(found[name]) / 1000 for name in ("accuracy", "validated"))
    return Runs(GRIDS[method], accuracy, validated)


def compare(lam: float = 0.0, after: int = 5) -> Compared:
    """Return MAS in the three scenarios at one of `LAMS`, after so many tasks; the picture's data.

    Raises:
        ValueError: naming the argument that is not stored.
    """
    if after not in range(1, 6):
        raise ValueError(f"after: expected a number of tasks from 1 to 5, got {after!r}")
    if lam not in LAMS:
        known = ", ".join(f"{value:g}" for value in LAMS)
        raise ValueError(f"lam: expected one of {known}, got {lam!r}; these are stored")
    mas, joint = ({name: runs(method, name) for name in SCENARIOS} for method in ("MAS", "joint"))
    return Compared(float(lam), mas, joint, after)


def settings() -> dict[str, Any]:
    """Return what the stored runs depend on, as the code is now."""
    found = {
        "streams": {name: {"tasks": len(stream(name)), **stream(name).settings}
                    for name in SCENARIOS},
        "schedules": {name: asdict(schedule) for name, schedule in SCHEDULES.items()},
        "methods": {name: repr(method) for name, method in METHODS.items()},
        "lams": GRIDS,
        "seeds": SEEDS,
    }  # fmt: skip
    return as_stored(found)


def make() -> Path:
    """Train all runs, a few minutes, and write the file."""
    found = {name: {s: _trained(name, s) for s in SCENARIOS} for name in METHODS}
    runs.cache_clear()
    return save_results(PATH, settings(), {"runs": found})


def _trained(method: str, scenario: Scenario) -> dict[str, Any]:
    """Train a method with all its λ and seeds; return accuracies in thousandths."""
    schedule = SCHEDULES[method]
    records = me.sweep(
        stream(scenario), METHODS[method], GRIDS[method], SEEDS, schedule=schedule, progress=False
    )
    shape = (len(GRIDS[method]), len(SEEDS))
    tables = {
        "accuracy": np.array([record.accuracy for record in records]).reshape(*shape, 5, 5),
        "validated": np.array([record.validated for record in records]).reshape(shape),
    }
    return {name: (1000 * table).round().astype(int).tolist() for name, table in tables.items()}
