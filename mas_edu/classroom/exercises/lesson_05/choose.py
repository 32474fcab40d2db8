"""Exercise 05.3, `choose`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Row = dict[str, Any]


def choose(table: list[dict[str, Any]]) -> float:
    """Return the λ with the best mean validation accuracy over the seeds; of equals, the smallest.

    table: one dict a run, with the keys lam, seed, validation, test, forgetting (all in percent)
    and complete. A λ of which any run is not complete may not be chosen.
    """
    means: dict[float, float] = {}
    for lam in sorted({row["lam"] for row in table}):
        runs = [row for row in table if row["lam"] == lam]
        if all(row["complete"] for row in runs):
            means[lam] = sum(row["validation"] for row in runs) / len(runs)
    return max(means, key=lambda lam: means[lam])


def _table_cases(seed: int) -> list[Case]:
    """Draw tables in which every rule that could be followed chooses another λ."""
    draw = np.random.default_rng(seed)
    return [{"table": _table(draw, seeds)} for seeds in (2, 3, 3)]


def _table(draw: np.random.Generator, seeds: int) -> list[Row]:
    """Return runs of eight λ: two are best and tied, each of the others tempts one wrong rule."""
    lams = np.sort(draw.choice([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], 8, replace=False))
    *equal, test, run, stopped, crashed, forgetting, worst = lams[draw.permutation(8)]
    best = int(draw.integers(50, 57))
    rows = []
    for lam in lams:
        spread = int(draw.integers(1, 4))
        for k in range(seeds):
            last = k == seeds - 1
            validation = {
                **dict.fromkeys(equal, best),
                **dict.fromkeys((test, forgetting), best - 7),
                run: best + (12 if k == 0 else -14),
                stopped: best + (40 if last else -5),
                crashed: best + (-40 if last else 8),
                worst: best - 20,
            }[lam]
            if lam in (*equal, test, forgetting, worst) and k < 2:
                validation += (-spread, spread)[k]  # the mean stays what it is
            rows.append(
                {
                    "lam": float(lam),
                    "seed": k,
                    "validation": validation,
                    "test": best + 15 if lam == test else best - int(draw.integers(1, 9)),
                    "forgetting": 1 if lam == forgetting else int(draw.integers(5, 30)),
                    "complete": not (last and lam in (stopped, crashed)),
                }
            )
    return [rows[k] for k in draw.permutation(len(rows))]


def _best_lam(
    key: str = "validation", sign: int = 1, finished: bool = True, last: bool = False
) -> Any:
    """Return a choice by the mean of a column."""

    def wrong(table: list[Row]) -> float:
        rows = {lam: [row for row in table if row["lam"] == lam] for lam in _lams(table)}
        means = {
            lam: sign * sum(row[key] for row in runs) / len(runs)
            for lam, runs in rows.items()
            if not finished or all(row["complete"] for row in runs)
        }
        best = [lam for lam, mean in means.items() if mean == max(means.values())]
        return best[-1] if last else best[0]

    return wrong


def _lams(table: list[Row]) -> list[float]:
    return sorted({row["lam"] for row in table})


def _best_run(table: list[Row]) -> float:
    unfinished = {row["lam"] for row in table if not row["complete"]}
    runs = [row for row in table if row["lam"] not in unfinished]
    return float(max(runs, key=lambda row: row["validation"])["lam"])


def _finished_runs(table: list[Row]) -> float:
    return float(_best_lam()([row for row in table if row["complete"]]))


CHOICE = Exercise(
    id="05.3",
    name="choose",
    points=2,
    asks="Choose λ from a table of runs, as an honest study does: by the validation accuracy, in "
    "the mean over the seeds.",
    solution=choose,
    why="The test part is kept for the one number that is reported; a mean over seeds does not "
    "follow one lucky run.",
    hints=(
        "Which columns may a choice look at, and which are for the report?",
        "First put the runs of one λ together, then compare the λ.",
        "Leave out each λ with an unfinished run; average the validation of the others; take the "
        "largest mean, the smallest λ first.",
    ),
    mistakes={
        "by test": (
            _best_lam("test"),
            "This is the λ with the best test accuracy: the test part is for reporting, choose by "
            "validation.",
        ),
        "best run": (
            _best_run,
            "This is the λ of the best single run: average over the seeds before you compare.",
        ),
        "unfinished": (
            _best_lam(finished=False),
            "This λ has a run that did not finish: leave such a λ out.",
        ),
        "finished runs only": (
            _finished_runs,
            "You dropped the unfinished run, not its λ: a λ with an unfinished run is left out "
            "entirely.",
        ),
        "largest of equals": (
            _best_lam(last=True),
            "Two λ are equally good, and this is the larger: take the smaller.",
        ),
        "by forgetting": (
            _best_lam("forgetting", sign=-1),
            "This is the λ with the least forgetting: a frozen network would win. Choose by "
            "validation accuracy.",
        ),
        "worst": (
            _best_lam(sign=-1),
            "This is the λ with the lowest validation accuracy: take the highest.",
        ),
    },
    cases=_table_cases,
)
