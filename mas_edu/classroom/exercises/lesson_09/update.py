"""Exercise 09.3, `update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import Tally


def update(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
    """Return the tally with some more images in it; the old one stays as it is.

    tally: of all images met so far; None before the first.
    x: the images that came in, [N, features]; N differs from call to call.
    """
    new = Tally.of(model, x)
    return new if tally is None else tally + new


def _arriving_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)).double()
    for weight in model.parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
    images = [
        torch.randn(size, 2, generator=draw, dtype=torch.float64) + 2 * place
        for place, size in enumerate((2, 1, 4))
    ]
    return [{"model": model, "images": images}]


def _observe_tallies(answer: Any, case: Case) -> Any:
    """Return Ω and the number of images after each portion, and the first Ω at the end."""
    tally, first = None, None
    found: dict[str, Any] = {}
    for place, x in enumerate(case["images"], 1):
        tally = answer(tally, case["model"], x)
        if not isinstance(tally, Tally):
            raise FormError(
                f"expected a Tally, such as Tally.of(model, x), got {short_repr(tally)}"
            )
        first = first or tally
        found[f"Ω after portion {place}"] = tally.mean()
        found[f"images after portion {place}"] = tally.samples
    return {**found, "first Ω at the end": first and first.mean()}


def _judge_tallies(case: Case, found: Any) -> str:
    before, after = found["Ω after portion 1"], found["first Ω at the end"]
    if any(not np.allclose(before[name], after[name]) for name in before):
        return "The old tally has changed: += writes into its tensors. Add, and return the sum."
    for place, seen in enumerate(np.cumsum([len(x) for x in case["images"]]), 1):
        if found[f"images after portion {place}"] != seen:
            return "The number of images is wrong: it adds up, like the sum of the gradients."
    return ""


def _tally_by(
    rule: Callable[[Tally, Tally], tuple[Callable[[str], Tensor], float]],
) -> Callable[..., Tally]:
    """Return an update by `rule(old, new)`: the total by name, and the number of images."""

    def wrong(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
        new = Tally.of(model, x)
        if tally is None:
            return new
        total, samples = rule(tally, new)
        return Tally({name: total(name) for name in new.total}, samples, new.dtypes)  # type: ignore[arg-type]

    return wrong


def _mean_of_means(old: Tally, new: Tally) -> Any:
    mine, theirs = old.mean(), new.mean()
    number = old.samples + new.samples
    return (lambda name: number * (mine[name] + theirs[name]) / 2), number


def _in_place(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
    new = Tally.of(model, x)
    if tally is None:
        return new
    for name, value in new.total.items():
        tally.total[name] += value
    return Tally(tally.total, tally.samples + new.samples, tally.dtypes)


UPDATE = Exercise(
    id="09.3",
    name="update",
    points=2,
    asks="Images come in a few at a time, and are not kept. Update Ω: a `Tally` holds the sum of "
    "|gradients| and the number of images; `Tally.of(model, x)` makes one of a few images, "
    "`tally.mean()` is Ω. The order in which they come must not matter.",
    solution=update,
    why="Sums and numbers add up, in any order and any portions; the mean is taken only when it is "
    "needed. Two tallies are added by +, which leaves both as they are.",
    hints=(
        "What has to be kept of the images met so far, if not the images?",
        "A sum and a number: both add up. What is the tally before the first image?",
        "Make a tally of the new images; return it alone at first, and tally + new later.",
    ),
    mistakes={
        "restarts": (
            lambda tally, model, x: Tally.of(model, x),
            "Only the newest images count: add their tally to the old one.",
        ),
        "stands still": (
            lambda tally, model, x: Tally.of(model, x) if tally is None else tally,
            "The tally stays at the first images: add that of the new ones.",
        ),
        "mean of means": (
            _tally_by(_mean_of_means),
            "This is the mean of two means: a portion with more images has to count more.",
        ),
        "portions counted": (
            _tally_by(
                lambda old, new: (
                    (lambda name: old.total[name] + new.total[name]),
                    old.samples + 1,
                )
            ),
            "A portion counts as one image: add the number of images in it.",
        ),
        "old number": (
            _tally_by(
                lambda old, new: ((lambda name: old.total[name] + new.total[name]), old.samples)
            ),
            "The sum grows, the number of images does not: Ω would grow with every portion.",
        ),
        "mean added to the sum": (
            _tally_by(
                lambda old, new: (
                    (lambda name: old.total[name] + new.mean()[name]),
                    old.samples + new.samples,
                )
            ),
            "A mean is added to a sum: add the sum over the new images.",
        ),
        "largest": (
            _tally_by(
                lambda old, new: (
                    (lambda name: torch.maximum(old.total[name], new.total[name])),
                    max(old.samples, new.samples),
                )
            ),
            "The larger of the two is kept for each weight: a mean takes all images into account.",
        ),
        "old counted twice": (
            lambda tally, model, x: (
                Tally.of(model, x) if tally is None else tally + tally + Tally.of(model, x)
            ),
            "The old tally is added twice: old images would count more with every portion.",
        ),
        "writes into the old one": (
            _in_place,
            "The new tally is right, but += wrote into the old one's tensors: return tally + new.",
        ),
    },
    cases=_arriving_cases,
    observe=_observe_tallies,
    judge=_judge_tallies,
)
