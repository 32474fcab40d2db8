"""Exercise 10.2, `fisher`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.importance import fisher as library_fisher
from mas_edu.importance import reference


def fisher(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return the exact Fisher diagonal: mean over samples of Σ_c p_c (∂ log p_c / ∂θ)².

    model: its outputs are logits; it is in evaluation mode.
    x: inputs, [N, features].
    """
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for sample in x:
        log_p = model(sample[None])[0].log_softmax(dim=0)  # [classes]
        for log_one in log_p:
            gradients = torch.autograd.grad(log_one, list(weights.values()), retain_graph=True)
            for name, gradient in zip(weights, gradients, strict=True):
                total[name] += log_one.exp().item() * gradient**2 / len(x)
    return total


def _fisher_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, layers in (
        (1, [nn.Linear(2, 3)]),
        (3, [nn.Linear(2, 3)]),
        (4, [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3)]),
    ):
        model = nn.Sequential(*layers).double().eval()
        for weight in model.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        x = torch.randn(samples, 2, generator=draw, dtype=torch.float64)
        cases.append({"model": model, "x": x})
    return cases


def _judge_fisher(case: Case, found: Any) -> str:
    largest = max(np.abs(one).max() for one in found.values())
    if largest < 1e-9:
        return "It is 0: the mean of the gradients over the classes always is. Square them first."
    if any((one < 0).any() for one in found.values()):
        return "A Fisher is never negative: it is a mean of squares."
    return ""


Score = Callable[[Tensor, Tensor], Tensor]  # p [classes], gradients [classes, ...] -> [...]


def _fisher_if(score: Score, total: bool = False) -> Any:
    """Return a wrong Fisher: the mean over samples of a score of p and the gradients of log p."""

    def wrong(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
        found = [_gradients(model, sample) for sample in x]
        return {
            name: torch.stack([score(p, gradients[name]) for p, gradients in found]).sum(dim=0)
            / (1 if total else len(x))
            for name in found[0][1]
        }

    return wrong


def _gradients(model: nn.Module, sample: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return p of a sample, [classes], and by name the gradients of log p, [classes, ...]."""
    weights = dict(model.named_parameters())
    log_p = model(sample[None])[0].log_softmax(dim=0)
    rows = [torch.autograd.grad(one, list(weights.values()), retain_graph=True) for one in log_p]
    columns = map(torch.stack, zip(*rows, strict=True))
    return log_p.detach().exp(), dict(zip(weights, columns, strict=True))


def _weighted(p: Tensor, gradients: Tensor) -> Tensor:
    """Return Σ_c p_c · gradient_c."""
    total: Tensor = torch.tensordot(p, gradients, dims=1)
    return total


def _batch_mean(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    found = [_gradients(model, sample) for sample in x]
    p = torch.stack([p for p, _ in found]).mean(dim=0)
    means = {
        name: torch.stack([gradients[name] for _, gradients in found]).mean(dim=0)
        for name in found[0][1]
    }
    return {name: _weighted(p, mean**2) for name, mean in means.items()}


def _batch_mean_of_largest(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    means = _fisher_if(lambda p, g: g[p.argmax()])(model, x)
    return {name: mean**2 for name, mean in means.items()}


def _sum_of_largest(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    return {name: one * len(x) for name, one in _batch_mean_of_largest(model, x).items()}


FISHER = Exercise(
    id="10.2",
    name="fisher",
    points=2,
    asks="Turn MAS into EWC: write the exact Fisher diagonal, Σ_c p_c (∂ log p_c / ∂θ)² in the "
    "mean over the samples. No labels are needed.",
    solution=fisher,
    why="The Fisher is an expectation over the classes that the network itself predicts; each "
    "class has its own gradient, squared for each sample before any mean.",
    hints=(
        "For one sample and one class, what is squared, and with which weight does it count?",
        "Go through samples and classes. Each class needs a gradient of its log-probability.",
        "Add p_c times the squared gradient of log p_c, divided by N; keep the graph for the next "
        "class.",
    ),
    mistakes={
        "largest class only": (
            _fisher_if(lambda p, g: g[p.argmax()] ** 2),
            "This uses the predicted class alone: add up all classes, each with its probability.",
        ),
        "no p": (
            _fisher_if(lambda p, g: (g**2).sum(dim=0)),
            "All classes count alike: multiply each squared gradient by the class's probability.",
        ),
        "mean over classes": (
            _fisher_if(lambda p, g: (g**2).mean(dim=0)),
            "This is the plain mean over the classes: weight each by its probability instead.",
        ),
        "p squared": (
            _fisher_if(lambda p, g: _weighted(p**2, g**2)),
            "Here p_c is squared as well (or log is missing): square the gradient of log p_c only.",
        ),
        "gradient of p": (
            _fisher_if(lambda p, g: _weighted(p**3, g**2)),
            "This squares the gradient of p_c: take the gradient of log p_c.",
        ),
        "absolute": (
            _fisher_if(lambda p, g: _weighted(p, g.abs())),
            "This is the mean of absolute gradients: the Fisher squares them.",
        ),
        "sum": (
            _fisher_if(lambda p, g: _weighted(p, g**2), total=True),
            "This is the sum over the samples: divide by N.",
        ),
        "batch mean": (
            _batch_mean,
            "The gradients are averaged over the samples, then squared: square them for each "
            "sample, average last.",
        ),
        "batch mean of the largest": (
            _batch_mean_of_largest,
            "This squares the batch's mean gradient of the predicted class: go through samples, "
            "and through all classes.",
        ),
        "sum of the largest": (
            _sum_of_largest,
            "Gradients of the predicted class are summed over the samples, then squared: square "
            "each, for all classes.",
        ),
        "importance of MAS": (
            reference.mas,
            "This is Ω of MAS, from the squared output: square the gradients of log p_c instead.",
        ),
    },
    cases=_fisher_cases,
    judge=_judge_fisher,
    guarded=(library_fisher, reference.fisher),
)
