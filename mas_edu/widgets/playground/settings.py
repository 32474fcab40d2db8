"""What the playground's controls say, as a value: equal settings, equal record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mas_edu.data import STREAMS, Stream
from mas_edu.methods import Method

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
        """Whether a run takes about a second, so that it may begin by itself."""
        return self.dataset == "digits"

    def make(self) -> Stream:
        """The stream; the one made last is kept, so that only a new choice takes time."""
        return _made(self.stream, self.dataset, self.tasks)

    @property
    def call(self) -> str:
        """The same run without the widget."""
        less = "" if self.small else f", samples={SAMPLES}, test_samples={SAMPLES}, val=0"
        lam = f"lam={self.lam:g}, " if self.method.penalised else ""
        return (
            f'stream = me.{self.stream}("{self.dataset}", tasks={self.tasks}{less})\n'
            f"record = me.learn(stream, me.{self.method!r}, {lam}seed={self.seed})"
        )


@lru_cache(maxsize=1)
def _made(kind: str, dataset: str, tasks: int) -> Stream:
    make = STREAMS[kind]
    if dataset == "digits":
        return make(dataset, tasks)
    return make(dataset, tasks, samples=SAMPLES, test_samples=SAMPLES, val=0)
