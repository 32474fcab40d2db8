"""Valid answers to the exercises of lesson 01."""

from __future__ import annotations

import numpy as np
import torch

import mas_edu as me


def matrix_as_lists(net, stream, fit, score):
    table = []
    for k in range(len(stream)):
        fit(net, stream[k])
        table.append([score(net, stream[j]) for j in range(len(stream))])
    return table


def matrix_as_a_tensor(model, tasks, train, test):
    a = torch.zeros(len(tasks), len(tasks))
    for i, task in enumerate(tasks):
        train(model, task)
        for j, other in enumerate(tasks):
            a[i, j] = test(model, other)
    return a


def metrics_by_the_library(a):
    record = me.Record(a)
    names = ("average", "forgetting", "backward_transfer", "learned")
    return {name: getattr(record, name) for name in names}


def metrics_in_loops(matrix):
    tasks = len(matrix)
    forgetting = backward = 0.0
    for j in range(tasks - 1):
        best = max(matrix[i][j] for i in range(j, tasks - 1))
        forgetting += (best - matrix[tasks - 1][j]) / (tasks - 1)
        backward += (matrix[tasks - 1][j] - matrix[j][j]) / (tasks - 1)
    return {
        "learned": sum(matrix[k][k] for k in range(tasks)) / tasks,
        "average": np.float32(sum(matrix[-1]) / tasks),
        "backward_transfer": backward,
        "forgetting": forgetting,
    }


VARIANTS = {
    "01.1": [matrix_as_lists, matrix_as_a_tensor],
    "01.2": [metrics_by_the_library, metrics_in_loops],
}
