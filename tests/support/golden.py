"""Values derived by hand from the definitions, and checked by finite differences.

Each case: a network, inputs, and what exact ("ps", per sample) and batch-averaged Ω must be.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

Values = dict[str, list]


@dataclass(frozen=True)
class Case:
    """One network with hand-set weights, its data, and Ω by name."""

    name: str
    model: nn.Module
    x: Tensor
    exact: Values
    batch: Values
    local: Values | None = None


def _filled(model: nn.Module, **values: list) -> nn.Module:
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(torch.tensor(values[name.replace(".", "_")]))
    return model.double()


def _two_layers(bias: bool = True, sizes: tuple[int, int, int] = (3, 2, 2)) -> nn.Sequential:
    first = nn.Linear(*sizes[:2], bias=bias)
    return nn.Sequential(first, nn.ReLU(), nn.Linear(*sizes[1:]))


def _x(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


_X = _x((1, 2, -1), (-0.5, 1, 4))
_W = [[1, -2, 0.5], [0.25, 3, -1]]

CASES = [
    Case(
        "1 linear without bias",
        _filled(nn.Linear(3, 2, bias=False), weight=_W),
        _X,
        exact={"weight": [[3.75, 7.5, 5.5], [7.8125, 15.625, 11.75]]},
        batch={"weight": [[3.25, 7.5, 1.5], [7.8125, 13.375, 11.75]]},
    ),
    Case(
        "2 linear with bias",
        _filled(nn.Linear(3, 2), weight=_W, bias=[0.5, -1]),
        _X,
        exact={"weight": [[3, 6, 3], [7.3125, 14.625, 14.75]], "bias": [3, 8.375]},
        batch={"weight": [[3, 6, 3], [7.3125, 10.375, 14.75]], "bias": [3, 4.125]},
    ),
    Case(
        "3 the batch estimate is exactly zero",
        _filled(
            _two_layers(bias=False, sizes=(1, 1, 1)),
            **{"0_weight": [[1.0]], "2_weight": [[3.0]], "2_bias": [-5.0]},
        ),
        _x((1,), (2,)),
        exact={"0.weight": [[12]], "2.weight": [[4]], "2.bias": [3]},
        batch={"0.weight": [[0]], "2.weight": [[0]], "2.bias": [1]},
    ),
    Case(
        "4 short last batch",
        _filled(nn.Linear(1, 1, bias=False), weight=[[1.0]]),
        _x((1,), (2,), (3,)),
        exact={"weight": [[28 / 3]]},
        batch={"weight": [[28 / 3]]},
    ),
    Case(
        "5 and 6 two layers with ReLU",
        _filled(
            _two_layers(),
            **{
                "0_weight": [[0.5, -1, 2], [1, 0.25, -0.5]],
                "0_bias": [0.1, -0.2],
                "2_weight": [[1.5, -1], [-0.5, 2]],
                "2_bias": [0.3, -0.4],
            },
        ),
        _x((1, 0, 2), (-1, 0.5, 1), (2, 1, -1)),
        exact={
            "0.weight": [[10.366667, 1.133333, 18.466667], [15.533333, 7.766667, 7.766667]],
            "0.bias": [10.366667, 7.766667],
            "2.weight": [[23.51, 3.825], [8.976667, 7.99]],
            "2.bias": [7.6, 5.566667],
        },
        batch={
            "0.weight": [[5.833333, 1.133333, 18.466667], [15.533333, 7.766667, 7.766667]],
            "0.bias": [10.366667, 7.766667],
            "2.weight": [[23.51, 3.825], [8.976667, 7.99]],
            "2.bias": [4.6, 0.7],
        },
        local={
            "0.weight": [[3.8, 0.366667, 6.866667], [3.4, 1.7, 1.7]],
            "2.weight": [[23.51, 3.825], [8.976667, 7.99]],
            "2.bias": [7.6, 5.566667],
        },
    ),
    Case(
        "8 MAS on logits",
        _filled(nn.Linear(2, 2, bias=False), weight=[[0.5, -0.25], [-0.5, 1]]),
        _x((1, 2)),
        exact={"weight": [[0, 0], [3, 6]]},
        batch={"weight": [[0, 0], [3, 6]]},
    ),
]

SHIFTED = {"weight": [[6, 12], [9, 18]], "bias": [6, 9]}  # case 8 with 3 added to both logits
"""3 added to both logits keeps every prediction and changes Ω; bias: 2 · (0 + 3, 1.5 + 3)."""

# 7: Ω, θ*, θ; Σ Ω Δ² = 1, and with λ = 1 the loss term is 0.5 and its gradient (1, −0.5, 0)
PENALTY = {"omega": [2, 0.5, 0], "theta": [1, -1, 3], "now": [1.5, -2, 10]}

# 8: the same case, Fisher; two samples with labels 0 and 1 for the last two
FISHER = {
    "exact": [[0.149146, 0.596586], [0.149146, 0.596586]],
    "empirical": [[0.350854, 1.403414], [0.350854, 1.403414]],
    "square of the batch mean": [[0.100854, 0.403414], [0.100854, 0.403414]],
}

# 9: SI on L = (θ − 1)²/2 from θ = 0, gradient descent with lr 0.1, 10 steps, ξ = 0.1
PATH = {"end": 0.651322, "gain": 0.462328, "omega": 0.881936}

# 10: SCP of case 1, the axes as slices; the mean input is (0.25, 1.5, 1.5)
SLICED = [[0.03125, 1.125, 1.125], [0.03125, 1.125, 1.125]]

# 11: Ω of task t is one-hot(t); what is in force while task 5 is learned
ACCUMULATED = {
    "sum": [1.0, 1.0, 1.0, 1.0],
    "moving average of half": [0.125, 0.125, 0.25, 0.5],
    "cumulative guards added again": [4.0, 2.0, 1.0, 1.0],
}
