"""The checks of a study: each recomputes something from the runs, and yields what is missing."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mas_edu.results.comparison import compare
from mas_edu.results.intervals import interval
from mas_edu.results.record import Record
from mas_edu.results.selection import choose_lam
from mas_edu.results.settings import settings_text
from mas_edu.results.studies.folder import VERDICTS, Claim

SEEDS = 3  # at least, for each setting
ROUNDING = 0.05  # by which a stored number may differ from the one recomputed, in points


@dataclass(frozen=True)
class Found:
    """A claim with the runs that it names, and all runs of the study."""

    claim: Claim
    mine: list[Record]
    theirs: list[Record]
    all: list[Record]

    @property
    def sides(self) -> list[list[Record]]:
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


def seed_of(run: Record) -> Any:
    """Return the seed of a run."""
    return run.settings.get("seed")


def run_name(run: Record) -> str:
    """Return the name of a run in a sentence."""
    return f"{run.label}, seed {seed_of(run)}"


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
            compare(group)
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
            best = choose_lam(tried)
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
    _, low, high = interval(values)
    if _near(claim.low, low) and _near(claim.high, high):
        return
    spread, half = statistics.stdev(values), (claim.high - claim.low) / 2
    error = spread / math.sqrt(len(values))
    single = [interval([100 * getattr(run, claim.measure) for run in side])
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
        _, low, high = interval(values)
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


def _setting(run: Record, lam: bool = True) -> str:
    """Return what runs of one setting have in common: all but the seed and what follows from it."""
    keys = ("method", "stream", "schedule", "updates", "data", *(("lam",) if lam else ()))
    return settings_text([run.settings.get(key) for key in keys])


def _unordered(value: Any) -> Any:
    """Return a list sorted: the order of tasks may be what differs."""
    return sorted(value) if isinstance(value, list) else value


def _mean(runs: Sequence[Record], lam: float) -> float:
    return statistics.fmean(run.average for run in runs if run.settings["lam"] == lam)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING


def _several(seeds: Sequence[Any]) -> str:
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
