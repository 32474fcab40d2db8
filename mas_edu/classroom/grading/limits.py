"""Limits of a submission; a process sets them on itself before any student's code."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import psutil

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; seconds are seconds of computing, so a busy machine is no excuse.

    Args:
        cell: seconds that a cell may compute.
        call: seconds that the calls of one exercise may compute.
        idle: seconds without any progress, such as in a long sleep.
        memory: MiB beside what Python and torch take themselves.
        file: MiB of one file.
    """

    cell: float = 20.0
    call: float = 10.0
    idle: float = 60.0
    memory: int = 2048
    file: int = 100


def confine(limits: Limits, scratch: Path) -> None:
    """Confine this process: scratch folder, no input, no output, no network, bounded memory."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()  # a group of its own: what it starts can be ended with it
    os.chdir(scratch)
    os.environ.update(
        MAS_EDU_GRADING="1", MAS_EDU_HOME=str(scratch), MPLBACKEND="agg", TQDM_DISABLE="1"
    )
    empty = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(empty, descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    socket.socket.connect = socket.socket.connect_ex = _refuse  # type: ignore[method-assign]
    _bound(limits)


def _refuse(*args: Any) -> NoReturn:
    raise OSError("there is no network while an exercise is graded")


def _bound(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    space = psutil.Process().memory_info().vms + limits.memory * MIB
    for kind, most in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_FSIZE, limits.file * MIB),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
