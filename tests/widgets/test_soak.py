"""A hundred trainings of the playground: flat memory, no thread is left, the last one wins."""

from __future__ import annotations

import gc
import itertools
import threading

import psutil
import pytest
from ipywidgets.widgets.widget import _instances

import mas_edu as me
from tests.support.playgrounds import QUICK
from tests.support.workers import PATIENCE, until, working

pytestmark = pytest.mark.slow
TIMES = 100
FLAT = 24 * 2**20  # bytes in which memory may differ from one half of the soak to the other


def memory() -> int:
    """Return the bytes that this process takes."""
    gc.collect()
    return psutil.Process().memory_info().rss


def test_a_hundred_trainings(make):
    figure = make(tasks=2)
    figure.most_remembered = 12  # so that the memory of finished runs is full early
    threads, widgets = set(threading.enumerate()), len(_instances)
    taken: list[int] = []
    values = itertools.cycle([0.1, 1.0, 2.0, 10.0])
    for k in range(TIMES):
        figure.controls.seed.value = k % 10  # other weights: trained from scratch
        figure.controls.lam.value = lam = next(values)
        assert figure.wait(PATIENCE)
        assert figure.record.settings["lam"] == lam
        assert figure.record.settings["seed"] == k % 10
        if k % 10 == 9:
            taken.append(memory())
    figure.ahead.wait(PATIENCE)
    until(lambda: working() == 0)
    assert set(threading.enumerate()) <= threads
    assert len(_instances) == widgets
    early, late = min(taken[2:5]), min(taken[-3:])
    assert late - early < FLAT, [bytes_ // 2**20 for bytes_ in taken]
    stream = me.rotated("digits", tasks=2)
    expected = me.learn(stream, me.MAS(), lam, seed=9, schedule=QUICK, progress=False)
    assert figure.record == expected
