"""Run a notebook in processes of its own, watch them, and blame what does not end well."""

from __future__ import annotations

import contextlib
import json
import multiprocessing as mp
import os
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import psutil

from mas_edu._common import children_without_ctrl_c
from mas_edu.classroom.grading.limits import Limits
from mas_edu.classroom.grading.student_process import Work, run_work
from mas_edu.classroom.grading.submissions import StudyFile
from mas_edu.classroom.observing import Observation

TICK = 0.1  # seconds between two looks at a process
STARTING = 120.0  # seconds that a process may take to begin
LARGEST = 64 * 2**20  # bytes of a message
PRELOADED = ["mas_edu.classroom.grading.warm", "mas_edu.__main__"]
Item = int | str  # a cell by its number, an exercise by its


@dataclass
class Run:
    """The result of running a notebook.

    Args:
        found: observations by exercise.
        missing: exercises whose function or value is not there.
        cells: why a cell ended early, by its number.
        skipped: cells that ended a process, and are left out of the next.
        blamed: why an exercise ended the process, by its number.
        broken: why the notebook could not be run to its end, if so.
    """

    found: dict[str, list[Observation]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    cells: dict[int, str] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    blamed: dict[str, str] = field(default_factory=dict)
    broken: str = ""

    @property
    def done(self) -> set[str]:
        """The exercises that need no other process."""
        return {*self.found, *self.missing, *self.blamed}


class Stopped(Exception):  # noqa: N818
    """Grading was interrupted."""


class Supervisor:
    """Starts processes from a warm server; `stop` ends all of them, from any thread."""

    def __init__(self, limits: Limits, own: bytes = b"") -> None:
        self.limits, self.own = limits, own
        forking = "forkserver" in mp.get_all_start_methods()
        self._context: Any = mp.get_context("forkserver" if forking else "spawn")
        if forking:
            self._context.set_forkserver_preload(PRELOADED)
            with children_without_ctrl_c():
                forkserver.ensure_running()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End all processes; whoever waits for one gets `Stopped`."""
        self._stopping.set()

    def run(
        self,
        cells: list[str],
        exercises: list[str],
        seed: int,
        beside: Sequence[tuple[str, StudyFile]] = (),
    ) -> Run:
        """Run the cells and observe the exercises, in as many processes as are needed.

        Args:
            cells: source code, in order.
            exercises: numbers of exercises.
            seed: of their cases.
            beside: files that the notebook has beside it, by their path from its folder.

        Raises:
            Stopped: if `stop` was called.
        """
        run = Run()
        for attempt in range(len(exercises) + 3):
            left = tuple(number for number in exercises if number not in run.done)
            if run.broken or (attempt and not left):
                return run
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
                skipped, place = frozenset(run.skipped), Path(scratch)
                _put_beside(beside, place)
                work = Work(tuple(cells), skipped, left, seed, self.limits, place, self.own)
                if self._run_once(work, run):
                    return run
        run.broken = "too many of its cells ended Python"
        return run

    def _run_once(self, work: Work, run: Run) -> bool:
        """Return whether a process got to the end; what was found and blamed is put into `run`."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=run_work, args=(theirs, work), daemon=True)
        process.start()
        theirs.close()
        try:
            return _Watch(process, ours, self.limits, run, self._stopping).follow()
        finally:
            _end(process.pid)
            process.join(10)
            ours.close()


class _Watch:
    """Follows one process from message to message."""

    def __init__(
        self, process: Any, connection: Connection, limits: Limits, run: Run, stop: threading.Event
    ) -> None:
        self._process, self._connection, self._limits = process, connection, limits
        self._run, self._stop = run, stop
        self._item: Item | None = None  # what it is at
        self._begun = self._progress = (time.monotonic(), 0.0)  # wall and computing seconds

    def follow(self) -> bool:
        """Return whether the process came to its end; blame the item at which it did not."""
        while True:
            if self._stop.is_set():
                raise Stopped
            ready = wait([self._connection, self._process.sentinel], TICK)
            try:
                if self._connection in ready:
                    if self._take(json.loads(self._connection.recv_bytes(LARGEST))):
                        return True
                    continue
                if ready:  # it is gone, though something that it started may hold the connection
                    raise EOFError
            except (EOFError, OSError):
                self._process.join(5)
                self._blame(_ending(self._process.exitcode))
                return False
            except (ValueError, TypeError, KeyError, AttributeError):
                self._blame("sent what cannot be read")
                return False
            if reason := self._overstayed():
                self._blame(reason)
                return False

    def _take(self, message: dict[str, Any]) -> bool:
        """Take note of a message; return whether it is the last."""
        run = self._run
        if "begin" in message:
            self._item = message["begin"]
            self._begun = self._progress = (time.monotonic(), self._computed())
        elif "failed" in message:
            run.cells[int(message["failed"])] = _failure_words(message["failure"])
        elif "missing" in message:
            run.missing.add(str(message["missing"]))
        elif "observed" in message:
            run.found[str(message["observed"])] = [Observation(**one) for one in message["found"]]
        elif "broken" in message:
            raise ValueError
        return "end" in message

    def _computed(self) -> float:
        """Return the seconds that the process and what it started have computed."""
        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except psutil.Error:
            return self._progress[1]
        return float(times.user + times.system + times.children_user + times.children_system)

    def _overstayed(self) -> str:
        """Return why the process has to be ended, or nothing."""
        now, computed = time.monotonic(), self._computed()
        if self._item is None:
            return "did not begin" if now - self._begun[0] > STARTING else ""
        most = self._limits.cell if isinstance(self._item, int) else self._limits.call
        if computed - self._begun[1] > most:
            return f"computed for more than {most:g} s: is there a loop without an end?"
        if computed - self._progress[1] > 0.01 * self._limits.idle:
            self._progress = now, computed
        if now - self._progress[0] > self._limits.idle:
            return f"did not get on for {self._limits.idle:g} s: does it wait for something?"
        return ""

    def _blame(self, reason: str) -> None:
        if isinstance(self._item, int):
            self._run.cells.setdefault(self._item, reason)
            self._run.skipped.add(self._item)
        elif self._item is not None:
            self._run.blamed[self._item] = reason
        else:
            self._run.broken = reason


def _put_beside(files: Sequence[tuple[str, StudyFile]], scratch: Path) -> None:
    """Copy files into the folder that a notebook runs in; none of them beyond it."""
    for path, file in files:
        place = scratch / path
        if place.resolve().is_relative_to(scratch.resolve()):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read())


def _failure_words(failure: dict[str, Any]) -> str:
    where = f", in line {failure['number']}: {failure['line']}" if failure["line"] else ""
    nobody = " (nobody answers input() here)" if failure["type"] == "EOFError" else ""
    return f"ended with {failure['type']}: {failure['message']}{nobody}{where}"


def _ending(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"crashed Python ({signal.Signals(-code).name})"
    return "ended Python"


def _end(pid: int | None) -> None:
    """End a process and all that it started."""
    if pid is None:
        return
    started: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        started = psutil.Process(pid).children(recursive=True)
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(psutil.Error):
        started.append(psutil.Process(pid))
    for process in started:
        with contextlib.suppress(psutil.Error):
            process.kill()
