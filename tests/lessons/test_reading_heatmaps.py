"""Lesson 07: the maps are the library's Ω, and the picture shows what was computed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.colors import LogNorm

import mas_edu as me
from mas_edu.lessons import reading_heatmaps as lesson07
from mas_edu.lessons.reading_heatmaps import drawing, experiment
from mas_edu.lessons.reading_heatmaps.experiment import LAYER, SOURCES, Maps


@pytest.fixture(scope="module")
def run():
    return lesson07.maps()


@pytest.fixture
def small():
    """Maps with known numbers: 64 units by 64 pixels, some of them 0."""
    omegas = {name: np.random.default_rng(k).random((64, 64)) for k, name in enumerate(SOURCES)}
    omegas["trained"][3] = 0
    return Maps(omegas, np.linspace(0, 1, 64))


def test_the_trained_map_is_the_librarys(run):
    task = me.rotated("digits", tasks=1)[0]
    model = me.fit(me.mlp([64, 64, 10], 0), task, lesson07.SCHEDULE, seed=0)
    expected = me.mas(model, task.x)[LAYER].double().numpy()
    np.testing.assert_allclose(run.omegas["trained"], expected, rtol=1e-6)
    np.testing.assert_allclose(run.ink, task.x.double().mean(0).numpy())


def test_omega_of_the_first_layer_is_the_mean_of_delta_times_input(run):
    model, x = me.mlp([64, 64, 10], 0), me.rotated("digits", tasks=1)[0].x
    hidden = model.hidden1(x).detach().requires_grad_()
    (delta,) = torch.autograd.grad(model.output(hidden.relu()).square().sum(), hidden)
    expected = (delta.abs().T @ x / len(x)).double().numpy()
    np.testing.assert_allclose(run.omegas["untrained"], expected, rtol=1e-3, atol=1e-6)


def test_the_map_shows_the_ink_also_untrained_and_not_with_noise(run):
    assert run.likeness_to_ink("trained") > 0.98
    assert run.likeness_to_ink("untrained") > 0.98
    assert abs(run.likeness_to_ink("noise")) < 0.5
    assert run.likeness_of_units("trained") == 1
    assert run.likeness_of_units("untrained") < 0.6


def test_correlation_is_pearsons():
    a, b = np.random.default_rng(0).random((2, 5, 7))
    assert lesson07.correlation(a, b) == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    assert lesson07.correlation(a, np.ones_like(a)) == 0


def test_maps_are_made_once(monkeypatch):
    made = []
    monkeypatch.setattr(experiment, "FINISHED", {})
    monkeypatch.setattr(experiment, "_compute", lambda seed: made.append(seed) or object())
    assert lesson07.maps(5) is lesson07.maps(5)
    assert made == [5]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("what", drawing.WHAT)
def test_the_picture_has_the_numbers_of_the_map(small, what, source):
    shown = lesson07.draw(small, what, "linear", source).axes[0].images[0].get_array()
    omega = small.omegas[source]
    if what == "pixels":
        np.testing.assert_allclose(shown, omega.mean(0).reshape(8, 8))
    elif what == "weights":
        np.testing.assert_allclose(shown, omega)
    else:
        for unit in (0, 7, 8, 63):
            top, left = 9 * (unit // 8), 9 * (unit % 8)
            image = shown[top : top + 8, left : left + 8]
            np.testing.assert_allclose(image, omega[unit].reshape(8, 8))


def test_each_scale_is_what_it_says(small):
    values = small.omegas["trained"]
    linear, log, rank = (
        lesson07.draw(small, "weights", scale).axes[0].images[0]
        for scale in ("linear", "log", "rank")
    )
    assert (linear.norm.vmin, linear.norm.vmax) == (0, values.max())
    assert isinstance(log.norm, LogNorm)
    np.testing.assert_array_equal(np.ma.getmaskarray(log.get_array()), values == 0)
    assert rank.get_array()[3].max() == 0
    assert rank.get_array().max() == 1 - 1 / values.size


def test_the_mean_image_and_both_correlations_are_drawn(small):
    figure = lesson07.draw(small, source="noise")
    _, _, ink, dots = figure.axes
    np.testing.assert_array_equal(ink.images[0].get_array().ravel(), small.ink)
    points = [line.get_xdata()[0] for line in dots.lines[:6]]
    assert points == [
        *(small.likeness_to_ink(name) for name in SOURCES),
        *(small.likeness_of_units(name) for name in SOURCES),
    ]
    assert figure.texts[1].get_text() == f"{small.likeness_to_ink('noise'):.2f}"


@pytest.mark.parametrize("source", SOURCES)
def test_the_sentence_holds_the_numbers(small, source):
    said, omega = lesson07.describe(small, "units", "log", source), small.omegas[source]
    assert f"correlation {small.likeness_to_ink(source):.2f} with the mean image" in said
    assert "Shown are units on a log scale" in said
    dark = omega < omega.max() / 10
    assert f"{100 * dark.mean():.0f} % of the weights" in said
    assert f"{omega.sum():.4g}" in said
