"""Ω of the first layer as images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

from mas_edu import plots
from tests.support.texts import overlapping, texts_in


def tiles(ax: Axes, height: int, width: int, count: int) -> list[np.ndarray]:
    """The small images of a mosaic in reading order: what stands between the gaps."""
    image = ax.images[0]
    seen = image.get_alpha() > 0
    rows = np.flatnonzero(seen.any(1) & ~np.roll(seen.any(1), 1) | (np.arange(len(seen)) == 0))
    across = np.arange(seen.shape[1])
    columns = np.flatnonzero(seen.any(0) & ~np.roll(seen.any(0), 1) | (across == 0))
    found = [image.get_array()[r : r + height, c : c + width] for r in rows for c in columns]
    return found[:count]


@pytest.mark.parametrize("units", [1, 2, 7, 12, 128])
def test_each_hidden_unit_is_one_small_image(units):
    omega = torch.rand(units, 20)
    shown = tiles(plots.omega_units(omega, (1, 4, 5)), 4, 5, units)
    assert np.allclose(np.stack(shown), omega.reshape(units, 4, 5).numpy())


def test_between_small_images_there_are_gaps():
    ax = plots.omega_units(torch.ones(4, 16), (1, 4, 4))
    alpha = ax.images[0].get_alpha()
    assert alpha.sum() == 4 * 16
    assert alpha.size > 4 * 16


def test_rows_of_the_mosaic_are_numbered_by_their_first_unit():
    ax = plots.omega_units(torch.rand(128, 64), (1, 8, 8))
    assert [text.get_text() for text in ax.get_yticklabels()] == [str(16 * k) for k in range(8)]
    ax = plots.omega_units(torch.rand(2000, 16), (1, 4, 4))
    assert not overlapping(text for text in texts_in(ax) if text.get_text().isdigit())


def test_the_mean_image_is_the_mean_over_units():
    omega = torch.rand(6, 12)
    ax = plots.omega_image(omega, (1, 3, 4))
    assert np.allclose(ax.images[0].get_array(), omega.mean(0).reshape(3, 4).numpy())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pixel column", "pixel row")


def test_colour_channels_are_summed():
    omega = torch.rand(6, 3 * 2 * 4)
    summed = omega.reshape(6, 3, 2, 4).sum(1)
    assert np.allclose(np.stack(tiles(plots.omega_units(omega, (3, 2, 4)), 2, 4, 6)), summed)
    assert np.allclose(plots.omega_image(omega, (3, 2, 4)).images[0].get_array(), summed.mean(0))


def test_kernels_of_a_first_convolution_are_images_too():
    omega = torch.rand(6, 1, 3, 3)
    assert np.allclose(np.stack(tiles(plots.omega_units(omega, (1, 3, 3)), 3, 3, 6)), omega[:, 0])


def test_inputs_that_are_no_images_become_strips():
    omega = torch.rand(5, 8)
    image = plots.omega_image(omega, (8,)).images[0].get_array()
    assert np.allclose(image, omega.mean(0).numpy())
    assert image.shape[1] == 8


@pytest.mark.parametrize("draw", [plots.omega_units, plots.omega_image])
def test_a_shape_that_does_not_fit_is_an_error(draw):
    with pytest.raises(ValueError, match=r"shape: \(1, 8, 8\) stands for 64 inputs, .* has 10 for"):
        draw(torch.rand(3, 10), (1, 8, 8))


def test_images_of_several_tasks_can_share_their_limits():
    norm = plots.omega_units(torch.rand(4, 4), (1, 2, 2), vmin=0.0, vmax=5.0).images[0].norm
    assert (norm.vmin, norm.vmax) == (0, 5)
