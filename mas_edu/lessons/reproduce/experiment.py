"""The stored reproductions as cards: what was claimed, how it was run here, what came out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mas_edu.lessons.reproduce.stored import stored
from mas_edu.reproduction import PROTOCOLS, fewer_seeds, load_stored_all
from mas_edu.results import Interval

KINDS = ("within", "reached", "above", "below", "missed")  # how verdicts begin
ALL = "all"


@dataclass(frozen=True)
class Trial:
    """The same row run in another way, to see what one difference does.

    Args:
        name: of the way, such as "Adam carried on".
        found: average in %, with its interval; of one seed there is none.
        note: on what it was measured; empty: as the claim's own row.
        lam: λ as text; empty: none, or as in the claim's own row.
    """

    name: str
    found: Interval
    note: str = ""
    lam: str = ""


@dataclass(frozen=True)
class Card:
    """A published number and what came of it here, in %; all of it is stored with the package.

    Args:
        experiment: its short name.
        title: its long name.
        row: the method, as the experiment names it.
        source: where the number was published.
        claim: the number as text.
        value: the number.
        spread: half the width of the published interval.
        least: whether the number is a lower bound.
        setting: network and training, in words.
        lam: λ; None: the method has none.
        validation: average on the validation parts by λ; empty: nothing was chosen.
        deviations: what is done otherwise than was published, as far as we know.
        averages: by seed.
        found: their mean and interval.
        verdict: what the interval says about the claim.
        trials: the row in other ways.
    """

    experiment: str
    title: str
    row: str
    source: str
    claim: str
    value: float
    spread: float
    least: bool
    setting: str
    lam: float | None
    validation: Mapping[float, float]
    deviations: tuple[str, ...]
    averages: tuple[float, ...]
    found: Interval
    verdict: str
    trials: tuple[Trial, ...]

    @property
    def name(self) -> str:
        """The method and its experiment."""
        return f"{self.row} on {self.experiment}"

    @property
    def kind(self) -> str:
        """The verdict's first word, one of `KINDS`."""
        return self.verdict.split()[0]

    @property
    def open(self) -> bool:
        """Return whether the interval lies on both sides of an edge of what was published."""
        low, high = self.published
        return len({(x >= low) + (x > high) for x in self.found}) > 1

    @property
    def published(self) -> tuple[float, float]:
        """The ends of what was published; a lower bound has no upper end."""
        return self.value - self.spread, math.inf if self.least else self.value + self.spread

    def is_tried(self, deviation: str) -> bool:
        """Return whether a trial changes what this deviation is about: both begin alike."""
        return any(_first(trial.name) == _first(deviation) for trial in self.trials)


@dataclass(frozen=True)
class Chosen:
    """Some cards, and the one to look at; the picture's data.

    Args:
        experiment: the one that is shown, or all.
        verdict: the kind that is shown, or all.
        cards: those that fit both.
        card: one of them; None: there are none.
    """

    experiment: str
    verdict: str
    cards: tuple[Card, ...]
    card: Card | None

    def count(self, kind: str) -> int:
        """Return how many of the cards have this verdict."""
        return sum(card.kind == kind for card in self.cards)


@cache
def cards() -> tuple[Card, ...]:
    """Return a card for each published number that was run again, by experiment.

    >>> all(card.kind in KINDS for card in cards())
    True
    """
    found = [result for name in PROTOCOLS for result in load_stored_all(name)]
    return tuple(card for result in found for card in _cards_of(result))


def experiments() -> tuple[str, ...]:
    """Return the short names of the experiments.

    >>> experiments()[0]
    'Rotated MNIST'
    """
    return tuple(dict.fromkeys(card.experiment for card in cards()))


def find(row: str, experiment: str) -> Card:
    """Return the card of a method in an experiment.

    Raises:
        ValueError: if there is none; the message lists those there are.

    >>> find("EWC", "Permuted MNIST").row
    'EWC'
    """
    for card in cards():
        if (card.row, card.experiment) == (row, experiment):
            return card
    names = "; ".join(card.name for card in cards())
    raise ValueError(f"row: expected one of {names}, got {row} on {experiment}")


