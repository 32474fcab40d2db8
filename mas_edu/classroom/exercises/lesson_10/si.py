"""Exercise 10.3, `si`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def si(gradients: np.ndarray, moves: np.ndarray, xi: float) -> np.ndarray:
    """Return the importance of SI for each weight: max(0, gain / (way² + ξ)), an array [n].

    gradients: of the task's loss, at each step before the move, [steps, n].
    moves: by how much each step moved each weight, [steps, n].
    xi: ξ > 0, which keeps the denominator away from 0.
    """
    gain = -(gradients * moves).sum(axis=0)  # the fall of the loss owed to each weight
    way = moves.sum(axis=0)  # from start to end
    importance: np.ndarray = np.maximum(gain / (way**2 + xi), 0)
    return importance


def _si_cases(seed: int) -> list[Case]:
    """Draw paths of three weights; before them ten steps of descent on ½ (θ − 1)² from 0."""
    draw = np.random.default_rng(seed)
    theta = 1 - 0.9 ** np.arange(10)[:, None]
    cases = [{"gradients": theta - 1, "moves": 0.1 * (1 - theta), "xi": 0.1}]
    for steps, xi in ((3, 0.5), (6, 0.1)):
        moves = draw.normal(size=(steps, 3))
        gradients = draw.normal(size=(steps, 3)) - moves * [1.5, -1.5, 0]
        cases.append({"gradients": gradients, "moves": moves, "xi": xi})
    return cases


def _judge_si(case: Case, found: Any) -> str:
    return "An importance is never negative: cut it at 0." if (found < 0).any() else ""


def _si_if(rule: Any, cut: bool = True) -> Any:
    """Return a wrong SI: `rule(gain of each step, moves, ξ)`, cut at 0."""

    def wrong(gradients: np.ndarray, moves: np.ndarray, xi: float) -> Any:
        found = rule(-gradients * moves, moves, xi)
        return np.maximum(found, 0) if cut else found

    return wrong


SI = Exercise(
    id="10.3",
    name="si",
    points=2,
    asks="Write the importance of SI from what a run left behind: how much of the fall of the loss "
    "each weight was responsible for, over the squared way it went.",
    solution=si,
    why="To first order a step changes the loss by gradient · move, weight by weight; the sum is "
    "what each weight gained, and way² + ξ brings it into the unit of a penalty.",
    hints=(
        "By how much does the loss fall in one step, if one weight moves?",
        "The fall is −gradient · move. Add it up; separately add up the moves.",
        "Divide the sum of −gradient · move by (sum of moves)² + ξ; replace what is negative by 0.",
    ),
    mistakes={
        "sign": (
            _si_if(lambda gain, moves, xi: -gain.sum(0) / (moves.sum(0) ** 2 + xi)),
            "The sign is wrong: a move against the gradient lowers the loss, and counts as gain.",
        ),
        "squared steps": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / ((moves**2).sum(0) + xi)),
            "The denominator adds up squared steps: square the whole way, from start to end.",
        ),
        "no xi": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / moves.sum(0) ** 2),
            "ξ is missing in the denominator: a weight that comes back to its start would get a "
            "huge importance.",
        ),
        "not cut": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / (moves.sum(0) ** 2 + xi), cut=False),
            "This is right up to the negative entries: cut them at 0, or the penalty would push "
            "weights away.",
        ),
        "cut in each step": (
            _si_if(lambda gain, moves, xi: np.maximum(gain, 0).sum(0) / (moves.sum(0) ** 2 + xi)),
            "The gain of each step is cut at 0: add up all steps, cut at the end.",
        ),
        "absolute": (
            _si_if(lambda gain, moves, xi: np.abs(gain).sum(0) / (moves.sum(0) ** 2 + xi)),
            "Absolute values are added up: a step that raises the loss has to count against.",
        ),
        "not divided": (
            _si_if(lambda gain, moves, xi: gain.sum(0)),
            "This is the gain alone: divide it by way² + ξ.",
        ),
        "way not squared": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / (np.abs(moves.sum(0)) + xi)),
            "The way is not squared in the denominator: the penalty multiplies by a squared "
            "distance.",
        ),
        "ratio of each step": (
            _si_if(lambda gain, moves, xi: (gain / (moves**2 + xi)).sum(0)),
            "Each step is divided by its own square: add up gain and way first, divide once.",
        ),
    },
    cases=_si_cases,
    judge=_judge_si,
)
