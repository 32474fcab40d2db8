"""The sweep: the same numbers as `learn`, per-copy λ and seed, a store that can be trusted."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, Record
from mas_edu.training import Training
from mas_edu.training.sweeps import parallel as elsewhere
from tests.support import nets

sweep = importlib.import_module("mas_edu.training.sweeps.grid")  # `me.sweep` is the function in it
LAMS, SEEDS = [0.0, 0.3, 5.0], [0, 7]
METHODS = [me.MAS(), me.MASLocal(), me.MASBatch(), me.L2(), me.FineTune(), me.Joint()]
Make = Callable[[int], nn.Module]


def quick(
    stream: me.Stream, method: me.Method | None = None, *args: object, **more
) -> list[Record]:
    return me.sweep(stream, method or me.MAS(), *args, **{"progress": False, **more})


def small(seed: int) -> nn.Module:
    return me.mlp([64, 12, 10], seed).double()


def noisy(seed: int) -> nn.Module:
    """With dropout: cannot be batched."""
    return nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 10)).double()


def one_by_one(
    stream: me.Stream, method: me.Method, lams=LAMS, seeds=SEEDS, **more
) -> list[Record]:
    return [
        me.learn(stream, method, lam, seed=seed, progress=False, **more)
        for lam in lams
        for seed in seeds
    ]


def assert_same_numbers(batched: list[Record], alone: list[Record]) -> None:
    """All that a record holds, to 1e-8; what was set, exactly."""
    assert len(batched) == len(alone)
    for ours, theirs in zip(batched, alone, strict=True):
        assert ours.settings == theirs.settings
        assert ours.names == theirs.names
        mine, others = ours._arrays(), theirs._arrays()
        assert list(mine) == list(others)
        for name in mine:
            np.testing.assert_allclose(mine[name], others[name], rtol=1e-8, atol=1e-8)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many runs each batched program that was started held."""
    sizes: list[int] = []

    def watched(runs: list[Training]):
        sizes.append(len(runs))
        return together(runs)

    together = sweep.train_batched
    monkeypatch.setattr(sweep, "train_batched", watched)
    return sizes


@pytest.fixture(scope="module")
def streams(digits: me.Stream, split_digits: me.Stream) -> dict[str, me.Stream]:
    return {
        "rotated": digits,
        "permuted": me.permuted("digits", tasks=2, samples=100),
        "split": split_digits,
    }


# ---- the same numbers as one by one ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rotated", "permuted", "split"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_float64_equals_learn_to_1e_8(streams, kind, method, programs):
    more = {"schedule": me.Schedule(steps=20, batch=24, evaluations=3), "model": small}
    batched = quick(streams[kind], method, LAMS, SEEDS, **more)
    assert_same_numbers(batched, one_by_one(streams[kind], method, **more))
    assert programs == [6 if method.penalised else 2]


