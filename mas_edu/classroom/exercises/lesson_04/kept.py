"""Exercise 04.1, `kept`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def kept(g: np.ndarray, size: int) -> float:
    """Return the share of Σ |g| that is left when gradients are summed in batches first.

    g: the gradients of a single weight, one a sample, [N].
    size: samples in a batch; the last batch may be shorter.
    """
    batches = [g[start : start + size] for start in range(0, len(g), size)]
    left = sum(abs(batch.sum()) for batch in batches)
    return float(left / np.abs(g).sum())


def _kept_cases(seed: int) -> list[Case]:
    """Draw gradients of both signs with a negative sum; most sizes do not divide their number."""
    draw = np.random.default_rng(seed)
    cases = []
    for samples, size in ((3, 1), (3, 2), (7, 3), (8, 4), (11, 4)):
        g = draw.normal(size=samples)
        g[:2] = -np.abs(g[0]) - 0.1, np.abs(g[1]) + 0.1  # both signs in the first batch
        if g.sum() > 0:
            g = -g
        cases.append({"g": g, "size": size})
    return cases


def _judge_kept(case: Case, found: Any) -> str:
    if not 0 <= found <= 1 + 1e-6:
        return "A share lies between 0 and 1: a batch never has more than Σ |g| of its samples."
    if case["size"] == 1:
        return "In batches of one nothing cancels: the share must be 1."
    return ""


def _batches(g: np.ndarray, size: int) -> list[np.ndarray]:
    return [g[start : start + size] for start in range(0, len(g), size)]


def _kept_if(left: Any) -> Any:
    """Return a wrong share: what `left` makes of the batches, over Σ |g|."""
    return lambda g, size: float(left(_batches(g, size)) / np.abs(g).sum())


KEPT = Exercise(
    id="04.1",
    name="kept",
    points=2,
    asks="The gradients of one weight are added up in batches before the absolute value is taken. "
    "Which share of Σ |g| is left?",
    solution=kept,
    why="Within a batch opposite signs cancel, between batches they do not: each batch has its own "
    "absolute value. A short last batch is a sum as well, so it needs no extra care.",
    hints=(
        "What is left of +3 and −2 in one batch, and in two?",
        "Cut g into batches; each one leaves the size of its sum.",
        "Add up |sum of the batch| over the batches; divide by the sum of all |g|.",
    ),
    mistakes={
        "mean of batch means": (
            lambda g, size: float(
                np.mean([abs(batch.mean()) for batch in _batches(g, size)]) / np.abs(g).mean()
            ),
            "This is the mean of batch means, in which a short last batch counts like a full one: "
            "add up sums instead.",
        ),
        "batch means": (
            lambda g, size: float(
                sum(abs(batch.mean()) for batch in _batches(g, size)) / np.abs(g).sum()
            ),
            "Above the line are means of batches, below it a sum over samples: use sums in both.",
        ),
        "no absolute value": (
            _kept_if(lambda batches: sum(batch.sum() for batch in batches)),
            "The batches are added up with their signs: take the absolute value of each batch's "
            "sum.",
        ),
        "one batch": (
            _kept_if(lambda batches: abs(sum(batch.sum() for batch in batches))),
            "This is what a single batch of all samples leaves: take the absolute value in each "
            "batch.",
        ),
        "no batches": (
            _kept_if(lambda batches: sum(np.abs(batch).sum() for batch in batches)),
            "This is 1 always: add up the gradients of a batch first, then take the absolute "
            "value.",
        ),
        "last batch dropped": (
            lambda g, size: float(
                sum(abs(b.sum()) for b in _batches(g, size) if len(b) == size) / np.abs(g).sum()
            ),
            "The last batch is dropped if it is short: it counts as well.",
        ),
        "upside down": (
            lambda g, size: float(1 / kept(g, size)),
            "This is one over the share: what is left belongs above the line, Σ |g| below.",
        ),
        "lost": (
            lambda g, size: float(1 - kept(g, size)),
            "This is the share that is lost: what is kept is 1 minus it.",
        ),
    },
    cases=_kept_cases,
    judge=_judge_kept,
)
