"""Methods are their settings; they differ in how Ω is made and merged, not in how it is used."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest
import torch
from torch import Tensor

import mas_edu as me
from mas_edu import methods
from tests.support import contract, nets

every_method = pytest.mark.parametrize("name", methods.METHODS)
PENALISED = [name for name, kind in methods.METHODS.items() if kind.penalised]
every_penalised = pytest.mark.parametrize("name", PENALISED)


@every_method
def test_a_method_is_its_settings(name: str) -> None:
    method = methods.make_method(name)
    assert is_dataclass(method)
    assert repr(method).startswith(f"{name}(")
    assert method == copy.deepcopy(method) == pickle.loads(pickle.dumps(method))
    assert hash(method) == hash(methods.make_method(name))
    assert eval(repr(method), vars(methods)) == method
    for field in fields(method):
        with pytest.raises(FrozenInstanceError):
            setattr(method, field.name, 1)


@every_method
def test_a_method_is_public_and_explained(name: str) -> None:
    assert getattr(me, name) is methods.METHODS[name]
    assert methods.METHODS[name].__doc__


@every_penalised
def test_after_a_task_the_weights_are_the_anchor(name: str, task: me.Task) -> None:
    model = nets.build("mlp")
    with contract.left_as_it_was(model), contract.world_untouched():
        anchor = contract.held(methods.make_method(name), model, task)
    contract.assert_close(anchor.theta, me.snapshot(model), 0)
    contract.assert_is_importance(anchor.omega, model)
    assert anchor.penalty(model).item() == 0


@every_penalised
def test_the_anchor_moves_and_omega_is_merged(name: str, task: me.Task) -> None:
    method, model = methods.make_method(name), nets.build("mlp")
    first = contract.held(method, model, task)
    with torch.no_grad():
        model.output.bias += 1.0
    second = contract.held(method, model, task, first)
    contract.assert_close(second.theta, me.snapshot(model), 0)
    if name == "RWalk":  # merged before it is scaled: see test_family
        return
    own = contract.held(method, model, task).omega
    old, new = {"L2": (0, 1), "SCP": (0.5, 0.5)}.get(name, (1, 1))
    merged = {key: old * first.omega[key] + new * own[key] for key in own}
    contract.assert_close(second.omega, merged)


@every_penalised
def test_memory_does_not_grow_with_tasks(name: str, task: me.Task) -> None:
    method, model, anchor = methods.make_method(name), nets.build("mlp"), None
    for _ in range(4):
        anchor = contract.held(method, model, task, anchor)
    assert anchor is not None
    numbers = sum(value.numel() for value in (anchor.theta | anchor.omega).values())
    assert numbers == sum(weight.numel() for weight in model.parameters())
    assert sum(v.numel() for v in anchor.omega.values()) == numbers
    assert sum(v.numel() for v in anchor.memory.values()) <= 2 * numbers


def test_which_importance_each_method_means(task: me.Task) -> None:
    model = nets.build("mlp")
    pairs = [
        (me.MAS(), me.mas(model, task.x)),
        (me.MASBatch(5), me.mas_batch(model, task.x, batch_size=5)),
        (me.MASLocal(), me.mas_local(model, task.x)),
        (me.EWC(), me.fisher(model, task.x)),
        (me.EWC("sampled"), me.fisher(model, task.x, kind="sampled")),
        (me.EWC("empirical"), me.fisher(model, [(task.x, task.y)], kind="empirical")),
        (me.SCP(), me.scp(model, task.x)),
        (me.SCP(7, seed=3), me.scp(model, task.x, slices=7, seed=3)),
        (me.L2(), {name: torch.ones_like(value) for name, value in me.snapshot(model).items()}),
    ]
    for method, expected in pairs:
        contract.assert_close(method.importance(model, task), expected, 0)


@pytest.mark.parametrize("name", ["MAS", "MASBatch", "MASLocal", "EWC", "SCP"])
def test_omega_uses_active_logits_and_no_labels(name: str, x: Tensor) -> None:
    y = torch.arange(len(x)) % 2
    model, method = nets.build("mlp"), methods.make_method(name)
    task = me.Task("two", x, y, x, y, classes=(0, 1))
    swapped = me.Task("two", x, 1 - y, x, 1 - y, classes=(0, 1))
    omega = method.importance(model, task)
    assert not omega["output.weight"][2].any()
    assert omega["output.weight"][:2].any()
    contract.assert_close(method.importance(model, swapped), omega, 0)


@pytest.mark.parametrize("name", ["FineTune", "Joint"])
def test_fine_tuning_and_joint_training_have_no_anchor(name: str, task: me.Task) -> None:
    method = methods.make_method(name)
    assert method.after_task(nets.build("mlp"), task, None) is None
    assert not method.penalised
    assert method.rehearses == (name == "Joint")


def test_a_custom_method_needs_one_function(digits: me.Stream, short: me.Schedule) -> None:
    class Depth(me.Method):
        """Later layers matter more."""

        def importance(self, model: torch.nn.Module, task: me.Task) -> me.Params:
            weights = me.snapshot(model)
            return {n: torch.full_like(w, float(i)) for i, (n, w) in enumerate(weights.items())}

    record = me.learn(digits, Depth(), 1.0, schedule=short, progress=False)
    assert record.complete
    assert [float(value.max()) for value in record.omegas[1].values()] == [0, 2, 4, 6]
    with pytest.raises(NotImplementedError, match="Method has no importance of its own"):
        me.Method().importance(nets.build("mlp"), digits[0])
