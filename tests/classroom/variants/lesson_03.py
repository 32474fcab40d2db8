"""Valid answers to the exercises of lesson 03."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.func import functional_call, grad, vmap

import mas_edu as me
from mas_edu.importance import reference


def omega_by_vmap(network, inputs):
    was = network.training
    network.eval()
    weights = {name: weight.detach() for name, weight in network.named_parameters()}

    def score(theta, sample):
        return functional_call(network, theta, sample[None]).square().sum()

    found = vmap(grad(score), in_dims=(None, 0))(weights, inputs)
    network.train(was)
    return {name: value.abs().mean(0) for name, value in found.items()}


def omega_by_backward(model, x):
    twin = copy.deepcopy(model).eval()
    sums = {}
    for k in range(len(x)):
        twin.zero_grad()
        (twin(x[k : k + 1]) ** 2).sum().backward()
        for name, weight in twin.named_parameters():
            sums[name] = sums.get(name, 0) + weight.grad.abs() / len(x)
    return dict(reversed(sums.items()))


def omega_in_float32(model, x):
    twin = copy.deepcopy(model).float().eval()
    return omega_by_vmap(twin, x.float())


def accepts_with_the_loop(omega):
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Dropout(0.3), nn.Linear(5, 3)).double()
    x = torch.randn(6, 4, dtype=torch.float64)
    right = reference.mas(net, x)
    found = omega(net, x)
    if set(found) != set(right):
        return False
    return max(float((found[n] - right[n]).abs().max()) for n in right) < 1e-3


def euler_by_the_loop(model, x):
    found = {}
    omega = reference.mas(model, x)
    for name in omega:
        weight = dict(model.named_parameters())[name].detach()
        length = sum(float((model(one[None]) ** 2).sum()) for one in x) / len(x)
        found[name] = float((weight * omega[name].abs() * weight.sign()).sum()) / length / 2
    return found


def euler_by_snapshot(model, x):
    theta, omega = me.snapshot(model), me.mas(model, x)
    mean = model(x).detach().pow(2).sum(dim=1).mean()
    return {n: (theta[n].abs() * omega[n]).sum() / mean / 2 for n in theta}


VARIANTS = {
    "03.2": [omega_by_vmap, omega_by_backward, omega_in_float32],
    "03.3": [accepts_with_the_loop],
    "03.4": [euler_by_the_loop, euler_by_snapshot],
}
