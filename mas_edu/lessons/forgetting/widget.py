"""Lesson 01: task A is forgotten while B is learned, seen as a curve and in six digits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import ipywidgets as w
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import nn

from mas_edu.data import Stream, Task, rotated
from mas_edu.methods import FineTune, Joint
from mas_edu.plots import COLOURS, GREY, INK, PERCENT, percent, spread
from mas_edu.training import Schedule, Training
from mas_edu.widgets import Interactive, Question, canvas, look

SIZE = (900, 600)
SCHEDULE = Schedule(lr=0.003)  # learns each task well in ten passes over its digits
TURNS = range(30, 181, 30)  # degrees
MOMENTS = 41  # how often the network is asked while it learns a task
EXAMPLE = 8  # place of a 2, which looks different in every direction
IN_A, IN_B = COLOURS[0], COLOURS[1]
Labels = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forgetting:
    """What a network says of the test digits of tasks A and B, from its first update to now.

    Args:
        turn: by how many degrees B is turned against A.
        joint: whether A's data is trained on again while B is learned.
        updates: when the network was asked, `[S]`; 0 is the moment before B begins.
        of_a: the labels it gave A's digits, `[S, N]`.
        of_b: the labels it gave B's, `[S, N]`.
        truth: the right labels, `[N]`, the same in both tasks.
        images: A's digits, `[N, 8, 8]`.
        turned: B's, `[N, 8, 8]`.
        six: places of the six digits to look at.
        alone: the run in which B is trained alone, to compare with; None: this is it.
    """

    turn: int
    joint: bool
    updates: Labels
    of_a: Labels
    of_b: Labels
    truth: Labels
    images: Shares
    turned: Shares
    six: tuple[int, ...]
    alone: Forgetting | None = None

    @property
    def on_a(self) -> Shares:
        """Share of A's digits answered rightly, at each moment."""
        return _share(self.of_a == self.truth)

    @property
    def on_b(self) -> Shares:
        """Share of B's digits answered rightly, at each moment."""
        return _share(self.of_b == self.truth)

    @property
    def before(self) -> int:
        """The place of the moment before B begins."""
        return int(np.flatnonzero(self.updates <= 0)[-1])

    @property
    def end(self) -> int:
        """The number of updates of B when it is finished: as many as of A."""
        return -int(self.updates[0])

    def until(self, moment: int | None) -> Forgetting:
        """What was known at that update of B."""
        count = len(self.updates) if moment is None else int((self.updates <= moment).sum())
        parts = (self.updates, self.of_a, self.of_b)
        updates, of_a, of_b = (part[: max(count, self.before + 1)] for part in parts)
        return replace(self, updates=updates, of_a=of_a, of_b=of_b)


def forget(
    turn: int = 60, joint: bool = False, seed: int = 0, schedule: Schedule = SCHEDULE
) -> Forgetting:
    """Learn the digits (task A), then the same digits turned (task B), and ask all the time.

    Args:
        turn: by how many degrees B is turned.
        joint: whether A's data is trained on again while B is learned.
        seed: of the initial weights and the order of the samples.
        schedule: how each of the two is trained.

    >>> run = forget(turn=60)
    >>> bool(run.on_a[run.before] > 0.8 > 0.5 > run.on_a[-1])
    True
    """
    alone = _alone(turn, seed, schedule)
    last = _last(_trained(turn, True, seed, schedule)) if joint else alone
    return replace(last, six=choose_six(alone), alone=alone if joint else None)


def job(
    turn: int, joint: bool, seed: int, schedule: Schedule = SCHEDULE, seconds: float = 0.0
) -> Generator[Forgetting]:
    """`forget`, moment by moment; learning B is stretched to last so many seconds."""
    alone = _alone(turn, seed, schedule)
    six = choose_six(alone)
    for state in _trained(turn, joint, seed, schedule):
        yield replace(state, six=six, alone=alone if joint else None)
        time.sleep(seconds / MOMENTS)


