"""Lesson 12's figure: published numbers on the left, on the right one of them as a card."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mas_edu.lessons.reproduce.experiment import KINDS, Card, Chosen
from mas_edu.plots import COLOURS, GREY, INK, white_figure
from mas_edu.results import Interval
from mas_edu.widgets import guess_words, label_guess

SIZE = (900, 520)
BELOW = ("deviations", "λ on validation")
BLUE, ORANGE, VIOLET = COLOURS[0], COLOURS[1], COLOURS[3]
MARKS = {  # colour and marker of each verdict
    "within": (BLUE, "o"),
    "reached": (BLUE, "D"),
    "above": (ORANGE, "^"),
    "below": (VIOLET, "v"),
    "missed": (VIOLET, "X"),
}
BAND = "#d9d9d9"  # what was published
FAR = 6.0  # differences beyond are not drawn to scale, in points
SMALL, TEXT = 9.2, 9.8  # points
LEFT, RIGHT = 12, 402  # where the two halves begin, in pixels
NAMES, LINES = 158, 205  # widths of the two columns of the list
LABELS, AXIS, NUMBERS = 142, 172, 486  # of the card: names, axis, where the numbers end
TOP, LOW = 38, 474  # where the list begins, and ends at the latest
LISTED, LONGEST = 17, 24  # letters of a name in the list, and on the card
WIDE = 72  # letters of a line of the card


def draw(now: Chosen, below: str = BELOW[0], guess: int | None = None) -> Figure:
    """Draw the list of claims, and the card of the chosen one.

    Args:
        now: what is chosen.
        below: what stands below the numbers of the card, one of `BELOW`.
        guess: how many of the claims lie within, or are reached; written below the list.
    """
    figure = white_figure(SIZE)
    _list(figure, now)
    if now.card is not None:
        _card(figure, now.card, below)
    if guess is not None:
        _guess(figure, guess)
    return figure


def describe(now: Chosen, below: str = BELOW[0], guess: int | None = None) -> str:
    """Say what `draw` shows."""
    card = now.card
    if card is None:
        return f"None of the claims about {now.experiment} is {now.verdict}; choose another."
    seeds = f"{len(card.averages)} seeds"
    begin = (
        f"{card.name}: {card.verdict}. Published {card.claim} %, here {written(card.found)} % "
        f"with {seeds}."
    )
    if card.trials:
        first, *between, last = (card.trials[0], *card.trials)
        ways = between[1:] if last.name == "both" else [last]
        how = " and ".join(f"“{way.name}”" for way in ways)
        instead = f" instead of {written(first.found)}" if last.note else ""
        begin += f" With {how}: {written(last.found)}{instead} %."
    if below == BELOW[1] and card.validation:
        best = max(card.validation.values())
        begin += f" Validation chose λ = {card.lam:g}, with {best:.2f} %."
    return f"{begin} In the list: {counts(now)}.{guess_words(guess, '')}"


def written(found: Interval) -> str:
    """Write a mean with its interval, as the cards do.

    >>> written(Interval(93.142, 89.051, 97.233)), written(Interval(72.8, np.nan, np.nan))
    ('93.14 (89.05 … 97.23)', '72.80')
    """
    ends = f" ({found.low:.2f} … {found.high:.2f})" if found.known else ""
    return f"{found.mean:.2f}{ends}"


def counts(now: Chosen) -> str:
    """Say how many claims of each kind there are.

    >>> from mas_edu.lessons.reproduce.experiment import choose
    >>> counts(choose("Rotated MNIST"))
    '1 within, 1 reached'
    """
    found = [f"{now.count(kind)} {kind}" for kind in KINDS if now.count(kind)]
    return ", ".join(found) or "none"


def _short(text: str, most: int = LONGEST) -> str:
    """Return a text of at most so many letters."""
    return textwrap.shorten(text, most, placeholder=" …")


# ---- the list


def _list(figure: Figure, now: Chosen) -> None:
    """Draw a line for each claim: how far our interval lies from what was published."""
    legend = _axes(figure, LEFT, 6, 376, 20, "legend")
    x = 6.0
    for kind in KINDS:
        colour, marker = MARKS[kind]
        legend.plot(x, 0, marker, color=colour, markersize=6)
        style: dict[str, Any] = {"fontsize": SMALL, "color": colour, "va": "center"}
        legend.text(x + 8, 0, f"{now.count(kind)} {kind}", **style)
        x += 30 + 7.9 * len(kind)
    legend.set(xlim=(0, 376), ylim=(-1, 1))
    legend.set_axis_off()
    groups = list(dict.fromkeys(card.experiment for card in now.cards))
    rows = len(now.cards) + len(groups)
    pitch = min(26.0, (LOW - TOP) / max(rows, 1))
    size = TEXT if pitch > 16 else SMALL
    ax = _axes(figure, LEFT + NAMES, TOP, LINES, max(rows, 1) * pitch, "list")
    y = -0.5
    for group in groups:
        y += 1
        ax.text(-NAMES / LINES, y, group, fontsize=size, weight="bold", **_side(ax, "left"))
        for card in (card for card in now.cards if card.experiment == group):
            y += 1
            _line(ax, card, y, size, own=card is now.card)
    ax.axvline(0, color=GREY, linewidth=1, zorder=1)
    ax.set(xlim=(-FAR, FAR), ylim=(max(rows, 1), 0), yticks=[], xticks=[-5, 0, 5])
    ax.set_xticklabels(["−5", "published", "+5"])
    ax.tick_params(labelsize=SMALL, length=3, pad=2)
    ax.spines[["top", "right", "left"]].set_visible(False)
    _write(figure, LEFT, TOP + max(rows, 1) * pitch + 31,
           "here − published, in points; hollow: left open", fontsize=SMALL,
           color=GREY)  # fmt: skip


def _guess(figure: Figure, guess: int) -> None:
    """Write the guess below, where the two halves leave room."""
    page = _axes(figure, 0, 0, *SIZE, "guess")
    page.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))
    page.set_axis_off()
    label_guess(page, guess, (302, 505), f"your guess: {guess} within or reached")


def _line(ax: Axes, card: Card, y: float, size: float, *, own: bool) -> None:
    """Draw a claim: the published interval, ours, and the method's name."""
    if own:
        ax.axhspan(y - 0.5, y + 0.5, xmin=-NAMES / LINES, color="#e8f1fa", clip_on=False, zorder=0)
    style: dict[str, Any] = {"fontsize": size, "weight": "bold" if own else "normal"}
    ax.text(-(NAMES - 8) / LINES, y, _short(card.row, LISTED), **style, **_side(ax, "left"))
    low, high = (edge - card.value for edge in card.published)
    width = min(high, FAR) - low
    ax.barh(y, max(width, 0.06), left=low, height=0.8, color=BAND, zorder=1, label="published")
    gap = card.found.mean - card.value
    colour, marker = MARKS[card.kind]
    if abs(gap) > FAR - 0.3:
        side = np.sign(gap)
        ax.plot(side * (FAR - 0.3), y, "<>"[gap > 0], color=colour, markersize=6, label="far")
        where: dict[str, Any] = {
            "ha": "right" if side > 0 else "left",
            "va": "center",
            "color": colour,
        }
        ax.text(side * (FAR - 0.8), y, signed(gap), fontsize=SMALL, **where)
        return
    ends = np.clip([card.found.low - card.value, card.found.high - card.value], -FAR, FAR)
    ax.plot(ends, [y, y], color=colour, linewidth=1.6, zorder=2, label="interval")
    face = "white" if card.open else colour
    ax.plot(gap, y, marker, color=colour, markerfacecolor=face, markersize=6, zorder=3,
            label="found")  # fmt: skip


