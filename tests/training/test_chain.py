"""The gradient by hand is autograd's, for every activation, mask, method and optimizer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training import loop
from mas_edu.training.chain import Chain, is_chain
from mas_edu.training.flat_params import flattened
from mas_edu.training.gradient import (
    gradient_by_autograd,
    gradient_by_hand,
    make_gradient,
    masked_cross_entropy,
)
from mas_edu.training.sweeps.ensemble import Ensemble
from mas_edu.training.sweeps.omegas import omegas

ACTIVATIONS = [
    nn.ReLU(), nn.ReLU(inplace=True), nn.LeakyReLU(0.2), nn.LeakyReLU(0.2, inplace=True),
    nn.ELU(0.7), nn.GELU(), nn.GELU("tanh"), nn.SiLU(inplace=True), nn.Tanh(), nn.Sigmoid(),
    nn.Identity(),
]  # fmt: skip
METHODS = [
    me.FineTune(), me.Joint(), me.L2(), me.MAS(), me.MASBatch(), me.MASLocal(), me.EWC(), me.SI(),
    me.RWalk(), me.SCP(),
]  # fmt: skip
LAM = {"EWC": 30.0, "SI": 3.0, "SCP": 30.0}


def build(f: nn.Module) -> nn.Sequential:
    """Layers within layers, with and without bias, over inputs that are not flat."""
    inner = nn.Sequential(nn.Linear(5, 4, bias=False), copy.copy(f))
    return nn.Sequential(
        nn.Linear(3, 3), nn.Flatten(), nn.Linear(6, 5), f, inner, nn.Linear(4, 3)
    ).double()


def by_autograd(model: nn.Module, x: Tensor, y: Tensor, masks: Tensor | None) -> dict[str, Tensor]:
    weights = {name: w for name, w in model.named_parameters() if w.requires_grad}
    loss = masked_cross_entropy(model(x.clone()), y, masks)
    return dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        error = (found[name] - value).abs().max() / value.abs().max().clamp(min=1e-30)
        assert error <= tolerance, name


@pytest.mark.parametrize("f", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("masked", ["none", "shared", "each"])
@pytest.mark.parametrize("alike", [1, 3])
def test_the_gradient_of_three_networks_is_that_of_each(
    f: nn.Module, masked: str, alike: int
) -> None:
    models = [build(f) for _ in range(3)]
    inputs = torch.randn(3 // alike, 7, 2, 3, dtype=torch.float64)
    x, y = inputs.repeat_interleave(alike, 0), torch.randint(0, 2, (3, 7))
    masks = {"none": None, "shared": torch.tensor([False, False, True])}.get(
        masked, torch.zeros(3, 7, 3, dtype=torch.bool)
    )
    if masked == "each":
        masks[0, 2:, 2] = True  # type: ignore[index]
    names = [name for name, _ in models[0].named_parameters()]
    weights = {
        name: torch.stack([model.get_parameter(name).detach() for model in models])
        for name in names
    }
    grads = {name: torch.full_like(weight, torch.nan) for name, weight in weights.items()}
    with torch.no_grad():
        logits = Chain(models[0], weights, grads, alike).gradient(inputs, y, masks)
    for k, model in enumerate(models):
        own = masks[k] if masked == "each" else masks  # type: ignore[index]
        expected = by_autograd(model, x[k], y[k], own)
        assert_equal({name: grad[k] for name, grad in grads.items()}, expected, 1e-12)
        torch.testing.assert_close(logits[k], model(x[k].clone()), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "activations",
    [
        (nn.Tanh(), nn.ReLU()),
        (nn.ReLU(), nn.Tanh()),
        (nn.ReLU(), nn.ReLU()),
        (nn.Flatten(), nn.ReLU()),
    ],
    ids=str,
)
def test_nothing_is_overwritten_that_a_slope_needs(activations: tuple[nn.Module, ...]) -> None:
    model = nn.Sequential(nn.Linear(4, 5), *activations, nn.Linear(5, 3), *activations).double()
    x, y = torch.randn(7, 4, dtype=torch.float64), torch.randint(0, 3, (7,))
    expected = by_autograd(model, x, y, None)
    with flattened(model) as flat:
        gradient_by_hand(model, flat)(x, y, None)
        assert_equal(flat.params(flat.grads), expected, 1e-12)


@pytest.mark.parametrize("frozen", ["0.weight", "0.bias", "2", "4.0.weight", "5"])
def test_frozen_weights_are_left_out(frozen: str) -> None:
    model = build(nn.Tanh())
    for name, weight in model.named_parameters():
        weight.requires_grad_(not name.startswith(frozen))
    x, y = torch.randn(7, 2, 3, dtype=torch.float64), torch.randint(0, 3, (7,))
    expected = by_autograd(model, x, y, None)
    with flattened(model) as flat:
        gradient_by_hand(model, flat)(x, y, None)
        assert_equal(flat.params(flat.grads), expected, 1e-12)


def tied() -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    model[2].weight = model[0].weight
    return model


def twice() -> nn.Module:
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.ReLU(), layer)


def hooked() -> nn.Module:
    model = me.mlp([4, 3, 2])
    model.hidden1.register_forward_hook(lambda *_: None)
    return model


def gradient_hooked() -> nn.Module:
    model = me.mlp([4, 3, 2])
    model.hidden1.weight.register_hook(lambda grad: grad * 0)
    return model


def accumulate_hooked() -> nn.Module:
    model = me.mlp([4, 3, 2])
    model.hidden1.weight.register_post_accumulate_grad_hook(lambda weight: None)
    return model


def replaced() -> nn.Module:
    model = me.mlp([4, 3, 2])
    model.hidden1.forward = lambda x: x[:, :3]
    return model


OTHERS: dict[str, Callable[[], nn.Module]] = {
    "tied weights": tied,
    "a layer twice": twice,
    "a hook": hooked,
    "a gradient hook": gradient_hooked,
    "a hook on accumulated gradients": accumulate_hooked,
    "another forward": replaced,
    "dropout": lambda: nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)),
    "nothing to learn": lambda: nn.Sequential(nn.ReLU()),
    "a convolution": lambda: me.cnn((1, 8, 8)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_chain_goes_by_autograd(name: str) -> None:
    assert is_chain(me.mlp([4, 3, 2]))
    assert not is_chain(OTHERS[name]())


def test_hooks_of_all_modules_are_no_chain() -> None:
    model = me.mlp([4, 3, 2])
    hook = nn.modules.module.register_module_forward_hook(lambda *_: None)
    try:
        assert not is_chain(model)
    finally:
        hook.remove()
    assert is_chain(model)


def autograd_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "make_gradient", gradient_by_autograd)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_training_ends_at_the_weights_of_autograd(
    method: me.Method, split_digits: me.Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = me.Schedule(steps=30, batch=31, evaluations=1)  # the last batch of a pass is ragged
    lam = LAM.get(type(method).__name__, 0.3)

    def weights() -> dict[str, Tensor]:
        model = me.mlp([64, 9, 10]).double()
        run = me.Training(split_digits, method, lam, schedule=schedule, model=model)
        for _ in run:
            pass
        return dict(run.record.weights)

    by_hand = weights()
    autograd_only(monkeypatch)
    assert_equal(by_hand, weights(), 1e-10)


@pytest.mark.parametrize(
    "more",
    [
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "sgd", "lr": 0.1, "momentum": 0.9},
        {"optimizer": "sgd", "lr": 0.1, "proximal": True},
        {"proximal": True, "weight_decay": 0.01},
    ],
    ids=str,
)
def test_every_optimizer_and_the_proximal_step(
    more: dict, digits: me.Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = me.Schedule(steps=30, evaluations=1, **more)

    def weights() -> dict[str, Tensor]:
        model = me.mlp([64, 9, 10]).double()
        return dict(
            me.learn(digits, me.MAS(), 0.3, schedule=schedule, model=model, progress=False).weights
        )

    by_hand = weights()
    autograd_only(monkeypatch)
    assert_equal(by_hand, weights(), 1e-10)


def test_chains_are_trained_by_hand(digits: me.Stream) -> None:
    model = me.mlp([64, 9, 10])
    with flattened(model) as flat:
        gradient = make_gradient(model, flat, me.Schedule())
        assert not gradient(digits[0].x[:5], digits[0].y[:5], None).requires_grad
        assert gradient.__qualname__.startswith("gradient_by_hand")
        bf16 = make_gradient(model, flat, me.Schedule(precision="bf16"))
        assert bf16.__qualname__.startswith("gradient_by_autograd")


@pytest.mark.parametrize("method", [me.SI(), me.RWalk(every=3)], ids=str)
def test_methods_that_need_a_trace_go_side_by_side(
    method: me.Method, digits: me.Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = me.Schedule(steps=20, evaluations=2)
    arguments = {"schedule": schedule, "progress": False}

    def small(seed: int) -> nn.Module:
        return me.mlp([64, 9, 10], seed).double()

    batched = me.sweep(digits, method, [0.0, 1.0], [0, 1], model=small, **arguments)
    assert {record.side_by_side for record in batched} == {4}
    alone = [
        me.learn(digits, method, lam, seed=seed, model=small, **arguments)
        for lam in (0.0, 1.0)
        for seed in (0, 1)
    ]
    for ours, theirs in zip(batched, alone, strict=True):
        assert_equal(dict(ours.weights), dict(theirs.weights), 1e-9)
        assert_equal(dict(ours.omegas[-1]), dict(theirs.omegas[-1]), 1e-7)


def test_weights_of_all_networks_lie_in_one_piece_each() -> None:
    models = [build(nn.ReLU()) for _ in range(3)]
    alone = torch.stack([torch.cat([w.flatten() for w in one.parameters()]) for one in models])
    with flattened(Ensemble(models)) as flat:
        views = [*flat.params(flat.values.data).values(), *flat.params(flat.grads).values()]
        assert all(view.is_contiguous() for view in views)  # else products are three times slower
        assert torch.equal(flat.of_each_network(flat.values.detach()), alone)


@pytest.mark.parametrize("f", [nn.ReLU(), nn.GELU(), nn.Tanh()], ids=str)
def test_omega_of_all_networks_at_once_is_that_of_each(
    f: nn.Module, split_digits: me.Stream
) -> None:
    models = [
        nn.Sequential(nn.Linear(64, 9), f, nn.Linear(9, 10, bias=False)).double() for _ in range(3)
    ]
    copies = Ensemble(models)
    with flattened(copies) as flat:
        for task in (split_digits[1], me.rotated("digits", tasks=1)[0]):
            every = omegas(copies, flat, [me.MAS()] * len(models), task)
            for model, found in zip(models, every, strict=True):
                assert found is not None
                assert_equal(found, me.mas(model, task.x, classes=task.classes), 1e-12)


def test_omega_is_left_to_the_method_where_it_is_not_that_of_a_chain(digits: me.Stream) -> None:
    @dataclass(frozen=True, repr=False)
    class Own(me.MAS):
        pass

    def found(method: me.Method, *layers: nn.Module, scale: float = 1.0) -> list[bool]:
        models = [nn.Sequential(*copy.deepcopy(layers)) for _ in range(2)]
        models[0][-1].weight.data *= scale
        copies = Ensemble(models)
        with flattened(copies) as flat:
            return [one is not None for one in omegas(copies, flat, [method] * 2, digits[0])]

    unflat, flatten = nn.Unflatten(1, (8, 8)), nn.Flatten()
    assert found(me.MAS(), nn.Linear(64, 10)) == [True, True]
    assert found(Own(), nn.Linear(64, 10)) == [False, False]
    assert found(me.SCP(), nn.Linear(64, 10)) == [False, False]
    assert found(me.MAS(), unflat, flatten, nn.Linear(64, 10)) == [False, False]  # no chain
    assert found(me.MAS(), nn.Linear(64, 10), scale=torch.inf) == [False, True]
    assert found(me.MAS(), nn.Linear(64, 10).bfloat16()) == [False, False]  # few digits


def test_a_layer_that_meets_a_sample_several_times_has_no_omega_by_hand() -> None:
    model = build(nn.ReLU())
    weights = {name: weight.detach().unsqueeze(0) for name, weight in model.named_parameters()}
    chain = Chain(model, weights, {name: weight.clone() for name, weight in weights.items()})
    with torch.no_grad(), pytest.raises(NotImplementedError, match="several positions"):
        chain.omega_sum(torch.randn(1, 4, 2, 3, dtype=torch.float64))


@pytest.mark.parametrize("f", ACTIVATIONS, ids=str)
def test_evaluation_overwrites_only_what_a_layer_has_made(f: nn.Module) -> None:
    first = nn.Sequential(nn.Identity(), copy.copy(f), nn.Flatten(), copy.copy(f))
    models = [
        nn.Sequential(first, nn.Linear(6, 4), copy.copy(f), nn.Linear(4, 3)).double()
        for _ in range(2)
    ]
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    before = x.clone()
    with torch.no_grad():
        found = Ensemble(models).shared(x)
    assert torch.equal(x, before)
    for model, logits in zip(models, found, strict=True):
        assert torch.allclose(logits, model(x.clone()))
