"""Exercise 04.3, `omega_linear`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case, Exercise


def omega_linear(delta: Tensor, a: Tensor) -> Tensor:
    """Return exact Ω of a linear layer's weight matrix, [out, in], without a loop.

    delta: for each sample the gradient of ‖F‖² at the layer's output, [N, out].
    a: for each sample what went into the layer, [N, in].
    """
    return delta.abs().T @ a.abs() / len(a)


def _linear_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, wide, high in ((2, 1, 2), (4, 3, 3), (7, 3, 2)):
        delta = torch.randn(samples, high, generator=draw, dtype=torch.float64)
        a = torch.randn(samples, wide, generator=draw, dtype=torch.float64)
        cases.append({"delta": delta, "a": a})
    return cases


def _judge_linear(case: Case, found: Any) -> str:
    return "Ω is never negative." if (found < 0).any() else ""


LINEAR = Exercise(
    id="04.3",
    name="omega_linear",
    points=2,
    asks="Write exact Ω of a linear layer as a single matrix product. The gradient of one sample "
    "by the weight matrix is δ aᵀ: entry (i, j) is δᵢ aⱼ.",
    solution=omega_linear,
    why="As |δᵢ aⱼ| = |δᵢ| |aⱼ|, the absolute values can be taken before the product, and the "
    "product does the sum over the samples.",
    hints=(
        "What is |δᵢ aⱼ|, written with two absolute values?",
        "A matrix product over the samples sums products: give it |Δ| and |A|.",
        "Take |Δ| transposed, times |A|; divide by the number of samples.",
    ),
    mistakes={
        "absolute value of the product": (
            lambda delta, a: (delta.T @ a).abs() / len(a),
            "This is |ΔᵀA|/N, the batch form: take the absolute values before the product, which "
            "sums over the samples.",
        ),
        "sum": (
            lambda delta, a: delta.abs().T @ a.abs(),
            "This is the sum over the samples: divide by N.",
        ),
        "transposed": (
            lambda delta, a: a.abs().T @ delta.abs() / len(a),
            "This is Ωᵀ, of shape [in, out]: the layer's weight is [out, in].",
        ),
        "only delta": (
            lambda delta, a: delta.abs().T @ a / len(a),
            "Only Δ has its absolute value: the inputs A may be negative as well.",
        ),
        "only a": (
            lambda delta, a: delta.T @ a.abs() / len(a),
            "Only A has its absolute value: Δ has both signs as well.",
        ),
        "squares": (
            lambda delta, a: (delta**2).T @ a**2 / len(a),
            "This is the mean of squared gradients: take absolute values instead of squares.",
        ),
        "no absolute value": (
            lambda delta, a: delta.T @ a / len(a),
            "This is the mean gradient with its sign: absolute values are missing.",
        ),
        "double": (
            lambda delta, a: 2 * delta.abs().T @ a.abs() / len(a),
            "This is twice Ω: the 2 of the squared output is already in δ.",
        ),
        "divided by outputs": (
            lambda delta, a: delta.abs().T @ a.abs() / delta.shape[1],
            "This divides by the number of outputs: the mean is over the samples.",
        ),
    },
    cases=_linear_cases,
    judge=_judge_linear,
)
