"""What a run starts from and keeps apart: copies, modes, random numbers, bounds of a schedule."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

import mas_edu as me


def make_dropout(seed: int = 0) -> nn.Module:
    return nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 10))


def make_normed(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 10)
    )


# ---- random numbers ----------------------------------------------------------------------------


def test_a_paused_run_neither_sees_nor_changes_the_random_state(
    digits: me.Stream, short: me.Schedule
) -> None:
    whole = me.learn(digits, me.MAS(), schedule=short, model=make_dropout, progress=False)
    torch.manual_seed(5)
    alone = torch.rand(60).tolist()
    torch.manual_seed(5)
    run = me.Training(digits, me.MAS(), schedule=short, model=make_dropout)
    assert [float(torch.rand(())) for _ in run] == alone
    assert run.record == whole


def test_two_runs_in_turn_do_not_change_each_other(digits: me.Stream, short: me.Schedule) -> None:
    runs = [
        me.Training(digits, me.MAS(), seed=seed, schedule=short, model=make_dropout)
        for seed in (0, 1)
    ]
    for _ in zip(*runs, strict=True):
        pass
    for seed, run in enumerate(runs):
        alone = me.learn(
            digits, me.MAS(), seed=seed, schedule=short, model=make_dropout, progress=False
        )
        assert run.record == alone


# ---- modules in eval mode ----------------------------------------------------------------------


def test_a_frozen_batch_norm_does_not_follow_the_new_task(
    digits: me.Stream, short: me.Schedule, recwarn: pytest.WarningsRecorder
) -> None:
    model = make_normed()
    model[1].eval().requires_grad_(False)
    mean = model[1].running_mean.clone()
    anchor = me.Anchor(me.snapshot(model), me.mas(model, digits[0].x))
    me.fit(model, digits[1], short, anchor=anchor, lam=1.0)
    assert torch.equal(model[1].running_mean, mean)
    record = me.learn(digits, me.MAS(), model=model, schedule=short, progress=False)
    assert torch.equal(record.weights["1.running_mean"], mean)
    assert not model[1].training
    assert model[3].training
    assert not recwarn.list


def test_statistics_that_follow_the_task_get_one_warning(
    digits: me.Stream, short: me.Schedule
) -> None:
    model = make_normed()
    text = r"model: the running statistics of '1' .*model\.get_submodule\('1'\)\.eval\(\)"
    with pytest.warns(UserWarning, match=text) as caught:
        me.learn(digits, me.MAS(), model=model, schedule=short, progress=False)
    assert len(caught) == 1
    anchor = me.Anchor(me.snapshot(model), me.mas(model, digits[0].x))
    with pytest.warns(UserWarning, match=text):
        me.fit(model, digits[1], short, anchor=anchor, lam=1.0)


class Centred(nn.Module):
    """Subtracts a moving average under a name of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.centre = 0.9 * self.centre + 0.1 * x.mean(0).detach()
        return x - self.centre


def test_buffers_of_any_name_that_follow_the_task_get_one_warning(
    digits: me.Stream, short: me.Schedule, recwarn: pytest.WarningsRecorder
) -> None:
    model = nn.Sequential(Centred(), nn.Linear(64, 10))
    tasks = me.Stream("three", (*digits, digits[0]), digits.outputs, digits.shape)
    me.learn(tasks, me.MAS(), model=model, schedule=short, progress=False)
    (warning,) = recwarn.list
    assert "the buffer '0.centre' followed the new task" in str(warning.message)
    anchor = me.Anchor(me.snapshot(model), me.mas(model, digits[0].x))
    with pytest.warns(UserWarning, match=r"'0\.centre' .*model\.get_submodule\('0'\)\.eval\(\)"):
        me.fit(model, digits[1], short, anchor=anchor, lam=1.0)
    recwarn.clear()
    model[0].eval()
    me.fit(model, digits[1], short, anchor=anchor, lam=1.0)
    model[1] = nn.utils.parametrizations.spectral_norm(model[1])  # its vectors follow the weights
    me.learn(digits, me.MAS(), model=lambda seed: model, schedule=short, progress=False)
    assert not recwarn.list


def test_where_nothing_is_protected_statistics_may_move(
    digits: me.Stream, short: me.Schedule, recwarn: pytest.WarningsRecorder
) -> None:
    model = make_normed()
    before = model[1].running_mean.clone()
    me.fit(model, digits[0], short)
    me.learn(digits, me.FineTune(), model=make_normed, schedule=short, progress=False)
    assert not torch.equal(model[1].running_mean, before)
    assert not recwarn.list


# ---- copies ------------------------------------------------------------------------------------


def pruned(seed: int = 0) -> nn.Module:
    first = nn.Linear(64, 16)
    prune.random_unstructured(first, "weight", 0.4)
    return nn.Sequential(first, nn.ReLU(), nn.Linear(16, 10))


def weight_normed(seed: int = 0) -> nn.Module:
    with pytest.warns(FutureWarning, match="deprecated"):
        first = nn.utils.weight_norm(nn.Linear(64, 16))
    return nn.Sequential(first, nn.ReLU(), nn.Linear(16, 10))


def half_frozen(seed: int = 0) -> nn.Module:
    """By a hook on the gradient, which a copy would lose."""
    model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
    keep = torch.ones(16, 1)
    keep[:8] = 0
    model[0].weight.register_hook(lambda gradient: gradient * keep)
    return model


