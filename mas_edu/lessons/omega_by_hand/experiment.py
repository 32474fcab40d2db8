"""A network of six weights, and every number on the way to its Ω, as with pencil and paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mas_edu._common import short_repr

Array = NDArray[np.float64]
EDGES = ("x₁→h₁", "x₂→h₁", "x₁→h₂", "x₂→h₂", "h₁→F", "h₂→F")
SHAPES = {"w": (2, 2), "v": (2,), "x": (3, 2)}


@dataclass(frozen=True, eq=False)
class Net:
    """Two inputs, two hidden units with ReLU, one output F = v · ReLU(W x); no biases.

    All that has one number for each edge is in the order of `EDGES`.

    Args:
        w: the weights into the hidden units, `[2, 2]`: a row for each unit.
        v: the weights into the output, `[2]`.
        x: the three samples, `[3, 2]`.

    Raises:
        ValueError: naming the array that has another shape, or is not finite.

    >>> Net(w=[[-1, 2], [3, 1]], v=[-1, 1], x=[[1, 1], [1, 0], [-1, 1]]).omega
    array([ 4.,  4.,  4.,  2.,  8., 14.])
    """

    w: Array
    v: Array
    x: Array

    def __post_init__(self) -> None:
        for name, shape in SHAPES.items():
            found = getattr(self, name)
            object.__setattr__(self, name, _checked(name, found, shape))

    # forward

    @property
    def z(self) -> Array:
        """The sums of the hidden units, `[3, 2]`."""
        z: Array = self.x @ self.w.T
        return z

    @property
    def a(self) -> Array:
        """Outputs of the hidden units, `[3, 2]`: 0 where the sum is not above 0."""
        a: Array = np.maximum(self.z, 0)
        return a

    @property
    def f(self) -> Array:
        """The outputs, `[3]`."""
        f: Array = self.a @ self.v
        return f

    # backward

    @property
    def delta_f(self) -> Array:
        """∂F²/∂F = 2F, `[3]`."""
        return 2 * self.f

    @property
    def delta_h(self) -> Array:
        """∂F²/∂z, `[3, 2]`: δ of the output × the weight between, and 0 where ReLU is off."""
        delta: Array = self.delta_f[:, None] * self.v * (self.z > 0)
        return delta

    @property
    def begins(self) -> Array:
        """Input of each edge: the activation it begins at, `[3, 6]`."""
        return np.hstack([self.x, self.x, self.a])

    @property
    def ends(self) -> Array:
        """The δ that each edge ends at, `[3, 6]`."""
        return np.hstack([self.delta_h.repeat(2, axis=1), self.delta_f[:, None].repeat(2, axis=1)])

    @property
    def gradients(self) -> Array:
        """∂F²/∂θ = δ · a, `[3, 6]`."""
        return self.ends * self.begins

    # over the samples

    @property
    def omega(self) -> Array:
        """The importance of each weight, `[6]`: the mean of |∂F²/∂θ|."""
        omega: Array = np.abs(self.gradients).mean(0)
        return omega

    @property
    def abs_of_mean(self) -> Array:
        """|the mean of ∂F²/∂θ|, `[6]`: what is left if the absolute value comes last."""
        late: Array = np.abs(self.gradients.mean(0))
        return late

    @property
    def weights(self) -> Array:
        """All weights, `[6]`."""
        return np.concatenate([self.w.ravel(), self.v])


def _checked(name: str, value: object, shape: tuple[int, ...]) -> Array:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected numbers, got {short_repr(value)}") from error
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(
            f"{name}: expected finite numbers in the shape {shape}, got {short_repr(value)}"
        )
    return array


NETS = tuple(
    Net(*(np.array(part) for part in parts))
    for parts in (  # the lesson's, then others to practise with
        ([[-1, 2], [3, 1]], [-1, 1], [[1, 1], [1, 0], [-1, 1]]),
        ([[-2, 1], [3, 2]], [-1, 1], [[-1, 2], [1, 0], [-2, -1]]),
        ([[3, -2], [-1, 3]], [1, -1], [[1, 0], [2, 1], [0, 1]]),
        ([[2, 3], [3, 1]], [-3, 3], [[1, 0], [1, 1], [-1, 1]]),
        ([[2, 3], [1, -3]], [-2, 1], [[0, -1], [2, -1], [1, 0]]),
        ([[-1, 2], [1, 1]], [1, -2], [[1, 1], [-1, 2], [0, -2]]),
    )
)
