"""Ω against a plain pass, a batch-size-1 loop and `vmap(grad)`, on the same samples."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

import mas_edu as me
from mas_edu.importance import reference
from tools.bench.measure import Row, median_seconds

SEED_SIZES = [784, 1024, 512, 256, 10]
USUAL_BATCH = 128  # that of the protocol this project starts from


def plain_pass(model: nn.Module, x: Tensor, batch: int) -> None:
    """Run forward and backward over all samples: the gradients of all weights, nothing else."""
    for part in x.split(batch):
        torch.autograd.grad(model(part).square().sum(), list(model.parameters()))


def loop(model: nn.Module, x: Tensor) -> None:
    """Compute Ω one sample at a time, the usual way to an exact Ω."""
    total = [torch.zeros_like(weight) for weight in model.parameters()]
    for sample in x.split(1):
        gradients = torch.autograd.grad(model(sample).square().sum(), list(model.parameters()))
        torch._foreach_add_(total, torch._foreach_abs(gradients))


def vmap_grad(model: nn.Module, x: Tensor, chunk: int) -> dict[str, Tensor]:
    """Return Σ_n |gradient| of all weights; `chunk` gradients of samples are held at once."""

    def one(weights: dict[str, Tensor], sample: Tensor) -> Tensor:
        return torch.func.functional_call(model, weights, (sample[None],)).square().sum()

    weights = {name: weight.detach() for name, weight in model.named_parameters()}
    gradients_of = torch.func.vmap(torch.func.grad(one), (None, 0))
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for part in x.split(chunk):
        for name, gradient in gradients_of(weights, part).items():
            total[name] += gradient.abs().sum(0)
    return total


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on Ω."""
    samples, few = (6_000, USUAL_BATCH) if quick else (60_000, 2 * USUAL_BATCH)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(samples, 784, generator=generator).to(device)
    nets = {"MLP": (me.mlp(SEED_SIZES), "≤ 1.2", x), "CNN": (me.cnn(), "≤ 2", x[: samples // 6])}
    omega_a_sample = 0.0
    for name, (model, target, x) in nets.items():
        model = model.to(device)
        best = _best_batch(model, x, device)
        seconds = median_seconds(
            {
                "plain": lambda model=model, x=x, best=best: plain_pass(model, x, best),
                "mas": lambda model=model, x=x: me.mas(model, x),
            },
            3 if quick else 5,
            device,
        )
        yield Row(
            f"exact Ω, {name}, {len(x):,} samples",
            f"plain forward and backward, batch {best}",
            seconds["mas"] / seconds["plain"],
            target,
            seconds["mas"],
        )
        if name == "MLP":
            omega_a_sample = seconds["mas"] / samples
    model = nets["MLP"][0]
    slow = median_seconds(
        {
            "loop": lambda: loop(model, x[:few]),
            **{c: lambda c=c: vmap_grad(model, x[:few], c) for c in (4, 8, 32, USUAL_BATCH)},
        },
        3,
        device,
    )
    best = min((c for c in slow if c != "loop"), key=lambda c: slow[c])
    yield Row(
        "loop over single samples, MLP",
        "exact Ω",
        slow["loop"] / few / omega_a_sample,
        "≥ 12",
        note=f"measured on {few} samples",
    )
    for chunk, target, which in (
        (USUAL_BATCH, "≥ 60", "a batch at a time, as it is usually written"),
        (best, "", "the fastest of four chunks, which a user would have to look for"),
    ):
        if chunk == best == USUAL_BATCH and not target:
            continue  # the same row as before
        yield Row(
            f"vmap(grad), MLP, chunk {chunk}",
            "exact Ω",
            slow[chunk] / few / omega_a_sample,
            target,
            note=f"measured on {few} samples; {which}",
        )
    yield _memory(device)
    yield from _errors()


def _best_batch(model: nn.Module, x: Tensor, device: str) -> int:
    """Return the batch size at which the plain pass is fastest: a fair reference."""
    part = x[:4096]
    sizes = (128, 256, 512, 1024, 2048)
    ways = {str(size): lambda size=size: plain_pass(model, part, size) for size in sizes}
    seconds = median_seconds(ways, 3, device)
    return int(min(seconds, key=lambda name: seconds[name]))


def _memory(device: str) -> Row:
    """Measure peak memory beyond model and data, each way in a process of its own."""
    code = "from tools.bench.omega import print_peak; print_peak({way!r}, {device!r})"
    peaks = {
        way: int(
            subprocess.run(
                [sys.executable, "-c", code.format(way=way, device=device)],
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # the profiler is talkative
                text=True,
            ).stdout
        )
        for way in ("plain", "mas")
    }
    return Row(
        "peak memory of exact Ω, MLP",
        "plain pass, batch 1024; both beyond model and data",
        peaks["mas"] / peaks["plain"],
        "≤ 2",
        note=f"{peaks['mas'] / 2**20:.1f} MiB of tensors, as PyTorch's allocator counts them",
    )


def print_peak(way: str, device: str) -> None:
    """Print the bytes of tensors that one pass holds at most, beyond what was there before."""
    model, x = me.mlp(SEED_SIZES).to(device), torch.rand(4096, 784).to(device)
    run = {"plain": lambda: plain_pass(model, x, 1024), "mas": lambda: me.mas(model, x)}[way]
    run()  # what the libraries themselves keep is not counted
    print(peak(run, device))


def peak(run: Callable[[], object], device: str = "cpu") -> int:
    """Return the most bytes of tensors that `run` holds at one moment.

    Counted where PyTorch hands memory out and takes it back, so the same every time; the resident
    size of the process also has what the C library keeps for later, and was different each time.
    """
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        run()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        run()
    events = [e for e in seen.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = highest = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()  # negative where memory is given back
        highest = max(highest, held)
    return highest


def _errors() -> Iterator[Row]:
    """Yield errors against the float64 loop, the median of five inputs.

    Rarely, in float32 the input of a ReLU is rounded to the other side of 0, and the error is
    larger: therefore not the largest error.
    """
    for name, model in (("MLP", me.mlp([784, 64, 32, 10])), ("CNN", me.cnn())):
        errors: dict[torch.dtype, list[float]] = {torch.float64: [], torch.float32: []}
        for seed in range(1, 6):
            x = torch.rand(300, 784, generator=torch.Generator().manual_seed(seed))
            truth = reference.mas(model.double(), x.double())
            for kind, found in errors.items():
                found.append(_error(me.mas(model.to(kind), x.to(kind)), truth))
        for kind, found in errors.items():
            yield Row(
                f"error of exact Ω, {name}, {str(kind).removeprefix('torch.')}",
                "float64 loop, relative to the largest; median of five inputs",
                median(found),
                "≤ 1e-9" if kind == torch.float64 else "≤ 1e-5",
                note=f"at most {max(found):.2g}",
            )


def _error(omega: dict[str, torch.Tensor], truth: dict[str, torch.Tensor]) -> float:
    """Return the largest error of all weights, relative to the largest Ω of their tensor."""
    return max(
        float((omega[name].double() - value).abs().max() / value.abs().max())
        for name, value in truth.items()
    )
