"""Lesion tests: what a network still knows without a share of its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu.data import Task
from mas_edu.importance import Removed, lesioned
from mas_edu.training.evaluation import accuracies


def lesion(
    model: nn.Module,
    tasks: Iterable[Task],
    omega: Mapping[str, Tensor],
    share: float,
    which: Removed = "most",
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the accuracy on each task's test part without a share of the weights, `[T]`.

    Arguments and errors as in `lesioned` and `accuracies`; the network is given back unchanged.

    >>> from mas_edu.data import rotated
    >>> from mas_edu.importance import mas
    >>> from mas_edu.networks import mlp
    >>> stream, model = rotated("digits", tasks=2), mlp([64, 10])  # without weights: all are 0
    >>> lesion(model, stream, mas(model, stream[0].x), share=1.0).round(3).tolist()
    [0.078, 0.078]
    """
    with lesioned(model, omega, share, which, seed):
        return accuracies(model, tasks)
