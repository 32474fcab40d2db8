"""The distribution of Ω."""

from __future__ import annotations

import pytest
import torch

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import display
from tests.support.plots import OMEGA, figure_of


def test_the_distribution_has_a_body_for_each_weight_and_says_the_share_of_zeros():
    ax = plots.omega_distribution(OMEGA)
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "hidden.weight\n25 % exactly 0",
        "hidden.bias\n0 % exactly 0",
        "dead\n100 % exactly 0",
    ]
    assert ax.get_xscale() == "log"
    assert len(ax.collections) == 2  # nothing to draw for the dead weight


@pytest.mark.parametrize("count", [101, 50_000])
def test_the_bodies_span_the_positive_values_and_mark_their_quartiles(count):
    values = torch.logspace(-3, 2, count)
    ax = plots.omega_distribution({"w": torch.cat([values, torch.zeros(50)])})
    body = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert (body.min(), body.max()) == pytest.approx((1e-3, 1e2), rel=1e-3)
    quartiles = sorted(float(line.get_xdata()[0]) for line in ax.lines)
    assert quartiles == pytest.approx([10**-1.75, 10**-0.5, 10**0.75], rel=1e-2)


def test_the_distribution_of_a_convolution_and_of_a_single_number():
    model = me.cnn((1, 8, 8), 10, channels=(4,))
    omega = me.mas(model, torch.rand(5, 64))
    assert len(plots.omega_distribution(omega).get_yticklabels()) == len(omega)
    display.figure_png(figure_of(plots.omega_distribution({"scale": torch.tensor([2.0])})))
