"""Exercise 11.2, `masked_loss`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError


def masked_loss(logits: Tensor, y: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the cross-entropy, mean over the samples, if only some classes compete.

    logits: of all classes, [N, all].
    y: labels, [N], each one of `classes`.
    classes: the active classes, in any order.
    """
    hidden = torch.full_like(logits, -torch.inf)
    hidden[:, list(classes)] = logits[:, list(classes)]
    return F.cross_entropy(hidden, y)


def _logit_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, classes in ((1, [0, 1]), (4, [1, 4]), (6, [5, 0, 2])):
        logits = 1 + 2 * torch.randn(samples, 6, generator=draw, dtype=torch.float64)
        y = torch.tensor(classes)[torch.randint(len(classes), (samples,), generator=draw)]
        y[: len(classes)] = torch.tensor(classes)[:samples]  # each class occurs, if it can
        cases.append({"logits": logits, "y": y, "classes": classes})
    return cases


def _observe_loss(answer: Any, case: Case) -> Any:
    """Return the loss, and its gradient by the logits."""
    logits = case["logits"].clone().requires_grad_()
    try:
        loss = answer(logits * 1, case["y"], case["classes"])  # it may write into its copy
    except IndexError as error:
        if "Target" not in str(error):
            raise
        raise FormError(
            "the labels do not fit the columns: renumber each label by its place in `classes`"
        ) from error
    if not isinstance(loss, Tensor) or loss.numel() != 1 or not loss.requires_grad:
        raise FormError(f"expected a loss that gradients flow through, got {short_repr(loss)}")
    return {"loss": loss, "gradient": torch.autograd.grad(loss.sum(), logits)[0]}


def _judge_loss(case: Case, found: Any) -> str:
    others = [c for c in range(case["logits"].shape[1]) if c not in case["classes"]]
    if abs(found["gradient"][:, others]).max() > 1e-9:
        return "A gradient reaches logits of hidden classes: they must not be in the sum at all."
    return ""


def _to_zero(logits: Tensor, y: Tensor, classes: Sequence[int]) -> Tensor:
    mask = torch.zeros(logits.shape[1], dtype=logits.dtype)
    mask[list(classes)] = 1
    return F.cross_entropy(logits * mask, y)


def _upside_down(logits: Tensor, y: Tensor, classes: Sequence[int]) -> Tensor:
    hidden = logits.clone()
    hidden[:, list(classes)] = -torch.inf
    return F.cross_entropy(hidden, y)


MASKED = Exercise(
    id="11.2",
    name="masked_loss",
    points=2,
    asks="Write the loss of task-incremental learning: cross-entropy in which only the task's "
    "classes compete.",
    solution=masked_loss,
    why="A logit of −∞ has the probability e^−∞ = 0, so hidden classes are in no sum and get no "
    "gradient; the labels may stay as they are.",
    hints=(
        "What logit does a class need so that its probability is 0?",
        "Hide the other classes before the softmax, or keep only the active columns and renumber "
        "the labels.",
        "Fill a matrix with −∞, copy the active columns of the logits into it, and take "
        "cross-entropy.",
    ),
    mistakes={
        "no mask": (
            lambda logits, y, classes: F.cross_entropy(logits, y),
            "All classes compete here: hide the others before the softmax. After it, the "
            "denominator holds them still.",
        ),
        "to 0": (
            _to_zero,
            "Hidden logits are 0, and e⁰ = 1, so these classes still compete: use −∞.",
        ),
        "upside down": (
            _upside_down,
            "The mask is upside down: it hides the task's own classes and keeps the others.",
        ),
        "sum": (
            lambda logits, y, classes: masked_loss(logits, y, classes) * len(y),
            "This is the sum over the samples: take the mean.",
        ),
        "labels modulo": (
            lambda logits, y, classes: F.cross_entropy(logits[:, list(classes)], y % len(classes)),
            "The columns are right, the labels are not: renumber each label by its place in "
            "`classes`.",
        ),
        "probability": (
            lambda logits, y, classes: (
                1 - (-F.cross_entropy(hidden(logits, classes), y, reduction="none")).exp()
            ).mean(),
            "This is the mean of 1 − p of the right class: cross-entropy takes −log p.",
        ),
        "softmax twice": (
            lambda logits, y, classes: F.cross_entropy(hidden(logits, classes).softmax(1), y),
            "The softmax is taken twice: cross_entropy expects logits, not probabilities.",
        ),
    },
    cases=_logit_cases,
    observe=_observe_loss,
    judge=_judge_loss,
)


def hidden(logits: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the logits, −∞ for all but these classes."""
    hidden = torch.full_like(logits, -torch.inf)
    hidden[:, list(classes)] = logits[:, list(classes)]
    return hidden
