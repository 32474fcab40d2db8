"""The status of training, in one line."""

from __future__ import annotations

import math

from mas_edu._common import translate
from mas_edu.widgets.playground.groups import Scene
from mas_edu.widgets.playground.runs import Moment
from mas_edu.widgets.turn import Phase

EARLY = 0.05  # share of the updates before which no time can be told


def news(scene: Scene, moment: Moment, phase: Phase) -> str:
    """Return how it goes, in one line."""
    name, others = scene.main.label, len(scene.groups) - 1
    if others:
        name = translate("{method} and {others} more", method=name, others=others)
    if moment.remembered:
        return translate("{name}: remembered.", name=name)
    if phase == "finished":
        template = "{name}: finished in {seconds:.1f} s." if moment.seconds else "{name}: finished."
        return translate(template, name=name, seconds=moment.seconds)
    if moment.opening and scene.baseline:
        name = translate("First {baseline}", baseline=scene.baseline.name)
    if phase == "stopped":
        template = "{name}: stopped after {done} of {total} updates."
        return translate(template, name=name, done=moment.done, total=moment.total)
    template = "{name}: paused, {left}." if phase == "paused" else "{name}: training, {left}."
    left = time_left(moment.done, moment.total, moment.seconds)
    return translate(template, name=name, left=left)


def time_left(done: int, total: int, seconds: float) -> str:
    """Return how far it is and, once it can be known, how long it still takes.

    >>> time_left(500, 2000, 10)
    '500 of 2000 updates, about 30 s left'
    >>> time_left(1, 2000, 1.5)
    '1 of 2000 updates'
    """
    said = translate("{done} of {total} updates", done=done, total=total)
    if done < EARLY * total:
        return said
    left = math.ceil(seconds * (total - done) / max(done, 1))
    minutes = f"{left // 60} min " if left >= 60 else ""
    return f"{said}, {translate('about {time} left', time=f'{minutes}{left % 60} s')}"
