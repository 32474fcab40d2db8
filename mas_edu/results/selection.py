"""The choice of λ: by the validation parts of the tasks, never by the test parts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mas_edu._common import as_list, short_repr
from mas_edu.results.arguments import lam_of
from mas_edu.results.fairness import BUDGET, NEEDED, add_once, check_equal, check_same_seeds
from mas_edu.results.record import Record
from mas_edu.results.settings import settings_text

KIND = ("method", "data", "stream")  # what runs must have in common


def choose_lam(records: Iterable[Record]) -> float:
    """Return the λ with the best average accuracy on the validation parts, in the mean over seeds.

    Test accuracies play no part. Of equals, the smallest λ. A λ of which a run is unfinished,
    because it diverged or was interrupted, is not chosen.

    Raises:
        ValueError: if the records are not runs of one method on one stream, with λ and validation
            accuracies, at least one λ of them with all its runs finished; or if they say that they
            differ in their schedule or updates, or that not every λ has each seed once.

    >>> def run(lam, validation):
    ...     return Record([[1.0]], validation=[[validation]], settings={"lam": lam})
    >>> choose_lam([run(0.0, 0.5), run(1.0, 0.9), run(1.0, 0.8), run(10.0, 0.7)])
    1.0
    """
    scores = validation_scores(records)
    if not scores:
        raise ValueError("records: expected a λ of which all runs are finished, found none")
    if not np.isfinite(list(scores.values())).all():
        raise ValueError("records: expected validation accuracies; make the stream with val > 0")
    return max(sorted(scores), key=lambda lam: scores[lam])


def validation_scores(records: Iterable[Record]) -> dict[float, float]:
    """Return for each λ its validation score, the mean over seeds; only of λ with all runs done.

    Raises:
        ValueError: if the records are not runs of one method on one stream, with λ, or if they
            say that they were not trained alike, or that not every λ has each seed once.
    """
    runs: dict[float, list[Record]] = {}
    for record in as_list("records", records):
        lam = lam_of(record) if isinstance(record, Record) else None
        if lam is None:
            raise ValueError(f"records: expected runs with a λ, got {short_repr(record)}")
        runs.setdefault(lam, []).append(record)
    every = [record for group in runs.values() for record in group]
    kinds = {settings_text([run.settings.get(name) for name in KIND]): run for run in every}
    if len(kinds) > 1:
        raise ValueError(
            "records: expected runs of one method on one stream, got "
            + " and ".join(sorted(map(_kind, kinds.values())))
            + "; choose λ for each of them"
        )
    _check_alike(every)
    done = {lam: group for lam, group in runs.items() if all(run.complete for run in group)}
    _check_seeds(runs, done)
    return {lam: float(np.mean([run.validated for run in group])) for lam, group in done.items()}


def _check_alike(records: list[Record]) -> None:
    """Raise if the runs differ in their updates or their schedule, as far as they say."""
    for requirement, setting in zip(BUDGET, ("updates", "schedule"), strict=True):
        check_equal(requirement, [record for record in records if _says(record, setting)])


def _check_seeds(runs: dict[float, list[Record]], done: Iterable[float]) -> None:
    """Raise if a run is there twice, or a λ that may be chosen lacks a seed that another has."""
    seeded: dict[float, dict[int, Record]] = {lam: {} for lam in runs}
    for lam, group in runs.items():
        for record in group:
            if _says(record, "seed"):
                add_once(record, seeded[lam])
    check_same_seeds({lam: seeded[lam] for lam in done if len(seeded[lam]) == len(runs[lam])})


def _says(record: Record, name: str) -> bool:
    """Return whether a record has the setting; those made by hand may lack it."""
    return isinstance(record.settings.get(name), NEEDED[name])


def _kind(record: Record) -> str:
    """Say what runs must have in common: method, its inputs and the stream."""
    data = f" with inputs {record.settings['data']}" if "data" in record.settings else ""
    return f"{record.settings.get('method')}{data} on {record.settings.get('stream')}"
