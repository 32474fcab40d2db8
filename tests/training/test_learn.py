"""Learning a stream: what λ = 0 means, that a seed decides all, that nothing finished is lost."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.methods import METHODS
from mas_edu.training.fitting import DivergedError, accuracies
from tests.support import contract
from tests.support.workers import thread_numbers

# some tests use a batch norm
pytestmark = pytest.mark.filterwarnings("ignore:model. the running statistics:UserWarning")
PENALISED = [method() for method in METHODS.values() if method.penalised]
ALL = [me.FineTune(), me.Joint(), *PENALISED]
every_method = pytest.mark.parametrize("method", ALL, ids=repr)
every_penalised = pytest.mark.parametrize("method", PENALISED, ids=repr)
VARIANTS = [
    *(me.EWC("sampled"), me.EWC("empirical"), me.EWC(gamma=0.5), me.EWC(separate=True)),
    me.SCP(slices=3),
]
every_penalty = pytest.mark.parametrize("method", [*PENALISED, *VARIANTS], ids=repr)
SGD = {"optimizer": "sgd", "momentum": 0.9, "lr": 0.05}


def _learn(stream: me.Stream, method: me.Method, lam: float = 0.1, **more) -> me.Record:
    return me.learn(stream, method, lam, progress=False, **more)


def _same_weights(one: me.Record, other: me.Record) -> bool:
    return all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)


def _dropout() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Linear(64, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 10)
    )


# --- λ ---------------------------------------------------------------------------------------


@every_penalty
@pytest.mark.parametrize("optimizer", [{}, SGD], ids=["adam", "sgd"])
def test_lam_zero_is_fine_tuning_bit_for_bit(
    method: me.Method, optimizer: dict[str, Any], digits: me.Stream, short: me.Schedule
) -> None:
    schedule = replace(short, **optimizer)
    zero = _learn(digits, method, 0.0, schedule=schedule)
    free = _learn(digits, me.FineTune(), 0.7, schedule=schedule)
    assert _same_weights(zero, free)
    assert np.array_equal(zero.accuracy, free.accuracy)
    assert np.array_equal(zero.curve, free.curve)


def test_lam_zero_is_fine_tuning_with_dropout_too(digits: me.Stream, short: me.Schedule) -> None:
    """Estimating Ω draws no number that training would have drawn."""
    records = [
        _learn(digits, method, 0.0, schedule=short, model=_dropout())
        for method in (me.MAS(), me.MASLocal(), me.FineTune())
    ]
    assert _same_weights(records[0], records[2])
    assert _same_weights(records[1], records[2])


@every_penalised
def test_the_first_task_has_no_penalty(
    method: me.Method, digits: me.Stream, short: me.Schedule
) -> None:
    free, tied = (_learn(digits, m, 50.0, schedule=short) for m in (me.FineTune(), method))
    assert np.array_equal(free.curve[: 1 + 3], tied.curve[: 1 + 3])


@every_penalty
def test_the_penalty_reduces_the_drift(
    method: me.Method, digits: me.Stream, short: me.Schedule
) -> None:
    """In task 2 it is there, it is not zero, and the weights that matter stay nearer."""
    model = me.fit(me.mlp([64, 16, 10]), digits[0], short)
    anchor = contract.held(method, model, digits[0])
    drifts = []
    for lam in (0.0, 1.0, 10.0):
        moved = me.fit(copy.deepcopy(model), digits[1], short, anchor=anchor, lam=lam, seed=1)
        drifts.append(anchor.penalty(moved).item())
    assert drifts[0] > drifts[1] > drifts[2] > 0


def test_mas_forgets_less_than_fine_tuning() -> None:
    stream = me.rotated("digits", 3, step=40)
    methods = me.FineTune(), me.MAS(), me.Joint()
    schedule = me.Schedule(epochs=5)
    free, tied, joint = (_learn(stream, m, 0.3, schedule=schedule) for m in methods)
    assert tied.forgetting < free.forgetting - 0.1
    assert free.average + 0.05 < tied.average < joint.average


def test_joint_trains_on_all_tasks_so_far(digits: me.Stream, short: me.Schedule) -> None:
    joint = _learn(digits, me.Joint(), schedule=replace(short, steps=100))
    assert joint.forgetting < 0.1
    assert joint.settings["lam"] is None


# --- seeds -----------------------------------------------------------------------------------


@every_method
def test_the_same_seed_gives_the_same_record(
    method: me.Method, digits: me.Stream, short: me.Schedule
) -> None:
    first = _learn(digits, method, schedule=short, seed=3)
    torch.manual_seed(77)
    torch.rand(5)
    assert _learn(digits, method, schedule=short, seed=3) == first
    assert _learn(digits, method, schedule=short, seed=4) != first


@pytest.mark.parametrize(
    "make",
    [lambda seed: me.mlp([64, 9, 10], seed=seed), lambda seed: me.cnn((1, 8, 8), seed=seed)],
    ids=["mlp", "cnn"],
)
def test_a_seed_decides_the_first_weights(make: Callable[[int], nn.Module]) -> None:
    """Drawn as PyTorch draws them: evenly within ± 1/√fan_in."""
    first, again, other = make(1), make(1), make(2)
    for name, weight in first.named_parameters():
        assert torch.equal(weight, again.get_parameter(name))
        assert not torch.equal(weight, other.get_parameter(name))
        layer = first.get_parameter(name.replace("bias", "weight"))
        bound = layer[0].numel() ** -0.5
        assert 0.5 * bound < float(weight.detach().abs().max()) <= bound


@pytest.mark.parametrize("brought", [False, True], ids=["our model", "model with dropout"])
def test_the_same_record_in_a_thread(brought: bool, digits: me.Stream, short: me.Schedule) -> None:
    model = _dropout() if brought else None
    here = _learn(digits, me.MAS(), schedule=short, model=model)
    found: list[me.Record] = []
    thread = threading.Thread(
        target=lambda: found.append(_learn(digits, me.MAS(), schedule=short, model=model))
    )
    thread.start()
    thread.join()
    assert found == [here]


@every_method
@pytest.mark.parametrize("brought", [False, True], ids=["our model", "model with dropout"])
def test_global_state_and_model_are_left_unchanged(
    method: me.Method, brought: bool, digits: me.Stream, short: me.Schedule
) -> None:
    model = _dropout()
    model[1].eval()
    model[0].weight.grad = torch.ones_like(model[0].weight)
    torch.set_num_threads(2)
    with contract.world_untouched(), contract.left_as_it_was(model):
        _learn(digits, method, schedule=short, model=model if brought else None)


def test_streams_and_networks_leave_global_state_unchanged() -> None:
    with contract.world_untouched():
        me.rotated("digits", 2), me.permuted("digits", 2), me.split("digits")
        me.mlp([4, 4, 2]), me.cnn((1, 8, 8))
        accuracies(me.mlp([64, 10]), list(me.rotated("digits", 1)))


@pytest.mark.slow
def test_training_uses_one_thread_for_a_small_network(
    digits: me.Stream, short: me.Schedule
) -> None:
    torch.set_num_threads(2)
    seen = []

    def make(seed: int) -> nn.Module:
        model = me.mlp([64, 6, 10], seed)
        model.register_forward_hook(lambda *_: seen.append(thread_numbers()))
        del seen[:]
        return model

    _learn(digits, me.FineTune(), schedule=short, model=make)
    assert seen[-1] == (1, 2)
    assert thread_numbers() == (2, 2)
    _learn(digits, me.FineTune(), schedule=replace(short, threads=3), model=make)
    assert seen[-1] == (3, 2)
    assert thread_numbers() == (2, 2)


# --- kinds of training -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "schedule",
    [
        me.Schedule(epochs=3, optimizer="sgd", lr=0.1),
        me.Schedule(epochs=3, optimizer="sgd", lr=0.02, momentum=0.9),
        me.Schedule(epochs=3, optimizer="adam", lr=3e-3),
        me.Schedule(epochs=3, optimizer="adamw", lr=3e-3, weight_decay=0.01),
        me.Schedule(epochs=3, lr=3e-3, precision="bf16"),
        me.Schedule(epochs=3, lr=3e-3, proximal=True),
    ],
    ids=["sgd", "momentum", "adam", "adamw", "bf16", "proximal"],
)
def test_every_kind_of_training_learns(schedule: me.Schedule) -> None:
    record = _learn(me.rotated("digits", 2, step=30), me.MAS(), schedule=schedule)
    assert record.learned > 0.8
    assert {value.dtype for value in record.omegas[0].values()} == {torch.float32}


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_networks_of_other_float_types(kind: torch.dtype, digits: me.Stream) -> None:
    model = me.mlp([64, 32, 10]).to(kind)
    record = _learn(digits, me.MAS(), schedule=me.Schedule(steps=60, lr=0.01), model=model)
    assert record.learned > 0.4
    assert {value.dtype for value in record.omegas[-1].values()} == {kind}
    assert record == record


def test_labels_of_any_whole_type_and_inputs_of_bytes(short: me.Schedule) -> None:
    x, y = torch.randint(256, (40, 6)), torch.arange(40) % 3
    for kind in (torch.uint8, torch.int32, torch.int64):
        task = me.Task("t", x.float(), y.to(kind), x.float(), y.to(kind))
        assert _learn(me.Stream("s", (task,), 3, (6,)), me.MAS(), schedule=short).complete


def test_masked_classes_do_not_compete(split_digits: me.Stream, short: me.Schedule) -> None:
    """Task-incremental: logits of other classes are neither trained nor answered."""
    schedule = replace(short, steps=100)
    record = _learn(split_digits, me.FineTune(), schedule=schedule)
    assert record.learned > 0.9
    start, end = me.mlp([64, 64, 10], seed=0).output, record.weights["output.weight"]
    assert torch.equal(start.weight[4:], end[4:]), "classes of no task do not move"
    assert not torch.equal(start.weight[:4], end[:4])
    assert not any(
        omega["output.bias"][4:].any()
        for omega in _learn(split_digits, me.MAS(), schedule=schedule).omegas
    )


def test_class_incremental_fails_without_memory() -> None:
    stream = me.split("digits", 3, scenario="class")
    record = _learn(stream, me.MAS(), schedule=me.Schedule(epochs=5))
    assert record.accuracy[2, 0] < 0.3, "the known failure: earlier classes are never answered"


# --- interruption ----------------------------------------------------------------------------


def _after(updates: int, what: Callable[[], bool]) -> Callable[[], bool]:
    """Nothing for so many updates, then `what`."""
    left = iter(range(updates))
    return lambda: next(left, None) is None and what()


def _interrupt() -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize("what", [_interrupt, lambda: True], ids=["Ctrl-C", "stop"])
@pytest.mark.parametrize(("updates", "finished"), [(29, 1), (30, 1), (58, 1)])
def test_interrupting_keeps_every_finished_task(
    what: Callable[[], bool], updates: int, finished: int, digits: me.Stream, short: me.Schedule
) -> None:
    whole = _learn(digits, me.MAS(), schedule=short)
    torch.set_num_threads(2)
    with contract.world_untouched(), pytest.warns(UserWarning, match="1 of 2 tasks are finished"):
        record = _learn(digits, me.MAS(), schedule=short, stop=_after(updates, what))
    assert record.finished == finished
    assert not record.complete
    assert np.array_equal(record.accuracy[:1], whole.accuracy[:1])
    assert np.isnan(record.accuracy[1:]).all()
    contract.assert_close(record.omegas[0], whole.omegas[0], 0)
    assert len(record.omegas) == finished


def test_an_interruption_before_anything_is_finished_is_passed_on(
    digits: me.Stream, short: me.Schedule
) -> None:
    with contract.world_untouched(), pytest.raises(KeyboardInterrupt):
        _learn(digits, me.MAS(), schedule=short, stop=_after(3, _interrupt))
    with pytest.warns(UserWarning, match="stopped; 0 of 2"):
        assert _learn(digits, me.MAS(), schedule=short, stop=lambda: True).finished == 0


def test_an_interruption_while_omega_is_made_leaves_no_half_task(
    digits: me.Stream, short: me.Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mas_edu.training import run as training

    measure = training.measure_accuracies

    def interrupted(
        model: nn.Module, forward: nn.Module, tasks: list, part: str, *, together: bool
    ) -> np.ndarray:
        if part == "val" and run.finished == 1:
            raise KeyboardInterrupt
        return measure(model, forward, tasks, part, together=together)

    run = me.Training(digits, me.MAS(), schedule=short)
    monkeypatch.setattr(training, "measure_accuracies", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(run)
    assert (run.record.finished, len(run.record.omegas)) == (1, 1)
    assert np.isfinite(run.record.validation).all(1).tolist() == [True, False]
    monkeypatch.setattr(training, "measure_accuracies", measure)
    list(run)
    assert run.record == _learn(digits, me.MAS(), schedule=short)


def test_divergence_warns_and_keeps_every_finished_task(digits: me.Stream) -> None:
    schedule = me.Schedule(steps=30, optimizer="sgd", lr=0.1)
    diverged = pytest.warns(UserWarning, match=r"diverged in task '90°'.*1 of 2 tasks are finished")
    before = pytest.warns(UserWarning, match="lr · λ · max Ω = 1e")
    with diverged, before:
        record = _learn(digits, me.L2(), 1e6, schedule=schedule)
    assert record.finished == 1
    assert all(bool(weight.isfinite().all()) for weight in record.weights.values())


@pytest.mark.parametrize("method", [me.FineTune(), me.MAS()], ids=repr)
@pytest.mark.parametrize("steps", [1, 2, 30])
def test_weights_that_are_not_finite_are_divergence(
    method: me.Method, steps: int, digits: me.Stream
) -> None:
    """Also when the last loss was still a number, or Ω alone is none."""
    schedule = me.Schedule(steps=steps, optimizer="sgd", lr=1e30)
    with pytest.warns(UserWarning, match="diverged"):
        record = _learn(digits, method, schedule=schedule)
    assert record.finished < 2


def test_a_last_update_to_infinity_is_divergence() -> None:
    """Each loss was a number, the weights after the last of them are none."""
    schedule = me.Schedule(steps=1, optimizer="sgd", lr=1e300)
    with pytest.warns(UserWarning, match="diverged in task '0°'"):
        record = _learn(me.rotated("digits", 1), me.FineTune(), schedule=schedule)
    assert record.finished == 0


def test_fit_says_that_it_diverged(digits: me.Stream) -> None:
    with pytest.raises(DivergedError, match=r"task '0°'.*lower lr or lam"):
        me.fit(me.mlp([64, 10]), digits[0], me.Schedule(optimizer="sgd", lr=1e38))


def test_an_error_of_a_method_leaves_global_state_unchanged(
    digits: me.Stream, short: me.Schedule
) -> None:
    class Broken(me.Method):
        def importance(self, model: nn.Module, task: me.Task) -> me.Params:
            raise RuntimeError("mine")

    model = _dropout()
    torch.set_num_threads(2)
    untouched, kept = contract.world_untouched(), contract.left_as_it_was(model)
    with untouched, kept, pytest.raises(RuntimeError, match="mine"):
        _learn(digits, Broken(), schedule=short, model=model)


# --- step by step ----------------------------------------------------------------------------


def test_step_by_step_is_the_same(digits: me.Stream, short: me.Schedule) -> None:
    run = me.Training(digits, me.MAS(), 0.1, schedule=short)
    assert list(run) == list(range(1, run.total + 1)) == list(range(1, 61))
    assert run.record == _learn(digits, me.MAS(), schedule=short)


def test_a_record_may_be_asked_at_any_time(digits: me.Stream, short: me.Schedule) -> None:
    run, finished = me.Training(digits, me.MAS(), schedule=short), []
    for done in run:
        if done in (1, 29, 30, 31, 60):
            finished.append(run.record.finished)
            assert run.record.steps[-1] <= done
    assert finished == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("at", [1, 17, 30, 45])
@pytest.mark.parametrize("brought", [False, True], ids=["our model", "model with dropout"])
def test_a_run_interrupted_and_resumed_is_the_same(
    at: int, brought: bool, digits: me.Stream, short: me.Schedule
) -> None:
    model = _dropout() if brought else None
    run = me.Training(digits, me.MAS(), schedule=short, model=model)
    for done in run:
        if done == at:
            break
    list(run)
    assert run.record == _learn(digits, me.MAS(), schedule=short, model=model)


def test_curves_hold_the_matrix(digits: me.Stream, short: me.Schedule) -> None:
    record = _learn(digits, me.MAS(), schedule=short)
    assert record.steps.tolist() == [0, 10, 20, 30, 40, 50, 60]
    assert np.array_equal(record.curve[0], record.initial)
    assert np.array_equal(record.curve[3], record.accuracy[0])
    assert np.array_equal(record.curve[6], record.accuracy[1])


def test_accuracy_rows_are_after_learning_and_columns_are_tasks(short: me.Schedule) -> None:
    """Not transposed: the second task is bad before it is learned, the first one after."""
    stream = me.rotated("digits", 2, step=180)
    accuracy = _learn(stream, me.FineTune(), schedule=replace(short, steps=150)).accuracy
    assert accuracy[0, 0] > 0.8
    assert accuracy[1, 1] > 0.8
    assert accuracy[0, 1] < 0.6
    model = me.mlp([64, 64, 10], seed=0)
    assert accuracies(model, list(stream)).shape == (2,)


def test_accuracies_count_right_answers(x: Tensor) -> None:
    class Known(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, :3]

    y = x[:, :3].argmax(1)
    y[:4] = (y[:4] + 1) % 3
    task = me.Task("t", x, y, x, y)
    assert accuracies(Known(), [task]).tolist() == [(len(x) - 4) / len(x)]
    masked = me.Task("t", x, y * 0, x, y * 0, classes=(0,))
    assert accuracies(Known(), [masked]).tolist() == [1.0]


def test_omegas_in_the_record_add_up(digits: me.Stream, short: me.Schedule) -> None:
    record = _learn(digits, me.MAS(), schedule=short)
    first, second = record.omegas
    assert all(bool((second[name] >= first[name]).all()) for name in first)
    model = me.mlp([64, 64, 10])
    model.load_state_dict(record.weights)
    own = me.mas(model, digits[1].x)
    contract.assert_close(second, {name: first[name] + own[name] for name in own}, 1e-6)


def test_a_stream_of_one_task_and_one_of_one_sample(short: me.Schedule) -> None:
    one = _learn(me.rotated("digits", 1), me.MAS(), schedule=short)
    assert (one.forgetting, one.backward_transfer, one.complete) == (0.0, 0.0, True)
    x, y = torch.rand(1, 6), torch.tensor([1])
    tiny = me.Stream("tiny", (me.Task("t", x, y, x, y),) * 2, 2, (6,))
    assert _learn(tiny, me.MAS(), schedule=short).complete


# --- networks that are otherwise in training ---------------------------------------------------


class TwoAnswers(nn.Module):
    """In training it gives a second answer, as some networks for images do."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """The logits; in training, twice."""
        logits = self.layer(x)
        return (logits, logits) if self.training else logits


def test_a_second_answer_in_training_gets_a_sentence(digits: me.Stream) -> None:
    for train in (
        lambda: me.fit(TwoAnswers(), digits[0]),
        lambda: _learn(digits, me.MAS(), model=TwoAnswers()),
    ):
        with pytest.raises(ValueError, match=r"^model: .*in training, too, got tuple.*found\[0\]"):
            train()


def test_a_last_batch_of_one_that_a_network_cannot_take_gets_a_sentence(
    digits: me.Stream, short: me.Schedule
) -> None:
    odd = len(digits[0].x) - 1
    schedule = replace(short, batch=odd, steps=2)
    with pytest.raises(ValueError, match=r"^batch: .*single sample.*take another batch"):
        _learn(digits, me.FineTune(), model=_dropout(), schedule=schedule)
    assert _learn(digits, me.FineTune(), schedule=schedule).complete  # who can, does
