"""A run as it was after fewer updates, from what its record keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mas_edu.results import Record
from mas_edu.widgets.playground.groups import Group, Scene


def record_at(record: Record, share: float) -> Record:
    """Return the record as it was after a share of the updates of the whole run.

    >>> curve = [[0.1, 0.1], [0.9, 0.2], [0.6, 0.8]]
    >>> run = Record([[0.9, 0.2], [0.6, 0.8]], steps=[0, 10, 20], curve=curve,
    ...              settings={"updates": [10, 10]})
    >>> past = record_at(run, 0.7)
    >>> past.finished, past.steps.tolist()
    (1, [0, 10])
    """
    ends = np.cumsum(record.settings["updates"])
    now = share * ends[-1]
    finished = int((ends <= now).sum())
    accuracy = record.accuracy.copy()
    accuracy[finished:] = np.nan
    points = record.steps <= now
    return replace(
        record,
        accuracy=accuracy,
        validation=None,
        steps=record.steps[points],
        curve=record.curve[points],
        omegas=record.omegas[:finished],
    )


def scene_at(scene: Scene, share: float) -> Scene:
    """Return all runs of a scene as they were after a share of the updates."""
    if share >= 1:
        return scene
    return Scene(
        tuple(_group_at(group, share) for group in scene.groups),
        _group_at(scene.baseline, share) if scene.baseline else None,
    )


def _group_at(group: Group, share: float) -> Group:
    return Group(tuple(record_at(record, share) for record in group.records))
