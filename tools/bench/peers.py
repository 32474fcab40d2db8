"""Other libraries on the same work. Each row says if its library is missing or does not run."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.data import datasets
from mas_edu.networks import Params
from tools.bench.measure import Row, median_seconds
from tools.bench.networks import NETWORKS, make_network
from tools.bench.omega import SEED_SIZES
from tools.bench.per_sample import LIBRARIES
from tools.bench.protocol import EPOCHS, LAM, Cost, as_measured, ours, protocol

FEW, CHUNK = 512, 32  # samples of the MLP, and how many together: with 128 no library was faster
FEW_IMAGES = 4  # for the other networks, all together
WRONG = 1e-3  # error beyond which a time says nothing; that of float32 is a thousand times smaller
INSTALL = 'pip install -e ".[peers]" brings it'


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on other libraries, and on PyTorch's own `vmap`."""
    x = torch.rand(2_000 if quick else 20_000, 784, generator=torch.Generator().manual_seed(0))
    yield from _per_sample("MLP", me.mlp(SEED_SIZES).to(device), x.to(device), FEW, CHUNK)
    yield from _tried("Avalanche", lambda: _avalanche(quick, device))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, pixels, _, _ in NETWORKS[:1] if quick else NETWORKS:
            generator = torch.Generator().manual_seed(0)
            x = torch.rand(FEW_IMAGES, 3, pixels, pixels, generator=generator).to(device)
            what, model = f"{name}, {pixels} pixels", make_network(name).to(device)
            yield from _per_sample(what, model, x, FEW_IMAGES, FEW_IMAGES)
    finally:
        torch.set_num_threads(threads)


def _per_sample(what: str, model: nn.Module, x: Tensor, few: int, chunk: int) -> Iterator[Row]:
    """Yield the time per sample of each library, on a few, over that of Ω, on all."""
    device = x.device.type
    own = median_seconds({"ours": lambda: me.mas(model, x)}, 3, device)["ours"] / len(x)

    def against(name: str) -> Iterator[Row]:
        total = LIBRARIES[name](model, x[:few], chunk)
        error = _error(total(), me.mas(model, x[:few]), few)
        if error > WRONG:
            yield Row.left_out(f"{name}, {what}", f"its sums are off by {error:.0%} of the largest")
            return
        seconds = median_seconds({"peer": total}, 3, device)["peer"] / few
        note = f"measured on {few} samples; the same to {error:.1g} of the largest"
        yield Row(f"{name}, {what}", "exact Ω", seconds / own, note=note)

    for name in LIBRARIES:
        yield from _tried(f"{name}, {what}", partial(against, name))


def _error(total: Params, omega: Params, samples: int) -> float:
    """Return the largest difference between sum and Ω, relative to the largest of each weight."""
    return max(
        float((total[name] / samples - own).abs().max() / own.abs().max().clamp_min(1e-30))
        for name, own in omega.items()
    )


def _tried(what: str, measure: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Yield the rows of one library; one that is missing or breaks is named."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of the other libraries
            yield from measure()
    except ModuleNotFoundError as error:
        yield Row.left_out(what, f"{error.name} is not installed; {INSTALL}")
    except Exception as error:  # one may break with this PyTorch: the others go on
        reason = next(iter(str(error).splitlines()), "")[:120]
        yield Row.left_out(what, f"does not run here, {type(error).__name__}: {reason}")


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
    yield Row(what, "learn", ratio, seconds=mine.whole, note=note)  # bare steps take most of it
    yield Row(f"Ω of Avalanche's MAS, {data}", "exact Ω", for_omega / omega, seconds=omega)
