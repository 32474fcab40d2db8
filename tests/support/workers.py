"""Threads in tests: work in a new one, and waiting for the workers of live figures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from mas_edu.widgets.worker import NAME

PATIENCE = 60.0  # seconds; nothing needs them on a quiet machine


def working() -> int:
    """Count the workers that are at work."""
    return sum(thread.name == NAME for thread in threading.enumerate())


def in_thread(work: Callable[[], Any]) -> Any:
    """Return what the work returns in a new thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def thread_numbers() -> tuple[int, int]:
    """Return PyTorch's number of threads in this thread, and the one with which others begin."""
    return torch.get_num_threads(), in_thread(torch.get_num_threads)


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds; fail when that takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)
