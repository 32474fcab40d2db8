"""Runs of published experiments: λ chosen on validation data, several seeds, a verdict."""

from __future__ import annotations

import importlib.metadata
import platform
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
import torch

from mas_edu._common import as_choice, as_int, as_list
from mas_edu.networks import mlp
from mas_edu.reproduction.protocol import Entry, Protocol, quick_version
from mas_edu.reproduction.protocols import PROTOCOLS
from mas_edu.reproduction.report import judge
from mas_edu.results import Interval, Record, choose_lam, interval, validation_scores
from mas_edu.training import InterruptedWarning, sweep


@dataclass(frozen=True)
class Runs:
    """Settings of running: where runs are stored, how many processes, whether with progress."""

    store: str | PathLike[str] | None = None
    jobs: int | None = None
    progress: bool = True

    def __call__(self, protocol: Protocol, entry: Entry, lams: Sequence[float]) -> list[Record]:
        """Train the runs to choose λ with, if there are several; else those that count."""
        choosing = len(lams) > 1
        stream = protocol.tasks(choosing)
        sizes = [stream.features, *protocol.hidden, stream.outputs]
        with raise_on_interrupt():
            return sweep(
                stream,
                entry.method,
                lams,
                protocol.choosing_seeds if choosing else protocol.seeds,
                schedule=protocol.choosing if choosing else entry.training(protocol.schedule),
                model=partial(mlp, sizes),
                store=self.store,
                n_jobs=self.jobs,
                progress=self.progress,
            )


@contextmanager
def raise_on_interrupt() -> Iterator[None]:
    """Turn the warning of an interrupted sweep into a KeyboardInterrupt.

    The sweep returns what is finished; no λ must be chosen from that, and no mean taken.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", InterruptedWarning)
        try:
            yield
        except InterruptedWarning as warning:
            raise KeyboardInterrupt(str(warning)) from warning


def reproduce(
    name: str,
    *,
    rows: Iterable[str] | None = None,
    seeds: int | None = None,
    quick: bool = False,
    n_jobs: int | None = None,
    store: str | PathLike[str] | None = None,
    progress: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:
    """Run a published experiment again; return one result for each of its scenarios.

    Args:
        name: "seed", "split" or "permuted".
        rows: the names of those to run, such as ["MAS"]; None: all.
        seeds: how many; None: as many as the protocol has.
        quick: few samples and updates, to see that it works; no verdicts.
        n_jobs: processes at a time.
        store: a folder in which every run is kept: the next call resumes from there.
        progress: whether to show progress bars.
        say: called with what is run next.

    Returns:
        Plain values, for `format_result` and JSON: settings, rows, versions.

    Raises:
        ValueError: naming the argument that is out of range.
        KeyboardInterrupt: when interrupted; what is finished is in `store`.
        OSError: if the data are not there, or `store` cannot be written.
    """
    as_choice("name", name, PROTOCOLS)
    if seeds is not None:
        seeds = as_int("seeds", seeds, 1)
    there = {entry.name: None for protocol in PROTOCOLS[name] for entry in protocol.entries}
    wanted = [
        as_choice("rows", row, there) for row in (there if rows is None else as_list("rows", rows))
    ]
    runs = Runs(store, n_jobs, progress)
    results = []
    for protocol in PROTOCOLS[name]:
        protocol = quick_version(protocol) if quick else protocol
        entries = tuple(entry for entry in protocol.entries if entry.name in wanted)
        protocol = replace(protocol, entries=entries)
        protocol = protocol if seeds is None else replace(protocol, seeds=tuple(range(seeds)))
        results.append(run_protocol(protocol, runs, say))
    return results


def run_protocol(protocol: Protocol, runs: Runs, say: Callable[[str], None]) -> dict[str, Any]:
    """Run every row of the protocol; return the result with all that is needed to judge it."""
    rows, versions = [], _versions()
    for entry in protocol.entries:
        say(f"{protocol.title}: {entry.name}")
        rows.append(run_entry(protocol, entry, runs))
    return {
        "name": protocol.name,
        "title": protocol.title,
        "settings": protocol.settings,
        "seeds": list(protocol.seeds),
        "deviations": list(protocol.deviations),
        "rows": rows,
        "versions": versions,
    }


def run_entry(protocol: Protocol, entry: Entry, runs: Runs) -> dict[str, Any]:
    """Choose λ, then train with all seeds; return the numbers in %, and the verdict."""
    lam: float | None = entry.lams[0]
    tried: dict[float, float] = {}
    if len(entry.lams) > 1:
        choosing = runs(protocol, entry, entry.lams)
        tried = validation_scores(choosing)
        lam = choose_lam(choosing) if tried else None  # none: with each, a run diverged
    records = [] if lam is None else runs(protocol, entry, [lam])
    complete = [record for record in records if record.complete]
    averages = [100 * record.average for record in complete]
    found = interval(averages) if averages else Interval(*[float("nan")] * 3)
    return {
        "row": entry.name,
        "lam": lam if entry.method.penalised else None,
        "validation": {f"{one:g}": _plain(100 * value) for one, value in tried.items()},
        "averages": [round(value, 3) for value in averages],
        "unfinished": len(records) - len(complete),
        "after": _after(complete),
        **{end: _plain(value) for end, value in found._asdict().items()},
        "learned": _mean(complete, "learned"),
        "forgetting": _mean(complete, "forgetting"),
        "seconds": round(float(np.median([r.seconds for r in records])), 1) if records else 0.0,
        "claim": str(entry.claim) if entry.claim else "",
        "source": entry.claim.source if entry.claim else "",
        "verdict": judge(entry.claim, found, protocol.quick, len(records) - len(complete)),
    }


def _versions() -> dict[str, str]:
    """Return the versions that the numbers may depend on."""
    return {
        "mas_edu": importlib.metadata.version("mas_edu"),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _plain(value: float) -> float | None:
    """Return the number rounded; None for NaN, which JSON does not have."""
    return round(float(value), 3) if np.isfinite(value) else None


def _mean(records: Sequence[Record], name: str) -> float | None:
    """Return the mean of one property of the records, in %."""
    return _plain(100 * np.mean([getattr(r, name) for r in records])) if records else None


def _after(records: Sequence[Record]) -> list[float]:
    """Return the average accuracy after each task on those seen, in %, the mean over seeds."""
    if not records:
        return []
    means = np.mean([record.accuracy for record in records], axis=0)
    return [round(100 * float(means[i, : i + 1].mean()), 3) for i in range(len(means))]
