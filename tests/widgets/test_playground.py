"""The playground without a browser: setting a value is what releasing a control does."""

from __future__ import annotations

import re

import pytest
from ipywidgets.widgets.widget import _instances

import mas_edu as me
from mas_edu.widgets.playground import runs
from tests.support.playgrounds import LONG, QUICK, comparable, text
from tests.support.workers import PATIENCE, until, working

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("method", [me.MAS(), me.FineTune(), me.Joint()])
def test_the_record_is_that_of_learn_in_the_callers_thread(make, method):
    figure = make("rotated", "digits", 3, method, lam=0.3, seed=4)
    stream = me.rotated("digits", tasks=3)
    expected = me.learn(stream, method, lam=0.3, seed=4, schedule=QUICK, progress=False)
    assert figure.record == expected


def test_with_the_default_schedule_it_is_learn_as_well(make):
    figure = make(tasks=2, schedule=None)
    namespace = {"me": me}
    exec(figure.call, namespace)
    assert figure.record == namespace["record"]


def test_blocking_gives_the_same_record(make):
    figure = make(tasks=2, blocking=True, settle=False)
    assert figure.record.complete
    assert figure.record == make(tasks=2).record


def test_the_random_state_and_threads_are_untouched(make):
    import torch

    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    make(tasks=2)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("control", "value", "found"),
    [
        ("stream", "permuted", lambda r: r.settings["stream"]["stream"] == "permuted"),
        ("tasks", 4, lambda r: len(r.accuracy) == 4),
        ("method", me.L2(), lambda r: r.settings["method"] == "L2()"),
        ("lam", 10.0, lambda r: r.settings["lam"] == 10),
        ("seed", 3, lambda r: r.settings["seed"] == 3),
    ],
)
def test_every_control_trains_on_release(make, control, value, found):
    figure = make(tasks=2)
    before, picture = figure.before, figure.screen.curves.value
    getattr(figure.controls, control).value = value
    assert figure.wait(PATIENCE)
    assert found(figure.record)
    other = control in ("stream", "tasks", "seed")  # these need another baseline
    assert (figure.before is before) != other
    assert comparable(figure.record, figure.before)
    assert figure.screen.curves.value != picture


def test_no_protection_comes_first_to_compare_with(make):
    figure = make(tasks=2)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 0.1", "FineTune")
    assert "Fine-tuning" in text(figure.screen.curves)


def test_the_baseline_stays_whatever_was_shown_before(make):
    figure = make(tasks=2)
    first = figure.before
    for lam in (1.0, 10.0):
        figure.controls.lam.value = lam
        assert figure.wait(PATIENCE)
    figure.train.click()  # the same again
    assert figure.wait(PATIENCE)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 10", "FineTune")
    assert figure.before is first


def test_finished_settings_are_remembered(make, monkeypatch):
    figure = make(tasks=2)
    first = figure.record
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert figure.ahead.wait(PATIENCE)
    monkeypatch.setattr(runs, "Training", pytest.fail)  # nothing may be trained from here on
    figure.controls.lam.value = 0.1
    assert figure.wait(PATIENCE)
    assert figure.record is first
    assert figure.live.phase == "finished"


def test_lambda_plays_no_part_without_a_penalty(make):
    figure = make(method="FineTune", tasks=2)
    assert figure.controls.lam.disabled
    assert "lam" not in figure.call
    first = figure.record
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert figure.record is first


def test_the_memory_is_bounded(make):
    figure = make(method="FineTune", tasks=2)
    figure.most_remembered = 2
    for seed in (1, 2):
        figure.controls.seed.value = seed
        assert figure.wait(PATIENCE)
    assert [settings.seed for settings in figure.remembered] == [1, 2]


def test_the_baseline_learned_the_same_tasks_from_the_same_start(make):
    figure = make(tasks=3)
    for control, value in (
        ("stream", "split"),
        ("tasks", 4),
        ("lam", 1.0),
        ("seed", 1),
        ("stream", "rotated"),
        ("seed", 0),
        ("tasks", 3),
        ("method", me.L2()),
    ):
        getattr(figure.controls, control).value = value
        assert figure.wait(PATIENCE)
        assert comparable(figure.record, figure.before), control
        assert figure.record.label != figure.before.label


def test_digits_are_never_compared_with_a_larger_set(make, big):
    figure = make(tasks=2)
    figure.controls.dataset.value = "mnist"
    figure.train.click()
    assert figure.wait(PATIENCE)
    assert figure.record.settings["stream"]["dataset"] == "mnist"
    assert figure.before is None
    assert "Fine-tuning" not in text(figure.screen.curves)


def test_a_stopped_run_is_no_baseline(make):
    figure = make(tasks=2)
    figure.ahead.drop()
    figure.controls.schedule = LONG
    figure.train.click()
    until(lambda: "training" in text(figure.status))
    figure.controls.seed.value = 5
    until(lambda: "training" in text(figure.status))
    figure.stop.click()
    assert figure.wait(PATIENCE)
    figure.controls.schedule = QUICK
    assert not any(one.seed == 5 for one in figure.remembered)
    figure.train.click()
    assert figure.wait(PATIENCE)
    assert figure.before.complete


