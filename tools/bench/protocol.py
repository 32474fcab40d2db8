"""The seed's protocol end to end, against the usual ways of doing it.

One epoch a task is measured and scaled to the ten that the protocol has: training counts ten times,
Ω, evaluation and what is prepared (rotated images, fingerprints) once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

import mas_edu as me
from mas_edu.data import datasets
from tools.bench.measure import Row, bf16_gain
from tools.bench.omega import SEED_SIZES
from tools.bench.step import plain_steps

LAM = 0.2
EPOCHS = 10  # of the protocol; one is measured
FEW = 2_000  # samples a task with --quick


@dataclass(frozen=True)
class Cost:
    """Seconds of the parts of a run with one epoch a task, and the average accuracy it reached."""

    training: float
    omega: float
    evaluation: float = 0.0
    preparation: float = 0.0
    average: float = float("nan")

    @property
    def measured(self) -> float:
        """Return the seconds of the run as measured."""
        return self.training + self.omega + self.evaluation + self.preparation

    @property
    def whole(self) -> float:
        """Return the seconds of the protocol, with all its epochs."""
        return self.measured + (EPOCHS - 1) * self.training


def protocol(quick: bool) -> tuple[me.Stream, me.Schedule]:
    """Return stream and schedule: rotations of 20° by the nearest pixel, one epoch a task."""
    stream = me.rotated(
        "mnist",
        tasks=2 if quick else 5,
        step=20,
        interpolation="nearest",
        samples=FEW if quick else None,
        test_samples=FEW if quick else None,
        val=0.0,
    )
    return stream, me.Schedule(epochs=1, batch=128, lr=1e-4, evaluations=1)


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on the whole protocol, where MNIST is present."""
    if not datasets.is_present("mnist") or device != "cpu":
        why = "on the CPU alone" if device != "cpu" else "MNIST is missing: mas_edu prefetch mnist"
        yield Row.left_out("the protocol end to end", why)
        return
    stream, schedule = protocol(quick)
    tasks, few = len(stream), FEW if quick else None
    ways: dict[str, Callable[[], Cost]] = {
        "float32": lambda: ours(stream, schedule),
        "bf16": lambda: ours(stream, replace(schedule, precision="bf16")),
        "DataLoader": lambda: loader_way(tasks, few),
    }
    costs = {name: way() for name, way in ways.items()}
    theirs = costs["DataLoader"]
    gain = bf16_gain(device)
    for name in ("float32", "bf16"):
        mine = costs[name]
        note = (
            f"average {mine.average:.1%} against {theirs.average:.1%}; {as_measured(mine, theirs)}"
        )
        if name == "bf16":
            note += f"; bf16 products are {gain:.2g} times as fast as float32 here"
        yield Row(
            f"DataLoader, transforms, autograd penalty; {tasks} tasks, {EPOCHS} epochs each",
            f"learn, {name}",
            theirs.whole / mine.whole,
            seconds=mine.whole,
            note=note,
        )
    floor = EPOCHS * tasks * bare_epoch(stream[0], schedule.batch)
    yield Row(
        f"the protocol with learn, float32; {tasks} tasks, {EPOCHS} epochs each",
        "its plain steps alone, fused Adam",
        costs["float32"].whole / floor,
        "≤ 1.15",
        seconds=floor,
        note="no Ω, penalty or evaluation: what float32 training costs at least here",
    )


def bare_epoch(task: me.Task, batch: int) -> float:
    """Measure the seconds of one epoch of plain steps."""
    steps = plain_steps(task.x, task.y, SEED_SIZES, batch)
    next(steps)  # once to warm up
    begun = time.perf_counter()
    for _ in range(math.ceil(len(task.x) / batch)):
        next(steps)
    return time.perf_counter() - begun


def as_measured(mine: Cost, theirs: Cost) -> str:
    """Say where the seconds of both runs of one epoch a task went."""
    return (
        f"measured with one epoch: {mine.measured:.3g} s (Ω {mine.omega:.2g}, evaluation "
        f"{mine.evaluation:.2g}) against {theirs.measured:.3g} s (Ω {theirs.omega:.2g}, "
        f"evaluation {theirs.evaluation:.2g})"
    )


def ours(stream: me.Stream, schedule: me.Schedule) -> Cost:
    """Run the protocol with this library."""
    model = me.mlp(SEED_SIZES)
    begun = time.perf_counter()
    run = me.Training(stream, me.MAS(), LAM, schedule=schedule, model=model)
    times = [time.perf_counter() for _ in run]  # after each update; after a task's last one with Ω
    seconds, record = times[-1] - begun, run.record
    count = run.updates_of(0)
    within = sum(times[i + count - 2] - times[i] for i in range(0, len(times), count))
    training = within * count / (count - 2)
    begun = time.perf_counter()
    me.accuracies(model, list(stream))
    evaluation = (time.perf_counter() - begun) * (1 + len(stream))  # before, and after each task
    omega = record.omega_seconds
    preparation = seconds - training - omega - evaluation
    return Cost(training, omega, evaluation, preparation, record.average)


def loader_way(tasks: int, few: int | None = None) -> Cost:
    """Rotate and scale image by image, in batches of 128, with the penalty through autograd.

    After each task the tasks seen so far are tested.
    """
    from torchvision import transforms
    from torchvision.datasets import MNIST

    def loader(task: int, train: bool) -> torch.utils.data.DataLoader:
        angle = (20 * task, 20 * task)
        change = transforms.Compose([transforms.RandomRotation(angle), transforms.ToTensor()])
        data = MNIST(str(datasets.data_folder()), train=train, transform=change)
        data = torch.utils.data.Subset(data, range(min(few or len(data), len(data))))
        return torch.utils.data.DataLoader(data, batch_size=128, shuffle=train)

    model = me.mlp(SEED_SIZES)
    anchor: me.Anchor | None = None
    accuracy: list[float] = []
    times = [time.perf_counter()]  # then of each task: trained, Ω known, tested
    for task in range(tasks):
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
        for x, y in loader(task, train=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            if anchor:
                loss = loss + LAM / 2 * anchor.penalty(model)
            loss.backward()
            optimizer.step()
        times.append(time.perf_counter())
        anchor = _batch_anchor(model, loader(task, train=True), anchor)
        times.append(time.perf_counter())
        accuracy = [_tested(model, loader(seen, train=False)) for seen in range(task + 1)]
        times.append(time.perf_counter())
    seconds = [after - before for before, after in pairwise(times)]
    training, omega, evaluation = (sum(seconds[part::3]) for part in range(3))
    return Cost(training, omega, evaluation, average=sum(accuracy) / tasks)


def _tested(model: nn.Module, loader: torch.utils.data.DataLoader) -> float:
    with torch.no_grad():
        return float(torch.cat([model(x).argmax(1) == y for x, y in loader]).float().mean())


def _batch_anchor(
    model: nn.Module, loader: torch.utils.data.DataLoader, old: me.Anchor | None
) -> me.Anchor:
    omega = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for x, _ in loader:
        model.zero_grad()
        model(x).square().sum(1).mean().backward()
        for name, weight in model.named_parameters():
            omega[name] += weight.grad.abs() * len(x) / len(loader.dataset)
    model.zero_grad()
    if old:
        omega = {name: value + old.omega[name] for name, value in omega.items()}
    return me.Anchor(me.snapshot(model), omega)
