"""The one-pass engine equals the loop over samples, for every kind of layer and every use of one.

In float64 to 1e-9 and in float32 to 1e-5, both held to the loop in float64.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.utils.data import DataLoader, TensorDataset

import mas_edu as me
from mas_edu import reference
from tests import contract, nets

N = 7


class Apply(nn.Module):
    """Any function of named layers, as a module: `Apply(lambda m, x: m.a(x), a=nn.Linear(…))`."""

    def __init__(self, function: Callable, **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


class Doubling(nn.Linear):
    """A subclass that computes something else than its parent."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(2 * x).square()


def _conv(dimensions: int, **settings: object) -> nn.Sequential:
    kind = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dimensions]
    return nn.Sequential(kind(4, 6, 3, **settings), nn.Tanh(), nn.Flatten(), nn.LazyLinear(3))


def _conv_settings() -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]]:
    """Stride, padding in all its modes, dilation and groups, in one, two and three dimensions."""
    table = {}
    for d in (1, 2, 3):
        shape = (4, *(6, 5, 7)[:d])
        for stride, dilation, groups in itertools.product((1, 2), (1, 2), (1, 2)):
            settings = {"stride": stride, "dilation": dilation, "groups": groups, "padding": 1}
            key = f"conv{d}d stride {stride} dilation {dilation} groups {groups}"
            table[key] = (lambda d=d, s=settings: _conv(d, **s)), shape
        for mode in ("zeros", "reflect", "replicate", "circular"):
            settings = {"padding_mode": mode, "padding": 2, "bias": False}
            table[f"conv{d}d padding {mode}"] = (lambda d=d, s=settings: _conv(d, **s)), shape
            same = {"padding_mode": mode, "padding": "same", "dilation": 2}
            table[f"conv{d}d same {mode}"] = (lambda d=d, s=same: _conv(d, **s)), shape
        table[f"conv{d}d valid"] = (lambda d=d: _conv(d, padding="valid")), shape
    return table


def _uneven() -> nn.Module:
    conv = nn.Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(0, 2), dilation=(2, 1))
    return nn.Sequential(conv, nn.Flatten(), nn.LazyLinear(3))


def _even_kernel_same() -> nn.Module:
    """An even kernel pads one more on the right than on the left."""
    return nn.Sequential(nn.Conv1d(2, 3, 4, padding="same"), nn.Flatten(), nn.LazyLinear(3))


def _normed(norm: nn.Module, *shape: int) -> nn.Module:
    for buffer in norm.buffers():
        if buffer.is_floating_point():
            nn.init.uniform_(buffer, 0.5, 1.5)
    for weight in norm.parameters():
        nn.init.uniform_(weight, -1.5, 1.5)
    before = nn.Conv2d(2, 4, 3) if len(shape) == 3 else nn.Linear(5, 4)
    return nn.Sequential(before, norm, nn.ReLU(), nn.Flatten(), nn.LazyLinear(3))


def _tied() -> nn.Module:
    model = nn.Sequential(nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5), nn.Linear(5, 3))
    model[2].weight = model[0].weight
    return model


def _hooked() -> nn.Module:
    model = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    model[0].register_forward_hook(lambda _m, _x, y: y.square())
    model[1].register_forward_pre_hook(lambda _m, x: (x[0] + 1,))
    return model


def _frozen(model: nn.Module, *names: str) -> nn.Module:
    for name in names:
        model.get_parameter(name).requires_grad_(False)
    return model


def _lstm(batch_first: bool) -> nn.Module:
    def run(m: Apply, x: Tensor) -> Tensor:
        states = m.lstm(x if batch_first else x.transpose(0, 1))[0]
        return m.out(states[:, -1] if batch_first else states[-1])

    return Apply(run, lstm=nn.LSTM(5, 4, batch_first=batch_first), out=nn.Linear(4, 3))


def _transformer(batch_first: bool) -> nn.Module:
    def run(m: Apply, x: Tensor) -> Tensor:
        states = m.block(x if batch_first else x.transpose(0, 1))
        return m.out(states.mean(1 if batch_first else 0))

    block = nn.TransformerEncoderLayer(6, 2, 8, batch_first=batch_first)
    return Apply(run, block=block, out=nn.Linear(6, 3))


