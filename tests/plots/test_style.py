"""Colours, markers, line styles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.layout_engine import ConstrainedLayoutEngine

from mas_edu.plots import style
from tests.support.plots import luminance


def test_ten_lines_differ_in_colour_and_style_and_in_marker():
    looks = [
        (str(style.line_look(k)["color"]), str(style.line_look(k)["linestyle"])) for k in range(10)
    ]
    assert len(set(looks)) == 10
    assert len({style.marker_of(k) for k in range(10)}) == 10


@pytest.mark.parametrize("colour", [*style.COLOURS, style.GREY, style.INK])
def test_colours_are_dark_enough_for_text_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG 2.2, success criterion 1.4.3


# Machado, Oliveira and Fernandes 2009: what is left of linear RGB without one kind of cone
SIGHT = {
    "full": np.eye(3),
    "no red cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue cones": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("matrix", SIGHT.values(), ids=SIGHT)
def test_colours_stay_apart_for_every_kind_of_colour_vision(matrix):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]

    def lab(colour):
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.array(matrix) @ linear, 0, 1)
        x, y, z = np.cbrt(np.array(to_xyz) @ seen / [0.9505, 1, 1.089])
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    pairs = itertools.combinations(style.COLOURS, 2)
    assert min(np.linalg.norm(lab(one) - lab(two)) for one, two in pairs) > 20


def test_a_layout_is_made_again_only_where_something_changed(monkeypatch):
    made = []
    execute = ConstrainedLayoutEngine.execute
    monkeypatch.setattr(
        ConstrainedLayoutEngine, "execute", lambda *args: made.append(1) or execute(*args)
    )
    ax = style.white_figure((400, 300), "constrained").add_subplot()
    for change in (
        lambda: None,
        lambda: ax.set_ylabel("two\nlines"),
        lambda: ax.tick_params(labelsize=20),
        lambda: ax.set_xlim(0, 10_000),
        lambda: ax.annotate("beside", (1, 0.5), xycoords="axes fraction"),
        lambda: ax.figure.set_size_inches(5, 3),
    ):
        change()
        made.clear()
        style.run_layout(ax)
        style.run_layout(ax)
        assert len(made) == 1
        place = ax.get_position().bounds
        ax.figure.draw_without_rendering()
        assert ax.get_position().bounds == pytest.approx(place, abs=1e-3)
        ax.figure.stale = False