@pytest.mark.parametrize("make", [pruned, weight_normed, half_frozen])
def test_a_network_that_cannot_be_copied_gets_a_sentence(
    make: Callable[[int], nn.Module], digits: me.Stream, short: me.Schedule
) -> None:
    with pytest.raises(ValueError, match=r"^model: .*can be copied.*model=lambda seed"):
        me.Training(digits, me.MAS(), model=make(0), schedule=short)
    assert me.learn(digits, me.MAS(), model=make, schedule=short, progress=False).complete


@pytest.mark.parametrize("lams", [[0.1], [0.0, 0.1]], ids=["one run", "two runs"])
def test_gradient_hooks_of_a_fresh_network_are_kept(
    lams: list[float], digits: me.Stream, short: me.Schedule
) -> None:
    made: list[torch.Tensor] = []

    def make(seed: int) -> nn.Module:
        model = half_frozen()
        made.append(model[0].weight.detach().clone())
        return model

    records = me.sweep(
        digits, me.MAS(), lams, [0], model=make, schedule=short, n_jobs=2, progress=False
    )
    for record, start in zip(records, made, strict=True):
        assert torch.equal(record.weights["0.weight"][:8], start[:8])
        assert not torch.equal(record.weights["0.weight"][8:], start[8:])


def test_a_function_that_returns_the_same_network_again_is_refused(
    digits: me.Stream, short: me.Schedule
) -> None:
    shared = make_dropout()
    with pytest.raises(ValueError, match=r"^model: .*a new network each time.*inside the function"):
        me.sweep(
            digits, me.MAS(), [0, 1], [0], schedule=short, model=lambda _: shared, progress=False
        )


# ---- bounds of a schedule ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("evaluations", 10**8, "at most 1,000,000"),
        ("steps", 10**30, "at most 10,000,000"),
        ("epochs", 10**9, "at most 1,000,000"),
        ("batch", 10**30, "at most 1,000,000,000"),
        ("threads", 10**6, "at most 1,024"),
        ("momentum", 5, "below 1"),
        ("momentum", 1, "below 1"),
    ],
)
def test_a_schedule_has_bounds(name: str, value: float, text: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: .*{text}, got"):
        me.Schedule(**{name: value})


def test_more_evaluations_than_updates_are_one_an_update(digits: me.Stream) -> None:
    schedule = me.Schedule(steps=3, evaluations=1000)
    record = me.learn(digits, me.FineTune(), schedule=schedule, progress=False)
    assert record.steps.tolist() == list(range(7))


def test_buffers_that_no_record_can_hold_are_named(digits: me.Stream, short: me.Schedule) -> None:
    sparse = me.mlp([64, 10])
    sparse.register_buffer("graph", torch.eye(3).to_sparse())
    with pytest.raises(ValueError, match=r"model: .*'graph' is torch.sparse_coo.*persistent=False"):
        me.learn(digits, me.MAS(), schedule=short, model=lambda seed: sparse, progress=False)


def test_odd_buffers_are_no_obstacle(digits: me.Stream, short: me.Schedule) -> None:
    def make(seed: int) -> nn.Module:
        model = me.mlp([64, 10], seed)
        model.register_buffer("graph", torch.eye(3).to_sparse(), persistent=False)
        model.register_buffer("expanded", torch.ones(1).expand(3))
        return model

    record = me.learn(digits, me.MAS(), schedule=short, model=make, progress=False)
    plain = me.learn(
        digits, me.MAS(), schedule=short, model=lambda seed: me.mlp([64, 10], seed), progress=False
    )
    assert record.accuracy.tolist() == plain.accuracy.tolist()


class KeepsItsNorm(nn.Sequential):
    """A network that keeps its batch norm in eval mode, in the usual way: by its own `train()`."""

    def train(self, mode: bool = True) -> KeepsItsNorm:
        super().train(mode)
        self[1].eval()
        return self


def test_a_networks_own_train_is_called(digits: me.Stream, short: me.Schedule) -> None:
    model = KeepsItsNorm(*make_normed())
    before = model[1].running_mean.clone()
    me.fit(model, digits[0], short)
    assert model[1].training  # as it was
    record = me.learn(digits, me.MAS(), schedule=short, model=model, progress=False)
    assert torch.equal(model[1].running_mean, before)
    assert torch.equal(record.weights["1.running_mean"], before)


def test_statistics_that_never_move_are_no_reason_to_warn(
    digits: me.Stream, short: me.Schedule
) -> None:
    def make(seed: int) -> nn.Module:
        model = make_normed(seed)
        model[1].momentum = 0.0
        model.register_buffer("unknown", torch.full((3,), torch.nan))
        return model

    me.learn(digits, me.MAS(), schedule=short, model=make, progress=False)  # warnings are errors


def test_a_paused_run_leaves_the_threads_as_they_are(digits: me.Stream) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        runs = [
            iter(me.Training(digits, me.MAS(), schedule=me.Schedule(steps=4, threads=n)))
            for n in (None, 3)
        ]
        found = []
        for run in (*runs, *runs):
            next(run)
            found.append(torch.get_num_threads())
        for run in runs:
            run.close()
            found.append(torch.get_num_threads())
    finally:
        torch.set_num_threads(before)
    assert found == [2] * 6
