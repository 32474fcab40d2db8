"""The one-pass engine equals the loop over samples, for every kind of layer and every use of one.

In float64 to 1e-9 and in float32 to 1e-5, both held to the loop in float64.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import mas_edu as me
from mas_edu.importance import reference, squared_norm, tally_scores
from mas_edu.importance.per_sample import convolution, outer_product, plan_cache, sums
from mas_edu.networks import evaluating
from tests.support import contract, nets
from tests.support.networks import (
    FLOATS,
    Apply,
    N,
    conv_settings,
    every_net,
    make,
    replaced,
)


@every_net
def test_equals_the_loop_in_float64(net: str) -> None:
    model, x = make(net)
    expected = reference.mas(model, x)
    with contract.left_as_it_was(model):
        found = me.mas(model, x)
    contract.assert_close(found, expected, 1e-9)


@every_net
def test_equals_the_loop_in_float32(net: str) -> None:
    model, x = make(net)
    expected = reference.mas(model, x)
    contract.assert_close(me.mas(model.float(), x), expected, 1e-5)


@every_net
def test_equals_the_loop_batch_by_batch(net: str) -> None:
    model, x = make(net)
    contract.assert_close(me.mas(model, x.split(4)), reference.mas(model, x), 1e-9)


pytestmark = [
    pytest.mark.filterwarnings("ignore:Lazy modules are a new feature"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:.*torch.nn.utils.weight_norm.*is deprecated"),
]


@pytest.mark.parametrize(
    "net", ["a way that depends on the batch", "…behind a layer that vmap cannot do"]
)
def test_samples_that_decide_together_take_the_loop(net: str) -> None:
    """One negative sample among positive ones: alone it goes the other way."""
    model, x = make(net)
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
    "another forward": replaced(lambda x: torch.where(x > 2, 2 * x, x)),
}


@pytest.mark.parametrize("name", LATE)
def test_a_difference_that_the_trial_does_not_show(name: str) -> None:
    """The first samples, on which a route is tried, do not show the difference."""
    model, x = LATE[name].double(), torch.rand(N, 5, dtype=torch.float64)
    x[5] += 3
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


def test_a_number_read_by_python_is_noticed() -> None:
    model = Apply(lambda m, x: m.a(x) * max(x.sum().item(), 0.5), a=nn.Linear(5, 3)).double()
    x = torch.randn(N, 5, dtype=torch.float64)
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-12)


CLOSED = [
    "attention by hand",  # though the gradient of the keys' bias is nothing but rounding
    *("linear", "linear without bias", "linear along a sequence"),
    *("linear with two extra dimensions", "residual", "in-place relu", "a layer in a keyword"),
    *("uneven convolution", "even kernel, same", "a weight frozen", "one output"),
    *conv_settings(),
]


@pytest.mark.parametrize("net", CLOSED)
def test_linear_layers_and_convolutions_have_a_closed_form(net: str) -> None:
    """A wrong closed form would not be used: Ω would be right, and slow."""
    model, x = make(net)
    assert set(me.explain(model, x).values()) == {"closed form"}


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("net", CLOSED)
def test_large_layers_equal_the_loop_in_blocks(
    net: str, power: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As layers of many weights are summed: here each layer counts as one."""
    monkeypatch.setattr(outer_product, "LARGE", 0)
    monkeypatch.setattr(outer_product, "BLOCK", 10)
    monkeypatch.setattr(convolution, "SMALL_KERNEL", 0)
    monkeypatch.setattr(sums, "PIECE", 7)
    plan_cache.forget()
    model, x = make(net)
    found = tally_scores(model, x, lambda net, x: squared_norm(net(x)), power).mean()
    expected = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    with evaluating(model):
        for sample in x.split(1):
            weights = {k: w for k, w in model.named_parameters() if w.requires_grad}
            score = model(sample).square().sum()
            for name, g in zip(weights, torch.autograd.grad(score, weights.values()), strict=True):
                expected[name] += g.detach().abs() ** power / len(x)
    contract.assert_close(found, {name: expected[name] for name in found}, 1e-9)
    assert set(me.explain(model, x).values()) == {"closed form"}


