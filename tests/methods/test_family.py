"""The family: EWC, SI, RWalk, SCP beside MAS; one penalty, many importances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import NotFiniteError, reference
from mas_edu.networks import flatten, unflatten
from mas_edu.reproduction import deviations as compat
from mas_edu.results import Record
from tests.support import contract, golden, nets

PATH_METHODS = [me.SI(), me.RWalk()]
every_path_method = pytest.mark.parametrize("method", PATH_METHODS, ids=repr)


def small(seed: int) -> nn.Module:
    return me.mlp([64, 8, 10], seed).double()


def _learn(stream: me.Stream, method: me.Method, lam: float = 1.0, **more) -> Record:
    return me.learn(stream, method, lam, progress=False, **{"model": small, **more})


# ---- values derived by hand -------------------------------------------------------------------


def _descended(method: me.Method) -> tuple[nn.Module, object]:
    """Golden 9: ten steps of gradient descent on (θ − 1)²/2, each told to the method."""
    model = nn.Linear(1, 1, bias=False).double()
    theta = model.weight.data.zero_().flatten()
    trace = method.start(theta.clone(), None)
    for _ in range(10):
        gradient = theta - 1
        move = -0.1 * gradient
        method.after_step(trace, gradient, move)
        theta += move
    return model, trace


def test_golden_9_si() -> None:
    method = me.SI(xi=0.1)
    model, trace = _descended(method)
    assert model.weight.item() == pytest.approx(golden.PATH["end"], abs=1e-6)
    assert trace.gain.item() == pytest.approx(golden.PATH["gain"], abs=1e-6)
    anchor = method.after_task(model, None, None, trace)
    assert anchor.omega["weight"].item() == pytest.approx(golden.PATH["omega"], abs=1e-6)


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        (me.MAS(), "sum"),
        (me.MASBatch(), "sum"),
        (me.MASLocal(), "sum"),
        (me.EWC(), "sum"),
        (me.EWC(separate=True), "sum"),
        (me.SCP(alpha=0.5), "moving average of half"),
        (compat.MovingAverage(), "moving average of half"),
        (compat.CumulativeGuards(), "cumulative guards added again"),
    ],
    ids=repr,
)
def test_golden_11_omega_in_force_in_task_5(method: me.Method, rule: str) -> None:
    model = nn.Linear(4, 1, bias=False)
    anchor, tasks = None, iter(torch.eye(4))

    class OneHot(type(method)):  # type: ignore[misc]
        def importance(self, model: nn.Module, task: object) -> me.Params:
            return {"weight": next(tasks)[None]}

    for _ in range(4):
        anchor = OneHot(**vars(method)).after_task(model, None, anchor)
    found = anchor.omega["weight"][0].tolist()
    assert [name for name, value in golden.ACCUMULATED.items() if value == found] == [rule]


# ---- importances: their slow twins -------------------------------------------------------------


@pytest.mark.parametrize("net", nets.NETS)
@pytest.mark.parametrize("classes", [None, (2, 0)])
def test_the_empirical_fisher_equals_its_slow_twin(net: str, classes, x: Tensor) -> None:
    model, y = nets.build(net).eval(), (torch.arange(len(x)) % 2) * 2
    found = me.fisher(model, x, kind="empirical", labels=y, classes=classes)
    contract.assert_close(found, reference.empirical_fisher(model, x, y, classes))


def test_sampled_labels_and_slices_converge_to_the_exact_values(x: Tensor) -> None:
    model = nets.build("mlp")
    sampled = me.fisher(model, x.repeat(2000, 1), kind="sampled")
    contract.assert_close(sampled, me.fisher(model, x), 0.1)
    contract.assert_close(me.scp(model, x, slices=20_000), me.scp(model, x), 0.1)


def test_the_seed_decides_what_is_sampled(x: Tensor) -> None:
    model = nets.build("mlp")
    for drawn in (
        lambda seed: me.fisher(model, x, kind="sampled", seed=seed),
        lambda seed: me.scp(model, x, slices=2, seed=seed),
    ):
        contract.assert_close(drawn(1), drawn(1), 0)
        with pytest.raises(AssertionError):
            contract.assert_close(drawn(1), drawn(2))


def test_scp_misses_opposite_moves_of_two_outputs() -> None:
    layer, x = nn.Linear(1, 1), torch.tensor([[1.0], [-1.0]])
    assert me.scp(layer, x)["weight"].item() == 0
    assert me.fisher(nn.Linear(1, 2), x)["weight"].min() > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x: me.fisher(m, x, kind="exakt"), "kind: .* did you mean 'exact'"),
        (lambda m, x: me.fisher(m, x, kind="empirical"), r"labels: .* \[N\]: give labels"),
        (
            lambda m, x: me.fisher(m, x, kind="empirical", labels=torch.zeros(2)),
            r"labels: .* for each sample",
        ),
        (
            lambda m, x: me.fisher(m, x, kind="empirical", labels=torch.full((13,), 7)),
            r"labels: expected active classes, \[0, 1, 2\], found 7",
        ),
        (lambda m, x: me.fisher(m, [], kind="empirical"), "data: expected at least one sample"),
        (lambda m, x: me.scp(m, x, slices=0), "slices: expected a whole number of at least 1"),
        (lambda m, x: me.scp(m, x, slices=torch.ones(2, 2)), r"slices: .* \[L, 3\]"),
        (lambda m, x: me.EWC("exakt"), "kind: "),
        (lambda m, x: me.EWC(gamma=1.5), "gamma: expected a number from 0 to 1, got 1.5"),
        (lambda m, x: me.EWC(gamma=0.5, separate=True), "separate: .* only with gamma=1"),
        (lambda m, x: me.SI(xi=0), "xi: expected a finite number above 0"),
        (lambda m, x: me.RWalk(decay=2), "decay: expected a number from 0 to 1"),
        (lambda m, x: me.RWalk(every=0), "every: "),
        (lambda m, x: me.RWalk(epsilon=0), "epsilon: "),
        (lambda m, x: me.SCP(slices=0), "slices: "),
        (lambda m, x: me.SCP(alpha=-1), "alpha: "),
    ],
)
def test_errors_name_the_argument(call: Callable, message: str, x: Tensor) -> None:
    with pytest.raises(ValueError, match=message):
        call(nets.build("mlp"), x)


# ---- merging -----------------------------------------------------------------------------------


def _two_tasks(method: me.Method, task: me.Task) -> tuple[nn.Module, me.Anchor, me.Anchor]:
    model = nets.build("mlp")
    first = contract.held(method, model, task)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1
    return model, first, contract.held(method, model, task, first)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0])
def test_online_ewc_lets_earlier_tasks_fade_by_gamma(gamma: float, task: me.Task) -> None:
    model, first, second = _two_tasks(me.EWC(gamma=gamma), task)
    own = me.fisher(model, task.x)
    expected = {name: gamma * first.omega[name] + own[name] for name in own}
    contract.assert_close(second.omega, expected)
    contract.assert_close(second.theta, me.snapshot(model), 0)


def test_separate_ewc_is_a_penalty_for_each_task(task: me.Task) -> None:
    """The one anchor differs from the sum of both tasks' penalties by a constant alone."""
    method = me.EWC(separate=True)
    model, first, second = _two_tasks(method, task)
    each = [first, me.Anchor(me.snapshot(model), method.importance(model, task))]
    differences = []
    for _ in range(3):
        with torch.no_grad():
            for weight in model.parameters():
                weight += torch.randn_like(weight)
        apart = sum(anchor.penalty(model) for anchor in each)
        differences.append(float((apart - second.penalty(model)).detach()))
    assert differences[0] > 0
    assert differences == pytest.approx([differences[0]] * 3)


