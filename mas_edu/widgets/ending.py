"""Ends threads before the interpreter does: one left inside PyTorch aborts the exit."""

from __future__ import annotations

import ctypes
import threading
import time

ORDERLY = 0.3  # seconds for a thread to end by itself, at its next step
LONGEST = 10.0  # seconds in all: a single computation of PyTorch cannot be broken off


def end_threads(name: str) -> None:
    """Wait for the threads of this name; break off those that take longer than `ORDERLY`."""
    patience = time.monotonic() + LONGEST
    _join(name)
    while (threads := _alive(name)) and time.monotonic() < patience:
        for thread in threads:
            _break_off(thread)
        _join(name)


def _alive(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def _join(name: str) -> None:
    end = time.monotonic() + ORDERLY
    for thread in _alive(name):
        thread.join(max(0.0, end - time.monotonic()))


def _break_off(thread: threading.Thread) -> None:
    """Raise SystemExit in another thread, as soon as it is back in Python code."""
    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
    raise_in_thread(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
