"""Learn all digits, then the digits turned, held by an Ω from inputs of your choice."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training import train_batched

Digits = tuple[int, ...]

CHOICES: tuple[Digits, ...] = ((0, 1), (3, 8), (4, 7), (2, 5, 6), (0, 2, 4, 6, 8))
SOURCES = (
    "all digits",
    "chosen digits",
    "other digits",
    "noise",
    "chosen digits, chosen logits",
    "all digits, chosen logits",
)
STREAMS = ("turned", "permuted")  # what the new task makes of the digits
NETWORK = (64, 64, 10)  # units: inputs, hidden, outputs
SCHEDULE = me.Schedule(lr=0.003, evaluations=1, threads=1)
NOISE = 1000  # images, each pixel drawn evenly between black and white
MOMENTS = 20  # how often a live run is looked at


@dataclass(frozen=True)
class Scores:
    """The accuracies of a network on the test parts.

    Args:
        right: how many of task A's digits it reads correctly, `[10]`, by digit;
        count: of so many.
        new: its accuracy on task B.
    """

    right: tuple[int, ...]
    count: tuple[int, ...]
    new: float

    def on(self, digits: Iterable[int]) -> float:
        """Return the accuracy on these digits of task A."""
        digits = tuple(digits)
        return sum(self.right[d] for d in digits) / sum(self.count[d] for d in digits)


@dataclass(frozen=True)
class Kept:
    """One network that learned A and then B, held by Ω, and the same one held by nothing.

    Args:
        chosen: the digits that will be needed.
        source: what Ω was computed from.
        lam: λ.
        held: what the network knows now.
        plain: what it knows after B if nothing is protected.
        done: how many updates of B were made,
        total: of so many.
    """

    chosen: Digits
    source: str
    lam: float
    held: Scores
    plain: Scores
    done: int
    total: int

    @property
    def others(self) -> Digits:
        """The digits that were not chosen."""
        return others(self.chosen)


def others(chosen: Iterable[int]) -> Digits:
    """Return the digits that were not chosen.

    >>> others((0, 2, 4, 6, 8))
    (1, 3, 5, 7, 9)
    """
    return tuple(sorted(set(range(10)) - set(chosen)))


@lru_cache(maxsize=2)
def stream(name: str = "turned") -> me.Stream:
    """Return two tasks: the digits upright, and turned by 90° (or with their pixels permuted)."""
    return me.permuted("digits", 2) if name == "permuted" else me.rotated("digits", 2, step=90)


def images_of(task: me.Task, digits: Iterable[int]) -> Tensor:
    """Return the task's training images of these digits, without their labels."""
    return task.x[torch.isin(task.y, torch.tensor(tuple(digits)))]


def importance(model: nn.Module, source: str, chosen: Digits, seed: int = 0) -> me.Params:
    """Compute Ω from one of `SOURCES`.

    Args:
        model: a network that has learned the digits.
        source: which inputs, and whether the norm is taken over the chosen logits alone.
        chosen: the digits that will be needed.
        seed: of the noise.
    """
    task = stream()[0]
    if source not in SOURCES:
        raise ValueError(f"source: expected one of {', '.join(SOURCES)}, got {source!r}")
    if source == "noise":
        generator = torch.Generator().manual_seed(seed)
        x = torch.rand(NOISE, task.x.shape[1], generator=generator)
    else:
        digits = {"all": range(10), "chosen": chosen, "other": others(chosen)}
        x = images_of(task, digits[source.split()[0]])
    return me.mas(model, x, classes=chosen if source.endswith("chosen logits") else None)


@lru_cache(maxsize=16)
def reader(seed: int = 0, schedule: me.Schedule = SCHEDULE) -> nn.Module:
    """Return a network that has learned all ten digits: task A. Do not change it."""
    return me.fit(me.mlp(NETWORK, seed), stream()[0], schedule, seed=seed)


def runs_of(
    name: str,
    seed: int,
    wanted: Sequence[tuple[str, Digits, float]],
    schedule: me.Schedule = SCHEDULE,
) -> list[me.Training]:
    """Return a run of task B for each wanted (source, chosen digits, λ), not yet trained."""
    tasks = stream(name)
    later = me.Stream(f"{name} digits", (tasks[1],), tasks.outputs, tasks.shape)
    model = reader(seed, schedule)
    theta, omegas = me.snapshot(model), {}
    for source, chosen, _ in wanted:
        if (source, chosen) not in omegas:
            omegas[source, chosen] = importance(model, source, chosen, seed)
    return [
        me.Training(
            later, me.MAS(), lam, seed=seed, schedule=schedule, model=model,
            anchor=me.Anchor(theta, omegas[source, chosen]),
        )
        for source, chosen, lam in wanted
    ]  # fmt: skip


def train_together(runs: Sequence[me.Training]) -> None:
    """Train all runs to their end, side by side in one batched program."""
    for _ in train_batched(runs):
        pass


