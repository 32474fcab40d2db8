"""Exercise 05.2, `train_step`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.methods import Anchor


def train_step(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    anchor: Anchor,
    lam: float,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Make one update on cross-entropy + λ/2 · penalty; return the cross-entropy before it.

    x: inputs, [N, features]; y: labels, [N].
    anchor: `anchor.penalty(model)` is Σ Ω (θ − θ*)².
    optimizer: of the weights of the model; gradients of earlier steps may still be there.
    """
    optimizer.zero_grad()
    task_loss = F.cross_entropy(model(x), y)
    loss = task_loss + lam / 2 * anchor.penalty(model)
    loss.backward()
    optimizer.step()
    return task_loss.item()


def _step_cases(seed: int) -> list[Case]:
    """Draw networks away from their anchors, with old gradients, for λ = 0 and two others."""
    draw = torch.Generator().manual_seed(seed)
    return [_step_case(draw, lam) for lam in (0.0, 0.5, 2.0)]


def _step_case(draw: torch.Generator, lam: float) -> Case:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    theta, omega = {}, {}
    for name, weight in model.named_parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        weight.grad = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        theta[name] = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        omega[name] = torch.rand(weight.shape, generator=draw, dtype=torch.float64)
    return {
        "model": model,
        "x": torch.randn(5, 3, generator=draw, dtype=torch.float64),
        "y": torch.randint(3, (5,), generator=draw),
        "anchor": Anchor(theta, omega),
        "lam": lam,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
    }


def _observe_step(answer: Any, case: Case) -> Any:
    loss = answer(*case.values())
    return {"returned": loss, "weights": dict(case["model"].named_parameters())}


def _judge_step(case: Case, found: Any) -> str:
    if case["lam"] == 0:
        return "With λ = 0 it is not the plain step: task loss, backward, optimizer step."
    return ""


def _wrong_step(
    factor: float = 0.5,
    task: float = 1.0,
    clear: bool = True,
    late: bool = False,
    steps: int = 1,
    returns: str = "task",
) -> Any:
    """Return a training step with something wrong in it."""

    def wrong(model: Any, x: Any, y: Any, anchor: Any, lam: float, optimizer: Any) -> float:
        for _ in range(steps):
            if clear:
                optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            held = factor * lam * anchor.penalty(model)
            (loss if late else task * loss + held).backward()
            optimizer.step()
        after = F.cross_entropy(model(x), y)
        return float({"task": loss, "sum": loss + held, "after": after}[returns])

    return wrong


STEP = Exercise(
    id="05.2",
    name="train_step",
    points=2,
    asks="Write one training step of the new task with the penalty in the loss: "
    "cross-entropy + λ/2 · penalty. It returns the cross-entropy alone, taken before the update.",
    solution=train_step,
    why="One backward pass through the sum adds both gradients, so the optimizer makes a single "
    "step that weighs the new task against the old one.",
    hints=(
        "What has to change in the training loop that you know, and what stays?",
        "Both terms meet in one loss, before the one backward pass.",
        "Clear the gradients; cross-entropy plus half of λ times the penalty; backward; step; "
        "return the cross-entropy as a number.",
    ),
    mistakes={
        "lambda": (
            _wrong_step(factor=1.0),
            "The penalty enters with λ: in this course's loss it has the factor λ/2.",
        ),
        "not cleared": (
            _wrong_step(clear=False),
            "Gradients of an earlier step are still in it: clear them before the backward pass.",
        ),
        "late": (
            _wrong_step(late=True),
            "This is the plain step: the penalty has to be in the loss before the backward pass.",
        ),
        "penalty alone": (
            _wrong_step(task=0.0),
            "This step follows the penalty alone: add the cross-entropy of the new task to it.",
        ),
        "two steps": (
            _wrong_step(steps=2),
            "These are two updates: one call makes a single optimizer step.",
        ),
        "returns the sum": (
            _wrong_step(returns="sum"),
            "The update is right, but the loss with the penalty is returned: return the "
            "cross-entropy alone.",
        ),
        "returns the loss after": (
            _wrong_step(returns="after"),
            "The update is right, but the loss is measured after it: return the one before the "
            "update.",
        ),
    },
    cases=_step_cases,
    observe=_observe_step,
    judge=_judge_step,
)
