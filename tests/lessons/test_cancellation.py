"""Lesson 04: what cancels is what the library says, and the picture shows what was computed."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.lessons import cancellation as lesson04
from mas_edu.lessons.cancellation import experiment as cancellation
from mas_edu.lessons.cancellation.experiment import BATCHES, OUTPUT, SAMPLES, UPDATES
from mas_edu.networks import flatten

STATES = [(1, 0), (8, 32), (128, 512), (SAMPLES, 64)]


@pytest.fixture(scope="module")
def run():
    return lesson04.cancel()


@pytest.fixture(scope="module")
def trained():
    """The same network, trained and measured by the library's front door."""
    stream = me.rotated("digits", tasks=1, samples=SAMPLES)
    training = me.Training(
        stream, me.FineTune(), schedule=cancellation.SCHEDULE, model=cancellation.network
    )
    for _ in training:
        pass
    return training.model, stream[0].x, float(training.record.accuracy[0, 0])


def test_exact_is_the_librarys(run, trained):
    model, x, accuracy = trained
    last = run.moments[UPDATES[-1]]
    np.testing.assert_allclose(last.exact, flatten(me.mas(model, x)), rtol=1e-3, atol=1e-5)
    assert last.accuracy == accuracy


@pytest.mark.parametrize("batch", BATCHES)
def test_the_batch_form_is_the_librarys(run, trained, batch):
    model, x, _ = trained
    found = run.moments[UPDATES[-1]].batched[batch]
    expected = flatten(me.mas_batch(model, x, batch_size=batch))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("update", UPDATES)
def test_no_weight_keeps_more_than_its_exact_omega_and_batches_of_one_keep_all(run, update):
    moment = run.moments[update]
    assert (moment.batches <= moment.exact * (1 + 1e-5)).all()
    np.testing.assert_array_equal(moment.batched[1], moment.exact)
    assert moment.kept(1) == 1
    kept = [moment.kept(batch) for batch in BATCHES]  # each batch is made of whole smaller ones
    assert kept == sorted(kept, reverse=True)


def test_the_framed_weights_pulls_have_its_omega_as_their_means(run):
    for moment in run.moments.values():
        exact, whole = (run.map(omega)[run.mark] for omega in (moment.exact, moment.batches[-1]))
        assert np.abs(moment.pulls).mean() == pytest.approx(exact, rel=1e-3)
        assert abs(moment.pulls.mean()) == pytest.approx(whole, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_most_is_kept_at_the_start_and_less_at_the_end(seed):
    kept = lesson04.cancel(seed).kept(128)
    assert kept[0] > 0.8 > kept[-1] > 0.5
    assert kept[0] - kept[-1] > 0.1


def test_a_run_is_made_once_also_when_two_ask_at_the_same_time(monkeypatch):
    made = []
    real = me.Training
    monkeypatch.setattr(me, "Training", lambda *a, **k: made.append(1) or real(*a, **k))
    asking = [threading.Thread(target=lesson04.cancel, args=(77,)) for _ in range(2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert made == [1]


def test_training_can_be_left_at_every_step_and_another_may_begin():
    job = cancellation.job(seed=78)
    assert [next(job) for _ in range(3)] == [None] * 3
    job.close()
    assert 78 not in cancellation.FINISHED
    assert cancellation.ONE_AT_A_TIME.acquire(blocking=False)
    cancellation.ONE_AT_A_TIME.release()


def test_gradients_are_those_of_one_sample_after_the_other(run):
    model, x = cancellation.network(3), torch.randn(5, 64)
    found = cancellation.gradients(me.snapshot(model), x)
    for row, sample in zip(found, x.split(1), strict=True):
        model.zero_grad()
        model(sample).square().sum().backward()
        expected = torch.cat([weight.grad.flatten() for weight in model.parameters()])
        torch.testing.assert_close(row, expected)


@pytest.mark.parametrize(("batch", "update"), STATES)
def test_picture_and_sentence_show_what_was_computed(run, batch, update):
    moment = run.moments[update]
    figure, said = lesson04.draw(run, batch, update), lesson04.describe(run, batch, update)
    top, below, _, scatter, pulls, share = figure.axes
    for ax, omega in ((top, moment.exact), (below, moment.batched[batch])):
        np.testing.assert_array_equal(ax.images[0].get_array(), run.map(omega))
        unit, digit = np.add(ax.patches[0].get_xy(), 0.5)
        assert (digit, unit) == run.mark
    assert top.images[0].norm is below.images[0].norm
    kept = next(line for line in share.lines if line.get_label() == "Ω kept")
    so_far = UPDATES.index(update) + 1
    np.testing.assert_array_equal(kept.get_ydata(), run.kept(batch)[:so_far])
    assert all(len(line.get_xdata()) <= so_far for line in share.lines)
    percent = f"{moment.kept(batch):.0%}".replace("%", " %")
    assert figure.texts[0].get_text() == f"{percent} of Ω is kept"
    assert f"In batches of {batch}, {percent} of the sum" in said
    bars = sum(np.abs(patch.get_data().values).sum() for patch in pulls.patches)
    assert bars == pytest.approx(np.abs(moment.pulls[:batch]).sum(), rel=1e-4)
    below_diagonal = [line.get_xydata() for line in scatter.lines[1:]]
    assert sum(map(len, below_diagonal)) == (moment.exact > 0).sum()
    low = scatter.get_ylim()[0]
    for points in below_diagonal:
        assert (points[:, 1] <= np.maximum(points[:, 0], low) * (1 + 1e-5)).all()


def test_the_map_is_the_output_layer(run):
    marked = np.zeros(run.names[OUTPUT].stop + 10, np.float32)
    marked[run.names[OUTPUT]] = 1
    assert run.map(marked).all()
    assert run.map(marked).shape == (10, cancellation.HIDDEN)


def test_every_state_is_said(run):  # and drawn, as of every lesson, in test_all_lessons
    for batch, update in itertools.product(BATCHES, UPDATES):
        said = lesson04.describe(run, batch, update)
        assert f"After {update} updates" in said
        assert f"In batches of {batch}," in said
