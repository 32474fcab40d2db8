"""One task, update by update: the gradient of the task loss, the penalty, the optimizer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from mas_edu.data import Task
from mas_edu.methods import Anchor, check_same_weights
from mas_edu.training.batches import pass_orders, training_data
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.gradient import make_gradient, masked_cross_entropy
from mas_edu.training.schedule import Schedule


class DivergedError(ArithmeticError):
    """Training led to numbers that are not finite."""


def train_steps(
    model: nn.Module,
    flat: FlatParams,
    tasks: Sequence[Task],
    schedule: Schedule,
    anchor: Anchor | None,
    lam: float,
    seed: int,
    updates: int | None = None,
    watch: Callable[[Tensor, Tensor], None] | None = None,
) -> Iterator[int]:
    """Train on the given tasks together, one update an iteration; yield 1, 2, … `updates`.

    Modules in eval mode stay so: a frozen batch norm does not follow the task.

    Args:
        model: what is trained.
        flat: its weights.
        tasks: their training parts are learned.
        schedule: how.
        anchor: what to stay near; None: nothing.
        lam: λ.
        seed: of the order of the samples.
        updates: how many; None: as the schedule has it.
        watch: called after each update with the gradient of the task loss alone and the move that
            was made, `[n]` each.

    Raises:
        DivergedError: at the end of a pass, if loss or weights are not finite.
    """
    data = training_data(model, tasks)
    samples = len(data)
    updates = schedule.updates(samples) if updates is None else updates
    theta = strength = None
    if anchor is not None and lam != 0:
        check_same_weights("anchor", anchor.theta, "model", dict(flat.weights))
        theta, strength = flat.vector(anchor.theta), lam * flat.vector(anchor.omega)
    gradient = make_gradient(model, flat, schedule)
    update = make_update(flat, schedule, theta, strength, watch)
    orders = pass_orders(samples, schedule.batch, updates, seed)
    for step, (x, y, masks) in enumerate(data.batches(orders, schedule.batch), 1):
        logits = gradient(x, y, masks)
        update()
        yield step
        if schedule.ends_pass(step, samples) or step == updates:
            loss = masked_cross_entropy(logits, y, masks)
            _check_finite(loss, flat, tasks[-1])


def make_update(
    flat: FlatParams,
    schedule: Schedule,
    theta: Tensor | None,
    strength: Tensor | None,
    watch: Callable[[Tensor, Tensor], None] | None = None,
) -> Callable[[], None]:
    """Return what makes an update once the gradient of the task loss is there.

    Args:
        flat: the weights and their gradient.
        schedule: a fresh optimizer is made from it.
        theta: θ*, like `flat.values`; None: no penalty.
        strength: λ Ω, likewise.
        watch: called with the gradient of the task loss alone and the move that was made.
    """
    steps = [schedule.make_optimizer(flat.values.data, flat.grads).step]
    if theta is not None and strength is not None:
        penalty_step = make_penalty_step(flat, theta, strength, schedule)
        steps.insert(1 if schedule.proximal else 0, penalty_step)

    def update() -> None:
        for step in steps:
            step()

    def watched_update() -> None:  # the penalty joins the gradient within `update`
        gradient, before = flat.grads.clone(), flat.values.detach().clone()
        update()
        watch(gradient, flat.values.detach() - before)  # type: ignore[misc]

    return watched_update if watch else update


def make_penalty_step(
    flat: FlatParams, theta: Tensor, strength: Tensor, schedule: Schedule
) -> Callable[[], None]:
    """Return what draws the weights to θ* at each update, with strength λ Ω for each of them.

    Either a proximal step on the weights, or λ Ω (θ − θ*) added to the gradient, without a graph.
    """
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


def _check_finite(loss: Tensor, flat: FlatParams, task: Task) -> None:
    if not bool(torch.isfinite(loss) & torch.isfinite(flat.values.detach()).all()):
        cure = "lower lr or lam, or use Schedule(proximal=True)"
        if flat.values.dtype == torch.float16:
            cure = "float16 weights are too coarse for small steps: train model.float()"
        raise DivergedError(
            f"training diverged in task {task.name!r}: the loss is no longer finite; {cure}"
        )