def test_rwalk_averages_scores_and_scales_both_to_one(task: me.Task) -> None:
    method = me.RWalk(every=2)
    _, first, second = _two_tasks(method, task)
    _, alone, _ = _two_tasks(method, task)
    for anchor in (first, second):
        fisher, score = anchor.memory["fisher"], anchor.memory["score"]
        expected = fisher / fisher.max() + score / score.max()
        torch.testing.assert_close(flatten(anchor.omega), expected)
        assert 1 <= float(flatten(anchor.omega).max()) <= 2
    assert not torch.equal(second.memory["score"], alone.memory["score"])
    model = nets.build("mlp")
    silent = method.start(flatten(me.snapshot(model)), first)
    third = method.after_task(model, task, first, silent)  # no step: nothing is added
    torch.testing.assert_close(third.memory["score"], first.memory["score"] / 2)
    torch.testing.assert_close(third.memory["fisher"], first.memory["fisher"])


# ---- in training -------------------------------------------------------------------------------


def _si_by_hand(stream: me.Stream, lam: float, xi: float, schedule: me.Schedule):
    """SI by hand, in a plain loop with torch.optim: Ω after each task, of both gradients."""
    model, anchor, found = small(0), None, []
    for i, task in enumerate(stream):
        optimizer = torch.optim.Adam(model.parameters(), lr=schedule.lr)
        order = torch.Generator().manual_seed(1_000_003 * i)
        weights, clean, whole = [flatten(me.snapshot(model))], [], []
        while len(clean) < schedule.steps:
            for rows in torch.randperm(len(task.x), generator=order).split(schedule.batch):
                loss = nn.functional.cross_entropy(model(task.x[rows].double()), task.y[rows])
                for kind, extra in ((clean, 0), (whole, lam / 2)):
                    penalty = extra * anchor.penalty(model) if anchor else 0
                    optimizer.zero_grad()
                    (loss + penalty).backward(retain_graph=True)
                    kind.append(torch.cat([w.grad.flatten() for w in model.parameters()]))
                optimizer.step()
                weights.append(flatten(me.snapshot(model)))
                if len(clean) == schedule.steps:
                    break
        own = [reference.si(weights, gradients, xi) for gradients in (clean, whole)]
        before = flatten(anchor.omega) if anchor else 0
        found.append((own[0] + before, own[1] + before, (weights, clean)))
        anchor = me.Anchor(me.snapshot(model), unflatten(model, found[-1][0]))
    return found


