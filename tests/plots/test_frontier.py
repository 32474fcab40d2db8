"""The λ frontier."""

from __future__ import annotations

import pytest

import mas_edu as me
from mas_edu import plots
from mas_edu.results import frontier_points
from tests.support.plots import RUN, SWEEP, run
from tests.support.texts import extents, inside, overlapping, texts_in


def point(learned: float, forgetting: float, **settings: object) -> me.Record:
    return me.Record([[learned, 0], [learned - forgetting, learned]], settings=RUN | settings)


def test_the_frontier_has_a_point_for_each_lambda_in_order():
    runs = [point(0.7, 0.1, lam=1.0), point(0.9, 0.5, lam=0.0), point(0.8, 0.3, lam=0.1)]
    ax = plots.frontier(runs)
    line = ax.lines[0]
    assert line.get_xdata() == pytest.approx([0.5, 0.3, 0.1])
    assert line.get_ydata() == pytest.approx([0.9, 0.8, 0.7])
    assert [text.get_text() for text in ax.texts] == ["λ = 0", "λ = 0.1", "λ = 1"]


def test_seeds_are_one_point_with_bars_from_the_lowest_to_the_highest():
    runs = [point(0.7 + d, 0.1 + 2 * d, lam=1.0, seed=k) for k, d in enumerate([0, 0.02, 0.04])]
    ax = plots.frontier(runs)
    middle, across, upright = ax.lines
    assert (middle.get_xdata()[0], middle.get_ydata()[0]) == pytest.approx((0.14, 0.72))
    assert across.get_xdata() == pytest.approx([0.1, 0.18])
    assert upright.get_ydata() == pytest.approx([0.7, 0.74])
    assert ax.get_title(loc="right") == "bars: lowest to highest seed"


def test_a_run_that_is_there_twice_is_no_second_seed():
    runs = [point(0.7, 0.1, lam=1.0, seed=0), point(0.9, 0.5, lam=0.0, seed=0)]
    with pytest.raises(ValueError, match=r"^records: MAS, λ = 1, seed 0 is there twice"):
        plots.frontier([*runs, runs[0]])


def test_a_single_seed_has_no_bars():
    ax = plots.frontier([point(0.7, 0.1, lam=1.0)])
    assert len(ax.lines) == 1
    assert ax.get_title(loc="right") == ""


def test_methods_differ_in_marker_and_are_in_the_legend():
    ax = plots.frontier([*SWEEP, point(0.9, 0.6, method="FineTune()", lam=None)])
    found = {line.get_label(): line.get_marker() for line in ax.lines if line.get_label()[0] != "_"}
    assert list(found) == ["MAS", "L2", "Fine-tuning"]
    assert len(set(found.values())) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(found)
    assert "Fine-tuning" in [text.get_text() for text in ax.texts]


@pytest.mark.slow
def test_frontier_labels_do_not_overlap_each_other_or_the_points():
    crowd = [
        point(0.9 - k / 500, 0.3 - k / 300, lam=2.0**k, seed=0, method=method)
        for k in range(8)
        for method in ("MAS()", "L2()")
    ]
    for runs in (SWEEP, crowd):
        ax = plots.frontier(runs)
        texts_in(ax)
        assert not overlapping(ax.texts)
        assert inside(ax, ax.texts)
        ends = [ax.transData.transform(xy) for line in ax.lines for xy in line.get_xydata()]
        boxes = extents(ax.texts)
        assert not [xy for xy in ends for box in boxes if box.contains(*xy)]


def test_the_frontier_labels_its_axes_and_its_better_corner():
    ax = plots.frontier(SWEEP)
    assert ax.get_title(loc="left") == "↖ better"
    assert ax.get_xlabel().startswith("forgetting")
    assert ax.get_ylabel().startswith("learned")


def test_runs_that_are_not_complete_are_left_out_of_the_frontier():
    ax = plots.frontier([point(0.7, 0.1, lam=1.0), run(3, measured=7)])
    assert [text.get_text() for text in ax.texts] == ["λ = 1"]
    with pytest.raises(ValueError, match=r"records: .* learned all its tasks, found none"):
        plots.frontier([run(3, measured=7)])


def test_runs_on_different_streams_are_not_averaged():
    runs = [point(0.7, 0.1), point(0.9, 0.5, stream={"name": "permuted digits"})]
    assert list(frontier_points(runs)) == [
        "MAS on rotated digits",
        "MAS on permuted digits",
    ]
