"""Lesions: which weights are 0 within the block, and that all are given back."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mas_edu.importance import lesioned, mas
from mas_edu.networks import flatten, snapshot
from tests.support import nets


def network() -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """Return a network without zeros, and an Ω whose values are all different."""
    torch.manual_seed(0)
    model = nets.plain()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(weight.sign())
    count = sum(weight.numel() for weight in model.parameters())
    values = torch.randperm(count, generator=torch.Generator().manual_seed(1)).double()
    parts = values.split([weight.numel() for weight in model.parameters()])
    named = model.named_parameters()
    return model, {n: p.view(w.shape) for (n, w), p in zip(named, parts, strict=True)}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("which", ["most", "least"])
def test_the_most_or_the_least_important_weights_are_zero(share, which):
    model, omega = network()
    with lesioned(model, omega, share, which):
        gone = flatten(snapshot(model)) == 0
    ranks, count = flatten(omega), len(gone)
    most = ranks >= count - round(share * count)
    assert torch.equal(gone, most if which == "most" else ranks < round(share * count))


def test_random_weights_depend_on_the_seed_alone():
    model, omega = network()
    gone = []
    for seed, flip in ((0, 1), (0, -1), (1, 1)):
        turned = {name: flip * value for name, value in omega.items()}
        with lesioned(model, turned, 0.3, "random", seed):
            gone.append(flatten(snapshot(model)) == 0)
    assert torch.equal(gone[0], gone[1])
    assert not torch.equal(gone[0], gone[2])
    assert all(int(some.sum()) == round(0.3 * len(some)) for some in gone)


def test_weights_of_equal_importance_go_in_random_order():
    model, omega = network()
    equal = {name: torch.ones_like(value) for name, value in omega.items()}
    with lesioned(model, equal, 0.5, "most"):
        gone = flatten(snapshot(model)) == 0
    half = len(gone) // 2
    assert 0 < int(gone[:half].sum()) < half


def test_weights_that_omega_does_not_name_stay():
    model, omega = network()
    name = next(iter(omega))
    with lesioned(model, {name: omega[name]}, 1.0):
        left = {n: bool((w != 0).all()) for n, w in snapshot(model).items()}
    assert left == {n: n != name for n in omega}


def test_all_is_given_back_also_after_an_error():
    model, omega = network()
    before, random = snapshot(model), torch.random.get_rng_state()
    with pytest.raises(RuntimeError, match="in the block"), lesioned(model, omega, 0.9):
        raise RuntimeError("in the block")
    assert all(torch.equal(before[name], weight) for name, weight in snapshot(model).items())
    assert all(weight.grad is None for weight in model.parameters())
    assert torch.equal(random, torch.random.get_rng_state())


def test_omega_of_every_kind_of_network_can_be_used():
    for make in (nets.plain, nets.convolutional, nets.normalised):
        model = make().double()
        omega = mas(model, torch.randn(4, 9, dtype=torch.float64))
        with lesioned(model, omega, 1.0):
            assert not flatten(snapshot(model)).any()
        assert flatten(snapshot(model)).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"omega": None}, "omega: expected Ω by the names of the weights"),
        ({"omega": {}}, "omega: expected Ω by the names"),
        ({"omega": {"weight": torch.ones(1)}}, "omega: expected names of the network's weights"),
        ({"omega": {"bias": torch.ones(1)}}, "omega: expected 'bias' in the shape"),
        ({"omega": {"bias": 1.0}}, "omega: expected 'bias' in the shape"),
        ({"omega": {"bias": torch.tensor([1.0, torch.nan])}}, "omega: expected finite numbers"),
        ({"share": 1.5}, "share: expected a share of the weights, from 0 to 1, got 1.5"),
        ({"share": -0.1}, "share: expected a finite number of at least 0"),
        ({"share": "all"}, "share: "),
        ({"which": "best"}, "which: expected one of most, least, random"),
        ({"seed": 0.5}, "seed: "),
        ({"model": 3}, "model: expected an nn.Module"),
    ],
)
def test_bad_arguments_are_named(change, message):
    model = nn.BatchNorm1d(2)
    arguments = {"model": model, "omega": {"bias": torch.ones(2)}, "share": 0.5} | change
    if "omega" in change and change["omega"] and "weight" in change["omega"]:
        arguments["model"] = nn.Sequential(nn.Linear(1, 1))
    with pytest.raises(ValueError, match=message), lesioned(**arguments):
        pass