def _trained(turn: int, joint: bool, seed: int, schedule: Schedule) -> Iterator[Forgetting]:
    """One network from the start to the end, asked now and then; given from B's beginning on."""
    a, b = stream = _stream(turn)
    run = Training(stream, Joint() if joint else FineTune(), seed=seed, schedule=schedule)
    count = run.updates_of(0)
    asked = {-(-count * k // MOMENTS) for k in range(1, MOMENTS + 1)}
    images, turned = (task.x_test.numpy().reshape(-1, 8, 8) for task in stream)
    updates, of_a, of_b = [-count], [_labels(run.model, a)], [_labels(run.model, b)]
    for done in run:
        if (done - 1) % count + 1 not in asked:
            continue
        updates.append(done - count)
        of_a.append(_labels(run.model, a))
        of_b.append(_labels(run.model, b))
        if done >= count:
            times, on_a, on_b = (np.array(part) for part in (updates, of_a, of_b))
            yield Forgetting(turn, joint, times, on_a, on_b, a.y_test.numpy(), images, turned, ())


def _share(right: NDArray[np.bool_]) -> Shares:
    share: Shares = right.mean(axis=1)
    return share


@lru_cache(maxsize=len(TURNS))
def _stream(turn: int) -> Stream:
    return rotated("digits", tasks=2, step=turn)


@lru_cache(maxsize=16)
def _alone(turn: int, seed: int, schedule: Schedule) -> Forgetting:
    """The run without A's data: it says which digits will be forgotten."""
    return _last(_trained(turn, False, seed, schedule))


def _last(states: Iterator[Forgetting]) -> Forgetting:
    return deque(states, maxlen=1).pop()


def _labels(model: nn.Module, task: Task) -> Labels:
    with torch.no_grad():
        labels: Labels = model(task.x_test).argmax(1).numpy()
    return labels


def choose_six(run: Forgetting) -> tuple[int, ...]:
    """Six digits that were read rightly before B and are not after it, as different as can be."""
    right, wrong = run.of_a[run.before] == run.truth, run.of_a[-1] != run.truth
    places = np.flatnonzero(right & wrong)
    _, first = np.unique(run.truth[places], return_index=True)  # one of each digit
    others = np.setdiff1d(np.arange(len(places)), first)
    return tuple(sorted(places[[*first, *others][:6]].tolist(), key=lambda k: run.truth[k]))


# ---- what there is to see


def draw(run: Forgetting, moment: int | None = None) -> Figure:
    """Both accuracies up to an update of B (None: the last there is), and the six digits then."""
    now = run.until(moment)
    figure = canvas(SIZE)
    _curves(figure.add_axes((0.085, 0.49, 0.735, 0.39)), now)
    _digits(figure.add_axes((0.0, 0.01, 1.0, 0.39)), now)
    return figure


def describe(run: Forgetting, moment: int | None = None) -> str:
    """What `draw` shows, in words."""
    now = run.until(moment)
    how = "together with A" if run.joint else "alone"
    before, after, labels = now.on_a[now.before], now.on_a[-1], now.of_a[-1, list(now.six)]
    flips = [
        f"{old} is now read as {new}"
        for old, new in zip(now.truth[list(now.six)], labels, strict=True)
        if old != new
    ]
    changed = f"{len(flips)} of the six digits changed label: {', '.join(flips)}."
    return (
        f"Task B, the digits turned by {run.turn}°, trained {how}: after {now.updates[-1]} of "
        f"{now.end} updates the accuracy on A {_moved(before, after)}, that on B is "
        f"{percent(now.on_b[-1])}. {changed if flips else 'None of the six digits changed label.'}"
        f"{_beside(now)}"
    )


def _beside(now: Forgetting) -> str:
    if now.alone is None:
        return ""
    return f" Pale, to compare: with B alone, A ended at {percent(now.alone.on_a[-1])}."


def _moved(before: float, after: float) -> str:
    if percent(before) == percent(after):
        return f"is still {percent(after)}"
    return f"went from {percent(before)} to {percent(after)}"


def _curves(ax: Axes, now: Forgetting) -> None:
    ax.axvspan(-now.end, 0, color="#f2f2f2", linewidth=0)
    ax.plot(now.updates, now.on_a, "-", color=IN_A, linewidth=3.5, clip_on=False)
    ax.plot(now.updates, now.on_b, "--", color=IN_B, linewidth=3.5, clip_on=False)
    if now.alone is not None:
        pale: dict[str, Any] = {"color": IN_A, "alpha": 0.4, "linewidth": 2.5, "zorder": 1}
        ax.plot(now.alone.updates, now.alone.on_a, **pale)
    _names(ax, now)
    _heading(ax, 0.02, "learning A", [now.images])
    if now.joint:
        _heading(ax, 0.52, "learning B and A", [now.turned, now.images])
    else:
        _heading(ax, 0.52, "learning B", [now.turned])
    ax.set(xlim=(-now.end, now.end), ylim=(0, 1))
    ax.set_xticks([-now.end, 0, now.end], ["0", f"{now.end} updates", f"{2 * now.end} updates"])
    ax.set_yticks([0, 0.5, 1])
    ax.yaxis.set_major_formatter(PERCENT)
    ax.tick_params(labelsize=13)
    ax.spines[["top", "right"]].set_visible(False)


def _heading(ax: Axes, left: float, text: str, tasks: list[Shares]) -> None:
    """What is learned in this half, with a digit as an example."""
    for k, images in enumerate(tasks):
        example = ax.inset_axes((left + 0.075 * k, 1.03, 0.068, 0.2))
        example.imshow(images[EXAMPLE], cmap="gray_r")
        example.set(xticks=[], yticks=[])
    beside = left + 0.075 * len(tasks) + 0.01
    ax.text(beside, 1.13, text, transform=ax.transAxes, va="center", fontsize=18, color=INK)


def _names(ax: Axes, now: Forgetting) -> None:
    """The lines' names and present values, in their colours, none over another."""
    names = [(now.on_a[-1], IN_A, "A, upright"), (now.on_b[-1], IN_B, "B, turned")]
    if now.alone is not None:
        names.append((now.alone.on_a[-1], GREY, "A, if not joint"))
    heights = spread([float(value) for value, *_ in names], 0.25, 0.08, 1.0)
    for height, (value, colour, name) in zip(heights, names, strict=True):
        style: dict[str, Any] = {"color": colour, "va": "center", "clip_on": False}
        ax.text(now.end * 1.04, height + 0.03, percent(value), fontsize=22, weight="bold", **style)
        ax.text(now.end * 1.04, height - 0.09, name, fontsize=14, **style)


def _digits(ax: Axes, now: Forgetting) -> None:
    """Six of A's digits, what they are called now, and a mark on those that changed."""
    ax.set(xlim=(0, 6), ylim=(1.52, -0.33))
    ax.set_axis_off()
    title = "Six digits of A: what they were read as before B, and now"
    ax.text(0.12, -0.13, title, fontsize=16, color=INK)
    for place, k in enumerate(now.six):
        left, old, new = place + 0.12, int(now.truth[k]), int(now.of_a[-1, k])
        extent = (left, left + 0.76, 1.0, 0.0)
        ax.imshow(now.images[k], cmap="gray_r", extent=extent, aspect="auto")
        style: dict[str, Any] = {"edgecolor": IN_A, "linewidth": 1.5}
        if old != new:
            style = {"edgecolor": IN_B, "linewidth": 5, "linestyle": (0, (2, 1))}
        ax.add_patch(Rectangle((left, 0), 0.76, 1.0, fill=False, **style))
        ax.text(
            left + 0.38,
            1.3,
            f"{old} → {new} {'✓' if old == new else '✗'}",
            ha="center",
            va="center",
            fontsize=21,
            color=style["edgecolor"],
            weight="normal" if old == new else "bold",
        )


# ---- the interactive figure, and the questions


def figure(
    turn: int = 60,
    joint: bool = False,
    seed: int = 0,
    *,
    schedule: Schedule = SCHEDULE,
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
    """
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
            max=9999,
            **look("seed", "Of the initial weights and the order of the samples", 160, 40),
        ),
    }
    updates = schedule.updates(len(_stream(turn)[0].x))
    moments = [-(-updates * k // MOMENTS) for k in range(MOMENTS + 1)]
    moment = w.SelectionSlider(
        options=[(f"update {k}", k) for k in moments],
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
        blocking=blocking,
    )


def _call(schedule: Schedule, turn: int, joint: bool, seed: int, moment: int) -> str:
    other = "" if schedule == SCHEDULE else f", schedule=me.{schedule!r}"
    return (
        f"run = forgetting.forget(turn={turn}, joint={joint}, seed={seed}{other})\n"
        f"alt = forgetting.describe(run, moment={moment})\n"
        f"me.plots.show(forgetting.draw(run, moment={moment}), alt=alt)"
    )


WORDS = (
    "task",
    "stream",
    "fine-tuning",
    "catastrophic forgetting",
    "joint training",
    "capacity",
    "accuracy matrix",
    "average",
    "forgetting",
    "backward transfer",
    "learned",
)

QUIZ = (
    Question(
        "While B is learned, why does the accuracy on A fall?",
        (
            "The network is too small for both tasks.",
            False,
            "Joint training puts both into the same network: there is room enough.",
        ),
        (
            "The updates serve B alone, and they move weights that A needs.",
            True,
            "The loss of B does not contain A, so nothing speaks for the weights A depends on.",
        ),
        (
            "The learning rate is too large.",
            False,
            "A smaller one only makes the same journey slower: B is still all that is asked for.",
        ),
    ),
    Question(
        "In the accuracy matrix, where do you see one task being forgotten?",
        (
            "Along a row, from left to right.",
            False,
            "A row is one moment: it compares tasks, not times.",
        ),
        (
            "Down a column, from its diagonal cell on.",
            True,
            "A column is one task; its diagonal cell is the moment just after learning it.",
        ),
        (
            "Along the diagonal.",
            False,
            "The diagonal says how well each task was learned when it was new.",
        ),
    ),
    Question(
        "A frozen network, never updated after task 1, has forgetting 0. Is it good?",
        (
            "Yes: it forgets nothing.",
            False,
            "Nor does it learn anything: look at the diagonal from task 2 on.",
        ),
        (
            "No: 'learned' is low, and so is the average.",
            True,
            "Forgetting alone can be had for nothing. Read it beside 'learned'.",
        ),
        (
            "That cannot be said without its backward transfer.",
            False,
            "Backward transfer is 0 too: it looks at the same columns and misses the same thing.",
        ),
    ),
)
