"""Side effects of a call: changed inputs, gradients, the mode of a network, the random state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case


class Watched:
    """The inputs of a case as they are now; `changes` tells what became of them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._before = {name: _state(value) for name, value in case.items()}
        self._random = _random_state()

    def changes(self) -> list[str]:
        """Return in words what differs from before: "leaves gradients in model"."""
        found = []
        for name, value in self._case.items():
            before, after = self._before[name], _state(value)
            found += [
                _words(kind, name) for kind in before if not _equal(before[kind], after[kind])
            ]
        if not _equal(self._random, _random_state()):
            found.append("draws from the global random generator")
        return found


def _random_state() -> list[Any]:
    """Return the global random states of torch and NumPy."""
    return [torch.get_rng_state(), *np.random.get_state()]  # noqa: NPY002


def _state(value: Any) -> dict[str, Any]:
    """Return what can be told of an input, in parts that have words of their own."""
    if isinstance(value, nn.Module):
        weights = dict(value.named_parameters())
        return {
            "weights": {name: weight.detach().clone() for name, weight in weights.items()},
            "buffers": {name: one.detach().clone() for name, one in value.named_buffers()},
            "gradients": {name: _copy(weight.grad) for name, weight in weights.items()},
            "mode": {name: module.training for name, module in value.named_modules()},
            "frozen": {name: weight.requires_grad for name, weight in weights.items()},
        }
    if isinstance(value, Tensor | np.ndarray | list | Mapping):
        return {"value": _copy(value)}
    return {}


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [_copy(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _copy(one) for key, one in value.items()}
    return value


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return first.shape == second.shape and torch.equal(first, second)
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return list(first) == list(second) and all(_equal(first[k], second[k]) for k in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_equal, first, second))
    return first is second or bool(type(first) is type(second) and first == second)


def _words(kind: str, name: str) -> str:
    return {
        "weights": f"changes the weights of {name}",
        "buffers": f"changes the buffers of {name}",
        "gradients": f"leaves gradients in {name}",
        "mode": f"leaves {name} in another mode (train or eval)",
        "frozen": f"leaves other weights of {name} frozen than before",
        "value": f"changes {name}",
    }[kind]
