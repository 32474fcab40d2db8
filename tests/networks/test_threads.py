"""`own_threads`: with how many threads this thread computes, and nobody else."""

import ctypes
import threading

import pytest
import torch

from mas_edu.networks import own_threads
from tests.support.workers import in_thread, thread_numbers


def test_only_this_thread_is_set_and_gets_back_what_it_had():
    torch.set_num_threads(2)
    with own_threads(1):
        assert thread_numbers() == (1, 2)
        with own_threads(3):
            assert thread_numbers() == (3, 2)
        with own_threads(None):
            assert thread_numbers() == (1, 2)
    assert thread_numbers() == (2, 2)


def test_an_error_in_the_block_changes_nothing():
    torch.set_num_threads(2)
    with pytest.raises(KeyError), own_threads(1):
        raise KeyError
    assert thread_numbers() == (2, 2)


def test_a_thread_that_first_asks_in_the_block_and_others_that_go_on():
    def work():
        with own_threads(1):
            entered.wait(20)
            inside.append(torch.get_num_threads())
            left.wait(20)
        after.append(torch.get_num_threads())

    torch.set_num_threads(2)
    entered, left, inside, after = threading.Barrier(3), threading.Event(), [], []
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    entered.wait(20)
    assert thread_numbers() == (2, 2)
    torch.set_num_threads(3)  # the reader changes it meanwhile
    left.set()
    for worker in workers:
        worker.join(20)
    assert (inside, after, thread_numbers()) == ([1, 1], [2, 2], (3, 3))


def test_products_by_mkl_keep_to_the_number():
    """`torch.set_num_threads` sets that of MKL, too; it must not outvote the number of a block."""
    library = ctypes.CDLL(torch._C.__file__)
    if not hasattr(library, "MKL_Get_Max_Threads"):
        pytest.skip("PyTorch without MKL")

    def numbers():
        return torch.get_num_threads(), library.MKL_Get_Max_Threads()

    torch.set_num_threads(2)
    with own_threads(1):
        assert numbers() == (1, 1)
        assert in_thread(numbers) == (2, 2)
    assert numbers() == (2, 2)
