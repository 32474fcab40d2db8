"""A study in a folder: its question, its claims, and every run that they rest on.

    study.json   "question"; "claims"; "figures", the names of the pictures
    runs/        every run that was made, also those with the λ that were not chosen
    gap.png      pictures

A claim is a sentence with a number in %, or in points where it is a gap:

    "sentence"   what is claimed
    "number", "low", "high"   the mean over seeds, and its 95 % interval
    "verdict"    "above", "below" or "undecided": where the interval lies
    "than"       the number that the verdict compares with; left out: 0
    "measure"    "average", "forgetting" or "learned"; left out: "average"
    "records"    names of the runs, one a seed
    "minus"      names of the runs that are subtracted, seed by seed; left out: none
    "lam_given"  why λ was not chosen on the validation parts; left out: it was
    "streams"    what differs between two streams, if the gap is one between streams
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mas_edu.results.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME, RUNS = "study.json", "runs"
VERDICTS = ("above", "below", "undecided")
MEASURES = ("average", "forgetting", "learned")
NUMBERS, TEXTS, LISTS = ("number", "low", "high"), ("sentence", "verdict"), ("records",)
OPTIONAL: dict[str, Any] = {
    "than": 0.0,
    "measure": MEASURES[0],
    "minus": (),
    "lam_given": "",
    "streams": "",
}

Draw = Callable[[list[Record]], "Figure"]


@dataclass(frozen=True)
class Claim:
    """A claim as it is stored; see the head of this file."""

    sentence: str
    number: float
    low: float
    high: float
    verdict: str
    records: tuple[str, ...]
    minus: tuple[str, ...]
    than: float
    measure: str
    lam_given: str
    streams: str


@dataclass(frozen=True)
class Study:
    """A study as it is stored.

    Args:
        question: what it asks.
        claims: what it answers.
        figures: the names of its pictures.
    """

    question: str
    claims: tuple[Claim, ...]
    figures: tuple[str, ...]


def read_study(folder: Path) -> str:
    """Return the text of a study's file.

    Raises:
        ValueError: if it cannot be read.
    """
    try:
        return (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"there is no {NAME} in {folder}; save_study writes it") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{NAME} cannot be read ({error})") from error


def parse_study(text: str) -> Study:
    """Return the study that a text holds.

    Raises:
        ValueError: saying what is missing in it, all of it in one message.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{NAME} cannot be read ({error})") from error
    if faults := list(_faults(content)):
        raise ValueError("; ".join(faults))
    claims = tuple(_as_claim(claim) for claim in content["claims"])
    return Study(content["question"], claims, tuple(content["figures"]))


def _faults(content: Any) -> Iterator[str]:
    """Yield what is missing in the file."""
    if not isinstance(content, dict):
        yield f"{NAME} holds no study"
        return
    if not _is_text(content.get("question")):
        yield "there is no question"
    if not _are_texts(content.get("figures", None)):
        yield "figures: expected the names of the pictures"
    claims = content.get("claims")
    if not isinstance(claims, list) or not claims:
        yield "there is no claim"
        return
    for place, claim in enumerate(claims, 1):
        for fault in _faults_of_claim(claim):
            yield f"claim {place}: {fault}"


def _faults_of_claim(claim: Any) -> Iterator[str]:
    if not isinstance(claim, dict):
        yield "expected its parts by name"
        return
    for key in (*TEXTS, *NUMBERS, *LISTS):
        value = claim.get(key)
        if key in TEXTS and not _is_text(value):
            yield f"{key} is missing"
        elif key in NUMBERS and not _is_number(value):
            yield f"{key} is missing, or no number"
        elif key in LISTS and (not _are_texts(value) or not value):
            yield f"{key} is missing: the names of its runs"
    for key, default in OPTIONAL.items():
        value = claim.get(key, default)
        if key == "than" and not _is_number(value):
            yield "than is no number"
        elif key == "minus" and not _are_texts(value):
            yield "minus: expected the names of its runs"
        elif key not in ("than", "minus") and not isinstance(value, str):
            yield f"{key} is no text"
    if claim.get("measure", MEASURES[0]) not in MEASURES:
        yield f"measure: expected one of {', '.join(MEASURES)}"
    if unknown := sorted(claim.keys() - {*TEXTS, *NUMBERS, *LISTS, *OPTIONAL}):
        yield f"unknown parts: {', '.join(unknown)}"


def _as_claim(claim: Mapping[str, Any]) -> Claim:
    parts: dict[str, Any] = {**OPTIONAL, **claim}
    return Claim(**parts | {key: tuple(parts[key]) for key in ("records", "minus")})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