SCHEDULES = {
    "epochs": me.Schedule(epochs=2, batch=33),
    "sgd": me.Schedule(steps=15, optimizer="sgd", lr=0.02, momentum=0.9, weight_decay=0.01),
    "adamw": me.Schedule(steps=15, optimizer="adamw", weight_decay=0.1),
    "proximal": me.Schedule(steps=15, proximal=True),
    "more than all": me.Schedule(epochs=3, batch=1000),
    "one by one": me.Schedule(steps=15, batch=1),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_every_schedule_equals_learn(split_digits, schedule, programs):
    more = {"schedule": schedule, "model": small}
    batched = quick(split_digits, me.MAS(), LAMS, SEEDS, **more)
    assert_same_numbers(batched, one_by_one(split_digits, me.MAS(), **more))
    assert programs == [6]


class Scaled(nn.Module):
    """Layer norm, a weight that is a single number, another use of a weight, a mode of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inward, self.norm = nn.Linear(64, 12), nn.LayerNorm(12)
        self.outward, self.scale = nn.Linear(12, 10), nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.tanh(self.norm(self.inward(x))) + x @ self.inward.weight.T
        return self.scale * self.outward(hidden) + (0 if self.training else x[:, :10])


BATCHED: dict[str, Make] = {
    "cnn": lambda seed: me.cnn((1, 8, 8), 10, (3, 4), seed),
    "own module": lambda seed: Scaled(),
    "own module in eval mode": lambda seed: Scaled().eval(),
    "group norm": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.GroupNorm(3, 12), nn.Linear(12, 10)
    ),
}


@pytest.mark.parametrize("make", BATCHED.values(), ids=BATCHED)
def test_the_users_models_go_side_by_side(digits, short, make, programs):
    more = {"schedule": short, "model": lambda seed: make(seed).double()}
    batched = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert_same_numbers(batched, one_by_one(digits, me.MAS(), [0, 1], **more))
    assert programs == [4]


def test_a_model_itself_is_where_all_begin_and_is_not_changed(digits, short, programs):
    model = small(3)
    before = me.snapshot(model)
    batched = quick(digits, me.MAS(), [1], SEEDS, schedule=short, model=model)
    assert_same_numbers(batched, one_by_one(digits, me.MAS(), [1], schedule=short, model=model))
    assert all(torch.equal(before[name], weight) for name, weight in me.snapshot(model).items())
    assert programs == [2]


def test_float32_averages_agree_within_a_point():
    stream, schedule = me.rotated("digits", 3, step=40, samples=500), me.Schedule(epochs=4)
    batched = quick(stream, me.MAS(), LAMS, SEEDS, schedule=schedule)
    alone = one_by_one(stream, me.MAS(), schedule=schedule)
    gaps = [abs(a.average - b.average) for a, b in zip(batched, alone, strict=True)]
    assert max(gaps) <= 0.01
    assert len({record.average for record in batched}) == 6  # λ and seed reach their copies


def test_lam_0_is_fine_tuning_bit_for_bit(digits, short):
    tuned = quick(digits, me.FineTune(), [0], range(6), schedule=short)  # as many copies
    held = quick(digits, me.MAS(), [0, 10], [0, 1, 2], schedule=short)
    for ours, theirs in zip(held[:3], tuned[:3], strict=True):
        for name, weight in theirs.weights.items():
            assert torch.equal(weight, ours.weights[name]), name
    assert not torch.equal(held[3].weights["output.weight"], tuned[0].weights["output.weight"])


def test_one_lam_with_one_seed_is_learn(digits, short):
    assert quick(digits, me.MAS(), [0.3], [4], schedule=short) == [
        me.learn(digits, me.MAS(), 0.3, seed=4, schedule=short, progress=False)
    ]


@pytest.mark.parametrize(
    "lams",
    [
        (lam for lam in (0, 1)),
        range(2),
        np.array([0.0, 1.0]),
        torch.tensor([0.0, 1.0]),
        {0: 1, 1: 2},
    ],
    ids=["generator", "range", "numpy", "torch", "dict"],
)
def test_lams_and_seeds_may_come_in_any_kind_of_list(digits, short, lams):
    seeds = (seed for seed in np.array([2, 5]))
    records = quick(digits, me.MAS(), lams, seeds, schedule=short)
    found = [(record.settings["lam"], record.settings["seed"]) for record in records]
    assert found == [(0.0, 2), (0.0, 5), (1.0, 2), (1.0, 5)]
    assert {type(value) for pair in found for value in pair} == {float, int}


def test_what_is_asked_for_twice_is_trained_once(digits, short, programs):
    records = quick(digits, me.MAS(), [1, 0, 1, -0.0], [3, 3], schedule=short)
    assert [record.settings["lam"] for record in records] == [1, 1, 0, 0, 1, 1, 0, 0]
    assert records[0] == records[1] == records[4] != records[2] == records[7]
    assert programs == [2]


def test_the_global_random_state_and_threads_stay(digits, short):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    quick(digits, me.MAS(), [0, 1], [0, 1], schedule=short, model=noisy)
    quick(digits, me.MAS(), [0, 1], [0, 1], schedule=short)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_too_many_weights_for_one_program_take_several(digits, short, programs, monkeypatch):
    whole = quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small)
    monkeypatch.setattr(sweep, "WEIGHTS_TOGETHER", 4 * 910 + 1)
    assert_same_numbers(quick(digits, me.MAS(), LAMS, SEEDS, schedule=short, model=small), whole)
    assert programs == [6, 4, 2]


# ---- what cannot be batched --------------------------------------------------------------------


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cells, self.output = nn.LSTM(8, 6, batch_first=True), nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.cells(x.view(-1, 8, 8))[0][:, -1])


class Tied(nn.Module):
    """Two layers with the same weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 64), nn.Linear(64, 64)
        self.second.weight = self.first.weight
        self.output = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(torch.relu(self.second(torch.relu(self.first(x)))))


