"""Student's t-interval: how sure the mean of a few values is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import NamedTuple

from mas_edu._common import as_float, as_list

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean and the ends of its interval; of one value alone, `low` and `high` are NaN."""

    mean: float
    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        """Return whether the value lies within; never, where the interval is not known."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    @property
    def known(self) -> bool:
        """Return whether there were at least two values, so that there is an interval."""
        return not math.isnan(self.low)


def interval(values: Iterable[float], level: float = LEVEL) -> Interval:
    r"""Return the mean of independent values, such as one a seed, with its t-interval.

    .. math:: \bar x \pm t_{n-1} \sqrt{\frac{1}{n (n-1)} \sum_k (x_k - \bar x)^2}

    Were the study repeated with other seeds again and again, and the values normally distributed,
    then so large a share of the intervals (`level`) would hold the true mean. Student, Biometrika
    1908. One value says nothing about its spread: `low` and `high` are then NaN.

    Args:
        values: at least one finite number.
        level: how often the interval is to hold the mean, between 0 and 1.

    Raises:
        ValueError: if there is no value, one is not finite, or `level` is out of range.

    >>> mean, low, high = interval([0.7, 0.8, 0.9])
    >>> round(mean, 3), round(low, 3), round(high, 3)
    (0.8, 0.552, 1.048)
    >>> interval([0.7])
    Interval(mean=0.7, low=nan, high=nan)
    """
    found = [as_float("values", value, -math.inf) for value in as_list("values", values)]
    if as_float("level", level, above=True) >= 1:
        raise ValueError(f"level: expected a share between 0 and 1, such as {LEVEL}, got {level:g}")
    count, mean = len(found), statistics.fmean(found)
    if count < 2:
        return Interval(mean, math.nan, math.nan)
    from scipy.special import stdtrit  # here: half a second that `import mas_edu` need not wait

    t = float(stdtrit(count - 1, (1 + level) / 2))  # the quantile of Student's t
    half = t * math.hypot(*(x - mean for x in found)) / math.sqrt(count * (count - 1))
    return Interval(mean, mean - half, mean + half)
