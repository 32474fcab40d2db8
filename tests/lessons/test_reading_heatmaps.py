"""Lesson 07: the maps are the library's Ω, and the picture shows what was computed."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
import torch
from matplotlib.colors import LogNorm

import mas_edu as me
from mas_edu.lessons import reading_heatmaps as lesson07
from mas_edu.lessons.reading_heatmaps import drawing, experiment, matrices
from mas_edu.lessons.reading_heatmaps.experiment import BESIDE, LAYER, VIEWS, Maps
from tests.support.texts import check_lesson_texts

SOURCES = ("trained", *BESIDE)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]


@pytest.fixture(scope="module")
def run():
    return lesson07.maps()


@pytest.fixture
def small():
    """Maps with known numbers: 64 units by 64 pixels, some of them 0, of four sizes."""
    omegas = {name: np.random.default_rng(k).random((64, 64)) for k, name in enumerate(SOURCES)}
    omegas["trained"][3] = 0
    omegas["untrained"] /= 50
    omegas["noise"] *= 3
    return Maps(omegas, np.linspace(0, 1, 64))


# ---- the experiment


def test_each_map_is_the_librarys(run):
    task = me.rotated("digits", tasks=1)[0]
    noise = torch.rand(task.x.shape, generator=torch.Generator().manual_seed(0))
    first, second = (
        me.fit(me.mlp([64, 64, 10], seed), task, lesson07.SCHEDULE, seed=seed) for seed in (0, 1)
    )
    expected = {
        "trained": me.mas(first, task.x),
        "untrained": me.mas(me.mlp([64, 64, 10], 0), task.x),
        "noise": me.mas(first, noise),
        "seed": me.mas(second, task.x),
    }
    for source, omega in expected.items():
        np.testing.assert_allclose(run.omegas[source], omega[LAYER].double(), rtol=1e-5)
    np.testing.assert_allclose(run.ink, task.x.double().mean(0).numpy())


def test_omega_of_the_first_layer_is_the_mean_of_delta_times_input(run):
    model, x = lesson07.network(0), me.rotated("digits", tasks=1)[0].x
    hidden = model.hidden1(x).detach().requires_grad_()
    (delta,) = torch.autograd.grad(model.output(hidden.relu()).square().sum(), hidden)
    expected = (delta.abs().T @ x / len(x)).double().numpy()
    np.testing.assert_allclose(run.omegas["untrained"], expected, rtol=1e-3, atol=1e-6)


def test_the_map_shows_the_ink_also_untrained_and_not_with_noise(run):
    assert run.with_ink("trained") > 0.98
    assert run.with_ink("untrained") > 0.98
    assert abs(run.with_ink("noise")) < 0.5
    assert run.alike("pixels", "untrained") > 0.98
    assert run.alike("units", "untrained") < 0.6
    assert run.alike("units", "seed") < 0.6


def test_a_view_averages_over_the_other_side(small):
    omega = small.omegas["noise"]
    np.testing.assert_allclose(small.view("pixels", "noise"), [c.mean() for c in omega.T])
    np.testing.assert_allclose(small.view("units", "noise"), [row.mean() for row in omega])
    np.testing.assert_array_equal(small.view("weights"), small.omegas["trained"])
    assert [small.alike(view, "trained") for view in VIEWS] == [1, 1, 1]


def test_correlation_is_pearsons():
    a, b = np.random.default_rng(0).random((2, 5, 7))
    assert lesson07.correlation(a, b) == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    assert lesson07.correlation(a, np.ones_like(a)) == 0


def test_each_network_is_trained_once(monkeypatch):
    fitted = []
    monkeypatch.setattr(me, "fit", lambda model, *_, seed: fitted.append(seed) or model)
    for name in ("_maps", "_trained"):  # what is made without training must not stay
        monkeypatch.setattr(experiment, name, cache(getattr(experiment, name).__wrapped__))
    assert lesson07.maps(905) is lesson07.maps(905)
    lesson07.maps(906)
    assert fitted == [905, 906, 907]


# ---- the picture


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("what", VIEWS)
def test_the_picture_has_the_numbers_of_both_maps(small, what, beside):
    left, _, right, *_ = lesson07.draw(small, beside, what).axes
    for ax, source in ((left, "trained"), (right, beside)):
        shown, omega = ax.images[0].get_array(), small.omegas[source]
        if what == "weights":
            for unit in (0, 7, 8, 63):
                top, at = 9 * (unit // 8), 9 * (unit % 8)
                image = shown[top : top + 8, at : at + 8]
                np.testing.assert_allclose(image, omega[unit].reshape(8, 8))
        else:
            mean = omega.mean(VIEWS[what])
            np.testing.assert_allclose(shown, mean.reshape(8, 8))


def test_each_scale_is_what_it_says(small):
    values = small.omegas["trained"]
    linear, log, rank = (
        lesson07.draw(small, "seed", "weights", scale).axes[0].images[0]
        for scale in ("linear", "log", "rank")
    )
    assert (linear.norm.vmin, linear.norm.vmax) == (0, values.max())
    assert isinstance(log.norm, LogNorm)
    assert log.norm.vmax == values.max()
    gaps = np.isnan(drawing.picture(values))
    masked = np.ma.getmaskarray(np.ma.masked_invalid(log.get_array()))
    np.testing.assert_array_equal(masked & ~gaps, drawing.picture(values) == 0)
    assert np.nanmax(rank.get_array()[:8, 27:35]) == 0  # unit 3, all zero
    assert np.nanmax(rank.get_array()) == 1 - 1 / values.size


@pytest.mark.parametrize("scale", drawing.SCALES)
def test_limits_are_shared_or_each_maps_own(small, scale):
    pictures = [small.view("units", source) for source in ("trained", "untrained")]
    for shared in (False, True):
        (one, norm), (two, other) = drawing.coloured(pictures, scale, shared)
        same = (norm.vmin, norm.vmax) == (other.vmin, other.vmax)
        if scale == "rank":  # the untrained map lies below all of the other that is not 0
            assert (two.max() > 0.9) != shared
            assert one.max() > 0.9
        else:
            assert same == shared
            assert norm.vmax == pictures[0].max()


def test_shared_limits_have_equal_colour_bars(small):
    small.omegas["untrained"][:, 5] /= 1e5  # below what a log scale shows
    for shared, ends in ((True, ["min", "min"]), (False, ["neither", "min"])):
        axes = lesson07.draw(small, "untrained", "pixels", "log", shared).axes
        assert [axes[k].images[0].colorbar.extend for k in (0, 2)] == ends


def test_a_map_of_zeros_is_drawn(small):
    for omega in small.omegas.values():
        omega[:] = 0
    for scale in drawing.SCALES:
        lesson07.draw(small, "noise", "weights", scale)
    assert "correlation 0.00" in lesson07.describe(small)


def test_the_ink_and_all_correlations_are_drawn(small):
    figure = lesson07.draw(small, "noise", "units")
    *_, ink, bars = figure.axes
    np.testing.assert_array_equal(ink.images[0].get_array().ravel(), small.ink)
    expected = [small.with_ink("trained"), small.with_ink("noise")]
    expected += [small.alike(view, "noise") for view in VIEWS]
    assert [bar.get_width() for bar in bars.patches] == expected
    assert [bar.get_hatch() for bar in bars.patches].index("//") == 3
    texts = [text.get_text() for text in bars.texts]
    assert all(drawing.number(value) in texts for value in expected)
    assert figure.texts[0].get_text() == drawing.number(small.alike("units", "noise"))


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("what", VIEWS)
def test_nothing_is_cut_off_or_overlaps(run, what, beside):
    for scale, shared in zip(drawing.SCALES, itertools.cycle([False, True])):
        figure = lesson07.draw(run, beside, what, scale, shared)
        check_lesson_texts(figure, drawing.SIZE)


@pytest.mark.parametrize("beside", BESIDE)
def test_the_sentence_holds_the_numbers(small, beside):
    said = lesson07.describe(small, beside, "units", "log", True)
    assert BESIDE[beside] in said
    assert f"correlation {drawing.number(small.alike('units', beside))}" in said
    assert drawing.number(small.with_ink("trained")) in said
    assert drawing.number(small.with_ink(beside)) in said
    assert f"ΣΩ is {drawing.size(small.omegas['trained'].sum())} and" in said
    assert f"and {drawing.size(small.omegas[beside].sum())}. Colours" in said
    assert "log scale, shared limits" in said
    values = small.view("units")
    assert f"{100 * (values < values.max() / 10).mean():.0f} % of the cells" in said


def test_the_sentence_says_how_alike_the_maps_are(run):
    assert "nearly the same picture" in lesson07.describe(run, "untrained", "pixels")
    assert "have little in common" in lesson07.describe(run, "seed", "units")


# ---- the accuracy matrix


def test_both_matrices_have_the_numbers_and_one_is_fitted():
    record = me.Record(accuracy=[[0.99, 0.2, 0.2], [0.97, 1.0, 0.2], [0.98, 0.96, 0.98]])
    whole, fitted, *_ = lesson07.draw_matrices(record).axes
    for ax, limits in ((whole, (0, 1)), (fitted, (0.96, 1))):
        assert [text.get_text() for text in ax.texts] == [
            "99 %", "97 %", "100 %", "98 %", "96 %", "98 %"
        ]  # fmt: skip
        assert ax.collections[0].get_clim() == limits
    assert matrices.shown(record) == (0.96, 1)
    assert "96 % to 100 %" in lesson07.describe_matrices(record)
    colours = [text.get_color() for text in fitted.texts]
    assert (colours[2], colours[4]) == ("black", "white")  # on yellow, on dark blue


# ---- the figure


def test_the_figure_begins_with_the_given_settings(run):
    shown = lesson07.figure("noise", "units", "rank", True, blocking=True)
    assert shown.state is run
    assert shown.words == lesson07.describe(run, "noise", "units", "rank", True)
    shown.looks["beside"].value = "seed"
    assert shown.words == lesson07.describe(run, "seed", "units", "rank", True)
    assert "seed=0" in shown.call


def test_another_seed_has_other_maps(run):
    shown = lesson07.figure(seed=1, blocking=True)
    np.testing.assert_array_equal(shown.state.omegas["trained"], run.omegas["seed"])
    assert "maps(seed=1)" in shown.call
