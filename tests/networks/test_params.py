"""Weights by name: which there are, their copies, and the flat vector."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.networks import (
    check_finite_weights,
    device_of,
    flatten,
    load_whole_state,
    trainable,
    unflatten,
    whole_state,
)
from tests.support import nets


def test_frozen_weights_are_left_out() -> None:
    frozen = {"hidden1.weight", "hidden2.weight", "hidden2.bias"}
    model = nets.build("frozen weights")
    assert set(trainable(model)) == {name for name, _ in model.named_parameters()} - frozen


def test_a_tied_weight_appears_once() -> None:
    layer = nn.Linear(3, 3)
    assert list(trainable(nn.Sequential(layer, layer))) == ["0.weight", "0.bias"]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_a_weight_without_a_shape_is_refused() -> None:
    model = nn.LazyLinear(3)
    with pytest.raises(ValueError, match="call the model on a batch once"):
        trainable(model)


def test_weights_made_under_inference_mode_are_refused() -> None:
    with torch.inference_mode():
        model = nn.Linear(3, 1)
    with pytest.raises(ValueError, match="make the model outside of it"):
        me.snapshot(model)


@pytest.mark.parametrize("net", nets.NETS)
def test_unflatten_is_the_inverse_of_flatten(net: str) -> None:
    model = nets.build(net)
    weights = me.snapshot(model)
    found = unflatten(model, flatten(weights))
    assert list(found) == list(weights)
    assert all(torch.equal(found[name], weights[name]) for name in weights)


def test_a_snapshot_does_not_change_with_the_model() -> None:
    model = nets.build("mlp")
    before = flatten(me.snapshot(model))
    taken = me.snapshot(model)
    with torch.no_grad():
        model.output.weight.zero_()
    assert torch.equal(flatten(taken), before)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_weight_that_is_not_finite_is_named(value: float) -> None:
    model = nets.build("mlp")
    nn.init.constant_(model.output.bias, value)
    with pytest.raises(ValueError, match=r"NaN or infinity in 'output\.bias'"):
        check_finite_weights(model)


def test_a_model_without_weights_is_on_the_cpu() -> None:
    assert device_of(nn.ReLU()) == torch.device("cpu")


def test_a_whole_state_is_loaded_also_by_modules_that_load_in_their_own_way() -> None:
    class Own(nn.Linear):
        loaded = 0

        def _load_from_state_dict(self, *args: object) -> None:
            self.loaded += 1
            super()._load_from_state_dict(*args)

    for model in (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), nn.Sequential(Own(2, 2))):
        state = whole_state(model)
        model(torch.randn(5, 2))
        with torch.no_grad():
            model[0].weight.add_(1)
        load_whole_state(model, state)
        assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert model[0].loaded == 1


@pytest.mark.parametrize("kind", [torch.complex128, torch.float8_e4m3fn], ids=str)
def test_a_buffer_that_no_file_could_hold_is_named(kind: torch.dtype) -> None:
    model = nn.Linear(3, 3)
    model.register_buffer("scale", torch.zeros(2).to(kind))
    with pytest.raises(ValueError, match=rf"^model: .*'scale' is of {kind}; register it with pers"):
        whole_state(model)
    model.register_buffer("scale", torch.zeros(2).to(kind), persistent=False)
    assert set(whole_state(model)) == {"weight", "bias"}
