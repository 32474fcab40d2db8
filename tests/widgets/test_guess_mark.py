"""The mark of a guess: at its place, named, and its name apart from all other texts."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from mas_edu.plots import root_figure, white_figure
from mas_edu.widgets import draw_guess, guess_mark, label_guess
from tests.support.texts import extents, outside, overlapping, texts_in

SIZE = (600, 300)


@pytest.fixture
def ax() -> Axes:
    ax = white_figure(SIZE).add_axes((0.15, 0.2, 0.7, 0.6))
    ax.set(xlim=(0, 10), ylim=(0, 1))
    return ax


def mark(ax):
    return next(line for line in ax.lines if line.get_label() == "your guess")


def name(ax):
    return next(text for text in texts_in(ax) if text.get_text().startswith("your guess"))


def test_a_height_is_a_line_from_side_to_side(ax):
    draw_guess(ax, 40.0, y=0.4)
    assert set(mark(ax).get_ydata()) == {0.4}
    assert mark(ax).get_window_extent().width == pytest.approx(ax.bbox.width, abs=2)
    assert name(ax).get_text() == "your guess 40 %"


def test_a_place_across_is_a_line_from_top_to_bottom(ax):
    draw_guess(ax, 4, x=4.0, words="your guess 4")
    assert set(mark(ax).get_xdata()) == {4.0}
    assert mark(ax).get_window_extent().height == pytest.approx(ax.bbox.height, abs=2)
    assert name(ax).get_text() == "your guess 4"


def test_a_place_and_a_height_are_a_point(ax):
    draw_guess(ax, 4, x=4.0, y=0.5)
    assert mark(ax).get_xydata().tolist() == [[4.0, 0.5]]


@pytest.mark.parametrize("axis", "xy")
def test_a_negative_place_is_marked_where_it_is(ax, axis):
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    draw_guess(ax, -0.5, **{axis: -0.5})
    assert set(getattr(mark(ax), f"get_{axis}data")()) == {-0.5}


@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_the_name_stands_beside_its_line(ax, y):
    draw_guess(ax, 40, y=y)
    (box,) = extents([name(ax)])
    height = ax.transData.transform((0, y))[1]
    assert min(abs(box.y0 - height), abs(box.y1 - height)) < 10


@pytest.mark.parametrize(
    ("place", "inverted", "arrow", "shown"),
    [
        ({"y": 1.7}, "", "↑", 1.0),
        ({"y": -0.3}, "", "↓", 0.0),
        ({"y": 1.7}, "y", "↓", 1.0),
        ({"x": 11}, "", "→", 10.0),
        ({"x": -1}, "x", "→", 0.0),
        ({"x": -1}, "", "←", 0.0),
    ],
)
def test_a_guess_beyond_the_axes_is_marked_at_their_edge(ax, place, inverted, arrow, shown):
    for axis in inverted:
        getattr(ax, f"invert_{axis}axis")()
    limits = ax.get_xlim(), ax.get_ylim()
    draw_guess(ax, 170, **place)
    values = mark(ax).get_ydata() if "y" in place else mark(ax).get_xdata()
    assert set(values) == {shown}
    assert name(ax).get_text() == f"your guess 170 % {arrow}"
    assert (ax.get_xlim(), ax.get_ylim()) == limits


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("place", [{"y": 0.4}, {"x": 3.0}, {"x": 3.0, "y": 0.4}])
def test_the_name_keeps_clear_of_texts_and_the_page_s_edge(ax, seed, place):
    numbers = np.random.default_rng(seed)
    for x, y in numbers.random((10, 2)):
        ax.text(9 * x, y, "17 %", fontsize=11)
    draw_guess(ax, 40, **place)
    texts = texts_in(ax)
    assert outside(root_figure(ax), texts) == []
    assert [pair for pair in overlapping(texts) if "your guess 40 %" in pair] == []


def test_the_name_stands_at_the_right_end_unless_something_is_drawn_there(ax):
    draw_guess(ax, 40, y=0.2)
    (right,) = extents([name(ax)])
    assert right.x1 > ax.bbox.x1 - 10
    name(ax).remove()
    ax.plot([4, 10], [0.5, 0.5], linewidth=120, solid_capstyle="butt")
    draw_guess(ax, 40, y=0.5)
    (left,) = extents([name(ax)])
    assert left.x1 < ax.transData.transform((4, 0))[0]


def test_what_is_drawn_in_another_way_gets_its_name_alone(ax):
    label_guess(ax, "both alike", (5, 0.5))
    assert name(ax).get_text() == "your guess: both alike"
    assert len(ax.lines) == 0


def test_the_mark_and_its_name_stand_out_from_white():
    from mas_edu.plots.style import luminance

    assert 1.05 / (luminance(guess_mark.GUESS_COLOUR) + 0.05) > 4.5
