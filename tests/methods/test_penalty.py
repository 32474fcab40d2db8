"""The one quadratic form, and the flat vector on which training applies it."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import mas_edu as me
from mas_edu.training import Schedule
from mas_edu.training.flat_params import flattened
from mas_edu.training.loop import train_steps
from tests.support import contract, nets


def _anchor(model: nn.Module, seed: int = 5) -> me.Anchor:
    draw = torch.Generator().manual_seed(seed)
    theta = me.snapshot(model)
    moved = {
        name: value + torch.randn(value.shape, generator=draw, dtype=value.dtype)
        for name, value in theta.items()
    }
    omega = {
        name: torch.rand(value.shape, generator=draw, dtype=value.dtype)
        for name, value in theta.items()
    }
    return me.Anchor(moved, omega)


@pytest.mark.parametrize("net", nets.NETS)
def test_the_penalty_equals_the_sum_by_hand(net: str) -> None:
    model = nets.build(net)
    anchor = _anchor(model)
    expected = 0.0
    for name, weight in me.snapshot(model).items():
        triples = zip(
            weight.flatten(),
            anchor.theta[name].flatten(),
            anchor.omega[name].flatten(),
            strict=True,
        )
        expected += sum((o * (w - t) ** 2).item() for w, t, o in triples)
    assert anchor.penalty(model).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("net", nets.NETS)
def test_the_gradient_is_two_omega_times_the_distance(net: str) -> None:
    model = nets.build(net)
    anchor = _anchor(model)
    anchor.penalty(model).backward()
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            expected = 2 * anchor.omega[name] * (weight - anchor.theta[name])
            torch.testing.assert_close(weight.grad, expected)
        else:
            assert weight.grad is None


def test_the_penalty_is_zero_at_the_anchor_only() -> None:
    model = nets.build("mlp")
    theta = me.snapshot(model)
    anchor = me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})
    assert anchor.penalty(model).item() == 0
    with torch.no_grad():
        model.output.bias[0] += 0.5
    assert anchor.penalty(model).item() == pytest.approx(0.25)


def test_an_anchor_cannot_be_changed_from_outside() -> None:
    model = nets.build("mlp")
    theta = me.snapshot(model)
    omega = {name: torch.ones_like(value) for name, value in theta.items()}
    anchor = me.Anchor(theta, omega)
    before = anchor.penalty(model).item()
    for value in (*theta.values(), *omega.values()):
        value.fill_(9.0)
    assert anchor.penalty(model).item() == before
    with pytest.raises(AttributeError):
        anchor.theta = {}  # type: ignore[misc]


def test_an_anchor_made_from_weights_that_need_gradients_needs_none() -> None:
    model = nets.build("mlp")
    live = dict(model.named_parameters())
    anchor = me.Anchor(live, {name: value.detach().abs() for name, value in live.items()})
    assert not any(value.requires_grad for value in (anchor.theta | anchor.omega).values())


def _by_autograd(
    model: nn.Module, task: me.Task, schedule: Schedule, anchor: me.Anchor, lam: float
) -> None:
    """What a reader would write: the penalty in the loss, an optimizer of PyTorch."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    kinds = {
        "sgd": lambda: torch.optim.SGD(
            weights, schedule.lr, momentum=schedule.momentum, weight_decay=schedule.weight_decay
        ),
        "adam": lambda: torch.optim.Adam(weights, schedule.lr, weight_decay=schedule.weight_decay),
        "adamw": lambda: torch.optim.AdamW(
            weights, schedule.lr, weight_decay=schedule.weight_decay
        ),
    }
    optimizer = kinds[schedule.optimizer]()
    generator = torch.Generator().manual_seed(0)
    model.train()
    step = 0
    while step < schedule.updates(len(task.x)):
        for rows in torch.randperm(len(task.x), generator=generator).split(schedule.batch):
            loss = F.cross_entropy(model(task.x[rows]), task.y[rows])
            if not schedule.proximal:
                loss = loss + lam / 2 * anchor.penalty(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule.proximal:
                with torch.no_grad():
                    for name, weight in model.named_parameters():
                        if weight.requires_grad:
                            s = schedule.lr * lam * anchor.omega[name]
                            weight.copy_((weight + s * anchor.theta[name]) / (1 + s))
            step += 1
            if step == schedule.updates(len(task.x)):
                return


SCHEDULES = {
    "sgd": Schedule(steps=7, batch=4, lr=0.05, optimizer="sgd"),
    "sgd, momentum, decay": Schedule(
        steps=7, batch=4, lr=0.05, optimizer="sgd", momentum=0.9, weight_decay=0.01
    ),
    "adam": Schedule(steps=7, batch=4, lr=0.01),
    "adam, decay": Schedule(steps=7, batch=4, lr=0.01, weight_decay=0.1),
    "adamw": Schedule(epochs=2, batch=5, lr=0.01, optimizer="adamw", weight_decay=0.1),
    "proximal": Schedule(steps=7, batch=4, lr=0.05, optimizer="sgd", proximal=True),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES.keys())
@pytest.mark.parametrize("net", ["mlp", "cnn", "shared weights", "frozen weights"])
def test_training_equals_autograd_through_the_penalty(
    net: str, schedule: Schedule, task: me.Task
) -> None:
    model = nets.build(net)
    anchor, mine = _anchor(model), copy.deepcopy(model)
    me.fit(model, task, schedule, anchor=anchor, lam=3.0)
    _by_autograd(mine, task, schedule, anchor, 3.0)
    for name, weight in mine.named_parameters():
        torch.testing.assert_close(model.get_parameter(name), weight, rtol=1e-12, atol=1e-12)


def test_the_penalty_is_part_of_every_update(task: me.Task) -> None:
    model = nets.build("mlp")
    anchor, free = _anchor(model), copy.deepcopy(model)
    schedule = Schedule(steps=1, optimizer="sgd", lr=0.1)
    me.fit(model, task, schedule, anchor=anchor, lam=2.0)
    me.fit(free, task, schedule)
    start = nets.build("mlp")  # the same seed: the same weights
    for name, weight in model.named_parameters():
        way = start.get_parameter(name) - anchor.theta[name]
        expected = free.get_parameter(name) - 0.1 * 2.0 * anchor.omega[name] * way
        torch.testing.assert_close(weight, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("lam", [1.0, 1e3, 1e9, 1e30, 1e300])
def test_the_proximal_step_is_stable(lam: float, task: me.Task) -> None:
    model = nets.build("mlp")
    anchor, before = _anchor(model), me.snapshot(model)
    schedule = Schedule(steps=20, batch=4, lr=0.1, optimizer="sgd", proximal=True)
    me.fit(model, task, schedule, anchor=anchor, lam=lam)
    far, near = _way(before, anchor), _way(me.snapshot(model), anchor)
    assert near < far
    if lam >= 1e9:
        assert near < 1e-6 * far


def _way(weights: me.Params, anchor: me.Anchor) -> float:
    return max(
        float((anchor.omega[name] * (weights[name] - anchor.theta[name])).abs().max())
        for name in weights
    )


@pytest.mark.parametrize(
    ("schedule", "lam", "warned"),
    [
        (Schedule(steps=1, lr=0.1, optimizer="sgd"), 19.0, False),
        (Schedule(steps=1, lr=0.1, optimizer="sgd"), 21.0, True),
        (Schedule(steps=1, lr=0.1, optimizer="sgd", momentum=0.9), 21.0, False),
        (Schedule(steps=1, lr=0.1, optimizer="sgd", proximal=True), 21.0, False),
        (Schedule(steps=1, lr=0.1, optimizer="adam"), 21.0, False),
    ],
)
def test_a_warning_before_plain_sgd_diverges(
    schedule: Schedule, lam: float, warned: bool, task: me.Task, recwarn: pytest.WarningsRecorder
) -> None:
    import warnings

    model = nets.build("mlp")
    theta = me.snapshot(model)
    anchor = me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})
    warnings.simplefilter("always")
    me.fit(model, task, schedule, anchor=anchor, lam=lam)
    texts = [str(warning.message) for warning in recwarn]
    assert len(texts) == warned
    assert all("lr · λ · max Ω = 2.1 is above 2" in text and "proximal" in text for text in texts)


