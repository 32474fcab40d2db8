"""The status of training, in one line."""

from __future__ import annotations

import math

from mas_edu.widgets.playground.groups import Scene
from mas_edu.widgets.playground.runs import Moment
from mas_edu.widgets.worker import Phase

EARLY = 0.05  # share of the updates before which no time can be told


def news(scene: Scene, moment: Moment, phase: Phase) -> str:
    """Return how it goes, in one line."""
    name, others = scene.main.label, len(scene.groups) - 1
    name += f" and {others} more" if others else ""
    if moment.remembered:
        return f"{name}: remembered."
    if phase == "finished":
        spent = f" in {moment.seconds:.1f} s" if moment.seconds else ""
        return f"{name}: finished{spent}."
    if phase == "stopped":
        return f"{name}: stopped after {moment.done} of {moment.total} updates."
    if moment.opening and scene.baseline:
        name = f"First {scene.baseline.label.lower()}, to compare with"
    how = {"running": "training", "paused": "paused"}[phase]
    return f"{name}: {how}, {time_left(moment.done, moment.total, moment.seconds)}."


def time_left(done: int, total: int, seconds: float) -> str:
    """Return how far it is and, once it can be known, how long it still takes.

    >>> time_left(500, 2000, 10)
    '500 of 2000 updates, about 30 s left'
    >>> time_left(1, 2000, 1.5)
    '1 of 2000 updates'
    """
    if done < EARLY * total:
        return f"{done} of {total} updates"
    left = math.ceil(seconds * (total - done) / max(done, 1))
    minutes = f"{left // 60} min " if left >= 60 else ""
    return f"{done} of {total} updates, about {minutes}{left % 60} s left"