def _by_the_data(m: Apply, x: Tensor) -> Tensor:
    return torch.cat([m.a(row) if row.sum() > 0 else m.b(row) for row in x.split(1)])


FLOATS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "linear": (lambda: nn.Linear(5, 3), (5,)),
    "linear without bias": (lambda: nn.Linear(5, 3, bias=False), (5,)),
    "linear along a sequence": (
        lambda: Apply(lambda m, x: m.a(x).tanh().mean(1), a=nn.Linear(5, 3)),
        (4, 5),
    ),
    "linear with two extra dimensions": (
        lambda: Apply(lambda m, x: m.a(x).tanh().mean((1, 2)), a=nn.Linear(5, 3)),
        (4, 2, 5),
    ),
    "linear along a sequence that comes first": (
        lambda: Apply(lambda m, x: m.a(x.transpose(0, 1)).tanh().mean(0), a=nn.Linear(5, 3)),
        (4, 5),
    ),
    "…as long as the batch on trial": (
        lambda: Apply(lambda m, x: m.a(x.transpose(0, 1)).tanh().mean(0), a=nn.Linear(5, 3)),
        (3, 5),
    ),
    "…as long as the batch": (
        lambda: Apply(lambda m, x: m.a(x.transpose(0, 1)).tanh().mean(0), a=nn.Linear(5, 3)),
        (N, 5),
    ),
    "samples and positions in one dimension": (
        lambda: Apply(
            lambda m, x: m.a(x.flatten(0, 1)).unflatten(0, (len(x), -1)).tanh().sum(1),
            a=nn.Linear(5, 3),
        ),
        (4, 5),
    ),
    "a linear layer frozen in front": (
        lambda: _frozen(me.mlp([5, 4, 3]), "hidden1.weight", "hidden1.bias"),
        (5,),
    ),
    "a bias frozen": (lambda: _frozen(me.mlp([5, 4, 3]), "hidden1.bias"), (5,)),
    "a weight frozen": (lambda: _frozen(me.mlp([5, 4, 3]), "output.weight"), (5,)),
    "uneven convolution": (_uneven, (2, 6, 7)),
    "even kernel, same": (_even_kernel_same, (2, 7)),
    "transposed convolution": (
        lambda: nn.Sequential(nn.ConvTranspose1d(2, 3, 3), nn.Flatten(), nn.LazyLinear(3)),
        (2, 5),
    ),
    "batch norm": (lambda: _normed(nn.BatchNorm1d(4), 5), (5,)),
    "batch norm of images": (lambda: _normed(nn.BatchNorm2d(4), 2, 5, 5), (2, 5, 5)),
    "batch norm without running statistics": (
        lambda: _normed(nn.BatchNorm2d(4, track_running_stats=False), 2, 5, 5),
        (2, 5, 5),
    ),
    "layer norm": (lambda: _normed(nn.LayerNorm(4), 5), (5,)),
    "group norm": (lambda: _normed(nn.GroupNorm(2, 4), 2, 5, 5), (2, 5, 5)),
    "instance norm": (lambda: _normed(nn.InstanceNorm2d(4, affine=True), 2, 5, 5), (2, 5, 5)),
    "prelu": (lambda: nn.Sequential(nn.Linear(5, 4), nn.PReLU(4), nn.Linear(4, 3)), (5,)),
    "a layer called twice": (
        lambda: Apply(lambda m, x: m.b(m.a(m.a(x).relu())), a=nn.Linear(5, 5), b=nn.Linear(5, 3)),
        (5,),
    ),
    "tied weights": (_tied, (5,)),
    "a weight used functionally, too": (
        lambda: Apply(lambda m, x: m.a(x) + x @ m.a.weight.sin().T, a=nn.Linear(5, 3)),
        (5,),
    ),
    "a weight used functionally only": (
        lambda: Apply(lambda m, x: F.linear(x, m.a.weight, m.a.bias).tanh(), a=nn.Linear(5, 3)),
        (5,),
    ),
    "in-place relu": (
        lambda: nn.Sequential(nn.Linear(5, 4), nn.ReLU(inplace=True), nn.Linear(4, 3)),
        (5,),
    ),
    "input changed in place after its use": (
        lambda: _frozen(
            Apply(
                lambda m, x: m.c(m.a(h := x * 1.0) + m.b(h.mul_(3.0))),
                a=nn.Linear(5, 4),
                b=nn.Linear(5, 4),
                c=nn.Linear(4, 3),
            ),
            "a.weight",
        ),
        (5,),
    ),
    "residual": (
        lambda: Apply(lambda m, x: m.b(x + m.a(x).relu()), a=nn.Linear(5, 5), b=nn.Linear(5, 3)),
        (5,),
    ),
    "subclassed linear": (lambda: nn.Sequential(Doubling(5, 4), nn.Linear(4, 3)), (5,)),
    "weight norm": (
        lambda: nn.Sequential(parametrizations.weight_norm(nn.Linear(5, 4)), nn.Linear(4, 3)),
        (5,),
    ),
    "spectral norm": (
        lambda: nn.Sequential(parametrizations.spectral_norm(nn.Linear(5, 4)), nn.Linear(4, 3)),
        (5,),
    ),
    "weight norm of a convolution": (
        lambda: nn.Sequential(
            parametrizations.weight_norm(nn.Conv1d(2, 3, 3)), nn.Flatten(), nn.LazyLinear(3)
        ),
        (2, 6),
    ),
    "hooks that change inputs and outputs": (_hooked, (5,)),
    "lstm": (lambda: _lstm(True), (4, 5)),
    "lstm, sequence first": (lambda: _lstm(False), (4, 5)),
    "transformer": (lambda: _transformer(True), (4, 6)),
    "transformer, sequence first": (lambda: _transformer(False), (4, 6)),
    "a way that depends on the data": (
        lambda: Apply(_by_the_data, a=nn.Linear(5, 3), b=nn.Linear(5, 3)),
        (5,),
    ),
    "a way that depends on the batch": (
        lambda: Apply(
            lambda m, x: m.a(x) if x.sum() > 0 else m.b(x), a=nn.Linear(5, 3), b=nn.Linear(5, 3)
        ),
        (5,),
    ),
    "an unused layer": (
        lambda: Apply(lambda m, x: m.a(x), a=nn.Linear(5, 3), b=nn.Linear(5, 3)),
        (5,),
    ),
    "a layer whose output is thrown away": (
        lambda: Apply(lambda m, x: (m.b(x), m.a(x))[1], a=nn.Linear(5, 3), b=nn.Linear(5, 3)),
        (5,),
    ),
    "a layer under no_grad": (
        lambda: Apply(
            lambda m, x: m.a(torch.no_grad()(m.b)(x)), a=nn.Linear(5, 3), b=nn.Linear(5, 5)
        ),
        (5,),
    ),
    "a layer in a keyword": (
        lambda: Apply(lambda m, x: m.a(input=x), a=nn.Linear(5, 3)),
        (5,),
    ),
    "a dropout in train()": (
        lambda: nn.Sequential(nn.Linear(5, 4), nn.Dropout(), nn.Linear(4, 3)),
        (5,),
    ),
    "one output": (lambda: nn.Linear(5, 1), (5,)),
    **_conv_settings(),
}

