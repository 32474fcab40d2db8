"""Exercise 12.2, `deviations`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import mas
from mas_edu.methods import Anchor
from mas_edu.networks import mlp


def reproduce(tasks: Any, seed: Any) -> Any:  # noqa: D103
    model = mlp((64, 64, 10), seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)  # a
    draw = torch.Generator().manual_seed(seed)
    anchor: Any = None
    after = []
    for task in tasks:
        mean, std = task.x.mean(), task.x.std()  # b
        x = (task.x - mean) / std
        for _ in range(10):
            for rows in torch.randperm(len(x), generator=draw).split(32):
                loss = F.cross_entropy(model(x[rows]), task.y[rows])
                if anchor:
                    loss = loss + 0.1 / 2 * anchor.penalty(model)  # c
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        model.eval()  # d
        omega = mas(model, list(x.split(50)))  # e
        anchor = Anchor(dict(model.named_parameters()), omega)  # f
        right = 0
        for test in tasks:
            x_test = (test.x_test - mean) / std
            for some, y in zip(x_test.split(100), test.y_test.split(100), strict=True):  # g
                right += (model(some).argmax(1) == y).sum().item()
        after.append(right / sum(len(test.y_test) for test in tasks))
    return sum(after) / len(after)  # h


PAGE = (
    "The page says: three tasks, digits turned by 0°, 30° and 60°; pixels from 0 to 1. One network "
    "with 64 hidden units, always in training mode. Adam, learning rate 0.003, begun anew for each "
    "task; ten epochs, batches of 32. From the second task on, 0.05 Σ Ω (θ − θ*)² is added to the "
    "loss. Ω is the mean over all training images of a task, in one go, and it is added up over "
    "the tasks. All test images of a task are tested in one go. The number is the mean accuracy on "
    "all tasks after the last one."
)
MOVING = {  # what to look at, where a difference was not found
    "a": "A difference is missing: look at what the optimizer carries from one task to the next.",
    "b": "A difference is missing: look at the numbers that the network gets to see.",
    "f": "A difference is missing: look at what becomes of the Ω of earlier tasks.",
    "h": "A difference is missing: look at the moment at which the number is taken.",
}
STILL = {  # why a line moves nothing
    "c": "Line c moves nothing: 0.1 / 2 is the 0.05 of the page, written otherwise.",
    "d": "Line d moves nothing: this network has no dropout, so both modes compute the same.",
    "e": "Line e moves nothing: mas adds up over portions, so this is Ω of all images.",
    "g": "Line g moves nothing: right answers are counted, and counts over portions add up.",
}


def shown_source(function: Callable[..., Any]) -> str:
    """Return a listing as students see it, without the marks for our own tools."""
    lines = inspect.getsource(function).replace("  # noqa: D103", "").replace(" -> Any", "")
    return lines.replace(": Any", "")


def _observe_letters(answer: Any, case: Case) -> Any:
    known = {*MOVING, *STILL}
    if not isinstance(answer, set | list | tuple) or not all(one in known for one in answer):
        raise FormError('expected a list of letters from a to h, such as ["a", "b"]')
    return set(answer)


def _judge_letters(case: Case, found: Any) -> str:
    wrong = [STILL[letter] for letter in sorted(found - MOVING.keys())]
    missed = [MOVING[letter] for letter in sorted(MOVING.keys() - found)]
    return next(iter((*wrong, *missed)), "")


DEVIATIONS = Exercise(
    id="12.2",
    name="deviations",
    points=1,
    asks=f"{PAGE}\n\nThis is the code of a reproduction. The eight lines with a letter do it in "
    f"another way than the page.\n\n```python\n{shown_source(reproduce)}```\n\n"
    "Which four of them can move the number?",
    solution=sorted(MOVING),
    why="Adam's averages carried on (a), other inputs (b), Ω of the newest task alone (f), and a "
    "mean over time (h) change what is computed; the others compute the same in another way.",
    hints=(
        "If this line were as on the page, would any number that is computed be another?",
        "Some lines compute the same in another way: sums in portions, factors, a mode without "
        "effect.",
        "Follow four things: what Adam remembers, what goes in, what Ω holds, what is returned.",
    ),
    mistakes={
        **{
            f"without {one}": ([letter for letter in MOVING if letter != one], words)
            for one, words in MOVING.items()
        },
        **{f"with {one}": ([*MOVING, one], words) for one, words in STILL.items()},
    },
    observe=_observe_letters,
    judge=_judge_letters,
    by_property=True,
    start='deviations = ...  # a list of four letters, such as ["a", "b", "c", "d"]',
)
