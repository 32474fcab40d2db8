"""Exercise 03.4, `euler`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.exercises.lesson_03.omega import wrong_omega
from mas_edu.importance import mas, reference


def euler(model: nn.Module, x: Tensor) -> dict[str, float]:
    """Return Σ |W| Ω / (2 · mean ‖F‖²) for every weight tensor of a ReLU network without biases.

    x: inputs, [N, features]. Ω may come from `me.mas`. The ratio is at least 1.
    """
    importance = mas(model, x)
    with torch.no_grad():
        length = model(x).square().sum(1).mean()
    return {
        name: float((weight.abs() * importance[name]).sum() / (2 * length))
        for name, weight in model.named_parameters()
    }


def _relu_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, sizes in ((2, (2, 2)), (5, (3, 4, 2)), (9, (4, 5, 4, 3))):
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out, bias=False), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).double()
        for weight in net.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        next(net.parameters()).data[0].abs_()  # one unit fires, whatever the seed
        x = torch.rand(samples, sizes[0], generator=draw, dtype=torch.float64) + 0.1
        x[-1, -1] = -2.0
        cases.append({"model": net, "x": x})
    return cases


def _wrong_euler(
    ratio: Callable[[Tensor, Tensor, Tensor], Tensor], signed: bool = False
) -> Callable[[nn.Module, Tensor], dict[str, float]]:
    """Return ratios `ratio(W, Ω, ‖F‖² of each sample)`; signed: of the gradient itself."""

    def wrong(model: nn.Module, x: Tensor) -> dict[str, float]:
        importance = reference.mas(model, x)
        if signed:
            importance = wrong_omega(absolute=False)(model, x)
        lengths = model(x).square().sum(1).detach()
        weights = dict(model.named_parameters())
        return {n: float(ratio(w.detach(), importance[n], lengths)) for n, w in weights.items()}

    return wrong


def _judge_euler(case: Case, found: Any) -> str:
    if min(found.values()) < 1 - 1e-6:
        return "A ratio is below 1, which cannot be: the absolute values are at least the sum."
    return ""


EULER = Exercise(
    id="03.4",
    name="euler",
    points=2,
    asks="Test Ω by Euler's relation: in a ReLU network without biases, Σ W ∂‖F‖²/∂W is 2‖F‖² in "
    "every layer, so Σ|W|Ω is at least twice the mean of ‖F‖². Return the ratio for each layer.",
    solution=euler,
    why="If a layer's weights double, ‖F‖² grows fourfold: that is where the 2 comes from. "
    "Absolute values can only make the sum larger.",
    hints=(
        "What is Σ W ∂F/∂W of a layer, if doubling W doubles F?",
        "For every layer the same number stands below: twice the mean squared length of the "
        "output.",
        "Sum |W| times Ω over the layer, and divide by two times the mean over the samples of "
        "‖F‖².",
    ),
    mistakes={
        "signed": (
            _wrong_euler(lambda w, o, f: (w * o).sum() / (2 * f.mean()), signed=True),
            "This is exactly 1 in every layer: that is Euler's relation itself. The test is with "
            "absolute values.",
        ),
        "no 2": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / f.mean()),
            "This is twice the ratio: the squared length brings a 2 into the denominator.",
        ),
        "mean of weights": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).mean() / (2 * f.mean())),
            "This averages over the weights: add |W| Ω up over the layer.",
        ),
        "sum of lengths": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / (2 * f.sum())),
            "The lengths are added up over the samples: Ω is a mean, so take their mean, too.",
        ),
        "length not squared": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / (2 * f.sqrt().mean())),
            "The length below is not squared: take the mean of ‖F‖².",
        ),
        "weights without sign": (
            _wrong_euler(lambda w, o, f: (w * o).sum() / (2 * f.mean())),
            "Ω has no sign, so W must have none either: multiply Ω by |W|.",
        ),
    },
    cases=_relu_cases,
    judge=_judge_euler,
)
