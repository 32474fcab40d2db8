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
from tests.bench.measure import Row
from tests.bench.omega import SEED_SIZES
from tests.seed_protocol import protocol

LAM = 0.2


def rows(quick: bool, device: str) -> Iterator[Row]:
    """The rows on the whole protocol, where MNIST is at hand."""
    if not datasets.present("mnist") or device != "cpu":
        return
    tasks = 2 if quick else 5
    stream, schedule = protocol(quick=True)
    ways: dict[str, Callable[[], float]] = {
        "float32": lambda: _ours(stream, tasks, schedule),
        "bf16": lambda: _ours(stream, tasks, replace(schedule, precision="bf16")),
        "DataLoader": lambda: loader_way(tasks),
    }
    seconds, average = {}, {}
    for name, way in ways.items():
        begun = time.perf_counter()
        average[name] = way()
        seconds[name] = time.perf_counter() - begun
    reference = "DataLoader, transforms, autograd penalty"
    for name, target in (("float32", "≥ 4"), ("bf16", "≥ 8")):
        yield Row(
            f"{reference}; {tasks} tasks, one epoch each",
            f"learn, {name}",
            seconds["DataLoader"] / seconds[name],
            target,
            seconds[name],
            f"average {average[name]:.1%} against {average['DataLoader']:.1%}",
        )


def _ours(stream: me.Stream, tasks: int, schedule: me.Schedule) -> float:
    part = replace(stream, tasks=stream.tasks[:tasks])
    model = me.mlp(SEED_SIZES)
    record = me.learn(part, me.MAS(), LAM, schedule=schedule, model=model, progress=False)
    return record.average


def loader_way(tasks: int) -> float:
    """Rotation and scaling image by image, batches of 128, the penalty through autograd."""
    from torchvision import transforms
    from torchvision.datasets import MNIST

    def loader(task: int, train: bool) -> torch.utils.data.DataLoader:
        angle = (20 * task, 20 * task)
        change = transforms.Compose([transforms.RandomRotation(angle), transforms.ToTensor()])
        data = MNIST(str(datasets.folder()), train=train, transform=change)
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