def choose(experiment: str = ALL, verdict: str = ALL, claim: int = 1) -> Chosen:
    """Return the cards of an experiment and a kind of verdict, and one of them to look at.

    Args:
        experiment: one of `experiments()`, or "all".
        verdict: one of `KINDS`, or "all".
        claim: which of them, from 1; beyond the end, the last.

    Raises:
        ValueError: if an argument is none of these.

    >>> choose("Permuted MNIST", claim=2).card.row
    'EWC'
    """
    for name, value, options in (
        ("experiment", experiment, (*experiments(), ALL)),
        ("verdict", verdict, (*KINDS, ALL)),
    ):
        if value not in options:
            raise ValueError(f"{name}: expected one of {', '.join(options)}, got {value!r}")
    if claim < 1:
        raise ValueError(f"claim: expected a place in the list, from 1, got {claim}")
    fitting = tuple(
        card
        for card in cards()
        if experiment in (ALL, card.experiment) and verdict in (ALL, card.kind)
    )
    card = fitting[min(claim, len(fitting)) - 1] if fitting else None
    return Chosen(experiment, verdict, fitting, card)


def _cards_of(result: Mapping[str, Any]) -> Iterator[Card]:
    """Yield the cards of one stored result."""
    short, scenario = result["title"].split(",")[0], result["settings"]["stream"].get("scenario")
    name = f"{short}, {scenario}-incremental" if scenario else short
    for row in result["rows"]:
        claim = result["settings"]["rows"][row["row"]]["claim"]
        if claim is None:
            continue
        yield Card(
            experiment=name,
            title=result["title"],
            row=row["row"],
            source=row["source"],
            claim=row["claim"],
            value=claim["value"],
            spread=claim["spread"],
            least=claim["least"],
            setting=_setting(result, row),
            lam=row["lam"],
            validation={float(lam): score for lam, score in row["validation"].items()},
            deviations=(*result["deviations"], *fewer_seeds(dict(result))),
            averages=tuple(row["averages"]),
            found=_interval(row),
            verdict=row["verdict"],
            trials=tuple(_trials(result, row)),
        )


def _setting(result: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Return network and training of a row in words."""
    settings, how = result["settings"], result["settings"]["schedule"]
    times = settings["rows"][row["row"]]["times"]
    length = (
        f"{how['steps'] * times} updates" if how["steps"] else f"{how['epochs'] * times} epochs"
    )
    hidden = ", ".join(map(str, settings["hidden"]))
    return (
        f"{hidden} hidden units; {how['optimizer']}, lr {how['lr']:g}, batches of {how['batch']}, "
        f"{length} a task; {len(row['averages'])} seeds"
    )


def _trials(result: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Trial]:
    """Yield the other ways in which a row was run.

    They are other rows of the experiment, with more updates or, at a λ that was given, with another
    Ω; and what the published code does otherwise.
    """
    rows = result["settings"]["rows"]
    own = rows[row["row"]]
    for other in result["rows"]:
        its = rows[other["row"]]
        longer = its["times"] > own["times"] and its["method"] == own["method"]
        given = row["lam"] is not None and len(own["lams"]) == 1
        alike = given and its["claim"] is None and its["lams"] == own["lams"]
        if longer or alike:
            yield Trial(other["row"], _interval(other))
    table = stored().get(result["name"], {"rows": {}})
    if row["row"] in table["rows"]:
        there = table["rows"][row["row"]]
        for way, numbers in there["ways"].items():
            mean, low, high = numbers if len(numbers) > 1 else (*numbers, math.nan, math.nan)
            yield Trial(way, Interval(mean, low, high), table["caption"], there["lam"])


def _interval(row: Mapping[str, Any]) -> Interval:
    ends = (row[end] for end in ("mean", "low", "high"))
    return Interval(*(math.nan if end is None else end for end in ends))


def _first(text: str) -> str:
    """Return the first word."""
    return text.split()[0].strip(",:")
