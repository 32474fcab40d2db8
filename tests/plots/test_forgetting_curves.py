"""Forgetting curves."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import display, style
from mas_edu.results.curves import task_ends
from tests.support.plots import PER_TASK, curve_lines, figure_of, run
from tests.support.texts import extents, inside, overlapping, texts_in

one_axes = partial(plots.forgetting_curves, panels=False)


@pytest.mark.parametrize("tasks", [1, 2, 5, 10])
def test_curves_show_the_recorded_accuracies(tasks):
    record = run(tasks)
    ax = one_axes([record])
    for j in range(tasks):
        thin, bold = curve_lines(ax, j)
        assert np.array_equal(thin.get_xdata(), record.steps)
        assert np.array_equal(thin.get_ydata(), record.curve[:, j])
        assert np.array_equal(bold.get_xdata(), record.steps[j * PER_TASK :])
        assert np.array_equal(bold.get_ydata(), record.curve[j * PER_TASK :, j])
        assert bold.get_linewidth() > thin.get_linewidth()


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [2, 10])
@pytest.mark.parametrize("name", ["{}°", "permutation {}"])
@pytest.mark.parametrize("end", [0.0, 0.5, 1.0])
def test_task_names_at_the_line_ends_do_not_overlap(tasks, name, end):
    record = run(tasks)
    curve = record.curve.copy()
    curve[-1] = end  # the worst case: all lines end in one point
    names = [name.format(j) for j in range(tasks)]
    ax = one_axes([dataclasses.replace(record, curve=curve, names=names)])
    texts = texts_in(ax)
    assert [text.get_text() for text in ax.texts] == names
    assert not overlapping(texts)
    assert inside(ax, texts)
    ends = [ax.transData.transform((record.steps[-1], end))[0]] * tasks
    assert all(0 < box.x0 - x < 40 for box, x in zip(extents(ax.texts), ends, strict=True))


@pytest.mark.parametrize("size", [(4, 3), (7, 3.6), (12, 6)])
def test_task_names_do_not_overlap_in_axes_of_any_size(size):
    ax = Figure(size).add_subplot()
    one_axes([run(8)], ax)
    texts_in(ax)
    assert not overlapping(ax.texts)


@pytest.mark.slow
@pytest.mark.parametrize("measured", [1, 5, 6, 26])
def test_an_unfinished_run_can_be_drawn(measured):
    record, whole = run(5, measured), run(5, seed=1)
    ax = one_axes([record, whole])
    for j in range(5):
        thin, bold = curve_lines(ax, j)
        assert np.array_equal(thin.get_ydata(), record.curve[:, j])
        assert len(bold.get_xdata()) == max(measured - j * PER_TASK, 0)
    assert not overlapping(texts_in(ax))
    assert ax.get_window_extent().width > 0.8 * figure_of(ax).bbox.width


def test_the_axes_do_not_jump_while_the_lines_grow():
    frames = [one_axes([run(5, measured)]) for measured in (2, 13, 26)]
    for ax in frames:
        texts_in(ax)
    assert len({ax.get_xlim() for ax in frames}) == 1
    assert len({ax.get_window_extent().bounds for ax in frames}) == 1


def boundary_marks(ax: Axes) -> list[float]:
    return [float(line.get_xdata()[0]) for line in ax.lines if line.get_linestyle() == ":"]


@pytest.mark.parametrize("tasks", [1, 3, 10])
@pytest.mark.parametrize("updates", [True, False])
def test_task_boundaries_are_marked_known_or_derived(tasks, updates):
    ax = one_axes([run(tasks, updates=updates)])
    assert boundary_marks(ax) == [7 * PER_TASK * (i + 1) for i in range(tasks)]


def test_boundaries_of_unequal_tasks_come_from_the_settings():
    record = run(3)
    settings = record.settings | {"updates": [14, 21, 70]}
    assert task_ends(dataclasses.replace(record, settings=settings)).tolist() == [
        14, 35, 105,
    ]  # fmt: skip


def test_boundaries_of_an_unfinished_run_without_settings_are_those_of_finished_tasks():
    assert task_ends(run(4, measured=13, updates=False)).tolist() == [35, 70]
    assert task_ends(run(4, measured=3, updates=False)).tolist() == []


def test_names_of_tasks_not_yet_learned_are_grey():
    ax = one_axes([run(4, measured=8)])
    greys = [text.get_color() == style.GREY for text in ax.texts]
    assert greys == [False, False, True, True]


def test_a_record_made_by_hand_is_drawn_over_tasks_learned():
    record = me.Record([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.5, 0.6, 0.9]])
    ax = one_axes([record])
    thin, bold = curve_lines(ax, 1)
    assert thin.get_xdata().tolist() == [1, 2, 3]
    assert thin.get_ydata().tolist() == record.accuracy[:, 1].tolist()
    assert bold.get_xdata().tolist() == [1, 2, 3]
    assert ax.get_xlabel() == "tasks learned"


def test_initial_accuracy_is_the_first_point_of_a_record_made_by_hand():
    record = me.Record([[0.9, 0.1], [0.6, 0.8]], initial=[0.1, 0.2])
    thin, bold = curve_lines(one_axes([record]), 1)
    assert thin.get_xdata().tolist() == [0, 1, 2]
    assert thin.get_ydata().tolist() == [0.2, 0.1, 0.8]
    assert bold.get_xdata().tolist() == [1, 2]


def test_an_empty_record_says_that_nothing_is_measured():
    ax = one_axes([me.Record(np.full((2, 2), np.nan))])
    assert [text.get_text() for text in ax.texts] == ["nothing measured yet"]


def test_a_reference_run_is_pale_and_in_the_legend():
    main, other = run(3), dataclasses.replace(run(3, seed=1), settings={"method": "FineTune()"})
    ax = one_axes([main, other])
    bold = [line for line in ax.lines if line.get_linewidth() > 1.5]
    assert [line.get_alpha() < 0.5 for line in bold] == [False] * 3 + [True] * 3
    assert np.array_equal(bold[3].get_ydata(), other.curve[:, 0])
    assert len(ax.texts) == 3
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["MAS, λ = 0.1", "Fine-tuning"]
    texts_in(ax)
    assert legend.get_window_extent().y0 > ax.get_window_extent().y1  # it hides no curve


def test_runs_with_and_without_a_curve_share_one_axis():
    by_hand = me.Record([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.5, 0.6, 0.9]])
    ax = one_axes([run(3), by_hand])
    assert ax.get_xlabel() == "tasks learned"
    assert ax.get_xlim()[0] >= 0
    assert max(max(line.get_xdata()) for line in ax.lines) == 3


def test_accuracy_runs_from_0_to_100_percent():
    ax = one_axes([run(2)])
    texts_in(ax)
    written = [text.get_text() for text in ax.get_yticklabels()]
    assert (written[0], written[-1]) == ("0 %", "100 %")


def test_names_with_a_dollar_sign_are_not_formulas():
    names = ["costs $5", "costs $x_", "$\\frac{"]
    record = dataclasses.replace(run(3), names=names)
    for ax in (one_axes([record]), plots.accuracy_matrix(record)):
        display.figure_png(figure_of(ax))
        assert all(not t.get_parse_math() for t in texts_in(ax) if "$" in t.get_text())


@pytest.mark.parametrize("draw", [plots.forgetting_curves, plots.frontier])
@pytest.mark.parametrize("records", [[], ()])
def test_no_records_is_an_error_that_says_how_to_get_one(draw, records):
    with pytest.raises(ValueError, match=r"records: .*empty list; make one with me\.learn"):
        draw(records)


@pytest.mark.parametrize("records", [[0.5], ["run"], [run(1), None], 7])
def test_other_things_than_records_are_refused(records):
    with pytest.raises(
        ValueError, match=r"records: expected a Record, got (float|str|NoneType|int)"
    ):
        one_axes(records)
