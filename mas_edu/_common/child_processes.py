"""Processes that this one starts, and Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def children_without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from the processes that the block starts: this one answers, and ends them.

    A terminal, and Jupyter's button, send it to all of them, and each would print a traceback. In
    the block it waits for this process, too. On Windows nothing is changed.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # else what starts it in the block unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield  # a process inherits what is blocked
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
