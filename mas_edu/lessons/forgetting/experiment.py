"""Learn task A, then B, and ask the network all the time what it reads."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import mas_edu as me

SCHEDULE = me.Schedule(lr=0.003)  # learns each task well in ten passes over its digits
TURNS = range(30, 181, 30)  # degrees
REMEMBERED = 16  # finished runs without A's data
MOMENTS = 41  # how often the network is asked while it learns a task
Labels = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forgetting:
    """Answers of a network to the test digits of tasks A and B, from its first update to now.

    Args:
        turn: by how many degrees B is turned against A.
        joint: whether A's data is trained on again while B is learned.
        updates: when the network was asked, `[S]`; 0 is the moment before B begins.
        of_a: the labels it gave A's digits, `[S, N]`.
        of_b: the labels it gave B's, `[S, N]`.
        truth: the right labels, `[N]`, the same in both tasks.
        images: A's digits, `[N, 8, 8]`.
        turned: B's, `[N, 8, 8]`.
        six: places of the six digits to look at.
        alone: the run in which B is trained alone, to compare with; None: this is it.
    """

    turn: int
    joint: bool
    updates: Labels
    of_a: Labels
    of_b: Labels
    truth: Labels
    images: Shares
    turned: Shares
    six: tuple[int, ...]
    alone: Forgetting | None = None

    @property
    def on_a(self) -> Shares:
        """Share of A's digits answered correctly, at each moment."""
        return _share(self.of_a == self.truth)

    @property
    def on_b(self) -> Shares:
        """Share of B's digits answered correctly, at each moment."""
        return _share(self.of_b == self.truth)

    @property
    def before(self) -> int:
        """The place of the moment before B begins."""
        return int(np.flatnonzero(self.updates <= 0)[-1])

    @property
    def end(self) -> int:
        """The number of updates of B when it is finished: as many as of A."""
        return -int(self.updates[0])

    def until(self, moment: int | None) -> Forgetting:
        """Return what was known at that update of B."""
        count = len(self.updates) if moment is None else int((self.updates <= moment).sum())
        parts = (self.updates, self.of_a, self.of_b)
        updates, of_a, of_b = (part[: max(count, self.before + 1)] for part in parts)
        return replace(self, updates=updates, of_a=of_a, of_b=of_b)


FINISHED: dict[tuple[int, int, me.Schedule], Forgetting] = {}


def forget(
    turn: int = 60, joint: bool = False, seed: int = 0, schedule: me.Schedule = SCHEDULE
) -> Forgetting:
    """Learn the digits (task A), then the same digits turned (task B), and ask all the time.

    Args:
        turn: by how many degrees B is turned.
        joint: whether A's data is trained on again while B is learned.
        seed: of the initial weights and the order of the samples.
        schedule: how each of the two is trained.

    >>> run = forget(turn=60)
    >>> bool(run.on_a[run.before] > 0.8 > 0.5 > run.on_a[-1])
    True
    """
    for now in job(turn, joint, seed, schedule):
        if now is not None:
            run = now
    return run


def job(
    turn: int, joint: bool, seed: int, schedule: me.Schedule = SCHEDULE, seconds: float = 0.0
) -> Generator[Forgetting | None]:
    """Yield `forget`, moment by moment; learning B is stretched to last so many seconds.

    It yields None while the run is trained that says which digits to look at.
    """
    alone = yield from _alone(turn, seed, schedule)
    six = choose_six(alone)
    for now in _trained(turn, joint, seed, schedule):
        if now is None:
            yield None
        else:
            yield replace(now, six=six, alone=alone if joint else None)
            time.sleep(seconds / MOMENTS)


def _trained(
    turn: int, joint: bool, seed: int, schedule: me.Schedule
) -> Iterator[Forgetting | None]:
    """Train a network and yield what it reads: now and then, from B's beginning on, else None."""
    a, b = stream = pair(turn)
    run = me.Training(stream, me.Joint() if joint else me.FineTune(), seed=seed, schedule=schedule)
    count = run.updates_of(0)
    asked = {-(-count * k // MOMENTS) for k in range(1, MOMENTS + 1)}
    images, turned = (task.x_test.numpy().reshape(-1, 8, 8) for task in stream)
    updates, of_a, of_b = [-count], [_labels(run.model, a)], [_labels(run.model, b)]
    for done in run:
        if (done - 1) % count + 1 not in asked:
            yield None
            continue
        updates.append(done - count)
        of_a.append(_labels(run.model, a))
        of_b.append(_labels(run.model, b))
        if done < count:
            yield None
        else:
            times, on_a, on_b = (np.array(part) for part in (updates, of_a, of_b))
            yield Forgetting(turn, joint, times, on_a, on_b, a.y_test.numpy(), images, turned, ())


def _share(right: NDArray[np.bool_]) -> Shares:
    share: Shares = right.mean(axis=1)
    return share


@lru_cache(maxsize=len(TURNS))
def pair(turn: int) -> me.Stream:
    """Return the digits upright, and turned."""
    return me.rotated("digits", tasks=2, step=turn)


def _alone(turn: int, seed: int, schedule: me.Schedule) -> Generator[None, None, Forgetting]:
    """Train without A's data, unless it was done before: this says which digits are forgotten."""
    key = turn, seed, schedule
    if key not in FINISHED:
        for now in _trained(turn, False, seed, schedule):
            last = now
            yield None
        assert last is not None  # after its last update the network is always asked
        FINISHED[key] = last
        while len(FINISHED) > REMEMBERED:
            FINISHED.pop(next(iter(FINISHED)), None)
    return FINISHED[key]


def _labels(model: nn.Module, task: me.Task) -> Labels:
    with torch.no_grad():
        labels: Labels = model(task.x_test).argmax(1).numpy()
    return labels


def choose_six(run: Forgetting) -> tuple[int, ...]:
    """Choose six digits, as different as can be, read correctly before B and not after it."""
    right, wrong = run.of_a[run.before] == run.truth, run.of_a[-1] != run.truth
    places = np.flatnonzero(right & wrong)
    _, first = np.unique(run.truth[places], return_index=True)  # one of each digit
    others = np.setdiff1d(np.arange(len(places)), first)
    return tuple(sorted(places[[*first, *others][:6]].tolist(), key=lambda k: run.truth[k]))
