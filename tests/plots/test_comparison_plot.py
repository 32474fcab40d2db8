"""The comparison as a dot plot."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import dot_plot, style
from tests.results.test_comparison import RUNS as COMPARED
from tests.results.test_comparison import run as fair
from tests.support.plots import figure_of
from tests.support.texts import inside, overlapping, texts_in


def marks(ax: Axes, kind: str) -> list[tuple[list[float], float]]:
    """Across and height of: the "mean" of each row, its "interval", its "seeds"."""
    sizes = {"mean": dot_plot.MEAN, "interval": dot_plot.ENDS, "seeds": dot_plot.SEED}
    lines = [line for line in ax.lines if line.get_markersize() == sizes[kind]]
    return [(list(line.get_xdata()), line.get_ydata()[0]) for line in lines]


@pytest.mark.parametrize("measure", ["average", "forgetting", "learned", "backward_transfer"])
def test_the_comparison_has_a_row_for_each_method_as_in_the_table(measure):
    found = me.compare(COMPARED)
    ax = plots.comparison(found, measure=measure)
    ticks = [text.get_text().split("\n")[0] for text in ax.get_yticklabels()]
    assert ticks == [row.label for row in found.rows]
    assert ax.yaxis_inverted()
    for y, row in enumerate(found.rows):
        mean, low, high = getattr(row, measure)
        assert marks(ax, "mean")[y] == ([mean], y)
        assert marks(ax, "interval")[y] == ([low, high], y)
        assert marks(ax, "seeds")[y] == (row.values(measure), y)
        assert ax.texts[y].get_text() == f"{100 * mean:.1f} %"
    assert measure.replace("_", " ") in ax.get_xlabel()


def test_the_cost_panel_has_the_same_rows():
    ax = plots.comparison(COMPARED)
    cost = figure_of(ax).axes[-1]
    figure_of(ax).draw_without_rendering()
    assert cost.get_xlabel() == "seconds of one run"
    assert marks(cost, "mean") == [([2.0], y) for y in range(3)]
    assert marks(cost, "seeds") == [([1.0, 2.0, 3.0], y) for y in range(3)]
    assert [text.get_text() for text in cost.texts] == ["2 s"] * 3
    assert cost.get_xlim()[0] == 0
    assert cost.get_ylim() == ax.get_ylim()
    assert cost.get_position().x0 > ax.get_position().x1
    assert (cost.get_position().y0, cost.get_position().y1) == pytest.approx(
        (ax.get_position().y0, ax.get_position().y1)
    )


def test_one_seed_has_no_interval_and_says_so():
    ax = plots.comparison([fair(), fair("L2()")])
    assert len(marks(ax, "mean")) == 2
    assert not marks(ax, "interval")
    assert not marks(ax, "seeds")
    assert ax.get_title(loc="left") == "rotated digits: one seed, no interval"


def test_a_method_that_rehearses_is_grey_and_open():
    ax = plots.comparison(COMPARED)
    joint, mas, _ = [line for line in ax.lines if line.get_markersize() == dot_plot.MEAN]
    assert (joint.get_color(), joint.get_markerfacecolor()) == (style.GREY, "white")
    assert mas.get_markerfacecolor() == mas.get_color() != style.GREY
    assert ax.get_yticklabels()[0].get_text() == "Joint\nsees old data again"


@pytest.mark.slow
@pytest.mark.parametrize("methods", [1, 2, 10, 25])
@pytest.mark.parametrize("place", ["new", "grid", "free"])
def test_numbers_and_names_of_a_comparison_do_not_overlap(methods, place):
    long = "Own(setting=1.0, other=2.0, third='x')"
    runs = [
        fair(f"M{k}()" if k else long, seed, 0.4 + k / 100 + seed / 50, seconds=k / 3 + seed)
        for k in range(methods)
        for seed in range(3)
    ]
    ax = None
    if place != "new":
        free = place == "free"
        figure = Figure(figsize=(9, 2 + methods / 2), layout=None if free else "constrained")
        ax = figure.add_axes((0.3, 0.2, 0.65, 0.7)) if free else figure.add_subplot()
    ax = plots.comparison(runs, ax)
    written = texts_in(ax)
    assert not overlapping([*ax.texts, *figure_of(ax).axes[-1].texts, *ax.get_yticklabels()])
    assert inside(ax, [text for text in written if text not in ax.get_yticklabels()])


def test_intervals_beyond_what_is_possible_are_cut_at_the_frame():
    ax = plots.comparison([fair(seed=0, end=0.0), fair(seed=1, end=1.0)])
    (interval,) = marks(ax, "interval")
    assert interval[0][0] < 0 < 1 < interval[0][1]
    assert ax.get_xlim() == pytest.approx((-0.02, 1.02))


def test_costs_of_runs_trained_differently_are_called_a_hint():
    runs = [fair(), fair("L2()", side_by_side=4)]
    assert "hint" in figure_of(plots.comparison(runs)).axes[-1].get_xlabel()


def test_an_unfair_comparison_is_refused():
    with pytest.raises(ValueError, match="lacks seed 1"):
        plots.comparison([fair(), fair(seed=1), fair("L2()")])
    with pytest.raises(ValueError, match=r"measure: expected one of average, .* did you mean"):
        plots.comparison([fair()], measure="averge")
