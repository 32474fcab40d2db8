"""The two example networks: their shapes, and weights that only the seed decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.networks import flatten
from tests.support import contract

MAKERS: dict[str, Callable[[int], nn.Module]] = {
    "mlp": lambda seed: me.mlp([16, 5, 3], seed=seed),
    "cnn": lambda seed: me.cnn((1, 4, 4), 3, channels=(2,), seed=seed),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every_maker
def test_the_seed_decides_the_weights(make: Callable[[int], nn.Module]) -> None:
    with contract.world_untouched():
        first, again, other = (flatten(me.snapshot(make(seed))) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@every_maker
def test_flat_inputs_and_images_give_the_same_logits(make: Callable[[int], nn.Module]) -> None:
    x = torch.randn(6, 1, 4, 4)
    model = make(0)
    assert model(x).shape == (6, 3)
    assert torch.equal(model(x), model(x.flatten(1)))


@every_maker
def test_weights_are_within_the_bounds_of_pytorch(make: Callable[[int], nn.Module]) -> None:
    for layer in make(0):  # type: ignore[attr-defined]
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = layer.weight[0].numel() ** -0.5
            assert float(layer.weight.detach().abs().max()) <= bound
            assert float(layer.bias.detach().abs().max()) <= bound


def test_the_last_layer_has_no_activation() -> None:
    names = [name for name, _ in me.mlp([4, 3, 3, 2]).named_children()]
    assert names == ["flat", "hidden1", "relu1", "hidden2", "relu2", "output"]


def test_images_with_channels_last_are_refused() -> None:
    """Reshaped, they would be other images."""
    net, x = me.cnn((3, 8, 8), 10, channels=(2,)), torch.rand(5, 3, 8, 8)
    last = x.permute(0, 2, 3, 1)
    for call in (lambda: me.mas(net, last), lambda: me.mas(net, last.numpy())):
        with pytest.raises(
            ValueError, match=r"its channels come last: give x.permute\(0, 3, 1, 2\)"
        ):
            call()
    assert torch.equal(net(x), net(x.flatten(1)))
    grey = me.cnn((1, 8, 8), 10, channels=(2,))
    assert torch.equal(grey(x[:, :1]), grey(x[:, 0, :, :, None]))  # the same numbers in order
