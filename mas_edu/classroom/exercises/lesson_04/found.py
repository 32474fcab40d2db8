"""Exercise 04.2, `found`."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Exercise


def listing_a(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for batch in x.split(16):
        length = model(batch).square().sum()
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_b(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.train()
    total = torch.zeros_like(weight)
    for sample in x.split(1):
        length = model(sample).square().sum()
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_c(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for sample in x.split(1):
        length = sum(output**2 for output in model(sample)[0])
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_d(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for batch in x.split(16):
        for sample in batch.split(1):
            length = model(sample).square().sum()
            total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x.split(16))


def _listing(function: Any) -> str:
    """Return the source of a listing, without its types."""
    first, *lines = inspect.getsource(function).rstrip().splitlines()
    return "\n".join((f"{first.partition('(')[0]}(model, x, weight):", *lines))


FOUND = {"A": "abs late", "B": "train mode", "C": "none", "D": "batches counted"}
LOOK = {  # at what, to find the bug of a listing
    "A": "Count the samples in the gradient when abs() is called.",
    "B": "Read its first line again.",
    "C": "Each line is right; compare it with the formula of Ω.",
    "D": "Read what its last line divides by.",
}
NOT = {  # why a bug is not the one
    "abs late": "takes abs() of one sample's gradient.",
    "batches counted": "divides by the number of samples.",
    "train mode": "calls eval() first.",
    "unsquared norm": "squares the outputs and takes no root.",
    "squared gradient": "takes abs() of a gradient, not its square.",
}
CHOICES = {
    **{
        (letter, bug): f"{letter} {words} {LOOK[letter]}"
        for letter, right in FOUND.items()
        for bug, words in NOT.items()
        if bug != right
    },
    **{
        (letter, "none"): f"{letter} has a bug. {LOOK[letter]}"
        for letter, right in FOUND.items()
        if right != "none"
    },
}

FIND = Exercise(
    id="04.2",
    name="found",
    points=2,
    asks="Four listings compute Ω of one weight tensor; the network has dropout. Which bug has "
    'each: "abs late", "batches counted", "train mode", "unsquared norm", "squared gradient" or '
    '"none"?\n\n```python\n'
    + "\n\n".join(map(_listing, (listing_a, listing_b, listing_c, listing_d)))
    + "\n```\n\nEach name may be used once, or not at all.",
    solution=FOUND,
    why="A adds up a batch before abs(). B leaves dropout on, so Ω is random. C sums squares with "
    "Python's sum, which is slow and right. D visits single samples, but divides by batches.",
    hints=(
        "In which of the four does abs() see the gradient of a single sample?",
        "Compare line by line: mode, samples in a backward pass, length, abs(), what it divides "
        "by.",
        "One listing sets the wrong mode, one splits too coarsely, one divides by too little.",
    ),
    mistakes=wrong_choices(FOUND, CHOICES),
    judge=judge_choices(FOUND, CHOICES),
    by_property=True,
    start='found = {"A": ..., "B": ..., "C": ..., "D": ...}',
)
