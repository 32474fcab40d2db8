"""The settings of one run of the playground, as a value: equal settings, equal record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from mas_edu.data import STREAMS, Stream
from mas_edu.methods import FineTune, Method

MOST_TASKS = 10
SPLIT_TASKS = 5  # ten classes, two a task
SAMPLES = 2000  # of a downloaded set, for training and for testing: ten tasks fit into memory


@dataclass(frozen=True)
class Settings:
    """One run of the playground.

    >>> from mas_edu import MAS
    >>> print(Settings("rotated", "digits", 5, MAS(), 0.1, 0).call)
    stream = me.rotated("digits", tasks=5)
    record = me.learn(stream, me.MAS(), lam=0.1, seed=0)
    """

    stream: str
    dataset: str
    tasks: int
    method: Method
    lam: float
    seed: int

    def __post_init__(self) -> None:
        if not self.method.penalised:  # λ plays no part: all its values are the same run
            object.__setattr__(self, "lam", 0.0)

    @property
    def small(self) -> bool:
        """True if a run takes about a second, so that it may begin by itself."""
        return self.dataset == "digits"

    def make(self) -> Stream:
        """Return the stream; the last one is kept, so that only a new choice takes time."""
        return _made(self.stream, self.dataset, self.tasks)

    def comparable(self, other: Settings) -> bool:
        """Return whether both learn the same tasks from the same start, in another way."""
        mine, its = (replace(settings, method=FineTune()) for settings in (self, other))
        return mine == its and self != other

    @property
    def call(self) -> str:
        """The same run without the widget."""
        less = "" if self.small else f", samples={SAMPLES}, test_samples={SAMPLES}, val=0"
        lam = f"lam={self.lam:g}, " if self.method.penalised else ""
        return (
            f'stream = me.{self.stream}("{self.dataset}", tasks={self.tasks}{less})\n'
            f"record = me.learn(stream, me.{self.method!r}, {lam}seed={self.seed})"
        )


def most_tasks(stream: str) -> int:
    """Return how many tasks a stream can have.

    >>> most_tasks("rotated"), most_tasks("split")
    (10, 5)
    """
    return SPLIT_TASKS if stream == "split" else MOST_TASKS


@lru_cache(maxsize=1)
def _made(kind: str, dataset: str, tasks: int) -> Stream:
    make = STREAMS[kind]
    if dataset == "digits":
        return make(dataset, tasks)
    return make(dataset, tasks, samples=SAMPLES, test_samples=SAMPLES, val=0)
