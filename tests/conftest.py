"""What every test file shares: a seed, inputs for the nets, small streams."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

import mas_edu as me
from mas_edu.data import streams

pytest.register_assert_rewrite("tests.support.contract")


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Each test draws the same numbers, alone or among others; one thread: the nets are small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def x() -> Tensor:
    """A few inputs for the networks of `nets`, not sorted in any way."""
    return torch.randn(13, 9, dtype=torch.float64)


@pytest.fixture(scope="session")
def digits() -> me.Stream:
    """Two small, quite different tasks that train in a blink."""
    return streams.rotated("digits", tasks=2, step=90, samples=200)


@pytest.fixture(scope="session")
def split_digits() -> me.Stream:
    """Two tasks of two classes, the others masked."""
    return streams.split("digits", tasks=2)


@pytest.fixture(scope="session")
def short() -> me.Schedule:
    """Enough updates to learn something, few enough to wait for."""
    return me.Schedule(steps=30, evaluations=3)
