"""A worker thread leaves PyTorch's global random state to the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

import mas_edu as me
from mas_edu.networks import evaluating
from mas_edu.training.start import starting_model
from tests.support.workers import in_thread

SHORT = me.Schedule(steps=5, evaluations=2)


def make_noisy(seed: int) -> nn.Module:
    return nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 10))


class Unknown(nn.Module):
    """A network of the reader, which draws in its own code."""

    def __init__(self, always: bool) -> None:
        super().__init__()
        self.always = always
        self.layer = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        if not (self.training or self.always):
            return self.layer(x)
        scale = torch.rand(1) + torch.randn(1) + torch.randint(3, (1,)) + torch.randperm(2)[:1]
        return self.layer(nn.functional.dropout(x, 0.5)) * scale


class Augmented(Dataset[Any]):
    def __len__(self) -> int:
        return 20

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return torch.rand(64), i % 10


def learn(model: Any) -> me.Record:
    stream = me.rotated("digits", tasks=2, samples=60)
    return me.learn(stream, me.MAS(), model=model, schedule=SHORT, progress=False)


JOBS: dict[str, Callable[[], Any]] = {
    "learn, a function": lambda: learn(make_noisy),
    "learn, own code": lambda: learn(lambda seed: Unknown(always=False)),
    "starting model": lambda: starting_model(make_noisy, 3).state_dict()["0.weight"],
    "a Dataset that draws": lambda: me.stream([Augmented()])[0].x,
    "mas": lambda: me.mas(me.mlp([64, 8, 10]), torch.ones(3, 64))["output.weight"],
}


@pytest.mark.parametrize("job", JOBS)
def test_a_worker_leaves_the_global_state_and_finds_the_same(job: str) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    worked = in_thread(JOBS[job])
    assert torch.equal(before, torch.get_rng_state())
    alone = JOBS[job]()
    assert torch.equal(worked, alone) if isinstance(alone, Tensor) else worked == alone


def test_a_worker_leaves_the_global_state_where_a_network_draws_in_eval_mode() -> None:
    before = torch.get_rng_state()
    first, second = (in_thread(lambda: learn(lambda seed: Unknown(always=True))) for _ in "ab")
    assert torch.equal(before, torch.get_rng_state())
    assert first == second


def test_a_worker_that_evaluates_does_not_set_back_the_readers_draws() -> None:
    inside, drawn = threading.Event(), threading.Event()

    def work() -> None:
        with evaluating(me.mlp([4, 3, 2])):
            inside.set()
            drawn.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(10)
    first = torch.rand(4)
    drawn.set()
    thread.join()
    assert not torch.equal(first, torch.rand(4))


def test_learning_with_dropout_beside_a_figure_is_repeatable() -> None:
    model, ended = make_noisy(0), threading.Event()
    expected = learn(model)

    def work() -> None:
        while not ended.is_set():
            learn(make_noisy)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert all(learn(model) == expected for _ in range(3))
    finally:
        ended.set()
        thread.join()


def test_a_network_can_be_made_in_a_worker() -> None:
    """`skip_init` makes layers on the device meta first, which has no generator."""
    made: list[me.Record] = []

    def work() -> None:
        stream = me.rotated("digits", tasks=1, samples=60)
        schedule = me.Schedule(steps=2)
        model = lambda seed: me.mlp([64, 5, 10], seed)  # noqa: E731
        made.append(me.learn(stream, me.FineTune(), schedule=schedule, model=model, progress=False))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert made
    assert made[0].complete
