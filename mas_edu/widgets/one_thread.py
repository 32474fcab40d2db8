"""One core for figures that train, and the reader's number of PyTorch threads afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

NUMBERS = threading.Lock()
_borrowed = {"users": 0, "before": 1}  # guarded by NUMBERS


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Run PyTorch on one thread while any worker is at work; the last one restores the number.

    Small networks are fastest so, and several figures do not fight for the cores.
    """
    with NUMBERS:
        if not _borrowed["users"]:
            _borrowed["before"] = torch.get_num_threads()
        _borrowed["users"] += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with NUMBERS:
            _borrowed["users"] -= 1
            if not _borrowed["users"]:
                torch.set_num_threads(_borrowed["before"])
