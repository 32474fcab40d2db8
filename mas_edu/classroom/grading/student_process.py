"""The process of one submission: run its cells, call its answers, send plain data.

Every message is JSON, so nothing that a student's code makes can run where it is read. Before each
cell and each exercise the process says what it begins: if it ends there, that item is to blame.
"""

from __future__ import annotations

import json
import linecache
import os
import signal
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from mas_edu.classroom.catalogue import find_exercise
from mas_edu.classroom.grading.limits import Limits, confine
from mas_edu.classroom.observing import describe_failure, observe_cases
from mas_edu.classroom.student_part import unpack_for_student


@dataclass(frozen=True)
class Work:
    """The cells to run and the exercises to observe in one process.

    Args:
        cells: source code, in order.
        skipped: numbers of cells that are to blame for the end of an earlier process.
        exercises: numbers of exercises to observe, those not done before.
        seed: of their cases.
        limits: of the process.
        scratch: folder in which it runs.
        own: the teacher's own exercises, packed; nothing that judges is in them.
    """

    cells: tuple[str, ...]
    skipped: frozenset[int]
    exercises: tuple[str, ...]
    seed: int
    limits: Limits
    scratch: Path
    own: bytes = b""


def run_work(connection: Connection, work: Work) -> None:
    """Do the work, telling each step; then wait to be ended."""
    try:
        threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
        own = unpack_for_student(work.own)  # before any student's code
        confine(work.limits, work.scratch)
        tell = _teller(connection)
        space = _run_cells(work, tell)
        for number in work.exercises:
            tell({"begin": number})
            exercise = own.get(number) or find_exercise(number)
            if exercise.name not in space:
                tell({"missing": number})
                continue
            found = observe_cases(exercise, space[exercise.name], work.seed)
            tell({"observed": number, "found": [asdict(one) for one in found]})
        tell({"end": True})
        threading.Event().wait()  # the other side ends it, with all that it started
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt | SystemExit):
            connection.send_bytes(json.dumps({"broken": repr(error)[:300]}).encode())
        os._exit(1)


def _teller(connection: Connection) -> Callable[[dict[str, Any]], None]:
    """Return a function that sends a message, whatever the student's code does to modules."""
    send, dumps = connection.send_bytes, json.dumps

    def tell(message: dict[str, Any]) -> None:
        send(dumps(message).encode())

    return tell


def _end_with_parent(connection: Connection) -> None:
    """End this process and all that it started as soon as the grading process is gone."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _run_cells(work: Work, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Run the cells one after the other, also after one that failed; return what they defined."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    main.__dict__.update(get_ipython=_Shell, display=_ignore)
    for number, source in enumerate(work.cells, 1):
        if number in work.skipped:
            continue
        tell({"begin": number})
        try:
            _run_cell(number, source, main.__dict__)
        except BaseException as error:  # SystemExit, KeyboardInterrupt of its own, all of them
            tell({"failed": number, "failure": asdict(describe_failure(error, main.__dict__))})
            if isinstance(error, MemoryError):
                os._exit(1)  # what is still held would spoil the next cells
    return main.__dict__


def _run_cell(number: int, source: str, space: dict[str, Any]) -> None:
    code, file = TransformerManager().transform_cell(source), f"<cell {number}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    exec(compile(code, file, "exec", dont_inherit=True), space)


def _ignore(*args: Any, **kwargs: Any) -> None:
    """Show nothing: nobody looks."""


class _Shell:
    """Stands for IPython: magics and shell commands do nothing."""

    def __getattr__(self, name: str) -> Any:
        return _ignore
