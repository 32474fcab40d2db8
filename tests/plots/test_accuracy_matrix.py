"""The accuracy matrix."""

from __future__ import annotations

import numpy as np
import pytest

import mas_edu as me
from mas_edu import plots
from tests.support.plots import PER_TASK, figure_of, luminance, run
from tests.support.texts import overlapping, texts_in


@pytest.mark.parametrize(
    ("tasks", "left_out"), [(1, 0), (1, 1), (2, 0), (2, 1), (5, 1), (10, 0), (10, 10)]
)
def test_the_matrix_shows_finished_rows_up_to_the_diagonal_in_percent(tasks, left_out):
    finished = max(tasks - left_out, 0)
    record = run(tasks, measured=finished * PER_TASK + 1)
    ax = plots.accuracy_matrix(record)
    cells = [(i, j) for i in range(finished) for j in range(i + 1)]
    assert [text.get_text() for text in ax.texts] == [
        f"{100 * record.accuracy[i, j]:.0f} %" for i, j in cells
    ]
    assert [text.get_position() for text in ax.texts] == [(j + 0.5, i + 0.5) for i, j in cells]
    shown = ax.collections[0].get_array()
    assert np.array_equal(~np.ma.getmaskarray(shown), np.tril(np.ones((tasks, tasks)))
                          * (np.arange(tasks) < finished)[:, None] == 1)  # fmt: skip
    assert np.array_equal(shown.compressed(), [record.accuracy[cell] for cell in cells])
    assert not overlapping(texts_in(ax))


def test_the_matrix_labels_rows_columns_and_colours():
    ax = plots.accuracy_matrix(run(3))
    texts_in(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("accuracy on task j", "after learning task i")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1: 0°", "2: 20°", "3: 40°"]
    bar = ax.collections[0].colorbar
    assert (ax.collections[0].norm.vmin, ax.collections[0].norm.vmax) == (0, 1)
    assert [text.get_text() for text in bar.ax.get_yticklabels()][::5] == ["0 %", "100 %"]
    assert bar.ax.get_ylabel() == "accuracy on the test part"


def test_the_first_row_is_on_top():
    low, high = plots.accuracy_matrix(run(3)).get_ylim()
    assert low > high


def test_numbers_in_the_matrix_can_be_read_on_their_colour():
    record = me.Record(np.linspace(0, 1, 100).reshape(10, 10))
    ax = plots.accuracy_matrix(record)
    figure_of(ax).draw_without_rendering()
    mesh = ax.collections[0]
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        cell = luminance(mesh.cmap(mesh.norm(record.accuracy[row, column])))
        light, dark = sorted([cell, luminance(text.get_color())], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_matrix_refuses_a_list():
    with pytest.raises(ValueError, match=r"record: expected a Record, got list"):
        plots.accuracy_matrix([run(2)])
