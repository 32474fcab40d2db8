"""Lesson 01: what is seen of a task that is forgotten."""

from __future__ import annotations

import numpy as np
import pytest

import mas_edu as me
from mas_edu.lessons import forgetting as lesson01
from mas_edu.lessons.forgetting import experiment


@pytest.fixture(scope="module")
def alone():
    return lesson01.forget(turn=60)


@pytest.fixture(scope="module")
def joint():
    return lesson01.forget(turn=60, joint=True)


def test_the_curves_are_those_of_the_record(alone):
    stream = me.rotated("digits", tasks=2, step=60)
    record = me.learn(stream, me.FineTune(), schedule=experiment.SCHEDULE, progress=False)
    np.testing.assert_allclose([alone.on_a[alone.before], alone.on_a[-1]], record.accuracy[:, 0])
    np.testing.assert_allclose([alone.on_b[alone.before], alone.on_b[-1]], record.accuracy[:, 1])


def test_the_six_are_different_digits_that_flip(alone):
    six = list(alone.six)
    assert len(set(alone.truth[six])) == 6
    assert (alone.of_a[alone.before, six] == alone.truth[six]).all()
    assert (alone.of_a[-1, six] != alone.truth[six]).all()


def test_joint_training_shows_the_same_six_and_the_run_to_compare_with(alone, joint):
    assert joint.six == alone.six
    np.testing.assert_array_equal(joint.alone.of_a, alone.of_a)
    assert joint.on_a[-1] > 0.85 > 0.5 > alone.on_a[-1]


def test_looking_back_cuts_the_history_and_never_before_b_begins(alone):
    assert alone.until(100).updates[-1] == 100
    assert alone.until(-99).updates[-1] == 0
    assert alone.until(None).updates[-1] == alone.updates[-1] == alone.end


@pytest.mark.parametrize("moment", [0, 100, None])
def test_lines_marks_and_sentence_say_the_same(alone, moment):
    now = alone.until(moment)
    curves, digits = lesson01.draw(alone, moment).axes[:2]
    np.testing.assert_array_equal(curves.lines[0].get_ydata(), now.on_a)
    np.testing.assert_array_equal(curves.lines[1].get_ydata(), now.on_b)
    flipped = int((now.of_a[-1, list(now.six)] != now.truth[list(now.six)]).sum())
    labels = [text.get_text() for text in digits.texts]
    assert sum("✗" in label for label in labels) == flipped
    assert sum(patch.get_linewidth() > 2 for patch in digits.patches) == flipped
    said = (
        f"{flipped} of the six digits changed label"
        if flipped
        else "None of the six digits changed"
    )
    assert said in lesson01.describe(alone, moment)


def test_a_run_that_is_under_way_is_the_beginning_of_the_whole(alone):
    states = [state for state in experiment.job(60, False, 0) if state is not None]
    assert [int(state.updates[-1]) for state in states[:2]] == [0, 10]
    np.testing.assert_array_equal(states[7].of_a, alone.of_a[: len(states[7].of_a)])


def test_training_can_be_left_at_every_step():
    job = experiment.job(90, False, 78)
    assert [next(job) for _ in range(3)] == [None] * 3
    job.close()
    assert (90, 78, experiment.SCHEDULE) not in experiment.FINISHED
