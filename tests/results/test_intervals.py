"""Intervals: against a table, against what they promise, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mas_edu.results import interval

TABLE = {2: 12.7062, 3: 4.3027, 5: 2.7764, 10: 2.2622, 31: 2.0423}  # any printed table of t, 95 %


@pytest.mark.parametrize(("count", "t"), TABLE.items())
def test_the_half_width_is_that_of_a_printed_table(count, t):
    values = np.arange(count) ** 2 / 7
    mean, low, high = interval(values)
    assert mean == pytest.approx(values.mean())
    half = t * values.std(ddof=1) / math.sqrt(count)
    assert (high - mean, mean - low) == pytest.approx((half, half), rel=1e-4)


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_stated_share_of_intervals_holds_the_mean(level):
    draws = np.random.default_rng(0).normal(3.0, 2.0, (2000, 4))
    held = sum(3.0 in interval(values, level) for values in draws)
    assert abs(held / len(draws) - level) < 0.03


def test_one_value_has_a_mean_and_no_interval():
    one = interval([0.7])
    assert one.mean == 0.7
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    assert not one.known
    assert 0.7 not in one


def test_equal_values_have_an_interval_without_width():
    assert interval([0.3, 0.3, 0.3]) == pytest.approx((0.3, 0.3, 0.3))
    assert interval([0.3, 0.3]).known


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "values: expected at least one"),
        ((0.5,), "values: expected several"),
        (([0.5, math.nan],), "values: expected a finite number"),
        ((["0.5"],), "values: expected a finite number"),
        (([0.5, 0.6], 1.0), "level: expected a share between 0 and 1"),
        (([0.5, 0.6], 0), "level: expected a finite number above 0"),
    ],
)
def test_bad_values_and_levels_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        interval(*arguments)
