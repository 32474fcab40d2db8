"""Exercise 03.3, `accepts`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.classroom.exercises.lesson_03.omega import wrong_omega
from mas_edu.importance import mas, reference

Tensors = dict[str, Tensor]


def accepts(omega: Callable[[nn.Module, Tensor], dict[str, Tensor]]) -> bool:
    """Return whether `omega(model, x)` computes Ω correctly, for networks of any kind.

    omega: a function like yours in 03.2. Compare it with `me.mas`, which is right.
    """
    model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 2))
    x = torch.randn(12, 3)
    model.train()
    found, right = omega(model, x), mas(model, x)
    same_names = found.keys() == right.keys()
    return same_names and all(
        torch.allclose(found[n].double(), right[n].double(), rtol=1e-3, atol=1e-4) for n in right
    )


def _in_float32(model: nn.Module, x: Tensor) -> Tensors:
    return {name: value.float() for name, value in reference.mas(model, x).items()}


def _rounded(model: nn.Module, x: Tensor) -> Tensors:
    """Return Ω with the rounding of another order of addition."""
    return {name: value * (1 + 1e-6) for name, value in reference.mas(model, x).items()}


def _dropped(model: nn.Module, x: Tensor) -> Tensors:
    return wrong_omega(training=True)(model, x)


VALID = {
    "the loop over samples": reference.mas,
    "a right one with the rounding of float32": _rounded,
    "a right one that returns float32": _in_float32,
}
BUGS = {
    "the absolute value after the mean": wrong_omega(size=0),
    "the absolute value of batches of 3": wrong_omega(size=3),
    "half of it": wrong_omega(score=lambda out: out.square().sum() / 2),
    "training mode": _dropped,
    "without the biases": wrong_omega(weights_only=True),
}


def _observe_test(answer: Any, case: Case) -> dict[str, Any]:
    """Return what the test says to each implementation."""
    found = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case["seed"])
        for name, implementation in {**VALID, **BUGS}.items():
            said = answer(implementation)
            if not isinstance(said, bool | np.bool_):
                raise FormError(f"expected True or False, got {said!r:.60}")
            found[name] = bool(said)
    return found


def _judge_test(case: Case, found: Any) -> str:
    for name in VALID:
        if not found[name]:
            return f"Your test refuses {name}: allow for rounding, and for every valid way."
    for name in BUGS:
        if found[name]:
            return f"Your test lets through: {name}. Which network and inputs would show it?"
    return ""


def _always(said: bool) -> Callable[[Any], bool]:
    return lambda omega: said


def _without(bug: str) -> Callable[[Any], bool]:
    """Return a test that misses one bug."""
    return lambda omega: omega in VALID.values() or omega is BUGS[bug]


ACCEPTS = Exercise(
    id="03.3",
    name="accepts",
    points=3,
    asks="Write the test: it gets an implementation of Ω, and says whether it is right. It has to "
    "accept right ones, also in float32, and refuse five with a bug planted in them.",
    solution=accepts,
    why="One network with biases and dropout, in training mode, and several samples bring out "
    "every bug; a tolerance lets rounding pass.",
    hints=(
        "On which network would the bug that you think of make a difference?",
        "Several samples, biases, dropout, training mode; compare with me.mas.",
        "Compare the names first, then each tensor with torch.allclose, in one type and with a "
        "tolerance of about a thousandth.",
    ),
    mistakes={
        "accepts all": (
            _always(True),
            "Your test accepts everything: compare the numbers with those of me.mas.",
        ),
        "refuses all": (
            _always(False),
            "Your test refuses everything, also what is right: allow for rounding.",
        ),
        "misses late absolute values": (
            lambda omega: (
                _without("the absolute value after the mean")(omega)
                or omega is BUGS["the absolute value of batches of 3"]
            ),
            "Your test lets late absolute values through: with a single sample nothing can cancel. "
            "Take several.",
        ),
        "misses training mode": (
            _without("training mode"),
            "Your test lets training mode through: it needs a network with dropout, in training "
            "mode.",
        ),
        "misses biases": (
            _without("without the biases"),
            "Your test lets missing biases through: compare the names, on a network with biases.",
        ),
    },
    cases=lambda seed: [{"seed": seed}],
    observe=_observe_test,
    judge=_judge_test,
    by_property=True,
)
