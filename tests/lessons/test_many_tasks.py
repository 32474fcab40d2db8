"""Lesson 06: the rules merge as they say, the runs are the library's, the picture shows them."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.lessons import many_tasks as lesson06
from mas_edu.lessons.many_tasks import drawing, experiment, stored
from mas_edu.plots import percent
from tests.support.texts import check_lesson_texts
from tools.lessons import FAST

SHORT = FAST["06"]["schedule"]
RULES = lesson06.RULES

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]


@pytest.fixture(scope="module")
def states():
    """All that a figure sees while four tasks are learned."""
    return [state for state in experiment.job(0.1, 4, SHORT) if state is not None]


@pytest.fixture(scope="module")
def now(states):
    return states[-1]


def figure(**options):
    return lesson06.figure(**{"schedule": SHORT, "blocking": True, "tasks": 4, **options})


# ---- the rules


def merged(rule, omegas):
    """Return the Ω in force after each task, if the tasks' own are these."""

    class Given(type(rule)):
        def importance(self, model, task):
            return {"weight": next(queue)}

    queue, model, anchor, found = iter(omegas), torch.nn.Linear(4, 1, bias=False), None, []
    for _ in omegas:
        anchor = Given().after_task(model, None, anchor)
        found.append(anchor.omega["weight"])
    return torch.stack(found).squeeze(1)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("sum", [1, 1, 1, 1]),
        ("mean", [0.25, 0.25, 0.25, 0.25]),
        ("max", [1, 1, 1, 1]),
        ("moving average", [0.125, 0.125, 0.25, 0.5]),
        ("last", [0, 0, 0, 1]),
    ],
)
def test_a_rule_remembers_what_it_says(rule, expected):
    found = merged(RULES[rule], torch.eye(4).unsqueeze(1))
    torch.testing.assert_close(found[-1], torch.tensor(expected, dtype=torch.float))


def test_the_rules_agree_with_their_closed_forms_after_each_task():
    omegas = torch.rand(6, 1, 4, generator=torch.Generator().manual_seed(0))
    for t in range(1, 7):
        some = omegas[:t, 0]
        for rule, expected in (("sum", some.sum(0)), ("mean", some.mean(0)),
                               ("max", some.amax(0)), ("last", some[-1])):  # fmt: skip
            torch.testing.assert_close(merged(RULES[rule], omegas)[t - 1], expected)


def test_a_run_with_the_mean_may_be_broken_off_and_resumed():
    """The number of tasks so far is in the record."""
    stream, method = me.rotated("digits", tasks=4, samples=100, step=10), RULES["mean"]
    whole = me.learn(stream, method, 0.1, schedule=SHORT, progress=False)
    run = me.Training(stream, method, 0.1, schedule=SHORT)
    for _ in run:
        if run.finished == 2:
            break
    again = me.Training(stream, method, 0.1, schedule=SHORT)
    again.resume(run.record)
    for _ in again:
        pass
    assert again.record == whole
    assert float(whole.memory["tasks"]) == 4


# ---- the runs


def test_runs_side_by_side_are_those_of_learn(now):
    stream = me.rotated("digits", tasks=4, step=10)
    methods = {**RULES, None: me.MAS()}
    for rule, method in methods.items():
        lam = 0.1 if rule else 0.0
        alone = me.learn(stream, method, lam, schedule=SHORT, progress=False)
        np.testing.assert_allclose(now.now(rule), alone.accuracy[-1], atol=0.01)
        if rule:
            np.testing.assert_allclose(now.learned(rule), alone.accuracy.diagonal(), atol=0.01)
            assert now.average(rule) == pytest.approx(alone.average, abs=0.01)


def test_train_is_compare_with_every_seed(monkeypatch):
    monkeypatch.setattr(experiment, "stream", lambda: me.rotated("digits", tasks=10, step=10))
    found = lesson06.train(0.1, seeds=[0, 1], schedule=SHORT)
    same = lesson06.compare(0.1, 10, SHORT)
    for rule, (first, second) in found.items():
        np.testing.assert_allclose(first.accuracy[-1], same.now(rule), atol=0.01)
        assert [first.settings["seed"], second.settings["seed"]] == [0, 1]
        assert not np.array_equal(first.accuracy, second.accuracy)


def test_own_means_the_lam_that_validation_chooses():
    now = lesson06.compare("own", 3, SHORT)
    assert now.own
    assert {rule: now.lam(rule) for rule in RULES} == lesson06.own_lams(3)


