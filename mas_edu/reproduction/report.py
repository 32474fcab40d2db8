"""Reports of results: what was claimed, what was found, and the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.reproduction.protocol import Claim
from mas_edu.reproduction.results import fewer_seeds, left_out
from mas_edu.results import Interval, table_lines


def judge(claim: Claim | None, found: Interval, quick: bool = False, unfinished: int = 0) -> str:
    """Return what the interval says about the claim, in a few words.

    >>> judge(Claim(99.2, least=True), Interval(99.4, 99.3, 99.5))
    'reached'
    >>> judge(Claim(99.2, least=True), Interval(99.3, 99.1, 99.5))
    'reached in the mean, the interval begins below'
    >>> judge(Claim(98.56, 0.49), Interval(99.3, 99.2, 99.4))
    'above the published interval by 0.25'
    >>> judge(Claim(98.56, 0.49), Interval(99.3, 98.9, 99.7))
    'above the published interval by 0.25, the two overlap'
    """
    if claim is None:
        return ""
    if quick:
        return "none: a quick run"
    if not np.isfinite(found.mean):
        return "none: no run was finished"
    if unfinished:
        return f"none: {unfinished} of the runs diverged"
    return _judge_bound(claim, found) if claim.least else _judge_interval(claim, found)


def _judge_bound(claim: Claim, found: Interval) -> str:
    """Judge a claim that is a lower bound."""
    if found.mean < claim.value:
        missed = f"missed by {_points(claim.value - found.mean)}"
        return f"{missed}, the interval reaches it" if found.high >= claim.value else missed
    return (
        "reached in the mean, the interval begins below" if found.low < claim.value else "reached"
    )


def _judge_interval(claim: Claim, found: Interval) -> str:
    """Judge a claim that is a value with its spread."""
    distance = abs(found.mean - claim.value) - claim.spread
    if distance <= 1e-9:  # in binary, 0.1 + 0.2 is above 0.3
        return "within the published interval"
    side = "above" if found.mean > claim.value else "below"
    overlap = found.low <= claim.value + claim.spread and found.high >= claim.value - claim.spread
    far = f"{side} the published interval by {_points(distance)}"
    return f"{far}, the two overlap" if overlap else far


def _points(distance: float) -> str:
    """Return a distance in percentage points."""
    return f"{distance:.2f}" if distance >= 0.005 else "less than 0.01"


def format_result(found: dict[str, Any]) -> str:
    """Return the result as text: settings, deviations, and a table of claims and verdicts."""
    settings = found["settings"]
    schedule = settings["schedule"]
    length = f"{schedule['steps']} updates" if schedule["steps"] else f"{schedule['epochs']} epochs"
    rows = [result_cells(row) for row in found["rows"]]
    heads = ("", "λ", "claimed %", "found %, 95 % interval", "learned", "lost", "verdict")
    table = table_lines(heads, rows, left=True)
    edges = [row["row"] for row in found["rows"] if _at_the_edge(row)]
    sources = sorted({row["source"] for row in found["rows"] if row["source"]})
    return "\n".join(
        [
            found["title"],
            f"  network with {', '.join(map(str, settings['hidden']))} hidden units, "
            f"{schedule['optimizer']} {schedule['lr']:g}, batches of {schedule['batch']}, "
            f"{length} a task, seeds {', '.join(map(str, found['seeds']))}",
            *(f"  claimed by: {source}" for source in sources),
            *(f"  deviation: {text}" for text in [*found["deviations"], *fewer_seeds(found)]),
            *(f"  not run: {name}" for name in left_out(found)),
            *(
                f"  runs that diverged and are not in the mean: {row['row']}, {row['unfinished']}"
                for row in found["rows"]
                if row["unfinished"]
            ),
            *(f"  the best λ is the last of those tried: {name}" for name in edges),
            *(f"  {line}" for line in table),
        ]
    )


def result_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of a row: name, λ, claimed, found, learned, lost, verdict."""
    lam = "" if row["lam"] is None else f"{row['lam']:g}"
    return (
        row["row"],
        lam,
        row["claim"],
        _found(row),
        _percent(row["learned"]),
        _percent(row["forgetting"]),
        row["verdict"],
    )


def _at_the_edge(row: dict[str, Any]) -> bool:
    """Return whether λ was chosen, and is the smallest or the largest of those tried."""
    tried = list(row["validation"])
    return bool(tried) and f"{row['lam']:g}" in (tried[0], tried[-1])


def _found(row: dict[str, Any]) -> str:
    """Return the mean in %, and its interval."""
    if row["mean"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['mean']:.2f} (one seed)"
    return f"{row['mean']:.2f} ({row['low']:.2f} … {row['high']:.2f})"


def _percent(value: float | None) -> str:
    """Return a number in %."""
    return "-" if value is None else f"{value:.1f}"
