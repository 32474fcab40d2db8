"""One step with one sample of a network of six weights: what its picture has to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mas_edu._common import translate
from mas_edu.lessons.omega_by_hand.experiment import Array, Net

FORWARD, DELTA, PRODUCT, FOURTH, LAST = range(1, 6)
STEPS = {  # translated; by whether the absolute value comes last
    False: ("forward", "δ", "δ · a", "| · |", "mean"),
    True: ("forward", "δ", "δ · a", "mean", "| · |"),
}


@dataclass(frozen=True)
class Moment:
    """One step with one sample: what the graph and the table show of a network.

    Args:
        net: the network and its samples.
        sample: 1, 2 or 3.
        step: 1 to 5, see `STEPS`.
        abs_last: whether the absolute value is taken after the mean, which is not Ω.
    """

    net: Net
    sample: int = 1
    step: int = 1
    abs_last: bool = False

    def __post_init__(self) -> None:
        for name, last in (("sample", 3), ("step", 5)):
            if getattr(self, name) not in range(1, last + 1):
                found = getattr(self, name)
                raise ValueError(f"{name}: expected a whole number from 1 to {last}, got {found!r}")

    @property
    def k(self) -> int:
        """The sample, counted from 0."""
        return self.sample - 1

    @property
    def name(self) -> str:
        """Name of the step."""
        return translate(STEPS[self.abs_last][self.step - 1])

    @property
    def of_all(self) -> bool:
        """True if it is about all samples, not one."""
        return self.step == LAST or (self.step == FOURTH and self.abs_last)

    @property
    def on_edges(self) -> Array | None:
        """Values that the lines' widths show, `[6]`; None before there is anything."""
        if self.step < PRODUCT:
            return None
        if self.of_all and not self.signed:
            return self.net.abs_of_mean if self.abs_last else self.net.omega
        g = self.net.gradients
        signed: Array = g.mean(0) if self.of_all else g[self.k]
        return signed if self.signed else np.abs(signed)

    @property
    def signed(self) -> bool:
        """True if these still have their sign."""
        return self.step == PRODUCT or (self.step == FOURTH and self.abs_last)

    @property
    def rows(self) -> list[Array | None]:
        """The table, a row for each sample and one for the mean; None: not known yet."""
        kept = self.net.gradients if self.abs_last else np.abs(self.net.gradients)
        done = 3 if self.of_all else self.k
        rows: list[Array | None] = [row if k < done else None for k, row in enumerate(kept)]
        if self.step >= PRODUCT and not self.of_all:
            rows[self.k] = self.on_edges
        return [*rows, self.on_edges if self.of_all else None]


def number(value: float) -> str:
    """Return it with a real minus sign, and no more than two decimals.

    >>> number(-6.0), number(2 / 3)
    ('−6', '0.67')
    """
    return f"{round(float(value), 2) + 0.0:g}".replace("-", "−")


def factor(value: float) -> str:
    """Return a number inside a product: a negative one stands in brackets."""
    return f"({number(value)})" if value < 0 else number(value)
