"""Forgetting curves as small multiples: a panel a task, a colour a run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import captions, task_panels
from tests.support.plots import PER_TASK, run
from tests.support.texts import inside, overlapping, texts_in

PLAIN = {"method": "FineTune()", "stream": {"name": "rotated digits"}}


def method(name: str, lam: float | None, tasks: int = 3, seed: int = 1) -> me.Record:
    """A made-up run of a method."""
    made = run(tasks, seed=seed)
    return dataclasses.replace(made, settings=made.settings | {"method": f"{name}()", "lam": lam})


def curves(ax: Axes) -> list[Line2D]:
    """The lines of the runs, without the ends of the scale."""
    return [line for line in ax.lines if line.get_linewidth() >= 1.0]


def phases(ax: Axes) -> list[tuple[float, float]]:
    """Where each task is shaded, the first task first."""
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    boxes.sort(key=lambda box: -box.get_y())
    return [(box.get_x(), box.get_x() + box.get_width()) for box in boxes]


def numbers(ax: Axes) -> list[tuple[str, str]]:
    """Each number beside the panels, with its colour."""
    found = [text for text in ax.texts if text.get_text().endswith(" %")]
    ends = ("0 %", "100 %")
    return [(text.get_text(), text.get_color()) for text in found if text.get_text() not in ends]


@pytest.mark.parametrize("tasks", [1, 2, 5, 10])
def test_panels_show_the_recorded_accuracies(tasks):
    records = [run(tasks), method("EWC", 30.0, tasks)]
    lines = curves(plots.forgetting_curves(records, panels=True))
    assert len(lines) == 4 * tasks
    for j in range(tasks):
        for k, record in enumerate(records):
            thin, bold = lines[4 * j + 2 * k : 4 * j + 2 * k + 2]
            assert np.array_equal(thin.get_ydata(), record.curve[: j * PER_TASK + 1, j])
            assert np.array_equal(bold.get_xdata(), record.steps[j * PER_TASK :])
            assert np.array_equal(bold.get_ydata(), record.curve[j * PER_TASK :, j])
            assert bold.get_linewidth() > thin.get_linewidth()


def test_panels_lie_below_each_other_and_do_not_meet():
    ax = plots.forgetting_curves(run(5), panels=True)
    texts_in(ax)
    heights = [line.get_transform().transform([(0, 0), (0, 1)])[:, 1] for line in curves(ax)]
    for above, below in zip(heights[::2], heights[2::2], strict=False):
        assert below[0] < below[1] < above[0] < above[1]


@pytest.mark.parametrize("tasks", [2, 10])
def test_the_training_phase_of_each_task_is_shaded(tasks):
    turn = 7 * PER_TASK
    found = phases(plots.forgetting_curves(run(tasks), panels=True))
    assert found == [(j * turn, (j + 1) * turn) for j in range(tasks)]


def test_the_last_accuracies_stand_beside_in_the_colour_of_their_run():
    records = [run(3), method("EWC", 30.0)]
    ax = plots.forgetting_curves(records, panels=True)
    colours = [curves(ax)[2 * k].get_color() for k in range(2)]
    assert colours[0] != colours[1]
    assert numbers(ax) == [
        (plots.percent(record.curve[-1, j]), colour)
        for j in range(3)
        for record, colour in zip(records, colours, strict=True)
    ]


def test_a_task_not_yet_learned_has_no_number():
    record = run(4, measured=8)
    ax = plots.forgetting_curves(record, panels=True)
    assert [number for number, _ in numbers(ax)] == [plots.percent(a) for a in record.curve[-1, :2]]


@pytest.mark.parametrize("baseline", [None, method("SI", 1.0)])
def test_the_baseline_is_pale_fine_tuning_if_none_is_given(baseline):
    records = [run(3), method("EWC", 30.0)]
    pale = baseline or dataclasses.replace(run(3, seed=2), settings=PLAIN)
    given = [pale, *records] if baseline is None else records
    ax = plots.forgetting_curves(given, baseline=baseline)
    found = [line.get_color() for line in curves(ax)[:6:2]]
    assert found[2] == task_panels.PALE
    assert task_panels.PALE not in found[:2]
    assert np.array_equal(curves(ax)[5].get_ydata(), pale.curve[:, 0])
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["MAS, λ = 0.1", "EWC, λ = 30", "SI, λ = 1" if baseline else "Fine-tuning"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([run(6)], False),
        ([run(7)], True),
        ([run(2), run(2, seed=1)], True),
    ],
)
def test_one_run_of_few_tasks_is_drawn_on_one_axes(records, expected):
    assert bool(phases(plots.forgetting_curves(records))) is expected
    assert not phases(plots.forgetting_curves(records, panels=False))


def test_runs_of_fine_tuning_alone_are_drawn_in_colour():
    records = [dataclasses.replace(run(3, seed=seed), settings=PLAIN) for seed in range(2)]
    ax = plots.forgetting_curves(records)
    assert task_panels.PALE not in [line.get_color() for line in curves(ax)]


def test_nothing_jumps_while_the_lines_grow():
    frames = [plots.forgetting_curves(run(5, measured), panels=True) for measured in (1, 13, 26)]
    for ax in frames:
        texts_in(ax)
    assert len({ax.get_xlim() for ax in frames}) == 1
    assert len({ax.get_window_extent().bounds for ax in frames}) == 1


def test_panels_fit_into_axes_at_a_fixed_place():
    ax = plots.white_figure((700, 360)).add_axes((0.05, 0.14, 0.94, 0.7))
    plots.forgetting_curves([run(10), method("EWC", 30.0, 10)], ax, panels=True)
    texts = texts_in(ax)
    assert inside(ax, texts)
    assert not overlapping(texts)


def test_records_made_by_hand_are_drawn_over_tasks_learned():
    record = me.Record([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.5, 0.6, 0.9]])
    ax = plots.forgetting_curves(record, panels=True)
    assert ax.get_xlabel() == "tasks learned"
    assert phases(ax) == [(pytest.approx(0.8), 1), (1, 2), (2, 3)]
    assert [number for number, _ in numbers(ax)] == ["50 %", "60 %", "90 %"]


def test_the_caption_names_every_run_and_which_is_pale():
    records = [run(3), method("EWC", 30.0), dataclasses.replace(run(3, seed=2), settings=PLAIN)]
    sentence = captions.forgetting_curves(records)
    main, other, pale = records
    assert sentence.startswith("MAS, λ = 0.1 on rotated digits: task 1 (0°)")
    assert f" EWC, λ = 30: at the end average {plots.percent(other.average)}, " in sentence
    begin = f" Pale: Fine-tuning, for comparison: at the end average {plots.percent(pale.average)}"
    assert begin in sentence
    assert sentence == captions.forgetting_curves([main, other], baseline=pale)
    assert "Pale: EWC, λ = 30, for comparison" in captions.forgetting_curves(records, panels=False)
