"""Ω as images: one for each hidden unit, or their mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import display
from tests.support.pictures import (
    OMEGA,
    STREAM,
    figure_of,
    overlapping,
    texts_in,
)


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


def test_images_of_several_tasks_can_share_their_scale():
    norm = plots.omega_units(torch.rand(4, 4), (1, 2, 2), vmin=0.0, vmax=5.0).images[0].norm
    assert (norm.vmin, norm.vmax) == (0, 5)


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


def stream(*inputs: torch.Tensor, shape: tuple[int, ...]) -> me.Stream:
    tasks = []
    for k, x in enumerate(inputs):
        y = torch.zeros(len(x), dtype=torch.long)
        tasks.append(me.Task(f"task {k}", x, y, x, y))
    return me.Stream("made up", tuple(tasks), 1, shape)


def scaled(x: torch.Tensor, everything: torch.Tensor) -> np.ndarray:
    return ((x - everything.min()) / (everything.max() - everything.min())).numpy()


def test_samples_are_a_row_for_each_task():
    x = [torch.rand(6, 4), torch.rand(6, 4)]
    ax = plots.task_samples(stream(*x, shape=(1, 2, 2)), per_task=3)
    everything = torch.cat([part[:3] for part in x])
    picture = ax.images[0].get_array()
    assert picture.shape == (5, 8)
    for row, part in enumerate(x):
        for k in range(3):
            tile = picture[3 * row : 3 * row + 2, 3 * k : 3 * k + 2]
            assert np.allclose(tile, scaled(part[k], everything).reshape(2, 2))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["task 0", "task 1"]


def test_colour_images_are_shown_in_colour():
    x = torch.rand(2, 3, 2, 2)
    picture = plots.task_samples(stream(x, shape=(3, 2, 2)), per_task=2).images[0].get_array()
    assert picture.shape == (2, 5, 3)
    assert np.allclose(picture[:, :2], scaled(x[0], x).transpose(1, 2, 0))


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 3), (2, 3)), ((1, 6), (1, 6)), ((2, 3, 1), (3, 1))]
)
def test_inputs_of_any_shape_can_be_shown(shape, size):
    x = torch.randn(2, 6)
    picture = plots.task_samples(stream(x, shape=shape), per_task=2).images[0].get_array()
    seen = x if len(shape) < 3 else x.reshape(2, 2, 3).mean(1)  # two channels: their mean, in grey
    shown = picture[: size[0], : size[1]]
    assert np.allclose(shown, scaled(seen[0], seen).reshape(size))


def test_inputs_that_are_no_images_are_a_table_each_column_in_its_own_range():
    x = torch.tensor([[[0.0, 500.0], [1.0, 700.0]], [[3.0, 500.0], [4.0, 900.0]]])
    ax = plots.task_samples(stream(*x, shape=(2,)), per_task=8)
    table = ax.images[0].get_array()
    assert np.allclose(table[:2], [[0, 0], [0.25, 0.5]])
    assert np.ma.getmaskarray(table)[2].all(), "a gap between the tasks"
    assert np.allclose(table[3:], [[0.75, 0], [1, 1]])
    assert list(ax.get_yticks()) == [0.5, 3.5]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["task 0", "task 1"]
    assert "number of the input" in ax.get_xlabel()
    display.figure_png(figure_of(plots.task_samples(stream(torch.ones(3, 1), shape=(1,)))))


def test_a_task_with_fewer_samples_leaves_blanks():
    long, short = torch.rand(5, 4), torch.rand(2, 4)
    picture = plots.task_samples(stream(long, short, shape=(1, 2, 2)), per_task=4).images[0]
    assert np.ma.getmaskarray(picture.get_array())[3:, 6:].all()


def test_samples_that_are_all_alike_or_whole_numbers_can_be_shown():
    x = torch.full((3, 4), 7)
    display.figure_png(figure_of(plots.task_samples(stream(x, shape=(1, 2, 2)))))


def test_bad_arguments_of_samples_are_named():
    with pytest.raises(ValueError, match="per_task: expected a whole number of at least 1, got 0"):
        plots.task_samples(STREAM, per_task=0)
    with pytest.raises(ValueError, match="stream: expected a Stream, such as"):
        plots.task_samples(torch.rand(3, 4))