def test_si_integrates_the_task_gradient_alone_along_the_actual_steps(stream, few) -> None:
    """Adam's steps, not lr · gradient; not the penalised gradient, a common known bug."""
    lam, xi = 3.0, 1e-3
    record = _learn(stream, me.SI(xi), lam, schedule=few)
    wrong = _learn(stream, compat.PenalisedSI(xi, lam=lam), lam, schedule=few)
    by_hand = _si_by_hand(stream, lam, xi, few)
    for omega, (clean, _, _) in zip(record.omegas, by_hand, strict=True):
        torch.testing.assert_close(flatten(omega), clean, rtol=1e-6, atol=1e-9)
    first, second = by_hand[0], by_hand[1]
    torch.testing.assert_close(flatten(wrong.omegas[0]), first[0], rtol=1e-6, atol=1e-9)
    assert not torch.allclose(second[1], second[0], rtol=1e-2)
    assert not torch.allclose(flatten(wrong.omegas[1]), flatten(record.omegas[1]), rtol=1e-2)


def test_rwalk_equals_its_slow_twin(stream, few) -> None:
    method = me.RWalk(every=4)  # 25 steps: the last rest comes after one
    run = me.Training(stream, method, 1.0, schedule=few, model=small)
    next(done for done in run if done == few.steps)
    weights, gradients = _si_by_hand(stream, 0.0, 0.1, few)[0][2]
    fisher, score = reference.rwalk(weights, gradients, every=4)
    torch.testing.assert_close(run.anchor.memory["fisher"], fisher, rtol=1e-6, atol=1e-12)
    torch.testing.assert_close(run.anchor.memory["score"], score, rtol=1e-6, atol=1e-12)


def test_si_counts_the_proximal_step_as_part_of_the_move(stream, few) -> None:
    """The moves that SI is told of add up to the whole move of the weights."""
    ways: list[Tensor] = []

    class Noting(me.SI):
        def after_step(self, trace, gradient: Tensor, move: Tensor) -> None:
            ways.append(move)
            super().after_step(trace, gradient, move)

    model = small(0)
    record = _learn(stream, Noting(), 50.0, schedule=replace(few, proximal=True), model=model)
    end = torch.cat([record.weights[name].flatten() for name in me.snapshot(model)])
    torch.testing.assert_close(torch.stack(ways).sum(0), end - flatten(me.snapshot(model)))


