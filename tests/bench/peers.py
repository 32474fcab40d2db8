"""Other libraries on the same work; a row only for those that are installed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
from collections.abc import Callable, Iterator

import torch

import mas_edu as me
from mas_edu import datasets
from tests.bench.measure import Row, median_seconds
from tests.bench.omega import SEED_SIZES

FEW = 512  # samples on which a peer is measured


def rows(quick: bool, device: str) -> Iterator[Row]:
    """The rows on peers: `pip install -e ".[peers]"` brings them."""
    samples = 4_000 if quick else 20_000
    x = torch.rand(samples, 784, generator=torch.Generator().manual_seed(0)).to(device)
    if importlib.util.find_spec("opacus"):
        yield _opacus(x, device)
    if importlib.util.find_spec("backpack"):
        yield _backpack(x, device)
    if importlib.util.find_spec("avalanche") and datasets.present("mnist") and device == "cpu":
        yield from _avalanche(quick)


def _opacus(x: torch.Tensor, device: str) -> Row:
    from opacus.grad_sample import GradSampleModule

    wrapped = GradSampleModule(me.mlp(SEED_SIZES).to(device), loss_reduction="sum")

    def per_sample() -> None:
        for part in x[:FEW].split(32):
            wrapped.zero_grad(set_to_none=True)
            wrapped(part).square().sum().backward()
            for weight in wrapped.parameters():
                weight.grad_sample.abs().sum(0)

    return _against("Opacus per-sample gradients, MLP", per_sample, x, device)


def _backpack(x: torch.Tensor, device: str) -> Row:
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    extended = extend(me.mlp(SEED_SIZES).to(device))
    loss_function = extend(torch.nn.MSELoss(reduction="sum"))  # ‖F − 0‖², summed

    def per_sample() -> None:
        for part in x[:FEW].split(32):
            outputs = extended(part)
            with backpack(BatchGrad()):
                loss_function(outputs, torch.zeros_like(outputs)).backward()
            for weight in extended.parameters():
                weight.grad_batch.abs().sum(0)
                weight.grad = None

    return _against("BackPACK per-sample gradients, MLP", per_sample, x, device)


def _against(what: str, peer: Callable[[], None], x: torch.Tensor, device: str) -> Row:
    """Seconds a sample of the peer, on a few, over those of Ω, on all."""
    model = me.mlp(SEED_SIZES).to(device)
    seconds = median_seconds({"peer": peer, "ours": lambda: me.mas(model, x)}, 3, device)
    ratio = seconds["peer"] / FEW / (seconds["ours"] / len(x))
    return Row(what, "exact Ω", ratio, note=f"measured on {FEW} samples")


def _avalanche(quick: bool) -> Iterator[Row]:
    """Avalanche's MAS strategy on the same data and budget, end to end."""
    from avalanche.benchmarks import tensors_benchmark
    from avalanche.training.plugins import EvaluationPlugin
    from avalanche.training.supervised import MAS

    from tests.bench.protocol import LAM, _ours
    from tests.seed_protocol import protocol

    tasks = 2 if quick else 5
    stream, schedule = protocol(quick=True)
    model = me.mlp(SEED_SIZES)
    with contextlib.redirect_stdout(io.StringIO()):
        benchmark = tensors_benchmark(
            train_tensors=[(task.x, task.y) for task in stream.tasks[:tasks]],
            test_tensors=[(task.x_test, task.y_test) for task in stream.tasks[:tasks]],
            task_labels=[0] * tasks,
        )
        strategy = MAS(
            model=model,
            optimizer=torch.optim.Adam(model.parameters(), lr=1e-4),
            criterion=torch.nn.CrossEntropyLoss(),
            lambda_reg=LAM / 2,
            alpha=0.5,
            train_mb_size=128,
            eval_mb_size=128,
            evaluator=EvaluationPlugin(),
        )
        begun = time.perf_counter()
        for experience in benchmark.train_stream:
            strategy.train(experience)
        theirs = time.perf_counter() - begun
    begun = time.perf_counter()
    _ours(stream, tasks, schedule)
    ours = time.perf_counter() - begun
    what = f"Avalanche's MAS strategy; {tasks} tasks, one epoch each"
    yield Row(what, "learn, float32", theirs / ours, "≥ 4", ours)
