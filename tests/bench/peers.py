"""Other libraries on the same work; a row only for those that are installed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
from collections.abc import Iterator

import torch

import mas_edu as me
from mas_edu import datasets
from tests.bench.measure import Row, median_seconds
from tests.bench.omega import SEED_SIZES


def rows(quick: bool, device: str) -> Iterator[Row]:
    """The rows on peers: `pip install -e ".[peers]"` brings them."""
    few = 128 if quick else 512
    x = torch.rand(few, 784, generator=torch.Generator().manual_seed(0)).to(device)
    if importlib.util.find_spec("opacus"):
        yield _opacus(x, device)
    if importlib.util.find_spec("backpack"):
        yield _backpack(x, device)
    if importlib.util.find_spec("avalanche") and datasets.present("mnist") and device == "cpu":
        yield from _avalanche(quick)


def _opacus(x: torch.Tensor, device: str) -> Row:
    from opacus.grad_sample import GradSampleModule

    plain = me.mlp(SEED_SIZES).to(device)
    wrapped = GradSampleModule(me.mlp(SEED_SIZES).to(device), loss_reduction="sum")

    def per_sample() -> None:
        for part in x.split(32):
            wrapped.zero_grad(set_to_none=True)
            wrapped(part).square().sum().backward()
            for weight in wrapped.parameters():
                weight.grad_sample.abs().sum(0)

    seconds = median_seconds({"peer": per_sample, "ours": lambda: me.mas(plain, x)}, 3, device)
    return Row("Opacus per-sample gradients, MLP", "exact Ω", seconds["peer"] / seconds["ours"])


def _backpack(x: torch.Tensor, device: str) -> Row:
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    plain = me.mlp(SEED_SIZES).to(device)
    extended = extend(me.mlp(SEED_SIZES).to(device))
    loss_function = extend(torch.nn.MSELoss(reduction="sum"))  # ‖F − 0‖², summed

    def per_sample() -> None:
        for part in x.split(32):
            outputs = extended(part)
            with backpack(BatchGrad()):
                loss_function(outputs, torch.zeros_like(outputs)).backward()
            for weight in extended.parameters():
                weight.grad_batch.abs().sum(0)
                weight.grad = None

    seconds = median_seconds({"peer": per_sample, "ours": lambda: me.mas(plain, x)}, 3, device)
    return Row("BackPACK per-sample gradients, MLP", "exact Ω", seconds["peer"] / seconds["ours"])


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
