"""Lesson 11: the scenarios ask as they say, the runs are the library's, the picture shows them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.lessons import scenarios as lesson11
from mas_edu.lessons.scenarios import experiment, stored
from mas_edu.plots import percent
from mas_edu.widgets import glossary_terms
from tests.support.texts import check_lesson_texts, extents

pytestmark = pytest.mark.slow

SHORT = me.Schedule(steps=20, lr=0.01, evaluations=1, threads=1)


def small(accuracy, validated=((0.5,),)):
    """Runs of one λ for each table given."""
    lams = tuple(float(k) for k in range(len(validated)))
    return experiment.Runs(lams, np.array(accuracy), np.array(validated))


# ---- the streams


def test_the_images_are_the_same_and_the_questions_are_not():
    task, domain, digit = (lesson11.stream(name) for name in lesson11.SCENARIOS)
    for k in range(5):
        assert torch.equal(task[k].x, domain[k].x)
        assert torch.equal(task[k].x_test, digit[k].x_test)
        assert task[k].classes == (2 * k, 2 * k + 1)
        assert digit[k].classes is None
        assert torch.equal(domain[k].y, digit[k].y % 2)  # even or odd
    assert (task.outputs, domain.outputs, digit.outputs) == (10, 2, 10)


def test_asked_masks_the_other_outputs_in_the_task_scenario_alone():
    model = me.mlp([64, 64, 10], seed=0)
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.copy_(torch.tensor([5.0, *[0.0] * 7, 1.0, 9.0]))
    pair, digit = lesson11.asked(model, "task"), lesson11.asked(model, "class")
    tests = [task.y_test for task in lesson11.stream("class")]
    assert pair[0] == pytest.approx(float((tests[0] == 0).double().mean()))
    assert pair[4] == pytest.approx(float((tests[4] == 9).double().mean()))
    assert digit == pytest.approx([0, 0, 0, 0, pair[4]])


# ---- the questions asked of runs


def test_averages_are_over_the_tasks_learned_so_far():
    runs = small([[[[0.9, 0.1], [0.5, 0.7]], [[1.0, 0.0], [0.2, 0.8]]]])
    np.testing.assert_allclose(runs.averages(0.0), [0.6, 0.5])
    np.testing.assert_allclose(runs.averages(0.0, 1), [0.9, 1.0])
    np.testing.assert_allclose(runs.on_tasks(0.0), [[0.5, 0.7], [0.2, 0.8]])
    np.testing.assert_allclose(runs.learned(0.0), [0.8, 0.9])


def test_the_best_lam_is_that_of_the_validation_parts():
    table = [[[0.9]]] * 3
    runs = small([table] * 3, [(0.1, 0.5, 0.3), (0.4, 0.4, 0.4), (0.3, 0.4, 0.3)])
    assert runs.best == 1.0
    runs = small([table] * 2, [(0.4, 0.4, 0.4), (0.4, 0.4, 0.4)])
    assert runs.best == 0.0


# ---- what is stored


def test_the_stored_runs_were_made_with_these_settings():
    assert stored.stored()["settings"] == stored.settings()
    assert stored.PATH.stat().st_size < 200_000
    for method, lams in stored.GRIDS.items():
        for scenario in lesson11.SCENARIOS:
            runs = lesson11.runs(method, scenario)
            assert runs.accuracy.shape == (len(lams), 5, 5, 5)
            assert runs.validated.shape == (len(lams), 5)
            assert 0 <= runs.accuracy.min() < runs.accuracy.max() <= 1


def test_the_stored_runs_are_what_the_code_computes():
    for scenario, lam in (("domain", 1.0), ("class", 0.0)):
        run = me.learn(
            lesson11.stream(scenario), me.MAS(), lam, schedule=lesson11.SCHEDULE, progress=False
        )
        found = lesson11.runs("MAS", scenario)
        np.testing.assert_allclose(found.on_tasks(lam)[0], run.accuracy[-1], atol=0.05)
        place = found.lams.index(lam)
        assert found.validated[place, 0] == pytest.approx(run.validated, abs=0.03)


def test_make_writes_what_runs_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "PATH", tmp_path / "runs.json")
    monkeypatch.setattr(stored, "METHODS", {"MAS": me.MAS()})
    monkeypatch.setattr(stored, "GRIDS", {"MAS": (0.0, 1.0)})
    monkeypatch.setattr(stored, "SCHEDULES", {"MAS": SHORT})
    monkeypatch.setattr(stored, "SEEDS", (0, 1))
    try:
        assert stored.make() == tmp_path / "runs.json"
        assert stored.stored()["settings"] == stored.settings()
        found = stored.runs("MAS", "task")
        records = me.sweep(
            lesson11.stream("task"), me.MAS(), [0.0, 1.0], [0, 1], schedule=SHORT, progress=False
        )
        expected = np.array([record.accuracy for record in records]).reshape(2, 2, 5, 5)
        np.testing.assert_allclose(found.accuracy, expected, atol=0.0006)
    finally:
        stored.runs.cache_clear()


def test_a_lam_that_is_not_stored_is_refused():
    with pytest.raises(ValueError, match=r"lam: expected one of 0, 0\.03, .* got 0\.5"):
        lesson11.compare(0.5)
    with pytest.raises(ValueError, match="after: expected a number of tasks from 1 to 5, got 0"):
        lesson11.compare(0.0, 0)


def test_the_story_holds_for_every_seed():
    mas, joint = (lesson11.runs(name, "class") for name in ("MAS", "joint"))
    assert mas.on_tasks(0.0)[:, -1].min() > 0.75  # the last pair alone
    assert mas.on_tasks(0.0)[:, :-1].max() < 0.05
    assert mas.on_tasks(1e4)[:, 0].min() > 0.95  # the first pair alone
    assert mas.on_tasks(1e4)[:, 1:].max() < 0.15
    assert max(mas.averages(lam).max() for lam in mas.lams) < 0.5 < joint.averages(0.0).min()
    assert lesson11.runs("MAS", "task").averages(0.0).min() > 0.95


# ---- the picture


@pytest.fixture(scope="module", params=[(0.0, 5), (1.0, 2), (1e4, 1)], ids=str)
def shown(request):
    lam, after = request.param
    now = lesson11.compare(lam, after)
    return now, after, lesson11.draw(now)


def panels(figure, title):
    return [ax for ax in figure.axes if ax.get_title(loc="left") == title]


def pair_panels(figure):
    return [ax for ax in figure.axes if ax.patches]


def test_the_bars_and_dots_are_the_accuracies(shown):
    now, after, figure = shown
    assert len(pair_panels(figure)) == 3
    for scenario, ax in zip(lesson11.SCENARIOS, pair_panels(figure), strict=True):
        values = 100 * now.mas[scenario].on_tasks(now.lam, after)
        np.testing.assert_allclose([bar.get_height() for bar in ax.patches], values.mean(0))
        (dots,) = [line.get_ydata() for line in ax.lines if line.get_marker() == "o"]
        np.testing.assert_allclose(dots, values.ravel())
        numbers = [text.get_text() for text in ax.texts if text.get_text() != "guessing"]
        assert numbers == [f"{mean:.0f}" for mean in values.mean(0)]
        dotted = next(line for line in ax.lines if line.get_marker() == "None")
        assert set(dotted.get_ydata()) == {10 if scenario == "class" else 50}


def test_the_line_is_the_average_by_lam(shown):
    now, after, figure = shown
    averages = panels(figure, "average, by λ")
    assert len(averages) == 3
    for scenario, ax in zip(lesson11.SCENARIOS, averages, strict=True):
        joint, line, here = ax.lines
        runs = now.mas[scenario]
        means = [100 * runs.averages(lam, after).mean() for lam in runs.lams]
        np.testing.assert_allclose(line.get_ydata(), means)
        place = runs.lams.index(now.lam)
        assert (here.get_xdata()[0], here.get_ydata()[0]) == pytest.approx((place, means[place]))
        expected = 100 * now.joint[scenario].averages(0.0, after).mean()
        assert joint.get_ydata()[0] == pytest.approx(expected)
        assert ax.get_title(loc="right") == f"dashed: joint {expected:.0f}"


def test_digits_still_to_come_are_pale(shown):
    _, after, figure = shown
    (strip,) = [ax.images[0].get_array() for ax in figure.axes if ax.get_label() == "stream"]
    darkest = np.asarray(strip).reshape(8, 10, 10).max((0, 2))
    assert (darkest[: 2 * after] > 0.9).all()
    assert (darkest[2 * after :] < 0.25).all()


def test_the_outputs_that_compete_are_filled():
    filled = {}
    for scenario, ax in zip(
        lesson11.SCENARIOS, (ax for ax in lesson11.draw(lesson11.compare()).axes
                             if any("incremental" in t.get_text() for t in ax.texts)), strict=True,
    ):  # fmt: skip
        boxes = [text for text in ax.texts if text.get_bbox_patch()]
        filled[scenario] = [t.get_text() for t in boxes if t.get_color() == "white"]
        tasks = lesson11.stream(scenario)
        if scenario != "domain":
            competing = tasks[2].classes or range(tasks.outputs)
            assert filled[scenario] == [str(c) for c in competing]
    assert filled["domain"] == ["even", "odd"]


def test_nothing_is_cut_off_or_overlaps(shown):
    figure = shown[2]
    texts = extents(check_lesson_texts(figure, (900, 520)))
    streams = [ax.get_window_extent() for ax in figure.axes if ax.get_label() == "stream"]
    assert streams
    assert not any(place.overlaps(box) for place in streams for box in texts)


def test_the_sentence_holds_the_numbers(shown):
    now, after, _ = shown
    said = lesson11.describe(now)
    means = {s: percent(now.mas[s].averages(now.lam, after).mean()) for s in lesson11.SCENARIOS}
    assert f"get {means['class']} right on average" in said
    assert f"“which of the two?” {means['task']}, “even or odd?” {means['domain']}." in said
    joint = {s: percent(now.joint[s].averages(0.0, after).mean()) for s in lesson11.SCENARIOS}
    assert f"Joint training: {joint['class']}, {joint['task']} and {joint['domain']}." in said
    assert said.endswith(f"MAS, λ = {now.lam:g}, after {after} of 5 tasks.")


def test_the_sentence_names_the_pairs_that_are_known():
    assert "the networks know only the pair 8 9 and" in lesson11.describe(lesson11.compare(0.0))
    assert "the networks know only the pair 0 1 and" in lesson11.describe(lesson11.compare(1e4))
    runs = small([[[[0.4, 0.0], [0.4, 0.49]]]])
    none = experiment.Compared(0.0, *[dict.fromkeys(lesson11.SCENARIOS, runs)] * 2, after=2)
    assert "the networks know no pair well and" in lesson11.describe(none)


# ---- the figure


def test_lam_and_the_moment_reach_the_picture():
    shown = lesson11.figure(blocking=True)
    assert shown.state.lam == 0.0
    shown.controls["lam"].value = 10.0
    assert "λ = 10, after 5 of 5" in shown.words
    shown.controls["after"].value = 3
    assert "λ = 10, after 3 of 5" in shown.words
    assert "compare(lam=10, after=3)" in shown.call


def test_the_words_of_the_lesson_are_explained():
    assert set(lesson11.WORDS) <= set(glossary_terms.TERMS)
