"""The first task of a sweep: λ has no effect yet, and runs of one seed train one network."""

from __future__ import annotations

import copy
import importlib

import pytest
import torch

import mas_edu as me
from tests.support.sweeps import LAMS, SEEDS, assert_same_numbers, one_by_one, quick, small

batched = importlib.import_module("mas_edu.training.sweeps.batched")


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many networks were trained side by side, task by task."""
    sizes: list[int] = []

    class Counted(batched.Ensemble):
        def __init__(self, models) -> None:
            sizes.append(len(models))
            super().__init__(models)

    monkeypatch.setattr(batched, "Ensemble", Counted)
    return sizes


class Greedy(me.SI):
    """Writes into all that it is given."""

    def start(self, weights, anchor):
        trace = super().start(weights.clone(), anchor)
        weights.zero_()
        return trace

    def after_step(self, trace, gradient, move):
        super().after_step(trace, gradient.clone(), move.clone())
        gradient.zero_()
        move.zero_()


@pytest.mark.parametrize("method", [me.MAS(), me.SI(), me.RWalk(), Greedy()], ids=repr)
def test_one_network_for_all_lams_of_a_seed(digits, short, networks, method):
    records = quick(digits, method, LAMS, SEEDS, schedule=short, model=small)
    assert networks == [2, 6]
    assert_same_numbers(records, one_by_one(digits, method, schedule=short, model=small))


def test_the_runs_of_a_seed_share_no_memory(digits, short):
    first, *others = quick(digits, me.SI(), LAMS, [0], schedule=short)
    before = [other.omegas[0]["output.weight"].clone() for other in others]
    assert all(torch.equal(own, first.omegas[0]["output.weight"]) for own in before)
    settings = copy.deepcopy(others[0].settings)
    for kept in (*first.omegas, first.weights, first.memory):
        for value in kept.values():
            value.fill_(7)
    first.settings["evidence"]["batches"].clear()
    first.settings["updates"].clear()
    assert others[0].settings == settings
    for other, own in zip(others, before, strict=True):
        assert torch.equal(other.omegas[0]["output.weight"], own)
        tensors = [*other.weights.values(), *other.memory.values()]
        assert not any(bool((value == 7).all()) for value in tensors)


def test_other_weights_train_another_network(digits, short, networks):
    def run(start: int) -> me.Training:
        return me.Training(digits, me.MAS(), 1, schedule=short, model=small(start))

    runs = [run(start) for start in (0, 1, 0)]
    for _ in batched.train_batched(runs):
        pass
    assert networks == [2, 3]
    alone = [run(start) for start in (0, 1, 0)]
    for one in alone:
        for _ in one:
            pass
    assert_same_numbers([one.record for one in runs], [one.record for one in alone])


def test_with_an_anchor_lam_has_an_effect_at_once(digits, short, networks):
    model = small(0)
    theta = me.snapshot(model)
    anchor = me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})
    more = {"schedule": short, "model": model, "anchor": anchor}
    records = quick(digits, me.MAS(), LAMS, SEEDS, **more)
    assert networks == [6, 6]
    assert_same_numbers(records, one_by_one(digits, me.MAS(), **more))


class Adding(me.L2):
    """Adds to the Ω of before in place."""

    def merge(self, old, new):
        for name, value in new.items():
            old[name] += value
        return old


def test_each_run_has_a_given_anchor_to_itself(digits, short):
    theta = me.snapshot(me.mlp([64, 64, 10]))
    anchor = me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})
    records = quick(digits, Adding(), LAMS, [0], schedule=short, anchor=anchor)
    assert [float(record.omegas[-1]["output.bias"][0]) for record in records] == [3.0] * 3


def test_all_runs_of_a_seed_diverge_with_its_network(digits, networks):
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=1e30)
    with pytest.warns(UserWarning, match="training diverged: 4 of 4"):
        records = quick(digits, me.MAS(), [0, 1], [0, 1], schedule=schedule)
    assert networks == [2]
    assert [record.finished for record in records] == [0] * 4
    assert all(record.steps.tolist() == [0] for record in records)


def test_each_update_counts_for_every_run(digits, short):
    runs = [me.Training(digits, me.MAS(), lam, schedule=short) for lam in LAMS]
    assert sum(batched.train_batched(runs)) == sum(run.total for run in runs)
    assert {run.record.side_by_side for run in runs} == {len(LAMS)}


def test_the_runs_of_a_seed_begin_with_networks_of_their_own(digits, short):
    one = me.Training(digits, me.MAS(), 0.1, schedule=short)
    other = one.with_lam(0.3)
    for _ in zip(one, other, strict=False):  # in turns
        pass
    for run in (one, other):
        alone = me.learn(digits, me.MAS(), run.lam, schedule=short, progress=False)
        assert run.record == alone
