"""Other libraries on the same work. Each row says if its library is missing or does not run."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable, Iterator

import torch

import mas_edu as me
from mas_edu.data import datasets
from tools.bench.measure import Row, median_seconds
from tools.bench.omega import SEED_SIZES, USUAL_BATCH, vmap_grad
from tools.bench.protocol import EPOCHS, LAM, Cost, as_measured, ours, protocol

FEW = 512  # samples on which another library is measured
CHUNK = 32  # gradients held at once; of 8, 32 and 128 samples no library was faster with more
INSTALL = 'pip install -e ".[peers]" brings it'


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on other libraries, and on PyTorch's own `vmap`."""
    x = torch.rand(2_000 if quick else 20_000, 784, generator=torch.Generator().manual_seed(0))
    x = x.to(device)
    peers: dict[str, Callable[[], Iterator[Row]]] = {
        "PyTorch's vmap(grad)": lambda: _against("PyTorch's vmap(grad)", _vmap(x), x),
        "Opacus": lambda: _against("Opacus", _opacus(x), x),
        "BackPACK": lambda: _against("BackPACK", _backpack(x), x),
        "Avalanche": lambda: _avalanche(quick, device),
    }
    for name, measured in peers.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of the other libraries
                yield from measured()
        except ModuleNotFoundError as error:
            yield Row.left_out(name, f"{error.name} is not installed; {INSTALL}")
        except Exception as error:  # one may break with this PyTorch: the others go on
            reason = next(iter(str(error).splitlines()), "")[:120]
            yield Row.left_out(name, f"does not run here, {type(error).__name__}: {reason}")


def _vmap(x: torch.Tensor) -> Callable[[], None]:
    model = me.mlp(SEED_SIZES).to(x.device)
    return lambda: vmap_grad(model, x[:FEW], USUAL_BATCH)


def _opacus(x: torch.Tensor) -> Callable[[], None]:
    from opacus.grad_sample import GradSampleModule

    wrapped = GradSampleModule(me.mlp(SEED_SIZES).to(x.device), loss_reduction="sum")

    def per_sample() -> None:
        for part in x[:FEW].split(CHUNK):
            wrapped.zero_grad(set_to_none=True)
            wrapped(part).square().sum().backward()
            for weight in wrapped.parameters():
                weight.grad_sample.abs().sum(0)

    return per_sample


def _backpack(x: torch.Tensor) -> Callable[[], None]:
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    extended = extend(me.mlp(SEED_SIZES).to(x.device))
    loss_function = extend(torch.nn.MSELoss(reduction="sum"))  # ‖F − 0‖², summed

    def per_sample() -> None:
        for part in x[:FEW].split(CHUNK):
            outputs = extended(part)
            with backpack(BatchGrad()):
                loss_function(outputs, torch.zeros_like(outputs)).backward()
            for weight in extended.parameters():
                weight.grad_batch.abs().sum(0)
                weight.grad = None

    return per_sample


def _against(name: str, peer: Callable[[], None], x: torch.Tensor) -> Iterator[Row]:
    """Yield the time per sample of the peer, on a few, over that of Ω, on all."""
    model = me.mlp(SEED_SIZES).to(x.device)
    seconds = median_seconds({"peer": peer, "ours": lambda: me.mas(model, x)}, 3, x.device.type)
    ratio = seconds["peer"] / FEW / (seconds["ours"] / len(x))
    what = f"{name}, per-sample gradients, MLP"
    yield Row(what, "exact Ω", ratio, note=f"measured on {FEW} samples")


def _avalanche(quick: bool, device: str) -> Iterator[Row]:
    """Yield Avalanche's MAS strategy on the same data and budget: the whole, and its Ω alone."""
    from avalanche.benchmarks import tensors_benchmark
    from avalanche.training.plugins import EvaluationPlugin, MASPlugin
    from avalanche.training.supervised import MAS

    if not datasets.is_present("mnist") or device != "cpu":
        yield Row.left_out("Avalanche", "measured on the CPU, with MNIST (mas_edu prefetch mnist)")
        return
    stream, schedule = protocol(quick)
    tasks, model = stream.tasks, me.mlp(SEED_SIZES)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        benchmark = tensors_benchmark(
            train_tensors=[(task.x, task.y) for task in tasks],
            test_tensors=[(task.x_test, task.y_test) for task in tasks],
            task_labels=[0] * len(tasks),
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
        plugin = next(plugin for plugin in strategy.plugins if isinstance(plugin, MASPlugin))
        whole, for_omega = plugin.after_training_exp, 0.0

        def timed(*arguments: object, **options: object) -> None:
            nonlocal for_omega
            begun = time.perf_counter()
            whole(*arguments, **options)
            for_omega += time.perf_counter() - begun

        plugin.after_training_exp = timed
        begun = time.perf_counter()
        for experience in benchmark.train_stream:
            strategy.train(experience)
        theirs = Cost(time.perf_counter() - begun - for_omega, for_omega)
    mine = ours(stream, schedule)
    begun = time.perf_counter()
    for task in tasks:
        me.mas(model, task.x)
    omega = time.perf_counter() - begun
    data = f"{len(tasks)} tasks of {len(tasks[0].x):,} samples"
    what = f"Avalanche's MAS, {data}, {EPOCHS} epochs each"
    ratio, note = theirs.whole / mine.whole, as_measured(mine, theirs)
    yield Row(what, "learn", ratio, "≥ 4", mine.whole, note)
    yield Row(f"Ω of Avalanche's MAS, {data}", "exact Ω", for_omega / omega, seconds=omega)