@every_path_method
def test_path_methods_require_a_trace(method: me.Method, task: me.Task) -> None:
    with pytest.raises(
        ValueError, match=f"trace: {type(method).__name__} needs a trace of training"
    ):
        method.after_task(nets.build("mlp"), task, None)


@every_path_method
def test_a_path_that_is_not_finite_is_refused(method, task: me.Task) -> None:
    model = nets.build("mlp")
    weights = flatten(me.snapshot(model))
    trace = method.start(weights, None)
    method.after_step(trace, torch.full_like(weights, -torch.inf), weights + 1)
    with pytest.raises(NotFiniteError, match="trace: "):
        method.after_task(model, task, None, trace)


# ---- breaks, stores, sweeps --------------------------------------------------------------------

CARRYING = [me.EWC(separate=True), me.SI(), me.RWalk()]


def _same(one: Record, other: Record) -> bool:
    return replace(one, seconds=0) == replace(other, seconds=0)


@pytest.mark.parametrize("method", CARRYING, ids=repr)
def test_an_interrupted_or_reloaded_run_ends_the_same(method, stream, few, tmp_path: Path) -> None:
    whole = _learn(stream, method, schedule=few)
    run = me.Training(stream, method, 1.0, schedule=few, model=small)
    for done in run:
        if done == 2 * few.steps + 7:  # in the midst of task 3
            break
    run.restart_task()
    stored = Record.load(run.record.save(tmp_path))
    fresh = me.Training(stream, method, 1.0, schedule=few, model=small)
    fresh.resume(stored)
    for broken in (run, fresh):
        for _ in broken:
            pass
        assert _same(broken.record, whole)


@pytest.mark.parametrize("method", [*CARRYING, me.SCP()], ids=repr)
def test_a_sweep_has_the_same_numbers_as_single_runs(method, stream, few, monkeypatch) -> None:
    sweep = __import__("importlib").import_module("mas_edu.training.sweeps.grid")
    programs: list[int] = []
    together = sweep.train_batched
    monkeypatch.setattr(sweep, "train_batched", lambda runs: programs.append(1) or together(runs))
    records = me.sweep(stream, method, [0.0, 1.0], [0], schedule=few, model=small, progress=False)
    for record, lam in zip(records, (0.0, 1.0), strict=True):
        mine, other = record._arrays(), _learn(stream, method, lam, schedule=few)._arrays()
        assert list(mine) == list(other)
        for name in mine:
            np.testing.assert_allclose(mine[name], other[name], rtol=1e-8, atol=1e-8)
    assert programs == [1]


def test_a_method_made_from_mas_has_its_own_name(stream, few, tmp_path) -> None:
    """The name is what tells runs apart, in a legend and on the disk."""

    class Forgetful(me.MAS):
        def merge(self, old: me.Params, new: me.Params) -> me.Params:
            return {name: 0 * value for name, value in new.items()}

    def gift(task: me.Task) -> Tensor:
        return task.x

    assert repr(Forgetful()) == "Forgetful()"
    assert repr(compat.UnsquaredNorm(data=gift)) == "UnsquaredNorm(data=gift)"
    mas, own = (
        me.sweep(stream, method, [1.0], [0], schedule=few, store=tmp_path, progress=False)[0]
        for method in (me.MAS(), Forgetful())
    )
    assert flatten(mas.omegas[-1]).sum() > 0 == flatten(own.omegas[-1]).sum()


def test_an_empty_batch_adds_nothing_to_any_fisher(task: me.Task) -> None:
    model, x, y = nets.build("mlp"), task.x, task.y
    for kind in ("exact", "sampled", "empirical"):
        with_it, without = (
            me.fisher(model, pairs, kind=kind) for pairs in ([(x, y), (x[:0], y[:0])], [(x, y)])
        )
        contract.assert_close(with_it, without, 1e-12)


def test_directions_count_at_unit_length(task: me.Task) -> None:
    model = nets.build("mlp")
    axes = torch.eye(model(task.x[:1]).shape[1])
    found = me.scp(model, task.x, slices=3 * axes)
    contract.assert_close(found, me.scp(model, task.x), 1e-12)
