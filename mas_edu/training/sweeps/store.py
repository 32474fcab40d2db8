"""Runs on disk, task by task, so that a killed sweep can resume.

Each run has a folder with one record, of the last finished task. The record after a further task
is complete before the previous one is removed: there is a good one at every moment. Processes that
train the same runs may share a store: each finds what another stored, and none spoils it.

The folder's name follows from all that shapes the run: data, method, λ, seed, schedule, initial
weights, version of PyTorch. Runs that differ in any of these never mix. So after an upgrade of
PyTorch a sweep starts over, and what was stored before stays beside it; an upgrade of this package
does so only if it trains differently (`GENERATION`).
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from mas_edu._common import digest, first_line, set_aside, short_repr
from mas_edu.results import TENSORS, TEXT, Record, check_writable, same_settings
from mas_edu.training.run import Training

GENERATION = 1  # raised when this package begins to train differently: runs then start over
ATTEMPTS = 3  # to write a record while another process removes older ones
AFTER = "after-"  # how the name of a record's folder begins; the number of tasks follows
DAMAGED = "damaged-"  # how the name of a folder begins that is set aside
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # what is wrong for one run is wrong for all
Pair = tuple[float, int]


@dataclass
class RunStore:
    """The folder of each run of a sweep, by λ and seed; a run without a folder is not stored.

    >>> RunStore({}).places
    {}
    """

    places: dict[Pair, Path]
    full: bool = field(default=False, repr=False)

    @classmethod
    def of(cls, folder: Path, runs: dict[Pair, Training]) -> RunStore:
        """Return the store of these runs, which have not begun, in the folder."""
        return cls({pair: folder / _folder_name(run) for pair, run in runs.items()})

    def save(self, run: Training) -> None:
        """Store what the run has finished.

        A disk that is full costs a warning, not the sweep; a run's folder that cannot be written
        costs a warning, not the other runs.
        """
        place = self.places.get((run.lam, run.seed))
        if place is None or self.full or run.finished == 0 or not place.parent.is_dir():
            return  # a machine without this folder: the process that gets the record stores it
        fresh = place / f"{AFTER}{run.finished}"
        try:
            _write(run.record, fresh)
        except OSError as error:
            self.full = _is_full(place.parent, error)
            if not self.full:
                del self.places[run.lam, run.seed]
            where, whose = (place.parent, "its") if self.full else (place, "this run's")
            reason = getattr(error.__cause__ or error, "strerror", None) or error
            warnings.warn(
                f"store: {where} can no longer be written ({reason}); "
                f"training goes on, {whose} records are returned but not stored",
                stacklevel=2,
            )
            return
        for finished in range(1, run.finished + 1):
            for left in place.glob(f".{AFTER}{finished}-*"):  # by a kill in the middle of writing
                shutil.rmtree(left, ignore_errors=True)
            if finished < run.finished:
                _remove(place / f"{AFTER}{finished}")

    def resume(self, run: Training) -> None:
        """Resume the run after the last task that was stored, if that is further than it is."""
        place = self.places.get((run.lam, run.seed))
        if place is None:
            return
        _set_aside_unless_folder(place)
        for finished in range(len(run.stream), run.finished, -1):
            folder = place / f"{AFTER}{finished}"
            _set_aside_unless_folder(folder)
            if not _is_stored(folder):  # not there, or killed while it was written
                continue
            try:
                record = Record.load(folder)
                _check_same_run(record, run, finished)
            except (ValueError, OSError) as error:
                if not _is_stored(folder):  # another process has just stored a later task
                    self.resume(run)
                    return
                _set_damaged_aside(folder, error)
                continue
            run.resume(record)
            return


def open_store(store: object) -> Path:
    """Return the folder to keep runs in, made if needed.

    Raises:
        ValueError: if it is no path.
        OSError: if it cannot be written.
    """
    try:
        if store == "":
            raise ValueError("write '.' for the folder you are in")
        folder = Path(store).resolve()  # type: ignore[arg-type]  # for workers elsewhere
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        found = f"{short_repr(store)} ({first_line(error)})"
        raise ValueError(f"store: expected the path of a folder, got {found}") from error
    check_writable(folder, overwrite=True, name="store")
    return folder


def _is_stored(folder: Path) -> bool:
    """Return whether there is a record that may be read, damaged or not."""
    return os.path.exists(folder / TEXT)  # unlike Path.exists, never an error: of another user


def _is_full(store: Path, error: OSError) -> bool:
    """Return whether no run can be stored any more, because of the disk or the store's folder."""
    causes = (error, error.__cause__)  # the latter of an error that was put into words
    if any(getattr(cause, "errno", None) in FULL for cause in causes):
        return True
    try:
        check_writable(store, overwrite=True, name="store")
    except OSError:
        return True
    return False


def _set_aside_unless_folder(path: Path) -> None:
    """Set a file or a broken link aside that is where a folder belongs."""
    if os.path.lexists(path) and not os.path.isdir(path):
        _set_damaged_aside(path, "it is no folder", stacklevel=5)


def _check_same_run(record: Record, run: Training, finished: int) -> None:
    """Raise unless it is a record of this run: someone may have moved folders."""
    same = same_settings(record.settings, run.settings) and record.finished == finished
    states = record.weights, run.model.state_dict()
    shapes = [{name: value.shape for name, value in state.items()} for state in states]
    if not same or shapes[0] != shapes[1]:
        raise ValueError("record: it belongs to another run")


def _write(record: Record, folder: Path) -> None:
    """Write the record beside its place, then move it there, unless there is one by now.

    Another process may train the same run, and remove what this one is writing: then once more.
    """
    for attempt in range(1, ATTEMPTS + 1):
        if _is_stored(folder):
            return
        fresh = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
        try:
            record.save(fresh)
            fresh.rename(folder)
            return
        except OSError:
            if attempt == ATTEMPTS and not _is_stored(folder):
                raise
            if not _is_stored(folder):
                _remove(folder)  # half a record, of a kill
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _set_damaged_aside(folder: Path, error: object, stacklevel: int = 4) -> None:
    found = set_aside(folder, DAMAGED)
    where = f"it is set aside as {found}" if found else "it is left where it is"
    warnings.warn(
        f"store: {folder} cannot be used ({error}); {where}, and this run resumes from an earlier "
        "task or starts over",
        stacklevel=stacklevel,
    )


def _remove(folder: Path) -> None:
    """Remove a record that is no longer needed, and the folder if nothing else is in it."""
    try:
        (folder / TEXT).unlink(missing_ok=True)  # first: without it there is no record
        (folder / TENSORS).unlink(missing_ok=True)
        for path in folder.glob(f".{Path(TENSORS).stem}-*"):  # of earlier versions
            path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError:  # it costs space only
        pass


def _folder_name(run: Training) -> str:
    """Return a name to read, different for every two runs whose numbers could differ.

    The settings hold fingerprints of the data and the initial weights. The accuracies before any
    training stand for the network's forward pass, which no fingerprint shows.
    """
    try:
        settings = _as_text(run.settings)
    except (TypeError, ValueError) as error:
        raise ValueError(f"stream: its settings cannot be stored as JSON ({error})") from error
    content = [str(GENERATION), settings, str(run.initial.tolist())]
    code = digest(["\n".join(content)], 12)
    method = re.sub(r"[^A-Za-z0-9]+", "-", repr(run.method)).strip("-")[:60]
    return f"{method}-lam{run.lam:g}-seed{run.seed}-{code}"


def _as_text(settings: object) -> str:
    """Return equal text for equal settings, also for those that were stored and read again."""
    return json.dumps(settings, sort_keys=True)
