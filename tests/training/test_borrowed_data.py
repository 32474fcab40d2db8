"""A forward pass that writes into its inputs changes no data of the caller's, and no result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training.provenance import PARTS


class Writing(nn.Module):
    """A network whose first step is done in place, in one of several ways."""

    def __init__(self, step: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.step, self.net = step, me.mlp([64, 12, 10])

    def forward(self, x: Tensor) -> Tensor:
        return self.net(self.step(x))


def _minus(x: Tensor) -> Tensor:
    x -= 0.5
    return x


def _by_numpy(x: Tensor) -> Tensor:
    x.numpy()[...] -= 0.5
    return x


def _through_a_view(x: Tensor) -> Tensor:
    x.flatten(1).T[0].fill_(3.0)
    return x


def _only_many(x: Tensor) -> Tensor:
    return x.sub_(0.5) if len(x) > 40 else x - 0.5


STEPS = {
    "minus": (_minus, lambda x: x - 0.5),
    "numpy": (_by_numpy, lambda x: x - 0.5),
    "data": (lambda x: x.data.sub_(0.5), lambda x: x - 0.5),
    "view": (_through_a_view, lambda x: _through_a_view(x.clone())),
    "large batches": (_only_many, lambda x: x - 0.5),
}


def networks(kind: str) -> tuple[nn.Module, nn.Module]:
    """Return a network that writes into its inputs, and one that does the same on copies."""
    if kind in STEPS:
        writing, copying = map(Writing, STEPS[kind])
    elif kind == "hook":
        writing, copying = me.mlp([64, 12, 10]), me.mlp([64, 12, 10])
        writing.register_forward_pre_hook(lambda _, args: args[0].sub_(0.5))
        copying.register_forward_pre_hook(lambda _, args: args[0] - 0.5)
    else:
        first = {"layer": lambda inplace: nn.Threshold(0.5, 0.0, inplace), "chain": nn.ReLU}[kind]
        writing, copying = (
            nn.Sequential(nn.Flatten(), first(inplace), nn.Linear(64, 10))
            for inplace in (True, False)
        )
    copying.load_state_dict(writing.state_dict())
    return writing, copying


def contents(stream: me.Stream) -> list[Tensor]:
    parts = [getattr(task, part) for task in stream for part in PARTS]
    return [part.clone() for part in parts if part is not None]


def run(name: str, model: nn.Module, stream: me.Stream, short: me.Schedule) -> Any:
    """Return what one of the library's functions makes of the model."""
    if name == "fit":
        me.fit(model, stream[0], short)
        return torch.cat([weight.flatten() for weight in model.parameters()])
    if name == "accuracies":
        both = [me.accuracies(model, list(stream), part) for part in ("test", "val")]
        return torch.tensor([found.tolist() for found in both])
    if name == "learn":
        record = me.learn(stream, me.L2(), model=model, schedule=short, progress=False)
        return torch.tensor(record.curve.tolist())
    records = me.sweep(
        stream, me.L2(), [0.0, 1.0], [0], model=model, schedule=short, progress=False
    )
    return torch.tensor([record.curve.tolist() for record in records])


@pytest.mark.parametrize("name", ["fit", "accuracies", "learn", "sweep"])
@pytest.mark.parametrize("kind", [*STEPS, "hook", "layer"])
def test_what_is_borrowed_is_given_back(
    kind: str, name: str, digits: me.Stream, short: me.Schedule
) -> None:
    check(*networks(kind), name, digits, short)


@pytest.mark.parametrize("name", ["fit", "accuracies", "learn", "sweep"])
def test_a_chain_whose_first_activation_is_in_place_changes_no_data(
    name: str, short: me.Schedule
) -> None:
    """One task, so that its test part is not joined with others, which would be a copy."""
    parts = torch.randn(90, 64).split(30)
    y = torch.arange(30) % 10
    task = me.Task("signed", parts[0], y, parts[1], y, parts[2], y)
    stream = me.Stream("one", (task,), 10, (64,))
    check(*networks("chain"), name, stream, short)


def check(
    writing: nn.Module, copying: nn.Module, name: str, stream: me.Stream, short: me.Schedule
) -> None:
    """Check that a run leaves the data as they were, and that its result is that of copies."""
    before = contents(stream)
    found = run(name, writing, stream, short)
    assert all(map(torch.equal, contents(stream), before))
    torch.testing.assert_close(found, run(name, copying, stream, short), rtol=1e-4, atol=1e-6)
