"""With how many threads PyTorch computes here, without a change to any other part of the program.

`torch.set_num_threads` also sets with how many each later thread begins: one that first computes
while a small network trains would stay on one core for good. OpenMP and MKL, which compute for
PyTorch, keep a number for each thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

import torch


@contextmanager
def own_threads(number: int | None) -> Iterator[None]:
    """Set with how many threads this thread computes, for the time of the block; None: as it is.

    >>> with own_threads(1):
    ...     torch.get_num_threads()
    1
    """
    if number in (None, torch.get_num_threads()):  # first asked, PyTorch gives a thread its number
        yield
        return
    before = [(set_number, set_number(number)) for set_number in _setters()]
    try:
        yield
    finally:
        for set_number, own in before:
            set_number(own)


@cache
def _setters() -> list[Callable[[int], int]]:
    """Return functions that set a library's number for the calling thread, and return the old."""
    from threadpoolctl import ThreadpoolController  # not needed to import the package

    openmp = ThreadpoolController().select(user_api="openmp").lib_controllers
    setters = [_of_openmp(library.dynlib) for library in openmp]
    with suppress(AttributeError):  # PyTorch may have been built without MKL
        setters.append(ctypes.CDLL(torch._C.__file__).MKL_Set_Num_Threads_Local)
    return setters


def _of_openmp(library: ctypes.CDLL) -> Callable[[int], int]:
    get_number, set_number = library.omp_get_max_threads, library.omp_set_num_threads

    def exchange(number: int) -> int:
        before: int = get_number()
        set_number(number)
        return before

    return exchange