def scores(model: nn.Module, name: str = "turned") -> Scores:
    """Test the network: task A digit by digit, and task B."""
    a, b = stream(name)
    with torch.no_grad():
        right = model(a.x_test).argmax(1) == a.y_test
    by_digit = tuple(int(right[a.y_test == digit].sum()) for digit in range(10))
    count = tuple(int((a.y_test == digit).sum()) for digit in range(10))
    return Scores(by_digit, count, float(me.accuracies(model, [b])[0]))


_PLAIN: dict[tuple[int, me.Schedule], Scores] = {}
"""What is left without protection, by seed and schedule."""


def plain(seed: int = 0, schedule: me.Schedule = SCHEDULE) -> Scores:
    """Return what is left when task B is learned and nothing is protected: λ = 0."""
    for _ in _train_plain(seed, schedule):
        pass
    return _PLAIN[seed, schedule]


def _train_plain(seed: int, schedule: me.Schedule) -> Generator[None]:
    """Learn task B with nothing protected, update by update, unless it was done before."""
    if (seed, schedule) not in _PLAIN:
        runs = runs_of("turned", seed, [("all digits", (), 0.0)], schedule)
        for _ in train_batched(runs):
            yield None
        _PLAIN[seed, schedule] = scores(runs[0].model)


def keep(
    chosen: Iterable[int] = (0, 1),
    source: str = "chosen digits",
    lam: float = 0.02,
    seed: int = 0,
    schedule: me.Schedule = SCHEDULE,
) -> Kept:
    """Learn A, compute Ω, learn B with the penalty, and see what is left.

    Args:
        chosen: the digits that will be needed.
        source: what Ω is computed from, one of `SOURCES`.
        lam: λ.
        seed: of the initial weights, the order of the samples and the noise.
        schedule: how each task is trained.

    >>> kept = keep(chosen=(2, 5, 6))
    >>> kept.held.on(kept.chosen) > 0.7 > kept.plain.on(kept.chosen)
    True
    """
    *_, last = job(tuple(chosen), source, lam, seed, schedule)
    assert last is not None
    return last


def job(
    chosen: Digits,
    source: str,
    lam: float,
    seed: int = 0,
    schedule: me.Schedule = SCHEDULE,
    seconds: float = 0.0,
) -> Generator[Kept | None]:
    """Yield `keep`, moment by moment; learning B is stretched to last so many seconds.

    It yields None while there is nothing to show.
    """
    reader(seed, schedule)
    yield None
    yield from _train_plain(seed, schedule)
    (run,), free = runs_of("turned", seed, [(source, chosen, lam)], schedule), plain(seed, schedule)
    moments = {-(-run.total * k // MOMENTS) for k in range(1, MOMENTS + 1)}

    def now(done: int) -> Kept:
        return Kept(chosen, source, lam, scores(run.model), free, done, run.total)

    yield now(0)
    for done in run:
        if done in moments:
            time.sleep(seconds / MOMENTS)
        yield now(done) if done in moments else None


def over_seeds(
    chosen: Digits, lams: dict[str, float], seeds: Iterable[int] = range(8)
) -> Iterator[dict[str, Scores]]:
    """Yield for each seed what is kept with Ω from each source, all trained side by side.

    Args:
        chosen: the digits that will be needed.
        lams: the λ of each source.
        seeds: the seeds.
    """
    for seed in seeds:
        runs = runs_of("turned", seed, [(source, chosen, lam) for source, lam in lams.items()])
        train_together(runs)
        yield {source: scores(run.model) for source, run in zip(lams, runs, strict=True)}


def asked(
    source: str, lams: Mapping[Digits, float], name: str = "turned", seeds: Iterable[int] = range(8)
) -> NDArray[np.float64]:
    """Return how well the chosen digits are read after task B, `[seed, 2]`: asked two questions.

    First: which of all ten? Then: which of the chosen, the other outputs left out?

    Args:
        source: what Ω is computed from.
        lams: λ by chosen digits; the accuracies are averaged over these choices.
        name: what the new task makes of the digits, one of `STREAMS`.
        seeds: the seeds.
    """
    rows = []
    for seed in seeds:
        runs = runs_of(name, seed, [(source, chosen, lam) for chosen, lam in lams.items()])
        train_together(runs)
        answers = [_asked(run.model, chosen) for run, chosen in zip(runs, lams, strict=True)]
        rows.append(np.mean(answers, axis=0))
    return np.array(rows)


def _asked(model: nn.Module, chosen: Digits) -> tuple[float, float]:
    """Return the accuracy on the chosen digits among all ten outputs, and among theirs alone."""
    task, among = stream()[0], torch.tensor(chosen)
    some = torch.isin(task.y_test, among)
    y = task.y_test[some]
    with torch.no_grad():
        z = model(task.x_test[some])
    ten, few = z.argmax(1) == y, among[z[:, among].argmax(1)] == y
    return float(ten.double().mean()), float(few.double().mean())
