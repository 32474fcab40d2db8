"""The captions of the plots of Ω."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from mas_edu._common import as_ints, translate
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
    begin = translate(
        "Ω of {name}, {size}: from {low:.3g} to {high:.3g}{unit}, {zeros} are exactly 0.",
        name=name or translate("a weight"),
        size=size,
        low=array.min(),
        high=array.max(),
        unit=unit and f" {translate(unit)}",
        zeros=percent(share_of_zeros(array)),
    )
    if not array.any():
        return f"{begin} {translate('Nothing is protected.')}"
    if array.ndim < 2:
        end = translate("It is largest at output unit {unit}.", unit=int(array.argmax()))
        return f"{begin} {end}"
    flat = array.reshape(len(array), -1)
    row, place = np.unravel_index(int(flat.argmax()), flat.shape)
    means = flat.mean(1)
    end = translate(
        "It is largest from {input} to output unit {row}. The unit that matters most is number "
        "{unit}, with {factor:.1f} times the mean.",
        input=_input_name(int(place), array.shape[1:]),
        row=row,
        unit=int(means.argmax()),
        factor=means.max() / means.mean(),
    )
    return f"{begin} {end}{_largest_pixel(flat, shape)}"


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
        template = "{name} {zeros} exactly 0"
        if positive.size:
            template = "{name} median {median:.3g}, {zeros} exactly 0"
        parts.append(
            translate(
                template,
                name=name or translate("the weight"),
                median=np.median(positive) if positive.size else 0.0,
                zeros=percent(share_of_zeros(array)),
            )
        )
    return translate(
        "Distribution of Ω{unit}, zeros left out of the medians: {parts}.",
        unit=f" ({translate(unit)})" if unit else "",
        parts="; ".join(parts),
    )


def _input_name(place: int, shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return translate("input {place}", place=place)
    channel, *kernel = (int(k) for k in np.unravel_index(place, shape))
    return translate(
        "input channel {channel}, kernel place {place},", channel=channel, place=tuple(kernel)
    )


def _largest_pixel(flat: Array, shape: Sequence[int] | None) -> str:
    """Say which pixel matters most in the mean over units; nothing if inputs are not images."""
    shape = None if shape is None else as_ints("shape", shape, least=1)
    if shape is None or len(shape) not in (2, 3) or int(np.prod(shape)) != flat.shape[1]:
        return ""
    image = flat.mean(0).reshape(-1, *tuple(shape)[-2:]).sum(0)
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    return " " + translate(
        "The pixel that matters most is in row {row}, column {column}.", row=row, column=column
    )
