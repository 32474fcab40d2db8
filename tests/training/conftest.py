"""Fixtures of the sweeps."""

from __future__ import annotations

import importlib

import pytest

import mas_edu as me
from mas_edu.training import Training

grid = importlib.import_module("mas_edu.training.sweeps.grid")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many runs each batched program that was started held."""
    sizes: list[int] = []

    def watched(runs: list[Training]):
        sizes.append(len(runs))
        return together(runs)

    together = grid.train_batched
    monkeypatch.setattr(grid, "train_batched", watched)
    return sizes


@pytest.fixture(scope="module")
def streams(digits: me.Stream, split_digits: me.Stream) -> dict[str, me.Stream]:
    return {
        "rotated": digits,
        "permuted": me.permuted("digits", tasks=2, samples=100),
        "split": split_digits,
    }