def test_strength_is_lam_times_the_sum_and_soft_counts_weights(now):
    for rule, run in now.runs.items():
        omegas = [torch.cat([w.flatten() for w in omega.values()]) for omega in run.omegas]
        sums = [0.1 * float(omega.sum()) for omega in omegas]
        np.testing.assert_allclose(now.strength(rule), sums[:4], rtol=1e-5)
        limit = omegas[0].median()  # at λ = 0.1 the limit of λΩ is a limit of Ω
        shares = [float((omega < limit).double().mean()) for omega in omegas]
        np.testing.assert_allclose(now.soft(rule), shares[:4], atol=0.002)
        assert now.soft(rule)[0] == pytest.approx(0.5, abs=0.01)


def test_a_sum_grows_and_a_mean_does_not(now):
    grown = {rule: now.strength(rule)[-1] / now.strength(rule)[0] for rule in RULES}
    assert (np.diff(now.strength("sum")) > 0).all()
    assert (np.diff(now.strength("max")) >= 0).all()
    assert grown["sum"] > 2 * grown["mean"]
    assert now.soft("sum")[-1] < now.soft("mean")[-1]


def test_two_tasks_leave_the_rules_nothing_to_differ_in():
    now = lesson06.compare(0.1, 2, SHORT)
    for rule in RULES:
        np.testing.assert_array_equal(now.now(rule), now.now("sum"))
    assert now.strength("sum")[-1] > now.strength("last")[-1]
    assert f"the averages are equal ({percent(now.average('max'))})" in lesson06.describe(now)


# ---- what is stored


def test_the_stored_sweep_was_made_with_these_settings():
    assert stored.stored()["settings"] == stored.settings()
    shape = (len(lesson06.LAMS), len(lesson06.SEEDS), stored.TASKS - 1)
    for rule in RULES:
        assert np.shape(stored.stored()["validation"][rule]) == shape
    assert stored.PATH.stat().st_size < 200_000


def test_the_stored_sweep_is_what_the_code_computes():
    run = me.learn(lesson06.stream(), RULES["mean"], 0.1, schedule=stored.SCHEDULE, progress=False)
    found = stored._averages(run)
    table = np.array(stored.stored()["validation"]["mean"])
    np.testing.assert_allclose(found, table[lesson06.LAMS.index(0.1), 0], atol=1.5)


def test_validation_is_the_mean_over_seeds_and_the_best_is_chosen():
    table = np.array(stored.stored()["validation"]["max"])[:, :, 3]  # after five tasks
    scores = lesson06.validation("max", tasks=5)
    np.testing.assert_allclose(list(scores.values()), table.mean(1) / 100)
    assert lesson06.own_lams(5)["max"] == lesson06.LAMS[int(table.mean(1).argmax())]


def test_making_the_sweep_writes_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "PATH", tmp_path / "validation.json")
    monkeypatch.setattr(stored, "LAMS", (0.1, 1.0))
    monkeypatch.setattr(stored, "SEEDS", (0,))
    monkeypatch.setattr(stored, "SCHEDULE", me.Schedule(steps=2, evaluations=1))
    monkeypatch.setattr(stored, "stream", lambda: me.rotated("digits", tasks=3, samples=60))
    assert stored.make() == stored.PATH
    assert stored.stored()["settings"] == stored.settings()
    assert np.shape(stored.stored()["validation"]["last"]) == (2, 1, 2)


# ---- the picture


@pytest.mark.parametrize("rule", ["sum", "moving average"])
def test_the_picture_shows_what_was_computed(now, rule):
    tasks, averages, strength, soft = lesson06.draw(now, rule).axes
    for name in RULES:
        of = {ax: next(line for line in ax.lines if line.get_label() == name)
              for ax in (tasks, averages, strength, soft)}  # fmt: skip
        np.testing.assert_array_equal(of[tasks].get_ydata(), now.now(name))
        np.testing.assert_allclose(of[averages].get_xdata(), now.average(name))
        np.testing.assert_array_equal(of[strength].get_ydata(), now.strength(name))
        np.testing.assert_array_equal(of[soft].get_ydata(), now.soft(name))
        widths = {line.get_linewidth() for line in of.values()}
        assert widths == ({3.2} if name == rule else {1.3})
    lines = {line.get_label(): line for line in tasks.lines}
    np.testing.assert_array_equal(lines["λ = 0"].get_ydata(), now.now(None))
    np.testing.assert_array_equal(lines["just after learning"].get_ydata(), now.learned(rule))
    assert percent(now.average(rule)) in [text.get_text() for text in averages.texts]


def test_the_title_says_whose_lam_it_is(now):
    assert lesson06.draw(now).texts[0].get_text() == "one λ = 0.1 for all rules"
    own = lesson06.compare("own", 3, SHORT)
    figure = lesson06.draw(own)
    assert figure.texts[0].get_text() == "each rule at its own λ"
    names = [text.get_text() for text in figure.axes[1].texts]
    for rule, lam in lesson06.own_lams(3).items():
        assert f"{rule}, λ = {lam:g}" in names


