"""Lesson 12's six plans: each is small, and leads to a study that can pass."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import mas_edu as me
from mas_edu.lessons import reproduce as lesson12
from mas_edu.lessons.reproduce import plans
from mas_edu.results.studies.checks import SEEDS as FEWEST
from tests.support.studies import SEEDS, SHORT, bars, gap_of, verdict_of


def test_there_are_six_plans_and_each_is_small() -> None:
    assert len(lesson12.PLANS) == 6
    for plan in lesson12.PLANS.values():
        assert plan.question.endswith("?")
        assert len(plan.seeds) >= FEWEST
        assert plan.runs == len(plan.sides()) * len(plan.lams) * len(plan.seeds)
        assert plan.runs <= 300


@pytest.mark.slow
@pytest.mark.parametrize("name", plans.PLANS)
def test_each_plan_makes_a_study_that_can_pass(name: str, tmp_path: Path) -> None:
    plan = plans.PLANS[name]
    sides = list(plan.sides().values())
    runs = [
        me.sweep(stream, method, plan.lams[:2], SEEDS, schedule=SHORT, progress=False)
        for stream, method in sides
    ]
    chosen = []
    for some in runs:
        lam = me.choose_lam(some)
        chosen.append([run for run in some if run.settings["lam"] == lam])
    given = ""
    if len(sides) == 1:  # against the λ that was not chosen
        given = "beside the best"
        chosen.append([run for run in runs[0] if run not in chosen[0]])
    claim = gap_of(chosen[0], chosen[1]) | {"lam_given": given}
    claim["verdict"] = verdict_of(claim)
    if sides[0][0] is not sides[-1][0] and name == "order of tasks":
        claim["streams"] = "the order of the tasks"
    every = list(itertools.chain(*runs))
    lesson12.save_study(tmp_path, plan.question, [claim], every, {"bars.png": bars})
    found = lesson12.review(tmp_path, {"bars.png": bars})
    assert found.passed, repr(found)


def test_orders_hold_the_same_tasks() -> None:
    streams = [stream for stream, _ in lesson12.PLANS["order of tasks"].sides().values()]
    assert len({tuple(sorted(task.name for task in stream)) for stream in streams}) == 1
    assert len({tuple(task.name for task in stream) for stream in streams}) == len(streams)


def test_more_noise_is_less_like_the_data() -> None:
    sides = lesson12.PLANS["noise for Ω"].sides()
    images = sides["0% noise"][0][0].x[: plans.NOISE]
    likeness = [
        float(np.corrcoef(images.flatten(), method.data.x.flatten())[0, 1])
        for _, method in sides.values()
    ]
    assert likeness[0] == pytest.approx(1)
    assert likeness == sorted(likeness, reverse=True)
    assert abs(likeness[-1]) < 0.05
