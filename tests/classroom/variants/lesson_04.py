"""Valid answers to the exercises of lesson 04."""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats

import mas_edu as me


def kept_with_torch(g, size):
    g = torch.tensor(g)
    left = sum(part.mean().abs() * len(part) for part in g.split(size))
    return left / g.abs().sum()


def kept_by_hand(g, size):
    left = total = batch = 0.0
    for k, value in enumerate(g):
        batch += value
        total += abs(value)
        if (k + 1) % size == 0 or k == len(g) - 1:
            left, batch = left + abs(batch), 0.0
    return left / total


def linear_loop(delta, a):
    outer = [torch.outer(d, row).abs() for d, row in zip(delta, a, strict=True)]
    return sum(outer) / len(outer)


def linear_einsum(delta, a):
    return torch.einsum("no,ni->noi", delta, a).abs().mean(0).float()


def verdict_of_library(gaps):
    mean, low, high = me.interval(gaps)
    return "no difference seen" if low <= 0 <= high else "first" if mean > 0 else "second"


def verdict_by_test(values):
    if stats.ttest_1samp(values, 0).pvalue > 0.05:
        return "no difference seen"
    return "first" if np.mean(values) > 0 else "second"


VARIANTS = {
    "04.1": [kept_with_torch, kept_by_hand],
    "04.3": [linear_loop, linear_einsum],
    "04.4": [verdict_of_library, verdict_by_test],
    "04.5": [
        {"image": np.array([1.0, 3.0, 1.0]), "kernel": torch.tensor([-1.0, 0.5])},
        {"kernel": [1, -2], "image": [3, 1, 2]},
    ],
}
