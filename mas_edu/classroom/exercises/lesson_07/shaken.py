"""Exercise 07.5, `shaken`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise

Tensors = dict[str, Tensor]


def shaken(
    model: nn.Module,
    x: Tensor,
    omega: dict[str, Tensor],
    signs: dict[str, Tensor],
    share: float,
    size: float,
) -> float:
    """Return ‖F′ − F‖ / ‖F‖, where F′ are the outputs after the least important weights moved.

    model: gives the outputs F(x), [N, outputs]; its own weights stay as they are.
    omega: Ω of each weight, by name.
    signs: +1 or −1 for each weight, by name: the way it moves.
    share: of all weights of the network, those with the least Ω move.
    size: by how much each of them moves.
    The norms are over all samples and outputs.
    """
    values = torch.cat([one.flatten() for one in omega.values()]).sort().values
    highest = values[round(share * len(values)) - 1]  # Ω of the last one that moves
    moved = {
        name: weight.detach() + size * signs[name] * (omega[name] <= highest)
        for name, weight in model.named_parameters()
    }
    with torch.no_grad():
        before, after = model(x), torch.func.functional_call(model, moved, (x,))
    return float((after - before).norm() / before.norm())


def _shake_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)

    def normal(shape: Any) -> Tensor:
        return torch.randn(shape, generator=draw, dtype=torch.float64)

    cases = []
    for layers, share in (
        ([nn.Linear(3, 2, bias=False)], 0.5),
        ([nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4)], 0.25),  # 36 weights
        ([nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4)], 0.5),
    ):
        model = nn.Sequential(*layers).double()
        weights = dict(model.named_parameters())
        for weight in weights.values():
            weight.data = normal(weight.shape)
        omega = {
            name: normal(w.shape).exp() * 2.0**k for k, (name, w) in enumerate(weights.items())
        }
        signs = {name: normal(w.shape).sign() for name, w in weights.items()}
        x, size = normal((5, 3)), 0.2 + 0.2 * float(torch.rand(1, generator=draw))
        cases.append(
            {"model": model, "x": x, "omega": omega, "signs": signs, "share": share, "size": size}
        )
    return cases


def _shaken_if(
    *,
    order: Any = lambda omega, weights: omega,
    each: bool = False,
    step: Any = lambda size, weight: size,
    change: Any = lambda after, before: (after - before).norm() / before.norm(),
    leave: bool = False,
) -> Any:
    """Return a wrong test: weights that come first in `order` move by `step`."""

    def wrong(
        model: nn.Module, x: Tensor, omega: Tensors, signs: Tensors, share: float, size: float
    ) -> float:
        weights = {name: weight.detach() for name, weight in model.named_parameters()}
        keys = {name: order(omega[name], weight) for name, weight in weights.items()}
        every = torch.cat([key.flatten() for key in keys.values()])

        def highest(key: Tensor) -> Tensor:
            some = (key if each else every).flatten().sort().values
            return some[round(share * len(some)) - 1]

        moved = {
            name: weight + step(size, weight) * signs[name] * (keys[name] <= highest(keys[name]))
            for name, weight in weights.items()
        }
        with torch.no_grad():
            before, after = model(x), torch.func.functional_call(model, moved, (x,))
            if leave:
                for name, weight in model.named_parameters():
                    weight.copy_(moved[name])
        return float(change(after, before))

    return wrong


SHAKEN = Exercise(
    id="07.5",
    name="shaken",
    points=2,
    asks="Test a map of Ω: move the weights that it calls least important, all by the same amount, "
    "and see by how much the outputs change.",
    solution=shaken,
    why="A map that is right about small moves predicts a small change here, and a larger one if "
    "the most important weights move as far.",
    hints=(
        "How do you find the value of Ω below which a given share of all weights lies?",
        "Sort Ω of all tensors together; take the value at that place as a limit. Compute the "
        "outputs twice.",
        "Add size · sign where Ω is at most the limit, run the model with these weights by "
        "torch.func.functional_call, and divide the norm of the difference by the norm of F.",
    ),
    mistakes={
        "most important": (
            _shaken_if(order=lambda omega, weight: -omega),
            "The weights with the largest Ω move: move those with the least.",
        ),
        "by weight": (
            _shaken_if(order=lambda omega, weight: weight.abs()),
            "The smallest weights move: choose by Ω, not by |w|.",
        ),
        "each tensor": (
            _shaken_if(each=True),
            "The share is taken of each tensor by itself: sort the weights of the whole network "
            "together.",
        ),
        "all weights": (
            _shaken_if(order=lambda omega, weight: 0 * omega),
            "All weights move here: only those with the least Ω are to.",
        ),
        "relative to the weight": (
            _shaken_if(step=lambda size, weight: size * weight.abs()),
            "Each weight moves by a share of itself: let all of them move equally far, by size.",
        ),
        "absolute change": (
            _shaken_if(change=lambda after, before: (after - before).norm()),
            "This is the change itself: divide it by the norm of the outputs before.",
        ),
        "relative to the moved": (
            _shaken_if(change=lambda after, before: (after - before).norm() / after.norm()),
            "It is divided by the outputs after the move: divide by those before.",
        ),
        "difference of norms": (
            _shaken_if(
                change=lambda after, before: (after.norm() - before.norm()).abs() / before.norm()
            ),
            "This compares the lengths of the outputs: take the norm of their difference.",
        ),
        "squared": (
            _shaken_if(
                change=lambda after, before: (after - before).square().sum() / before.square().sum()
            ),
            "This is the ratio of the squared norms: take their roots.",
        ),
        "mean over samples": (
            _shaken_if(
                change=lambda after, before: (
                    (after - before).norm(dim=1) / before.norm(dim=1)
                ).mean()
            ),
            "This is a mean of ratios, one for each sample: take both norms over all samples.",
        ),
        "left moved": (
            _shaken_if(leave=True),
            "The number is right, but the network keeps the moved weights: leave it as it was.",
        ),
    },
    cases=_shake_cases,
)
