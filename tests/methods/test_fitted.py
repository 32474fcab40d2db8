"""An anchor for a network that has changed: what is old is held as before, what is new is free."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.networks import Wrapped

X = torch.rand(20, 6, generator=torch.Generator().manual_seed(0))


class Heads(nn.Module):
    """A body, and a head for each task."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.heads, self.task = nn.Linear(6, 5), nn.ModuleDict({"0": nn.Linear(5, 3)}), 0

    def forward(self, x: Tensor) -> Tensor:
        return self.heads[str(self.task)](torch.relu(self.body(x)))

    def add_head(self, outputs: int) -> None:
        self.task += 1
        self.heads[str(self.task)] = nn.Linear(5, outputs)


def grow(layer: nn.Linear, outputs: int) -> nn.Linear:
    """Return a layer with more outputs, the first of them as before."""
    wider = nn.Linear(layer.in_features, outputs)
    with torch.no_grad():
        wider.weight[: layer.out_features], wider.bias[: layer.out_features] = (
            layer.weight, layer.bias,
        )  # fmt: skip
    return wider


def anchored(net: nn.Module, x: Tensor = X) -> me.Anchor:
    return me.Anchor(me.snapshot(net), me.mas(net, x))


def move(net: nn.Module) -> None:
    with torch.no_grad():
        for weight in net.parameters():
            weight += torch.randn(weight.shape)


def test_a_new_head_is_free_and_the_rest_is_held() -> None:
    net = Heads()
    anchor = anchored(net)
    old = copy.deepcopy(net)
    net.add_head(2)
    with pytest.raises(ValueError, match=r"'heads\.1\.bias' is only in model.*fitted_to\(model\)"):
        anchor.penalty(net)
    fitted = anchor.fitted_to(net)
    assert fitted.changes == ("heads.1.weight: new, Ω = 0", "heads.1.bias: new, Ω = 0")
    assert fitted.penalty(net) == 0
    move(net)
    for name, weight in old.named_parameters():
        weight.data.copy_(net.get_parameter(name).data)
    torch.testing.assert_close(fitted.penalty(net), anchor.penalty(old))
    fitted.penalty(net).backward()
    assert not net.heads["1"].weight.grad.any()
    assert net.heads["0"].weight.grad.any()
    assert not anchor.changes, "the anchor itself is as it was"
    assert set(anchor.theta) == set(dict(old.named_parameters()))


def test_new_outputs_are_free_and_the_rest_is_held() -> None:
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    anchor, old = anchored(net), copy.deepcopy(net)
    net[2] = grow(net[2], 7)
    with pytest.raises(ValueError, match=r"'2\.weight' has shape \(3, 5\).*fitted_to\(model\)"):
        anchor.penalty(net)
    fitted = anchor.fitted_to(net)
    assert len(fitted.changes) == 2
    assert "2.weight: grown from (3, 5) to (7, 5)" in fitted.changes[0]
    assert not fitted.omega["2.weight"][3:].any()
    assert torch.equal(fitted.omega["2.weight"][:3], anchor.omega["2.weight"])
    assert fitted.penalty(net) == 0
    move(net)
    with torch.no_grad():
        for name, weight in old.named_parameters():
            now = net.get_parameter(name)
            weight.copy_(now[: len(weight)])
    torch.testing.assert_close(fitted.penalty(net), anchor.penalty(old))


@pytest.mark.slow
def test_frozen_and_removed_weights_are_dropped() -> None:
    net = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 3))
    anchor = anchored(net)
    net[0].requires_grad_(False)
    fitted = anchor.fitted_to(net)
    assert set(fitted.theta) == {"1.weight", "1.bias"}
    assert fitted.changes == ("0.weight: frozen, dropped", "0.bias: frozen, dropped")
    assert fitted.penalty(net) == 0
    other = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    changes = anchor.fitted_to(other).changes
    assert "1.weight: no longer in the network, dropped" in changes
    assert "2.weight: new, Ω = 0" in changes


def test_a_compiled_network_has_the_weights_it_had() -> None:
    net = nn.Linear(6, 3)
    anchor, compiled = anchored(net), torch.compile(net, backend="eager")
    fitted = anchor.fitted_to(compiled)
    assert not fitted.changes
    assert fitted.penalty(compiled) == 0
    assert anchored(compiled).fitted_to(net).penalty(net) == 0


def test_a_wrapped_network_has_the_weights_it_had() -> None:
    net = nn.Linear(6, 3)
    anchor, wrapped = anchored(net), Wrapped(net)
    fitted = anchor.fitted_to(wrapped)
    assert not fitted.changes
    assert fitted.penalty(wrapped) == 0
    assert fitted.fitted_to(net).code == anchor.code


