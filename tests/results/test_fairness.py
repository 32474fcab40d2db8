"""Every method starts from the same weights, sees the same batches, makes as many updates.

Not taken from what the records say: watched, in the network that is trained. What the records say
is then held to what was seen.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.methods import METHODS
from mas_edu.training import provenance
from mas_edu.training.batches import task_seed
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.gradient import Gradient
from mas_edu.training.optimizer import Adam
from mas_edu.training.sweeps import batched as together

SCHEDULE = me.Schedule(steps=13, batch=48, evaluations=2)  # of 200 samples: two passes and a half
STEP = Adam.step
ALL = [make() for make in METHODS.values()]
each_method = pytest.mark.parametrize("method", ALL, ids=METHODS)


@dataclass
class Watched:
    """What went through a network in training: its first weights, each batch, each update."""

    start: list[Tensor] = field(default_factory=list)
    batches: list[Tensor] = field(default_factory=list)
    updates: int = 0

    def see(self, model: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if model.training and torch.is_grad_enabled():
            self.start = self.start or [weight.clone() for weight in model.state_dict().values()]
            self.batches.append(inputs[0].clone())

    def step(self, optimizer: Adam) -> None:
        self.updates += 1
        STEP(optimizer)


def watched(stream: me.Stream, method: me.Method, seed: int = 3) -> tuple[Watched, me.Record]:
    """Learn the stream, and tell what was seen of it."""
    seen = Watched()

    def make(seed: int) -> nn.Module:
        model = me.mlp([64, 12, 10], seed)
        model.register_forward_pre_hook(lambda model, inputs: seen.see(model, inputs))
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Adam, "step", lambda optimizer: seen.step(optimizer))
        record = me.learn(
            stream, method, 0.1, seed=seed, schedule=SCHEDULE, model=make, progress=False
        )
    return seen, record


@pytest.fixture(scope="module")
def plain(digits: me.Stream) -> tuple[Watched, me.Record]:
    return watched(digits, me.FineTune())


@each_method
def test_all_methods_have_one_start_the_same_batches_and_as_many_updates(digits, plain, method):
    (seen, record), (expected, other) = watched(digits, method), plain
    assert all(torch.equal(a, b) for a, b in zip(seen.start, expected.start, strict=True))
    assert seen.updates == expected.updates == sum(record.settings["updates"]) == 26
    assert len(seen.batches) == len(expected.batches) == 26
    mine, theirs = record.settings["evidence"], other.settings["evidence"]
    if method.rehearses:  # its data are those of all tasks so far, by nature
        assert mine.pop("batches")[1] != theirs["batches"][1]
        assert mine.pop("rehearses")
        assert mine.items() <= theirs.items()
        return
    assert all(torch.equal(a, b) for a, b in zip(seen.batches, expected.batches, strict=True))
    assert mine == theirs


def test_the_digest_is_of_the_batches_that_were_seen(digits, plain):
    seen, record = plain
    for i, task in enumerate(digits):
        code = hashlib.sha256(str(SCHEDULE.batch).encode())
        for batch in seen.batches[13 * i : 13 * (i + 1)]:
            rows = (batch.unsqueeze(1) == task.x).all(2).int().argmax(1)  # [batch]
            assert torch.equal(task.x[rows], batch)
            code.update(rows.numpy().tobytes())
        assert record.settings["evidence"]["batches"][i] == code.hexdigest()[: provenance.LENGTH]


@pytest.mark.parametrize("method", [me.MAS(), me.L2(), me.FineTune(), me.Joint()], ids=repr)
def test_a_copy_in_a_sweep_starts_and_sees_what_a_run_alone_does(digits, method, monkeypatch):
    starts: list[list[Tensor]] = []
    batches: list[Tensor] = []
    make_gradient = together.Ensemble.make_gradient

    def noted(copies: together.Ensemble, flat: FlatParams, alike: int) -> Gradient:
        gradient = make_gradient(copies, flat, alike)

        def note(x: Tensor, y: Tensor, masks: Tensor | None) -> Tensor:  # x: [K, batch, features]
            starts.append([weights.detach().clone() for weights in copies.stacked])
            batches.append(x)
            return gradient(x, y, masks)

        return note

    monkeypatch.setattr(together.Ensemble, "make_gradient", noted)
    records = me.sweep(
        digits, method, [0.1], [3, 4], schedule=SCHEDULE, progress=False,
        model=lambda seed: me.mlp([64, 12, 10], seed),
    )  # fmt: skip
    for k, seed in enumerate((3, 4)):
        seen, alone = watched(digits, method, seed)
        pairs = zip(starts[0], seen.start, strict=True)
        assert all(torch.equal(weights[k], weight) for weights, weight in pairs)
        pairs = zip(batches, seen.batches, strict=True)
        assert all(torch.equal(together[k], batch) for together, batch in pairs)
        assert records[k].settings["evidence"] == alone.settings["evidence"]
        assert records[k].settings["updates"] == alone.settings["updates"]


# ---- the digests -------------------------------------------------------------------------------


def test_another_seed_has_another_start_and_order(digits, short):
    one, two = (me.Training(digits, me.MAS(), seed=seed, schedule=short) for seed in (0, 1))
    mine, other = one.settings["evidence"], two.settings["evidence"]
    assert mine["tasks"] == other["tasks"]
    assert mine["start"] != other["start"]
    assert not set(mine["batches"]) & set(other["batches"])


def test_the_start_is_weights_buffers_and_layers():
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.ReLU())
    before = provenance.fingerprint_model(model)
    model[1].running_mean += 1
    after = provenance.fingerprint_model(model)
    model[2] = nn.Tanh()
    assert len({before, after, provenance.fingerprint_model(model)}) == 3
    assert provenance.fingerprint_model(me.mlp([4, 2])) == provenance.fingerprint_model(
        me.mlp([4, 2])
    )


def test_a_frozen_weight_is_another_start_and_has_a_folder_of_its_own(digits, short, tmp_path):
    def network(seed: int) -> nn.Module:
        return me.mlp([64, 8, 10], seed)

    def half_frozen(seed: int) -> nn.Module:
        model = network(seed)
        next(model.parameters()).requires_grad_(False)
        return model

    free, frozen = (
        me.sweep(
            digits, me.FineTune(), [0.0], [0],
            model=model, schedule=short, store=tmp_path, progress=False,
        )[0]
        for model in (network, half_frozen)
    )  # fmt: skip
    starts = [record.settings["evidence"]["start"] for record in (free, frozen)]
    assert starts[0] != starts[1]
    first = next(iter(free.weights))
    assert torch.equal(frozen.weights[first], network(0).state_dict()[first])
    assert not torch.equal(free.weights[first], frozen.weights[first])


def test_one_changed_number_in_any_part_of_a_task_is_another_task(digits):
    task = digits[0]
    changes = {name: getattr(task, name).clone() for name in provenance.PARTS}
    found = {
        provenance.fingerprint_task(task),
        provenance.fingerprint_task(replace(task, name="other")),
    }
    for name, values in changes.items():
        values[0] = 9 - values[0]
        found.add(provenance.fingerprint_task(replace(task, **{name: values})))
    assert len(found) == 2 + len(provenance.PARTS)
    assert provenance.fingerprint_task(replace(task)) == provenance.fingerprint_task(task)


def test_a_task_changed_in_place_is_read_again(digits):
    task = replace(digits[0], x=digits[0].x.clone())
    before = provenance.fingerprint_task(task)
    assert before == provenance.fingerprint_task(digits[0])
    task.x[0, 0] += 1
    assert provenance.fingerprint_task(task) != before


def test_the_order_counts_for_each_batch_size_and_number_of_updates():
    found = {
        provenance.fingerprint_batches(10, batch, updates, seed)
        for batch in (3, 10, 20)
        for updates in (1, 4, 5)
        for seed in (task_seed(0, 0), task_seed(0, 1))
    }
    assert len(found) == 18


def test_the_evidence_is_saved_and_loaded(plain, tmp_path):
    _, record = plain
    again = me.Record.load(record.save(tmp_path / "run"))
    assert again.settings["evidence"] == record.settings["evidence"]
    assert (again.omega_seconds, again.side_by_side) == (record.omega_seconds, 1)


def test_seconds_of_omega_are_part_of_the_seconds(digits, short):
    record = me.learn(digits, me.MAS(), schedule=short, progress=False)
    assert 0 < record.omega_seconds < record.seconds
    pair = me.sweep(digits, me.MAS(), [0.0, 1.0], [0], schedule=short, progress=False)
    assert [run.side_by_side for run in pair] == [2, 2]
    assert all(0 < run.omega_seconds < run.seconds for run in pair)
