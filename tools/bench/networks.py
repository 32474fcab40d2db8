"""Ω of the networks people bring, against the plain pass and the loop over single samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torchvision
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance.per_sample import plan_cache
from tools.bench.measure import Row, median_seconds
from tools.bench.omega import loop, peak, plain_pass

BATCH = 16  # of the plain pass
NETWORKS = [  # name, pixels, samples, most plain passes ("" where the image is large)
    ("resnet18", 224, 48, ""),
    ("mobilenet_v3_small", 224, 32, ""),
    ("alexnet", 224, 16, ""),
    ("convnext_tiny", 224, 4, ""),
    ("vit_b_16", 224, 8, "≤ 3"),
    ("densenet121", 64, 32, "≤ 3"),
    ("resnet18", 64, 128, "≤ 3"),
]


def rows(quick: bool, device: str) -> Iterator[Row]:
    """The rows on networks: one thread on a CPU, float32, the trial of the routes included."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, pixels, samples, passes in NETWORKS:
            count = min(samples, 16) if quick else samples
            yield from _network(name, pixels, count, passes, 1 if quick else 3, device)
    finally:
        torch.set_num_threads(threads)


def _network(
    name: str, pixels: int, samples: int, passes: str, repeats: int, device: str
) -> Iterator[Row]:
    generator = torch.Generator().manual_seed(0)
    model, x = (
        make_network(name).to(device),
        torch.rand(samples, 3, pixels, pixels, generator=generator),
    )
    x = x.to(device)

    def first() -> None:
        plan_cache.forget()
        me.mas(model, x)

    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: plain_pass(model, x, BATCH),
        "loop": lambda: loop(model, x),
        "first": first,
        "again": lambda: me.mas(model, x),
    }
    seconds = median_seconds(ways, repeats, device)
    bytes_held = {way: peak(ways[way], device) for way in ("loop", "again")}
    what = f"exact Ω, {name}, {samples} images of {pixels} pixels"
    routes = "/".join(sorted(set(me.explain(model, x[:8]).values())))
    yield Row(what, "loop", seconds["first"] / seconds["loop"], "≤ 1", seconds["first"], routes)
    yield Row(f"{what}, known", "loop", seconds["again"] / seconds["loop"], "≤ 1", seconds["again"])
    yield Row(f"{what}, known", "plain pass", seconds["again"] / seconds["plain"], passes)
    ratio = bytes_held["again"] / bytes_held["loop"]
    yield Row(f"peak memory, {what}", "loop", ratio, note=f"{bytes_held['again'] / 2**20:.0f} MiB")


def make_network(name: str) -> nn.Module:
    """Return one of torchvision's networks with ten outputs, from seed 0, in eval mode."""
    torch.manual_seed(0)
    model: nn.Module = getattr(torchvision.models, name)(weights=None, num_classes=10)
    head: Tensor = list(model.parameters())[-2]
    if not bool(head.any()):  # a ViT's head begins with zeros, and so would Ω
        nn.init.normal_(head, std=0.05)
    return model.eval()
