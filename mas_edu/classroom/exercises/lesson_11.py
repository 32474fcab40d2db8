"""Exercises of lesson 11: three scenarios, the mask, and one network asked in three ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu._common import short_repr
from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Case, Exercise, FormError

# ---- 11.1 --------------------------------------------------------------------------------------

CARDS = {
    "1": ("task", "A user picks an album, pets or plants; the network names what is on the photo."),
    "2": ("domain", "One question, stop sign or not, in Spain, then in Norway, then in Japan."),
    "3": ("class", "Ten new birds each year; a photo may show any bird learned so far."),
    "4": ("domain", "Two digits a task. Asked: is it even or odd?"),
    "5": ("class", "Two digits a task. Asked: which of the ten digits is it?"),
    "6": ("task", "Two digits a task; the pair is told. Asked: which of the two is it?"),
    "7": ("domain", "Ten digits in each task, pixels permuted anew; nobody says by which order."),
    "8": ("task", "An output layer for each alphabet; a switch on the scanner chooses one."),
}
SORTED = {card: scenario for card, (scenario, _) in CARDS.items()}
WHY_NOT = {  # (right, chosen)
    ("task", "domain"): "its labels mean something else in each task, and the task is told",
    ("task", "class"): "the task is told, so only that task's classes compete",
    ("domain", "task"): "nobody tells the task, and nobody needs to: the question stays the same",
    ("domain", "class"): "the labels mean the same in every task, so no new classes come up",
    ("class", "task"): "nobody tells the task, so all classes learned so far compete",
    ("class", "domain"): "each task brings classes of its own, and they have to be told apart",
}
WRONG_CARDS = {
    (card, chosen): f"Card {card} is not {chosen}-incremental: {why}."
    for card, scenario in SORTED.items()
    for (right, chosen), why in WHY_NOT.items()
    if right == scenario
}

CARDS_SORTED = Exercise(
    id="11.1",
    name="cards",
    points=1,
    asks='Which scenario is it: "task", "domain" or "class"?\n\n'
    + "\n".join(f"- **{card}** {text}" for card, (_, text) in CARDS.items()),
    solution=SORTED,
    why="Ask twice: is the task known in use? Then it is task-incremental. If not: do the labels "
    "mean the same in every task? Yes: domain; no: class.",
    hints=(
        "Does anyone tell the network, in use, which task it is in?",
        "If nobody does: does the question stay the same, or do new answers come up?",
        "Told: task. Not told, the same question: domain. Not told, more answers: class.",
    ),
    mistakes=wrong_choices(SORTED, WRONG_CARDS),
    judge=judge_choices(SORTED, WRONG_CARDS),
    by_property=True,
    start="cards = {\n" + "".join(f'    "{card}": ...,\n' for card in CARDS) + "}",
)

# ---- 11.2 --------------------------------------------------------------------------------------


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
                1 - (-F.cross_entropy(_hidden(logits, classes), y, reduction="none")).exp()
            ).mean(),
            "This is the mean of 1 − p of the right class: cross-entropy takes −log p.",
        ),
        "softmax twice": (
            lambda logits, y, classes: F.cross_entropy(_hidden(logits, classes).softmax(1), y),
            "The softmax is taken twice: cross_entropy expects logits, not probabilities.",
        ),
    },
    cases=_logit_cases,
    observe=_observe_loss,
    judge=_judge_loss,
)


def _hidden(logits: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the logits, −∞ for all but these classes."""
    hidden = torch.full_like(logits, -torch.inf)
    hidden[:, list(classes)] = logits[:, list(classes)]
    return hidden


# ---- 11.3 --------------------------------------------------------------------------------------


def readings(logits: Tensor, y: Tensor, classes: Sequence[int]) -> dict[str, float]:
    """Return the share of right answers to three questions, from the same logits.

    "class": which digit of all? "parity": is that digit even or odd? "within": which of the
    task's classes?

    logits: of all digits, [N, all].
    y: the digits, [N], each one of `classes`.
    classes: of the task.
    """
    digit = logits.argmax(dim=1)
    columns = list(classes)
    within = torch.tensor(columns)[logits[:, columns].argmax(dim=1)]
    return {
        "class": (digit == y).double().mean().item(),
        "parity": (digit % 2 == y % 2).double().mean().item(),
        "within": (within == y).double().mean().item(),
    }


def _reading_cases(seed: int) -> list[Case]:
    """Draw logits in which the right digit is a little ahead."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, classes in ((8, [2, 3]), (31, [4, 5]), (50, [1, 5, 8]), (64, [9, 6])):
        logits = torch.randn(samples, 10, generator=draw, dtype=torch.float64)
        y = torch.tensor(classes)[torch.randint(len(classes), (samples,), generator=draw)]
        logits[torch.arange(samples), y] += 0.7
        logits[0, :2], logits[0, y[0]] = 9.0, 5.0  # wrong among all, right within the task
        cases.append({"logits": logits, "y": y, "classes": classes})
    return cases


def _judge_readings(case: Case, found: Any) -> str:
    if not all(0 <= share <= 1 for share in found.values()):
        return "Each of the three is a share, between 0 and 1."
    if found["within"] < found["class"]:
        return "“within” can never be below “class”: who is right among all is right among few."
    return ""


def _reading_if(**changed: Any) -> Any:
    """Return readings of which some are wrong: `rule(logits, y, classes)` for each."""

    def wrong(logits: Tensor, y: Tensor, classes: Sequence[int]) -> dict[str, float]:
        right = readings(logits, y, classes)
        return {**right, **{name: rule(logits, y, classes) for name, rule in changed.items()}}

    return wrong


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def _place(logits: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the place of the largest logit among the columns of these classes."""
    return logits[:, list(classes)].argmax(dim=1)


