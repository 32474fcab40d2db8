"""The start of a run: its network, and the anchor that was given."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakSet

from torch import nn

from mas_edu._common import as_instance, first_line, short_repr
from mas_edu.methods import Anchor, check_same_weights
from mas_edu.networks import as_module, call_own_train, check_own_memory, seeded, trainable

_made: WeakSet[nn.Module] = WeakSet()  # by functions, for runs that may still be there


def starting_model(model: nn.Module | Callable[[int], nn.Module], seed: int) -> nn.Module:
    """Return a copy of the network, or what the function makes from the seed, not copied.

    Raises:
        ValueError: if a copy would not be the same network, or the function makes no new one.

    >>> net = nn.Linear(3, 2)
    >>> starting_model(net, 0) is net
    False
    """
    if isinstance(model, nn.Module) or not callable(model):
        copied = _copy(as_module(model))
        call_own_train(copied)
        return copied
    with seeded(seed):  # the same each time, also where the seed is not used
        made = _make(model, seed)
    if made in _made:
        raise ValueError(
            "model: expected a function that makes a new network each time, got one that returned "
            "the same network again; make it inside the function, or give the network itself"
        )
    _made.add(made)
    call_own_train(made)
    return made


def _make(model: Callable[[int], nn.Module], seed: int) -> nn.Module:
    """Return what the function makes; a class of networks often takes something else."""
    reason: TypeError | None = None
    try:
        with suppress(ValueError):  # something built in has no signature
            inspect.signature(model).bind(seed)
    except TypeError as error:
        reason = error
    if reason is None:
        try:
            return as_module(model(seed))
        except TypeError as error:
            if not isinstance(model, type):
                raise  # a mistake inside a function of the user's
            reason = error
    name = getattr(model, "__name__", "make_net")
    raise ValueError(
        f"model: expected a network, or a function that makes one from a seed, got "
        f"{short_repr(model)} ({first_line(reason)}); give model=lambda seed: {name}(…)"
    ) from reason


def _copy(model: nn.Module) -> nn.Module:
    cure = "give a function that makes the network instead, such as model=lambda seed: make_net()"
    if hooked := gradient_hooks(model):
        raise ValueError(
            "model: expected a network that can be copied, found that a copy would lose the "
            f"gradient hook of {hooked[0]!r}; {cure}"
        )
    check_own_memory(model)
    try:
        return copy.deepcopy(model)
    except Exception as error:  # whatever its parts may raise
        raise ValueError(
            "model: expected a network that can be copied, got one that cannot "
            f"({first_line(error)}); {cure}"
        ) from error


def gradient_hooks(model: nn.Module, recurse: bool = True) -> list[str]:
    """Return the names of the weights with hooks on their gradient, which a copy loses.

    `recurse`: whether to look at the weights of the modules in it, too.
    """
    kinds = "_backward_hooks", "_post_accumulate_grad_hooks"
    return [
        name
        for name, weight in model.named_parameters(recurse=recurse)
        if any(getattr(weight, kind, None) for kind in kinds)
    ]


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
