"""What every importance must fulfil; tests run these checks over importances and networks."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.data import Task
from mas_edu.methods import Anchor, Method
from mas_edu.networks import Params, flatten, trainable

Importance = Callable[..., Params]


def assert_close(found: Params, expected: Params, tolerance: float = 1e-9) -> None:
    """Check that names are equal, and values up to `tolerance` of the largest in each tensor.

    The scale is at least a hundredth of the largest Ω of the network: the Ω of a bias before a
    norm layer is nothing but rounding.
    """
    assert list(found) == list(expected)
    least = max(float(value.abs().max()) for value in expected.values()) / 100
    for name, value in expected.items():
        scale = max(float(value.abs().max()), least) or 1.0
        error = float((found[name].double() - value.double()).abs().max()) / scale
        assert error <= tolerance, f"{name}: {error:.3g} > {tolerance:.3g}"


def assert_is_importance(omega: Params, model: nn.Module) -> None:
    """Check names, shapes and types; all finite, none negative, not all zero."""
    weights = trainable(model)
    assert list(omega) == list(weights)
    for name, value in omega.items():
        assert value.shape == weights[name].shape
        assert value.dtype == weights[name].dtype
        assert not value.requires_grad
        assert bool(torch.isfinite(value).all())
        assert bool((value >= 0).all())
    assert any(bool(value.any()) for value in omega.values())


def held(method: Method, model: nn.Module, task: Task, anchor: Anchor | None = None) -> Anchor:
    """Return the method's anchor; one that needs a trace is told of a few updates that end here."""
    if not method.needs_trace:
        found = method.after_task(model, task, anchor)
    else:
        end, draw = flatten(trainable(model)).clone(), torch.Generator().manual_seed(1)
        moves = torch.randn(5, len(end), generator=draw).to(end) / 10
        trace = method.start(end - moves.sum(0), anchor)
        for move in moves:
            gradient = torch.randn(len(end), generator=draw).to(end) - move
            method.after_step(trace, gradient, move)
        found = method.after_task(model, task, anchor, trace)
    assert found is not None
    return found


def assert_batch_size_invariant(importance: Importance, model: nn.Module, x: Tensor) -> None:
    """Check that Ω is the same however the samples are cut into batches."""
    whole = importance(model, x)
    for size in (1, 4, len(x)):
        assert_close(importance(model, x.split(size)), whole)


def assert_order_invariant(importance: Importance, model: nn.Module, x: Tensor) -> None:
    assert_close(importance(model, x.flip(0)), importance(model, x))


def assert_duplication_invariant(importance: Importance, model: nn.Module, x: Tensor) -> None:
    assert_close(importance(model, torch.cat([x, x])), importance(model, x))


def assert_mergeable(importance: Importance, model: nn.Module, x: Tensor, cut: int) -> None:
    """Check N1·Ω(D1) + N2·Ω(D2) = (N1 + N2)·Ω(D1 ∪ D2)."""
    first, second, both = (importance(model, part) for part in (x[:cut], x[cut:], x))
    merged = {name: (cut * first[name] + (len(x) - cut) * second[name]) / len(x) for name in both}
    assert_close(merged, both)


def assert_scales_with_the_square(
    importance: Importance, model: nn.Module, x: Tensor, factor: float
) -> None:
    """Check that Ω of the layers before the last scales by c² when the last is multiplied by c."""
    before = importance(model, x)
    louder = copy.deepcopy(model)
    last = list(louder.children())[-1]
    with torch.no_grad():
        for weight in last.parameters():
            weight.mul_(factor)
    after = importance(louder, x)
    inner = [name for name in before if name not in _names_of_last(model)]
    assert inner
    for name in inner:
        torch.testing.assert_close(after[name], factor**2 * before[name], rtol=1e-9, atol=1e-12)


def _names_of_last(model: nn.Module) -> set[str]:
    name, last = list(model.named_children())[-1]
    return {f"{name}.{part}" for part, _ in last.named_parameters()}


@contextmanager
def left_as_it_was(model: nn.Module) -> Iterator[None]:
    """Check that the block leaves weights, `.grad`, buffers, mode and hooks as they were."""
    before = _state(model)
    yield
    after = _state(model)
    assert before.keys() == after.keys()
    for key, value in before.items():
        if isinstance(value, Tensor):
            torch.testing.assert_close(after[key], value, rtol=0, atol=0, equal_nan=True, msg=key)
        else:
            assert value == after[key], f"{key} has changed"


def _state(model: nn.Module) -> dict[str, object]:
    state: dict[str, object] = {}
    for name, module in model.named_modules():
        state[f"{name} training"] = module.training
        state[f"{name} hooks"] = (
            len(module._forward_hooks),
            len(module._forward_pre_hooks),
            len(module._backward_hooks),
        )
        loose = {key: id(value) for key, value in vars(module).items() if isinstance(value, Tensor)}
        state[f"{name} other tensors"] = loose
    for name, weight in model.named_parameters(remove_duplicate=False):
        state[f"{name} identity"] = id(weight)
        state[f"{name} value"] = weight.detach().clone()
        state[f"{name} needs gradient"] = weight.requires_grad
        state[f"{name} grad"] = None if weight.grad is None else weight.grad.clone()
    for name, buffer in model.named_buffers():
        state[f"{name} buffer"] = buffer.clone()
    return state


@contextmanager
def world_untouched() -> Iterator[None]:
    """Check that the block leaves random states, threads, default type and gradient mode alone."""
    before = _world()
    yield
    for name, (mine, theirs) in {k: (v, _world()[k]) for k, v in before.items()}.items():
        same = torch.equal(mine, theirs) if isinstance(mine, Tensor) else mine == theirs
        assert same, f"{name} has changed"


def _world() -> dict[str, object]:
    kind, keys, position, *rest = np.random.get_state()  # noqa: NPY002  (the global one is meant)
    return {
        "torch's random state": torch.get_rng_state(),
        "numpy's random state": (kind, keys.tolist(), position, *rest),
        "python's random state": random.getstate(),
        "thread count": torch.get_num_threads(),
        "default dtype": torch.get_default_dtype(),
        "gradient mode": torch.is_grad_enabled(),
        "deterministic mode": torch.are_deterministic_algorithms_enabled(),
    }