def signed(points: float) -> str:
    """Write a difference with its sign.

    >>> signed(-11.763)
    '−11.8'
    """
    return f"{points:+.1f}".replace("-", "−")


# ---- the card


def _card(figure: Figure, card: Card, below: str) -> None:
    """Draw the claim, its setting, the numbers, and what stands below them."""
    colour = MARKS[card.kind][0]
    _write(figure, RIGHT, 16, _short(card.name, 56), fontsize=11, weight="bold")
    _write(figure, RIGHT, 37, card.verdict, fontsize=10.5, color=colour, weight="bold")
    lines = [f"claimed in {card.source}", *textwrap.wrap(card.setting, WIDE)]
    for k, line in enumerate(lines):
        _write(figure, RIGHT, 57 + 15 * k, line, fontsize=SMALL, color=GREY)
    end = _numbers(figure, card, 57 + 15 * len(lines) + 4)
    if below == BELOW[0]:
        _deviations(figure, card, end)
    else:
        _validation(figure, card, end)


def _numbers(figure: Figure, card: Card, top: float) -> float:
    """Draw the published number, the seeds, their interval, the trials; return where it ends."""
    rows = 2 + len(card.trials)
    pitch = 23
    ax = _axes(figure, RIGHT + LABELS, top, AXIS, rows * pitch, "numbers")
    colour, marker = MARKS[card.kind]
    low, high = card.published
    style: dict[str, Any] = {"va": "center", "fontsize": TEXT}
    _name(ax, 0, "published", f"{card.claim} %", INK)
    _name(ax, 1, "here, by seed", written(card.found), colour, weight="bold")
    shifts = np.linspace(-0.22, 0.22, len(card.averages))
    ax.plot(card.averages, 1 + shifts, "o", color=colour, markersize=3.5, alpha=0.55, label="seeds")
    _interval(ax, card.found, 1, colour, marker, card.open)
    for k, trial in enumerate(card.trials, 2):
        name = f"{trial.name}, λ = {trial.lam}" if trial.lam and k == 2 else trial.name
        _name(ax, k, _short(name.removeprefix(f"{card.row}, ")), written(trial.found), INK)
        _interval(ax, trial.found, k, INK, "s", False)
    shown = [*card.averages, low, *(x for t in card.trials for x in t.found), *card.found, high]
    finite = [x for x in shown if np.isfinite(x)]
    pad = 0.06 * (max(finite) - min(finite))
    ax.set(xlim=(min(finite) - pad, max(finite) + pad), ylim=(rows - 0.5, -0.5), yticks=[])
    right = min(high, ax.get_xlim()[1])
    ax.axvspan(low, right, color=BAND, zorder=0, label="published")
    ax.plot(card.value, 0, "|", color=INK, markersize=14, markeredgewidth=2, label="claim")
    if card.least:
        ax.text(card.value, 0, " →", color=INK, **style)
    ax.locator_params(axis="x", nbins=4)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.tick_params(labelsize=SMALL, length=3, pad=2)
    ax.spines[["top", "right", "left"]].set_visible(False)
    end = top + rows * pitch + 22
    for note in dict.fromkeys(trial.note for trial in card.trials if trial.note):
        for line in textwrap.wrap(f"■ {note}", WIDE):
            _write(figure, RIGHT, end + 8, line, fontsize=SMALL, color=GREY)
            end += 15
    return end + 12


