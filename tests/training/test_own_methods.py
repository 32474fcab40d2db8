"""Methods of the reader's own, written as in any PyTorch code, train as the library's do."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import mas_edu as me
from tests.support.sweeps import assert_same_numbers, quick, small


def conv(seed: int) -> nn.Module:
    """Trained by autograd."""
    torch.manual_seed(seed)
    layers = nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(144, 10)).double()


class ByGrad(me.MAS):
    """Ω of a few samples, without a change to the model's `.grad`."""

    def importance(self, model, task):
        omega = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
        for x in task.x[:8].to(torch.float64).split(1):
            for value, gradient in zip(omega.values(), self.gradients(model, x), strict=True):
                value += gradient.abs() / 8
        return omega

    def gradients(self, model, x):
        return torch.autograd.grad(model(x).square().sum(), list(model.parameters()))


class ByBackward(ByGrad):
    """The same Ω by `backward()`, as tutorials do it."""

    def gradients(self, model, x):
        model.zero_grad()
        model(x).square().sum().backward()
        return [weight.grad.clone() for weight in model.parameters()]


class InPlace(me.MAS):
    """Shrinks the weights after each task."""

    def after_task(self, model, task, anchor, trace=None):
        with torch.no_grad():
            self.shrink(model)
        return super().after_task(model, task, anchor, trace)

    def shrink(self, model):
        for weight in model.parameters():
            weight.mul_(0.5)


class OtherData(InPlace):
    """Gives each weight other memory."""

    def shrink(self, model):
        for weight in model.parameters():
            weight.data = weight.data * 0.5


class OtherLayers(InPlace):
    """Puts a new layer in the place of the last one."""

    def shrink(self, model):
        super().shrink(model)
        last = [name for name, _ in model.named_children()][-1]
        setattr(model, last, copy.deepcopy(getattr(model, last)))


class AtTimes(me.MAS):
    """Protects some networks, and leaves others free: the answer depends on the weights."""

    def after_task(self, model, task, anchor, trace=None):
        if next(model.parameters()).sum() > 0:
            return None
        return super().after_task(model, task, anchor, trace)


TWINS = [(ByBackward(), ByGrad()), (OtherData(), InPlace()), (OtherLayers(), InPlace())]


@pytest.mark.parametrize("make", [small, conv], ids=["by hand", "autograd"])
@pytest.mark.parametrize(("method", "twin"), TWINS, ids=lambda method: type(method).__name__)
def test_a_method_may_treat_the_network_as_its_own(three, short, make, method, twin):
    ours, theirs = (
        me.learn(three, one, 0.3, schedule=short, model=make, progress=False)
        for one in (method, twin)
    )
    for name, weight in theirs.weights.items():
        assert torch.equal(ours.weights[name], weight), name
    assert (ours.accuracy == theirs.accuracy).all()
    rows = torch.from_numpy(ours.accuracy.copy())
    assert not torch.equal(rows[0], rows[1])  # it goes on learning
    side_by_side = quick(three, method, [0.3], [0, 1], schedule=short, model=make)
    assert_same_numbers(side_by_side[:1], [ours])


@pytest.mark.parametrize("make", [small, conv], ids=["by hand", "autograd"])
def test_a_paused_run_may_be_looked_at_with_backward(three, short, make):
    def run(look: bool) -> me.Record:
        training = me.Training(three, me.MAS(), 0.3, schedule=short, model=make)
        for step in training:
            if look and step % 7 == 3:
                training.model.zero_grad()
            if look and step % 7 == 5:
                training.model(three[0].x[:4].double()).sum().backward()
        return training.record

    assert run(look=True) == run(look=False)


@pytest.mark.parametrize("make", [small, conv], ids=["by hand", "autograd"])
def test_runs_side_by_side_may_be_without_an_anchor(three, short, make):
    lams, seeds = [0.0, 0.3], range(4)
    records = quick(three, AtTimes(), lams, seeds, schedule=short, model=make)
    assert len({len(record.omegas) for record in records}) > 1
    alone = [
        me.learn(three, AtTimes(), lam, seed=seed, schedule=short, model=make, progress=False)
        for lam in lams
        for seed in seeds
    ]
    assert_same_numbers(records, alone)


@pytest.mark.parametrize("method", [InPlace(), me.MAS()], ids=["shrinks", "MAS"])
def test_validation_is_of_the_weights_that_were_tested(short, method):
    stream = me.rotated("digits", tasks=2, samples=200, val=0.2)
    record = me.learn(stream, method, 0.3, schedule=short, model=small, progress=False)
    (side_by_side, _) = quick(stream, method, [0.3], [0, 1], schedule=short, model=small)
    assert_same_numbers([side_by_side], [record])


@pytest.fixture(scope="module")
def three() -> me.Stream:
    return me.rotated("digits", tasks=3, samples=200)


def test_a_run_side_by_side_that_was_left_in_a_task_repeats_it(three, short):
    runs = [me.Training(three, me.MAS(), 0.3, seed=s, schedule=short, model=small) for s in (0, 1)]
    for run in runs:
        for step in run:
            if step == 40:  # in the second task
                break
    for _ in me.training.train_batched(runs):
        pass
    whole = [
        me.learn(three, me.MAS(), 0.3, seed=run.seed, schedule=short, model=small, progress=False)
        for run in runs
    ]
    assert_same_numbers([run.record for run in runs], whole)
