"""Labels beside what they name."""

from __future__ import annotations

import numpy as np
import pytest

from mas_edu.plots import labels


@pytest.mark.parametrize(
    "wanted", [[0.5] * 4, [0, 0, 1, 1], [0.1, 0.9, 0.12], [1, 0.99, 0.98], [0]]
)
def test_spread_labels_keep_their_distance_order_and_bounds(wanted):
    placed = labels.spread(wanted, gap=0.1, low=0.05, high=0.95)
    assert placed.min() >= 0.05 - 1e-9
    assert placed.max() <= 0.95 + 1e-9
    assert np.diff(np.sort(placed)).min(initial=1) >= 0.1 - 1e-9
    assert (np.argsort(placed, kind="stable") == np.argsort(wanted, kind="stable")).all()


def test_labels_with_enough_room_do_not_move():
    assert labels.spread([0.2, 0.8, 0.5], 0.1, 0, 1).tolist() == [0.2, 0.8, 0.5]


def test_labels_move_as_little_as_possible():
    assert labels.spread([0.5, 0.52], 0.1, 0, 1) == pytest.approx([0.46, 0.56])
