r"""Metrics of the accuracy matrix, each a function of the matrix alone.

:math:`a_{i,j}` is the accuracy on task j after learning task i, `[T, T]`, without NaN on and below
the diagonal; T is the number of tasks learned. With no task learned every metric is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def average(matrix: Matrix) -> float:
    r"""Return the mean accuracy over all tasks at the end: :math:`\frac1T \sum_j a_{T,j}`.

    Lopez-Paz and Ranzato, NeurIPS 2017 (arXiv 1706.08840), equation 2.

    >>> average(np.array([[0.9, 0.1], [0.6, 0.8]]))
    0.7
    """
    return float(matrix[-1].mean()) if len(matrix) else float("nan")


def average_over_time(matrix: Matrix) -> float:
    r"""Return the mean of the averages after each task: how good the network was all along.

    .. math:: \frac1T \sum_{i=1}^T \frac1i \sum_{j \le i} a_{i,j}

    Only tasks learned by then count. "Average incremental accuracy" in Rebuffi et al., CVPR 2017
    (arXiv 1611.07725), section 4.
    """
    means = [row[: i + 1].mean() for i, row in enumerate(matrix)]
    return float(np.mean(means)) if means else float("nan")


def learned(matrix: Matrix) -> float:
    r"""Return the mean accuracy just after learning each task: :math:`\frac1T \sum_j a_{j,j}`.

    Read it beside `forgetting`: a frozen network forgets nothing, and learns nothing.
    """
    return float(np.diag(matrix).mean()) if len(matrix) else float("nan")


def forgetting(matrix: Matrix) -> float:
    r"""Return how far earlier tasks fell from their best, in the mean; 0 after the first task.

    .. math:: \frac{1}{T-1} \sum_{j<T} \Big( \max_{j \le i < T} a_{i,j} - a_{T,j} \Big)

    Chaudhry et al., ECCV 2018 (arXiv 1801.10112), section 3.2, with the best taken from the moment
    the task was learned.
    """
    if len(matrix) < 2:
        return 0.0 if len(matrix) else float("nan")
    falls = [matrix[j:-1, j].max() - matrix[-1, j] for j in range(len(matrix) - 1)]
    return float(np.mean(falls))


def backward_transfer(matrix: Matrix) -> float:
    r"""Return what learning later tasks did to earlier ones; negative when they were forgotten.

    .. math:: \frac{1}{T-1} \sum_{j<T} (a_{T,j} - a_{j,j})

    0 after the first task. Lopez-Paz and Ranzato, NeurIPS 2017 (arXiv 1706.08840), equation 3.
    """
    if len(matrix) < 2:
        return 0.0 if len(matrix) else float("nan")
    return float((matrix[-1] - np.diag(matrix))[:-1].mean())


def forward_transfer(matrix: Matrix, initial: Matrix) -> float:
    r"""Return what earlier tasks did for a later one before it was learned.

    .. math:: \frac{1}{T-1} \sum_{j>1} (a_{j-1,j} - b_j)

    :math:`b_j` is the accuracy of the untrained network, `initial`, `[T]`; NaN with fewer than two
    tasks. Lopez-Paz and Ranzato, NeurIPS 2017 (arXiv 1706.08840), equation 4.
    """
    later = range(1, len(matrix))
    return float(np.mean([matrix[j - 1, j] - initial[j] for j in later] or np.nan))


def intransigence(matrix: Matrix, joint: Matrix) -> float:
    r"""Return how far learning fell behind a network that had all tasks' data so far, in the mean.

    .. math:: \frac1T \sum_{k=1}^T (a^*_k - a_{k,k})

    :math:`a^*_k`, the diagonal of `joint`, is the accuracy on task k after joint training on tasks
    1 to k. Negative: better than joint training. Chaudhry et al., ECCV 2018 (arXiv 1801.10112),
    section 3.2.
    """
    behind = np.diag(joint)[: len(matrix)] - np.diag(matrix)
    return float(behind.mean()) if len(matrix) else float("nan")
