"""Slow twins: each quantity as the obvious loop over samples, for reading and for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, evaluating, trainable


def mas(model: nn.Module, x: Tensor, classes: Sequence[int] | None = None) -> Params:
    r"""Compute `me.mas` by definition: one backward pass for each sample.

    .. math:: \Omega_i = \frac1N \sum_k |\partial \|F(x_k)\|^2 / \partial\theta_i|
    """
    with evaluating(model):
        return _mean_over_samples(model, x, partial(_score, model, classes))


def mas_batch(
    model: nn.Module, x: Tensor, batch_size: int = 128, classes: Sequence[int] | None = None
) -> Params:
    """Compute `me.mas_batch` by definition: the absolute value after the mean over a batch."""
    omega: Params = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    with evaluating(model):
        for batch in x.split(batch_size):
            loss = squared_norm(model(batch), classes) / len(batch)
            for name, gradient in _gradient(model, loss).items():
                omega[name] += gradient.abs() * len(batch) / len(x)
    return omega


def mas_local(model: nn.Sequential, x: Tensor, classes: Sequence[int] | None = None) -> Params:
    """Compute `me.mas_local` by definition, for a chain of layers: each layer is the network.

    For each linear or convolutional layer, its input held fixed and with the ReLU behind it:
    mean over samples of |∂‖y‖²/∂W|.
    """
    omega: Params = {}
    with evaluating(model):
        layers = list(model.named_children())
        for i, (name, layer) in enumerate(layers):
            behind = layers[i + 1][1] if i + 1 < len(layers) else nn.Identity()
            if not isinstance(behind, nn.ReLU):
                behind = nn.Identity()
            block = nn.Sequential(layer, behind)
            if any(weight.requires_grad for weight in layer.parameters()):
                active = classes if i == len(layers) - 1 else None
                local = _mean_over_samples(block, x, partial(_score, block, active))
                omega |= {name + weight.removeprefix("0"): v for weight, v in local.items()}
            with torch.no_grad():
                x = layer(x)
    return omega


def fisher(model: nn.Module, x: Tensor, classes: Sequence[int] | None = None) -> Params:
    r"""Compute `me.fisher`, exact, by definition: a backward pass for each sample and each class.

    .. math:: F_i = \frac1N \sum_k \sum_c p_c(x_k) (\partial \log p_c(x_k) / \partial\theta_i)^2
    """
    omega: Params = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    with evaluating(model):
        for sample in x.split(1):
            logits = model(sample)[0]
            log_p = (
                logits.log_softmax(0) if classes is None else logits[list(classes)].log_softmax(0)
            )
            for c in range(len(log_p)):
                gradients = _gradient(model, log_p[c], retain_graph=True)
                for name, gradient in gradients.items():
                    omega[name] += log_p[c].exp().detach() * gradient**2 / len(x)
    return omega


def empirical_fisher(
    model: nn.Module, x: Tensor, y: Tensor, classes: Sequence[int] | None = None
) -> Params:
    """Compute the empirical Fisher by definition: squared gradients of each sample's loss."""
    columns = range(int(model(x[:1]).shape[1])) if classes is None else classes
    pairs = list(zip(x.split(1), y.tolist(), strict=True))
    omega: Params = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    with evaluating(model):
        for sample, label in pairs:
            log_p = model(sample)[0, list(columns)].log_softmax(0)
            for name, gradient in _gradient(model, log_p[list(columns).index(label)]).items():
                omega[name] += gradient**2 / len(x)
    return omega


def scp(
    model: nn.Module, x: Tensor, directions: Tensor, classes: Sequence[int] | None = None
) -> Params:
    r"""Compute `me.scp` by definition: for each direction the squared gradient of the mean output.

    .. math:: \Omega_i = \frac1L \sum_l (\partial \langle \xi_l, \frac1N \sum_k F(x_k) \rangle
              / \partial\theta_i)^2
    """
    omega: Params = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    with evaluating(model):
        for direction in directions:
            outputs = model(x) if classes is None else model(x)[:, list(classes)]
            for name, gradient in _gradient(model, direction @ outputs.mean(0)).items():
                omega[name] += gradient**2 / len(directions)
    return omega


def si(weights: Sequence[Tensor], gradients: Sequence[Tensor], xi: float = 0.1) -> Tensor:
    r"""Compute SI's Ω from a whole path: T + 1 weight vectors, T gradients of the task's loss.

    .. math:: \Omega = \max(0, -\sum_t g_t (\theta_{t+1} - \theta_t))
              / ((\theta_T - \theta_0)^2 + \xi)
    """
    gain = torch.zeros_like(weights[0])
    for before, after, gradient in zip(weights, weights[1:], gradients, strict=False):
        gain -= gradient * (after - before)
    return gain.clamp(min=0) / ((weights[-1] - weights[0]) ** 2 + xi)


def rwalk(
    weights: Sequence[Tensor],
    gradients: Sequence[Tensor],
    decay: float = 0.9,
    every: int = 10,
    epsilon: float = 1e-3,
) -> tuple[Tensor, Tensor]:
    """Compute RWalk's F and score of one first task, from a path as for `si`."""
    squares = [gradient**2 for gradient in gradients]
    fisher, score = squares[0], torch.zeros_like(weights[0])
    for t in range(1, len(squares) + 1):
        if t > 1:
            fisher = decay * fisher + (1 - decay) * squares[t - 1]
        if t % every == 0 or t == len(squares):
            begin = every * ((t - 1) // every)
            gain = torch.zeros_like(score)
            for s in range(begin, t):
                gain -= gradients[s] * (weights[s + 1] - weights[s])
            displacement = weights[t] - weights[begin]
            score = score + gain.clamp(min=0) / (fisher * displacement**2 / 2 + epsilon)
    return fisher, score


def squared_norm(outputs: Tensor, classes: Sequence[int] | None = None) -> Tensor:
    """Compute ‖F‖² summed over the batch: of all outputs, or of the active classes only."""
    active = outputs if classes is None else outputs[:, list(classes)]
    return active.square().sum()


def _score(model: nn.Module, classes: Sequence[int] | None, x: Tensor) -> Tensor:
    return squared_norm(model(x), classes)


def _mean_over_samples(
    model: nn.Module, x: Tensor, score: Callable[[Tensor], Tensor], power: int = 1
) -> Params:
    total = {name: torch.zeros_like(weight) for name, weight in trainable(model).items()}
    for sample in x.split(1):
        for name, gradient in _gradient(model, score(sample)).items():
            total[name] += gradient.abs() ** power
    return {name: value / len(x) for name, value in total.items()}


def _gradient(model: nn.Module, loss: Tensor, retain_graph: bool = False) -> Params:
    weights = trainable(model)
    gradients = torch.autograd.grad(
        loss, list(weights.values()), materialize_grads=True, retain_graph=retain_graph
    )
    return dict(zip(weights, gradients, strict=True))
