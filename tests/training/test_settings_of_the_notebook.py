"""What people switch at the top of a notebook: the same results, and their setting stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

import mas_edu as me
from mas_edu.methods import METHODS as METHOD_CLASSES
from tests.support.items import Items

SHORT = me.Schedule(steps=5, evaluations=1)


@contextmanager
def no_gradients() -> Iterator[None]:
    torch.set_grad_enabled(False)
    try:
        yield
    finally:
        torch.set_grad_enabled(True)


@contextmanager
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def another_device() -> Iterator[None]:
    """The device meta stands for a GPU: whatever is made there by mistake has no numbers."""
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


SETTINGS = {
    "no gradients": no_gradients,
    "inference": torch.inference_mode,
    "autocast": partial(torch.autocast, "cpu", torch.bfloat16),
    "double": double,
    "another device": another_device,
}
every_setting = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


def normed(seed: int = 0) -> nn.Module:
    """Return a network that is trained by autograd, on the CPU and in float32."""
    with torch.device("cpu"):
        net = nn.Sequential(nn.LayerNorm(64), me.mlp([64, 6, 10], seed)).float()
    net.load_state_dict(me.mlp([64, 6, 10], seed).state_dict(), strict=False)
    return net


def sums(stream: me.Stream) -> list[float]:
    weights = torch.arange(stream.features, device="cpu") + 1.0
    return [float((task.x.double() @ weights.double()).sum()) for task in stream]


def make_streams() -> list[me.Stream]:
    x, y = np.linspace(0, 1, 160).reshape(40, 4), [0, 1] * 20
    return [
        me.rotated("digits", 2, samples=40),
        me.permuted("digits", 2, samples=40),
        me.split("digits", 2, samples=40),
        me.stream([(x, y), (1 - x, np.array(y) + 2)], scenario="domain"),
    ]


@every_setting
def test_streams_are_the_same(setting: Any) -> None:
    expected = make_streams()
    with setting():
        found = make_streams()
    for one, other in zip(found, expected, strict=True):
        assert sums(one) == sums(other)
        for task, theirs in zip(one, other, strict=True):
            assert torch.equal(task.x.clone(), theirs.x)
            assert torch.equal(task.y_test.clone(), theirs.y_test)


@every_setting
def test_networks_are_the_same(setting: Any) -> None:
    for make in (lambda: me.mlp([4, 3, 2]), lambda: me.cnn((1, 8, 8), 10)):
        expected = make()
        with setting():
            found = make()
        for one, other in zip(found.parameters(), expected.parameters(), strict=True):
            assert torch.equal(one.float(), other)


def curves(digits: me.Stream) -> list[Any]:
    """Return what each kind of training makes, with and without a network that is given."""
    quiet: dict[str, Any] = {"schedule": SHORT, "progress": False}
    runs = [
        me.learn(digits, me.L2(), **quiet),
        me.learn(digits, me.SI(), model=normed, **quiet),
        me.learn(digits, me.FineTune(), model=normed, **quiet),
        *me.sweep(digits, me.L2(), [0, 1], [0], **quiet),
        *me.sweep(digits, me.L2(), [0, 1], [0], model=normed, **quiet),
    ]
    with torch.inference_mode(False):
        net = normed()
    me.fit(net, digits[0], SHORT)
    return [*(run.curve for run in runs), me.accuracies(net, list(digits))]


@every_setting
def test_runs_are_the_same(setting: Any, digits: me.Stream) -> None:
    expected = curves(digits)
    with setting():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        found = curves(digits)
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == before
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=0.006)  # two samples: digits in double


METHODS = [method() for method in METHOD_CLASSES.values() if method.penalised]
METHODS += [me.EWC(kind="sampled"), me.EWC(kind="empirical"), me.SCP(slices=3)]


@every_setting
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_omega_of_every_method_is_the_same(
    setting: Any, method: me.Method, digits: me.Stream
) -> None:
    expected = me.learn(digits, method, schedule=SHORT, progress=False).omegas
    with setting():
        found = me.learn(digits, method, schedule=SHORT, progress=False).omegas
    for one, other in zip(found, expected, strict=True):
        for name, values in other.items():
            largest = float(values.max())
            assert torch.allclose(one[name].float(), values, rtol=1e-2, atol=1e-3 * largest)


@pytest.mark.parametrize("model", [None, normed])
def test_a_paused_run_leaves_the_mode_to_the_caller(model: Any, digits: me.Stream) -> None:
    with torch.no_grad():
        run = me.Training(digits, me.L2(), schedule=SHORT, model=model)
        for _ in run:
            assert not torch.is_grad_enabled()
    with torch.inference_mode():
        run = me.Training(digits, me.L2(), schedule=SHORT, model=model)
        next(iter(run))
    assert all(not weight.is_inference() for weight in run.model.parameters())


@every_setting
def test_a_dataset_is_read_on_the_cpu(setting: Any) -> None:
    x = torch.rand(10, 4)
    for items in (TensorDataset(x), [(row.numpy(), None) for row in x]):
        with setting():
            data = items if isinstance(items, TensorDataset) else Items(items)
            found = me.MAS(data=data).data.x
        assert torch.equal(found.clone(), x)


def test_autocast_changes_neither_accuracies_nor_slices(digits: me.Stream) -> None:
    net, x = normed(), digits[0].x[:20]
    expected, slices = me.accuracies(net, digits), me.scp(net, x)
    with torch.autocast("cpu", torch.bfloat16):
        found, other = me.accuracies(net, digits), me.scp(net, x)
    assert found.tolist() == expected.tolist()
    assert all(torch.equal(other[name], slices[name]) for name in slices)
