"""The playground's λ of each method, compared methods, seeds, and what it trains ahead."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

import mas_edu as me
from mas_edu.methods import METHODS
from mas_edu.widgets.playground.controls import HIDEABLE
from mas_edu.widgets.playground.groups import Group
from mas_edu.widgets.playground.lambda_range import Range, draw_lambda_range
from mas_edu.widgets.playground.settings import OWN_LAMBDA
from mas_edu.widgets.playground.status import news
from tests.support.playgrounds import LONG, QUICK, text
from tests.support.workers import PATIENCE, until, working

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].penalised])
def test_each_method_begins_at_its_own_lambda_within_its_own_range(make, name):
    figure = make(method=name, tasks=2, settle=False)
    lam, own = figure.controls.lam, OWN_LAMBDA[name]
    values = [value for _, value in lam.options]
    assert lam.value == own
    assert values[0] == 0
    assert values[1] == pytest.approx(own / 100)
    assert values[-1] == pytest.approx(own * 100)
    assert f"{name} begins at {own:g}" in text(figure.screen.hint)


def test_every_method_with_a_penalty_has_a_lambda_of_its_own():
    assert set(OWN_LAMBDA) == {name for name, kind in METHODS.items() if kind.penalised}


def test_another_method_keeps_the_place_of_lambda_not_its_number(make):
    figure = make(tasks=2)
    figure.controls.lam.value = 0.01
    figure.controls.method.value = me.EWC()
    assert figure.controls.lam.value == 3.0
    assert figure.wait(PATIENCE)
    assert figure.record.settings["lam"] == 3.0
    figure.controls.method.value = me.FineTune()  # has no λ: the place is kept for the next
    figure.controls.method.value = me.SCP()
    assert figure.controls.lam.value == 8.0
    assert figure.wait(PATIENCE)
    assert figure.record.label == "SCP, λ = 8"


@pytest.mark.parametrize("lam", [0.0, 1 / 3, 7.0])
def test_a_lambda_that_is_asked_for_is_taken_exactly(make, lam):
    figure = make(tasks=2, method="EWC", lam=lam)
    assert figure.record.settings["lam"] == lam


def test_methods_are_compared_from_one_start_each_at_its_own_lambda(make):
    figure = make(tasks=2, compare=["EWC", me.SI()])
    scene = figure.shown.scene()
    assert [group.label for group in scene.groups] == ["MAS, λ = 0.1", "EWC, λ = 30", "SI, λ = 10"]
    for group in scene.groups:
        mine, first = group.first.settings, figure.record.settings
        assert (mine["stream"], mine["seed"]) == (first["stream"], first["seed"])
        assert mine["evidence"]["start"] == first["evidence"]["start"]
    shown = text(figure.screen.curves)
    assert all(group.label in shown for group in scene.everything)
    assert "Accuracy matrix, MAS" in text(figure.screen.matrix)
    assert "MAS, λ = 0.1 and 2 more: finished" in text(figure.status)


def test_the_compared_runs_are_those_of_learn(make):
    figure = make(tasks=2, compare=["L2"])
    stream = me.rotated("digits", tasks=2)
    alone = me.learn(stream, me.L2(), lam=0.1, schedule=QUICK, progress=False)
    assert figure.shown.scene().groups[1].first == alone
    assert "other_1 = me.learn(stream, me.L2(), lam=0.1, seed=0, schedule=" in figure.call


def test_the_slider_moves_lambda_of_all_compared_methods(make):
    figure = make(tasks=2, compare=["EWC"])
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    labels = [group.label for group in figure.shown.scene().groups]
    assert labels == ["MAS, λ = 1", "EWC, λ = 300"]


def test_a_method_is_not_compared_with_itself(make):
    figure = make(tasks=2, compare=["EWC"], settle=False)
    figure.controls.method.value = me.EWC()
    assert figure.wait(PATIENCE)
    assert len(figure.shown.scene().groups) == 1


def test_seeds_are_drawn_as_mean_and_range(make):
    figure = make(tasks=2, seeds=3)
    group = figure.shown.scene().main
    assert [record.settings["seed"] for record in group.records] == [0, 1, 2]
    assert "<polygon" in figure.screen.curves.value
    assert "3 seeds" in text(figure.screen.curves)
    assert len(figure.shown.scene().baseline.records) == 3
    mean = np.mean([record.average for record in group.records])
    assert f"{100 * mean:.0f} %average" in text(figure.screen.numbers)
    assert "seeds=[0, 1, 2]" in figure.call


def test_runs_of_several_seeds_are_those_of_learn(make):
    figure = make(tasks=2, seeds=3)
    stream = me.rotated("digits", tasks=2)
    for seed, record in enumerate(figure.shown.scene().main.records):
        alone = me.learn(stream, me.MAS(), lam=0.1, seed=seed, schedule=QUICK, progress=False)
        assert np.allclose(record.curve, alone.curve)


def test_one_seed_has_no_band(make):
    assert "<polygon" not in make(tasks=2).screen.curves.value


def test_a_group_of_unequal_length_ends_with_its_shortest_run():
    long = me.learn(me.rotated("digits", 2), me.MAS(), schedule=QUICK, progress=False)
    short = me.Record(
        long.accuracy, steps=long.steps[:2], curve=long.curve[:2], settings=long.settings
    )
    assert Group((long, short)).curves.shape == (2, 2, 2)


def test_all_places_of_lambda_are_trained_ahead_and_then_recalled(make):
    figure = make(tasks=2)
    assert figure.ahead.wait(PATIENCE)
    lams = {one.lam for one in figure.remembered if isinstance(one.method, me.MAS)}
    assert lams == {value for _, value in figure.controls.lam.options}
    for index in range(len(figure.controls.lam.options)):
        figure.controls.lam.index = index
        assert figure.wait(PATIENCE)
        assert figure.record.settings["lam"] == figure.controls.lam.value
        assert "remembered" in text(figure.status) or figure.controls.lam.value == 0.1


def test_what_is_trained_ahead_is_what_learn_returns(make):
    figure = make(tasks=2)
    assert figure.ahead.wait(PATIENCE)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    stream = me.rotated("digits", tasks=2)
    alone = me.learn(stream, me.MAS(), lam=1.0, schedule=QUICK, progress=False)
    assert np.allclose(figure.record.curve, alone.curve)


def test_one_trains_at_a_time(make):
    figure = make(tasks=2)
    figure.controls.schedule = LONG
    figure.ahead.end()
    figure.ahead.begin(figure.controls.plan)
    until(lambda: figure.ahead.phase == "running")
    figure.controls.seed.value = 3
    until(lambda: re.search("training, [1-9]", text(figure.status)))
    assert working() == 1


def test_the_newest_of_many_places_wins(make):
    figure = make(tasks=2)
    assert figure.ahead.wait(PATIENCE)
    for index in [*range(14), *reversed(range(14)), 9]:
        figure.controls.lam.index = index
    assert figure.wait(PATIENCE)
    assert figure.record.settings["lam"] == figure.controls.lam.value == 0.5
    assert "λ = 0.5" in text(figure.screen.curves)


def test_every_lambda_is_one_click_away(make):
    figure = make(tasks=2, compare=["EWC"])
    assert figure.ahead.wait(PATIENCE)
    curves = figure.screen.curves.value
    figure.controls.show.value = "every λ"
    assert figure.wait(PATIENCE)
    shown = text(figure.screen.curves)
    assert all(f"{value:g}" in shown for _, value in figure.controls.lam.options)
    assert "MAS" in shown
    assert "EWC" in shown
    best = max(
        (one for one in figure.remembered if isinstance(one.method, me.EWC)),
        key=lambda one: figure.remembered[one].average,
    )
    average = 100 * figure.remembered[best].average
    assert f"EWC {average:.0f} % at λ " in text(figure.screen.caption)
    figure.controls.show.value = "curves"
    assert figure.wait(PATIENCE)
    assert figure.screen.curves.value == curves


def test_every_lambda_names_the_method_whose_lambda_is_on_the_axis(make):
    figure = make(tasks=2, method="Joint", compare=["EWC"])
    figure.controls.show.value = "every λ"
    assert figure.wait(PATIENCE)
    assert "λ of EWC" in text(figure.screen.curves)
    figure.controls.compare.value = ()
    assert figure.wait(PATIENCE)
    assert "Joint has no penalty: λ plays no part." in text(figure.screen.curves)
    assert "training →" not in text(figure.screen.curves)


def test_what_was_stopped_first_is_the_run_without_protection(make):
    figure = make(tasks=2)
    opening = dataclasses.replace(figure.shown, opening=True, remembered=False, done=3)
    assert news(figure.scene, opening, "stopped").startswith("First fine-tuning: stopped after 3 ")
    later = dataclasses.replace(opening, opening=False)
    assert news(figure.scene, later, "stopped").startswith("MAS, λ = 0.1: stopped after 3 ")


def test_a_comparison_of_a_method_with_itself_says_so(make):
    figure = make(tasks=2)
    figure.controls.compare.value = (me.MAS(),)
    assert "MAS is the chosen method" in text(figure.screen.hint)
    figure.controls.method.value = me.EWC()
    assert figure.wait(PATIENCE)
    assert "the chosen method" not in text(figure.screen.hint)


def test_every_lambda_fills_while_it_is_trained(make):
    figure = make(tasks=2, settle=False)
    figure.controls.show.value = "every λ"
    assert figure.wait(PATIENCE)
    assert figure.ahead.wait(PATIENCE)
    assert figure.wait(PATIENCE)
    assert "being trained" not in text(figure.screen.curves)
    lone = text(figure.screen.curves)
    assert all(name in lone for name in ("average", "learned", "forgetting"))


def trained_ahead(figure):
    assert figure.ahead.wait(PATIENCE)
    return figure


def test_a_lambda_that_diverged_is_said_and_not_waited_for(make):
    stiff = me.Schedule(steps=30, evaluations=1, optimizer="sgd", lr=0.5)
    with pytest.warns(UserWarning, match="plain SGD on the penalty will blow up"):
        figure = trained_ahead(make(tasks=2, schedule=stiff))
    lams = sorted(one.lam for one in figure.ahead.diverged)
    assert lams
    figure.controls.show.value = "every λ"
    assert figure.wait(PATIENCE)
    said = f"MAS diverged at λ {', '.join(f'{lam:g}' for lam in lams)}."
    assert said in text(figure.screen.caption)
    assert "being trained" not in text(figure.screen.curves)


def test_names_of_equal_lines_are_written_apart():
    record = me.learn(me.rotated("digits", 2), me.MAS(), schedule=QUICK, progress=False)
    one = Range((0.0, 0.1), (Group((record,)), Group((record,))), (True, True))
    drawn = draw_lambda_range([one] * 4, here=1)
    heights = [float(y) for y in re.findall(r'y="([0-9.]+)"[^>]*>MAS<', drawn)]
    assert len(heights) == 4
    assert min(np.diff(sorted(heights))) >= 15


@pytest.mark.parametrize("stage", [False, True])
def test_controls_can_be_hidden(make, stage):
    hidden = {"seed", "dataset", "layer", "show", "tasks"}
    figure = make(tasks=2, seed=3, stage=stage, hide=sorted(hidden))
    shown = set(_all(figure))
    for name in HIDEABLE:
        control = getattr(figure.controls, name)
        out = control.layout.display == "none"  # also for the keyboard and for screen readers
        assert out == (name in hidden)
        assert (control in shown) == (not stage or name in ("lam", "tasks"))
    figure.controls.lam.index += 1
    assert figure.wait(PATIENCE)
    plan = figure.controls.plan.main
    assert (plan.seed, plan.tasks, plan.dataset) == (3, 2, "digits"), "they keep their values"
    assert figure.record.settings["seed"] == 3


def test_all_controls_that_a_page_shows_can_be_hidden(make):
    figure = make(tasks=2, hide=HIDEABLE)
    controls = [w for w in _all(figure) if hasattr(w, "value") and hasattr(w, "tooltip")]
    described = [control for control in controls if getattr(control, "description", "")]
    assert len(described) == len(HIDEABLE)
    assert figure.controls.views.play.layout.display == "none"
    assert all(control.layout.display == "none" for control in described)


def test_on_stage_there_are_lambda_tasks_numbers_and_curves_alone(make):
    figure = make(tasks=2, stage=True)
    shown = set(_all(figure))
    screen, controls = figure.screen, figure.controls
    assert {controls.lam, controls.tasks, screen.numbers, screen.curves} <= shown
    assert not shown & {controls.method, controls.seed, figure.train, screen.matrix, screen.omega}


def _all(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


@pytest.mark.parametrize("state", ["running", "paused", "finished"])
def test_buttons_show_the_state_they_are_in(make, state):
    figure = make(tasks=2, schedule=QUICK if state == "finished" else LONG, settle=False)
    until(lambda: "training" in text(figure.status) or "finished" in text(figure.status))
    if state == "paused":
        figure.pause.click()
    until(lambda: figure.live.phase == state)
    if state == "finished":
        assert figure.wait(PATIENCE)
    pale = tuple(button.style.text_color is not None for button in figure.buttons)
    expected = {"running": (True, False, False), "paused": (False, True, False)}
    assert pale == expected.get(state, (False, True, True))
    assert not any(button.disabled for button in figure.buttons)  # it would lose the focus


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"compare": ["EWCC"]}, "compare: .* did you mean 'EWC'"),
        ({"compare": "EWC"}, "compare: expected a list of at most 3 methods"),
        ({"compare": ["EWC", "SI", "L2", "SCP"]}, "compare: expected a list of at most 3"),
        ({"seeds": 0}, "seeds: expected a whole number of at least 1, got 0"),
        ({"seeds": 21}, "seeds: expected 1 to 20 in the playground, got 21"),
        ({"hide": ["sed"]}, "hide: .* did you mean 'seed'"),
        ({"hide": ["seed", 3]}, "hide: expected one of lam, tasks, .*, show, .*, got 3"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        me.playground(**arguments)
