"""The penalised step and the digits run against bare PyTorch loops."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import torch
import torch.nn.functional as F

import mas_edu as me
from mas_edu.training.flat_params import flattened
from mas_edu.training.loop import train_steps
from tools.bench.measure import Row, median_seconds
from tools.bench.omega import SEED_SIZES


def plain_steps(x: torch.Tensor, y: torch.Tensor, sizes: list[int], batch: int) -> Iterator[None]:
    """Train as any tutorial does, with the fused optimizer; yield after each update."""
    model = me.mlp(sizes).to(x.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    while True:
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
            yield


def autograd_steps(
    x: torch.Tensor, y: torch.Tensor, sizes: list[int], batch: int
) -> Iterator[None]:
    """Train with the penalty as a term of the loss and the default optimizer."""
    model = me.mlp(sizes).to(x.device)
    anchor = _anchor(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    while True:
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows]) + 0.05 * anchor.penalty(model)
            loss.backward()
            optimizer.step()
            yield


def penalised_steps(
    x: torch.Tensor, y: torch.Tensor, sizes: list[int], batch: int
) -> Iterator[int]:
    """Train with the updates of `fit` and `learn`."""
    model = me.mlp(sizes).to(x.device)
    schedule = me.Schedule(batch=batch, lr=1e-4)
    task = me.Task("bench", x, y, x[:1], y[:1])
    with flattened(model) as flat:
        yield from train_steps(
            model, flat, [task], schedule, _anchor(model), 0.1, seed=0, updates=10**9
        )


def _anchor(model: torch.nn.Module) -> me.Anchor:
    theta = me.snapshot(model)
    return me.Anchor(theta, {name: torch.rand_like(value) for name, value in theta.items()})


def bare_run(stream: me.Stream) -> None:
    """Make the updates of a digits run, without evaluation, Ω or penalty."""
    model = me.mlp([stream.features, 64, stream.outputs])
    generator = torch.Generator().manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for task in stream:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        for _ in range(10):
            for rows in torch.randperm(len(task.x), generator=generator).split(32):
                optimizer.zero_grad()
                F.cross_entropy(model(task.x[rows]), task.y[rows]).backward()
                optimizer.step()
    torch.set_num_threads(threads)


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on training."""
    x = torch.rand(8192, 784).to(device)
    y = torch.randint(0, 10, (8192,)).to(device)
    makers = {"plain": plain_steps, "ours": penalised_steps, "autograd": autograd_steps}
    steps = {name: make(x, y, SEED_SIZES, 128) for name, make in makers.items()}
    count = 10 if quick else 30
    ways = {
        name: lambda step=step: [next(step) for _ in range(count)] for name, step in steps.items()
    }
    seconds = median_seconds(ways, 5 if quick else 15, device)
    plain = "plain step, fused Adam"
    ratio = seconds["ours"] / seconds["plain"]
    yield Row("penalised step, MLP, batch 128", plain, ratio, "≤ 1.25", seconds["ours"] / count)
    ratio = seconds["autograd"] / seconds["plain"]
    yield Row("penalty through autograd, default Adam", plain, ratio, "")
    stream = me.rotated("digits", tasks=5)
    seconds = median_seconds(
        {
            "bare": lambda: bare_run(stream),
            "ours": lambda: me.learn(stream, me.MAS(), 0.1, progress=False),
        },
        3 if quick else 7,
    )
    ratio = seconds["ours"] / seconds["bare"]
    yield Row(
        "digits, five tasks, MAS with curves and Ω",
        "bare autograd loop of the same updates",
        ratio,
        "≤ 0.45",
        seconds["ours"],
    )
    yield _two_at_once()


def _two_at_once() -> Row:
    """Measure two processes that train digits at once, against one alone."""
    code = (
        "import time, mas_edu as me\n"
        "stream = me.rotated('digits', tasks=5)\n"
        "me.learn(stream, me.MAS(), 0.1, progress=False)\n"
        "print('ready', flush=True); input()\n"
        "begun = time.perf_counter()\n"
        "for seed in range(4): me.learn(stream, me.MAS(), 0.1, seed=seed, progress=False)\n"
        "print(time.perf_counter() - begun)\n"
    )

    def seconds(count: int) -> float:
        kernels = [
            subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        for kernel in kernels:
            kernel.stdout.readline()
        time.sleep(0.2)
        for kernel in kernels:
            kernel.stdin.write("go\n")
            kernel.stdin.flush()
        return max(float(kernel.communicate()[0]) for kernel in kernels)

    alone, together = min(seconds(1) for _ in range(2)), min(seconds(2) for _ in range(2))
    what = "two kernels training digits at once, the slower"
    return Row(what, "one alone", together / alone, "≤ 1.3")
