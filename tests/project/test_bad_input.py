"""Whatever a reader passes in by mistake gives ONE clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu import methods
from mas_edu.data import datasets
from mas_edu.training import accuracies
from tests.support import contract, nets

NAN, INF = math.nan, math.inf
X = torch.ones(4, 9, dtype=torch.float64)
Y = torch.tensor([0, 1, 2, 0])
IMPORTANCES: list[Callable] = [me.mas, me.mas_batch, me.mas_local, me.Tally.of, me.explain]

NOT_WHOLE = [-1, 2.5, NAN, INF, None, "3", "", True, np.bool_(True), [1], {}, torch.ones(2)]
NOT_WHOLE += [torch.ones(0), np.ones(3), 1j, 10**400 + 0.5 if False else -(10**400)]
NOT_NUMBER = [-1, NAN, INF, -INF, None, "3", "", True, np.bool_(True), [1.0], torch.ones(2), 1j]
NOT_NUMBER += [10**400, np.ones(3), np.float64("nan")]
NOT_NAME = ["", "dig its", None, 3, NAN, ["digits"], b"digits"]


def one_error(argument: str, call: Callable[[], Any], *words: str) -> str:
    """The call raises one readable error that begins with the argument and holds the words."""
    with pytest.raises((ValueError, OSError)) as caught:
        call()
    text = str(caught.value)
    assert re.match(rf"({argument})\b.*: .+", text), text
    assert "\n" not in text
    assert len(text) < 400, text
    for word in words:
        assert word in text, text
    return text


def ids(value: Any) -> str:
    return repr(value)[:20]


# --- streams ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_tasks(make: Callable, value: Any) -> None:
    if value is None and make is me.split:
        return  # as many as the classes allow
    one_error("tasks", lambda: make("digits", tasks=value), "whole number", "at least 1", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_stream(make: Callable, value: Any) -> None:
    one_error("seed", lambda: make("digits", tasks=2, seed=value), "whole number", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [0, *(v for v in NOT_WHOLE if v is not None)], ids=ids)
def test_samples(make: Callable, value: Any) -> None:
    one_error("samples", lambda: make("digits", tasks=2, samples=value), "at least 1", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("value", [1, 1.5, *NOT_NUMBER], ids=ids)
def test_val(make: Callable, value: Any) -> None:
    one_error("val", lambda: make("digits", tasks=2, val=value), "expected", "got")


@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_step(value: Any) -> None:
    one_error("step", lambda: me.rotated("digits", step=value), "finite number", "got")


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split, datasets.load_images])
@pytest.mark.parametrize("value", NOT_NAME, ids=ids)
def test_dataset(make: Callable, value: Any) -> None:
    one_error("dataset", lambda: make(value), "digits, mnist, fashion, kmnist", repr(value))


@pytest.mark.parametrize("typed", ["minst", "MNIST", "Digits", "fasion", "k-mnist"])
def test_the_nearest_dataset_is_named(typed: str) -> None:
    one_error("dataset", lambda: me.rotated(typed), "did you mean")


@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_classes_per_task(value: Any) -> None:
    one_error("classes_per_task", lambda: me.split(classes_per_task=value), "at least 1", "got")


def test_more_tasks_than_the_classes_allow() -> None:
    one_error("tasks", lambda: me.split(tasks=6), "10 classes", "at most 5", "got 6")
    one_error("tasks", lambda: me.split(tasks=3, classes_per_task=4), "at most 2", "got 3")
    one_error("classes_per_task", lambda: me.split(classes_per_task=11), "10 classes", "got 11")


@pytest.mark.parametrize("value", ["tasks", None, 1], ids=ids)
def test_scenario(value: Any) -> None:
    one_error("scenario", lambda: me.split(scenario=value), "task, domain, class")


def _task(**changes: Any) -> me.Task:
    parts = {"x": X, "y": Y, "x_test": X, "y_test": Y, "x_val": X, "y_val": Y, "classes": None}
    return me.Task("mine", **(parts | changes))


@pytest.mark.parametrize("part", ["", "_test", "_val"])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X[:0], Y[:0]),
        (X, Y[:3]),
        (X * NAN, Y),
        (X / 0, Y),
        (X.tolist(), Y),
        (X.numpy(), Y),
        (X, Y.tolist()),
        (X, None),
        (None, Y),
        ("x", "y"),
        (X, Y.double()),
        (X, Y == 0),
        (X, Y[:, None]),
        (X, Y - 1),
        (X[0, 0], Y),
        (X, Y[0]),
        (X.to(torch.complex64), Y),
    ],
    ids=lambda value: str(getattr(value, "shape", type(value).__name__)),
)
def test_parts_of_a_task(part: str, x: Any, y: Any) -> None:
    changes = {f"x{part}": x, f"y{part}": y}
    one_error("task", lambda: _task(**changes), "'mine'", f"x{part}", "expected")


@pytest.mark.parametrize(
    "classes", [(), (0, 0, 1, 2), (-1, 0), (0, 1), (0.5, 1), "012", 3, (True,), [None]], ids=ids
)
def test_classes_of_a_task(classes: Any) -> None:
    one_error("task", lambda: _task(classes=classes), "'mine'", "classes", "expected")


def test_test_inputs_of_another_shape() -> None:
    one_error("task", lambda: _task(x_test=X[:, :5]), "x_test", "(5,)", "(9,)")


def _stream(tasks: Any = None, outputs: Any = 3, shape: Any = (1, 3, 3)) -> me.Stream:
    return me.Stream("mine", [_task()] if tasks is None else tasks, outputs, shape)


@pytest.mark.parametrize("tasks", [(), None, 3, "ab", [None], [1, 2]], ids=ids)
def test_tasks_of_a_stream(tasks: Any) -> None:
    one_error("tasks", lambda: me.Stream("mine", tasks, 3, (1, 3, 3)), "expected")


@pytest.mark.parametrize("outputs", [0, 2, *NOT_WHOLE], ids=ids)
def test_outputs_of_a_stream(outputs: Any) -> None:
    one_error("outputs", lambda: _stream(outputs=outputs), "got")


def test_a_label_that_only_validation_has_needs_an_output() -> None:
    only = _task(y=Y * 0, y_test=Y * 0, y_val=Y)
    one_error("outputs", lambda: _stream([only], outputs=1), "2", "'mine'", "got 1")


@pytest.mark.parametrize("shape", [None, 9, "9", (1, 3, 4), (1, -3, -3), (1, 3, 3.5)], ids=ids)
def test_shape_of_a_stream(shape: Any) -> None:
    one_error("shape", lambda: _stream(shape=shape))


def test_tasks_of_different_inputs() -> None:
    other = me.Task("other", X[:, :5], Y, X[:, :5], Y)
    one_error("tasks", lambda: _stream([_task(), other]), "'other'", "(5,)", "(9,)")


# --- networks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sizes", [None, 5, "64", [], [3], [3, 0], [3, -1], [3, 2.5], [3, None], [3, "2"]], ids=ids
)
def test_sizes(sizes: Any) -> None:
    one_error("sizes", lambda: me.mlp(sizes), "expected", "got")


@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_network(value: Any) -> None:
    one_error("seed", lambda: me.mlp([2, 2], seed=value), "got")
    one_error("seed", lambda: me.cnn((1, 4, 4), 2, seed=value), "got")


@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_settings_of_a_cnn(value: Any) -> None:
    one_error("outputs", lambda: me.cnn((1, 8, 8), value), "got")
    one_error("shape", lambda: me.cnn((1, value, 8), 2), "got")
    one_error("channels", lambda: me.cnn((1, 8, 8), 2, channels=(value,)), "got")
    if not isinstance(value, np.ndarray):  # three numbers
        one_error("shape", lambda: me.cnn(value, 2), "got")


def test_a_shape_or_channels_that_do_not_fit() -> None:
    one_error("shape", lambda: me.cnn((8, 8), 2), "channels, height, width")
    one_error("channels", lambda: me.cnn((1, 3, 8), 2), "fewer")
    one_error("channels", lambda: me.cnn((1, 8, 8), 2, channels=5), "got 5")  # type: ignore[arg-type]


# --- importance ------------------------------------------------------------------------------

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
def test_classes_that_can_be_read_but_once(importance: Callable) -> None:
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
def test_models_that_are_none(importance: Callable) -> None:
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


# --- anchor ----------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["theta", "omega"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "weight",
        [torch.ones(2)],
        {"weight": 1.0},
        {"weight": None},
        {"weight": [1.0, 1.0]},
        {"weight": torch.tensor([1.0, NAN])},
        {"weight": torch.tensor([1.0, INF])},
        {},
    ],
    ids=ids,
)
def test_parts_of_an_anchor(argument: str, value: Any) -> None:
    good = {"theta": {"weight": torch.ones(2)}, "omega": {"weight": torch.ones(2)}}
    one_error("theta|omega", lambda: me.Anchor(**(good | {argument: value})), argument, "expected")


def test_omega_that_is_negative() -> None:
    text = one_error("omega", lambda: me.Anchor({"w": torch.ones(2)}, {"w": -torch.ones(2)}))
    assert "'w'" in text


def test_parts_that_do_not_fit_each_other() -> None:
    one, two = {"a": torch.ones(2)}, {"a": torch.ones(3)}
    one_error("omega and theta", lambda: me.Anchor(one, two), "'a'", "(2,)", "(3,)", "same")
    one_error(
        "omega and theta", lambda: me.Anchor(one, {"b": torch.ones(2)}), "'a'", "only in theta"
    )


def _anchor(model: nn.Module) -> me.Anchor:
    theta = me.snapshot(model)
    return me.Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})


def test_an_anchor_of_another_network() -> None:
    anchor = _anchor(me.mlp([9, 4, 3]))
    other, wider = me.mlp([9, 4, 4, 3]), me.mlp([9, 5, 3])
    task = _task(x=X.float(), x_test=X.float(), x_val=None, y_val=None)
    for model, word in ((other, "hidden2.bias"), (wider, "(5, 9)")):
        with contract.left_as_it_was(model):
            one_error("anchor and model", lambda model=model: anchor.penalty(model), word, "same")
        with contract.left_as_it_was(model), contract.world_untouched():
            fit = lambda model=model: me.fit(model, task, anchor=anchor, lam=1.0)  # noqa: E731
            one_error("anchor and model", fit, word)
    for model in (None, 3, {"weight": torch.ones(2)}):
        one_error("model", lambda model=model: anchor.penalty(model), "nn.Module")
        one_error("model", lambda model=model: me.snapshot(model), "nn.Module")


# --- training --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["epochs", "batch", "evaluations", "steps", "threads"])
@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_counts_of_a_schedule(name: str, value: Any) -> None:
    if value is None and name in ("steps", "threads"):
        return
    one_error(name, lambda: me.Schedule(**{name: value}), "whole number", "got")


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_numbers_of_a_schedule(name: str, value: Any) -> None:
    one_error(name, lambda: me.Schedule(**{name: value}), "finite number", "got")


def test_choices_of_a_schedule() -> None:
    one_error("lr", lambda: me.Schedule(lr=0), "above 0")
    one_error("optimizer", lambda: me.Schedule(optimizer="Adam"), "did you mean 'adam'")  # type: ignore[arg-type]
    one_error("optimizer", lambda: me.Schedule(optimizer=torch.optim.Adam), "adam, adamw, sgd")  # type: ignore[arg-type]
    one_error("precision", lambda: me.Schedule(precision="bf-16"), "did you mean 'bf16'")  # type: ignore[arg-type]
    for value in (1, None, "yes", 0.0):
        one_error("proximal", lambda value=value: me.Schedule(proximal=value), "True or False")


@pytest.mark.parametrize("value", NOT_NUMBER, ids=ids)
def test_lam(value: Any, digits: me.Stream) -> None:
    one_error("lam", lambda: me.learn(digits, me.MAS(), value), "at least 0", "got")
    model = me.mlp([64, 10])
    with contract.left_as_it_was(model):
        one_error("lam", lambda: me.fit(model, digits[0], lam=value), "at least 0", "got")


@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_run(value: Any, digits: me.Stream) -> None:
    one_error("seed", lambda: me.learn(digits, me.MAS(), seed=value), "got")
    model = me.mlp([64, 10])
    with contract.left_as_it_was(model):
        one_error("seed", lambda: me.fit(model, digits[0], seed=value), "got")


@pytest.mark.parametrize("value", [None, 3, "digits", [], lambda: 0], ids=ids)
def test_arguments_of_learn(value: Any, digits: me.Stream) -> None:
    one_error("stream", lambda: me.learn(value, me.MAS()), "Stream", "got")
    one_error("method", lambda: me.learn(digits, value), "Method", "got")
    if value is not None:
        one_error("schedule", lambda: me.learn(digits, me.MAS(), schedule=value), "Schedule", "got")
        brought = (lambda _seed: 0) if callable(value) else value
        one_error("model", lambda: me.learn(digits, me.MAS(), model=brought), "nn.Module", "got")
        one_error("anchor", lambda: me.fit(me.mlp([64, 10]), digits[0], anchor=value), "Anchor")
        one_error("schedule", lambda: me.fit(me.mlp([64, 10]), digits[0], value), "Schedule", "got")
    if not callable(value):
        one_error("stop", lambda: me.learn(digits, me.MAS(), stop=value), "call", "got")
    one_error("task", lambda: me.fit(me.mlp([64, 10]), value), "Task", "got")
    one_error("model", lambda: me.fit(value, digits[0]), "nn.Module", "got")


def test_a_method_that_is_a_class_or_a_name(digits: me.Stream) -> None:
    one_error("method", lambda: me.learn(digits, me.MAS), "me.MAS()")  # type: ignore[arg-type]
    for typed, meant in (("mas", "MAS"), ("MASbatch", "MASBatch"), ("finetune", "FineTune")):
        one_error(
            "method", lambda typed=typed: methods.make_method(typed), f"did you mean '{meant}'"
        )


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (nn.Identity(), "trainable"),
        (me.mlp([64, 10]).requires_grad_(False), "trainable"),
        (me.mlp([64, 9]), "10 logits"),
        (me.mlp([63, 10]), "(64,)"),
        (nn.Sequential(me.mlp([64, 10]), nn.Flatten(0)), "[N, C]"),
        (nn.Sequential(me.mlp([64, 10]), nn.Unflatten(1, (10, 1))), "[N, C]"),
        (nn.Sequential(nn.Unflatten(1, (8, 8)), nn.LSTM(8, 10)), "[N, C]"),
    ],
    ids=["none", "frozen", "too few", "other inputs", "1-d", "3-d", "tuple"],
)
def test_a_model_that_does_not_fit_the_stream(
    model: nn.Module, word: str, digits: me.Stream
) -> None:
    with contract.left_as_it_was(model), contract.world_untouched():
        one_error("model", lambda: me.learn(digits, me.MAS(), model=model), word)
        one_error("model", lambda: me.fit(model, digits[0]), word)


def test_weights_that_are_nan_before_training(digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    nn.init.constant_(model.output.weight, NAN)
    with contract.left_as_it_was(model):
        one_error("model", lambda: me.learn(digits, me.MAS(), model=model), "finite")
        one_error("model", lambda: me.fit(model, digits[0]), "finite")


def test_weights_of_two_types(digits: me.Stream) -> None:
    model = nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 10))
    model[0].bias = nn.Parameter(model[0].bias.double())
    with contract.left_as_it_was(model):
        one_error("model", lambda: me.fit(model, digits[0]))


def test_accuracies(digits: me.Stream, split_digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    one_error("part", lambda: accuracies(model, list(digits), part="tset"), "test", "val")
    bare = me.rotated("digits", 1, val=0)
    one_error("part", lambda: accuracies(model, list(bare), part="val"), "no validation part")
    one_error("model", lambda: accuracies(None, list(digits)), "nn.Module")  # type: ignore[arg-type]
    one_error("tasks", lambda: accuracies(model, [None]), "Task")  # type: ignore[list-item]
    one_error("model", lambda: accuracies(me.mlp([63, 10]), list(digits)), "(64,)")
    one_error("model", lambda: accuracies(me.mlp([64, 1]), list(split_digits)), "logits")
    assert accuracies(nn.Identity(), [_task(x_val=None, y_val=None)]).shape == (1,)


# --- record ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("accuracy", None),
        ("accuracy", "ab"),
        ("accuracy", [[1.0]] * 2),
        ("accuracy", np.zeros((0, 0))),
        ("accuracy", 0.5),
        ("accuracy", [[1.5]]),
        ("accuracy", [[-0.5]]),
        ("accuracy", [[INF]]),
        ("initial", [0.5, 0.5]),
        ("initial", "ab"),
        ("steps", [0.5, "a"]),
        ("steps", "ab"),
        ("curve", [[0.5, 0.5]]),
        ("curve", [[0.5], [0.5]]),
        ("curve", "ab"),
        ("names", ["a", "b"]),
        ("names", "ab"),
        ("names", [3]),
        ("names", 3),
        ("omegas", [None]),
        ("omegas", 3),
        ("weights", 3),
        ("weights", {"w": 3}),
        ("settings", None),
        ("settings", 3),
        ("seconds", -1),
        ("seconds", NAN),
        ("seconds", "now"),
    ],
    ids=ids,
)
def test_parts_of_a_record(argument: str, value: Any) -> None:
    good = {"accuracy": [[0.5]], "initial": [0.1], "steps": [0], "curve": [[0.1]], "names": ["a"]}
    one_error(argument, lambda: me.Record(**(good | {argument: value})), "expected", "got")


@pytest.mark.parametrize("lam", ["0.1", [1], NAN], ids=ids)
def test_a_record_with_an_odd_lam_can_still_be_shown(lam: Any) -> None:
    assert "λ = " in repr(me.Record([[0.5]], settings={"method": "MAS()", "lam": lam}))


def test_a_folder_without_a_record(tmp_path: Any) -> None:
    file = tmp_path / "record.json"
    file.write_text("{}")
    one_error("folder", lambda: me.Record.load(tmp_path / "nowhere"), "there is no such folder")
    one_error("folder", lambda: me.Record.load(tmp_path), "record.safetensors is missing")
    one_error("folder", lambda: me.Record.load(file), "it is a file, take")
    record = me.Record([[0.5]])
    one_error("out", lambda: record.save(file), "it is a file", "choose another")


# --- intervals, and streams of one's own -----------------------------------------------------


@pytest.mark.parametrize("value", [None, 5, "ab", [], [NAN], [1, INF], [None], ["2"]], ids=ids)
def test_values_of_an_interval(value: Any) -> None:
    text = one_error("values", lambda: me.interval(value), "expected", "got")
    assert "inf," not in text


def test_values_far_apart_have_a_wide_interval() -> None:
    mean, low, high = me.interval([1e300, -1e300])
    assert low < -1e300 < mean == 0 < 1e300 < high


def test_labels_that_number_something_else() -> None:
    words = ("found the label 8010003", "as many outputs", "return_inverse")
    one_error("tasks", lambda: me.stream([(X, Y + 8010001)]), *words)


def test_an_anchor_that_is_none(digits: me.Stream) -> None:
    for odd in (5, {}, "theta"):
        one_error(
            "anchor", lambda odd=odd: me.learn(digits, me.MAS(), anchor=odd), "expected an Anchor"
        )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, x: me.scp(m, x, slices=torch.full((2, 3), NAN)), ["slices", "not finite"]),
        (lambda m, x: me.scp(m, x, slices=torch.zeros(2, 3)), ["slices", "0"]),
        (lambda m, x: me.fisher(m, None, kind="empirical"), ["data", "batches", "None"]),
        (
            lambda m, x: me.fisher(m, [x, x], kind="empirical", labels=torch.zeros(4)),
            ["labels", "one tensor of inputs", "(x, y)"],
        ),
        (lambda m, x: me.fisher(m, x, labels=torch.zeros(4)), ["labels", "empirical"]),
        (
            lambda m, x: me.Anchor(me.snapshot(m), me.mas(m, x), {"a": 3}),  # type: ignore[dict-item]
            ["memory", "tensors"],
        ),
        (
            lambda m, x: me.Anchor(me.snapshot(m), me.mas(m, x), None),  # type: ignore[arg-type]
            ["memory", "None"],
        ),
        (
            lambda m, x: me.RWalk().check_ready(
                m,
                None,  # type: ignore[arg-type]
                me.Anchor(
                    me.snapshot(m),
                    me.mas(m, x),
                    {"fisher": torch.zeros(3), "score": torch.zeros(3)},
                ),
            ),
            ["anchor", "'fisher'", "(15,)", "(3,)"],
        ),
    ],
)
def test_what_the_family_cannot_use(call: Callable[..., Any], words: list[str]) -> None:
    argument, *words = words
    one_error(argument, lambda: call(nn.Linear(4, 3), torch.rand(4, 4)), *words)


def test_classes_may_come_from_a_generator() -> None:
    model, x = nn.Linear(4, 3), torch.rand(4, 4)
    for kind in ("exact", "sampled"):
        found = me.fisher(model, x, kind=kind, classes=(c for c in (1, 2)))  # type: ignore[arg-type]
        known = me.fisher(model, x, kind=kind, classes=[1, 2])  # type: ignore[arg-type]
        assert torch.equal(found["weight"], known["weight"])
