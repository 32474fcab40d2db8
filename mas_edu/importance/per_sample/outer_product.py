"""Sums over samples of |B C|^p, for a matrix product of each sample, in blocks.

A sample's gradient of a layer with several positions is a product B C, `[rows, positions]` times
`[positions, columns]`. It may be large, and is needed for a moment only: so some of its rows are
formed, made absolute and added, sample after sample, while they are in the processor's cache.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import SampleGradients, abs_power

BLOCK = 2**17  # numbers of a product that are formed at once
LARGE = 2**16  # numbers of a product, from which on that pays; a GPU forms all samples at once


def products(left: Tensor, right: Tensor) -> SampleGradients:
    """Return the product of each sample: `[N, rows, positions]`, `[N, positions, columns]`."""

    def total(power: int) -> Tensor:
        sums = left.new_zeros(left.shape[1], right.shape[2])
        rows = max(1, BLOCK // right.shape[2])
        block = torch.empty_like(sums[:rows])
        for begin in range(0, len(sums), rows):
            part, into = left[:, begin : begin + rows], sums[begin : begin + rows]
            for b, c in zip(part, right, strict=True):
                torch.mm(b, c, out=block[: len(into)])
                into += block[: len(into)].abs_() if power == 1 else block[: len(into)].square_()
        return sums

    numbers = left.shape[1] * right.shape[2]
    in_blocks = numbers > LARGE and left.device.type == "cpu"
    return SampleGradients(
        lambda part: left[part] @ right[part], numbers, total if in_blocks else None
    )


def single_products(left: Tensor, right: Tensor) -> SampleGradients:
    """Return δ aᵀ of each sample, `[N, rows]` and `[N, columns]`: |δ aᵀ| = |δ||a|ᵀ, one product."""
    return SampleGradients(
        lambda part: left[part].unsqueeze(2) * right[part].unsqueeze(1),
        left.shape[1] * right.shape[1],
        lambda power: abs_power(left, power).T @ abs_power(right, power),
    )
