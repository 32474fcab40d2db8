"""Checks that a comparison is fair: same tasks, start, batches and number of updates.

A run that rehearses, such as `Joint`, trains on other batches by nature: it is an upper bound for
reference. It needs the same start and number of updates, too, but not the same batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mas_edu.results.arguments import as_records
from mas_edu.results.record import Record
from mas_edu.results.settings import same_settings

NEEDED = {"method": str, "seed": int, "updates": list, "schedule": Mapping, "evidence": Mapping}
EVIDENCE = {"start", "tasks", "batches", "rehearses"}
LENGTH = ("epochs", "steps")  # of a task: what came of them is the number of updates
BESIDE = {
    "anchor": "the anchor they began with; compare runs with one anchor, or with none",
    "data": "the inputs that their function returned; name it by def, or give a tensor",
}
Key = tuple[str, float | None]


@dataclass(frozen=True)
class Requirement:
    """A requirement: what has to be equal, how it is read, and what to do if it is not.

    Args:
        within: whether it has to be equal within each seed, not for all.
        shown: whether the two values tell the reader something.
        same: whether two values are equal.
    """

    name: str
    read: Callable[[Record], Any]
    remedy: str
    within: bool = False
    shown: bool = True
    same: Callable[[Any, Any], bool] = same_settings


def _schedule(record: Record) -> dict[str, Any]:
    """Return the schedule without the length of a task."""
    schedule: Mapping[str, Any] = record.settings["schedule"]
    return {name: value for name, value in schedule.items() if name not in LENGTH}


def _seen(name: str) -> Callable[[Record], Any]:
    """Return how to read one fingerprint."""
    return lambda record: record.settings["evidence"][name]


def _alike(mine: Any, theirs: Any) -> bool:
    """Compare accuracies of one untrained network; on other machines a few answers differ."""
    known = mine is not None and theirs is not None
    return not known or bool(np.allclose(mine, theirs, rtol=0, atol=0.01, equal_nan=True))


BUDGET = (  # how long, and how, each task is trained
    Requirement(
        "number of updates a task",
        lambda record: record.settings["updates"],
        "give both the same epochs or steps",
    ),
    Requirement("schedule", _schedule, "give both the same Schedule"),
)
REQUIREMENTS = (
    Requirement("stream", lambda record: record.settings.get("stream", {}), "train on one stream"),
    Requirement("names of the tasks", lambda record: list(record.names), "train on one stream"),
    Requirement("samples of the tasks", _seen("tasks"), "train on the same data", shown=False),
    *BUDGET,
    Requirement(
        "initial weights or layers",
        _seen("start"),
        "give both the same model and the same seed",
        within=True,
        shown=False,
    ),
    Requirement(
        "accuracy before any learning",  # two forward passes may share their weights
        lambda record: record.initial,
        "give both the same model",
        within=True,
        shown=False,
        same=_alike,
    ),
    Requirement(
        "order of the samples",
        _seen("batches"),
        "train both with one version of PyTorch and of mas_edu",
        within=True,
        shown=False,
    ),
)


def check_fair(records: Iterable[Record] | Record) -> dict[Key, list[Record]]:
    """Return the runs by method and λ, each by seed, or raise if they may not be compared.

    Raises:
        ValueError: with one sentence: which two records differ, in what, and what to do.
    """
    found = as_records(records)
    for record in found:
        _check_evidence(record)
    for requirement in REQUIREMENTS:
        check_equal(requirement, found)
    groups: dict[Key, dict[int, Record]] = {}
    for record in found:
        settings = record.settings
        runs = groups.setdefault((settings["method"], settings.get("lam")), {})
        _check_one_row(record, runs)
        add_once(record, runs)
    check_same_seeds(groups)
    return {key: [runs[seed] for seed in sorted(runs)] for key, runs in groups.items()}


def rehearses(record: Record) -> bool:
    """Return whether the run trained on earlier tasks' data again."""
    return bool(record.settings["evidence"]["rehearses"])


