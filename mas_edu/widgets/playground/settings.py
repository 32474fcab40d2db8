"""The runs of the playground as values: equal settings, equal record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mas_edu._common import short_call
from mas_edu.data import STREAMS, Stream
from mas_edu.methods import METHODS, FineTune, Method
from mas_edu.training import Schedule
from mas_edu.widgets.start_values import number_code

MOST_TASKS = 10
SPLIT_TASKS = 5  # ten classes, two a task
USUAL = Schedule()
SAMPLES = 2000  # of a downloaded set, for training and for testing: ten tasks fit into memory
OWN_LAMBDA = {  # what the validation part picks on five rotated digits, by the method's class
    "L2": 0.1,
    "MAS": 0.1,
    "MASLocal": 0.3,
    "MASBatch": 0.4,
    "RWalk": 3.0,
    "SI": 10.0,
    "EWC": 30.0,
    "SCP": 80.0,
}
FACTORS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def own_lambda(method: Method) -> float:
    """Return the λ at which a method begins: each has a scale of its own.

    >>> from mas_edu import EWC, MAS
    >>> own_lambda(MAS()), own_lambda(EWC())
    (0.1, 30.0)
    """
    names = (kind.__name__ for kind in type(method).__mro__)
    return next((OWN_LAMBDA[name] for name in names if name in OWN_LAMBDA), 0.1)


def lambda_at(method: Method, factor: float) -> float:
    """Return the method's λ at a place in its range: so many times the one it begins at.

    >>> from mas_edu import EWC
    >>> lambda_at(EWC(), 0.1)
    3.0
    """
    return float(f"{own_lambda(method) * factor:.4g}")


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
    schedule: Schedule = USUAL

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

    @property
    def call(self) -> str:
        """The same run without the widget."""
        return "\n".join([self.stream_call, f"record = {self.learn_call}"])

    @property
    def stream_call(self) -> str:
        """The code that makes the stream."""
        less = "" if self.small else f", samples={SAMPLES}, test_samples={SAMPLES}, val=0"
        return f'stream = me.{self.stream}("{self.dataset}", tasks={self.tasks}{less})'

    @property
    def learn_call(self) -> str:
        """The code that trains the run."""
        lam = f"lam={number_code(self.lam)}, " if self.method.penalised else ""
        last = f"seed={self.seed}{self.schedule_argument}"
        return f"me.learn(stream, {self.method_call}, {lam}{last})"

    @property
    def method_call(self) -> str:
        """The code that makes the method; a class of the reader's own is not in this library."""
        ours = type(self.method) in METHODS.values()
        return f"{'me.' if ours else ''}{self.method!r}"

    @property
    def schedule_argument(self) -> str:
        """The argument that names the schedule, if it is not the usual one."""
        usual = self.schedule == USUAL
        return "" if usual else f", schedule=me.{short_call(repr(self.schedule))}"


@dataclass(frozen=True)
class Plan:
    """The runs to be on the screen: a group of runs for each method, one run a seed.

    Args:
        groups: the chosen method's runs first, then those to compare with.
    """

    groups: tuple[tuple[Settings, ...], ...]

    @property
    def main(self) -> Settings:
        """The chosen method's first run."""
        return self.groups[0][0]

    @property
    def baseline(self) -> tuple[Settings, ...]:
        """The same tasks and starts without protection; nothing if they are shown anyway."""
        without = tuple(replace(one, method=FineTune()) for one in self.groups[0])
        return () if without in self.groups else without

    @property
    def call(self) -> str:
        """The same runs without the widget."""
        main, *others = self.groups
        if len(main) == 1:
            lines = [self.main.call]
            lines += [f"other_{k} = {group[0].learn_call}" for k, group in enumerate(others, 1)]
        else:
            lines = [self.main.stream_call]
            lines += [
                f"{name} = {_sweep_call(group)}"
                for name, group in zip(_names(len(self.groups)), self.groups, strict=True)
            ]
        return "\n".join(lines)


def _names(count: int) -> list[str]:
    return ["records", *(f"others_{k}" for k in range(1, count))]


def _sweep_call(group: Sequence[Settings]) -> str:
    first, seeds = group[0], [one.seed for one in group]
    lams = f"lams=[{number_code(first.lam)}]"
    return f"me.sweep(stream, {first.method_call}, {lams}, seeds={seeds}{first.schedule_argument})"


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
