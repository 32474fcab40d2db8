"""The checklist of a study: recompute everything from its runs, and say by name what is missing."""

from __future__ import annotations

import io
import math
import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imread
from numpy.typing import NDArray

import mas_edu as me
from mas_edu.lessons.reproduce.study import (
    VERDICTS,
    Claim,
    Draw,
    Study,
    load_runs,
    load_study,
)
from mas_edu.plots import figure_png

SEEDS = 3  # at least, for each setting
ROUNDING = 0.05  # by which a stored number may differ from the one recomputed, in points


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Args:
        name: what is checked.
        faults: what is missing, a sentence each; None: it could not be looked at.
    """

    name: str
    faults: tuple[str, ...] | None

    @property
    def passed(self) -> bool:
        """Return whether nothing is missing."""
        return self.faults == ()


@dataclass(frozen=True)
class Checklist:
    """What a study has, and what it lacks; the last line of a cell."""

    items: tuple[Item, ...]

    @property
    def passed(self) -> bool:
        """Return whether nothing is missing."""
        return all(item.passed for item in self.items)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what is not as it should be."""
        return tuple(item.name for item in self.items if item.faults)

    def __repr__(self) -> str:
        lines = []
        for item in self.items:
            if item.faults is None:
                lines.append(f"– {item.name}: not looked at; mend the others first")
            elif item.passed:
                lines.append(f"✓ {item.name}")
            lines += [f"✗ {item.name}: {fault}" for fault in item.faults or ()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Found:
    """A claim with the runs that it names, and all runs of the study."""

    claim: Claim
    mine: list[me.Record]
    theirs: list[me.Record]
    all: list[me.Record]

    @property
    def sides(self) -> list[list[me.Record]]:
        """The runs of one setting, or of the two that are subtracted."""
        return [self.mine, self.theirs] if self.theirs else [self.mine]

    @property
    def values(self) -> list[float]:
        """The measure by seed in %; of a gap, the differences with the same seed, in points."""
        mine, theirs = (
            {seed_of(run): 100 * getattr(run, self.claim.measure) for run in side}
            for side in (self.mine, self.theirs)
        )
        if not theirs:
            return list(mine.values())
        return [mine[seed] - theirs[seed] for seed in mine if seed in theirs]


Check = Callable[[Found], Iterator[str]]


def review(folder: str | os.PathLike[str], figures: Mapping[str, Draw] | None = None) -> Checklist:
    """Check the study in a folder; nothing is trained.

    Args:
        folder: with `study.json` and the runs, as `save_study` writes them.
        figures: the functions that draw its pictures from all runs, by the name of the file.

    >>> review("nowhere").missing
    ('study',)
    """
    folder = Path(folder)
    try:
        study = load_study(folder)
    except ValueError as error:
        return _rest([Item("study", (str(error),))])
    runs, faults = load_runs(folder)
    for place, claim in enumerate(study.claims, 1):
        for name in (*claim.records, *claim.minus):
            run = runs.get(name)
            if run is None:
                faults.append(f"claim {place}: there is no run {name!r} in the folder")
            elif not run.complete:  # a λ that was not chosen may have diverged
                done = f"it learned {run.finished} of {len(run.accuracy)} tasks"
                faults.append(f"claim {place}: {run_name(run)} is not finished: {done}")
    items = [Item("study", ()), Item("runs", tuple(dict.fromkeys(faults)))]
    if faults:
        return _rest(items)
    every = list(runs.values())
    claims = [
        Found(claim, [runs[name] for name in claim.records], [runs[name] for name in claim.minus],
              every)
        for claim in study.claims
    ]  # fmt: skip
    for name, check in CHECKS.items():
        said = [
            f"claim {place}: {fault}" if len(claims) > 1 else fault
            for place, found in enumerate(claims, 1)
            for fault in _said(check, found)
        ]
        items.append(Item(name, tuple(said)))
    items.append(Item("figures", tuple(_figures(study, folder, every, figures))))
    return Checklist(tuple(items))


def _said(check: Check, found: Found) -> list[str]:
    """Return what a check says; that it cannot be made, if the runs are none of this library's."""
    try:
        return list(check(found))
    except (ValueError, TypeError, LookupError) as error:
        return [f"cannot be checked ({type(error).__name__}: {error})"]


def seed_of(run: me.Record) -> Any:
    """Return the seed of a run."""
    return run.settings.get("seed")


def run_name(run: me.Record) -> str:
    """Return the name of a run in a sentence."""
    return f"{run.label}, seed {seed_of(run)}"


# ---- the checks: each yields what is missing


def _seeds(found: Found) -> Iterator[str]:
    """Check that each setting has enough seeds, none of them left out, both sides the same."""
    for side in found.sides:
        name, seeds = side[0].label, [seed_of(run) for run in side]
        if len({_setting(run) for run in side}) > 1:
            yield f"{name} stands for runs of several settings; a claim has one on each side"
        if len(set(seeds)) < len(seeds):
            yield f"{name}: a seed is there twice"
        if len(set(seeds)) < SEEDS:
            yield f"{name} has {len(set(seeds))} seeds, {SEEDS} are needed"
        made = {seed_of(run) for run in found.all if _setting(run) == _setting(side[0])}
        if left := sorted(made - set(seeds)):
            yield f"{name}: {_several(left)} was run and is left out of the claim"
    if found.theirs:
        for one, other in (found.sides, found.sides[::-1]):
            if lacking := sorted({*map(seed_of, other)} - {*map(seed_of, one)}):
                yield f"{one[0].label} lacks {_several(lacking)}, which {other[0].label} has"


def _budgets(found: Found) -> Iterator[str]:
    """Check that all runs of the claim may be compared: same start, batches, updates."""
    groups = found.sides if found.claim.streams else [[*found.mine, *found.theirs]]
    for group in groups:
        try:
            me.compare(group)
        except ValueError as error:
            yield str(error).removeprefix("records: ")
            return
    if found.claim.streams and found.theirs:
        one, other = (side[0].settings for side in found.sides)
        for name in ("updates", "schedule"):
            mine, theirs = (_unordered(settings.get(name)) for settings in (one, other))
            if mine != theirs:
                yield f"the two sides differ in the {name}: {mine} against {theirs}"


def _lams(found: Found) -> Iterator[str]:
    """Check that λ is the one that the validation parts choose among all that were tried."""
    if found.claim.lam_given:
        return
    for side in found.sides:
        run = side[0]
        lam = run.settings.get("lam")
        if lam is None:
            continue
        tried = [
            other for other in found.all if _setting(other, lam=False) == _setting(run, lam=False)
        ]
        lams = sorted({other.settings["lam"] for other in tried})
        if len(lams) < 2:
            yield f"{run.label}: no other λ was tried, so none was chosen; save those runs, too"
            continue
        common = set.intersection(
            *({seed_of(other) for other in tried if other.settings["lam"] == one} for one in lams)
        )
        tried = [other for other in tried if seed_of(other) in common]
        try:
            best = me.choose_lam(tried)
        except ValueError as error:
            yield f"{run.label}: {str(error).removeprefix('records: ')}"
            continue
        if lam == best:
            continue
        by_test = {one: _mean(tried, one) for one in lams}
        places = {min(by_test.values()): "worst", max(by_test.values()): "best"}
        place = places.get(by_test[lam])
        why = f" (it is the {place} on the test parts)" if place else ""
        yield f"{run.label}{why}; the validation parts choose λ = {best:g}"


def _number(found: Found) -> Iterator[str]:
    """Check the number."""
    values, claim = found.values, found.claim
    if not values:
        yield "the two sides have no seed in common"
        return
    mean = statistics.fmean(values)
    if not _near(claim.number, mean):
        as_share = " (give it in %, not as a share)" if _near(100 * claim.number, mean) else ""
        yield f"{claim.number:.2f} is stored, the runs give {mean:.2f}{as_share}"


def _interval(found: Found) -> Iterator[str]:
    """Check the ends of the interval: Student's t, paired where the claim is a gap."""
    values, claim = found.values, found.claim
    if len(values) < 2:
        yield "of fewer than two seeds there is none"
        return
    _, low, high = me.interval(values)
    if _near(claim.low, low) and _near(claim.high, high):
        return
    spread, half = statistics.stdev(values), (claim.high - claim.low) / 2
    error = spread / math.sqrt(len(values))
    single = [me.interval([100 * getattr(run, claim.measure) for run in side])
              for side in found.sides]  # fmt: skip
    halves = [(one.high - one.low) / 2 for one in single]
    known = {
        "that is one standard deviation, not the interval of the mean": [spread],
        "that is one standard error, not 95 %": [error],
        "that is the interval of the normal distribution; so few seeds need Student's t": [
            1.96 * error
        ],
        "that is the interval of the runs taken apart; a gap is paired seed by seed": [
            *halves,
            math.hypot(*halves),
        ]
        if found.theirs
        else [],
    }
    why = [said for said, widths in known.items() if any(_near(half, width) for width in widths)]
    told = f": {why[0]}" if why else ""
    ends, right = (f"{a:.2f} to {b:.2f}" for a, b in ((claim.low, claim.high), (low, high)))
    yield f"{ends} is stored, the runs give {right}{told}"


def _verdict(found: Found) -> Iterator[str]:
    """Check that the verdict is what the interval says."""
    claim, values = found.claim, found.values
    if claim.verdict not in VERDICTS:
        yield f"expected one of {', '.join(VERDICTS)}, got {claim.verdict!r}"
    elif len(values) >= 2:
        _, low, high = me.interval(values)
        right = "above" if low > claim.than else "below" if high < claim.than else "undecided"
        if claim.verdict != right:
            ends = f"{low:.2f} to {high:.2f}"
            yield f"{claim.verdict!r}, but {ends} is {right!r} when compared with {claim.than:g}"


CHECKS: dict[str, Check] = {
    "seeds": _seeds,
    "budget": _budgets,
    "λ": _lams,
    "number": _number,
    "interval": _interval,
    "verdict": _verdict,
}


def _figures(
    study: Study, folder: Path, runs: list[me.Record], figures: Mapping[str, Draw] | None
) -> Iterator[str]:
    """Check that each picture comes out the same when its function is called again."""
    if not study.figures:
        yield "there is none; a study shows its data"
    for name in study.figures:
        draw, path = (figures or {}).get(name), folder / name
        if draw is None:
            yield f"{name}: give its function, figures={{{name!r}: …}}"
        elif not path.is_file():
            yield f"{name}: the picture is not in the folder"
        else:
            try:
                once, again = (figure_png(draw(runs)) for _ in range(2))
                stored = _pixels(path.read_bytes())
            except Exception as error:  # whatever a function of the reader's may raise
                yield f"{name}: {type(error).__name__} ({error})"
                continue
            if not np.array_equal(_pixels(once), _pixels(again)):
                yield f"{name}: its function draws something else at each call"
            elif not np.array_equal(stored, _pixels(once)):
                yield f"{name}: its function no longer draws what is in the folder"


# ---- small things


def _rest(items: list[Item]) -> Checklist:
    """Return a checklist whose other lines could not be looked at."""
    names = ("study", "runs", *CHECKS, "figures")
    return Checklist((*items, *(Item(name, None) for name in names[len(items) :])))


def _setting(run: me.Record, lam: bool = True) -> str:
    """Return what runs of one setting have in common: all but the seed and what follows from it."""
    keys = ("method", "stream", "schedule", "updates", "data", *(("lam",) if lam else ()))
    return repr([run.settings.get(key) for key in keys])


def _unordered(value: Any) -> Any:
    """Return a list sorted: the order of tasks may be what differs."""
    return sorted(value) if isinstance(value, list) else value


def _mean(runs: Sequence[me.Record], lam: float) -> float:
    return statistics.fmean(run.average for run in runs if run.settings["lam"] == lam)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING


def _several(seeds: Sequence[Any]) -> str:
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _pixels(image: bytes) -> NDArray[Any]:
    return np.asarray(imread(io.BytesIO(image), format="png"))
