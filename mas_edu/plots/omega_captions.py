"""The captions of the plots of Ω."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from mas_edu.networks import Params
from mas_edu.plots.omega_values import omega_of, omega_params, share_of_zeros, unit_of
from mas_edu.plots.wording import percent
from mas_edu.results import Array, Record


def omega(
    values: Params | Tensor | Record,
    name: str | None = None,
    shape: Sequence[int] | None = None,
    unit: str | None = None,
) -> str:
    """Say what a heatmap of Ω shows: where it is largest, which unit matters most, the zeros.

    Args:
        values: Ω by weight name, one tensor, or a record (its last Ω).
        name: which weight; None: the first that is not a bias.
        shape: of one input, to name the pixel that matters most to a first layer.
        unit: of Ω; None: that of the record's method, or for tensors that of MAS.

    >>> import torch
    >>> print(omega({"w": torch.tensor([[0.0, 2.0], [1.0, 4.0]])}))
    Ω of w, 2 × 2: from 0 to 4 output² per unit of weight, 25 % are exactly 0. It is largest from
    input 1 to output unit 1. The unit that matters most is number 1, with 1.4 times the mean.
    """
    name, array = omega_of(values, name)
    unit = unit_of(values, unit)
    size = " × ".join(str(n) for n in array.shape)
    begin = (
        f"Ω of {name or 'a weight'}, {size}: from {array.min():.3g} to {array.max():.3g}"
        f"{unit and f' {unit}'}, {percent(share_of_zeros(array))} are exactly 0."
    )
    if not array.any():
        return f"{begin} Nothing is protected."
    if array.ndim < 2:
        return f"{begin} It is largest at output unit {int(array.argmax())}."
    flat = array.reshape(len(array), -1)
    row, place = np.unravel_index(int(flat.argmax()), flat.shape)
    means = flat.mean(1)
    return (
        f"{begin} It is largest from {_input_name(int(place), array.shape[1:])} "
        f"to output unit {row}. "
        f"The unit that matters most is number {int(means.argmax())}, with "
        f"{means.max() / means.mean():.1f} times the mean.{_largest_pixel(flat, shape)}"
    )


def distribution(values: Params | Tensor | Record, *, unit: str | None = None) -> str:
    """Say what the distribution shows: the median of the positive Ω of each weight, the zeros.

    `unit`: of Ω; None: that of the record's method, or for tensors that of MAS.

    >>> import torch
    >>> distribution({"w": torch.tensor([0.0, 1.0, 10.0, 100.0])})
    'Distribution of Ω (output² per unit of weight), zeros left out of the medians:
    w median 10, 25 % exactly 0.'
    """
    parts, unit = [], unit_of(values, unit)
    for name in omega_params(values):
        array = omega_of(values, name)[1]
        positive = array[array > 0]
        middle = f"median {np.median(positive):.3g}, " if positive.size else ""
        parts.append(f"{name or 'the weight'} {middle}{percent(share_of_zeros(array))} exactly 0")
    of = f" ({unit})" if unit else ""
    return f"Distribution of Ω{of}, zeros left out of the medians: {'; '.join(parts)}."


def _input_name(place: int, shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"input {place}"
    channel, *kernel = (int(k) for k in np.unravel_index(place, shape))
    return f"input channel {channel}, kernel place {tuple(kernel)},"


def _largest_pixel(flat: Array, shape: Sequence[int] | None) -> str:
    """Say which pixel matters most in the mean over units; nothing if inputs are not images."""
    if shape is None or len(shape) not in (2, 3) or int(np.prod(shape)) != flat.shape[1]:
        return ""
    image = flat.mean(0).reshape(-1, *tuple(shape)[-2:]).sum(0)
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    return f" The pixel that matters most is in row {row}, column {column}."
