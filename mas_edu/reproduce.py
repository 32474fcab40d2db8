"""Published experiments, run again: λ on validation data, several seeds, an interval, a verdict."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mas_edu.arguments import one_of, several, whole
from mas_edu.choice import choose_lam, validated
from mas_edu.disk import aside, write
from mas_edu.intervals import Interval, interval
from mas_edu.models import mlp
from mas_edu.protocols import PROTOCOLS, Claim, Entry, Protocol, every, quickly
from mas_edu.record import Record
from mas_edu.sweep import InterruptedWarning, sweep
from mas_edu.tables import aligned

STORED = "reproduced"  # the folder of this package with the results that lessons and README show


@dataclass(frozen=True)
class Runs:
    """How runs are made: where they are kept, on how many processes, whether with progress."""

    store: str | PathLike[str] | None = None
    jobs: int | None = None
    progress: bool = True

    def __call__(self, protocol: Protocol, entry: Entry, lams: Sequence[float]) -> list[Record]:
        """λ on validation data if there are several, else the runs that count."""
        choosing = len(lams) > 1
        stream = protocol.tasks(protocol.val if choosing else 0.0)
        sizes = [stream.features, *protocol.hidden, stream.outputs]
        with stopping():
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
def stopping() -> Iterator[None]:
    """An interrupted sweep gives what it has; λ must not be chosen from that, nor a mean taken.

    The warning comes when all that is finished is stored.
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
    """Run a published experiment again; gives one result for each of its scenarios.

    Args:
        name: "seed", "split" or "permuted".
        rows: the names of those to run, such as ["MAS"]; None: all.
        seeds: how many; None: as many as the protocol has.
        quick: few samples and updates, to see that it works; no verdicts.
        n_jobs: processes at a time.
        store: a folder in which every run is kept: called again, it goes on from there.
        progress: whether to show progress bars.
        say: told what is run next.

    Returns:
        Plain values that `report` prints and JSON holds: settings, rows, versions.

    Raises:
        ValueError: naming the argument that is out of range.
        KeyboardInterrupt: when interrupted; what is finished is in `store`.
        OSError: if the data are not there, or `store` cannot be written.
    """
    one_of("name", name, PROTOCOLS)
    if seeds is not None:
        seeds = whole("seeds", seeds, 1)
    there = {entry.name: None for protocol in PROTOCOLS[name] for entry in protocol.entries}
    wanted = [
        one_of("rows", row, there) for row in (there if rows is None else several("rows", rows))
    ]
    runs = Runs(store, n_jobs, progress)
    results = []
    for protocol in PROTOCOLS[name]:
        protocol = quickly(protocol) if quick else protocol
        entries = tuple(entry for entry in protocol.entries if entry.name in wanted)
        protocol = replace(protocol, entries=entries)
        protocol = protocol if seeds is None else replace(protocol, seeds=tuple(range(seeds)))
        results.append(result(protocol, runs, say))
    return results


def result(protocol: Protocol, runs: Runs, say: Callable[[str], None]) -> dict[str, Any]:
    """Every row of the protocol, with all that is needed to judge it."""
    rows, versions = [], _versions()
    for entry in protocol.entries:
        say(f"{protocol.title}: {entry.name}")
        rows.append(row(protocol, entry, runs))
    return {
        "name": protocol.name,
        "title": protocol.title,
        "settings": protocol.settings,
        "seeds": list(protocol.seeds),
        "deviations": list(protocol.deviations),
        "rows": rows,
        "versions": versions,
    }


def row(protocol: Protocol, entry: Entry, runs: Runs) -> dict[str, Any]:
    """λ chosen, then the runs with all seeds: their numbers in %, and the verdict."""
    lam: float | None = entry.lams[0]
    tried: dict[float, float] = {}
    if len(entry.lams) > 1:
        choosing = runs(protocol, entry, entry.lams)
        tried = validated(choosing)
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
        "verdict": verdict(entry.claim, found, protocol.quick),
    }


def verdict(claim: Claim | None, found: Interval, quick: bool = False) -> str:
    """What the interval says about the claim, in a few words.

    >>> verdict(Claim(99.2, least=True), Interval(99.4, 99.3, 99.5))
    'reached'
    >>> verdict(Claim(99.2, least=True), Interval(99.3, 99.1, 99.5))
    'reached in the mean, the interval begins below'
    >>> verdict(Claim(98.56, 0.49), Interval(99.3, 99.2, 99.4))
    'above the published interval by 0.25'
    """
    if claim is None:
        return ""
    if quick:
        return "none: a quick run"
    if not np.isfinite(found.mean):
        return "none: no run was finished"
    return _at_least(claim, found) if claim.least else _near(claim, found)


def _at_least(claim: Claim, found: Interval) -> str:
    if found.mean < claim.value:
        missed = f"missed by {claim.value - found.mean:.2f}"
        return f"{missed}, the interval reaches it" if found.high >= claim.value else missed
    return (
        "reached in the mean, the interval begins below" if found.low < claim.value else "reached"
    )


def _near(claim: Claim, found: Interval) -> str:
    distance = abs(found.mean - claim.value) - claim.spread
    if distance <= 0:
        return "within the published interval"
    if found.low <= claim.value + claim.spread and found.high >= claim.value - claim.spread:
        return "agrees: the intervals overlap"
    side = "above" if found.mean > claim.value else "below"
    return f"{side} the published interval by {distance:.2f}"


