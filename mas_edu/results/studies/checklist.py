"""The checklist of a study: recompute everything from its runs, and say by name what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mas_edu.results.studies.checks import CHECKS, Check, Found, run_name
from mas_edu.results.studies.evidence import Evidence
from mas_edu.results.studies.folder import Draw, Study, parse_study


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
    """The parts that a study has or lacks; the last line of a cell."""

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


def review_study(
    folder: str | os.PathLike[str], figures: Mapping[str, Draw] | None = None
) -> Checklist:
    """Check the study in a folder; nothing is trained.

    Args:
        folder: with `study.json` and the runs, as `save_study` writes them.
        figures: the functions that draw its pictures from all runs, by the name of the file.

    >>> review_study("nowhere").missing
    ('study',)
    """
    return review_evidence(Evidence.read(folder, figures))


def review_evidence(evidence: Evidence) -> Checklist:
    """Check a study by what was found in its folder."""
    if evidence.problem:
        return _rest([Item("study", (evidence.problem,))])
    try:
        study = parse_study(evidence.text)
    except ValueError as error:
        return _rest([Item("study", (str(error),))])
    runs, faults = evidence.runs, list(evidence.unread)
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
        Found(
            claim,
            [runs[name] for name in claim.records],
            [runs[name] for name in claim.minus],
            every,
        )
        for claim in study.claims
    ]
    for name, check in CHECKS.items():
        said = [
            f"claim {place}: {fault}" if len(claims) > 1 else fault
            for place, found in enumerate(claims, 1)
            for fault in _said(check, found)
        ]
        items.append(Item(name, tuple(said)))
    items.append(Item("figures", tuple(_figures(study, evidence.pictures))))
    return Checklist(tuple(items))


def _said(check: Check, found: Found) -> list[str]:
    """Return what a check says; that it cannot be made, if the runs are none of this library's."""
    try:
        return list(check(found))
    except (ValueError, TypeError, LookupError) as error:
        return [f"cannot be checked ({type(error).__name__}: {error})"]


def _figures(study: Study, pictures: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Check that each picture comes out the same when its function is called again."""
    if not study.figures:
        yield "there is none; a study shows its data"
    for name in study.figures:
        found = pictures.get(name, {"problem": "it was not looked at"})
        if "problem" in found:
            yield f"{name}: {found['problem']}"
        elif found["once"] != found["again"]:
            yield f"{name}: its function draws something else at each call"
        elif found["stored"] != found["once"]:
            yield f"{name}: its function no longer draws what is in the folder"


def _rest(items: list[Item]) -> Checklist:
    """Return a checklist whose other lines could not be looked at."""
    names = ("study", "runs", *CHECKS, "figures")
    return Checklist((*items, *(Item(name, None) for name in names[len(items) :])))
