"""Growth of cost with samples, width, tasks and the number of λ: log-log slopes, a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

import mas_edu as me
from tools.bench.measure import Row, median_seconds

Curve = tuple[str, list[int], list[float]]


def rows(quick: bool, device: str, picture: Path | None = None) -> Iterator[Row]:
    """Yield one row a slope: 1 is proportional, 0 is free."""
    curves = list(_curves(quick, device))
    for name, sizes, seconds in curves:
        slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
        yield Row(
            f"growth with {name}, {sizes[0]:,} to {sizes[-1]:,}",
            "log-log slope; 1 is proportional",
            slope,
            seconds=seconds[-1],
        )
    if picture is not None:
        draw(curves, picture)


def draw(curves: list[Curve], picture: Path) -> None:
    """Draw seconds against size, both log, one panel a curve."""
    figure = me.plots.white_figure((320 * len(curves), 300), "constrained")
    panels = np.atleast_1d(figure.subplots(1, len(curves)))
    for panel, (name, sizes, seconds) in zip(panels, curves, strict=True):
        panel.loglog(sizes, seconds, marker="o")
        panel.set(title=name, xlabel="size", ylabel="seconds")
        panel.set_xticks([], minor=True)
        panel.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45)
    picture.write_bytes(me.plots.figure_png(figure, sharp=False))


def _curves(quick: bool, device: str) -> Iterator[Curve]:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(16_000 if quick else 64_000, 784, generator=generator).to(device)
    model = me.mlp([784, 256, 10]).to(device)
    sizes = [len(x) // k for k in (16, 8, 4, 2, 1)]
    yield _curve("samples (Ω)", sizes, lambda n: me.mas(model, x[:n]), device)
    widths = [64, 128, 256, 512, 1024]
    nets = {width: me.mlp([784, width, width, 10]).to(device) for width in widths}
    yield _curve("width (Ω)", widths, lambda w: me.mas(nets[w], x[:4000]), device)
    streams = {tasks: me.rotated("digits", tasks, step=9) for tasks in (2, 4, 8)}
    yield _curve(
        "tasks (learn)",
        list(streams),
        lambda tasks: me.learn(streams[tasks], me.MAS(), progress=False),
    )
    short = me.Schedule(epochs=2)
    yield _curve(
        "λ count (sweep)",
        [4, 8, 16, 32] if quick else [4, 8, 16, 32, 64],
        lambda count: me.sweep(
            streams[2], me.MAS(), np.geomspace(0.01, 10, count), [0], schedule=short, progress=False
        ),
    )


def _curve(name: str, sizes: list[int], run: Callable[[int], object], device: str = "cpu") -> Curve:
    ways = {str(size): lambda size=size: run(size) for size in sizes}
    seconds = median_seconds(ways, 3, device)
    return name, sizes, [seconds[str(size)] for size in sizes]
