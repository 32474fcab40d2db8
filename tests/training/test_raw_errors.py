"""Networks and data that cannot be trained: one sentence, before or at the first update."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.networks import Wrapped
from tests.support.bad_input import ids, one_error

SHORT = me.Schedule(steps=3, evaluations=1)


class Net(nn.Module):
    """A network whose forward pass ends in any function of its logits."""

    def __init__(self, end: Callable[[Tensor], Any], training_only: bool = False) -> None:
        super().__init__()
        self.net, self.end, self.training_only = nn.Linear(64, 10), end, training_only

    def forward(self, x: Tensor) -> Any:
        logits = self.net(x)
        return logits if self.training_only and not self.training else self.end(logits)


def every_training(model: Any, digits: me.Stream, *words: str) -> None:
    """Check the error of each function that trains."""
    for call in (
        lambda: me.fit(model, digits[0], SHORT),
        lambda: me.learn(digits, me.L2(), model=model, schedule=SHORT, progress=False),
        lambda: me.sweep(digits, me.L2(), [0, 1], [0], model=model, schedule=SHORT, progress=False),
    ):
        one_error("model", call, *words)


CUT: dict[str, Callable[[Tensor], Any]] = {
    "detach": lambda logits: logits.detach(),
    "NumPy": lambda logits: torch.from_numpy(logits.detach().numpy()),
    "constant": lambda logits: torch.zeros(len(logits), 10),
}


@pytest.mark.parametrize("training_only", [False, True])
@pytest.mark.parametrize("end", CUT.values(), ids=CUT)
def test_a_network_cut_off_from_its_weights(
    end: Callable[[Tensor], Any], training_only: bool, digits: me.Stream
) -> None:
    every_training(Net(end, training_only), digits, "depend on the weights", "detach()")


NO_LOGITS: dict[str, Callable[[Tensor], Any]] = {
    "tuple": lambda logits: (logits, logits),
    "dict": lambda logits: {"loss": logits.sum(), "logits": logits},
    "nothing": lambda logits: None,
    "flat": lambda logits: logits.flatten(),
    "3-d": lambda logits: logits[..., None],
    "whole numbers": lambda logits: logits.argmax(1),
    "fewer rows": lambda logits: logits[:1],
    "sparse": lambda logits: logits.to_sparse(),
    "complex": lambda logits: logits + 0j,
    "8 bits": lambda logits: logits.to(torch.float8_e4m3fn),
    "on the device meta": lambda logits: logits.to("meta"),
    "nested": lambda logits: torch.nested.nested_tensor(list(logits)),
}


@pytest.mark.parametrize("training_only", [False, True])
@pytest.mark.parametrize("end", NO_LOGITS.values(), ids=NO_LOGITS)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_a_network_that_returns_something_else(
    end: Callable[[Tensor], Any], training_only: bool, digits: me.Stream
) -> None:
    every_training(Net(end, training_only), digits, "[N, C]")


def test_a_network_that_returns_fewer_logits_in_training(digits: me.Stream) -> None:
    model = Net(lambda logits: logits[:, :5], training_only=True)
    every_training(model, digits, "largest label", "got 5 in training")


def raising(error: BaseException) -> Callable[[Tensor], Any]:
    def end(logits: Tensor) -> Any:
        raise error

    return end


RAISED = [RuntimeError("boom"), KeyError("boom"), AssertionError("boom"), ValueError("boom\nboom")]
RAISED += [SystemExit("boom")]


@pytest.mark.parametrize("training_only", [False, True])
@pytest.mark.parametrize("error", RAISED, ids=repr)
def test_a_network_that_raises(error: Exception, training_only: bool, digits: me.Stream) -> None:
    words = ("cannot be applied to", "boom", *["in training"] * training_only)
    every_training(Net(raising(error), training_only), digits, *words)


def test_a_network_that_raises_after_some_updates_of_a_sweep(digits: me.Stream) -> None:
    class Tired(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.calls = nn.Linear(64, 10), 0

        def forward(self, x: Tensor) -> Tensor:
            self.calls += 1
            if self.calls > 12:
                raise KeyError("boom")
            return self.net(x)

    schedule = me.Schedule(steps=30, evaluations=1)

    def run() -> list[me.Record]:
        return me.sweep(digits, me.L2(), [0, 1], [0], model=Tired(), schedule=schedule)

    one_error("model", run, "cannot be applied to", "in training", "boom")


def test_a_network_that_raises_for_some_batches(digits: me.Stream) -> None:
    class Picky(Net):
        def forward(self, x: Tensor) -> Tensor:
            if not self.training and len(x) > 30:
                raise RuntimeError("too many")
            return super().forward(x)

    model = Picky(lambda logits: logits)
    one_error("model", lambda: me.accuracies(model, digits), "in testing", "too many")
    fewer = Net(lambda logits: logits[:30])
    one_error("model", lambda: me.accuracies(fewer, digits), "in testing", "(30, 10)")


def test_a_network_without_a_way_back(digits: me.Stream) -> None:
    def in_place(logits: Tensor) -> Tensor:
        kept = logits.exp()
        again = kept * 1
        kept.add_(1)
        return again + kept

    every_training(Net(in_place), digits, "gradient cannot be computed", "in place")


def test_a_batch_norm_without_running_statistics(digits: me.Stream) -> None:
    """Its output for one sample depends on the others: none of the importances can be taken."""
    model = nn.Sequential(
        nn.Linear(64, 8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, 10)
    )
    words = ("1 of the inputs", "track_running_stats=True", "nn.LayerNorm")
    for method in (me.MAS(), me.MASBatch(), me.MASLocal(), me.EWC(), me.SCP()):
        seen: list[int] = []
        one_error(
            "model",
            lambda method=method, seen=seen: me.learn(
                digits, method, model=model, schedule=SHORT, progress=False,
                stop=lambda: bool(seen.append(1)),
            ),
            *words,
        )  # fmt: skip
        assert not seen, "before anything is trained"
    for importance in (me.mas, me.mas_batch, me.mas_local, me.fisher, me.scp, me.explain):
        one_error("model", lambda f=importance: f(model, digits[0].x), *words)
    one = me.Task("one", digits[0].x[:33], digits[0].y[:33], digits[0].x, digits[0].y)
    one_error("batch", lambda: me.fit(model, one), "single sample", "one sample less")
    me.fit(model, digits[0], SHORT)
    assert me.learn(digits, me.FineTune(), model=model, schedule=SHORT, progress=False).complete


class Output:
    def __init__(self, logits: Tensor) -> None:
        self.logits = logits


@pytest.mark.parametrize(
    ("end", "place"),
    [
        (lambda logits: {"loss": logits.sum(), "logits": logits}, "found['logits']"),
        (lambda logits: {"loss": logits.sum(), "scores": logits}, "found['scores']"),
        (lambda logits: (logits.sum(), logits), "found[1]"),
        (lambda logits: [logits], "found[0]"),
        (Output, "found.logits"),
    ],
)
@pytest.mark.parametrize("training_only", [False, True])
def test_the_message_names_a_wrapper_that_works(
    end: Callable[[Tensor], Any], place: str, training_only: bool, digits: me.Stream
) -> None:
    model = Net(end, training_only)
    call = f"mas_edu.networks.Wrapped(model, output=lambda found: {place})"
    every_training(model, digits, call)
    if not training_only:
        output = eval(f"lambda found: {place}")  # what the message says
        expected = me.learn(
            digits, me.MAS(), model=model.net, schedule=SHORT, progress=False
        ).accuracy
        wrapped = Wrapped(model, output=output)
        found = me.learn(digits, me.MAS(), model=wrapped, schedule=SHORT, progress=False)
        assert found.accuracy.tolist() == expected.tolist()
        assert me.mas(wrapped, digits[0].x)["model.net.weight"].any()


class TakesTask(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(64, 10), nn.Linear(64, 10)])

    def forward(self, x: Tensor, task: int) -> Tensor:
        return self.heads[task](x)


class TakesKeys(TakesTask):
    def forward(self, x: Tensor, *, task: int) -> Tensor:
        return super().forward(x, task)


@pytest.mark.parametrize("model", [TakesTask(), TakesKeys()], ids=["place", "key"])
def test_a_network_that_takes_more_than_x(model: nn.Module, digits: me.Stream) -> None:
    every_training(
        model, digits, "it needs more than x: give mas_edu.networks.Wrapped(model, task=…)"
    )
    with pytest.raises(ValueError, match=r"Wrapped\(model, task=…\)"):
        me.accuracies(model, list(digits))
    record = me.learn(
        digits, me.MAS(), model=Wrapped(model, task=1), schedule=SHORT, progress=False
    )
    assert record.complete


def test_a_class_of_networks(digits: me.Stream) -> None:
    class Own(nn.Module):
        pass

    for model in (nn.Linear, Own):
        for call in (
            lambda model=model: me.learn(digits, me.L2(), model=model, progress=False),
            lambda model=model: me.sweep(digits, me.L2(), model=model, progress=False),
        ):
            one_error("model", call, f"lambda seed: {model.__name__}(…)")
        one_error("model", lambda model=model: me.fit(model, digits[0]), "nn.Module")

    class FromSeed(nn.Linear):
        def __init__(self, seed: int) -> None:
            super().__init__(64, 10)

    assert me.learn(digits, me.L2(), model=FromSeed, schedule=SHORT, progress=False).complete


def test_weights_that_are_no_real_numbers(digits: me.Stream) -> None:
    every_training(nn.Linear(64, 10, device="meta"), digits, "meta")
    every_training(nn.Linear(64, 10, dtype=torch.complex64), digits, "complex")
    every_training(nn.Linear(64, 10).to(torch.float8_e4m3fn), digits, "float8")
    empty = nn.Linear(64, 10, device="meta")
    one_error("model", lambda: me.accuracies(empty, list(digits)), "meta")
    one_error("model", lambda: me.mas(empty, digits[0].x), "meta")


def test_weights_without_any_number_do_no_harm(digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    model.register_parameter("none", nn.Parameter(torch.empty(0)))
    me.fit(model, digits[0], SHORT)
    assert me.learn(digits, me.L2(), model=model, schedule=SHORT, progress=False).complete


def test_a_lock_in_a_model(digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    model.lock = threading.Lock()
    one_error(
        "model",
        lambda: me.learn(digits, me.L2(), model=model, progress=False),
        "cannot", "lambda seed",
    )  # fmt: skip


@pytest.mark.parametrize("tasks", [5, None, me.accuracies], ids=["number", "None", "function"])
def test_accuracies_without_a_list(tasks: Any, digits: me.Stream) -> None:
    model = me.mlp([64, 10])
    one_error("tasks", lambda: me.accuracies(model, tasks), "[task]", "got")
    one_error("tasks", lambda: me.accuracies(model, digits[0]), "[task]", "got Task(")
    expected = me.accuracies(model, list(digits)).tolist()
    assert me.accuracies(model, digits).tolist() == expected
    assert me.accuracies(model, (task for task in digits)).tolist() == expected


# ---- much too large ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [me.rotated, me.permuted, me.split])
@pytest.mark.parametrize("tasks", [10**4, 10**9, 10**30])
def test_more_tasks_than_memory_takes(make: Callable[..., me.Stream], tasks: int) -> None:
    one_error("tasks", lambda: make("digits", tasks=tasks), "at most")


@pytest.mark.parametrize(
    "make",
    [
        lambda: me.mlp([10**9, 10**9]),
        lambda: me.mlp([10**30, 2]),
        lambda: me.mlp([2] * 100_000),
        lambda: me.cnn((10**6, 10**6, 10**6)),
        lambda: me.cnn((1, 8, 8), outputs=10**12),
        lambda: me.cnn((1, 8, 8), channels=(10**6, 10**6)),
    ],
)
def test_networks_that_are_much_too_large(make: Callable[[], nn.Module]) -> None:
    one_error("sizes|shape, channels or outputs", make, "at most", "take fewer")


@pytest.mark.slow
def test_the_first_update_does_not_wait_for_the_number_of_updates(digits: me.Stream) -> None:
    begun = time.monotonic()
    run = me.Training(digits, me.L2(), schedule=me.Schedule(steps=10**7, evaluations=10**6))
    next(iter(run))
    assert time.monotonic() - begun < 10
    other = me.Training(digits, me.L2(), schedule=me.Schedule(steps=10**7 - 1))
    codes = [one.settings["evidence"]["batches"] for one in (run, other)]
    assert codes[0] != codes[1]


def test_what_is_walked_over_does_not_grow_with_the_square_of_the_depth(
    digits: me.Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def modules_seen(layers: int) -> int:
        model, seen = me.mlp([64, *[4] * layers, 10]), [0]
        walk = nn.Module.named_modules

        def counting(self: nn.Module, *args: Any, **more: Any) -> Any:
            for item in walk(self, *args, **more):
                seen[0] += 1
                yield item

        with monkeypatch.context() as patch:
            patch.setattr(nn.Module, "named_modules", counting)
            me.fit(model, digits[0], SHORT)
            me.learn(digits, me.L2(), model=model, schedule=SHORT, progress=False)
            me.accuracies(model, digits)
        return seen[0]

    few, many = modules_seen(10), modules_seen(40)
    assert many < 5 * few


# ---- other arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", [torch.ones(2), torch.empty(0)], ids=["two", "none"])
def test_a_flag_that_is_no_flag(value: Tensor, digits: me.Stream) -> None:
    for train in (me.learn, me.sweep):
        one_error("progress", lambda train=train: train(digits, me.L2(), progress=value), "False")


@pytest.mark.parametrize("store", ["\0", "x" * 5000, 5, b"x", "/dev/null/x"], ids=ids)
def test_a_store_that_is_no_folder(store: Any, digits: me.Stream) -> None:
    one_error("store", lambda: me.sweep(digits, me.L2(), [0], [0], store=store, progress=False))


def test_counts_beyond_all_numbers(digits: me.Stream) -> None:
    x, model = digits[0].x, me.mlp([64, 10])
    one_error("slices", lambda: me.scp(model, x, slices=10**30), "at most")
    one_error("slices", lambda: me.SCP(slices=10**30), "at most")
    one_error("batch_size", lambda: me.mas_batch(model, x, batch_size=10**30), "at most")
    one_error("batch_size", lambda: me.MASBatch(10**30), "at most")
    one_error("n_jobs", lambda: me.sweep(digits, me.L2(), [0], [0], n_jobs=10**30))


NO_LISTS = torch.tensor(2), torch.tensor(float("nan")), np.array(2)


@pytest.mark.parametrize("value", NO_LISTS, ids=repr)
def test_numbers_without_dimensions_where_several_values_belong(
    value: Any, digits: me.Stream
) -> None:
    net = me.mlp([64, 10])
    calls: list[tuple[str, Callable[[], object]]] = [
        ("sizes", lambda: me.mlp(value)),
        ("shape", lambda: me.cnn(value, 10)),
        ("classes", lambda: me.mas(net, digits[0].x[:2], classes=value)),
        ("tasks", lambda: me.accuracies(net, value)),
        ("tasks", lambda: me.Stream("s", value, 2, (64,))),
        ("records", lambda: me.compare(value)),
        ("lams", lambda: me.sweep(digits, me.MAS(), lams=value, seeds=[0])),
    ]
    for name, call in calls:
        with pytest.raises(ValueError, match=f"{name}: expected"):
            call()
