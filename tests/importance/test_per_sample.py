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
from torch.nn.utils import parametrizations, prune
from torch.utils.data import DataLoader, TensorDataset

import mas_edu as me
from mas_edu.importance import reference
from tests.support import contract, nets

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


def _two_names() -> nn.Module:
    """One layer in two places: a module of two names, not two modules with one weight."""
    layer = nn.Linear(5, 5)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(5, 3))


def _old_style(change: Callable[[nn.Module], object]) -> nn.Module:
    """A layer whose weight is made anew before each call, and kept as a plain attribute."""
    model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
    change(model[0])
    return model


def _replaced(change: Callable[[Tensor], Tensor]) -> nn.Module:
    """A layer with another `forward` in place of its own."""
    model = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 3))
    whole = model[0].forward
    model[0].forward = lambda x: whole(change(x))
    return model


def _attention(m: Apply, x: Tensor) -> Tensor:
    return m.out(F.scaled_dot_product_attention(m.q(x), m.k(x), m.v(x)).mean(1))


def _recurrent_then_by_the_batch(m: Apply, x: Tensor) -> Tensor:
    return m.out(m.gru(x)[0][:, -1]) * (2 if x.sum() > 0 else 1)


def _share(model: nn.Module, first: str, second: str, part: str) -> nn.Module:
    setattr(model.get_submodule(second), part, getattr(model.get_submodule(first), part))
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
    "one layer under two names": (_two_names, (5,)),
    "a bias shared by two layers": (
        lambda: _share(me.mlp([5, 4, 4, 3]), "hidden1", "hidden2", "bias"),
        (5,),
    ),
    "old-style weight norm": (lambda: _old_style(torch.nn.utils.weight_norm), (5,)),
    "old-style spectral norm": (lambda: _old_style(torch.nn.utils.spectral_norm), (5,)),
    "pruned": (lambda: _old_style(lambda m: prune.l1_unstructured(m, "weight", 0.4)), (5,)),
    "another forward in place of its own": (lambda: _replaced(torch.sin), (5,)),
    "a hook on a weight": (
        lambda: _old_style(lambda m: m.weight.register_hook(lambda g: 2 * g)),
        (5,),
    ),
    "attention by hand": (
        lambda: Apply(_attention, **{name: nn.Linear(6, 6) for name in "qkv"}, out=nn.Linear(6, 3)),
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
    "…behind a layer that vmap cannot do": (
        lambda: Apply(
            _recurrent_then_by_the_batch, gru=nn.GRU(5, 4, batch_first=True), out=nn.Linear(4, 3)
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


pytestmark = [
    pytest.mark.filterwarnings("ignore:Lazy modules are a new feature"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:.*torch.nn.utils.weight_norm.*is deprecated"),
]


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


@pytest.mark.parametrize(
    "net", ["a way that depends on the batch", "…behind a layer that vmap cannot do"]
)
def test_samples_that_decide_together_are_taken_alone(net: str) -> None:
    """One negative sample among positive ones: alone it goes the other way."""
    model, x = _make(net)
    x = x.abs()
    x[5] *= -1
    assert set(me.explain(model, x).values()) == {"loop"}
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-12)


class DoublingFromTwo(nn.Linear):
    """Computes what its parent does, until an input is large."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(torch.where(x > 2, 2 * x, x))


LATE = {
    "a second use": Apply(
        lambda m, x: m.a(x) + (x > 2) * (x @ m.a.weight.sin().T), a=nn.Linear(5, 5)
    ),
    "a subclass": DoublingFromTwo(5, 5),
    "another forward": _replaced(lambda x: torch.where(x > 2, 2 * x, x)),
}


@pytest.mark.parametrize("name", LATE)
def test_what_cannot_be_seen_on_trial_is_not_trusted(name: str) -> None:
    """The first samples, on which a route is tried, do not show the difference."""
    model, x = LATE[name].double(), torch.rand(N, 5, dtype=torch.float64)
    x[5] += 3
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


def test_a_choice_made_on_the_host_is_noticed() -> None:
    model = Apply(lambda m, x: m.a(x) * max(x.sum().item(), 0.5), a=nn.Linear(5, 3)).double()
    x = torch.randn(N, 5, dtype=torch.float64)
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-12)


CLOSED = [
    "attention by hand",  # though the gradient of the keys' bias is nothing but rounding
    *("linear", "linear without bias", "linear along a sequence"),
    *("linear with two extra dimensions", "residual", "in-place relu", "a layer in a keyword"),
    *("uneven convolution", "even kernel, same", "a weight frozen", "one output"),
    *_conv_settings(),
]


@pytest.mark.parametrize("net", CLOSED)
def test_linear_layers_and_convolutions_take_the_fast_route(net: str) -> None:
    """A closed form that were wrong would not be trusted: Ω would be right, and slow."""
    model, x = _make(net)
    assert set(me.explain(model, x).values()) == {"closed form"}


ROUTES = {
    "a layer called twice": "vmap",
    "layer norm": "vmap",
    "subclassed linear": "vmap",
    "a way that depends on the data": "loop",
}


@pytest.mark.parametrize("net", CLOSED[:6])
def test_in_single_precision_too(net: str) -> None:
    model, x = _make(net)
    assert set(me.explain(model.float(), x).values()) == {"closed form"}


def test_weights_that_are_no_numbers_do_not_take_the_slow_route(x: Tensor) -> None:
    model = nets.build("mlp")
    nn.init.constant_(model.hidden1.weight, torch.nan)
    assert set(me.explain(model, x).values()) == {"closed form"}
    with pytest.raises(ValueError, match="is not finite"):
        me.mas(model, x)


@pytest.mark.parametrize("net", ROUTES)
def test_the_route_can_be_asked(net: str) -> None:
    model, x = _make(net)
    routes = me.explain(model, x)
    assert list(routes) == [name for name, _ in model.named_parameters()]
    assert ROUTES[net] in routes.values()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")  # PyTorch's own
def test_a_compiled_model_and_a_scripted_one() -> None:
    model, x = _make("layer norm")
    expected = reference.mas(model, x)
    compiled = torch.compile(model, backend="eager")
    found = me.mas(compiled, x)
    contract.assert_close({k.removeprefix("_orig_mod."): v for k, v in found.items()}, expected)
    contract.assert_close(me.mas(torch.jit.script(model), x), expected)


def test_an_embedding_of_words() -> None:
    """Whole numbers in: no float type to bring them to."""
    model = Apply(
        lambda m, x: m.out(m.words(x).mean(1)), words=nn.Embedding(11, 4), out=nn.Linear(4, 3)
    )
    words = torch.randint(11, (N, 6))
    expected = reference.mas(model.double(), words)
    contract.assert_close(me.mas(model, words), expected, 1e-9)
    contract.assert_close(me.mas(model.float(), words), expected, 1e-5)


def test_a_model_whose_buffers_change_in_forward() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(9, 3)
            self.register_buffer("calls", torch.zeros(1))
            self.register_buffer("total", torch.zeros(9))

        def forward(self, x: Tensor) -> Tensor:
            self.calls += 1
            self.total = self.total + x.detach().sum(0)
            return self.layer(x)

    model, x = Counting().double(), torch.randn(N, 9, dtype=torch.float64)
    expected = reference.mas(model.layer, x)
    with contract.left_as_it_was(model):
        found = me.mas(model, x)
    contract.assert_close({k.removeprefix("layer."): v for k, v in found.items()}, expected)


IMPORTANCES = {"mas": me.mas, "mas_batch": me.mas_batch, "mas_local": me.mas_local}
every_importance = pytest.mark.parametrize("name", IMPORTANCES)


@every_importance
@pytest.mark.parametrize("net", ["mlp", "cnn", "shared weights"])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_whatever_the_caller_switched_off(name: str, net: str, mode: Callable) -> None:
    model, importance = nets.build(net), IMPORTANCES[name]
    expected = importance(model, torch.ones(N, 9, dtype=torch.float64))
    with mode():
        x = torch.ones(N, 9, dtype=torch.float64)  # under inference_mode: an inference tensor
        found = importance(model, x)
    contract.assert_close(found, expected, 0)
    assert all(not value.is_inference() for value in found.values())


@every_importance
def test_inputs_that_need_a_gradient_get_none(name: str) -> None:
    x = torch.randn(N, 9, dtype=torch.float64, requires_grad=True)
    found = IMPORTANCES[name](nets.build("mlp"), x)
    assert x.grad is None
    assert not any(value.requires_grad for value in found.values())


@pytest.mark.parametrize("net", ["mlp", "cnn", "shared weights", "batchnorm and dropout"])
def test_under_autocast_omega_stays_float32(net: str) -> None:
    model, x = nets.build(net).float(), torch.randn(N, 9)
    expected = reference.mas(model, x)
    with torch.autocast("cpu", torch.bfloat16):
        found = me.mas(model, x)
    assert {value.dtype for value in found.values()} == {torch.float32}
    contract.assert_close(found, expected, 0.05)


@every_importance
@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16])
def test_omega_has_the_type_of_the_weights(name: str, kind: torch.dtype) -> None:
    model = nets.build("mlp").to(kind)
    omega = IMPORTANCES[name](model, torch.randn(N, 9))  # float32, brought to the model's type
    contract.assert_is_importance(omega, model)


@pytest.mark.parametrize("draw", [torch.rand, torch.ones], ids=["drawn", "all the same"])
def test_sums_over_60000_samples_do_not_lose_digits(draw: Callable) -> None:
    """Neither within one large batch nor over many small ones; equal terms round worst."""
    model, x = nn.Linear(8, 3), 0.1 * draw(60_000, 8)
    exact = me.mas(copy.deepcopy(model).double(), x)
    contract.assert_close(me.mas(model, x), exact, 1e-5)
    small = [x[:30]] * 2000
    exact = me.mas(copy.deepcopy(model).double(), small)
    contract.assert_close(me.mas(model, small), exact, 5e-7)


ONE_BY_ONE = {
    "loop": lambda m, x: m.a(x) if x.sum() > 0 else -m.a(x),
    "vmap": lambda m, x: F.linear(x, m.a.weight, m.a.bias),
}


@pytest.mark.parametrize("route", ONE_BY_ONE)
def test_sums_that_are_made_term_by_term_do_not_lose_digits(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bfloat16 256 + 1 is 256: there a sum of 1000 terms shows what 60,000 do in float32."""
    from mas_edu.importance.per_sample import routing as routes

    monkeypatch.setattr(routes, "MEMORY", 1)  # one sample at a time
    model = Apply(ONE_BY_ONE[route], a=nn.Linear(2, 1)).bfloat16()
    nn.init.ones_(model.a.weight)
    nn.init.zeros_(model.a.bias)
    x = torch.ones(1000, 2)
    assert set(me.explain(model, x).values()) == {route}
    contract.assert_close(me.mas(model, x), me.mas(model, x[:1]), 0)


def _generator(x: Tensor):
    yield from x.split(4)


FORMS = {
    "list": lambda x: list(x.split(3)),
    "generator": _generator,
    "DataLoader": lambda x: DataLoader(TensorDataset(x), batch_size=5),
    "DataLoader with labels": lambda x: DataLoader(
        TensorDataset(x, torch.zeros(len(x), dtype=torch.long)), batch_size=5
    ),
    "tuples (x, y)": lambda x: [(part, None) for part in x.split(5)],
    "lists [x, y]": lambda x: [[part, "label"] for part in x.split(5)],
    "one-sample batches": lambda x: x.split(1),
    "an empty batch among others": lambda x: [x[:4], x[:0], x[4:]],
    "a transposed view": lambda x: x.T.contiguous().T,
}


@every_importance
@pytest.mark.parametrize("form", FORMS)
def test_any_form_of_data(name: str, form: str, x: Tensor) -> None:
    model, importance = nets.build("mlp"), IMPORTANCES[name]
    batched = importance(model, FORMS[form](x))
    if name == "mas_batch":  # the batches are part of its definition
        assert list(batched) == list(importance(model, x))
    else:
        contract.assert_close(batched, importance(model, x))


@every_importance
def test_data_of_one_sample(name: str, x: Tensor) -> None:
    model = nets.build("batchnorm and dropout")
    contract.assert_close(
        IMPORTANCES[name](model, x[:1]), IMPORTANCES[name](model, x[:1].repeat(9, 1))
    )


def test_tallies_merge_exactly(x: Tensor) -> None:
    model = nets.build("cnn")
    parts = [me.Tally.of(model, part) for part in x.split(5)]
    whole = me.Tally.of(model, x)
    both = parts[0] + parts[1] + parts[2]
    assert both.samples == whole.samples == len(x)
    contract.assert_close(both.mean(), whole.mean(), 1e-14)
    contract.assert_close((parts[2] + (parts[1] + parts[0])).mean(), both.mean(), 1e-14)


def test_tallies_can_be_summed_up(x: Tensor) -> None:
    model = nets.build("cnn")
    together = sum(me.Tally.of(model, part) for part in x.split(5))
    contract.assert_close(together.mean(), me.mas(model, x), 1e-14)
    with pytest.raises(TypeError):
        1 + me.Tally.of(model, x)


def test_a_tally_is_a_value(x: Tensor) -> None:
    model = nets.build("mlp")
    first, second = me.Tally.of(model, x[:4]), me.Tally.of(model, x[4:])
    before = copy.deepcopy(first.total)
    _ = first + second
    contract.assert_close(first.total, before, 0)
    assert (first.samples, second.samples) == (4, len(x) - 4)


def test_tallies_of_different_networks_do_not_add(x: Tensor) -> None:
    first, second = (me.Tally.of(nets.build(net), x) for net in ("mlp", "cnn"))
    with pytest.raises(ValueError, match="tally: expected two tallies of the same network"):
        first + second


def test_many_samples_go_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one sample at a time the sums are the same."""
    from mas_edu.importance.per_sample import closed_form as closed_forms
    from mas_edu.importance.per_sample import routing as routes

    expected = {net: me.mas(*_make(net)) for net in ("lstm", "layer norm", "uneven convolution")}
    monkeypatch.setattr(closed_forms, "MEMORY", 1)
    monkeypatch.setattr(routes, "MEMORY", 1)
    monkeypatch.setattr(routes, "ACTIVATIONS", {"cpu": 1})
    for net, omega in expected.items():
        contract.assert_close(me.mas(*_make(net)), omega)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that CUDA can use")
def test_on_a_gpu() -> None:
    for net in FLOATS:
        model, x = _make(net)
        expected = reference.mas(model, x)
        found = me.mas(model.cuda(), x)
        assert all(value.is_cuda for value in found.values())
        contract.assert_close({name: value.cpu() for name, value in found.items()}, expected)