def test_no_two_rules_look_alike():
    for part in ("color", "marker"):
        assert len({look[part] for look in drawing.LOOKS.values()}) == len(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_cut_off_or_overlaps(now, rule):
    own = lesson06.compare("own", 2, SHORT)
    for state in (now, own):
        check_lesson_texts(lesson06.draw(state, rule), (900, 520))


def test_the_sentence_holds_the_numbers(now):
    said = lesson06.describe(now, "mean")
    averages = {rule: now.average(rule) for rule in RULES}
    points = 100 * (max(averages.values()) - min(averages.values()))
    assert said.startswith("With λ = 0.1 for all, after 4 of 4 tasks")
    assert f"averages are {points:.0f} percentage points apart" in said
    assert f"mean, λ = 0.1, average {percent(averages['mean'])}" in said
    assert f"task 1 is at {percent(now.now('mean')[0])}" in said
    assert f"then {percent(now.soft('mean')[-1])}." in said
    ends = [now.strength(rule)[-1] for rule in RULES]
    assert f"factor of {max(ends) / min(ends):.1f}" in said


def test_every_moment_is_drawn_and_said(states):
    finished = [state.finished for state in states]
    assert finished == sorted(finished)
    assert (states[0].finished, states[-1].finished) == (0, 4)
    assert [state.done for state in states] == list(range(1, states[-1].total + 1))
    for state in states[::5]:
        lesson06.draw(state).savefig(io.BytesIO(), dpi=15)
        assert "nan" not in lesson06.describe(state)


def test_before_the_first_task_nothing_is_known(states):
    start = replace(states[0], done=0)
    assert "no task is learned so far" in lesson06.describe(start)
    assert start.average("sum") == start.now("sum")[0]


# ---- the figure


@pytest.fixture
def counted(monkeypatch):
    """Count the trainings that are begun."""
    made, training = [], me.Training
    monkeypatch.setattr(me, "Training", lambda *a, **k: made.append(a) or training(*a, **k))
    return made


def test_fewer_tasks_are_known_from_more(counted):
    shown = figure()
    begun = len(counted)
    shown.controls["tasks"].value = 3
    assert len(counted) == begun
    assert (shown.state.tasks, shown.state.finished) == (3, 3)
    three = lesson06.compare(0.1, 3, SHORT)
    for rule in RULES:
        np.testing.assert_array_equal(shown.state.now(rule), three.now(rule))
        np.testing.assert_array_equal(shown.state.strength(rule), three.strength(rule))


def test_more_tasks_go_on_from_fewer(monkeypatch):
    shown, resumed = figure(tasks=3), []
    resume = me.Training.resume
    monkeypatch.setattr(
        me.Training, "resume", lambda self, r: resumed.append(r.finished) or resume(self, r)
    )
    shown.controls["tasks"].value = 5
    assert resumed == [3] * 6
    five = lesson06.compare(0.1, 5, SHORT)
    for rule in RULES:
        np.testing.assert_array_equal(shown.state.now(rule), five.now(rule))


def test_train_trains_again(counted):
    shown = figure()
    begun = len(counted)
    shown.train.click()
    assert len(counted) == 2 * begun
    assert "finished" in shown.status.value


def test_stop_keeps_the_tasks_that_are_finished():
    stopped = threading.Event()
    shown = lesson06.figure(tasks=2, schedule=SHORT)
    assert shown.wait(60)

    def stop_in_the_middle(change):
        if 24 < change.new < shown.progress.max and not stopped.is_set():
            stopped.set()
            shown.stop.click()

    shown.progress.observe(stop_in_the_middle, "value")
    shown.controls["tasks"].value = 10
    assert shown.wait(60)
    if stopped.is_set():  # it may be too fast to be caught
        assert "stopped" in shown.status.value
        assert 2 <= shown.state.finished < 10
    shown.progress.unobserve(stop_in_the_middle, "value")  # it is for the first run alone
    shown.train.click()
    assert shown.wait(60)
    assert shown.state.finished == 10


def test_an_error_reaches_the_reader_as_a_sentence():
    wild = me.Schedule(steps=2, lr=1e30, optimizer="sgd", evaluations=1)
    shown = figure(schedule=wild)
    assert "alert" in shown.status.value
    assert "training diverged in task" in shown.status.value
    with pytest.raises(ValueError, match=r"training diverged in task .* at λ = 0\.1"):
        lesson06.train(0.1, seeds=[0], schedule=wild)


def test_a_lam_of_ones_own_has_its_place():
    shown = figure(lam=0.07, tasks=2)
    assert shown.controls["lam"].value == 0.07
    assert shown.state.lam("last") == 0.07
