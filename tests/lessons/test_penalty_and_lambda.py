"""Lesson 05: each λ trains as the library does, the frontier is the sweep's, the picture both."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

import mas_edu as me
from mas_edu.lessons import penalty_and_lambda as lesson05
from mas_edu.lessons.penalty_and_lambda import description, drawing, widget
from mas_edu.lessons.penalty_and_lambda import experiment as tradeoff
from tools.lessons import FAST

SHORT = FAST["05"]["schedule"]


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]


@pytest.fixture(scope="module", autouse=True)
def few_lams():
    """Of the frontier a few λ, both ends and two neighbours among them, stand for all."""
    lams = (0.0, 0.1, 0.2, 10.0, 1e6)
    assert set(lams) < set(lesson05.LAMS)
    with pytest.MonkeyPatch.context() as patch:
        for module in (lesson05, tradeoff, drawing, widget):
            patch.setattr(module, "LAMS", lams)
        yield


@pytest.fixture(scope="module")
def records(few_lams):
    """The whole frontier, of networks that hardly learn."""
    return me.sweep(
        tradeoff.stream(),
        me.MAS(),
        lesson05.LAMS,
        lesson05.SEEDS,
        schedule=SHORT,
        progress=False,
    )


@pytest.fixture(scope="module")
def states(few_lams):
    """All that a figure sees while the frontier is trained."""
    return list(tradeoff.job(0.1, True, SHORT))


@pytest.fixture(scope="module")
def held():
    """Two λ and λ = 0 of a frontier that is worth looking at."""
    lams = [0.0, 0.1, 1e6]
    return me.sweep(
        tradeoff.stream(), me.MAS(), lams, [0, 1, 2], schedule=lesson05.SCHEDULE, progress=False
    )


def figure(**options):
    return lesson05.figure(**{"schedule": SHORT, "blocking": True, **options})


# ---- the runs


@pytest.mark.parametrize("lam", [0.0, 0.1, 1e6])
def test_a_lam_is_trained_as_learn_does(lam):
    ours = lesson05.tradeoff(lam, schedule=SHORT)
    for run, value in ((ours.run, lam), (ours.plain, 0.0)):
        stream = tradeoff.stream()
        assert run == me.learn(stream, me.MAS(), value, schedule=SHORT, progress=False)


def test_the_frontier_is_the_sweeps(records, states):
    last = states[-1]
    assert list(last.records) == records
    assert last.best == me.choose_lam(records)
    assert last.done == last.total


def test_the_points_are_means_over_seeds(records):
    now = lesson05.tradeoff(0.1, records, SHORT)
    assert [point.lam for point in now.points] == list(lesson05.LAMS)
    for k, point in enumerate(now.points):
        three = records[3 * k : 3 * k + 3]
        assert point.learned == pytest.approx(np.mean([run.learned for run in three]))
        assert point.forgetting_range == (
            min(run.forgetting for run in three),
            max(run.forgetting for run in three),
        )
        assert now.validated[point.lam] == [run.validated for run in three]


def test_a_sweep_that_was_stopped_goes_on_from_its_finished_tasks(records):
    kept = tradeoff.Kept()
    job = tradeoff.job(0.1, True, SHORT, kept)
    for now in job:
        if now.tasks == 2:
            job.close()
    assert not kept.swept
    states = list(tradeoff.job(0.2, True, SHORT, kept))
    assert states[0].done > 2 / 5 * states[0].total
    assert list(states[-1].records) == records
    assert states[-1].lam == 0.2


def test_while_it_is_trained_the_frontier_covers_the_tasks_that_all_have_learned(states):
    seen = {now.tasks: now for now in states}
    assert sorted(seen) == [0, 1, 2, 3, 4, 5]
    assert seen[1].points == []  # nothing can be forgotten yet
    short = me.sweep(
        me.rotated("digits", tasks=3, step=20),
        me.MAS(),
        lesson05.LAMS,
        lesson05.SEEDS,
        schedule=SHORT,
        progress=False,
    )
    for point, k in zip(seen[3].points, range(0, len(short), 3), strict=True):
        assert point.forgetting == pytest.approx(
            np.mean([run.forgetting for run in short[k : k + 3]])
        )
    assert all(now.best is None for tasks, now in seen.items() if tasks < 5)


def test_a_run_that_diverged_is_left_out(records):
    broken = replace(records[-1], accuracy=np.full((5, 5), np.nan))
    now = lesson05.tradeoff(0.1, [*records[:-1], broken], SHORT)
    assert now.points[-1].seeds == 2
    assert now.best is not None
    lesson05.draw(now)


# ---- the claims that the lesson makes


def test_the_ends_and_the_middle(held):
    free, chosen, frozen = (held[k : k + 3] for k in (0, 3, 6))
    assert min(run.learned for run in free) > 0.85
    assert min(run.forgetting for run in free) > 0.3
    assert max(run.learned for run in frozen) < 0.65
    assert max(abs(run.forgetting) for run in frozen) < 0.08
    assert min(run.average for run in chosen) > max(run.average for run in [*free, *frozen])


# ---- the picture


def test_picture_and_sentence_show_what_was_computed(held):
    now = lesson05.tradeoff(0.1, held)
    tasks, validation, plane = lesson05.draw(now).axes
    ends = [line.get_ydata()[0] for line in tasks.lines if line.get_color() == drawing.FORGOTTEN
            and len(line.get_ydata()) == 1]  # fmt: skip
    np.testing.assert_array_equal(ends, now.run.accuracy[-1])
    curve = max(plane.lines, key=lambda line: len(line.get_xdata()))
    np.testing.assert_allclose(
        curve.get_xydata(), [(point.forgetting, point.learned) for point in now.points]
    )
    stars = [line for ax in (validation, plane) for line in ax.lines if line.get_marker() == "*"]
    best = next(point for point in now.points if point.lam == now.best)
    assert len(stars) == 2
    np.testing.assert_allclose(stars[1].get_xydata(), [(best.forgetting, best.learned)])
    said = lesson05.describe(now)
    assert f"Learned {description.share(now.run.learned)}" in said
    assert f"Validation chooses λ = {description.name(me.choose_lam(held))}" in said


@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_the_present_lam_is_marked_on_the_frontier(held, lam):
    now = lesson05.tradeoff(lam, held)
    (mark,) = [line for line in lesson05.draw(now).axes[2].lines if line.get_markersize() == 15]
    point = next(point for point in now.points if point.lam == lam)
    np.testing.assert_allclose(mark.get_xydata(), [(point.forgetting, point.learned)])


def test_the_lines_of_equal_average_are_that(held):
    """Where each task is known best just after learning, as at λ = 0."""
    for run in held[:3]:
        assert run.learned - 4 / 5 * run.forgetting == pytest.approx(run.average, abs=0.02)


@pytest.mark.parametrize("whole", [False, True])
def test_every_moment_is_drawn_and_said(states, whole):
    for now in states if whole else tradeoff.job(0.1, False, SHORT):
        assert len(lesson05.draw(now).axes) == 3
        assert "nan" not in lesson05.describe(now)


# ---- the figure


def test_what_was_trained_comes_back_at_once(monkeypatch):
    shown = figure()
    shown.controls["lam"].value = 0.2
    shown.controls["whole"].value = True
    assert shown.state.best is not None

    def never(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(me, "Training", never)
    for lam in lesson05.LAMS[::2]:  # the frontier has trained them all
        shown.controls["lam"].value = lam
        assert shown.state.lam == lam
        assert "alert" not in shown.status.value
    shown.controls["whole"].value = False
    assert shown.state.records == ()
    assert "alert" not in shown.status.value


@pytest.fixture
def known(monkeypatch, records):
    """Figures begin with the whole frontier, as if they had trained it."""
    kept = tradeoff.Kept()
    kept.keep(records, swept=True)
    monkeypatch.setattr(widget, "Kept", lambda: kept)


def test_train_trains_again(known, monkeypatch):
    shown = figure(lam=0.2, whole=True)
    made = []
    training = me.Training
    monkeypatch.setattr(me, "Training", lambda *a, **k: made.append(a) or training(*a, **k))
    shown.train.click()
    assert [lam for _, _, lam in made] == [0.2]
    assert shown.state.best is not None  # the frontier stays on the screen


def test_stop_keeps_what_the_frontier_has_reached():
    stopped = threading.Event()
    shown = figure(blocking=False)
    shown.wait()

    def stop_in_the_middle(change):
        if 0 < change.new < shown.progress.max and not stopped.is_set():
            stopped.set()
            shown.stop.click()

    shown.progress.observe(stop_in_the_middle, "value")
    shown.controls["whole"].value = True
    assert shown.wait(60)
    assert stopped.is_set()
    assert "stopped" in shown.status.value
    assert shown.state.best is None
    shown.train.click()
    assert shown.wait(60)
    assert "finished" in shown.status.value
    assert shown.state.best is not None


def test_an_error_reaches_the_reader_as_a_sentence():
    wild = me.Schedule(steps=2, lr=1e30, optimizer="sgd")
    shown = figure(schedule=wild)
    assert "alert" in shown.status.value
    assert "training diverged in task" in shown.status.value


def test_a_lam_of_ones_own_has_its_place(known):
    shown = figure(lam=0.07, whole=True)
    assert shown.state.lam == 0.07
    assert shown.state.best is not None
    assert 0.07 not in [point.lam for point in shown.state.points]
