"""Mistaken arguments of the importances: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import reference
from tests.support import contract, nets
from tests.support.bad_input import INF, NAN, NOT_WHOLE, X, Y, ids, one_error

IMPORTANCES: list[Callable] = [me.mas, me.mas_batch, me.mas_local, me.Tally.of, me.explain]

every_importance = pytest.mark.parametrize("importance", IMPORTANCES, ids=lambda f: f.__qualname__)


@every_importance
@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        "x",
        [],
        {},
        X[:0],
        X * NAN,
        X / 0,
        np.array([["a"]]),
        [np.array(["a"])],
        [None],
        [()],
        [X, None],
        [X, X * NAN],
        X[0, 0],
        iter(()),
        X.to(torch.complex64),
        (X, Y),
    ],
    ids=ids,
)
def test_data(importance: Callable, data: Any) -> None:
    model = nets.build("mlp")
    if importance is me.explain and isinstance(data, list | tuple) and len(data) == 2:
        return  # looks at the first batch alone
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("data|model", lambda: importance(model, data))


@pytest.mark.parametrize("importance", [me.mas, me.mas_batch, me.mas_local, me.scp, me.Tally.of])
def test_classes_that_can_be_read_only_once(importance: Callable) -> None:
    model = nets.build("mlp")
    one_error("classes", lambda: importance(model, X, classes=iter((0, 1))), "iterator", "list(")


@every_importance
def test_data_of_another_shape_or_type(importance: Callable) -> None:
    model = nets.build("mlp")
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("model", lambda: importance(model, X[:, :5]), "(5,)")
        one_error("model", lambda: importance(model, X.long()), "int64")
        one_error("model", lambda: importance(nets.build("cnn"), X[:, :5]), "(5,)")


class CutOff(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).detach()


@every_importance
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_models_that_cannot_be_differentiated(importance: Callable) -> None:
    with torch.inference_mode():
        lifeless = nn.Linear(9, 3)
    one_error("model", lambda: importance(CutOff(9, 3), X), "no_grad() or detach()")
    one_error("model", lambda: importance(lifeless, X), "inference_mode()", "'weight'")
    one_error("model", lambda: importance(nn.LazyLinear(3), X), "call the model on a batch")


@every_importance
def test_models_of_another_type(importance: Callable) -> None:
    for model in (None, 3, "mlp", nn.Linear, lambda x: x):
        one_error("model", lambda model=model: importance(model, X), "nn.Module", "got")


@every_importance
@pytest.mark.parametrize(
    "model",
    [nn.Identity(), nn.Sequential(), nn.Linear(9, 3).double().requires_grad_(False)],
    ids=["nothing to train", "empty", "frozen"],
)
def test_a_model_with_no_trainable_weights(importance: Callable, model: nn.Module) -> None:
    with contract.left_as_it_was(model):
        one_error("model", lambda: importance(model, X), "trainable", "requires_grad")


class Wrapped(nn.Module):
    def __init__(self, change: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.layer = nn.Linear(9, 3).double()
        self.change = change

    def forward(self, x: Tensor) -> Any:
        return self.change(self.layer(x))


@every_importance
@pytest.mark.parametrize(
    "change",
    [
        lambda y: y[:, 0],
        lambda y: y[:, :, None],
        lambda y: y.sum(),
        lambda y: (y, y),
        lambda y: {"logits": y},
        lambda y: None,
        lambda y: y[:, :0],
        lambda y: y.mean(0, keepdim=True).expand(1, -1).repeat(2, 1),
        lambda y: y.argmax(1, keepdim=True),
        lambda y: y.to(torch.complex64),
    ],
    ids=["1-d", "3-d", "number", "tuple", "dict", "None", "no columns", "rows", "int", "complex"],
)
def test_a_model_whose_output_is_not_one_row_of_logits(importance: Callable, change: Any) -> None:
    model = Wrapped(change)
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("model", lambda: importance(model, X), "[N, C]")


@every_importance
@pytest.mark.parametrize("value", [NAN, INF], ids=ids)
def test_weights_that_are_not_finite(importance: Callable, value: float) -> None:
    if importance is me.explain:
        return  # says which way, not how much
    model = nets.build("mlp")
    nn.init.constant_(model.output.weight, value)
    with contract.left_as_it_was(model):
        one_error("model", lambda: importance(model, X), "not finite", "diverge")


@pytest.mark.parametrize("importance", IMPORTANCES[:4], ids=lambda f: f.__qualname__)
@pytest.mark.parametrize(
    "classes", [(), (3,), (-1,), (0, 0), (0.5,), "0", 3, (None,), (True,), [[0]]], ids=ids
)
def test_classes(importance: Callable, classes: Any) -> None:
    model = nets.build("mlp")
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("classes", lambda: importance(model, X, classes=classes), "expected", "got")


@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_batch_size(value: Any) -> None:
    one_error("batch_size", lambda: me.mas_batch(nets.build("mlp"), X, batch_size=value), "got")
    one_error("batch_size", lambda: me.MASBatch(value), "got")


def test_adding_a_tally_to_something_else() -> None:
    with pytest.raises(TypeError, match="Tally"):
        me.Tally.of(nets.build("mlp"), X) + 3  # type: ignore[operator]


def test_classes_may_come_from_a_generator() -> None:
    model, x = nn.Linear(4, 3), torch.rand(4, 4)
    for kind in ("exact", "sampled"):
        found = me.fisher(model, x, kind=kind, classes=(c for c in (1, 2)))  # type: ignore[arg-type]
        known = me.fisher(model, x, kind=kind, classes=[1, 2])  # type: ignore[arg-type]
        assert torch.equal(found["weight"], known["weight"])


# ---- networks that autograd shows in another way -----------------------------------------------


class OtherLeaf(nn.Module):
    """A network with a tensor that has a gradient, and is no weight."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(9, 3).double()
        self.other = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) @ self.other