def _interval(ax: Axes, found: Interval, y: float, colour: str, marker: str, hollow: bool) -> None:
    """Draw a mean and its interval."""
    if found.known:
        ax.plot([found.low, found.high], [y, y], color=colour, linewidth=2, label="interval")
    face = "white" if hollow else colour
    ax.plot(found.mean, y, marker, color=colour, markerfacecolor=face, markersize=7, zorder=4,
            label="mean")  # fmt: skip


def _name(ax: Axes, y: float, name: str, number: str, colour: str, weight: str = "normal") -> None:
    """Write a row's name on its left and its number on its right."""
    ax.text(
        -LABELS / AXIS, y, name, fontsize=TEXT, color=colour, weight=weight, **_side(ax, "left")
    )
    ax.text((NUMBERS - LABELS) / AXIS, y, number, fontsize=TEXT, color=colour, **_side(ax, "right"))


def _deviations(figure: Figure, card: Card, top: float) -> None:
    """Write the deviations; those that a trial changes are marked."""
    tried = any(map(card.is_tried, card.deviations))
    title = "What is done otherwise, as far as we know" + (" (■: tried above)" if tried else "")
    _write(figure, RIGHT, top + 4, title, fontsize=TEXT, weight="bold")
    y = top + 20
    for deviation in card.deviations:
        mark = "■" if card.is_tried(deviation) else "–"
        for k, line in enumerate(textwrap.wrap(deviation, WIDE - 3)):
            if not k:
                _write(figure, RIGHT, y, mark, fontsize=SMALL, color=INK)
            _write(figure, RIGHT + 17, y, line, fontsize=SMALL, color=INK)
            y += 14.5


def _validation(figure: Figure, card: Card, top: float) -> None:
    """Draw the average on the validation parts by λ, the chosen one marked."""
    if not card.validation:
        lam = "It has no λ." if card.lam is None else f"λ = {card.lam:g} was given, not chosen."
        _write(figure, RIGHT, top + 4, lam, fontsize=TEXT, weight="bold")
        return
    _write(figure, RIGHT, top + 4, "Average on the validation parts, by λ", fontsize=TEXT,
           weight="bold")  # fmt: skip
    ax = _axes(figure, RIGHT + 50, top + 20, 400, min(150, SIZE[1] - top - 62), "validation")
    lams, scores = list(card.validation), list(card.validation.values())
    ax.plot(range(len(lams)), scores, "-o", color=GREY, markersize=5, label="validated")
    k = lams.index(card.lam) if card.lam in lams else int(np.argmax(scores))
    ax.plot(k, scores[k], MARKS[card.kind][1], color=MARKS[card.kind][0], markersize=10,
            label="chosen")  # fmt: skip
    ax.set_xticks(range(len(lams)), [f"{lam:g}" for lam in lams])
    ax.margins(x=0.06, y=0.15)
    ax.locator_params(axis="y", nbins=4)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    ax.tick_params(labelsize=SMALL, length=3, pad=2)
    ax.set_xlabel("λ", fontsize=TEXT, labelpad=1)
    ax.spines[["top", "right"]].set_visible(False)


# ---- places in pixels, from the top left


def _write(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    where: dict[str, Any] = {"va": "center", "parse_math": False, "color": INK} | style
    figure.text(x / SIZE[0], 1 - y / SIZE[1], text, **where)


def _axes(figure: Figure, x: float, y: float, width: float, height: float, label: str) -> Axes:
    sides = x / SIZE[0], 1 - (y + height) / SIZE[1], width / SIZE[0], height / SIZE[1]
    return figure.add_axes(sides, label=label)


def _side(ax: Axes, side: str) -> dict[str, Any]:
    """Return how a text stands beside the axes: x as a share of their width."""
    return {"transform": ax.get_yaxis_transform(), "ha": side, "va": "center", "parse_math": False}
