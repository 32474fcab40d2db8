"""Two tasks and a network of two weights, computed in closed form: no training."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THETA_A, THETA_B = np.array([1.5, 0.2]), np.array([0.3, -1.0])
ACROSS_A, SPREAD_A = 1.03, 0.15  # how far A's inputs reach along x₁ and along x₂
SPREADS_B = np.array([0.5, 1.05])
INPUTS = 400  # of task A
LAMBDAS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
FINE = np.concatenate([[0.0], np.logspace(-3, 4, 1401)])  # for the path and its best
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Valleys:
    """Two tasks for the network F(x) = θ₁x₁ + θ₂x₂, each a valley of loss in the plane of θ.

    Args:
        theta_a: where task A is solved; its inputs are uncorrelated, as are B's.
        theta_b: where task B is solved.
        steep_a: the mean of x₁² and x₂² over A's inputs: how fast its loss rises along θ₁ and θ₂.
        steep_b: the same of B.
        omega: the importance of θ₁ and θ₂ at `theta_a`, over A's inputs.
    """

    theta_a: Array
    theta_b: Array
    steep_a: Array
    steep_b: Array
    omega: Array

    def loss_a(self, theta: Array) -> Array:
        """Mean squared error on A; theta is `[…, 2]`."""
        return _form(self.steep_a, theta - self.theta_a)

    def loss_b(self, theta: Array) -> Array:
        """Mean squared error on B."""
        return _form(self.steep_b, theta - self.theta_b)

    def both(self, theta: Array) -> Array:
        """Return the sum of the losses on A and B."""
        return self.loss_a(theta) + self.loss_b(theta)

    def end(self, omega: Array, lam: Array | float) -> Array:
        """Return where the loss on B + λ/2 Σ Ω (θ − θ_A)² is least, for one λ or many: `[…, 2]`.

        In each direction the derivative 2 s (θ − θ_B) + λ Ω (θ − θ_A) is 0: a weighted mean.
        """
        held = np.asarray(lam)[..., None] * omega
        return _between(self.theta_b, 2 * self.steep_b, self.theta_a, held)

    def path(self, omega: Array) -> Array:
        """Return all the places that θ ends at, from λ = 0 to a very large one, `[L, 2]`."""
        return self.end(omega, FINE)

    def best(self, omega: Array) -> Array:
        """Return the place on the path where the losses on A and B together are least."""
        path = self.path(omega)
        least: Array = path[self.both(path).argmin()]
        return least

    @property
    def joint(self) -> Array:
        """Return where A and B trained together end."""
        return _between(self.theta_b, self.steep_b, self.theta_a, self.steep_a)

    @property
    def bowls(self) -> dict[str, Array]:
        """The two penalties by name: the Ω of each."""
        return {"L2": np.ones(2), "MAS": self.omega}


def valleys(spread: float = SPREAD_A, size: float = 1.0, seed: int = 0) -> Valleys:
    """Return both tasks, and the Ω of the network that has learned A.

    Args:
        spread: how far A's inputs reach along x₂; along x₁ it is always 1.03.
        size: by how much the weights that solve A are scaled, and with them A's outputs.
        seed: of A's inputs.

    >>> two = valleys()
    >>> places = [two.theta_b, two.best(np.ones(2)), two.best(two.omega), two.joint]
    >>> [round(float(two.both(theta)), 2) for theta in places]  # none, L2, MAS, joint
    [1.56, 0.49, 0.33, 0.32]
    """
    theta, x = size * THETA_A, inputs(spread, seed)
    return Valleys(theta, THETA_B, (x**2).mean(0), SPREADS_B**2, sensitivity(x, theta))


def inputs(spread: float = SPREAD_A, seed: int = 0) -> Array:
    """Draw task A's inputs, `[N, 2]`, make them uncorrelated and as wide as they should be."""
    drawn = np.random.default_rng(seed).standard_normal((INPUTS, 2))
    even = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / INPUTS)).T
    wide: Array = even * [ACROSS_A, spread]
    return wide


def sensitivity(x: Array, theta: Array) -> Array:
    """Compute Ω of F(x) = θ·x: the mean over inputs of |∂F²/∂θᵢ| = |2 F xᵢ|."""
    omega: Array = np.abs(2 * (x @ theta)[:, None] * x).mean(0)
    return omega


def job(spread: float, size: float) -> Generator[Valleys]:
    """Yield `valleys`, at once."""
    yield valleys(spread, size)


def _form(steep: Array, away: Array) -> Array:
    total: Array = (steep * away**2).sum(-1)
    return total


def _between(b: Array, weight_b: Array, a: Array, weight_a: Array) -> Array:
    mean: Array = (weight_b * b + weight_a * a) / (weight_b + weight_a)
    return mean