def test_the_warning_tells_the_truth() -> None:
    """On the penalty alone plain SGD shrinks the way below 2, and grows it above."""
    for lam, grows in ((1.9, False), (2.1, True)):
        way = 1.0
        for _ in range(50):
            way -= 1.0 * lam * 1.0 * way  # lr · λ · Ω · (θ − θ*)
        assert (abs(way) > 1) == grows


@pytest.mark.parametrize("net", nets.NETS)
def test_flat_weights_are_restored(net: str) -> None:
    model = nets.build(net)
    for weight in list(model.parameters())[::2]:
        weight.grad = torch.ones_like(weight)
    before, identities = me.snapshot(model), [id(weight) for weight in model.parameters()]
    with flattened(model) as flat:
        assert flat.values.numel() == sum(value.numel() for value in before.values())
        for name, value in flat.params(flat.values.detach()).items():
            assert torch.equal(value, before[name])
        flat.values.data.add_(1.0)
    assert [id(weight) for weight in model.parameters()] == identities
    spaces = set()
    for name, value in before.items():
        weight = model.get_parameter(name)
        assert torch.equal(weight, value + 1.0)
        spaces.add(weight.untyped_storage().data_ptr())
        assert weight.untyped_storage().nbytes() == weight.nbytes
    assert len(spaces) == len(before), "each weight has memory of its own"


def test_flat_weights_are_restored_after_an_error() -> None:
    model = nets.build("mlp")
    with contract.left_as_it_was(model), pytest.raises(KeyboardInterrupt), flattened(model):
        raise KeyboardInterrupt


def test_a_generator_that_is_dropped_leaves_a_usable_model(task: me.Task) -> None:
    model = nets.build("mlp")
    with flattened(model) as flat:
        steps = train_steps(model, flat, [task], Schedule(steps=9), None, 0.0, seed=0)
        assert [next(steps), next(steps)] == [1, 2]
    before = me.snapshot(model)
    model(task.x).sum().backward()
    contract.assert_close(me.snapshot(model), before, 0)


@pytest.mark.parametrize("mode", ["train", "eval", "mixed"])
def test_fit_restores_the_mode(mode: str, task: me.Task) -> None:
    model = nets.build("batchnorm and dropout")
    model.train(mode != "eval")
    if mode == "mixed":
        model[1].eval()  # type: ignore[index]
    before = [module.training for module in model.modules()]
    me.fit(model, task, Schedule(steps=2))
    assert [module.training for module in model.modules()] == before
    counted = 2 if mode == "train" else 0  # what its owner put into eval mode stays so
    assert model[1].num_batches_tracked == counted  # type: ignore[index]
