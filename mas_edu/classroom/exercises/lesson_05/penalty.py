"""Exercise 05.1, `penalty`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.methods import Anchor

Tensors = dict[str, Tensor]


def penalty(model: nn.Module, theta: dict[str, Tensor], omega: dict[str, Tensor]) -> Tensor:
    """Return Σ Ω (θ − θ*)² over all weights of the model: one number, differentiable in them.

    theta: θ*, by the names of the weights. It may still be attached to a graph: hold it still.
    omega: Ω, same names and shapes.
    """
    total = torch.zeros(())
    for name, weight in model.named_parameters():
        total = total + (omega[name] * (weight - theta[name].detach()) ** 2).sum()
    return total


def _penalty_cases(seed: int) -> list[Case]:
    """Draw a network at its anchor, moved away from it, and with θ* that is still attached."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for moved, attached in ((0.0, False), (1.0, False), (1.0, True)):
        model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)).double()
        theta, omega = {}, {}
        for name, weight in model.named_parameters():
            value = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            step = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            weight.data = value + moved * step
            theta[name] = value.requires_grad_(attached)
            omega[name] = 0.1 + 3 * torch.rand(weight.shape, generator=draw, dtype=torch.float64)
        omega["0.weight"][0, 0] = 0.0
        swapped = ("2.weight", "2.bias", "0.weight", "0.bias")  # by name, not by position
        theta = {name: theta[name] for name in swapped}
        cases.append({"model": model, "theta": theta, "omega": {n: omega[n] for n in swapped}})
    return cases


def _observe_penalty(answer: Any, case: Case) -> Any:
    """Return the value, and the gradients that it sends into the weights and into θ*."""
    model, theta = case["model"], case["theta"]
    value = answer(model, theta, case["omega"])
    if not isinstance(value, Tensor):
        raise FormError(f"expected a tensor that gradients flow through, got {short_repr(value)}")
    weights = dict(model.named_parameters())
    sources = [*weights.values(), *(one for one in theta.values() if one.requires_grad)]
    found: list[Tensor | None] = [None] * len(sources)
    if value.requires_grad and value.numel() == 1:
        found = list(torch.autograd.grad(value.sum(), sources, allow_unused=True))
    gradients = [
        torch.zeros_like(source) if one is None else one
        for source, one in zip(sources, found, strict=True)
    ]
    return {
        "value": value,
        "gradient into the weights": dict(zip(weights, gradients, strict=False)),
        "gradient into θ*": float(sum(one.abs().sum() for one in gradients[len(weights) :])),
    }


def _judge_penalty(case: Case, found: Any) -> str:
    at_anchor = all(bool(torch.equal(w, case["theta"][n])) for n, w in _weights(case).items())
    if at_anchor and abs(found["value"]) > 0:
        return "At θ = θ* the penalty must be 0."
    if found["value"] < 0:
        return "The penalty is never negative: square each difference."
    return ""


def _weights(case: Case) -> dict[str, Tensor]:
    return dict(case["model"].named_parameters())


def _sum_of(term: Any) -> Any:
    """Return a penalty made of the terms `term(θ, θ*, Ω)`."""

    def wrong(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
        terms = [
            term(weight, theta[name].detach(), omega[name]).sum()
            for name, weight in model.named_parameters()
        ]
        return torch.stack(terms).sum()

    return wrong


def _mean(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    return penalty(model, theta, omega) / sum(weight.numel() for weight in model.parameters())


def _square_of_sum(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    total: Tensor = _sum_of(lambda w, t, o: o.sqrt() * (w - t))(model, theta, omega)
    return total**2


def _attached(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    terms = [(omega[n] * (w - theta[n]) ** 2).sum() for n, w in model.named_parameters()]
    return torch.stack(terms).sum()


def _no_biases(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    terms = [
        (omega[n] * (w - theta[n].detach()) ** 2).sum()
        for n, w in model.named_parameters()
        if "bias" not in n
    ]
    return torch.stack(terms).sum()


def _by_position(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    triples = zip(model.parameters(), theta.values(), omega.values(), strict=True)
    return torch.stack([(o * (w - t.detach()) ** 2).sum() for w, t, o in triples]).sum()


PENALTY = Exercise(
    id="05.1",
    name="penalty",
    points=2,
    asks="Write the sum Σ Ω (θ − θ*)² that holds each weight near θ* as firmly as its Ω says. "
    "The factor λ/2 is not part of it: that belongs to the loss.",
    solution=penalty,
    why="Each weight is compared with the anchor of the same name; detach keeps θ* fixed, so that "
    "the gradient pulls the weights to the anchor and never the anchor to the weights.",
    hints=(
        "What is the penalty of a single weight that has moved by 2, with Ω = 3?",
        "Go through the weights by name: θ* and Ω are kept under the same names.",
        "For each name: Ω times the squared difference from the detached θ*, summed over its "
        "entries; add up these sums.",
    ),
    mistakes={
        "half": (
            _sum_of(lambda w, t, o: o * (w - t) ** 2 / 2),
            "This is half of the sum: the ½ belongs to λ/2, in the loss.",
        ),
        "absolute": (
            _sum_of(lambda w, t, o: o * (w - t).abs()),
            "This is Σ Ω |θ − θ*|: the difference is squared, so that the pull grows with it.",
        ),
        "no omega": (
            _sum_of(lambda w, t, o: (w - t) ** 2),
            "This is Σ (θ − θ*)², the penalty of L2: multiply each square by its Ω.",
        ),
        "omega squared": (
            _sum_of(lambda w, t, o: (o * (w - t)) ** 2),
            "Here Ω is squared as well: square the difference first, then multiply by Ω.",
        ),
        "root of omega": (
            _sum_of(lambda w, t, o: o.sqrt() * (w - t) ** 2),
            "Here each square is multiplied by √Ω: multiply it by Ω itself.",
        ),
        "mean": (
            _mean,
            "This is the mean over the weights: take the sum, or λ would depend on the network's "
            "size.",
        ),
        "from zero": (
            _sum_of(lambda w, t, o: o * w**2),
            "This is Σ Ω θ², the distance from 0: measure the distance from θ*.",
        ),
        "square of the sum": (
            _square_of_sum,
            "This squares the sum, where opposite differences cancel: square each difference, then "
            "add.",
        ),
        "no gradient": (
            _sum_of(lambda w, t, o: o * (w.detach() - t) ** 2),
            "The value is right, but no gradient reaches the weights: do not detach the weights "
            "themselves.",
        ),
        "anchor attached": (
            _attached,
            "The value is right, but a gradient flows into θ* as well: detach θ*, it must stay "
            "where it is.",
        ),
        "no biases": (
            _no_biases,
            "The biases are left out: they are weights with an Ω of their own.",
        ),
        "by position": (
            _by_position,
            "Weights, θ* and Ω are matched by their order: match them by name, a dict may have any "
            "order.",
        ),
    },
    cases=_penalty_cases,
    observe=_observe_penalty,
    judge=_judge_penalty,
    guarded=(Anchor.penalty,),
)
