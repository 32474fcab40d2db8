"""Known bugs of public code, as methods: each differs from the right one in the way it claims."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.networks import flatten
from mas_edu.reproduction import deviations
from tests.support import contract, nets


def small(seed: int) -> nn.Module:
    return me.mlp([64, 8, 10], seed).double()


def test_the_unsquared_norm_weighs_samples_differently(task: me.Task) -> None:
    model = nets.build("mlp")
    right = flatten(me.MAS().importance(model, task))
    wrong = flatten(deviations.UnsquaredNorm().importance(model, task))
    ratio = (wrong / right)[right > 0]
    assert ratio.max() > 1.01 * ratio.min()  # not the same up to a factor
    louder = copy.deepcopy(model)
    with torch.no_grad():
        for weight in louder.output.parameters():
            weight *= 3
    hidden = "hidden1.weight"
    found = deviations.UnsquaredNorm().importance(louder, task)[hidden].sum()
    assert found.item() == pytest.approx(
        3 * deviations.UnsquaredNorm().importance(model, task)[hidden].sum().item()
    )


def test_the_unsquared_norm_of_a_zero_output_adds_nothing() -> None:
    model, x = nn.Linear(4, 3, bias=False), torch.rand(6, 4)
    blank = torch.cat([x, torch.zeros(6, 4)])
    y = torch.zeros(12, dtype=torch.long)
    half = deviations.UnsquaredNorm().importance(model, me.Task("blank", blank, y, blank, y))
    full = deviations.UnsquaredNorm().importance(model, me.Task("x", x, y[:6], x, y[:6]))
    torch.testing.assert_close(2 * half["weight"], full["weight"])


@pytest.mark.parametrize(
    "kind",
    [deviations.MovingAverage, deviations.UnsquaredNorm, deviations.TrainMode],
    ids=lambda k: k.__name__,
)
def test_deviations_take_the_inputs_that_they_are_given(kind: type[me.MAS], task: me.Task) -> None:
    model, others = nets.build("mlp"), task.x[:5] + 1
    on_others = me.Task("others", others, task.y[:5], others, task.y[:5])
    found = kind(data=others).importance(model, task)
    contract.assert_close(found, kind().importance(model, on_others), 1e-12)


@pytest.mark.parametrize(
    "method",
    [
        deviations.MovingAverage(), deviations.CumulativeGuards(), deviations.UnsquaredNorm(),
        deviations.TrainMode(), deviations.SquaredBatchMean(), deviations.PenalisedSI(),
    ],
    ids=lambda method: type(method).__name__,
)  # fmt: skip
def test_deviations_work_with_a_network_of_any_precision(method, stream, few) -> None:
    record = me.learn(stream, method, 1.0, model=small(0), schedule=few, progress=False)
    assert record.complete
    assert all(value.dtype == torch.float64 for value in record.omegas[-1].values())


def test_the_squared_batch_mean_leaves_the_model_as_it_was(task: me.Task) -> None:
    model = nets.build("batchnorm and dropout").train()
    with contract.left_as_it_was(model), contract.world_untouched():
        one, two = (deviations.SquaredBatchMean().importance(model, task) for _ in "12")
    contract.assert_close(one, two, 0.0)


def test_penalised_si_checks_its_arguments(task: me.Task) -> None:
    with pytest.raises(ValueError, match="lam: "):
        deviations.PenalisedSI(lam=-1.0)
    with pytest.raises(ValueError, match="trace: PenalisedSI needs a trace"):
        deviations.PenalisedSI().after_task(small(0), task, None)


def test_the_squared_batch_mean_leaves_masked_outputs_alone() -> None:
    task, model = me.split("digits", 2, samples=60)[0], me.mlp([64, 8, 10])
    omega = deviations.SquaredBatchMean().importance(model, task)
    last = list(omega)[-1]
    assert (omega[last][2:] == 0).all()
    assert (omega[last][:2] > 0).all()


def test_cumulative_guards_go_on_from_a_given_anchor(stream: me.Stream) -> None:
    """The given anchor is the first entry of the list."""
    method, model = deviations.CumulativeGuards(), small(0)
    one, two, three = (method.importance(model, task) for task in stream)
    anchor = method.after_task(model, stream[1], me.Anchor(me.snapshot(model), one))
    anchor = method.after_task(model, stream[2], anchor)
    expected = flatten(three) + 2 * flatten(one) + flatten(two)
    torch.testing.assert_close(flatten(anchor.omega), expected)


def test_train_mode_gives_noise_and_moves_statistics(task: me.Task) -> None:
    model = nets.build("batchnorm and dropout")
    statistics = model[1].running_mean.clone()
    first, second = (flatten(deviations.TrainMode().importance(model, task)) for _ in "12")
    assert not torch.allclose(first, second)
    assert not torch.equal(model[1].running_mean, statistics)
    right = [flatten(me.MAS().importance(model, task)) for _ in "12"]
    assert torch.equal(*right)
