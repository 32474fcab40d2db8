"""The seed's protocol end to end, one epoch a task, against the usual ways of doing it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn

import mas_edu as me
from mas_edu import datasets
from tests.bench.measure import Row, bf16_gain
from tests.bench.omega import SEED_SIZES

LAM = 0.2
FEW = 2_000  # samples a task with --quick
ENOUGH = 1.5  # how much faster bfloat16 products must be here for the promise on bf16 to hold


def protocol(quick: bool) -> tuple[me.Stream, me.Schedule]:
    """Rotations of 20° by the nearest pixel; Adam 1e-4, batches of 128, one epoch a task."""
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
    """The rows on the whole protocol, where MNIST is at hand."""
    if not datasets.present("mnist") or device != "cpu":
        why = "on the CPU alone" if device != "cpu" else "MNIST is missing: mas_edu prefetch mnist"
        yield Row.left_out("the protocol end to end", why)
        return
    stream, schedule = protocol(quick)
    tasks, few = len(stream), FEW if quick else None
    ways: dict[str, Callable[[], float]] = {
        "float32": lambda: ours(stream, schedule),
        "bf16": lambda: ours(stream, replace(schedule, precision="bf16")),
        "DataLoader": lambda: loader_way(tasks, few),
    }
    seconds, average = {}, {}
    for name, way in ways.items():
        begun = time.perf_counter()
        average[name] = way()
        seconds[name] = time.perf_counter() - begun
    reference = "DataLoader, transforms, autograd penalty"
    gain = bf16_gain(device)
    fast = gain >= ENOUGH
    for name, target in (("float32", "≥ 4"), ("bf16", "≥ 8" if fast else "")):
        note = f"average {average[name]:.1%} against {average['DataLoader']:.1%}"
        if name == "bf16":
            note += f"; bf16 products are {gain:.2g} times as fast as float32 here"
            note += "" if fast else ": no bf16 instructions that help, so no promise"
        yield Row(
            f"{reference}; {tasks} tasks, one epoch each",
            f"learn, {name}",
            seconds["DataLoader"] / seconds[name],
            target,
            seconds[name],
            note,
        )


def ours(stream: me.Stream, schedule: me.Schedule) -> float:
    """The protocol as this library does it; gives the final average accuracy."""
    model = me.mlp(SEED_SIZES)
    record = me.learn(stream, me.MAS(), LAM, schedule=schedule, model=model, progress=False)
    return record.average


def loader_way(tasks: int, few: int | None = None) -> float:
    """Rotation and scaling image by image, batches of 128, the penalty through autograd."""
    from torchvision import transforms
    from torchvision.datasets import MNIST

    def loader(task: int, train: bool) -> torch.utils.data.DataLoader:
        angle = (20 * task, 20 * task)
        change = transforms.Compose([transforms.RandomRotation(angle), transforms.ToTensor()])
        data = MNIST(str(datasets.folder()), train=train, transform=change)
        data = torch.utils.data.Subset(data, range(min(few or len(data), len(data))))
        return torch.utils.data.DataLoader(data, batch_size=128, shuffle=train)

    model = me.mlp(SEED_SIZES)
    anchor: me.Anchor | None = None
    for task in range(tasks):
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-4)
        for x, y in loader(task, train=True):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(x), y)
            if anchor:
                loss = loss + LAM / 2 * anchor.penalty(model)
            loss.backward()
            optimiser.step()
        anchor = _batch_anchor(model, loader(task, train=True), anchor)
    with torch.no_grad():
        hits = [
            torch.cat([model(x).argmax(1) == y for x, y in loader(task, train=False)])
            for task in range(tasks)
        ]
    return float(torch.stack([hit.float().mean() for hit in hits]).mean())


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
