"""Ctrl-C while `python -m mas_edu` still imports PyTorch: the process ends without a traceback.

A KeyboardInterrupt would surface in the middle of an import, where some packages swallow it. So
this file is imported first, and acts when it is imported; `cli.main` ends its time.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

CODE = 130  # as a shell reports it


class Pressed(KeyboardInterrupt):
    """Ctrl-C was pressed.

    If a plain KeyboardInterrupt passes an `exec`, with which data classes are made, Python ends by
    the signal instead of by an exit code, even if it was caught.
    """


def _end_at_once() -> None:
    """Let Ctrl-C end the process, if it was started as `python -m mas_edu`.

    Elsewhere, as in a notebook, and where Ctrl-C is ignored, nothing is changed.
    """
    started_here = sys.argv[:1] == ["-m"] and "mas_edu" in " ".join(sys.orig_argv).split()
    if (
        started_here
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let Ctrl-C raise a KeyboardInterrupt from now on, as it does elsewhere."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _raise)


def ignore_from_now() -> None:
    """Let Ctrl-C do nothing: the command is done, and only Python's own end is left.

    It takes a moment, and to break it off would leave a worker's files behind.
    """
    if signal.getsignal(signal.SIGINT) is _raise:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Pressed


def _end(number: int, frame: FrameType | None) -> None:
    """End the process; not by an exception, which an import may swallow."""
    os.write(2, b"mas_edu: interrupted, nothing was finished\n")
    os._exit(CODE)


_end_at_once()
