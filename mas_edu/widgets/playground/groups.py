"""Runs as the playground shows them: the runs of one method, one a seed, as mean and range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mas_edu._common import translate
from mas_edu.plots import short_names
from mas_edu.results import Array, Record, accuracy_curves


@dataclass(frozen=True)
class Group:
    """The runs of one method with one λ, one a seed; at least one.

    >>> runs = [Record([[0.9, 0.1], [end, 0.8]]) for end in (0.6, 0.7)]
    >>> round(Group(tuple(runs)).measure("average"), 3)
    0.725
    """

    records: tuple[Record, ...]

    @property
    def first(self) -> Record:
        """The run of the first seed."""
        return self.records[0]

    @property
    def label(self) -> str:
        """Method and λ in a legend."""
        return short_names(self.first.label)

    @property
    def name(self) -> str:
        """The label within a sentence: "fine-tuning"."""
        return translate("fine-tuning") if self.first.label == "FineTune" else self.label.lower()

    @property
    def finished(self) -> int:
        """Count the tasks that all runs have learned to the end."""
        return min(record.finished for record in self.records)

    def measure(self, name: str) -> float:
        """Return the mean of "average", "forgetting" or "learned" over the runs."""
        return float(np.mean([getattr(record, name) for record in self.records]))

    @property
    def accuracy(self) -> Array:
        """The mean accuracy matrix, `[T, T]`."""
        mean: Array = np.mean([record.accuracy for record in self.records], axis=0)
        return mean

    @property
    def updates(self) -> Array:
        """After how many updates the accuracies were measured in all runs, `[S]`."""
        shortest: Array = min((accuracy_curves(r).x for r in self.records), key=len)
        return shortest

    @property
    def curves(self) -> Array:
        """The accuracies of each run, `[runs, S, T]`."""
        count = len(self.updates)
        return np.stack([accuracy_curves(record).y[:count] for record in self.records])


def group_of(runs: Sequence[Hashable], remembered: Mapping[Any, Record]) -> Group | None:
    """Return runs as a group, if all of them are remembered."""
    records = tuple(remembered[one] for one in runs if one in remembered)
    return Group(records) if records and len(records) == len(runs) else None


@dataclass(frozen=True)
class Scene:
    """The runs in a picture: groups of runs, the chosen one first, and a baseline in pale."""

    groups: tuple[Group, ...]
    baseline: Group | None = None

    @property
    def main(self) -> Group:
        """The chosen runs."""
        return self.groups[0]

    @property
    def everything(self) -> Sequence[Group]:
        """All groups, the baseline last."""
        return (*self.groups, self.baseline) if self.baseline else self.groups
