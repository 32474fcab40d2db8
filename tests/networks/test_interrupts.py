"""Ctrl-C while something is given back: threads, gradients, random state and modes are settled."""

import contextlib

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.networks import evaluation_mode, settle_after_ctrl_c, threads
from mas_edu.training import accuracies, evaluation, randomness
from mas_edu.training.flat_params import FlatParams
from tests.support.workers import in_thread, thread_numbers

SHORT = me.Schedule(steps=20, evaluations=1)


def _disturb(model):
    torch.set_grad_enabled(False)
    torch.manual_seed(5)
    threads.set_own_numbers([1] * len(threads.own_numbers()))
    model.eval()
    raise KeyboardInterrupt


def _world(model):
    modes = [module.training for module in model.modules()]
    state = torch.get_rng_state().sum().item()
    return torch.get_num_threads(), torch.is_grad_enabled(), state, modes


def test_what_ctrl_c_leaves_half_done_is_settled():
    torch.set_num_threads(2)
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    model[1].eval()
    before = _world(model)
    with pytest.raises(KeyboardInterrupt), settle_after_ctrl_c(model):
        _disturb(model)
    assert _world(model) == before


def test_nothing_is_settled_without_ctrl_c_or_in_another_thread():
    def interrupted():
        with settle_after_ctrl_c(model):
            torch.manual_seed(5)
            raise KeyboardInterrupt

    model = nn.Linear(2, 2)
    for end in (lambda: None, lambda: 1 / 0):
        with contextlib.suppress(ZeroDivisionError), settle_after_ctrl_c(model):
            model.eval()
            end()
        assert not model.training
    with pytest.raises(KeyboardInterrupt):
        in_thread(interrupted)
    assert torch.initial_seed() == 5


def _third(function, *, after=True):
    """Return the function, which Ctrl-C meets in its third call: after the work, or before it."""
    calls = []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 3 and not after:
            raise KeyboardInterrupt
        function(*args)
        if len(calls) == 3:
            raise KeyboardInterrupt

    return interrupted


@pytest.mark.parametrize("after", [True, False], ids=["set", "not set"])
@pytest.mark.parametrize("what", ["learn", "fit", "sweep"])
def test_ctrl_c_while_threads_are_set(what, after, digits, monkeypatch):
    torch.set_num_threads(2)
    model = me.mlp([64, 8, 10])
    calls = {
        "learn": lambda: me.learn(digits, me.MAS(), schedule=SHORT, progress=False),
        "fit": lambda: [me.fit(model, digits[0], SHORT) for _ in range(2)],
        "sweep": lambda: me.sweep(digits, me.MAS(), [0, 1], [0], schedule=SHORT, progress=False),
    }
    monkeypatch.setattr(threads, "set_own_numbers", _third(threads.set_own_numbers, after=after))
    with pytest.raises(KeyboardInterrupt):
        calls[what]()
    assert thread_numbers() == (2, 2)


def test_ctrl_c_while_the_random_state_is_given_back(digits, monkeypatch):
    model = nn.Sequential(nn.Linear(64, 8), nn.Dropout(), nn.Linear(8, 10))
    monkeypatch.setattr(randomness, "_set", _third(randomness._set, after=False))
    before = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        me.learn(digits, me.FineTune(), model=model, schedule=SHORT, progress=False)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ["bind", "release"])
def test_ctrl_c_while_weights_become_one_vector_or_are_given_back(name, digits, monkeypatch):
    def interrupted(flat):
        monkeypatch.undo()
        step(flat)
        name, weight = next(iter(flat.weights.items()))
        weight.data = flat.params(flat.values.data)[name]  # half done
        raise KeyboardInterrupt

    model, step = me.mlp([64, 8, 10]), getattr(FlatParams, name)
    before = [(weight.data_ptr(), weight.shape) for weight in model.parameters()]
    monkeypatch.setattr(FlatParams, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        me.fit(model, digits[0], SHORT)
    assert [(weight.data_ptr(), weight.shape) for weight in model.parameters()] == before
    assert all(weight.grad is None for weight in model.parameters())


BORROW = {
    "mas": lambda model, task: me.mas(model, task.x),
    "mas_batch": lambda model, task: me.mas_batch(model, task.x),
    "explain": lambda model, task: me.explain(model, task.x),
    "fisher": lambda model, task: me.fisher(model, task.x),
    "accuracies": lambda model, task: accuracies(model, [task]),
    "fit": lambda model, task: me.fit(model, task, SHORT),  # while it checks the model
}


@pytest.mark.parametrize("borrow", BORROW.values(), ids=BORROW)
def test_ctrl_c_while_modes_and_gradients_are_given_back(borrow, digits, monkeypatch):
    torch.set_num_threads(2)
    model = nn.Sequential(nn.Linear(64, 8), nn.Dropout(), nn.Linear(8, 10))
    model[1].eval()
    before = _world(model)
    monkeypatch.setattr(evaluation_mode, "keep_modes", lambda model: contextlib.nullcontext())
    model[2].register_forward_hook(lambda *_: _disturb(model))
    with pytest.raises(KeyboardInterrupt):
        borrow(model, digits[0])
    assert _world(model) == before


def test_ctrl_c_while_a_chain_is_evaluated(digits, monkeypatch):
    model = me.mlp([64, 8, 10])
    before = _world(model)
    monkeypatch.setattr(evaluation, "_together", lambda *_: _disturb(nn.Linear(1, 1)))
    with pytest.raises(KeyboardInterrupt):
        accuracies(model, digits)
    assert _world(model) == before
