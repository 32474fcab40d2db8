"""Exercise 08.1, `local_omega`."""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.exercises.lesson_08.one_layer import (
    LIBRARY,
    judge_sign,
    layer_cases,
    local_if,
)


def local_omega(x: Tensor, w: Tensor) -> Tensor:
    """Return local Ω of the weights of one layer with ReLU behind it, [units, inputs].

    x: what comes in, never negative, [N, inputs].
    w: the weights, [units, inputs]; there is no bias.
    It is the mean over the samples of |∂‖y‖²/∂w| with y = ReLU(w x).
    """
    y = (x @ w.T).relu()  # [N, units]
    return 2 / len(x) * y.T @ x


LOCAL = Exercise(
    id="08.1",
    name="local_omega",
    points=2,
    asks="Hebb's rule: write local Ω of one layer from what comes in and what goes out. No "
    "gradient is needed.",
    solution=local_omega,
    why="For each sample ∂‖y‖²/∂w_ij is 2 y_i x_j. Neither end is ever negative, so the absolute "
    "value changes nothing, and one matrix product adds up all samples.",
    hints=(
        "What is the derivative of y_i² by w_ij, if y_i = w_i1 x_1 + w_i2 x_2 + …?",
        "It is 2 y_i x_j for each sample, and 0 where the unit is inactive. Take the mean.",
        "Compute y with ReLU; multiply y transposed by x, then by 2 over the number of samples.",
    ),
    mistakes={
        "no 2": (
            local_if(lambda x, y: y.T @ x / len(x)),
            "This is half of it: the derivative of y² is 2y.",
        ),
        "sum": (
            local_if(lambda x, y: 2 * y.T @ x),
            "This is the sum over the samples: divide by their number.",
        ),
        "no ReLU": (
            local_if(lambda x, y: 2 / len(x) * y.T @ x, relu=False),
            "Units go below 0 here: an inactive unit gives 0, so apply ReLU first.",
        ),
        "absolute for ReLU": (
            local_if(lambda x, y: 2 / len(x) * y.abs().T @ x, relu=False),
            "Inactive units count as if they were active: ReLU makes them 0, an absolute value "
            "does not.",
        ),
        "transposed": (
            local_if(lambda x, y: 2 / len(x) * x.T @ y),
            "This is [inputs, units]: transpose it, as the weights have a row for each unit.",
        ),
        "product of means": (
            local_if(lambda x, y: 2 * torch.outer(y.mean(0), x.mean(0))),
            "This multiplies two means, which forgets when both ends are active together: multiply "
            "sample by sample.",
        ),
        "firing as 0 and 1": (
            local_if(lambda x, y: 2 / len(x) * (y > 0).to(x.dtype).T @ x),
            "Each active unit counts as 1: use how strongly it is active, y.",
        ),
        "no input": (
            local_if(lambda x, y: 2 * y.mean(0)[:, None].expand(-1, x.shape[1])),
            "The input is missing as a factor: multiply y by x.",
        ),
        "squared": (
            local_if(lambda x, y: 2 / len(x) * y.square().T @ x),
            "The output is squared here: its derivative by a weight has y itself, times 2 x.",
        ),
    },
    cases=layer_cases,
    judge=judge_sign,
    guarded=LIBRARY,
)
