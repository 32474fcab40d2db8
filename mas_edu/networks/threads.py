"""With how many threads PyTorch computes here, without a change to any other part of the program.

`torch.set_num_threads` also sets with how many each later thread begins: one that first computes
while a small network trains would stay on one core for good. OpenMP and MKL, which compute for
PyTorch, keep a number for each thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
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
    if number is None or number == torch.get_num_threads():
        yield
        return
    before = own_numbers()
    try:
        set_own_numbers([number] * len(before))
        yield
    finally:
        set_own_numbers(before)


def own_numbers() -> list[int]:
    """Return the numbers of threads of OpenMP and MKL for the calling thread."""
    torch.get_num_threads()  # first asked, PyTorch gives a thread its number
    return [get() for get, _ in _libraries()]


def set_own_numbers(numbers: Sequence[int]) -> None:
    """Set what `own_numbers` returned."""
    for (_, set_number), number in zip(_libraries(), numbers, strict=True):
        set_number(number)


@cache
def _libraries() -> list[tuple[Callable[[], int], Callable[[int], object]]]:
    """Return two functions for each library: they get and set its number for this thread."""
    from threadpoolctl import ThreadpoolController  # not needed to import the package

    openmp = ThreadpoolController().select(user_api="openmp").lib_controllers
    pairs = [(one.dynlib.omp_get_max_threads, one.dynlib.omp_set_num_threads) for one in openmp]
    with suppress(AttributeError):  # PyTorch may have been built without MKL
        set_number = ctypes.CDLL(torch._C.__file__).MKL_Set_Num_Threads_Local

        def get_number() -> int:  # 0: none of its own, that of OpenMP holds
            number: int = set_number(0)
            set_number(number)
            return number

        pairs.append((get_number, set_number))
    return pairs