def run_name(record: Record) -> str:
    """Return the name of a run in a sentence: "MAS, λ = 0.1, seed 2"."""
    return f"{record.label}, seed {record.settings.get('seed', 'unknown')}"


def _check_evidence(record: Record) -> None:
    """Raise unless the run is finished and says how it was made."""
    settings = record.settings
    known = all(isinstance(settings.get(name), kind) for name, kind in NEEDED.items())
    known = known and settings["evidence"].keys() >= EVIDENCE
    if not known or not _counted(settings):
        raise ValueError(
            f"records: {run_name(record)} does not say what it started from and saw: it was made "
            "by hand or by an earlier version; train it again with me.learn or me.sweep"
        )
    if not record.complete:
        raise ValueError(
            f"records: {run_name(record)} has learned {record.finished} of {len(record.accuracy)} "
            "tasks and is not finished; let it run to its end, or leave it out"
        )


def _counted(settings: Mapping[str, Any]) -> bool:
    """Return whether updates, batch and λ are the numbers that training writes."""
    counts, lam = [*settings["updates"], settings["schedule"].get("batch")], settings.get("lam")
    whole = all(isinstance(count, int) for count in counts) and len(counts) > 1
    return whole and (lam is None or (isinstance(lam, int | float) and math.isfinite(lam)))


def check_equal(requirement: Requirement, records: Sequence[Record]) -> None:
    """Raise unless all these records, or all of each seed, agree."""
    firsts: dict[Any, Record] = {}
    for record in records:
        if requirement.name == "order of the samples" and rehearses(record):
            continue
        first = firsts.setdefault(record.settings["seed"] if requirement.within else None, record)
        mine, theirs = requirement.read(first), requirement.read(record)
        if not requirement.same(mine, theirs):
            what = _difference(requirement, mine, theirs)
            pair = f"{run_name(first)} and {run_name(record)}"
            if run_name(first) == run_name(record):
                pair = f"two runs of {run_name(record)}"
            raise ValueError(
                f"records: {pair} differ in the {what}; {requirement.remedy} to compare them"
            )


def _difference(requirement: Requirement, mine: Any, theirs: Any) -> str:
    """Return what differs, and how; of several settings, the first that does."""
    name = requirement.name
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        keys = {**mine, **theirs}
        other = [key for key in keys if not same_settings(mine.get(key), theirs.get(key))]
        if other:
            key = other[0]
            name, mine, theirs = f"{key} of the {name}", mine.get(key), theirs.get(key)
    return f"{name}: {mine} against {theirs}" if requirement.shown else name


def _check_one_row(record: Record, runs: Mapping[int, Record]) -> None:
    """Raise unless the runs of one row agree in what their label does not tell."""
    for other in runs.values():
        for name, what in BESIDE.items():
            if not same_settings(record.settings.get(name), other.settings.get(name)):
                raise ValueError(
                    f"records: {run_name(other)} and {run_name(record)} differ in {what}"
                )


def add_once(record: Record, runs: dict[int, Record]) -> None:
    """Add a run to those with its method and λ, by seed, or raise if its seed is there already."""
    seed = record.settings["seed"]
    if seed in runs:
        raise ValueError(
            f"records: {run_name(record)} is there twice; give each method, λ and seed once"
        )
    runs[seed] = record


def check_same_seeds(groups: Mapping[Any, Mapping[int, Record]]) -> None:
    """Raise unless every method with every λ has the same seeds."""
    for runs in groups.values():
        for others in groups.values():
            missing = sorted(others.keys() - runs.keys())
            if missing:
                (one, *_), (other, *_) = runs.values(), others.values()
                which = ", ".join(str(seed) for seed in missing)
                seeds = "seed" if len(missing) == 1 else "seeds"
                raise ValueError(
                    f"records: {one.label} lacks {seeds} {which}, which {other.label} has; train "
                    f"it with seeds=[{which}] too, or leave {seeds} {which} out everywhere"
                )
