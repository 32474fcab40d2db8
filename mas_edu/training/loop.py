"""One task, update by update: the task loss by autograd, the penalty added to its gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu._common import as_choice, as_instance
from mas_edu.data import Task
from mas_edu.methods import Anchor, check_same_weights
from mas_edu.networks import check_model_fits as check_model_fits
from mas_edu.networks import device_of, evaluating
from mas_edu.networks import to_model as to_model
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.schedule import Schedule


class DivergedError(ArithmeticError):
    """Training led to numbers that are not finite."""


def train_steps(
    model: nn.Module,
    flat: FlatParams,
    tasks: list[Task],
    schedule: Schedule,
    anchor: Anchor | None,
    lam: float,
    generator: torch.Generator,
    count: int | None = None,
    watch: Callable[[Tensor, Tensor], None] | None = None,
) -> Iterator[int]:
    """Train on the given tasks together, one update an iteration; gives 1, 2, … `count`.

    The task loss goes into the gradient by autograd, the penalty is added to it: its gradient is
    λ Ω (θ − θ*), no graph needed. `watch` is told of each update: the gradient of the task loss
    alone, and the move that was made, `[n]` each.
    """
    x, y, masks = training_data(model, tasks)
    count = schedule.updates(len(x)) if count is None else count
    optimiser = schedule.make_optimizer([flat.values])
    pull = None
    if anchor is not None and lam != 0:
        check_same_weights("anchor", anchor.theta, "model", dict(flat.weights))
        pull = make_penalty_step(
            flat, flat.vector(anchor.theta), lam * flat.vector(anchor.omega), schedule
        )
    kind = x.device.type
    bf16 = torch.autocast(kind, torch.bfloat16, enabled=schedule.precision == "bf16")
    model.train()
    step, loss = 0, torch.zeros(())
    while step < count:
        for rows in torch.randperm(len(x), generator=generator).split(schedule.batch):
            flat.grads.zero_()
            with bf16:
                logits = _answer(model, x[rows])
            if masks is not None:
                logits = logits.masked_fill(masks if masks.ndim == 1 else masks[rows], -torch.inf)
            loss = F.cross_entropy(logits.to(flat.values.dtype), y[rows])
            loss.backward()
            if watch:  # before the penalty joins the gradient
                gradient, before = flat.grads.clone(), flat.values.detach().clone()
            if pull and not schedule.proximal:
                pull()
            optimiser.step()
            if pull and schedule.proximal:
                pull()
            if watch:
                watch(gradient, flat.values.detach() - before)
            step += 1
            yield step
            if step == count:
                break
        if not bool(torch.isfinite(loss) & torch.isfinite(flat.values.detach()).all()):
            raise DivergedError(
                f"training diverged in task {tasks[-1].name!r}: the loss is no longer finite; "
                "lower lr or lam, or use Schedule(proximal=True)"
            )


def _answer(model: nn.Module, x: Tensor) -> Tensor:
    """The logits in training mode, in which some models give others, or take no single sample."""
    try:
        logits = model(x)
    except ValueError as error:
        if len(x) > 1:
            raise
        raise ValueError(
            f"batch: the last one of a pass has a single sample, and the model cannot be trained "
            f"on that ({error}); take another batch, or one sample less"
        ) from error
    if not isinstance(logits, Tensor):
        raise ValueError(
            f"model: expected logits [N, C] in training, too, got {type(logits).__name__}; wrap "
            "the model in a module that returns its logits alone"
        )
    return logits


def make_penalty_step(
    flat: FlatParams, theta: Tensor, strength: Tensor, schedule: Schedule
) -> Callable[[], None]:
    """What draws the weights to θ* at each update, with strength λ Ω for each of them."""
    values, scratch = flat.values.data, torch.empty_like(theta)
    if schedule.proximal:
        step = schedule.lr * strength
        weight = (step / (1 + step)).nan_to_num(1.0)  # where the step is beyond all numbers

        def proximal_step() -> None:
            values.lerp_(theta, weight)  # (θ + s θ*) / (1 + s) = θ + (θ* − θ) s / (1 + s)

        return proximal_step
    steepest = schedule.lr * float(strength.max())
    if schedule.optimizer == "sgd" and steepest > 2 * (1 + schedule.momentum):
        warnings.warn(
            f"lr · λ · max Ω = {steepest:.3g} is above 2: plain SGD on the penalty will blow up; "
            "lower lr or lam, or use Schedule(proximal=True)",
            stacklevel=2,
        )

    def add_gradient() -> None:
        torch.sub(values, theta, out=scratch)
        flat.grads.addcmul_(strength, scratch)

    return add_gradient


def accuracies(model: nn.Module, tasks: Sequence[Task], part: str = "test") -> NDArray[np.float64]:
    """Share of right answers on each task's test part (or `part="val"`), `[T]`.

    Logits of classes that are not active in the task do not compete.
    """
    as_choice("part", part, ("test", "val"))
    for task in tasks:
        as_instance("tasks", task, Task, "those of me.rotated()")
    if tasks:
        check_model_fits(model, tasks[0].x, max(max(task.classes or (0,)) for task in tasks) + 1)
    with evaluating(model), torch.no_grad():
        return np.array([_accuracy(model, task, part) for task in tasks])


def _accuracy(model: nn.Module, task: Task, part: str) -> float:
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
    if x is None:
        raise ValueError(f"part: task {task.name!r} has no validation part; make it with val > 0")
    right = 0
    for inputs, labels in zip(x.split(4096), y.split(4096), strict=True):
        logits = model(to_model(inputs, model))
        if task.classes is not None:
            logits = logits.masked_fill(
                inactive_mask(task, logits.shape[1]).to(logits.device), -torch.inf
            )
        right += int((logits.argmax(1).cpu() == labels).sum())
    return right / len(y)


def inactive_mask(task: Task, outputs: int) -> Tensor:
    """True where a logit is masked, `[C]`."""
    mask = torch.ones(outputs, dtype=torch.bool)
    mask[list(task.classes or range(outputs))] = False
    return mask


def training_data(model: nn.Module, tasks: list[Task]) -> tuple[Tensor, Tensor, Tensor | None]:
    """The training parts together: x, y, and which logits to mask, `[C]` or one row a sample."""
    device = device_of(model)
    x, y = torch.cat([task.x for task in tasks]), torch.cat([task.y for task in tasks])
    x = to_model(x, model)
    masks = None
    if any(task.classes is not None for task in tasks):
        with evaluating(model), torch.no_grad():
            outputs = model(x[:1]).shape[1]
        masks = torch.stack([inactive_mask(task, outputs) for task in tasks])
        sizes = torch.tensor([len(task.x) for task in tasks])
        masks = masks[0] if len(tasks) == 1 else masks.repeat_interleave(sizes, 0)
        masks = masks.to(device)
    return x, y.to(device), masks


def task_seed(seed: int, task: int) -> int:
    """Each task has an order of its own, so that a run can go on from any task."""
    return 1_000_003 * task + seed
