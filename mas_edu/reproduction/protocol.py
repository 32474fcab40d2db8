"""A published experiment as settings: tasks, network, training, and what was claimed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mas_edu.data import STREAMS, Stream
from mas_edu.methods import Method
from mas_edu.training import Schedule


@dataclass(frozen=True)
class Claim:
    """A published final average accuracy, in %.

    Args:
        value: what was published.
        spread: half the width of the published interval, or the distance that counts as equal.
        least: whether the value is a lower bound; if not, a mean within the spread agrees with it.
        source: where it was published.
    """

    value: float
    spread: float = 0.0
    least: bool = False
    source: str = ""

    def __str__(self) -> str:
        spread = f" ± {self.spread:g}" if self.spread else ""
        return f"{'≥ ' if self.least else ''}{self.value:g}{spread}"


@dataclass(frozen=True)
class Entry:
    """One row of an experiment: a method, the λ it is run with, what was claimed for it.

    Of several `lams`, λ is chosen on validation data; a single one is taken as it is.
    The runs that count have `times` as many updates a task as those of the other rows.
    """

    name: str
    method: Method
    lams: tuple[float, ...] = (0.0,)
    claim: Claim | None = None
    times: int = 1

    def training(self, schedule: Schedule) -> Schedule:
        """Return this schedule with `times` as many updates.

        >>> from mas_edu.methods import Joint
        >>> Entry("long", Joint(), times=3).training(Schedule(steps=10)).steps
        30
        """
        steps = None if schedule.steps is None else schedule.steps * self.times
        return replace(schedule, epochs=schedule.epochs * self.times, steps=steps)


@dataclass(frozen=True)
class Protocol:
    """One experiment: tasks, network, training, rows.

    λ is chosen with `choosing` and `choosing_seeds`, on a part of the training data that is set
    aside, and on the first `choosing_tasks` (None: all); then the network is trained on all
    training data, with `schedule` and `seeds`.
    """

    name: str
    title: str
    stream: dict[str, Any]
    hidden: tuple[int, ...]
    schedule: Schedule
    entries: tuple[Entry, ...]
    seeds: tuple[int, ...]
    choosing: Schedule
    choosing_seeds: tuple[int, ...]
    choosing_tasks: int | None = None
    val: float = 0.1
    deviations: tuple[str, ...] = ()
    quick: bool = field(default=False)

    def tasks(self, choosing: bool = False) -> Stream:
        """Return the tasks that count; or those to choose λ on, with a validation part."""
        options = {**self.stream, "val": self.val if choosing else 0.0}
        if choosing and self.choosing_tasks is not None:
            options["tasks"] = self.choosing_tasks
        return STREAMS[options.pop("kind")](options.pop("dataset"), **options)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings that the numbers depend on, as plain values: stored beside a result."""
        rows = {
            entry.name: {
                "method": repr(entry.method),
                "lams": list(entry.lams),
                "times": entry.times,
                "claim": asdict(entry.claim) if entry.claim else None,
            }
            for entry in self.entries
        }
        return {
            "stream": dict(self.stream),
            "hidden": list(self.hidden),
            "schedule": asdict(self.schedule),
            "choosing": {
                **asdict(self.choosing),
                "seeds": list(self.choosing_seeds),
                "tasks": self.choosing_tasks,
            },
            "val": self.val,
            "rows": rows,
            "quick": self.quick,
        }


def quick_version(protocol: Protocol) -> Protocol:
    """Return a protocol of a minute or two: few samples, updates and seeds; it judges nothing."""
    entries = tuple(replace(entry, lams=entry.lams[::2]) for entry in protocol.entries)
    return replace(
        protocol,
        stream={**protocol.stream, "samples": 2000, "test_samples": 1000},
        schedule=replace(protocol.schedule, steps=100),
        choosing=replace(protocol.choosing, steps=100),
        entries=entries,
        seeds=protocol.seeds[:2],
        choosing_seeds=protocol.choosing_seeds[:1],
        quick=True,
    )
