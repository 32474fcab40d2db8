"""Lesson 06's interactive figure: five rules side by side, at one λ or each at its own."""

from __future__ import annotations

from functools import partial

import ipywidgets as w
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu._common import as_float, as_instance, translate
from mas_edu.lessons.many_tasks.drawing import SIZE, describe, draw
from mas_edu.lessons.many_tasks.experiment import Compared, Kept, Lam, job
from mas_edu.lessons.many_tasks.rules import RULES
from mas_edu.lessons.many_tasks.stored import LAMS, SCHEDULE, TASKS
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice, start_whole

ONE_LAM = 0.1  # at which the prediction compares the rules first


def figure(
    lam: Lam = 0.1,
    tasks: int = TASKS,
    rule: str = "sum",
    *,
    schedule: me.Schedule = SCHEDULE,
    blocking: bool = False,
) -> Interactive[Compared]:
    """Move λ for all rules at once, or let each have its own; all five are trained.

    Args:
        lam: one λ for all rules, or "own"; like the next two, what the controls begin at.
        tasks: how many tasks are learned, from 2 to 10.
        rule: the one drawn in bold.
        schedule: how each task is trained.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    lam = _start_lam(lam)
    tasks = start_whole("tasks", tasks, 2, TASKS)
    rule = start_choice("rule", rule, RULES)
    schedule = as_instance("schedule", schedule, me.Schedule, "me.Schedule()")
    values = sorted({*LAMS, *([] if lam == "own" else [lam])})
    controls = {
        "lam": w.SelectionSlider(
            options=[
                (translate("each its own"), "own"),
                *((f"{value:g}", value) for value in values),
            ],
            value=lam,
            continuous_update=False,
            **look("λ", "One λ for all rules, or at the left end each its own", 420, 20),
        ),
        "tasks": w.SelectionSlider(
            options=range(2, TASKS + 1),
            value=tasks,
            continuous_update=False,
            **look("tasks", "How many tasks are learned, one after the other", 290, 70),
        ),
    }
    bold = w.Dropdown(
        options=[(translate(name), name) for name in RULES],
        value=rule,
        **look("in bold", "The rule whose line is drawn in bold", 230, 60),
    )
    kept = Kept()
    return Interactive(
        controls=controls,
        looks={"rule": bold},
        job=partial(job, schedule=schedule, kept=kept),
        draw=partial(_draw, kept),
        describe=describe,
        call=partial(_call, schedule),
        size=SIZE,
        progress=lambda now: (now.done, now.total),
        recall=kept.recall,
        answer=("06", partial(_answer, kept)),
        blocking=blocking,
    )


def _start_lam(lam: Lam) -> Lam:
    """Return λ, checked."""
    if isinstance(lam, str) and lam == "own":
        return "own"
    try:
        return as_float("lam", lam)
    except ValueError as error:
        raise ValueError(f"{error}; or take 'own'") from None


def _answer(kept: Kept, now: Compared, rule: str) -> float | None:
    """Return the share of the gap at one λ that is left when each rule has its own; else None."""
    one = kept.recall(ONE_LAM, TASKS)
    if not now.own or now.finished < TASKS or one is None:
        return None
    return 100 * now.gap / one.gap if one.gap > 0 else None


def _draw(kept: Kept, now: Compared, rule: str, guess: float | None = None) -> Figure:
    return draw(now, rule, guess, None if guess is None else kept.recall(ONE_LAM, TASKS))


def _call(
    schedule: me.Schedule, lam: Lam, tasks: int, rule: str, guess: Guess | None = None
) -> str:
    other = "" if schedule == SCHEDULE else f", schedule=me.{schedule!r}"
    looks = f"rule={rule!r}{guess_argument(guess)}"
    one = "" if guess is None else f"one = many_tasks.compare(lam={ONE_LAM}{other})\n"
    return (
        f"{one}now = many_tasks.compare(lam={lam!r}, tasks={tasks}{other})\n"
        f"alt = many_tasks.describe(now, {looks})\n"
        f"me.plots.show(many_tasks.draw(now, {looks}{', one=one' if one else ''}), alt=alt)"
    )
