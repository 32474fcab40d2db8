"""Writing a study into its folder: everything is checked first, and all of it appears or none."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mas_edu._common import as_list, as_text, figure_png, is_iterable, short_repr
from mas_edu.results.arguments import as_record
from mas_edu.results.record import Record
from mas_edu.results.storage import as_folder, check_writable
from mas_edu.results.studies.folder import NAME, RUNS, Draw


def save_study(
    folder: str | os.PathLike[str],
    question: str,
    claims: Iterable[Mapping[str, Any]],
    runs: Iterable[Record],
    figures: Mapping[str, Draw] | None = None,
) -> Path:
    """Write a study; return its folder. A call that fails leaves nothing behind.

    Args:
        folder: a new one, or one without a study.
        question: what the study asks.
        claims: as at the head of `folder.py`, with the runs themselves under "records" and "minus".
        runs: all that were made, also those with the λ that were not chosen.
        figures: functions that draw the pictures from all runs, by the name of the file.

    Raises:
        FileExistsError: if the folder holds a study, or runs.
        ValueError: if a claim has a run that is not among `runs`, a run is there twice, or a
            picture has no name of a file.
    """
    place, found = as_folder(folder), [as_record(run, "runs") for run in as_list("runs", runs)]
    names = _names_of(found)
    figures = _as_figures({} if figures is None else figures)
    content = {
        "question": as_text("question", question, "Does MAS keep more than L2?"),
        "claims": [_named(claim, names) for claim in as_list("claims", claims)],
        "figures": list(figures),
    }
    text = _as_json(content)
    _check_free(place, figures)
    absent = [one for one in (place, *place.parents) if not os.path.exists(one)]
    fresh, moved = None, list[Path]()
    try:
        check_writable(place, overwrite=True, name="folder")
        fresh = Path(tempfile.mkdtemp(prefix=".study-", dir=place))
        for run in found:
            run.save(fresh / names[id(run)])
        for name, draw in figures.items():
            (fresh / name).write_bytes(figure_png(draw(list(found))))
        (fresh / NAME).write_text(text, encoding="utf-8")
        with suppress(FileNotFoundError):
            (place / RUNS).rmdir()  # empty
        for name in (*figures, RUNS, NAME):  # without the last there is no study
            (fresh / name).replace(place / name)
            moved.append(place / name)
    except BaseException:
        for one in moved:
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        raise
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
        for one in absent:
            with suppress(OSError):  # something is in it
                one.rmdir()
    return place


def _names_of(runs: list[Record]) -> dict[int, str]:
    """Return the folder of each run."""
    names = {id(run): f"{RUNS}/{place:03d} {_slug(run)}" for place, run in enumerate(runs, 1)}
    if len(names) < len(runs):
        twice = next(run for k, run in enumerate(runs) if any(run is one for one in runs[:k]))
        raise ValueError(f"runs: expected each run once, got {twice.label} twice; leave one out")
    return names


def _slug(run: Record) -> str:
    """Return a name for the folder of a run."""
    words = f"{run.label} seed {run.settings.get('seed')}"
    return "-".join(re.findall(r"[\w.]+", words, flags=re.ASCII))[-100:]


def _as_figures(figures: Mapping[str, Draw]) -> dict[str, Draw]:
    """Return the functions that draw the pictures, by file names that stay within the folder."""
    if not isinstance(figures, Mapping):
        raise ValueError(
            "figures: expected functions by the name of the file, such as {'gap.png': draw_gap}, "
            f"got {short_repr(figures)}"
        )
    for name, draw in figures.items():
        plain = isinstance(name, str) and re.fullmatch(r"[^/\\:\0]{1,200}", name)
        if not plain or name in (".", "..", NAME, RUNS):
            raise ValueError(
                f"figures: expected the name of a file, such as 'gap.png', got {short_repr(name)}"
            )
        if not callable(draw):
            raise ValueError(
                f"figures: expected a function that draws {name!r} from the runs, got "
                f"{short_repr(draw)}; give the function itself"
            )
    return dict(figures)


def _named(claim: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return the claim with the names of its runs for the runs."""
    if not isinstance(claim, Mapping):
        raise ValueError(f"claims: expected the parts of each by name, got {short_repr(claim)}")
    own: dict[str, list[str]] = {}
    for key in ("records", "minus"):
        given = claim.get(key, ())
        runs: list[Any] = list(given) if is_iterable(given) else [given]
        if not all(isinstance(run, Record) for run in runs):
            raise ValueError(f"claims: {key}: expected several runs, got {short_repr(given)}")
        if any(id(run) not in names for run in runs):
            raise ValueError("runs: expected all runs of the claims among them, one is not")
        own[key] = [names[id(run)] for run in runs]
    return {**claim, **own}


def _as_json(content: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"claims: expected texts and numbers in their parts ({error})") from error
    return text


def _check_free(folder: Path, figures: Iterable[str]) -> None:
    """Raise if something is where the study is to be written."""
    if os.path.exists(folder / NAME):
        raise FileExistsError(f"folder: {folder} already holds a study; choose another")
    taken = os.path.isdir(folder / RUNS) and os.listdir(folder / RUNS)
    if taken or os.path.isfile(folder / RUNS):
        raise FileExistsError(
            f"folder: {folder} already holds {RUNS}; choose another, or move them away"
        )
    for name in figures:
        if os.path.isdir(folder / name):
            raise FileExistsError(f"figures: {name!r} is a folder in {folder}; choose another name")
