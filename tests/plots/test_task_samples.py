"""Samples of the tasks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import display
from tests.support.plots import STREAM, figure_of


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


def test_inputs_that_are_no_images_are_a_table_with_scaled_columns():
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
