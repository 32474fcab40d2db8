"""One task, update by update: the task loss by autograd, the penalty added to its gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu.data import Task
from mas_edu.methods import Anchor, check_same_weights
from mas_edu.training.batches import batch_order, training_data
from mas_edu.training.flat_params import FlatParams
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
    updates = schedule.updates(len(data)) if updates is None else updates
    theta = strength = None
    if anchor is not None and lam != 0:
        check_same_weights("anchor", anchor.theta, "model", dict(flat.weights))
        theta, strength = flat.vector(anchor.theta), lam * flat.vector(anchor.omega)
    update = make_update(flat, schedule, theta, strength)
    bf16 = torch.autocast(data.x.device.type, torch.bfloat16, enabled=schedule.precision == "bf16")
    for step, rows in enumerate(batch_order(len(data), schedule.batch, updates, seed), 1):
        x, y, masks = data.batch(rows)
        flat.grads.zero_()
        with bf16:
            logits = _logits(model, x)
        loss = masked_cross_entropy(logits.to(flat.values.dtype), y, masks)
        loss.backward()
        gradient = before = None
        if watch:  # before the penalty joins the gradient
            gradient, before = flat.grads.clone(), flat.values.detach().clone()
        update()
        if watch and gradient is not None and before is not None:
            watch(gradient, flat.values.detach() - before)
        yield step
        if schedule.ends_pass(step, len(data)) or step == updates:
            _check_finite(loss, flat, tasks[-1])


def masked_cross_entropy(
    logits: Tensor, y: Tensor, masks: Tensor | None, reduction: str = "mean"
) -> Tensor:
    """Return the cross-entropy of logits `[…, C]` and labels `[…]`, some logits masked.

    >>> logits, y = torch.zeros(4, 3), torch.zeros(4, dtype=torch.long)
    >>> masked_cross_entropy(logits, y, torch.tensor([False, False, True])).exp().round()
    tensor(2.)
    """
    if masks is not None:
        logits = logits.masked_fill(masks, -torch.inf)
    return F.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction=reduction)


def make_update(
    flat: FlatParams, schedule: Schedule, theta: Tensor | None, strength: Tensor | None
) -> Callable[[], None]:
    """Return what makes an update once the gradient of the task loss is there.

    Args:
        flat: the weights and their gradient.
        schedule: a fresh optimiser is made from it.
        theta: θ*, `[n]`; None: no penalty.
        strength: λ Ω, `[n]`.
    """
    optimiser = schedule.make_optimizer([flat.values])
    if theta is None or strength is None:
        return lambda: optimiser.step()
    penalty_step = make_penalty_step(flat, theta, strength, schedule)

    def update() -> None:
        if schedule.proximal:
            optimiser.step()
            penalty_step()
        else:
            penalty_step()
            optimiser.step()

    return update


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


def _logits(model: nn.Module, x: Tensor) -> Tensor:
    """Return the logits, with a sentence for models that behave differently in training."""
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


def _check_finite(loss: Tensor, flat: FlatParams, task: Task) -> None:
    if not bool(torch.isfinite(loss) & torch.isfinite(flat.values.detach()).all()):
        raise DivergedError(
            f"training diverged in task {task.name!r}: the loss is no longer finite; "
            "lower lr or lam, or use Schedule(proximal=True)"
        )
