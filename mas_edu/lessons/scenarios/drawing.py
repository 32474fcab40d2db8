"""Lesson 11's figure: the accuracy that MAS keeps on five pairs of digits in each scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mas_edu.lessons.scenarios.experiment import SCENARIOS, Array, Compared, Scenario, stream
from mas_edu.plots import COLOURS, FAINT, GREY, INK, percent, white_figure
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 520)
TASKS = 5
COLOUR: dict[Scenario, str] = dict(
    zip(SCENARIOS, (COLOURS[0], COLOURS[3], COLOURS[1]), strict=True)
)
QUESTION = {
    "task": "Pair known: “4 or 5?”",
    "domain": "All pairs alike: “even or odd?”",
    "class": "Pair not known: “which digit?”",
}
OUTPUTS = {  # the names of the outputs, and which of them compete for a 4
    "task": ("0123456789", "45"),
    "domain": (("even", "odd"), ("even", "odd")),
    "class": ("0123456789", "0123456789"),
}
EXAMPLE = 4  # the digit that is asked about
KNOWN = 0.75  # from this accuracy on, the sentence counts a pair as known (“know only …”)
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LEFT, WIDTH, GAP = 0.066, 0.273, 0.046  # of the three columns


def draw(now: Compared, guess: float | None = None) -> Figure:
    """Draw the accuracy on each pair learned so far, in three scenarios, and the average by λ.

    A guess is marked: the average with the pair not known, in %.
    """
    figure = white_figure(SIZE)
    _stream(figure, now)
    for k, scenario in enumerate(SCENARIOS):
        left = LEFT + k * (WIDTH + GAP)
        _question(figure.add_axes((left, 0.695, WIDTH, 0.185)), scenario)
        _pairs(figure.add_axes((left, 0.35, WIDTH, 0.275)), now, scenario, first=k == 0)
        averages = figure.add_axes((left, 0.065, WIDTH, 0.16))
        _averages(averages, now, scenario, first=k == 0)
    if guess is not None:  # the last column is that of the pair not known
        draw_guess(averages, guess, y=guess)
    return figure


def describe(now: Compared, guess: float | None = None) -> str:
    """Say what `draw` shows."""
    pairs = now.mas["class"].on_tasks(now.lam, now.after).mean(0)
    names = [task.name for task in stream("class")]
    some_known = [names[k] for k in np.flatnonzero(pairs >= KNOWN)]
    pair = "pair" if len(some_known) == 1 else "pairs"
    known = f"know only the {pair} {', '.join(some_known)}" if some_known else "know no pair well"
    means, joint = (
        [percent(float(some[name].averages(lam, now.after).mean())) for name in SCENARIOS]
        for some, lam in ((now.mas, now.lam), (now.joint, 0.0))
    )
    return (
        f"Asked “which digit?”, the networks {known} and get {means[2]} right on average; "
        f"asked “which of the two?” {means[0]}, “even or odd?” {means[1]}. "
        f"Joint training: {joint[2]}, {joint[0]} and {joint[1]}. "
        f"MAS, λ = {now.lam:g}, after {now.after} of {TASKS} tasks.{guess_words(guess)}"
    )


def _stream(figure: Figure, now: Compared) -> None:
    """Write the title, and draw two digits of each task; those still to come are pale."""
    style: dict[str, Any] = {"va": "center"}
    title = "One stream, three questions"
    figure.text(0.015, 0.957, title, fontsize=14.5, weight="bold", color=INK, **style)
    state = f"MAS, λ = {now.lam:g}, after {now.after} of {TASKS} tasks"
    figure.text(0.985, 0.957, state, fontsize=12, color=GREY, ha="right", **style)
    ax = figure.add_axes((0.393, 0.937, 0.26, 0.042), label="stream")
    ax.imshow(_strip(now.after), cmap="gray_r", vmin=0, vmax=1, aspect="auto")
    ax.set_axis_off()


def _strip(after: int) -> Array:
    """Return two digits of each task in one image `[8, 100]`; those still to come are pale."""
    strip = np.zeros((8, TASKS, 2, 10))
    for digit in range(2 * TASKS):
        strip[:, digit // 2, digit % 2, 1:9] = _example(digit)
    strip[:, after:] *= 0.2
    return strip.reshape(8, -1)


def _example(digit: int) -> Array:
    """Return the first test image of a digit."""
    task = stream("class")[digit // 2]
    return np.asarray(task.x_test[task.y_test == digit][0].reshape(8, 8))


def _question(ax: Axes, scenario: Scenario) -> None:
    """Draw a 4, what is asked about it, and the outputs: those that compete are filled."""
    outputs, competing = OUTPUTS[scenario]
    ax.set(xlim=(0, 12.4), ylim=(0, 4.8))
    ax.set_axis_off()
    colour = COLOUR[scenario]
    ax.text(
        0, 4.2, f"{scenario}-incremental", fontsize=14, weight="bold", color=colour, va="center"
    )
    ax.text(0, 2.85, QUESTION[scenario], fontsize=12, color=INK, va="center")
    ax.imshow(_example(EXAMPLE), cmap="gray_r", extent=(0, 1.5, 0.1, 1.9), aspect="auto")
    ax.set(xlim=(0, 12.4), ylim=(0, 4.8))
    width = 10 / len(outputs)
    for k, name in enumerate(outputs):
        filled = name in competing
        centre = 2.2 + (k + 0.5) * width
        box = {"boxstyle": "square,pad=0.25", "linewidth": 1.2}
        box |= {
            "facecolor": colour if filled else "white",
            "edgecolor": colour if filled else FAINT,
        }
        ax.text(centre, 1.0, name, fontsize=12, ha="center", va="center", bbox=box,
                color="white" if filled else GREY)  # fmt: skip


def _pairs(ax: Axes, now: Compared, scenario: Scenario, *, first: bool) -> None:
    """Draw the accuracy on each pair: a dot for each seed, a bar for the mean, and its number."""
    values = 100 * now.mas[scenario].on_tasks(now.lam, now.after)  # [seed, after]
    colour, means = COLOUR[scenario], values.mean(0)
    x = np.arange(now.after)
    chance = 10 if scenario == "class" else 50
    ax.axhline(chance, color=GREY, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    if first:
        ax.text(4.5, chance - 10, "guessing", fontsize=10, color=INK, ha="right", zorder=4)
    ax.bar(x, means, 0.72, color=colour, alpha=0.28, zorder=2)
    shifts = np.linspace(-0.24, 0.24, len(values))
    places = (x + shifts[:, None]).ravel()
    ax.plot(places, values.ravel(), "o", color=colour, markersize=4.5, clip_on=False, zorder=3)
    style: dict[str, Any] = {"fontsize": 13, "ha": "center", "va": "center", "color": colour}
    for place, mean in enumerate(means):
        ax.text(place, 113, f"{mean:.0f}", weight="bold", **style)
    ax.set(xlim=(-0.5, 4.5), ylim=(0, 103))
    ax.set_xticks(range(TASKS), [task.name for task in stream("class")])
    for k, label in enumerate(ax.get_xticklabels()):
        label.set_color(INK if k < now.after else GREY)
    _axis(ax, [0, 50, 100], "accuracy" if first else "")


def _averages(ax: Axes, now: Compared, scenario: Scenario, *, first: bool) -> None:
    """Draw the average over the tasks so far at each λ, as a band of seeds, and joint training."""
    runs, colour = now.mas[scenario], COLOUR[scenario]
    values = 100 * np.array([runs.averages(lam, now.after) for lam in runs.lams])  # [λ, seed]
    x, place = np.arange(len(values)), runs.lams.index(now.lam)
    joint = 100 * float(now.joint[scenario].averages(0.0, now.after).mean())
    ax.axhline(joint, color=INK, linewidth=1.3, linestyle="--", zorder=2)
    ax.fill_between(x, values.min(1), values.max(1), color=colour, alpha=0.2, linewidth=0)
    ax.plot(x, values.mean(1), "-", color=colour, linewidth=2.2, zorder=3)
    ax.plot(place, values[place].mean(), "o", color=colour, markersize=10, zorder=4,
            markeredgecolor="white", markeredgewidth=1.5, clip_on=False)  # fmt: skip
    ax.set(xlim=(-0.5, len(values) - 0.5), ylim=(0, 103))
    ax.set_xticks(x, ["" if lam == 1e3 else _short(lam) for lam in runs.lams])
    ax.set_title("average, by λ", fontsize=11.5, loc="left", color=INK, pad=6)
    ax.set_title(f"dashed: joint {joint:.0f}", fontsize=10.5, loc="right", color=INK, pad=6)
    _axis(ax, [0, 50, 100], "average" if first else "")
    ax.tick_params(axis="x", labelsize=10)


def _short(lam: float) -> str:
    """Return λ for a narrow axis.

    >>> _short(0.0), _short(0.03), _short(10.0), _short(1e4)
    ('0', '.03', '10', '10⁴')
    """
    if lam >= 100:
        return "10" + f"{np.log10(lam):.0f}".translate(RAISED)
    return f"{lam:g}".replace("0.", ".")


def _axis(ax: Axes, ticks: list[int], label: str) -> None:
    ax.set_yticks(ticks, [f"{tick} %" for tick in ticks])
    ax.tick_params(labelsize=11.5, length=0, pad=5)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    if not label:
        ax.set_yticks(ticks, [""] * len(ticks))
