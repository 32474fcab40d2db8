"""The tasks, and the sweep that chooses each rule's λ: it takes minutes, so its result is stored.

`python -m tools.lesson_data 06` makes it again. The file holds the average on the validation parts
after 2, 3, … 10 tasks, in per cent, for each rule, λ and seed, and the settings it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import mas_edu as me
from mas_edu.lessons.many_tasks.rules import RULES
from mas_edu.lessons.stored_results import as_stored, load_results, save_results

TASKS = 10
SEEDS = (0, 1, 2, 3, 4)
SCHEDULE = me.Schedule(evaluations=1, threads=1)
PATH = Path(__file__).with_name("validation.json")
LAMS = (0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)


@cache
def stream() -> me.Stream:
    """Return ten tasks: the digits upright, turned by 10°, and so on to 90°."""
    return me.rotated("digits", tasks=TASKS, step=10)


def stored() -> Mapping[str, Any]:
    """Read the file: "settings", and "validation" by rule, `[λ, seed, T − 1]`."""
    return load_results(PATH)


def validation(rule: str, tasks: int) -> dict[float, float]:
    """Return for each λ the validation average after so many tasks, the mean over seeds."""
    values = np.array(stored()["validation"][rule])[:, :, tasks - 2].mean(1) / 100
    return dict(zip(LAMS, values.tolist(), strict=True))


def own_lams(tasks: int) -> dict[str, float]:
    """Return the λ that validation chooses for each rule and so many tasks.

    >>> lams = own_lams(10)
    >>> lams["mean"] > lams["sum"]
    True
    """
    scores = {rule: validation(rule, tasks) for rule in stored()["validation"]}
    return {rule: max(own, key=lambda lam: own[lam]) for rule, own in scores.items()}


def settings() -> dict[str, Any]:
    """Return what the sweep depends on, as the code is now."""
    found = {
        "stream": {"name": stream().name, "tasks": len(stream()), **stream().settings},
        "schedule": asdict(SCHEDULE),
        "rules": {name: repr(rule) for name, rule in RULES.items()},
        "lams": LAMS,
        "seeds": SEEDS,
    }
    return as_stored(found)


def make() -> Path:
    """Run the sweep, and write the file."""
    table = {}
    for name, rule in RULES.items():
        records = me.sweep(stream(), rule, LAMS, SEEDS, schedule=SCHEDULE)
        averages = [_averages(record) for record in records]
        table[name] = np.array(averages).reshape(len(LAMS), len(SEEDS), -1).round(2).tolist()
    return save_results(PATH, settings(), {"validation": table})


def _averages(record: me.Record) -> list[float]:
    """Return the validation average after 2, 3, … tasks, in per cent."""
    rows = np.asarray(record.validation)
    return [100 * float(rows[t - 1, :t].mean()) for t in range(2, len(rows) + 1)]
