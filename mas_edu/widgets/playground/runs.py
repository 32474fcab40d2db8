"""The runs of the playground while they train: groups of seeds, all groups in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mas_edu._common import translate
from mas_edu.results import Record
from mas_edu.training import Training, train_batched
from mas_edu.widgets.playground.groups import Group, Scene
from mas_edu.widgets.playground.settings import Plan, Settings

DIVERGED = (  # translated
    "training diverged: λ or the learning rate is too large; choose a smaller λ"
)


@dataclass(frozen=True)
class Moment:
    """A moment of a plan; its scene is made only when it is drawn, None: there is none yet."""

    plan: Plan
    scene: Callable[[], Scene] | None
    done: int = 0
    total: int = 1
    seconds: float = 0.0
    opening: bool = False
    remembered: bool = False


class GroupRun:
    """The runs of one method: those that are known already, and those that train."""

    def __init__(self, group: Sequence[Settings], known: Mapping[Settings, Record]) -> None:
        self.group, self.known = group, dict(known)
        self.training = _begin([one for one in group if one not in known])

    @property
    def total(self) -> int:
        """Count the updates of all runs that train."""
        return sum(run.total for run in self.training.values())

    def steps(self) -> Iterator[int]:
        """Train to the end; yield how many updates were made, all runs together."""
        yield from _train(self.training)
        if not all(run.is_complete for run in self.training.values()):
            raise ArithmeticError(translate(DIVERGED))

    def records(self) -> dict[Settings, Record]:
        """Return the record of each run as far as it is."""
        for one, run in self.training.items():
            if run.is_complete and one not in self.known:
                self.known[one] = run.record
        return {one: self.known.get(one) or self.training[one].record for one in self.group}

    def shown(self) -> Group:
        """Return the runs as they are shown."""
        return Group(tuple(self.records().values()))


def in_turn(groups: Sequence[GroupRun], done: Callable[[GroupRun], object]) -> Iterator[int]:
    """Train all groups, one step of each in turn; tell of each group that is done."""
    under_way = [(group, group.steps()) for group in groups if group.training]
    while under_way:
        for pair in list(under_way):
            group, steps = pair
            count = next(steps, None)
            if count is None:
                under_way.remove(pair)
                done(group)
            else:
                yield count


def complete(runs: Sequence[Settings]) -> Iterator[dict[Settings, Record | None] | None]:
    """Train runs side by side; yield None after each update, and in the end their records.

    A run that diverged has none.
    """
    training = _begin(runs)
    for _ in _train(training):
        yield None
    yield {one: run.record if run.is_complete else None for one, run in training.items()}


def _begin(runs: Sequence[Settings]) -> dict[Settings, Training]:
    """Return the runs, not yet trained."""
    return {
        one: Training(one.make(), one.method, one.lam, seed=one.seed, schedule=one.schedule)
        for one in runs
    }


def _train(training: Mapping[Settings, Training]) -> Iterator[int]:
    """Train one run alone, several side by side; yield how many updates were made."""
    runs = list(training.values())
    if len(runs) == 1:
        yield from (1 for _ in runs[0])  # to the last digit the record of `learn`
    elif runs:
        yield from train_batched(runs)
