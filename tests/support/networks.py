"""Networks with every kind of layer, and every use of one, over which Ω is tested."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune

import mas_edu as me

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


def conv(dimensions: int, **settings: object) -> nn.Sequential:
    kind = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dimensions]
    return nn.Sequential(kind(4, 6, 3, **settings), nn.Tanh(), nn.Flatten(), nn.LazyLinear(3))


def conv_settings() -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]]:
    """Stride, padding in all its modes, dilation and groups, in one, two and three dimensions."""
    table = {}
    for d in (1, 2, 3):
        shape = (4, *(6, 5, 7)[:d])
        for stride, dilation, groups in itertools.product((1, 2), (1, 2), (1, 2)):
            settings = {"stride": stride, "dilation": dilation, "groups": groups, "padding": 1}
            key = f"conv{d}d stride {stride} dilation {dilation} groups {groups}"
            table[key] = (lambda d=d, s=settings: conv(d, **s)), shape
        for mode in ("zeros", "reflect", "replicate", "circular"):
            settings = {"padding_mode": mode, "padding": 2, "bias": False}
            table[f"conv{d}d padding {mode}"] = (lambda d=d, s=settings: conv(d, **s)), shape
            same = {"padding_mode": mode, "padding": "same", "dilation": 2}
            table[f"conv{d}d same {mode}"] = (lambda d=d, s=same: conv(d, **s)), shape
        table[f"conv{d}d valid"] = (lambda d=d: conv(d, padding="valid")), shape
    return table


def uneven() -> nn.Module:
    conv = nn.Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(0, 2), dilation=(2, 1))
    return nn.Sequential(conv, nn.Flatten(), nn.LazyLinear(3))


def even_kernel_same() -> nn.Module:
    """An even kernel pads one more on the right than on the left."""
    return nn.Sequential(nn.Conv1d(2, 3, 4, padding="same"), nn.Flatten(), nn.LazyLinear(3))


def normed(norm: nn.Module, *shape: int) -> nn.Module:
    for buffer in norm.buffers():
        if buffer.is_floating_point():
            nn.init.uniform_(buffer, 0.5, 1.5)
    for weight in norm.parameters():
        nn.init.uniform_(weight, -1.5, 1.5)
    before = nn.Conv2d(2, 4, 3) if len(shape) == 3 else nn.Linear(5, 4)
    return nn.Sequential(before, norm, nn.ReLU(), nn.Flatten(), nn.LazyLinear(3))


def tied() -> nn.Module:
    model = nn.Sequential(nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5), nn.Linear(5, 3))
    model[2].weight = model[0].weight
    return model


def two_names() -> nn.Module:
    """One layer in two places: a module of two names, not two modules with one weight."""
    layer = nn.Linear(5, 5)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(5, 3))


def old_style(change: Callable[[nn.Module], object]) -> nn.Module:
    """A layer whose weight is made again before each call, and kept as a plain attribute."""
    model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
    change(model[0])
    return model


def replaced(change: Callable[[Tensor], Tensor]) -> nn.Module:
    """A layer with another `forward` in place of its own."""
    model = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 3))
    whole = model[0].forward
    model[0].forward = lambda x: whole(change(x))
    return model


def attention(m: Apply, x: Tensor) -> Tensor:
    return m.out(F.scaled_dot_product_attention(m.q(x), m.k(x), m.v(x)).mean(1))


def recurrent_then_by_the_batch(m: Apply, x: Tensor) -> Tensor:
    return m.out(m.gru(x)[0][:, -1]) * (2 if x.sum() > 0 else 1)


def share(model: nn.Module, first: str, second: str, part: str) -> nn.Module:
    setattr(model.get_submodule(second), part, getattr(model.get_submodule(first), part))
    return model


def hooked() -> nn.Module:
    model = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    model[0].register_forward_hook(lambda _m, _x, y: y.square())
    model[1].register_forward_pre_hook(lambda _m, x: (x[0] + 1,))
    return model


def frozen(model: nn.Module, *names: str) -> nn.Module:
    for name in names:
        model.get_parameter(name).requires_grad_(False)
    return model


def lstm(batch_first: bool) -> nn.Module:
    def run(m: Apply, x: Tensor) -> Tensor:
        states = m.lstm(x if batch_first else x.transpose(0, 1))[0]
        return m.out(states[:, -1] if batch_first else states[-1])

    return Apply(run, lstm=nn.LSTM(5, 4, batch_first=batch_first), out=nn.Linear(4, 3))


def transformer(batch_first: bool) -> nn.Module:
    def run(m: Apply, x: Tensor) -> Tensor:
        states = m.block(x if batch_first else x.transpose(0, 1))
        return m.out(states.mean(1 if batch_first else 0))

    block = nn.TransformerEncoderLayer(6, 2, 8, batch_first=batch_first)
    return Apply(run, block=block, out=nn.Linear(6, 3))


def by_the_data(m: Apply, x: Tensor) -> Tensor:
    return torch.cat([m.a(row) if row.sum() > 0 else m.b(row) for row in x.split(1)])


FLOATS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "linear": (lambda: nn.Linear(5, 3), (5,)),
    "linear without bias": (lambda: nn.Linear(5, 3, bias=False), (5,)),
    "linear along a sequence": (
        lambda: Apply(lambda m, x: m.a(3 * x).sin().mean(1), a=nn.Linear(5, 3)),
        (4, 5),
    ),
    "linear with two extra dimensions": (
        lambda: Apply(lambda m, x: m.a(3 * x).sin().mean((1, 2)), a=nn.Linear(5, 3)),
        (4, 2, 5),
    ),
    "linear along a sequence that comes first": (
        lambda: Apply(lambda m, x: m.a(3 * x.transpose(0, 1)).sin().mean(0), a=nn.Linear(5, 3)),
        (4, 5),
    ),
    "…as long as the batch on trial": (
        lambda: Apply(lambda m, x: m.a(3 * x.transpose(0, 1)).sin().mean(0), a=nn.Linear(5, 3)),
        (3, 5),
    ),
    "…as long as the batch": (
        lambda: Apply(lambda m, x: m.a(3 * x.transpose(0, 1)).sin().mean(0), a=nn.Linear(5, 3)),
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
        lambda: frozen(me.mlp([5, 4, 3]), "hidden1.weight", "hidden1.bias"),
        (5,),
    ),
    "a bias frozen": (lambda: frozen(me.mlp([5, 4, 3]), "hidden1.bias"), (5,)),
    "a weight frozen": (lambda: frozen(me.mlp([5, 4, 3]), "output.weight"), (5,)),
    "uneven convolution": (uneven, (2, 6, 7)),
    "even kernel, same": (even_kernel_same, (2, 7)),
    "transposed convolution": (
        lambda: nn.Sequential(nn.ConvTranspose1d(2, 3, 3), nn.Flatten(), nn.LazyLinear(3)),
        (2, 5),
    ),
    "batch norm": (lambda: normed(nn.BatchNorm1d(4), 5), (5,)),
    "batch norm of images": (lambda: normed(nn.BatchNorm2d(4), 2, 5, 5), (2, 5, 5)),
    "batch norm without running statistics": (
        lambda: normed(nn.BatchNorm2d(4, track_running_stats=False), 2, 5, 5),
        (2, 5, 5),
    ),
    "layer norm": (lambda: normed(nn.LayerNorm(4), 5), (5,)),
    "group norm": (lambda: normed(nn.GroupNorm(2, 4), 2, 5, 5), (2, 5, 5)),
    "instance norm": (lambda: normed(nn.InstanceNorm2d(4, affine=True), 2, 5, 5), (2, 5, 5)),
    "prelu": (lambda: nn.Sequential(nn.Linear(5, 4), nn.PReLU(4), nn.Linear(4, 3)), (5,)),
    "a layer called twice": (
        lambda: Apply(lambda m, x: m.b(m.a(m.a(x).relu())), a=nn.Linear(5, 5), b=nn.Linear(5, 3)),
        (5,),
    ),
    "tied weights": (tied, (5,)),
    "one layer under two names": (two_names, (5,)),
    "a bias shared by two layers": (
        lambda: share(me.mlp([5, 4, 4, 3]), "hidden1", "hidden2", "bias"),
        (5,),
    ),
    "old-style weight norm": (lambda: old_style(torch.nn.utils.weight_norm), (5,)),
    "old-style spectral norm": (lambda: old_style(torch.nn.utils.spectral_norm), (5,)),
    "pruned": (lambda: old_style(lambda m: prune.l1_unstructured(m, "weight", 0.4)), (5,)),
    "another forward in place of its own": (lambda: replaced(torch.sin), (5,)),
    "a hook on a weight": (
        lambda: old_style(lambda m: m.weight.register_hook(lambda g: 2 * g)),
        (5,),
    ),
    "attention by hand": (
        lambda: Apply(attention, **{name: nn.Linear(6, 6) for name in "qkv"}, out=nn.Linear(6, 3)),
        (4, 6),
    ),
    "words that count for nothing": (
        lambda: Apply(
            lambda m, x: m.out(m.words((4 * x).abs().long()).mean(1)),
            words=nn.Embedding(30, 4, padding_idx=0),
            out=nn.Linear(4, 3),
        ),
        (6,),
    ),
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
        lambda: frozen(
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
    "hooks that change inputs and outputs": (hooked, (5,)),
    "lstm": (lambda: lstm(True), (4, 5)),
    "lstm, sequence first": (lambda: lstm(False), (4, 5)),
    "transformer": (lambda: transformer(True), (4, 6)),
    "transformer, sequence first": (lambda: transformer(False), (4, 6)),
    "a way that depends on the data": (
        lambda: Apply(by_the_data, a=nn.Linear(5, 3), b=nn.Linear(5, 3)),
        (5,),
    ),
    "a way that depends on the batch": (
        lambda: Apply(
            lambda m, x: m.a(x) if x.sum() > 0 else m.b(x), a=nn.Linear(5, 3), b=nn.Linear(5, 3)
        ),
        (5,),
    ),
    "…behind a layer that vmap cannot do": (
        lambda: Apply(
            recurrent_then_by_the_batch, gru=nn.GRU(5, 4, batch_first=True), out=nn.Linear(4, 3)
        ),
        (4, 5),
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
    **conv_settings(),
}

every_net = pytest.mark.parametrize("net", FLOATS)


def make(net: str) -> tuple[nn.Module, Tensor]:
    builder, shape = FLOATS[net]
    torch.manual_seed(3)
    model, x = builder().double(), torch.randn(N, *shape, dtype=torch.float64)
    with torch.no_grad():
        model.eval()(x)  # lazy layers take their shape
    return model.train(), x