def _masked_parity(logits: Tensor, y: Tensor, classes: Sequence[int]) -> float:
    return _share(_hidden(logits, classes).argmax(dim=1) % 2 == y % 2)


READINGS = Exercise(
    id="11.3",
    name="readings",
    points=2,
    asks="Ask one network in three ways: which digit of all, even or odd, which of the task's "
    "classes? The same logits give three accuracies.",
    solution=readings,
    why="Only what competes changes: all digits for the first two, the task's own for the third. "
    "The network is the same, so the three numbers differ by the question alone.",
    hints=(
        "Which logits compete in each of the three questions?",
        "Parity is read from the answer among all digits. Within the task only its columns "
        "compete.",
        "Take argmax of all for “class” and its remainder by 2 for “parity”; argmax of the "
        "columns, mapped back to digits, for “within”.",
    ),
    mistakes={
        "parity of the masked": (
            _reading_if(parity=_masked_parity),
            "Parity is read from the masked answer: in that question the task is not known, so all "
            "digits compete.",
        ),
        "mask forgotten": (
            _reading_if(within=lambda logits, y, classes: _share(logits.argmax(dim=1) == y)),
            "“within” is the same as “class” here: let only the task's columns compete.",
        ),
        "class masked": (
            _reading_if(**{"class": lambda *case: readings(*case)["within"]}),
            "“class” is masked here: let all digits compete.",
        ),
        "place": (
            _reading_if(within=lambda logits, y, classes: _share(_place(logits, classes) == y)),
            "“within” compares places in `classes` with digits: map the place back to its digit.",
        ),
        "two logits for parity": (
            _reading_if(
                parity=lambda logits, y, classes: _share(logits[:, :2].argmax(dim=1) == y % 2)
            ),
            "Parity is read from the first two logits: these are the digits 0 and 1. Use all ten.",
        ),
        "errors": (
            lambda *case: {name: 1 - share for name, share in readings(*case).items()},
            "These are the shares of wrong answers: count the right ones.",
        ),
        "counts": (
            lambda logits, y, classes: {
                name: share * len(y) for name, share in readings(logits, y, classes).items()
            },
            "These are counts: divide by the number of samples.",
        ),
        "percent": (
            lambda *case: {name: 100 * share for name, share in readings(*case).items()},
            "These are percent: return shares between 0 and 1.",
        ),
    },
    cases=_reading_cases,
    judge=_judge_readings,
)

# ---- 11.4 --------------------------------------------------------------------------------------

CAME_OUT = {"task": "nothing to gain", "domain": "a little gained", "class": "out of reach"}
WRONG_OUTCOMES = {
    ("task", "a little gained"): "In task-incremental runs look at fine-tuning first: how far is "
    "it from joint training.",
    ("task", "out of reach"): "In task-incremental runs all three are close together, near 100 %: "
    "the mask does the work.",
    (
        "domain",
        "nothing to gain",
    ): "In domain-incremental runs fine-tuning is more than five points "
    "below joint training: something can be gained.",
    ("domain", "out of reach"): "In domain-incremental runs the paired interval of MAS minus "
    "fine-tuning lies above 0: look at it again.",
    ("class", "nothing to gain"): "In class-incremental runs joint training reaches over 90 %, and "
    "fine-tuning only keeps the last pair.",
    ("class", "a little gained"): "In class-incremental runs no penalty and no seed reaches 60 %, "
    "and joint training is above 90 %.",
}

AFTER = Exercise(
    id="11.4",
    name="after",
    points=1,
    asks="What came out in the lesson, for MAS at its best λ between fine-tuning and joint "
    'training? For each scenario choose "nothing to gain", "a little gained" or "out of reach" '
    "(joint training is far above every penalty, in every seed).",
    solution=CAME_OUT,
    why="With a mask fine-tuning is near joint training already; with one shared question MAS "
    "gains a little; among all classes no penalty learns to compare old with new.",
    hints=(
        "In which scenario are fine-tuning and joint training nearly the same?",
        "Find the three tables of the lesson, and compare MAS with both of its neighbours.",
        "One row of bars is high throughout, one a little above fine-tuning, one far below joint.",
    ),
    mistakes=wrong_choices(CAME_OUT, WRONG_OUTCOMES),
    judge=judge_choices(CAME_OUT, WRONG_OUTCOMES),
    by_property=True,
    start='after = {"task": ..., "domain": ..., "class": ...}',
)

EXPLAIN = "Explain how a network can fail at “which digit?” and do well at “which of the two?”."
EXERCISES = (CARDS_SORTED, MASKED, READINGS, AFTER)
