"""The listings that exercises show have the bugs that their solutions say, and no others."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.classroom.exercises import lesson_12
from mas_edu.classroom.exercises.lesson_04 import found
from mas_edu.classroom.exercises.lesson_06 import guards


def _deviation(listing: Any) -> float:
    """Return by what the listing's Ω differs from the right one, relative to it."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 2)).double()
    x = torch.randn(40, 3, dtype=torch.float64)
    right = me.mas(model, x)["0.weight"]
    omega = listing(model, x, model[0].weight)
    return float((omega - right).norm() / right.norm())


def test_the_listing_without_a_bug_is_exact() -> None:
    assert _deviation(found.listing_c) < 1e-12


@pytest.mark.parametrize("letter", "abd")
def test_a_listing_with_a_bug_is_not(letter: str) -> None:
    assert _deviation(getattr(found, f"listing_{letter}")) > 0.1


def test_the_stored_importances_count_old_tasks_as_often_as_the_solution_says() -> None:
from mas_edu.classroom.exercises import lesson_12
    stored = guards.all_stored(list(torch.eye(4).numpy()))
    assert stored[-1].tolist() == guards.GUARDS.solution
