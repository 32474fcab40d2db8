"""Exercise 09.1, `peeks`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import mas, reference

Tensors = dict[str, Tensor]
Importance = Callable[[nn.Module, Tensor, Tensor], Tensors]


def peeks(
    importance: Callable[[nn.Module, Tensor, Tensor], dict[str, Tensor]],
    model: nn.Module,
    x: Tensor,
    y: Tensor,
) -> bool:
    """Return whether an importance uses the labels, found out by calling it.

    importance: `importance(model, x, y)` returns a tensor for each weight, by name.
    x, y: inputs [N, features] and their labels [N].
    """
    before = importance(model, x, y)
    for label in range(model(x).shape[1]):
        after = importance(model, x, torch.full_like(y, label))
        if not all(torch.allclose(before[n], after[n], rtol=1e-4, atol=1e-6) for n in before):
            return True
    return False


RARE = 2  # the class that one of the black boxes looks for


def _scaled(importance: Tensors, factor: float) -> Tensors:
    return {name: value * factor for name, value in importance.items()}


def _remembered(importance: Callable[..., Tensors], *, labels: bool = False) -> Importance:
    """Return an importance that computes nothing twice: tests call it again and again."""
    kept: dict[bytes, Tensors] = {}

    def call(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
        given = (x, y) if labels else (x,)
        parts = [one.detach().numpy().tobytes() for one in (*given, *model.parameters())]
        key = b"".join(parts)
        if key not in kept:
            while len(kept) >= 64:
                kept.pop(next(iter(kept)))
            kept[key] = importance(model, *given)
        return {name: value.clone() for name, value in kept[key].items()}

    return call


_mas, _fisher = _remembered(mas), _remembered(reference.fisher)
_empirical = _remembered(reference.empirical_fisher, labels=True)
ROUNDING = 1e-7  # relative


def _boxes() -> tuple[dict[str, Importance], dict[str, Importance]]:
    """Return black boxes by what they are: without labels, and with."""
    calls = itertools.count()
    return {
        "MAS": _mas,
        "the exact Fisher information": _fisher,
        "one with another rounding at each call": lambda model, x, y: _scaled(
            _mas(model, x, y), 1 + ROUNDING * (next(calls) % 2)
        ),
    }, {
        "the empirical Fisher information": _empirical,
        "one that looks at labels only where a certain class is among them": (
            lambda model, x, y: _scaled(_mas(model, x, y), 2.0 if (y == RARE).any() else 1.0)
        ),
        "one that counts how many labels are equal": (
            lambda model, x, y: _scaled(_mas(model, x, y), float(torch.bincount(y).max()))
        ),
        "one in which a single weight depends on labels": _one_weight,
    }


def _one_weight(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
    omega = _mas(model, x, y)
    last = list(omega)[-1]
    return {**omega, last: omega[last] * (1 + y.double().mean())}


WITHOUT, PEEKING = (tuple(boxes) for boxes in _boxes())


def _box_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    for weight in model.parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
    x = torch.randn(6, 3, generator=draw, dtype=torch.float64)
    y = torch.tensor([0, 1, 1, 0, 1, 1])[torch.randperm(6, generator=draw)]
    return [{"model": model, "x": x, "y": y}]


def _observe_peeks(answer: Any, case: Case) -> dict[str, bool]:
    """Return what the answer says of each black box; it may draw labels as it likes."""
    found, state = {}, np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        for name, box in itertools.chain(*(boxes.items() for boxes in _boxes())):
            said = answer(_closed(box), case["model"], case["x"].clone(), case["y"].clone())
            if not isinstance(said, bool | np.bool_):
                raise FormError(f"expected True or False, got {short_repr(said)}")
            found[name] = bool(said)
    np.random.set_state(state)  # noqa: NPY002
    return found


def _closed(box: Importance) -> Importance:
    """Return the black box under a name that tells nothing."""

    def importance(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
        return box(model, x, y)

    return importance


def _judge_peeks(case: Case, found: Any) -> str:
    for name in WITHOUT:
        if found[name]:
            return f"You say that labels are used by {name}: allow for rounding."
    for name in PEEKING:
        if not found[name]:
            return f"It uses labels and you did not see it: {name}."
    return ""


def _by_labels(
    others: Callable[[Tensor], Sequence[Tensor]],
    same: Callable[[Tensors, Tensors], bool] | None = None,
) -> Callable[..., bool]:
    """Return a test that compares Ω with that of other labels, in its own way."""

    def wrong(importance: Importance, model: nn.Module, x: Tensor, y: Tensor) -> bool:
        before = importance(model, x, y)
        return not all((same or _close)(before, importance(model, x, one)) for one in others(y))

    return wrong


def _close(mine: Tensors, theirs: Tensors) -> bool:
    return all(torch.allclose(mine[name], theirs[name], rtol=1e-4) for name in mine)


def _identical(mine: Tensors, theirs: Tensors) -> bool:
    return all(torch.equal(mine[name], theirs[name]) for name in mine)


def _first_close(mine: Tensors, theirs: Tensors) -> bool:
    name = next(iter(mine))
    return torch.allclose(mine[name], theirs[name], rtol=1e-4)


def _constants(y: Tensor) -> list[Tensor]:
    return [torch.full_like(y, label) for label in range(3)]


PEEKS = Exercise(
    id="09.1",
    name="peeks",
    points=2,
    asks="Is an importance really free of labels? Find it out without its source: call it with "
    "other labels. Your function gets several black boxes. Some of them use labels only where "
    "certain labels are among them.",
    solution=peeks,
    why="An importance without labels is the same for any labels. All samples with one, for each "
    "label in turn, changes single labels, their counts and which of them occur.",
    hints=(
        "What would have to stay the same if the labels played no part?",
        "Call it with the labels as they are, then with several others. Which others bring in "
        "every class, and other counts?",
        "Give all samples the label 0, then 1, and so on; compare every tensor with the first "
        "result by torch.allclose.",
    ),
    mistakes={
        "always": (
            lambda importance, model, x, y: True,
            "You say of every box that it uses labels: compare two calls with different labels.",
        ),
        "never": (
            lambda importance, model, x, y: False,
            "You say of no box that it uses labels: compare two calls with different labels.",
        ),
        "permuted": (
            _by_labels(lambda y: [y.flip(0), y.roll(1), y.roll(2)]),
            "The labels are only put into another order: their counts stay, and no new label comes "
            "in.",
        ),
        "swapped": (
            _by_labels(lambda y: [1 - y]),
            "Only labels that occur already are used: a box may wait for a class that is not among "
            "them.",
        ),
        "one label": (
            _by_labels(lambda y: [torch.zeros_like(y)]),
            "A single other set of labels is tried: a box may look at certain labels only. Try "
            "each class.",
        ),
        "identical": (
            _by_labels(_constants, _identical),
            "Bit by bit equality is too strict: rounding alone makes a difference. Allow a small "
            "tolerance.",
        ),
        "first tensor": (
            _by_labels(_constants, _first_close),
            "Only the first tensor is compared: the labels may reach another weight.",
        ),
        "upside down": (
            lambda *args: not peeks(*args),
            "The answer is upside down: return True where other labels change the result.",
        ),
    },
    cases=_box_cases,
    observe=_observe_peeks,
    judge=_judge_peeks,
    by_property=True,
)
