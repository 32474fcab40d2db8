"""Exercise 09.2, `keep`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.data import Task
from mas_edu.importance import mas, mas_batch
from mas_edu.methods import Anchor
from mas_edu.networks import snapshot

Tensors = dict[str, Tensor]


def keep(model: nn.Module, task: Any, classes: Sequence[int]) -> Anchor:
    """Return an anchor that holds what a network does with the images of some classes.

    model: has learned the task; θ* is its weights as they are now.
    task: a `me.Task` with training images `task.x` [N, features] and labels `task.y` [N].
    classes: those that will be needed. The labels only pick out their images.
    """
    chosen = task.x[torch.isin(task.y, torch.tensor(list(classes)))]
    return Anchor(dict(model.named_parameters()), mas(model, chosen))


def _task_cases(seed: int) -> list[Case]:
    """Draw a task of four classes, 0 once, 2 more often, and a network that errs in both ways."""
    draw = torch.Generator().manual_seed(seed)
    parts: list[Any] = []
    for size in (9, 6, 6):  # training, test, validation
        y = torch.cat([torch.tensor([0, 1, 2, 2, 3, 1]), torch.randint(1, 4, (3,), generator=draw)])
        y = y[:size][torch.randperm(size, generator=draw)]
        parts += [torch.randn(size, 3, generator=draw, dtype=torch.float64) + y[:, None], y]
    task, classes = Task("A", *parts), [2, 0]
    chosen, found, missed = _rows(task, classes), torch.zeros(9, dtype=torch.bool), False
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4)).double()
    while not (missed and (found & chosen).any() and (found & ~chosen).any()):
        for weight in model.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        found = torch.isin(model(task.x).argmax(1), torch.tensor(classes))
        missed = bool((chosen & ~found).any())
    return [{"model": model, "task": task, "classes": classes}]


def _observe_anchor(answer: Any, case: Case) -> Any:
    found = answer(*case.values())
    if not isinstance(found, Anchor):
        raise FormError(f"expected Anchor(theta, omega), got {short_repr(found)}")
    return found


def _rows(task: Task, classes: Sequence[int]) -> Tensor:
    return torch.isin(task.y, torch.tensor(list(classes)))


def _anchor_of(omega: Callable[[nn.Module, Task, Sequence[int]], Tensors]) -> Callable[..., Anchor]:
    """Return an answer with another Ω."""
    return lambda model, task, classes: Anchor(snapshot(model), omega(model, task, classes))


def _scaled(omega: Tensors, factor: float) -> Tensors:
    return {name: value * factor for name, value in omega.items()}


def _mean_of_classes(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    found = [mas(model, task.x[task.y == label]) for label in classes]
    return {name: sum(one[name] for one in found) / len(found) for name in found[0]}  # type: ignore[misc]


def _of_each_class(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    found = [_scaled(mas(model, task.x[task.y == c]), float((task.y == c).sum())) for c in classes]
    return {name: sum(one[name] for one in found) for name in found[0]}  # type: ignore[misc]


def _predicted(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    taken = torch.isin(model(task.x).argmax(1), torch.tensor(list(classes)))
    return mas(model, task.x[taken])


def _with_loss(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    rows = _rows(task, classes)
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for x, y in zip(task.x[rows].split(1), task.y[rows].split(1), strict=True):
        gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(weights.values()))
        for name, gradient in zip(weights, gradients, strict=True):
            total[name] += gradient.abs() / int(rows.sum())
    return total


def _at_zero(model: nn.Module, task: Task, classes: Sequence[int]) -> Anchor:
    right = keep(model, task, classes)
    return Anchor({name: torch.zeros_like(one) for name, one in right.theta.items()}, right.omega)


KEEP = Exercise(
    id="09.2",
    name="keep",
    points=2,
    asks="Some classes will be needed later. Make the anchor that protects them: θ* as it is now, "
    "and Ω from the training images of these classes. `mas(model, x)` computes Ω, and "
    "`Anchor(theta, omega)` copies both.",
    solution=keep,
    why="The labels only say which images are taken; Ω itself sees images alone. In use nobody "
    "would label them: they are simply what the network meets.",
    hints=(
        "Of which images is Ω to be taken, and what do you need the labels for?",
        "Choose the rows of task.x whose label is among the classes; all of them together go into "
        "one Ω.",
        "With rows = torch.isin(task.y, torch.tensor(classes)), the anchor holds the named "
        "parameters, and mas of these rows of task.x.",
    ),
    mistakes={
        "all images": (
            _anchor_of(lambda model, task, classes: mas(model, task.x)),
            "Ω is that of all images: take those of the chosen classes alone.",
        ),
        "other classes": (
            _anchor_of(lambda model, task, classes: mas(model, task.x[~_rows(task, classes)])),
            "Ω is that of the other classes: your rows are upside down.",
        ),
        "chosen logits": (
            _anchor_of(
                lambda model, task, classes: mas(
                    model, task.x[_rows(task, classes)], classes=classes
                )
            ),
            "Only the chosen logits count here: that is a choice too, it lets the others go. Here "
            "all logits count.",
        ),
        "all images, chosen logits": (
            _anchor_of(lambda model, task, classes: mas(model, task.x, classes=classes)),
            "The logits are chosen, the images are not: take the images of these classes, and all "
            "logits.",
        ),
        "test images": (
            _anchor_of(
                lambda model, task, classes: mas(
                    model, task.x_test[torch.isin(task.y_test, torch.tensor(list(classes)))]
                )
            ),
            "Ω is that of test images: those are for testing what was kept. Take training images.",
        ),
        "one class": (
            _anchor_of(lambda model, task, classes: mas(model, task.x[task.y == classes[-1]])),
            "Only one of the classes is taken: choose every image whose label is among them.",
        ),
        "mean of classes": (
            _anchor_of(_mean_of_classes),
            "Each class counts alike here: Ω is a mean over images, so a class with more images "
            "counts more.",
        ),
        "sum": (
            _anchor_of(_of_each_class),
            "This is a sum over the images: Ω is their mean.",
        ),
        "predictions": (
            _anchor_of(_predicted),
            "These are the images that the network takes for these classes: task.y says which are.",
        ),
        "batch": (
            _anchor_of(lambda model, task, classes: mas_batch(model, task.x[_rows(task, classes)])),
            "The absolute value came after the mean over the batch: opposite gradients cancel. Use "
            "mas.",
        ),
        "loss": (
            _anchor_of(_with_loss),
            "This is the gradient of a loss, so labels are used in Ω: take ‖F(x)‖², as mas does.",
        ),
        "anchor at 0": (
            _at_zero,
            "Ω is right, but θ* is 0: the penalty would pull every weight to 0. Take the weights "
            "as they are.",
        ),
        "every weight alike": (
            _anchor_of(
                lambda model, task, classes: {
                    name: torch.ones_like(one) for name, one in snapshot(model).items()
                }
            ),
            "Ω is 1 for every weight: that is L2, it keeps everything alike.",
        ),
    },
    cases=_task_cases,
    observe=_observe_anchor,
)
