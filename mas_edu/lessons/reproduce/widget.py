"""Lesson 12's interactive figure: filter the claims, choose one, and see what is stored of it."""

from __future__ import annotations

from collections.abc import Generator

import ipywidgets as w

from mas_edu.lessons.reproduce.drawing import BELOW, SIZE, describe, draw
from mas_edu.lessons.reproduce.experiment import (
    ALL,
    KINDS,
    Chosen,
    cards,
    choose,
    experiments,
)
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice, start_whole


def figure(
    experiment: str | None = None,
    claim: int = 1,
    verdict: str = ALL,
    below: str = BELOW[0],
    *,
    blocking: bool = False,
) -> Interactive[Chosen]:
    """Choose among the published numbers, and see one of them as a card.

    Args:
        experiment: the one whose claims are listed, or "all"; None: the one in which most was tried
            otherwise. Like the next three, what the controls begin at.
        claim: the place in the list of the one to look at.
        verdict: the kind of verdict that is listed, or "all".
        below: what stands below the numbers of the card.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    experiment = max(experiments(), key=_count_tried) if experiment is None else experiment
    experiment = start_choice("experiment", experiment, [*experiments(), ALL])
    verdict = start_choice("verdict", verdict, [ALL, *KINDS])
    below = start_choice("below", below, BELOW)
    last = max(len(choose(experiment, verdict).cards), 1)
    claim = start_whole("claim", claim, 1, last)
    place = w.IntSlider(
        value=claim,
        min=1,
        max=last,
        **look("claim", "The place in the list of the claim to look at", 300, 45),
    )
    controls = {
        "experiment": w.Dropdown(
            options=[*experiments(), ALL],
            value=experiment,
            **look("experiment", "The experiment whose claims are listed", 330, 80),
        ),
        "claim": place,
        "verdict": w.Dropdown(
            options=[ALL, *KINDS],
            value=verdict,
            **look("verdict", "Only claims with this verdict are listed", 170, 55),
        ),
    }

    def end_with_list(_: object) -> None:
        """Let the slider end where the list does."""
        listed = choose(controls["experiment"].value, controls["verdict"].value).cards
        place.max = max(len(listed), 1)

    for name in ("experiment", "verdict"):
        controls[name].observe(end_with_list, "value")
    page = w.Dropdown(
        options=BELOW,
        value=below,
        **look("below", "What stands below the numbers of the card", 230, 80),
    )
    return Interactive(
        controls=controls,
        looks={"below": page},
        job=_job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        answer=("12", _answer),
        blocking=blocking,
    )


def _count_tried(experiment: str) -> int:
    """Count the claims of an experiment that were run in other ways, too."""
    return sum(bool(card.trials) for card in choose(experiment).cards)


def _job(experiment: str, claim: int, verdict: str) -> Generator[Chosen]:
    yield choose(experiment, verdict, claim)


def _answer(now: Chosen, below: str) -> int | None:
    """Return how many claims lie within or are reached, once all of them are listed."""
    whole = len(now.cards) == len(cards())
    return now.count("within") + now.count("reached") if whole else None


def _call(experiment: str, claim: int, verdict: str, below: str, guess: Guess | None = None) -> str:
    looks = f'"{below}"{guess_argument(guess)}'
    return (
        f'now = reproduce.choose("{experiment}", "{verdict}", claim={claim})\n'
        f"alt = reproduce.describe(now, {looks})\n"
        f"me.plots.show(reproduce.draw(now, {looks}), alt=alt)"
    )
