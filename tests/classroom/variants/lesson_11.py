"""Valid answers to the exercises of lesson 11."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F


def loss_by_columns(logits, y, classes):
    place = {c: k for k, c in enumerate(classes)}
    moved = torch.tensor([place[int(label)] for label in y])
    return F.cross_entropy(logits[:, classes], moved)


def loss_renormalised(logits, y, classes):
    p = logits.softmax(1)
    p = p / p[:, classes].sum(1, keepdim=True)
    return -p[torch.arange(len(y)), y].log().mean()


def loss_in_place(logits, y, classes):
    for c in range(logits.shape[1]):
        if c not in classes:
            logits[:, c] = -1e9
    return sum(F.cross_entropy(row[None], label[None]) for row, label in zip(logits, y)) / len(y)  # noqa: B905


def readings_loop(logits, y, classes):
    right = {"within": 0, "parity": 0, "class": 0}
    for row, label in zip(logits.tolist(), y.tolist(), strict=True):
        digit = int(np.argmax(row))
        right["class"] += digit == label
        right["parity"] += digit % 2 == label % 2
        right["within"] += max(classes, key=lambda c, row=row: row[c]) == label
    return {name: count / len(y) for name, count in right.items()}


def readings_masked(logits, y, classes):
    only = torch.full_like(logits, -torch.inf)
    only[:, classes] = 0
    within, digit = (logits + only).argmax(1), logits.argmax(1)
    return {
        "class": (digit == y).float().mean(),
        "parity": ((digit - y) % 2 == 0).float().mean(),
        "within": (within == y).float().mean(),
    }


VARIANTS = {
    "11.1": [
        {
            "8": "task",
            "7": "domain",
            "6": "task",
            "5": "class",
            "4": "domain",
            "3": "class",
            "2": "domain",
            "1": "task",
        }
    ],
    "11.2": [loss_by_columns, loss_renormalised, loss_in_place],
    "11.3": [readings_loop, readings_masked],
}