class Projected(nn.Module):
    """A tensor that is no weight and no buffer, different for each seed."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed, self.output = torch.randn(64, 12), nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x @ self.fixed.to(x))


class Buffered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("fixed", torch.randn(64, 12), persistent=False)
        self.output = nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x @ self.fixed)


def _frozen(seed: int) -> nn.Module:
    model = small(seed)
    model.hidden1.weight.requires_grad_(False)
    return model


def _attention(seed: int) -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 8, dropout=0.0, batch_first=True)
    return nn.Sequential(nn.Unflatten(1, (8, 8)), layer, nn.Flatten(), nn.Linear(64, 10))


ALONE: dict[str, Make] = {
    "dropout": noisy,
    "dropout in eval mode": lambda seed: noisy(seed).eval(),
    "batch norm": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.BatchNorm1d(12), nn.Linear(12, 10)
    ),
    "frozen": _frozen,
    "tied": lambda seed: Tied(),
    "buffer": lambda seed: Buffered(),
    "fixed tensor": lambda seed: Projected(),
    "lstm": lambda seed: Recurrent(),
    "attention": _attention,
    "large": lambda seed: me.mlp([64, 4100, 10], seed),
    "another width for each seed": lambda seed: me.mlp([64, 10 + seed, 10], seed),
    "another activation for each seed": lambda seed: nn.Sequential(
        nn.Linear(64, 12), nn.Tanh() if seed else nn.ReLU(), nn.Linear(12, 10)
    ),
}


@pytest.mark.filterwarnings("ignore:.*nested tensor:UserWarning")
@pytest.mark.parametrize("make", ALONE.values(), ids=ALONE)
def test_what_cannot_be_batched_goes_one_by_one(digits, make, programs):
    more = {"schedule": me.Schedule(steps=4, evaluations=2), "model": make}
    records = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert programs == []
    assert records == one_by_one(digits, me.MAS(), [0, 1], **more)


def test_low_precision_goes_one_by_one(digits, programs):
    schedule = me.Schedule(steps=6, precision="bf16")
    assert quick(digits, me.MAS(), [0, 1], [0], schedule=schedule) == one_by_one(
        digits, me.MAS(), [0, 1], [0], schedule=schedule
    )
    assert programs == []


@pytest.mark.parametrize("name", nets.NETS)
def test_copies_compute_what_each_computes_or_are_refused(name):
    from mas_edu.training.sweeps.ensemble import Ensemble, can_batch

    models, x = [nets.build(name) for _ in range(3)], torch.randn(5, 9, dtype=torch.float64)
    if not can_batch(models, x):
        assert name in ("batchnorm and dropout", "frozen weights")
        with pytest.raises(ValueError, match="cannot be trained side by side"):
            Ensemble(models)
        return
    every = Ensemble(models).shared(x)
    for k, model in enumerate(models):
        torch.testing.assert_close(every[k], model(x), rtol=1e-12, atol=1e-12)


def test_a_model_that_makes_the_same_object_each_time_is_copied(digits, short):
    shared = small(0)
    records = quick(digits, me.MAS(), [0, 1], [0, 1], schedule=short, model=lambda seed: shared)
    assert_same_numbers(records, one_by_one(digits, me.MAS(), [0, 1], [0, 1], schedule=short, model=shared))  # fmt: skip  # noqa: E501


# ---- other processes ---------------------------------------------------------------------------


def test_two_processes_give_the_same_records(digits, tmp_path):
    more = {"schedule": me.Schedule(steps=6, evaluations=2), "model": lambda seed: noisy(seed)}
    alone = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert quick(digits, me.MAS(), [0, 1], SEEDS, n_jobs=2, store=tmp_path, **more) == alone
    assert len(list(tmp_path.glob("*/after-2/record.json"))) == 4


def test_threads_share_the_random_state_one_at_a_time(digits, short):
    import joblib

    more = {"schedule": short, "model": noisy}
    with joblib.parallel_config(backend="threading", n_jobs=3):
        together = quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert together == quick(digits, me.MAS(), [0, 1], SEEDS, **more)
    assert torch.get_num_threads() == 1


def test_an_engine_that_cannot_answer_as_it_goes_is_waited_for(digits, short, monkeypatch):
    import joblib

    backend = joblib.parallel.ThreadingBackend
    monkeypatch.setattr(backend, "supports_return_generator", False)
    more = {"schedule": short, "model": noisy}
    with joblib.parallel_config(backend="threading", n_jobs=2):
        together = quick(digits, me.MAS(), [0, 1], [0], **more)
    assert together == quick(digits, me.MAS(), [0, 1], [0], **more)


def test_the_data_does_not_travel_with_each_run(digits, monkeypatch):
    import joblib

    sent = []

    def parallel(jobs, **_):
        for function, arguments, _ in jobs:
            sent.append(arguments)
            yield function(*arguments)

    monkeypatch.setattr(joblib, "Parallel", lambda **_: parallel)
    monkeypatch.setattr(sweep, "worker_count", lambda n_jobs: 2)
    quick(digits, me.MAS(), [0, 1], [0], schedule=me.Schedule(steps=2), model=noisy)
    (_, state, _, _, *arrays), (_, _, _, _, *others) = sent
    assert state["stream"] is None
    assert len(arrays) == 12
    assert all(one is other for one, other in zip(arrays, others, strict=True))
    assert arrays[0] is not None
    assert np.shares_memory(arrays[0], digits[0].x.numpy())


def test_a_stream_comes_together_again_as_it_was(split_digits):
    stream, arrays = elsewhere._apart(split_digits)
    again = elsewhere._joined(stream, arrays)
    assert (again.name, again.shape, again.outputs) == (
        split_digits.name, split_digits.shape, split_digits.outputs,
    )  # fmt: skip
    for ours, theirs in zip(again, split_digits, strict=True):
        assert (ours.name, ours.classes) == (theirs.name, theirs.classes)
        assert torch.equal(ours.x_val, theirs.x_val)
        assert torch.equal(ours.y, theirs.y)


# ---- ends: stop, Ctrl-C, divergence ------------------------------------------------------------


class Countdown:
    """Stops, or raises, when it is asked for the n-th time; counts how often it was asked."""

    def __init__(self, calls: int, raising: type[BaseException] | None = None) -> None:
        self.left, self.raising, self.asked = calls, raising, 0

    def __call__(self) -> bool:
        self.asked += 1
        if self.asked == self.left and self.raising:
            raise self.raising
        return self.asked >= self.left


@pytest.mark.parametrize("model", [None, noisy], ids=["side by side", "one by one"])
@pytest.mark.parametrize("raising", [None, KeyboardInterrupt], ids=["stop", "Ctrl-C"])
def test_a_broken_sweep_keeps_what_is_finished_and_goes_on(digits, tmp_path, model, raising):
    more = {"schedule": me.Schedule(steps=10, evaluations=2), "model": model, "store": tmp_path}
    unbroken = quick(digits, me.MAS(), [0, 1], [0, 1], **{**more, "store": None})
    first = Countdown(15, raising)
    with pytest.warns(UserWarning, match="(stopped|interrupted): . of 4 runs are unfinished"):
        partial = quick(digits, me.MAS(), [0, 1], [0, 1], stop=first, **more)
    assert first.asked == 15
    assert [record.finished for record in partial] == ([1, 1, 1, 1] if not model else [1, 0, 0, 0])
    for ours, theirs in zip(partial, unbroken, strict=True):
        n = ours.finished
        assert np.array_equal(ours.accuracy[:n], theirs.accuracy[:n])
        assert ours.steps.tolist() == theirs.steps.tolist()[: 1 + 2 * n]
    second = Countdown(1000)
    assert quick(digits, me.MAS(), [0, 1], [0, 1], stop=second, **more) == unbroken
    assert second.asked == (10 if not model else 70)
    third = Countdown(1000)
    assert quick(digits, me.MAS(), [0, 1], [0, 1], stop=third, **more) == unbroken
    assert third.asked == 0


def test_what_other_processes_have_stored_counts_when_ctrl_c_comes(digits, tmp_path, monkeypatch):
    more = {"schedule": SHORT, "store": tmp_path, "model": noisy}
    finished = quick(digits, me.MAS(), [0, 1], [0], **{**more, "store": tmp_path / "done"})

    def stored_but_not_told(runs: list[Training], shelf, n_jobs):
        for place in (tmp_path / "done").iterdir():
            place.rename(tmp_path / place.name)
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(sweep, "train_parallel", stored_but_not_told)
    assert quick(digits, me.MAS(), [0, 1], [0], n_jobs=2, **more) == finished


def test_ctrl_c_before_anything_is_finished_is_passed_on(digits, short):
    with pytest.raises(KeyboardInterrupt):
        quick(digits, me.MAS(), [0, 1], stop=Countdown(3, KeyboardInterrupt), schedule=short)


@pytest.mark.filterwarnings("ignore:lr · λ · max Ω:UserWarning")
@pytest.mark.parametrize("model", [small, noisy], ids=["side by side", "one by one"])
def test_a_copy_that_diverges_leaves_the_others_alone_and_is_named(digits, model):
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=0.05)
    more = {"schedule": schedule, "model": model}
    with pytest.warns(UserWarning, match="training diverged: 1 of 3") as caught:
        records = quick(digits, me.MAS(), [0, 0.01, 1e9], [4], **more)
    text = next(str(w.message) for w in caught if "diverged" in str(w.message))
    assert "λ = 1e+09, seed 4" in text
    assert "0.01" not in text
    assert [record.finished for record in records] == [2, 2, 1]
    assert_same_numbers(records[:2], one_by_one(digits, me.MAS(), [0, 0.01], [4], **more))
    with pytest.warns(UserWarning, match="diverged"):
        alone = me.learn(digits, me.MAS(), 1e9, seed=4, progress=False, **more)
    np.testing.assert_allclose(records[2].accuracy, alone.accuracy)
    assert records[2].steps[-1] == 40  # nothing of the task in which it diverged


@pytest.mark.parametrize("method", [me.MAS(), me.FineTune()], ids=repr)
def test_all_copies_may_diverge(digits, method):  # fine-tuning has no Ω that would tell
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=1e30)
    with pytest.warns(UserWarning, match=r"training diverged: 2 of 2.*seed 0; .*seed 1"):
        records = quick(digits, method, [1], [0, 1], schedule=schedule)
    assert [record.finished for record in records] == [0, 0]


def test_an_error_of_a_method_is_not_taken_for_divergence(digits, short):
    @dataclass(frozen=True)
    class Broken(me.Method):
        def importance(self, model, task):
            raise ValueError("a mistake of mine")

    with pytest.raises(ValueError, match="a mistake of mine"):
        quick(digits, Broken(), [1], [0, 1], schedule=short)


# ---- the store ---------------------------------------------------------------------------------


@pytest.fixture
def kept(digits: me.Stream, tmp_path: Path) -> Path:
    """The store of a finished sweep of two λ."""
    quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=tmp_path)
    return tmp_path


SHORT = me.Schedule(steps=4, evaluations=1)


def retrained(
    stream: me.Stream, store: Path, lams=(0, 1), method=None, schedule=SHORT, **more
) -> int:
    """How many batched or single updates a sweep with this store makes."""
    counter = Countdown(10_000)
    more = {"schedule": schedule, "store": store, "stop": counter, **more}
    quick(stream, method, lams, [0], **more)
    return counter.asked


def test_records_come_back_from_the_store_as_they_were(digits, kept):
    again = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    assert again == quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT)
    assert retrained(digits, kept) == 0


def test_each_run_leaves_one_record_with_a_name_to_read(digits, kept):
    names = sorted(path.name for path in kept.iterdir())
    assert [re.sub("-[0-9a-f]{12}$", "", name) for name in names] == [
        "MAS-lam0-seed0", "MAS-lam1-seed0",
    ]  # fmt: skip
    assert {str(path.relative_to(kept / names[0])) for path in (kept / names[0]).rglob("*")} == {
        "after-2", f"after-2/{TEXT}", f"after-2/{TENSORS}",
    }  # fmt: skip
    assert Record.load(kept / names[1] / "after-2").settings["lam"] == 1


def test_more_lams_in_the_same_store_train_only_what_is_new(digits, kept):
    assert retrained(digits, kept, lams=(0, 0.5, 1)) == 8


def _other_values(stream: me.Stream) -> me.Stream:
    x = stream[1].x.clone()
    x[0, 0] += 0.25
    return replace(stream, tasks=(stream[0], replace(stream[1], x=x)))


OTHER = {
    "data": lambda stream: {"stream": _other_values(stream)},
    "active classes": lambda stream: {
        "stream": replace(stream, tasks=(stream[0], replace(stream[1], classes=tuple(range(10)))))
    },
    "names of tasks": lambda stream: {
        "stream": replace(stream, tasks=(stream[0], replace(stream[1], name="another")))
    },
    "schedule": lambda stream: {"schedule": replace(SHORT, lr=0.002)},
    "weights": lambda stream: {"model": lambda seed: me.mlp([64, 64, 10], seed + 1)},
    "method": lambda stream: {"method": me.MASLocal()},
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_two_different_sweeps_in_one_store_do_not_mix(digits, kept, other):
    changed = {"stream": digits, **other(digits)}
    assert retrained(store=kept, **changed) == 8
    assert retrained(store=kept, **changed) == 0
    assert retrained(digits, kept) == 0


class Activated(nn.Module):
    def __init__(self, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(64, 12), nn.Linear(12, 10)
        self.activation = [activation]  # does not show in str(model), nor in its weights

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.activation[0](self.hidden(x)))


def test_another_forward_pass_with_the_same_weights_is_another_run(digits, tmp_path):
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.relu)) == 8
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.sin)) == 8
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.relu)) == 0


def test_another_version_of_torch_begins_anew(digits, kept, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "99.0")
    assert retrained(digits, kept) == 8
    monkeypatch.undo()
    assert retrained(digits, kept) == 0


def _cut(folder: Path) -> None:
    content = (folder / TENSORS).read_bytes()
    (folder / TENSORS).write_bytes(content[: len(content) // 2])


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut short": _cut,
    "no json": lambda folder: (folder / TEXT).write_text("{"),
    "not text": lambda folder: (folder / TEXT).write_bytes(b"\xff\xfe\x00"),
    "tensors gone": lambda folder: (folder / TENSORS).unlink(),
    "another list": lambda folder: (folder / TEXT).write_text("[]"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_record_is_set_aside_and_trained_again(digits, kept, damage):
    unbroken = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    folder = next(kept.glob("MAS-lam1-*")) / "after-2"
    damage(folder)
    with pytest.warns(UserWarning, match="store: .*set aside"):
        again = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    np.testing.assert_allclose(again[1].accuracy, unbroken[1].accuracy)
    assert again[0] == unbroken[0]
    assert (folder.parent / "damaged-after-2-1").is_dir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert retrained(digits, kept) == 0


def test_a_record_of_another_run_is_not_taken_for_this_one(digits, kept):
    zero, one = (next(kept.glob(f"MAS-lam{lam}-*")) for lam in (0, 1))
    for name in (TEXT, TENSORS):
        (one / "after-2" / name).write_bytes((zero / "after-2" / name).read_bytes())
    with pytest.warns(UserWarning, match="belongs to another run"):
        records = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    assert [record.settings["lam"] for record in records] == [0, 1]


def test_the_users_own_files_stay(digits, tmp_path):
    (tmp_path / "after-1").mkdir()
    mine = [tmp_path / "notes.txt", tmp_path / "after-1" / TEXT]
    stopped = {"schedule": SHORT, "store": tmp_path, "stop": Countdown(5)}
    with pytest.warns(UserWarning, match="stopped"):
        quick(digits, me.MAS(), [0, 1], [0], **stopped)
    place = next(tmp_path.glob("MAS-lam0-*"))
    mine += [place / "after-1" / "thoughts.txt", place / "after-party", place / "notes"]
    for path in mine:
        path.write_text("mine")
    assert retrained(digits, tmp_path) == 4
    assert [path.read_text() for path in mine] == ["mine"] * 5
    assert not (place / "after-1" / TEXT).exists()


def test_a_store_that_cannot_be_written_is_refused_before_training(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "Training", lambda *_, **__: pytest.fail("training has begun"))
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    for store in (blocked, blocked / "below"):
        with pytest.raises(OSError, match=r"^store: .*cannot be written") as caught:
            quick(digits, store=store)
        assert str(store) in str(caught.value)
    assert blocked.read_text() == "mine"


def test_a_disk_that_is_full_costs_a_warning_not_the_sweep(digits, tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Record, "save", full)
    with pytest.warns(UserWarning, match="store: .*No space left.*not stored") as caught:
        records = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=tmp_path)
    assert len(caught) == 1
    assert all(record.complete for record in records)


# ---- bad arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "name", "text"),
    [
        ({"lams": []}, "lams", "at least one"),
        ({"lams": 0.1}, "lams", "several"),
        ({"lams": torch.tensor(0.1)}, "lams", "several"),
        ({"lams": "0.1"}, "lams", "several"),
        ({"lams": None}, "lams", "several"),
        ({"lams": [0.1, -1]}, "lams", "-1"),
        ({"lams": [float("nan")]}, "lams", "nan"),
        ({"lams": ["0.1"]}, "lams", "0.1"),
        ({"lams": [True]}, "lams", "True"),
        ({"seeds": []}, "seeds", "at least one"),
        ({"seeds": 3}, "seeds", "several"),
        ({"seeds": [-1]}, "seeds", "-1"),
        ({"seeds": [0, 1.5]}, "seeds", "1.5"),
        ({"seeds": [2**63]}, "seeds", "2 to the 63rd"),
        ({"n_jobs": 0}, "n_jobs", "got 0"),
        ({"n_jobs": 1.5}, "n_jobs", "1.5"),
        ({"n_jobs": "2"}, "n_jobs", "'2'"),
        ({"model": 3}, "model", "got 3"),
        ({"model": lambda seed: 3}, "model", "got 3"),
        ({"stop": True}, "stop", "called"),
        ({"store": 5}, "store", "path"),
        ({"stream": "rotated"}, "stream", "Stream"),
        ({"method": "MAS"}, "method", "Method"),
        ({"schedule": {"epochs": 3}}, "schedule", "Schedule"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_named(digits, arguments, name, text):
    with pytest.raises(ValueError, match=f"^{name}: ") as caught:
        me.sweep(**{"stream": digits, "method": me.MAS(), "progress": False, **arguments})
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_that_cannot_be_stored_are_refused_before_training(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "train_batched", lambda runs: pytest.fail("training has begun"))
    odd = replace(digits, settings={"made by": object()})
    with pytest.raises(ValueError, match=r"^stream: its settings cannot be stored"):
        quick(odd, me.MAS(), [0, 1], store=tmp_path)


# ---- which λ -----------------------------------------------------------------------------------


def run(
    lam: float | None, validation: float | None, test: float = 0.5, **settings: object
) -> Record:
    return Record(
        [[test]],
        validation=None if validation is None else [[validation]],
        settings={"lam": lam, **settings},
    )


def test_lam_is_chosen_on_validation_not_on_test():
    assert me.choose_lam([run(0.0, 0.9, test=0.1), run(1.0, 0.2, test=0.9)]) == 0.0


def test_lam_is_chosen_by_the_mean_over_seeds_and_the_smallest_of_equals():
    records = [run(3, 0.9), run(3, 0.1), run(2, 0.6), run(2, 0.5), run(1, 0.5), run(1, 0.6)]
    assert me.choose_lam(iter(records)) == 1


def test_a_lam_with_an_unfinished_run_is_not_chosen():
    nan = float("nan")
    half = Record(
        [[0.9, 0], [nan, nan]], validation=[[1.0, 1.0], [nan, nan]], settings={"lam": 5.0}
    )
    none = Record([[nan]], settings={"lam": 7.0})
    assert me.choose_lam([run(0.0, 0.1), run(5.0, 1.0), half, none]) == 0.0
    with pytest.raises(ValueError, match=r"^records: .*finished, found none"):
        me.choose_lam([half, none])


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([], "at least one"),
        ([run(0.1, None)], "val > 0"),
        ([run(None, 0.5)], "with a λ"),
        ([0.1], "with a λ, got 0.1"),
        ([run(0, 0.5, method="MAS()"), run(0, 0.5, method="L2()")], "one method on one stream"),
        (3, "several"),
    ],
)
def test_choosing_among_what_does_not_fit_is_refused(records, text):
    with pytest.raises(ValueError, match=r"^records: ") as caught:
        me.choose_lam(records)
    assert text in str(caught.value)


def test_the_frontier_of_a_sweep_has_a_point_for_each_lam(digits, short):
    records = quick(digits, me.MAS(), [0, 1, 100], [0, 1], schedule=short)
    drawn = me.plots.frontier(records)
    assert {text.get_text() for text in drawn.texts} == {"λ = 0", "λ = 1", "λ = 100"}
    x, y = drawn.lines[0].get_data()
    for k in range(3):
        pair = records[2 * k : 2 * k + 2]
        assert x[k] == pytest.approx(np.mean([record.forgetting for record in pair]))
        assert y[k] == pytest.approx(np.mean([record.learned for record in pair]))