def test_moving_lambda_during_the_opening_pair_keeps_the_baseline(make):
    figure = make(tasks=2, settle=False)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 1", "FineTune")


def test_what_is_of_another_run_is_grey_until_the_chosen_one_is_shown(make):
    figure = make(tasks=2, seed=1)
    assert not figure.screen.stale
    figure.ahead.drop()
    figure.controls.schedule = LONG
    figure.controls.seed.value = 2
    assert figure.screen.stale
    until(lambda: not figure.screen.stale)  # its own curves grow, matrix and Ω with them
    assert "when the first task is finished" in text(figure.screen.omega)
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert not figure.screen.stale
    assert figure.record.settings["seed"] == 2


def test_waiting_for_the_button_everything_is_grey(make, big):
    figure = make(tasks=2)
    figure.controls.dataset.value = "mnist"
    assert figure.screen.stale
    said = text(figure.status)
    figure.controls.view.value = "matrix"  # another look does not bring back the run of digits
    assert figure.wait(PATIENCE)
    assert figure.screen.stale
    assert text(figure.status) == said


def test_another_look_after_a_failure_leaves_what_was_said(make):
    figure = make(tasks=2)
    figure.ahead.drop()
    figure.controls.schedule = me.Schedule(steps=200, optimizer="sgd", lr=1e30)
    figure.controls.seed.value = 3
    assert figure.wait(PATIENCE)
    said = text(figure.status)
    assert "diverged" in said
    figure.controls.layer.value = "output.weight"
    assert figure.wait(PATIENCE)
    assert text(figure.status) == said


def test_another_look_before_the_chosen_run_is_drawn_does_not_bring_back_the_last(make):
    figure = make(tasks=2)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    for lam, layer in [(0.1, "output.weight"), (1.0, "hidden1.weight")] * 5:
        figure.controls.lam.value = lam
        figure.controls.layer.value = layer
        assert figure.wait(PATIENCE)
        assert figure.record.settings["lam"] == lam
        assert layer in text(figure.screen.omega)


def test_a_recalled_run_says_so(make):
    figure = make(tasks=2)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    said = []
    figure.status.observe(lambda _: said.append(text(figure.status)), "value")
    figure.controls.lam.value = 0.1
    assert figure.wait(PATIENCE)
    assert set(said) == {"MAS, λ = 0.1: remembered."}
    assert not figure.screen.stale


def test_the_latest_value_wins(make):
    figure = make(tasks=2, settle=False)
    figure.controls.schedule = LONG
    for lam in (1.0, 2.0, 10.0):
        figure.controls.lam.value = lam
    until(lambda: "λ = 10:" in text(figure.status) or "First" in text(figure.status))
    assert working() == 1
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert figure.record.settings["lam"] == 10


def test_stop_keeps_every_finished_task(make):
    figure = make(
        method="FineTune", tasks=10, schedule=me.Schedule(steps=2000, evaluations=1), settle=False
    )
    until(lambda: re.search(r"training, (\d+)", text(figure.status)) is not None)
    until(lambda: int(re.search(r"(\d+) of", text(figure.status))[1]) > 2000)
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert figure.live.phase == "stopped"
    assert 1 <= figure.record.finished < 10
    assert "stopped" in text(figure.status)
    assert not figure.remembered


def test_pause_and_play_on_give_the_same_record(make):
    slow = me.Schedule(steps=1500, evaluations=2)
    figure = make(method="FineTune", tasks=2, schedule=slow, settle=False)
    until(lambda: "training" in text(figure.status))
    figure.pause.click()
    until(lambda: "paused" in text(figure.status))
    here = text(figure.status)
    assert not figure.wait(0.2)
    assert text(figure.status) == here
    assert figure.train.description == "Resume"
    figure.train.click()
    assert figure.wait(PATIENCE)
    stream = me.rotated("digits", tasks=2)
    expected = me.learn(stream, me.FineTune(), schedule=slow, progress=False)
    assert figure.record == expected
    assert figure.train.description == "Train"


def test_stop_and_pause_with_nothing_to_stop_say_so(make):
    figure = make(tasks=2)
    record = figure.record
    figure.stop.click()
    assert "Nothing to stop" in text(figure.status)
    figure.pause.click()
    assert "Nothing to pause" in text(figure.status)
    assert figure.wait(0.1)
    assert (figure.live.phase, figure.record) == ("finished", record)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)


def test_close_ends_the_training(make):
    figure = make(tasks=2, schedule=LONG, settle=False)
    until(lambda: working() == 1)
    figure.close()
    until(lambda: working() == 0)


def test_close_closes_every_widget(make):
    before = set(_instances)
    figure = make(tasks=2)
    assert set(_instances) > before
    figure.close()
    assert set(_instances) == before


def test_two_playgrounds_work_side_by_side(make):
    figures = [make(tasks=2, seed=seed, settle=False) for seed in (1, 2)]
    assert all(figure.wait(PATIENCE) for figure in figures)
    stream = me.rotated("digits", tasks=2)
    for figure, seed in zip(figures, (1, 2), strict=True):
        assert figure.record == me.learn(
            stream, me.MAS(), 0.1, seed=seed, schedule=QUICK, progress=False
        )
