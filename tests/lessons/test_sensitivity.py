"""Lesson 02: the path is exact, Ω is the library's, and the picture shows what was computed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.patches import Ellipse, Rectangle

import mas_edu as me
from mas_edu.lessons import sensitivity as lesson02

LAMS = [0.0, 0.05, 0.5, 20.0]


@pytest.fixture(scope="module")
def two():
    return lesson02.valleys()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_four_losses(seed):
    two = lesson02.valleys(seed=seed)
    places = (two.theta_b, two.best(np.ones(2)), two.best(two.omega), two.joint)
    losses = [float(two.both(theta)) for theta in places]
    assert np.round(losses, 2).tolist() == [1.56, 0.49, 0.33, 0.32]


def test_the_losses_are_mean_squared_errors_of_the_inputs(two):
    x, theta = lesson02.inputs(), np.array([0.7, -0.4])
    error = x @ theta - x @ lesson02.THETA_A
    assert two.loss_a(theta) == pytest.approx((error**2).mean())


@pytest.mark.parametrize("spread", [0.05, 0.15, 1.55])
def test_the_importance_is_the_librarys(spread):
    two, x = lesson02.valleys(spread), torch.tensor(lesson02.inputs(spread))
    network = torch.nn.Linear(2, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        network.weight.copy_(torch.tensor(two.theta_a))
    np.testing.assert_allclose(me.mas(network, x)["weight"][0], two.omega)


@pytest.mark.parametrize("lam", LAMS)
def test_no_place_near_the_end_has_a_smaller_loss(two, lam):
    def loss(theta):
        penalty = (two.omega * (theta - two.theta_a) ** 2).sum()
        return two.loss_b(theta) + lam / 2 * penalty

    end = two.end(two.omega, lam)
    steps = 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    assert all(loss(end + step) > loss(end) for step in steps)


def test_joint_is_the_least_and_the_best_is_on_the_path(two):
    steps = 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    assert (two.both(two.joint + steps) > two.both(two.joint)).all()
    assert (two.both(two.path(two.omega)) >= two.both(two.best(two.omega))).all()
    np.testing.assert_allclose(two.path(two.omega)[[0, -1]], [two.theta_b, two.theta_a], atol=1e-2)


def test_where_the_output_is_zero_nothing_is_protected():
    blind = lesson02.valleys(size=0)
    assert not blind.omega.any()
    np.testing.assert_array_equal(blind.end(blind.omega, 100), blind.theta_b)
    assert "MAS protects nothing" in lesson02.describe(blind)
    l2, mas = lesson02.draw(blind).axes[::2]
    assert len(mas.patches) == len(l2.patches) - 2  # the two rings of the bowl


@pytest.mark.parametrize("lam", LAMS)
def test_picture_and_sentence_show_what_was_computed(two, lam):
    axes = lesson02.draw(two, lam).axes
    said = lesson02.describe(two, lam)
    for plane, bar, omega in zip(axes[::2], axes[1::2], two.bowls.values(), strict=True):
        end = two.end(omega, lam)
        dots = [line for line in plane.lines if line.get_marker() == "o"]
        np.testing.assert_array_equal(np.ravel([dot.get_xydata() for dot in dots]), end)
        widths = [patch.get_width() for patch in bar.patches if isinstance(patch, Rectangle)]
        np.testing.assert_allclose(widths, [two.loss_a(end), two.loss_b(end)])
        total = f"{two.both(end):.2f}"
        assert any(text.get_text() == f"● {total}" for text in bar.texts)
        assert f"together {total}" in said


def test_every_ring_of_the_bowl_has_one_penalty(two):
    for plane, omega in zip(lesson02.draw(two).axes[::2], two.bowls.values(), strict=True):
        rings = [p for p in plane.patches if isinstance(p, Ellipse) and p.get_fill()]
        assert len(rings) == 2
        for ring in rings:
            along, across = omega * np.array([ring.width, ring.height]) ** 2
            assert along == pytest.approx(across)
