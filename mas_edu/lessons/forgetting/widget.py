"""Lesson 01's interactive figure: task A is forgotten while B is learned."""

from __future__ import annotations

from functools import partial

import ipywidgets as w

import mas_edu as me
from mas_edu._common import as_instance, translate
from mas_edu.lessons.forgetting.drawing import SIZE, describe, draw
from mas_edu.lessons.forgetting.experiment import MOMENTS, SCHEDULE, TURNS, Forgetting, job, pair
from mas_edu.widgets import (
    MOST_SEED,
    Guess,
    Interactive,
    guess_argument,
    look,
    start_choice,
    start_number,
    start_whole,
)


def figure(
    turn: int = 60,
    joint: bool = False,
    seed: int = 0,
    *,
    schedule: me.Schedule = SCHEDULE,
    seconds: float = 6.0,
    blocking: bool = False,
) -> Interactive[Forgetting]:
    """Watch A's curve fall while B is learned; make it the last line of a cell.

    Args:
        turn: by how many degrees B is turned; like the next two, what the controls begin at.
        joint: whether A's data is trained on again while B is learned.
        seed: of the initial weights and the order of the samples.
        schedule: how each of the two is trained.
        seconds: how long learning B is stretched, to be watched; it takes a fraction of one.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    turn = start_choice("turn", turn, TURNS)
    joint = start_choice("joint", joint, (False, True))
    seed = start_whole("seed", seed, 0, MOST_SEED)
    schedule = as_instance("schedule", schedule, me.Schedule, "me.Schedule()")
    seconds = start_number("seconds", seconds, 0, 3600)
    controls = {
        "turn": w.SelectionSlider(
            options=[(f"{angle}°", angle) for angle in TURNS],
            value=turn,
            continuous_update=False,
            **look("B turned by", "How different the two tasks are"),
        ),
        "joint": w.Checkbox(
            value=joint,
            indent=False,
            **look(
                "train on A too (joint)", "While B is learned, A's data is trained on again", 190
            ),
        ),
        "seed": w.BoundedIntText(
            value=seed,
            min=0,
            max=MOST_SEED,
            **look("seed", "Of the initial weights and the order of the samples", 160, 40),
        ),
    }
    updates = schedule.updates(len(pair(turn)[0].x))
    moments = [-(-updates * k // MOMENTS) for k in range(MOMENTS + 1)]
    moment = w.SelectionSlider(
        options=[(translate("update {count}", count=k), k) for k in moments],
        value=moments[-1],
        **look("look back to", "What the network knew after so many updates of B", 520),
    )
    return Interactive(
        controls=controls,
        looks={"moment": moment},
        job=partial(job, schedule=schedule, seconds=seconds),
        draw=draw,
        describe=describe,
        call=partial(_call, schedule),
        size=SIZE,
        progress=lambda run: (int(run.updates[-1]), run.end),
        answer=("01", _answer),
        blocking=blocking,
    )


def _answer(run: Forgetting, moment: int) -> float | None:
    """Return what is left of A when B, turned by 60°, has been learned alone; else None."""
    now = run.until(moment)
    asked = now.turn == 60 and not now.joint and now.updates[-1] == now.end
    return 100 * float(now.on_a[-1]) if asked else None


def _call(
    schedule: me.Schedule,
    turn: int,
    joint: bool,
    seed: int,
    moment: int,
    guess: Guess | None = None,
) -> str:
    other = "" if schedule == SCHEDULE else f", schedule=me.{schedule!r}"
    looks = f"moment={moment}{guess_argument(guess)}"
    return (
        f"run = forgetting.forget(turn={turn}, joint={joint}, seed={seed}{other})\n"
        f"alt = forgetting.describe(run, {looks})\n"
        f"me.plots.show(forgetting.draw(run, {looks}), alt=alt)"
    )
