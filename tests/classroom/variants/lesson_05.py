"""Valid answers to the exercises of lesson 05."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call


def penalty_stacked(net, old, importance):
    moved = {name: value - old[name].detach() for name, value in net.named_parameters()}
    return torch.stack([(importance[name] * moved[name].square()).sum() for name in moved]).sum()


def penalty_flat(model, theta, omega):
    names = list(omega)
    weights = dict(model.named_parameters())
    w, t, o = (
        torch.cat([d[n].flatten() for n in names])
        for d in (weights, {n: theta[n].data for n in names}, omega)
    )
    return o @ (w - t) ** 2


def penalty_float32(model, theta, omega):
    return sum(
        (omega[n].float() * (w.float() - theta[n].detach().float()) ** 2).sum()
        for n, w in model.named_parameters()
    )


def penalty_that_prints(model, theta, omega):
    print("so far so good")
    total = 0
    for name, weight in model.named_parameters():
        for w, t, o in zip(
            weight.flatten(), theta[name].detach().flatten(), omega[name].flatten(), strict=True
        ):
            total += o * (w - t) * (w - t)
    return total


def step_with_two_backwards(model, x, y, anchor, lam, optimizer):
    optimizer.zero_grad(set_to_none=False)
    loss = F.nll_loss(model(x).log_softmax(1), y)
    loss.backward()
    (0.5 * lam * anchor.penalty(model)).backward()
    optimizer.step()
    return loss


def step_with_grad(model, x, y, anchor, lam, optimizer):
    weights = dict(model.named_parameters())
    task = F.cross_entropy(functional_call(model, weights, x), y)
    found = torch.autograd.grad(task + lam * anchor.penalty(model) / 2, list(weights.values()))
    for weight, gradient in zip(weights.values(), found, strict=True):
        weight.grad = gradient
    optimizer.step()
    return float(task)


def choose_in_arrays(rows):
    lams = np.unique([row["lam"] for row in rows])
    scores = []
    for lam in lams:
        runs = [row for row in rows if row["lam"] == lam]
        done = all(row["complete"] for row in runs)
        scores.append(np.mean([row["validation"] for row in runs]) if done else -np.inf)
    return lams[int(np.argmax(scores))]


def stable_flat(lr, omega):
    return 2 / lr / torch.cat([value.reshape(-1) for value in omega.values()]).max()


def proximal_step(theta, theta_star, strength):
    return theta_star + (theta - theta_star) / (1 + strength)


def proximal_in_place(theta, theta_star, strength):
    return theta.clone().add_(strength * theta_star).div_(1 + strength).float()


VARIANTS = {
    "05.1": [penalty_stacked, penalty_flat, penalty_float32, penalty_that_prints],
    "05.2": [step_with_two_backwards, step_with_grad],
    "05.3": [choose_in_arrays],
    "05.4": [stable_flat],
    "05.5": [proximal_step, proximal_in_place],
}
