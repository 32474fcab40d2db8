"""The sweep: the same numbers as `learn`, each copy with its own λ and seed."""

from __future__ import annotations

import importlib
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from tests.support.sweeps import (
    LAMS,
    SEEDS,
    Make,
    assert_same_numbers,
    noisy,
    one_by_one,
    quick,
    small,
)  # fmt: skip

batched = importlib.import_module("mas_edu.training.sweeps.batched")
grid = importlib.import_module("mas_edu.training.sweeps.grid")
METHODS = [me.MAS(), me.MASLocal(), me.MASBatch(), me.L2(), me.FineTune(), me.Joint()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rotated", "permuted", "split"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_float64_equals_learn_to_1e_8(streams, kind, method, programs):
    more = {"schedule": me.Schedule(steps=20, batch=24, evaluations=3), "model": small}
    batched = quick(streams[kind], method, LAMS, SEEDS, **more)
    assert_same_numbers(batched, one_by_one(streams[kind], method, **more))
    assert programs == [6 if method.penalised else 2]


SCHEDULES = {
    "epochs": me.Schedule(epochs=2, batch=33),
    "sgd": me.Schedule(steps=15, optimizer="sgd", lr=0.02, momentum=0.9, weight_decay=0.01),
    "adamw": me.Schedule(steps=15, optimizer="adamw", weight_decay=0.1),
    "proximal": me.Schedule(steps=15, proximal=True),
    "more than all": me.Schedule(epochs=3, batch=1000),
    "one by one": me.Schedule(steps=15, batch=1),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_every_schedule_equals_learn(split_digits, schedule, programs):
    more = {"schedule": schedule, "model": small}
    batched = quick(split_digits, me.MAS(), LAMS, SEEDS, **more)
    assert_same_numbers(batched, one_by_one(split_digits, me.MAS(), **more))
    assert programs == [6]


class Scaled(nn.Module):
    """Layer norm, a weight that is a single number, another use of a weight, a mode of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inward, self.norm = nn.Linear(64, 12), nn.LayerNorm(12)
        self.outward, self.scale = nn.Linear(12, 10), nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.tanh(self.norm(self.inward(x))) + x @ self.inward.weight.T
        return self.scale * self.outward(hidden) + (0 if self.training else x[:, :10])


BATCHED: dict[str, Make] = {
    "cnn": lambda seed: me.cnn((1, 8, 8), 10, (3, 4), seed),
    "own module": lambda seed: Scaled(),
    "dropout in eval mode": lambda seed: noisy(seed).eval(),
    "own module in eval mode": lambda seed: Scaled().eval(),
    "group norm": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.GroupNorm(3, 12), nn.Linear(12, 10)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BATCHED.values(), ids=BATCHED)
def test_models_of_the_user_are_batched(digits, short, make, programs):
    more = {"schedule": short, "model": lambda seed: make(seed).double()}
    batched = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert_same_numbers(batched, one_by_one(digits, me.MAS(), [0, 1], **more))
    assert programs == [4]


def test_all_runs_start_from_a_given_model_which_is_not_changed(digits, short, programs):
    model = small(3)
    before = me.snapshot(model)
    batched = quick(digits, me.MAS(), [1], SEEDS, schedule=short, model=model)
    assert_same_numbers(batched, one_by_one(digits, me.MAS(), [1], schedule=short, model=model))
    assert all(torch.equal(before[name], weight) for name, weight in me.snapshot(model).items())
    assert programs == [2]


@pytest.mark.slow
def test_float32_averages_agree_within_a_point():
    stream, schedule = me.rotated("digits", 3, step=40, samples=500), me.Schedule(epochs=4)
    batched = quick(stream, me.MAS(), LAMS, SEEDS, schedule=schedule)
    alone = one_by_one(stream, me.MAS(), schedule=schedule)
    gaps = [abs(a.average - b.average) for a, b in zip(batched, alone, strict=True)]
    assert max(gaps) <= 0.01
    assert len({record.average for record in batched}) == 6  # λ and seed reach their copies


def test_lam_0_is_fine_tuning_bit_for_bit(digits, short):
    tuned = quick(digits, me.FineTune(), [0], range(6), schedule=short)  # as many copies
    held = quick(digits, me.MAS(), [0, 10], [0, 1, 2], schedule=short)
    for ours, theirs in zip(held[:3], tuned[:3], strict=True):
        for name, weight in theirs.weights.items():
            assert torch.equal(weight, ours.weights[name]), name
    assert not torch.equal(held[3].weights["output.weight"], tuned[0].weights["output.weight"])


def test_one_lam_with_one_seed_is_learn(digits, short):
    assert quick(digits, me.MAS(), [0.3], [4], schedule=short) == [
        me.learn(digits, me.MAS(), 0.3, seed=4, schedule=short, progress=False)
    ]


@pytest.mark.parametrize(
    "lams",
    [
        (lam for lam in (0, 1)),
        range(2),
        np.array([0.0, 1.0]),
        torch.tensor([0.0, 1.0]),
        {0: 1, 1: 2},
    ],
    ids=["generator", "range", "numpy", "torch", "dict"],
)
def test_lams_and_seeds_may_come_in_any_kind_of_list(digits, short, lams):
    seeds = (seed for seed in np.array([2, 5]))
    records = quick(digits, me.MAS(), lams, seeds, schedule=short)
    found = [(record.settings["lam"], record.settings["seed"]) for record in records]
    assert found == [(0.0, 2), (0.0, 5), (1.0, 2), (1.0, 5)]
    assert {type(value) for pair in found for value in pair} == {float, int}


def test_a_pair_given_twice_is_trained_once(digits, short, programs):
    records = quick(digits, me.MAS(), [1, 0, 1, -0.0], [3, 3], schedule=short)
    assert [record.settings["lam"] for record in records] == [1, 1, 0, 0, 1, 1, 0, 0]
    assert records[0] == records[1] == records[4] != records[2] == records[7]
    assert programs == [2]


def test_the_global_random_state_and_threads_are_restored(digits, short):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    quick(digits, me.MAS(), [0, 1], [0, 1], schedule=short, model=noisy)
    quick(digits, me.MAS(), [0, 1], [0, 1], schedule=short)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_between_two_updates_the_threads_are_the_readers(digits, short, programs):
    torch.set_num_threads(2)
    seen: set[int] = set()
    quick(
        digits, me.MAS(), [0, 1], [0], schedule=short,
        stop=lambda: bool(seen.add(torch.get_num_threads())),
    )  # fmt: skip
    assert seen == {2}
    assert programs


def test_runs_side_by_side_share_the_seconds(digits, short, programs):
    begun = time.perf_counter()
    records = quick(digits, me.MAS(), [0, 1], [0, 1, 2], schedule=short)
    assert 0 < sum(record.seconds for record in records) <= time.perf_counter() - begun
    assert programs == [6]


def test_the_copies_are_tested_on_few_samples_at_once(digits, short, monkeypatch):
    asked = []

    def watched(*args, samples, **more):
        asked.append(samples)
        return measured(*args, samples=samples, **more)

    measured = batched.measure_accuracies
    monkeypatch.setattr(batched, "measure_accuracies", watched)
    whole = quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small)
    monkeypatch.setattr(batched, "TESTED_AT_ONCE", 60)
    few = quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small)
    assert set(asked) == {2**16 // 2, 2**16 // 6, 30, 10}  # two networks in the first task
    assert_same_numbers(few, whole)


def test_many_weights_are_split_over_several_programs(digits, short, programs, monkeypatch):
    whole = quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small)
    monkeypatch.setattr(grid, "WEIGHTS_TOGETHER", 4 * 910 + 1)
    assert_same_numbers(quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small), whole)
    assert programs == [6, 4, 2]


# ---- bad arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "name", "text"),
    [
        ({"lams": []}, "lams", "at least one"),
        ({"lams": 0.1}, "lams", "several"),
        ({"lams": torch.tensor(0.1)}, "lams", "several"),
        ({"lams": "0.1"}, "lams", "several"),
        ({"lams": None}, "lams", "several"),
        ({"lams": [0.1, -1]}, "lams", "-1"),
        ({"lams": [float("nan")]}, "lams", "nan"),
        ({"lams": ["0.1"]}, "lams", "0.1"),
        ({"lams": [True]}, "lams", "True"),
        ({"seeds": []}, "seeds", "at least one"),
        ({"seeds": 3}, "seeds", "several"),
        ({"seeds": [-1]}, "seeds", "-1"),
        ({"seeds": [0, 1.5]}, "seeds", "1.5"),
        ({"seeds": [2**63]}, "seeds", "2 to the 63rd"),
        ({"n_jobs": 0}, "n_jobs", "got 0"),
        ({"n_jobs": 1.5}, "n_jobs", "1.5"),
        ({"n_jobs": "2"}, "n_jobs", "'2'"),
        ({"model": 3}, "model", "got 3"),
        ({"model": lambda seed: 3}, "model", "got 3"),
        ({"stop": True}, "stop", "function"),
        ({"store": 5}, "store", "path"),
        ({"stream": "rotated"}, "stream", "Stream"),
        ({"method": "MAS"}, "method", "Method"),
        ({"schedule": {"epochs": 3}}, "schedule", "Schedule"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_named(digits, arguments, name, text):
    with pytest.raises(ValueError, match=f"^{name}: ") as caught:
        me.sweep(**{"stream": digits, "method": me.MAS(), "progress": False, **arguments})
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_that_cannot_be_stored_are_refused_before_training(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "train_batched", lambda runs: pytest.fail("training has begun"))
    odd = replace(digits, settings={"made by": object()})
    with pytest.raises(ValueError, match=r"^stream: its settings cannot be stored"):
        quick(odd, me.MAS(), [0, 1], store=tmp_path)


class Doubled(me.MAS):
    """MAS with a merge of its own, as a reader may write it."""

    def after_task(self, model, task, anchor, trace=None):
        made = super().after_task(model, task, anchor, trace)
        return me.Anchor(made.theta, {name: 2 * omega for name, omega in made.omega.items()})


def test_methods_side_by_side_finish_each_task_by_their_own_rule(digits, short):
    methods = [me.MAS(), Doubled()]
    runs = [me.Training(digits, method, 0.1, schedule=short, model=small) for method in methods]
    for _ in batched.train_batched(runs):
        pass
    alone = [
        me.learn(digits, method, 0.1, schedule=short, model=small, progress=False)
        for method in methods
    ]
    assert_same_numbers([run.record for run in runs], alone)
