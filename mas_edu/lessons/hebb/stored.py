"""Local and global Ω as penalties, each with its own λ: it takes minutes, so it is stored.

`python -m tools.lesson_data 08` makes it again. The file holds the averages of each run on the
validation and the test parts, in per cent, and the settings they were made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

import mas_edu as me
from mas_edu.lessons.hebb.experiment import DEPTHS, SEEDS, WIDTH, Array, network
from mas_edu.lessons.stored_results import as_stored, load_results, save_results

PATH = Path(__file__).with_name("runs.json")
METHODS: dict[str, me.Method] = {"global": me.MAS(), "local": me.MASLocal()}
LAMS = (*(float(f"{m}e{e}") for e in range(-2, 1) for m in (1, 2, 5)), 10.0)
SCHEDULE = me.Schedule(evaluations=1, threads=1)  # as in lesson 10
MEASURES = ("validated", "average", "forgetting", "learned")  # the first chooses λ


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of one Ω with so many hidden layers, every λ with every seed.

    Args:
        table: `MEASURES` in per cent, `[λ, seed, measure]`.
    """

    table: Array

    @property
    def best(self) -> float:
        """The λ that validation chooses, by the mean over seeds; of equals, the smallest."""
        return LAMS[int(self.table[:, :, 0].mean(1).round(6).argmax())]

    def at(self, lam: float, measure: str = "average") -> Array:
        """Return a measure of the runs with this λ in per cent, `[seed]`."""
        return np.asarray(self.table[LAMS.index(lam), :, MEASURES.index(measure)])


@cache
def tasks() -> me.Stream:
    """Return five tasks: the digits upright, turned by 20°, and so on to 80°."""
    return me.rotated("digits", tasks=5, step=20)


def stored() -> Mapping[str, Any]:
    """Read the file: "settings", and "runs" by Ω and number of hidden layers."""
    return load_results(PATH)


def runs(omega: str, hidden: int) -> Runs:
    """Return the stored runs.

    Args:
        omega: "global" or "local".
        hidden: how many hidden layers, from 1 to 3.

    >>> runs("local", hidden=3).best > runs("global", hidden=3).best
    True
    """
    return Runs(np.array(stored()["runs"][omega][str(hidden)]) / 100)


def settings() -> dict[str, Any]:
    """Return what the runs depend on, as the code is now."""
    found = {
        "stream": {"name": tasks().name, "tasks": len(tasks()), **tasks().settings},
        "schedule": asdict(SCHEDULE),
        "methods": {name: repr(method) for name, method in METHODS.items()},
        "hidden": DEPTHS,
        "width": WIDTH,
        "lams": LAMS,
        "seeds": SEEDS,
        "measures": MEASURES,
    }
    return as_stored(found)


def make() -> Path:
    """Train all runs, a few minutes, and write the file."""
    found = {
        name: {hidden: _trained(method, hidden) for hidden in DEPTHS}
        for name, method in METHODS.items()
    }
    return save_results(PATH, settings(), {"runs": found})


def _trained(method: me.Method, hidden: int) -> list[Any]:
    """Train with all λ and seeds; return the measures in hundredths of a per cent."""
    records = me.sweep(
        tasks(),
        method,
        LAMS,
        SEEDS,
        schedule=SCHEDULE,
        model=partial(network, hidden),
        progress=False,
    )
    table = [[1e4 * getattr(record, measure) for measure in MEASURES] for record in records]
    shape = (len(LAMS), len(SEEDS), len(MEASURES))
    found: list[Any] = np.array(table).reshape(shape).round().astype(int).tolist()
    return found