@pytest.mark.parametrize("importance", ["mas", "mas_local", "fisher"])
def test_a_leaf_that_is_no_weight_plays_no_part(importance: str, x: Tensor) -> None:
    model = OtherLeaf()
    found = getattr(me, importance)(model, x)
    expected = getattr(reference, importance)(model, x)
    assert found.keys() == {"layer.weight", "layer.bias"}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is:FutureWarning")
def test_a_scripted_network(digits: me.Stream) -> None:
    model = torch.jit.script(nn.Sequential(nn.Linear(64, 10)))
    x, short = digits[0].x, me.Schedule(steps=3)
    for _ in range(3):  # the first calls are of another graph
        found, expected = me.mas(model, x), reference.mas(model, x)
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-6)
    assert me.learn(digits, me.MAS(), model=model, schedule=short, progress=False).complete


@every_importance
@pytest.mark.parametrize("raised", [RuntimeError("boom"), KeyError("boom")], ids=repr)
def test_a_network_that_raises_with_gradients(importance: Callable, raised: Exception) -> None:
    def change(y: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            raise raised
        return y

    model = Wrapped(change)
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("model", lambda: importance(model, X), "with gradients", "boom")


@pytest.mark.parametrize("seed", [None, "abc", -1, 1.5, True, NAN], ids=ids)
def test_a_seed_that_is_not_needed_here(seed: Any) -> None:
    model = nets.build("mlp")
    for kind in ("exact", "sampled", "empirical"):
        one_error("seed", lambda kind=kind: me.fisher(model, X, kind=kind, seed=seed))
    one_error("seed", lambda: me.scp(model, X, seed=seed))


def test_labels_of_a_single_number() -> None:
    one, label = torch.tensor(2.0), torch.tensor(1)
    for labels in (Y, label):
        one_error(
            "labels",
            lambda y=labels: me.fisher(nets.build("mlp"), one, kind="empirical", labels=y),
        )


def test_parts_of_a_tally() -> None:
    tally = me.Tally.of(nets.build("mlp"), X)
    good = {"total": tally.total, "samples": tally.samples, "dtypes": tally.dtypes}
    assert me.Tally(**good).mean().keys() == tally.total.keys()
    bad: dict[str, list[Any]] = {
        "total": [None, 3, [X], {"a": 1.0}, X],
        "samples": [0, *NOT_WHOLE],
        "dtypes": [None, 3, [], {}, X, {"a": torch.float32}, {"a": 1}],
    }
    for name, values in bad.items():
        for value in values:
            one_error(name, lambda name=name, v=value: me.Tally(**(good | {name: v})), "expected")
