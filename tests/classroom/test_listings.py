"""The listings that exercises show have the bugs that their solutions say, and no others."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.classroom.exercises.lesson_04 import found
from mas_edu.classroom.exercises.lesson_06 import guards
from mas_edu.classroom.exercises.lesson_12 import deviations


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
    stored = guards.all_stored(list(torch.eye(4).numpy()))
    assert stored[-1].tolist() == guards.GUARDS.solution


# What each line of the listing of 12.2 is on the page that it reproduces.
ADDED = """\
        if anchor:
            omega = {name: omega[name] + old for name, old in anchor.omega.items()}
"""
ADAM = "optimizer = torch.optim.Adam(model.parameters(), lr=0.003)"
AS_PUBLISHED = {
    "a": ("        mean, std", f"        {ADAM}\n        mean, std"),
    "b": ("task.x.mean(), task.x.std()", "0.0, 1.0"),
    "c": ("0.1 / 2", "0.05"),
    "d": ("        model.eval()  # d\n", ""),
    "e": ("list(x.split(50))", "x"),
    "f": ("        anchor = Anchor(", f"{ADDED}        anchor = Anchor("),
    "g": ("zip(x_test.split(100), test.y_test.split(100), strict=True)", "[(x_test, test.y_test)]"),
    "h": ("sum(after) / len(after)", "after[-1]"),
}  # fmt: skip


@pytest.mark.slow
def test_the_lines_that_move_a_number_are_those_that_the_solution_says() -> None:
    listing = deviations.shown_source(deviations.reproduce)
    tasks = me.rotated("digits", tasks=3, step=30, samples=96, test_samples=150)

    def number(source: str) -> float:
        space = dict(vars(deviations))
        exec(compile(source, "<listing>", "exec", dont_inherit=True), space)
        return float(space["reproduce"](tasks, 1))

    assert all(listing.count(line) == 1 for line, _ in AS_PUBLISHED.values())
    found = {letter: number(listing.replace(*lines)) for letter, lines in AS_PUBLISHED.items()}
    as_it_is = number(listing)
    moved = [letter for letter, value in found.items() if value != as_it_is]
    assert moved == deviations.DEVIATIONS.solution
