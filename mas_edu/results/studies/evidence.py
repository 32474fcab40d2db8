"""A study's folder as plain data: a study can be judged without its folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mas_edu._common import figure_png, png_pixels
from mas_edu.results.record import Record
from mas_edu.results.studies.folder import RUNS, Draw, parse_study, read_study

ARRAYS = ("accuracy", "validation", "initial")  # what of a run is plain data, beside its settings


@dataclass(frozen=True, eq=False)
class Evidence:
    """The contents of a study's folder; `review_evidence` says whether they are enough.

    Args:
        text: of the study's file.
        problem: why there is no text, if so.
        runs: those that can be read, by name.
        unread: what is wrong with the others.
        pictures: by name: "stored", "once" and "again" are checksums of the pixels in the folder,
            and of those that its function draws now, twice; or "problem", why there are none.
    """

    text: str
    problem: str = ""
    runs: Mapping[str, Record] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def read(
        cls, folder: str | os.PathLike[str], figures: Mapping[str, Draw] | None = None
    ) -> Evidence:
        """Read a folder, and draw its pictures again.

        Args:
            folder: as `save_study` writes it.
            figures: the functions that draw its pictures from all runs, by the name of the file.
        """
        folder = Path(folder)
        try:
            text = read_study(folder)
        except ValueError as error:
            return cls("", str(error))
        runs, unread = load_runs(folder)
        try:
            names = parse_study(text).figures
        except ValueError:
            names = ()
        every = list(runs.values())
        pictures = {name: _drawn(folder / name, (figures or {}).get(name), every) for name in names}
        return cls(text, "", runs, tuple(unread), pictures)

    @property
    def plain(self) -> dict[str, Any]:
        """The same as texts, arrays, lists and dicts."""
        return {
            "text": self.text,
            "problem": self.problem,
            "runs": {name: _as_plain(run) for name, run in self.runs.items()},
            "unread": list(self.unread),
            "pictures": {name: dict(found) for name, found in self.pictures.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Evidence:
        """Return the evidence that `plain` was made of.

        >>> Evidence.from_plain(Evidence("{}").plain).text
        '{}'
        """
        runs = {
            name: Record(**json.loads(run["about"]), **{key: run[key] for key in ARRAYS})
            for name, run in plain["runs"].items()
        }
        unread, pictures = tuple(plain["unread"]), plain["pictures"]
        return cls(plain["text"], plain["problem"], runs, unread, pictures)


def load_runs(folder: Path) -> tuple[dict[str, Record], list[str]]:
    """Return the runs that can be read, by name, and what is wrong with the others."""
    found, faults = {}, []
    for path in sorted((folder / RUNS).glob("[!.]*")):
        try:
            found[f"{RUNS}/{path.name}"] = Record.load(path)
        except (OSError, ValueError) as error:
            faults.append(str(error))
    return found, faults


def _as_plain(run: Record) -> dict[str, Any]:
    about = {"names": list(run.names), "settings": run.settings}
    return {"about": json.dumps(about), **{name: getattr(run, name) for name in ARRAYS}}


def _drawn(path: Path, draw: Draw | None, runs: list[Record]) -> dict[str, str]:
    """Return the checksums of a picture's pixels, or the problem with it."""
    if draw is None:
        return {"problem": f"give its function, figures={{{path.name!r}: …}}"}
    if not path.is_file():
        return {"problem": "the picture is not in the folder"}
    try:
        images = {"stored": path.read_bytes()}
        images |= {call: figure_png(draw(runs)) for call in ("once", "again")}
        return {name: _checksum(image) for name, image in images.items()}
    except Exception as error:  # whatever a function of the reader's may raise
        return {"problem": f"{type(error).__name__} ({error})"}


def _checksum(image: bytes) -> str:
    pixels = png_pixels(image)
    return hashlib.sha256(str(pixels.shape).encode() + pixels.tobytes()).hexdigest()[:16]
