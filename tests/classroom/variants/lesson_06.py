"""Valid answers to the exercises of lesson 06."""

from __future__ import annotations

import numpy as np
import torch


def add_by_moving(mean, n, more, m):
    return mean + (more - mean) * m / (n + m)


def add_average(old, seen, new, count):
    return np.average([old, new], axis=0, weights=[seen, count]).astype("float32")


def in_force_closed(rule, omegas):
    if rule == "sum":
        return np.sum(omegas, axis=0)
    if rule == "mean":
        return np.mean(omegas, axis=0)
    if rule == "max":
        return np.max(omegas, axis=0)
    if rule == "last":
        return omegas[-1]
    shares = [0.5 ** (len(omegas) - 1), *(0.5 ** np.arange(len(omegas) - 1, 0, -1))]
    return sum(share * omega for share, omega in zip(shares, omegas, strict=True))


def in_force_in_place(rule, omegas):
    force = omegas[0].copy()
    for k, new in enumerate(omegas[1:]):
        if rule == "sum":
            force += new
        elif rule == "mean":
            force *= k + 1
            force += new
            force /= k + 2
        elif rule == "max":
            force = np.where(new > force, new, force)
        elif rule == "last":
            force[:] = new
        else:
            force = 0.5 * force + 0.5 * new
    return list(force)


def numbers_table(weights, tasks, method):
    return weights * {"L2": 1, "MAS": 2, "EWC apart": 2 * tasks, "EWC merged": 2.0}[method]


def bar_loop(thetas, omegas):
    above, below = 0, 0
    for theta, omega in zip(thetas, omegas, strict=True):
        above, below = above + theta * omega, below + omega
    return torch.tensor(above / below).float()


def bar_by_merging(thetas, omegas):
    anchor, force = thetas[0], omegas[0]
    for theta, omega in zip(thetas[1:], omegas[1:], strict=True):
        force = force + omega
        anchor = anchor + (theta - anchor) * omega / force
    return anchor


VARIANTS = {
    "06.1": [add_by_moving, add_average],
    "06.2": [in_force_closed, in_force_in_place],
    "06.3": [(4, 2, 1, 1), np.array([4.0, 2, 1, 1])],
    "06.4": [numbers_table],
    "06.5": [bar_loop, bar_by_merging],
}