every_net = pytest.mark.parametrize("net", FLOATS)


def _make(net: str) -> tuple[nn.Module, Tensor]:
    builder, shape = FLOATS[net]
    torch.manual_seed(3)
    model, x = builder().double(), torch.randn(N, *shape, dtype=torch.float64)
    with torch.no_grad():
        model.eval()(x)  # lazy layers take their shape
    return model.train(), x


@pytest.fixture(autouse=True)
def _lazy_is_fine(recwarn: pytest.WarningsRecorder) -> None:
    """Lazy layers save writing shapes here; that they are new is not the point."""
    import warnings

    warnings.filterwarnings("ignore", message="Lazy modules are a new feature")
    warnings.filterwarnings("ignore", message="Using padding='same'")


@every_net
def test_float64(net: str) -> None:
    model, x = _make(net)
    expected = reference.mas(model, x)
    with contract.left_as_it_was(model):
        found = me.mas(model, x)
    contract.assert_close(found, expected, 1e-9)


@every_net
def test_float32(net: str) -> None:
    model, x = _make(net)
    expected = reference.mas(model, x)
    contract.assert_close(me.mas(model.float(), x), expected, 1e-5)


@every_net
def test_batch_by_batch(net: str) -> None:
    model, x = _make(net)
    contract.assert_close(me.mas(model, x.split(4)), reference.mas(model, x), 1e-9)
