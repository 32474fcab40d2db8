"""What a run starts from: its network, and the anchor that was given."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import nn

from mas_edu._common import as_instance
from mas_edu.methods import Anchor, check_same_weights
from mas_edu.networks import as_module, trainable


def starting_model(model: nn.Module | Callable[[int], nn.Module], seed: int) -> nn.Module:
    """Return a copy of the network, or what the function makes from the seed.

    >>> net = nn.Linear(3, 2)
    >>> starting_model(net, 0) is net
    False
    """
    if callable(model) and not isinstance(model, nn.Module):
        with torch.random.fork_rng():
            torch.manual_seed(seed)  # the same each time, also where the seed is not used
            return copy.deepcopy(as_module(model(seed)))
    return copy.deepcopy(as_module(model))


def starting_anchor(anchor: Anchor, model: nn.Module) -> Anchor:
    """Return the anchor on the device and in the float type of the model's weights.

    Raises:
        ValueError: if it does not fit the model.
    """
    as_instance("anchor", anchor, Anchor, "me.Anchor(me.snapshot(model), omega)")
    weights = trainable(model)
    check_same_weights("anchor", anchor.theta, "model", dict(weights))
    theta, omega = (
        {name: own[name].to(weight) for name, weight in weights.items()}
        for own in (anchor.theta, anchor.omega)
    )
    return Anchor(theta, omega, anchor.memory)
