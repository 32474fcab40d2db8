"""Choosing λ among the records of a sweep."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

import mas_edu as me
from mas_edu.results import Record
from tests.support.sweeps import (
    quick,
)  # fmt: skip

grid = importlib.import_module("mas_edu.training.sweeps.grid")


def run(
    lam: float | None, validation: float | None, test: float = 0.5, **settings: object
) -> Record:
    return Record(
        [[test]],
        validation=None if validation is None else [[validation]],
        settings={"lam": lam, **settings},
    )


def test_lam_is_chosen_on_validation_not_on_test():
    assert me.choose_lam([run(0.0, 0.9, test=0.1), run(1.0, 0.2, test=0.9)]) == 0.0


def test_lam_is_chosen_by_the_mean_over_seeds_and_the_smallest_of_equals():
    records = [run(3, 0.9), run(3, 0.1), run(2, 0.6), run(2, 0.5), run(1, 0.5), run(1, 0.6)]
    assert me.choose_lam(iter(records)) == 1


def test_a_lam_with_an_unfinished_run_is_not_chosen():
    nan = float("nan")
    half = Record(
        [[0.9, 0], [nan, nan]], validation=[[1.0, 1.0], [nan, nan]], settings={"lam": 5.0}
    )
    none = Record([[nan]], settings={"lam": 7.0})
    assert me.choose_lam([run(0.0, 0.1), run(5.0, 1.0), half, none]) == 0.0
    with pytest.raises(ValueError, match=r"^records: .*finished, found none"):
        me.choose_lam([half, none])


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([], "at least one"),
        ([run(0.1, None)], "val > 0"),
        ([run(None, 0.5)], "with a λ"),
        ([0.1], "with a λ, got 0.1"),
        ([run(0, 0.5, method="MAS()"), run(0, 0.5, method="L2()")], "one method on one stream"),
        (3, "several"),
    ],
)
def test_choosing_among_what_does_not_fit_is_refused(records, text):
    with pytest.raises(ValueError, match=r"^records: ") as caught:
        me.choose_lam(records)
    assert text in str(caught.value)


def seeded(lam: float, seed: int, validation: float = 0.5, updates: int = 9) -> Record:
    more = {"schedule": {"lr": 0.1, "epochs": 1}, "updates": [updates]}
    return run(lam, validation, method="MAS()", seed=seed, **more)


def test_lams_that_were_not_trained_alike_are_refused():
    four = [seeded(lam, seed, lam / 10) for lam in (1, 2) for seed in (0, 1)]
    slow = replace(four[3], settings=four[3].settings | {"schedule": {"lr": 0.2, "epochs": 1}})
    for records, text in (
        ([*four[:3], seeded(2, 1, updates=90)], "MAS, λ = 2, seed 1 differ in the number of upd"),
        ([*four[:3], slow], "lr of the schedule: 0.1 against 0.2; give both the same"),
        (four[:3], "MAS, λ = 2 lacks seed 1, which MAS, λ = 1 has; train it with seeds=[1] too"),
        ([*four, four[0]], "MAS, λ = 1, seed 0 is there twice"),
    ):
        with pytest.raises(ValueError, match=r"^records: ") as caught:
            me.choose_lam(records)
        assert text in str(caught.value)
    assert me.choose_lam(reversed(four)) == 2
    longer = {"schedule": {"lr": 0.1, "epochs": None}}  # the updates tell how long a task is
    four[3] = replace(four[3], settings=four[3].settings | longer)
    assert me.choose_lam([*four, run(3, 0.9, method="MAS()")]) == 3, "made by hand, it says less"


def test_the_frontier_of_a_sweep_has_a_point_for_each_lam(digits, short):
    records = quick(digits, me.MAS(), [0, 1, 100], [0, 1], schedule=short)
    drawn = me.plots.frontier(records)
    assert {text.get_text() for text in drawn.texts} == {"λ = 0", "λ = 1", "λ = 100"}
    x, y = drawn.lines[0].get_data()
    for k in range(3):
        pair = records[2 * k : 2 * k + 2]
        assert x[k] == pytest.approx(np.mean([record.forgetting for record in pair]))
        assert y[k] == pytest.approx(np.mean([record.learned for record in pair]))
