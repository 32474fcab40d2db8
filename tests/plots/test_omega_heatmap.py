"""Ω as a heatmap, and the limits of its colours."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import display
from tests.support.plots import OMEGA, figure_of, run


def drawn(ax: Axes) -> np.ma.MaskedArray:
    return ax.collections[0].get_array()


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("shape", "rows"), [((4, 3), 4), ((4, 3, 2), 4), ((4, 3, 2, 2), 4), ((5,), 1), ((), 1)]
)
def test_the_heatmap_shows_omega_with_one_row_for_each_output(shape, rows, log):
    omega = torch.rand(shape) + 0.1
    ax = plots.omega_heatmap({"w": omega}, "w", log=log)
    assert np.allclose(drawn(ax), omega.reshape(rows, -1).numpy())
    assert not drawn(ax).mask.any()


def test_axes_of_the_heatmap_say_how_kernels_are_laid_out():
    ax = plots.omega_heatmap(torch.rand(4, 3, 2, 2))
    assert ax.get_xlabel() == "input channel × kernel, laid out flat: 3 × 2 × 2"
    assert ax.get_ylabel() == "output channel"
    ax = plots.omega_heatmap(torch.rand(4))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("output unit", "")


def test_rows_and_columns_are_numbered_as_in_the_tensor():
    ax = plots.omega_heatmap(torch.rand(30, 200))
    for ticks, written in (
        (ax.get_xticks(), ax.get_xticklabels()),
        (ax.get_yticks(), ax.get_yticklabels()),
    ):
        assert [float(text.get_text()) + 0.5 for text in written] == list(ticks)
    assert max(ax.get_xticks()) < 200


def test_the_colour_bar_has_the_unit():
    for log in (False, True):
        bar = plots.omega_heatmap(torch.rand(4, 3) + 0.1, log=log).collections[0].colorbar
        assert bar.ax.get_ylabel() == "Ω, output² per unit of weight"


def test_without_a_name_the_first_layer_is_shown_also_of_a_loaded_record(tmp_path):
    order = {"z.bias": torch.rand(3), "z.weight": torch.rand(3, 2), "a.weight": torch.rand(2, 3)}
    for attempt in range(5):  # the file format itself keeps no order
        folder = dataclasses.replace(run(), omegas=(order,)).save(tmp_path / str(attempt))
        ax = plots.omega_heatmap(me.Record.load(folder))
        assert ax.get_title(loc="left") == "Ω of z.weight (3 × 2)"


def test_zeros_on_a_log_scale_are_grey_and_the_bar_says_so():
    omega = torch.tensor([[0.0, 1.0], [10.0, 100.0]])
    ax = plots.omega_heatmap(omega, log=True)
    mesh = ax.collections[0]
    assert isinstance(mesh.norm, LogNorm)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (1, 100)
    assert mesh.colorbar.ax.get_ylabel().endswith("(grey: exactly 0)")
    figure_of(ax).draw_without_rendering()
    grey = mesh.get_facecolors()[0]
    assert np.ptp(grey[:3]) < 1e-6
    assert grey[3] == 1


@pytest.mark.slow
@pytest.mark.parametrize("log", [False, True])
def test_an_omega_of_zeros_can_be_drawn(log):
    omega = torch.zeros(4, 6)
    for ax in (
        plots.omega_heatmap(omega, log=log),
        plots.omega_units(omega, (1, 2, 3), log=log),
        plots.omega_image(omega, (1, 2, 3), log=log),
        plots.omega_distribution(omega),
    ):
        display.figure_png(figure_of(ax))


def test_a_log_scale_reaches_at_most_six_decades_and_the_bar_shows_that_there_is_more():
    ax = plots.omega_heatmap(torch.tensor([[1e-30, 1.0]]), log=True)
    assert ax.collections[0].norm.vmin == pytest.approx(1e-6)
    assert ax.collections[0].colorbar.extend == "min"


def test_shared_limits_fit_all_tasks():
    omegas = [{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 8.0])}]
    assert plots.limits(omegas, "w") == (0, 8)
    low, high = plots.limits(omegas, "w")
    norms = [
        plots.omega_heatmap(omega, "w", vmin=low, vmax=high).collections[0].norm for omega in omegas
    ]
    assert {(norm.vmin, norm.vmax) for norm in norms} == {(0, 8)}


def test_shared_log_limits_leave_zeros_out():
    omegas = [{"w": torch.tensor([0.0, 0.01])}, {"w": torch.tensor([1.0, 8.0])}]
    assert plots.limits(omegas, "w", log=True) == pytest.approx((0.01, 8))


def test_limits_of_a_record_are_those_of_all_its_omegas():
    omegas = ({"w": torch.tensor([1.0])}, {"w": torch.tensor([3.0])})
    assert plots.limits(dataclasses.replace(run(), omegas=omegas)) == (0, 3)


def test_an_unknown_weight_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"name: .*'hiden\.weight'; did you mean 'hidden\.weight'"):
        plots.omega_heatmap(OMEGA, "hiden.weight")


@pytest.mark.parametrize("draw", [plots.omega_heatmap, plots.omega_distribution])
def test_a_run_without_omega_is_an_error_that_says_why(draw):
    tuned = dataclasses.replace(run(), settings={"method": "FineTune()"})
    with pytest.raises(ValueError, match=r"record of FineTune holds no Ω: this method protects no"):
        draw(tuned)
    with pytest.raises(ValueError, match=r"omegas: expected Ω of at least one task, got none"):
        plots.limits(tuned)
    with pytest.raises(ValueError, match=r"omegas: .* FineTune keeps none"):
        plots.limits([])


@pytest.mark.parametrize(
    ("omega", "message"),
    [
        ({}, "omega: .* empty dict"),
        (np.ones(3), "omega: expected a tensor.* got ndarray"),
        ({"w": [1.0]}, r"omega\['w'\]: expected a tensor.* got list"),
        (torch.zeros(0, 3), r"omega: expected at least one number, got shape \(0, 3\)"),
        (torch.tensor([1.0, float("nan")]), "omega: expected finite numbers .* found 1 "),
        (torch.tensor([-1.0, -2.0]), "omega: .* of at least 0, .* found 2 "),
    ],
)
def test_other_things_than_omega_are_refused(omega, message):
    for draw in (plots.omega_heatmap, plots.omega_distribution):
        with pytest.raises(ValueError, match=message):
            draw(omega)


@pytest.mark.parametrize(
    ("limits", "log", "message"),
    [
        ({"vmin": 3.0, "vmax": 2.0}, False, "vmin < vmax, got 3 and 2"),
        ({"vmin": 0.0}, True, "0 < vmin < vmax, got 0 and 1"),
        ({"vmax": -1.0}, False, "vmin < vmax, got 0 and -1"),
        ({"vmax": float("nan")}, False, "vmin < vmax, got 0 and nan"),
    ],
)
def test_limits_that_cannot_be_used_are_refused(limits, log, message):
    with pytest.raises(ValueError, match=rf"vmin, vmax: expected {message}; me\.plots\.limits"):
        plots.omega_heatmap(torch.ones(2, 2), log=log, **limits)
