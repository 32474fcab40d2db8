"""Shared by all tests: the seed, inputs for the networks, small streams, groups for workers."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from unittest import mock

import pytest
import torch
from torch import Tensor
from xdist.scheduler import LoadScopeScheduling

import mas_edu as me
from mas_edu.data import streams

pytest.register_assert_rewrite("tests.support.bad_input", "tests.support.contract")


def pytest_configure() -> None:
    """Let each process compute on one thread: the networks are small, and the workers are two.

    Before any fixture: those of a module begin before the seed of its first test.
    """
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"  # for the processes that tests start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long groups: one that began last would leave the other worker without work."""
    slow = {_group(item.nodeid) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (_group(item.nodeid) != "browser", _group(item.nodeid) not in slow))


def pytest_collection_finish() -> None:
    """Leave what is imported out of all later garbage collections: half a second for each."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the end of the process collect all: nanobind would complain of what is left."""
    gc.unfreeze()


class Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole groups of tests to the parallel workers."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups:
    """Return the scheduler; xdist's own groups do not exist for the newest pytest."""
    return Groups(config, log)


def _group(nodeid: str) -> str:
    """Return the name of the group that one worker runs.

    A module is a group, since its tests share fixtures; the browser tests are one, since they share
    a JupyterLab.
    """
    return "browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]


@pytest.fixture(autouse=True, scope="module")
def _own_environment() -> Iterator[None]:
    """Give the environment back: Dask's cluster leaves thread numbers in it for all that follow."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Seed each test, so that it draws the same numbers alone and among others."""
    torch.manual_seed(0)
    yield
    torch.set_num_threads(1)


@pytest.fixture
def x() -> Tensor:
    """Return inputs for the networks of `nets`, in no order."""
    return torch.randn(13, 9, dtype=torch.float64)


@pytest.fixture(scope="session")
def digits() -> me.Stream:
    """Return two small and very different tasks, trained in under a second."""
    return streams.rotated("digits", tasks=2, step=90, samples=200)


@pytest.fixture(scope="session")
def split_digits() -> me.Stream:
    """Return two tasks of two classes each, the other classes masked."""
    return streams.split("digits", tasks=2)


@pytest.fixture(scope="session")
def short() -> me.Schedule:
    """Return a schedule long enough to learn something, short enough for a test."""
    return me.Schedule(steps=30, evaluations=3)
