"""Networks that cannot be batched, and runs in other processes."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training.sweeps import parallel
from tests.support import nets
from tests.support.sweeps import (
    SEEDS,
    Make,
    noisy,
    one_by_one,
    quick,
    small,
)  # fmt: skip

grid = importlib.import_module("mas_edu.training.sweeps.grid")


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cells, self.output = nn.LSTM(8, 6, batch_first=True), nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.cells(x.view(-1, 8, 8))[0][:, -1])


class Tied(nn.Module):
    """Two layers with the same weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 64), nn.Linear(64, 64)
        self.second.weight = self.first.weight
        self.output = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(torch.relu(self.second(torch.relu(self.first(x)))))


class Projected(nn.Module):
    """A tensor that is no weight and no buffer, different for each seed."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed, self.output = torch.randn(64, 12), nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x @ self.fixed.to(x))


class Buffered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("fixed", torch.randn(64, 12), persistent=False)
        self.output = nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x @ self.fixed)


def _frozen(seed: int) -> nn.Module:
    model = small(seed)
    model.hidden1.weight.requires_grad_(False)
    return model


def _attention(seed: int) -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 8, dropout=0.0, batch_first=True)
    return nn.Sequential(nn.Unflatten(1, (8, 8)), layer, nn.Flatten(), nn.Linear(64, 10))


class Bounded(nn.Module):
    """Outputs within a bound, a number or a tensor, that only later in training counts."""

    def __init__(self, bound: float | Tensor, always: bool = True) -> None:
        super().__init__()
        self.net, self.bound, self.always = nn.Linear(64, 10), bound, always

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        return y.clamp(max=self.bound) if self.always or self.training else y


def _hooked(seed: int) -> nn.Module:
    model = small(seed)
    if seed:
        model.relu1.register_forward_hook(lambda module, x, y: y.clamp(max=50.0 * seed))
    return model


ALONE: dict[str, Make] = {
    "dropout": noisy,
    "batch norm": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.BatchNorm1d(12), nn.Linear(12, 10)
    ),
    "frozen": _frozen,
    "tied": lambda seed: Tied(),
    "buffer": lambda seed: Buffered(),
    "fixed tensor": lambda seed: Projected(),
    "lstm": lambda seed: Recurrent(),
    "attention": _attention,
    "large": lambda seed: me.mlp([64, 4100, 10], seed),
    "another width for each seed": lambda seed: me.mlp([64, 10 + seed, 10], seed),
    "another activation for each seed": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.Tanh() if seed else nn.ReLU(), nn.Linear(12, 10)
    ),
    "an activation that differs for large numbers": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.Hardtanh(0.0, 50.0) if seed else nn.ReLU(), nn.Linear(12, 10)
    ),
    "another bound for each seed": lambda seed: Bounded(50.0 + seed),
    "another bound, a tensor": lambda seed: Bounded(torch.tensor(50.0 + seed)),
    "another mode for each seed": lambda seed: Bounded(50.0, always=False).train(not seed),
    "a hook for some seeds": _hooked,
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*nested tensor:UserWarning")
@pytest.mark.filterwarnings("ignore:model. the running statistics:UserWarning")
@pytest.mark.parametrize("make", ALONE.values(), ids=ALONE)
def test_what_cannot_be_batched_is_trained_one_by_one(digits, make, programs):
    more = {"schedule": me.Schedule(steps=4, evaluations=2), "model": make}
    records = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert programs == []
    assert records == one_by_one(digits, me.MAS(), [0, 1], **more)


def test_low_precision_is_trained_one_by_one(digits, programs):
    schedule = me.Schedule(steps=6, precision="bf16")
    assert quick(digits, me.MAS(), [0, 1], [0], schedule=schedule) == one_by_one(
        digits, me.MAS(), [0, 1], [0], schedule=schedule
    )
    assert programs == []


@pytest.mark.parametrize("name", nets.NETS)
def test_copies_compute_what_each_computes_or_are_refused(name):
    from mas_edu.training.sweeps.ensemble import Ensemble, can_batch

    models, x = [nets.build(name) for _ in range(3)], torch.randn(5, 9, dtype=torch.float64)
    if not can_batch(models, x):
        assert name in ("batchnorm and dropout", "frozen weights", "shared weights")
        with pytest.raises(ValueError, match="cannot be trained side by side"):
            Ensemble(models)
        return
    every = Ensemble(models).shared(x)
    for k, model in enumerate(models):
        torch.testing.assert_close(every[k], model(x), rtol=1e-12, atol=1e-12)


# ---- other processes ---------------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_give_the_same_records(digits, tmp_path):
    more = {"schedule": me.Schedule(steps=6, evaluations=2), "model": lambda seed: noisy(seed)}
    alone = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert quick(digits, me.MAS(), [0, 1], SEEDS, n_jobs=2, store=tmp_path, **more) == alone
    assert len(list(tmp_path.glob("*/after-2/record.json"))) == 4


def test_runs_in_threads_take_turns(digits, short):
    import joblib

    more = {"schedule": short, "model": noisy}
    with joblib.parallel_config(backend="threading", n_jobs=3):
        together = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert together == quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert torch.get_num_threads() == 1


def test_a_backend_without_a_return_generator_is_supported(digits, short, monkeypatch):
    import joblib

    backend = joblib.parallel.ThreadingBackend
    monkeypatch.setattr(backend, "supports_return_generator", False)
    more = {"schedule": short, "model": noisy}
    with joblib.parallel_config(backend="threading", n_jobs=2):
        together = quick(digits, me.MAS(), [0, 1], [0], **more)
    assert together == quick(digits, me.MAS(), [0, 1], [0], **more)


def test_the_data_is_sent_once_not_with_each_run(digits, monkeypatch):
    import joblib

    sent = []

    def in_this_process(jobs, **_):
        for function, arguments, _ in jobs:
            sent.append(arguments)
            yield function(*arguments)

    monkeypatch.setattr(joblib, "Parallel", lambda **_: in_this_process)
    monkeypatch.setattr(grid, "worker_count", lambda n_jobs: 2)
    quick(digits, me.MAS(), [0, 1], [0], schedule=me.Schedule(steps=2), model=noisy)
    (_, run, _, _, _, *arrays), (_, _, _, _, _, *others) = sent
    assert run.stream is None
    assert len(arrays) == 12
    assert all(one is other for one, other in zip(arrays, others, strict=True))
    assert arrays[0] is not None
    assert np.shares_memory(arrays[0], digits[0].x.numpy())


def test_a_stream_taken_apart_is_put_together_unchanged(split_digits):
    stream, arrays = parallel._take_apart(split_digits)
    again = parallel._put_together(stream, arrays)
    assert (again.name, again.shape, again.outputs) == (
        split_digits.name, split_digits.shape, split_digits.outputs,
    )  # fmt: skip
    for ours, theirs in zip(again, split_digits, strict=True):
        assert (ours.name, ours.classes) == (theirs.name, theirs.classes)
        assert torch.equal(ours.x_val, theirs.x_val)
        assert torch.equal(ours.y, theirs.y)
