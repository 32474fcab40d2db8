"""One core for a figure that trains, and the reader's threads as they were.

PyTorch keeps a number of threads for each thread that has computed, and one more with which others
begin. To set the first also sets the second, so a new thread sets that one back. Only a thread that
asks for the first time in the moment between the two begins with one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

Result = TypeVar("Result")
NUMBERS = threading.Lock()  # both numbers are read and set by one worker at a time


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Let this thread compute on one core: for small networks that is fastest, and it is fair."""
    mine = torch.get_num_threads()
    others = _set_own_number(1)
    try:
        yield
    finally:
        _set_own_number(mine, others)


def _set_own_number(number: int, before: int = 1) -> int:
    """Set PyTorch's number for this thread alone; return the one with which others begin.

    `before`: what others are to begin with if they would begin with 1, as after a job that set the
    number and gave that of this thread back.
    """
    with NUMBERS:
        others = _in_new_thread(torch.get_num_threads)
        others = before if others == 1 else others
        torch.set_num_threads(number)
        _in_new_thread(lambda: torch.set_num_threads(others))
    return others


def _in_new_thread(function: Callable[[], Result]) -> Result:
    found: list[Result] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]
