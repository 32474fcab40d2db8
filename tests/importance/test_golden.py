"""The library gives the values that were derived by hand, to six digits."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import reference
from mas_edu.reproduction import deviations
from tests.support import golden
from tests.support.golden import CASES, Case

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def _assert_values(found: me.Params, expected: golden.Values) -> None:
    for name, value in expected.items():
        wanted = torch.tensor(value, dtype=torch.float64)
        torch.testing.assert_close(found[name], wanted, rtol=0, atol=1e-6)


@cases
@pytest.mark.parametrize("mas", [me.mas, reference.mas], ids=["engine", "loop"])
def test_exact(case: Case, mas) -> None:
    _assert_values(mas(case.model, case.x), case.exact)


@cases
@pytest.mark.parametrize("mas", [me.mas_batch, reference.mas_batch], ids=["engine", "loop"])
def test_omega_of_one_batch(case: Case, mas) -> None:
    _assert_values(mas(case.model, case.x), case.batch)


@cases
def test_batches_of_one_are_exact(case: Case) -> None:
    _assert_values(me.mas_batch(case.model, case.x, batch_size=1), case.exact)


def test_a_short_last_batch_counts_for_its_samples() -> None:
    case = CASES[3]
    halves = me.mas_batch(case.model, case.x, batch_size=2)["weight"].item()
    assert halves == pytest.approx(28 / 3), "11.5 is the mean of batch means"
    assert me.mas(case.model, case.x.split(2))["weight"].item() == pytest.approx(28 / 3)


@pytest.mark.parametrize("local", [me.mas_local, reference.mas_local], ids=["engine", "loop"])
def test_local(local) -> None:
    case = CASES[4]
    assert case.local is not None
    _assert_values(local(case.model, case.x), case.local)


def test_the_last_layer_is_the_same_locally_and_globally() -> None:
    case = CASES[4]
    found, whole = me.mas_local(case.model, case.x), me.mas(case.model, case.x)
    for name in ("2.weight", "2.bias"):
        torch.testing.assert_close(found[name], whole[name])


def test_a_constant_on_all_logits_changes_omega_and_no_prediction() -> None:
    case = CASES[5]
    louder = nn.Linear(2, 2).double()
    with torch.no_grad():
        louder.weight.copy_(case.model.weight)  # type: ignore[arg-type]
        louder.bias.fill_(3.0)
    assert torch.equal(louder(case.x).argmax(1), case.model(case.x).argmax(1))
    _assert_values(me.mas(louder, case.x), golden.SHIFTED)


def _penalty() -> tuple[me.Anchor, nn.Module, Tensor]:
    omega, theta, now = (
        torch.tensor([golden.PENALTY[key]], dtype=torch.float64)
        for key in ("omega", "theta", "now")
    )
    model = nn.Linear(3, 1, bias=False).double()
    model.weight.data.copy_(now)
    return me.Anchor({"weight": theta}, {"weight": omega}), model, now


def test_penalty() -> None:
    anchor, model, _ = _penalty()
    penalty = anchor.penalty(model)
    assert penalty.item() == pytest.approx(1.0)
    (1.0 / 2 * penalty).backward()
    assert model.weight.grad is not None
    assert model.weight.grad[0].tolist() == pytest.approx([1, -0.5, 0])


def test_the_anchor_is_a_copy() -> None:
    anchor, model, now = _penalty()
    mine = copy.deepcopy(anchor.theta)
    model.weight.data.zero_()
    now.zero_()
    assert torch.equal(anchor.theta["weight"], mine["weight"])


def test_fisher() -> None:
    case = CASES[5]
    model, pair, labels = case.model, case.x.repeat(2, 1), torch.tensor([0, 1])
    _assert_values(me.fisher(model, case.x), {"weight": golden.FISHER["exact"]})
    _assert_values(reference.fisher(model, case.x), {"weight": golden.FISHER["exact"]})
    found = me.fisher(model, pair, kind="empirical", labels=labels)
    _assert_values(found, {"weight": golden.FISHER["empirical"]})
    _assert_values(
        reference.empirical_fisher(model, pair, labels), {"weight": golden.FISHER["empirical"]}
    )
    wrong = deviations.SquaredBatchMean().importance(
        model, me.Task("a", pair, labels, pair, labels)
    )
    _assert_values(wrong, {"weight": golden.FISHER["square of the batch mean"]})


def test_scp() -> None:
    axes = torch.eye(2, dtype=torch.float64)
    for found in (
        me.scp(CASES[0].model, CASES[0].x),
        me.scp(CASES[0].model, CASES[0].x, slices=axes),
        reference.scp(CASES[0].model, CASES[0].x, axes),
    ):
        _assert_values(found, {"weight": golden.SLICED})
