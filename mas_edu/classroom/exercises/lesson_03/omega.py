"""Exercise 03.2, `omega`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.importance import mas, reference

Tensors = dict[str, Tensor]


def omega(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return Ω of every weight: the mean over the samples of |∂‖F(x)‖²/∂θ|.

    x: inputs, [N, features].
    Returns one tensor per weight, same name and shape. It is computed in eval mode; the mode and
    the gradients of the model are given back as they were.
    """
    was_training = model.training
    model.eval()
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for sample in x:
        length = model(sample[None]).square().sum()
        gradients = torch.autograd.grad(length, list(weights.values()))
        for name, gradient in zip(weights, gradients, strict=True):
            total[name] += gradient.abs()
    model.train(was_training)
    return {name: value / len(x) for name, value in total.items()}


class HalvedInTraining(nn.Module):
    """Stands for dropout, without chance: it halves its input in training mode."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the input, or half of it in training."""
        return x / 2 if self.training else x


def _network_cases(seed: int) -> list[Case]:
    """Draw networks without and with biases, with gradients left behind, and in training mode."""
    draw = torch.Generator().manual_seed(seed)
    nets = (
        nn.Sequential(nn.Linear(2, 2, bias=False)),
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3)),
        nn.Sequential(nn.Linear(3, 4), nn.Tanh(), HalvedInTraining(), nn.Linear(4, 2)),
    )
    cases = []
    for k, (net, samples) in enumerate(zip(nets, (2, 7, 5), strict=True)):
        net.double()
        for weight in net.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            if k == 1:
                weight.grad = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        first = next(net.parameters())
        x = torch.randn(samples, first.shape[1], generator=draw, dtype=torch.float64)
        if k == 0:
            x[1] = -x[0] + 0.3  # opposite pulls
        cases.append({"model": net, "x": x})
    return cases


def _judge_omega(case: Case, found: Any) -> str:
    if any((value < 0).any() for value in found.values()):
        return "Ω is never negative: take the absolute value of each sample's gradient."
    return ""


def wrong_omega(
    *,
    score: Callable[[Tensor], Tensor] = lambda out: out.square().sum(),
    size: int = 1,
    mean_in_batch: bool = False,
    power: int = 1,
    absolute: bool = True,
    divide: bool = True,
    training: bool = False,
    weights_only: bool = False,
) -> Callable[[nn.Module, Tensor], Tensors]:
    """Return an Ω with something wrong in it."""

    def wrong(model: nn.Module, x: Tensor) -> Tensors:
        was = model.training
        model.train(training)
        weights = dict(model.named_parameters())
        total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        batches = x.split(size or len(x))
        for batch in batches:
            value = score(model(batch)) / (len(batch) if mean_in_batch else 1)
            gradients = torch.autograd.grad(value, list(weights.values()))
            for name, gradient in zip(weights, gradients, strict=True):
                total[name] += gradient.abs() ** power if absolute else gradient
        model.train(was)
        number = (len(batches) if mean_in_batch else len(x)) if divide else 1
        kept = [name for name in total if not (weights_only and "bias" in name)]
        return {name: total[name] / number for name in kept}

    return wrong


def _left_in_eval(model: nn.Module, x: Tensor) -> Tensors:
    found = omega(model, x)
    model.eval()
    return found


def _with_gradients(model: nn.Module, x: Tensor) -> Tensors:
    found = omega(model, x)
    model.zero_grad()
    model(x[-1:]).square().sum().backward()
    return found


def _fisher(model: nn.Module, x: Tensor) -> Tensors:
    return reference.fisher(model, x)


def _own_guess(out: Tensor) -> Tensor:
    """Return the loss against the network's own answer, as some do who have no labels."""
    return F.cross_entropy(out, out.argmax(1), reduction="sum")


OMEGA = Exercise(
    id="03.2",
    name="omega",
    points=3,
    asks="Write Ω as a loop over the samples, for any network. The result has a tensor for each "
    "weight, under its name.",
    solution=omega,
    why="One backward pass for each sample, its absolute value added up: opposite pulls of two "
    "samples both count. Labels are not needed.",
    hints=(
        "Of how many samples may a gradient know, before its absolute value is taken?",
        "One sample at a time: the squared length of the output, its gradient by every weight.",
        "Add up the absolute gradients by name and divide by the number of samples, in eval mode; "
        "`torch.autograd.grad` leaves nothing in .grad.",
    ),
    mistakes={
        "half": (
            wrong_omega(score=lambda out: out.square().sum() / 2),
            "This is half of Ω: the squared length has no ½ before it.",
        ),
        "no absolute value": (
            wrong_omega(absolute=False),
            "This is the mean gradient, with signs: take the absolute value of each sample's "
            "gradient.",
        ),
        "absolute after the mean": (
            wrong_omega(size=0),
            "This equals |mean gradient|: the absolute value came after the average.",
        ),
        "batches of 2": (
            wrong_omega(size=2),
            "The absolute value is taken of batches: opposite gradients inside one cancel. Take "
            "one sample at a time.",
        ),
        "mean of means": (
            wrong_omega(size=2, mean_in_batch=True),
            "This is a mean of batch means: cancelling inside a batch, and short batches count as "
            "full ones.",
        ),
        "sum": (
            wrong_omega(divide=False),
            "This is the sum over the samples: divide by their number.",
        ),
        "unsquared": (
            wrong_omega(score=lambda out: out.norm()),
            "This is the gradient of ‖F‖: the length is squared.",
        ),
        "sum of outputs": (
            wrong_omega(score=lambda out: out.sum()),
            "This is the gradient of the summed outputs: square each output before you add.",
        ),
        "squared gradient": (
            wrong_omega(power=2),
            "The gradients are squared, as the Fisher information does: take their absolute value.",
        ),
        "loss": (
            wrong_omega(score=_own_guess),
            "This is the gradient of a loss: Ω asks how the output moves, not whether it is right.",
        ),
        "Fisher": (
            _fisher,
            "This is the Fisher information: MAS takes the gradient of the squared length of the "
            "output.",
        ),
        "softmax": (
            wrong_omega(score=lambda out: out.softmax(1).square().sum()),
            "The output went through a softmax: take the logits as they are.",
        ),
        "training mode": (
            wrong_omega(training=True),
            "It is computed in training mode, where dropout is at work: switch to eval mode first.",
        ),
        "largest output": (
            wrong_omega(score=lambda out: out.max(1).values.square().sum()),
            "Only the largest output is taken: the squared length adds up all of them.",
        ),
        "mean of outputs": (
            wrong_omega(score=lambda out: out.square().mean(1).sum()),
            "The squares of the outputs are averaged: add them up, it is a length.",
        ),
        "no biases": (
            wrong_omega(weights_only=True),
            "The biases are left out: they are weights with an Ω of their own.",
        ),
        "left in eval": (
            _left_in_eval,
            "Ω is right, but the network stays in eval mode: give its mode back as it was.",
        ),
        "gradients left": (
            _with_gradients,
            "Ω is right, but other gradients are left in .grad: use torch.autograd.grad, or put "
            "them back.",
        ),
    },
    cases=_network_cases,
    judge=_judge_omega,
    guarded=(mas, reference.mas),
)