def test_a_network_on_several_devices_has_the_weights_it_had() -> None:
    net = nn.Linear(6, 3)
    anchor, parallel = anchored(net), nn.DataParallel(net)
    fitted = anchor.fitted_to(parallel)
    assert not fitted.changes
    assert fitted.penalty(parallel) == 0
    assert fitted.fitted_to(net).code == anchor.code
    inner = nn.ModuleDict({"module": nn.Linear(6, 3), "head": nn.Linear(6, 3)})
    with pytest.raises(ValueError, match="in common"):
        anchor.fitted_to(inner)


def test_an_unchanged_network_gets_the_same_anchor() -> None:
    net = Heads()
    anchor = anchored(net)
    again = anchor.fitted_to(net)
    assert again.code == anchor.code
    assert not again.changes


def test_readme_s_sum_over_tasks_goes_on() -> None:
    net = Heads()
    anchor = anchored(net)
    net.add_head(2)
    anchor = anchor.fitted_to(net)
    omega = me.mas(net, X)
    anchor = me.Anchor(me.snapshot(net), {name: omega[name] + anchor.omega[name] for name in omega})
    assert anchor.penalty(net) == 0
    assert anchor.omega["heads.0.weight"].any()
    assert anchor.omega["heads.1.weight"].any()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (nn.Linear(6, 5), nn.Linear(6, 3)),
        (nn.Linear(6, 3), nn.Linear(5, 4)),
        (nn.Linear(6, 3), nn.Sequential(nn.Linear(6, 3))),
        (nn.Linear(6, 3, bias=False), nn.Conv2d(6, 3, 1, bias=False)),
    ],
    ids=["fewer outputs", "fewer inputs", "other names", "another kind"],
)
def test_what_does_not_fit_at_all_is_refused(before: nn.Module, after: nn.Module) -> None:
    ones = {name: torch.ones_like(weight) for name, weight in before.named_parameters()}
    with pytest.raises(ValueError, match=r"^anchor and model: ") as caught:
        me.Anchor(me.snapshot(before), ones).fitted_to(after)
    assert "shrink" in str(caught.value) or "none" in str(caught.value)


def test_something_else_than_a_network() -> None:
    anchor = anchored(nn.Linear(6, 3))
    with pytest.raises(ValueError, match=r"^model: expected an nn\.Module"):
        anchor.fitted_to(anchor.theta)  # type: ignore[arg-type]


def class_incremental(method: me.Method, lam: float) -> tuple[float, float]:
    """Learn digits 0 to 4 with five outputs, then 5 to 9 with ten: each by `learn`."""
    first = me.stream([me.split("digits", 2, classes_per_task=5, scenario="class")[0]])
    both = me.split("digits", 2, classes_per_task=5, scenario="class")
    second = me.stream([both[1]])
    net = me.mlp([64, 16, 5])
    schedule = me.Schedule(steps=150, lr=3e-3, evaluations=1, proximal=True)
    record = me.learn(first, method, model=net, schedule=schedule, progress=False)
    net.load_state_dict(record.weights)
    anchor = me.Anchor(me.snapshot(net), record.omegas[-1], record.memory)
    start = copy.deepcopy(net)
    net.output = grow(net.output, 10)
    anchor = anchor.fitted_to(net)
    assert len(anchor.changes) == 2
    again = me.learn(
        second, method, lam, model=net, anchor=anchor, schedule=schedule, progress=False
    )
    net.load_state_dict(again.weights)
    with torch.no_grad():
        moved = (start(both[0].x_test) - net(both[0].x_test)[:, :5]).square().mean()
    return float(moved), float(me.accuracies(net, list(second))[0])


@pytest.mark.parametrize("method", [me.MAS(), me.EWC(separate=True), me.SI(), me.RWalk()], ids=repr)
def test_learning_on_with_a_growing_head(method: me.Method) -> None:
    free, learned = class_incremental(method, 0.0)
    held, _ = class_incremental(method, 1e4)
    assert learned > 0.7
    assert held < free / 2, "the old outputs are held"


def test_the_omega_of_half_precision_keeps_its_digits() -> None:
    model = nn.Linear(6, 3).half()
    omega = {name: torch.full(w.shape, 3e-10) for name, w in model.named_parameters()}
    anchor = me.Anchor(me.snapshot(model), omega)
    for name, value in anchor.fitted_to(model).omega.items():
        assert torch.equal(value, omega[name])


def test_the_penalty_of_half_precision_keeps_its_digits() -> None:
    model = nn.Linear(6, 3).half()
    omega = {name: torch.ones(w.shape) for name, w in model.named_parameters()}
    anchor = me.Anchor(me.snapshot(model), omega)
    with torch.no_grad():
        model.weight.zero_().add_(1e-4)
        anchor.theta["weight"].zero_()
    assert anchor.penalty(model).item() == pytest.approx(18e-8, rel=1e-2)