ROUTES = {
    "a layer called twice": "closed form",
    "layer norm": "closed form",
    "subclassed linear": "closed form",
    "spectral norm": "vmap",
    "a way that depends on the data": "loop",
}


@pytest.mark.parametrize("net", CLOSED[:6])
def test_closed_forms_in_float32(net: str) -> None:
    model, x = make(net)
    assert set(me.explain(model.float(), x).values()) == {"closed form"}


def test_weights_of_nan_are_refused_without_the_loop(x: Tensor) -> None:
    model = nets.build("mlp")
    nn.init.constant_(model.hidden1.weight, torch.nan)
    assert set(me.explain(model, x).values()) == {"closed form"}
    with pytest.raises(ValueError, match="is not finite"):
        me.mas(model, x)


@pytest.mark.parametrize("net", ROUTES)
def test_explain_names_the_route(net: str) -> None:
    model, x = make(net)
    routes = me.explain(model, x)
    assert list(routes) == [name for name, _ in model.named_parameters()]
    assert ROUTES[net] in routes.values()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")  # PyTorch's own
def test_a_compiled_model_and_a_scripted_one() -> None:
    model, x = make("layer norm")
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
def test_under_no_grad_and_inference_mode(name: str, net: str, mode: Callable) -> None:
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


@pytest.mark.slow
@pytest.mark.parametrize("draw", [torch.rand, torch.ones], ids=["random", "all the same"])
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
    "vmap": lambda m, x: (
        torch.where(x > 0, m.a.weight, -m.a.weight).sum(1, keepdim=True)
        + torch.where(x[:, :1] > 0, m.a.bias, -m.a.bias)
    ),
}


@pytest.mark.parametrize("route", ONE_BY_ONE)
def test_sums_over_single_samples_do_not_lose_digits(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bfloat16 256 + 1 is 256: there a sum of 400 terms shows what 60,000 do in float32."""
    from mas_edu.importance.per_sample import vmap

    monkeypatch.setattr(vmap, "MEMORY", 1)  # one sample at a time
    model = Apply(ONE_BY_ONE[route], a=nn.Linear(2, 1)).bfloat16()
    nn.init.ones_(model.a.weight)
    nn.init.zeros_(model.a.bias)
    x = torch.ones(400, 2)
    assert set(me.explain(model, x).values()) == {route}
    contract.assert_close(me.mas(model, x), me.mas(model, x[:1]), 0)


@pytest.mark.parametrize("numbers", [1, sums.PIECE + 1], ids=["small", "in pieces"])
def test_sums_of_many_equal_terms_keep_their_digits(numbers: int) -> None:
    """A float32 sum of 3,000 thirds is wrong in the fifth digit."""
    term, found = torch.full((1, numbers), 1 / 3), sums.Sums()
    for _ in range(3000):
        found.add_gradients("w", -term, 1)
    assert found.finish()["w"].dtype == torch.float64
    torch.testing.assert_close(found.finish()["w"], 3000 * term[0].double(), rtol=1e-7, atol=0)


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
    from mas_edu.importance.per_sample import backward, batch_size, vmap

    expected = {net: me.mas(*make(net)) for net in ("lstm", "layer norm", "uneven convolution")}
    monkeypatch.setattr(backward, "CHUNK", 1)
    monkeypatch.setattr(vmap, "MEMORY", 1)
    monkeypatch.setattr(batch_size, "BUDGET", {"cpu": 1})
    for net, omega in expected.items():
        contract.assert_close(me.mas(*make(net)), omega)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that CUDA can use")
def test_on_a_gpu() -> None:
    for net in FLOATS:
        model, x = make(net)
        expected = reference.mas(model, x)
        found = me.mas(model.cuda(), x)
        assert all(value.is_cuda for value in found.values())
        contract.assert_close({name: value.cpu() for name, value in found.items()}, expected)
