"""Small streams, schedules and tasks for the tests of methods."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import mas_edu as me


@pytest.fixture(scope="module")
def stream() -> me.Stream:
    """Three small, quite different tasks."""
    return me.rotated("digits", 3, step=60, samples=120)


@pytest.fixture(scope="module")
def few() -> me.Schedule:
    return me.Schedule(steps=25, evaluations=1)


@pytest.fixture
def task(x: Tensor) -> me.Task:
    y = torch.arange(len(x)) % 3
    return me.Task("small", x, y, x, y)
