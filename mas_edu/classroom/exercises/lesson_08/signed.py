"""Exercise 08.3, `signed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.exercises.lesson_08.one_layer import (
    LIBRARY,
    judge_sign,
    layer_cases,
    local_if,
)


def signed(x: Tensor, w: Tensor) -> Tensor:
    """Return local Ω of an output layer, whose inputs here have both signs, [units, inputs].

    x: what comes in, [N, inputs].
    w: the weights, [units, inputs]; there is no bias, and nothing follows: y = w x.
    It is the mean over the samples of |∂‖y‖²/∂w|.
    """
    y = x @ w.T  # [N, units]
    return 2 / len(x) * y.abs().T @ x.abs()


def _signed_if(rule: Callable[[Tensor, Tensor], Tensor]) -> Any:
    return local_if(rule, relu=False)


SIGNED = Exercise(
    id="08.3",
    name="signed",
    points=2,
    asks="Now both ends have both signs. Write local Ω of such a layer, so that nothing cancels; "
    "it still takes one matrix product.",
    solution=signed,
    why="For each sample |2 y_i x_j| = 2 |y_i| |x_j|: both tables may lose their signs before "
    "they are multiplied, and nothing cancels any more.",
    hints=(
        "Where has the absolute value to be taken, so that opposite samples both count?",
        "Of each sample's 2 y_i x_j. How can |y_i x_j| be written as a product again?",
        "Multiply |y| transposed by |x|, times 2, over the number of samples.",
    ),
    mistakes={
        "no absolute value": (
            _signed_if(lambda x, y: 2 / len(x) * y.T @ x),
            "This is the mean gradient with its signs: opposite samples cancel. Take absolute "
            "values before adding up.",
        ),
        "absolute of the mean": (
            _signed_if(lambda x, y: abs(2 / len(x) * y.T @ x)),
            "The absolute value comes after the mean: opposite samples have cancelled by then.",
        ),
        "outputs only": (
            _signed_if(lambda x, y: 2 / len(x) * y.abs().T @ x),
            "Only the outputs lose their signs: inputs of opposite sign still cancel.",
        ),
        "inputs only": (
            _signed_if(lambda x, y: 2 / len(x) * y.T @ x.abs()),
            "Only the inputs lose their signs: outputs of opposite sign still cancel.",
        ),
        "ReLU kept": (
            _signed_if(lambda x, y: 2 / len(x) * y.relu().T @ x.abs()),
            "Negative outputs are cut: there is no ReLU behind this layer.",
        ),
        "inputs cut": (
            _signed_if(lambda x, y: 2 / len(x) * y.abs().T @ x.relu()),
            "Negative inputs are cut to 0: they move the output as well, so take their absolute "
            "value.",
        ),
        "no 2": (
            _signed_if(lambda x, y: y.abs().T @ x.abs() / len(x)),
            "This is half of it: ∂y²/∂w brings a 2.",
        ),
        "sum": (
            _signed_if(lambda x, y: 2 * y.abs().T @ x.abs()),
            "This adds up the samples: divide by how many there are.",
        ),
        "product of means": (
            _signed_if(lambda x, y: 2 * torch.outer(y.abs().mean(0), x.abs().mean(0))),
            "This multiplies two means: multiply |y| and |x| for each sample, then take the mean.",
        ),
    },
    cases=lambda seed: layer_cases(seed, signed=True),
    judge=judge_sign,
    guarded=LIBRARY,
)