def report(found: dict[str, Any]) -> str:
    """Claim, setting, deviations, our mean with its 95 % interval, verdict: as text."""
    settings = found["settings"]
    schedule = settings["schedule"]
    length = f"{schedule['steps']} updates" if schedule["steps"] else f"{schedule['epochs']} epochs"
    rows = [cells(row) for row in found["rows"]]
    heads = ("", "λ", "claimed %", "found %, 95 % interval", "learned", "lost", "verdict")
    table = aligned([heads, *rows], right=False)
    edges = [row["row"] for row in found["rows"] if _at_the_edge(row)]
    sources = sorted({row["source"] for row in found["rows"] if row["source"]})
    return "\n".join(
        [
            found["title"],
            f"  network with {', '.join(map(str, settings['hidden']))} hidden units, "
            f"{schedule['optimizer']} {schedule['lr']:g}, batches of {schedule['batch']}, "
            f"{length} a task, seeds {', '.join(map(str, found['seeds']))}",
            *(f"  claimed by: {source}" for source in sources),
            *(f"  deviation: {text}" for text in found["deviations"]),
            *(f"  not run: {name}" for name in left_out(found)),
            *(f"  the best λ is the last of those tried: {name}" for name in edges),
            *(f"  {line}" for line in table),
        ]
    )


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """What a table shows of a row: name, λ, claimed, found, learned, lost, verdict."""
    lam = "" if row["lam"] is None else f"{row['lam']:g}"
    return (
        row["row"],
        lam,
        row["claim"],
        _ours(row),
        _percent(row["learned"]),
        _percent(row["forgetting"]),
        row["verdict"],
    )


def save(found: dict[str, Any], folder: Path) -> Path:
    """One JSON file, whole or not at all; gives its path.

    Rows that are there already, measured in the same way, are kept; if not in the same way, the
    whole file is set aside. Quick results have a file of their own.
    """
    path = folder / f"{found['name']}{'-quick' if found['settings']['quick'] else ''}.json"
    if path.exists():
        try:
            found = joined(json.loads(path.read_text(encoding="utf-8")), found)
        except (OSError, ValueError, TypeError, LookupError):
            kept = aside(path, "earlier-")
            warnings.warn(
                f"out: {path} held what was measured in another way, or is no result; it is "
                f"{f'kept as {kept.name}' if kept else 'replaced'}",
                stacklevel=2,
            )
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write(path, partial(Path.write_text, data=text, encoding="utf-8"))
    return path


def joined(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The rows of both, the newer where both have one.

    Raises:
        ValueError: if aught but the rows differs.
    """
    if _but_rows(before) != _but_rows(found):
        raise ValueError("found: expected a result that was measured in the same way")
    settings = before["settings"]["rows"] | found["settings"]["rows"]
    rows = {row["row"]: row for row in before["rows"] + found["rows"]}
    names = [entry.name for p in every() if p.name == found["name"] for entry in p.entries]
    order = [name for name in names if name in rows]
    return {
        **found,
        "settings": {**found["settings"], "rows": {name: settings[name] for name in order}},
        "rows": [rows[name] for name in order],
    }


def _but_rows(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "rows": None, "settings": {**found["settings"], "rows": None}}


def stored(name: str) -> dict[str, Any]:
    """The result that was measured once and comes with the package, such as "split-task".

    Raises:
        ValueError: for a name without one; the message has those there are.
    """
    one_of("name", name, _kept())
    text = (resources.files("mas_edu") / STORED / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def measured(name: str) -> list[dict[str, Any]]:
    """What is stored of an experiment, "seed", "split" or "permuted".

    Raises:
        ValueError: if nothing is.
    """
    one_of("name", name, PROTOCOLS)
    found = [stored(p.name) for p in PROTOCOLS[name] if p.name in _kept()]
    if not found:
        raise ValueError(
            f"name: expected an experiment with a stored result, got {name!r}; run it without "
            "stored, or ask for another: " + ", ".join(_kept())
        )
    return found


def _kept() -> list[str]:
    """The names of the stored results."""
    folder = resources.files("mas_edu") / STORED
    return sorted(p.name.removesuffix(".json") for p in folder.iterdir() if ".json" in p.name)


def known(found: dict[str, Any]) -> bool:
    """Whether a stored result was made with the settings that the code has now, row by row."""
    for protocol in every():
        if protocol.name == found["name"]:
            now, then = json.loads(json.dumps(protocol.settings)), found["settings"]
            now["rows"] = {name: row for name, row in now["rows"].items() if name in then["rows"]}
            return bool(then["rows"]) and now == then
    return False


def left_out(found: dict[str, Any]) -> list[str]:
    """The rows of the experiment that were not run."""
    run = [row["row"] for row in found["rows"]]
    names = [entry.name for p in every() if p.name == found["name"] for entry in p.entries]
    return [name for name in names if name not in run]


def _at_the_edge(row: dict[str, Any]) -> bool:
    """Whether λ was chosen, and is the smallest or the largest of those tried."""
    tried = list(row["validation"])
    return bool(tried) and f"{row['lam']:g}" in (tried[0], tried[-1])


def _versions() -> dict[str, str]:
    return {
        "mas_edu": importlib.metadata.version("mas_edu"),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _ours(row: dict[str, Any]) -> str:
    if row["mean"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['mean']:.2f} (one seed)"
    return f"{row['mean']:.2f} ({row['low']:.2f} … {row['high']:.2f})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return round(float(value), 3) if np.isfinite(value) else None


def _mean(records: Sequence[Record], name: str) -> float | None:
    return _plain(100 * np.mean([getattr(r, name) for r in records])) if records else None


def _after(records: Sequence[Record]) -> list[float]:
    """Average accuracy on the tasks seen, after each task, in % and in the mean over seeds."""
    if not records:
        return []
    means = np.mean([record.accuracy for record in records], axis=0)
    return [round(100 * float(means[i, : i + 1].mean()), 3) for i in range(len(means))]
