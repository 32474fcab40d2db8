"""Convert tensors, arrays, data frames or lists to the tensors that training takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mas_edu._common import is_masked, short_repr
from mas_edu.networks import looks_channels_last


def as_inputs(where: str, value: Any, shape: Sequence[int] | None = None) -> Tensor:
    """Copy inputs to float32, `[N, …]`; bytes are taken for grey values and divided by 255.

    `shape`: of one input, if it was told; images with their channels last are then known to be
    something else.

    Raises:
        ValueError: beginning with `where`, if they are no real numbers or not of one shape, or if
            they are images with their channels last.

    >>> as_inputs("tasks[0]", [[0, 1], [2, 3]])
    tensor([[0., 1.],
            [2., 3.]])
    """
    x = as_raw_inputs(where, value)
    if x.ndim == 0:
        raise ValueError(f"{where}: x: expected inputs [N, …], got a single number")
    check_channels_first(where, x, shape)
    grey = x.dtype == torch.uint8
    x = x.to(torch.float32, copy=True)
    x = x.div_(255) if grey else x
    return x.unsqueeze(1) if x.ndim == 1 else x


def as_raw_inputs(where: str, value: Any) -> Tensor:
    """Return inputs as a tensor on the CPU: of bytes, if all of them are bytes.

    Raises:
        ValueError: beginning with `where`, if they are no real numbers or not of one shape, or if
            some are bytes, but not all.
    """
    x = as_cpu_tensor(f"{where}: x", value)
    if x.dtype != torch.uint8 and _holds_bytes(value):
        raise ValueError(
            f"{where}: x: expected items of one type, found bytes, which are divided by 255, "
            "beside other numbers; give all of them as floats"
        )
    return x


def check_range(where: str, x: Tensor) -> None:
    """Raise if inputs are finite, but some too large for float32, in which networks calculate."""
    largest = float(x.abs().max()) if x.is_floating_point() else 0.0
    if torch.finfo(torch.float32).max < largest < float("inf"):
        raise ValueError(
            f"{where}: expected numbers within the range of float32, found one of size "
            f"{largest:.3g}; scale the inputs, as x / abs(x).max() does"
        )


def check_channels_first(where: str, x: Tensor, shape: Sequence[int] | None) -> None:
    """Raise if inputs look like images with their channels last, unless their shape was told."""
    if (shape is None or tuple(shape) != x.shape[1:]) and looks_channels_last(x):
        raise ValueError(
            f"{where}: x: expected images [N, channels, height, width], got {tuple(x.shape)}, "
            "whose channels come last; give torch.as_tensor(x).permute(0, 3, 1, 2), or, if they "
            f"are no images, shape={tuple(x.shape[1:])}"
        )


def as_labels(where: str, value: Any) -> Tensor:
    """Copy labels to int64, `[N]`.

    Raises:
        ValueError: beginning with `where`, if they are no whole numbers, one for each sample.
    """
    y = as_cpu_tensor(f"{where}: y", value)
    if y.ndim != 1:
        one_hot = y.ndim == 2 and y.shape[1] > 1
        advice = "argmax(1), if it is one-hot" if one_hot else "flatten()"
        raise ValueError(
            f"{where}: y: expected one label for each sample, [N], got {tuple(y.shape)}; give "
            f"{_name_of_array(value)}.{advice}"
        )
    if y.is_floating_point() and (missing := int(y.float().isnan().sum())):
        raise ValueError(
            f"{where}: y: expected a label for each sample, found {missing} of {len(y)} missing, "
            "as NaN; drop these samples"
        )
    if y.numel() and (y.is_floating_point() or y.dtype == torch.bool):
        cast = "long()" if isinstance(value, Tensor) else "astype(int)"
        raise ValueError(
            f"{where}: y: expected labels as whole numbers, got {y.dtype}; if they are classes, "
            f"turn them into integers, as {_name_of_array(value)}.{cast} does"
        )
    return as_long(f"{where}: y", y).clone()


def _name_of_array(y: Any) -> str:
    """Write labels as a tensor or an array, for a cure that a list or a data frame lacks."""
    if isinstance(y, Tensor | np.ndarray):
        return "y"
    return "y.to_numpy()" if hasattr(y, "to_numpy") else "np.asarray(y)"


def as_long(where: str, y: Tensor) -> Tensor:
    """Return whole numbers as int64, the type of torch's losses.

    Raises:
        ValueError: beginning with `where`, if one is too large for it.
    """
    found = y.long()
    if y.dtype == torch.uint64 and bool((found < 0).any()):
        raise ValueError(
            f"{where}: expected classes numbered 0, 1, …, found the label {max(y.tolist())}; "
            "y.unique(return_inverse=True)[1] numbers them"
        )
    return found


def as_cpu_tensor(where: str, value: Any) -> Tensor:
    """Return numbers in any form as a tensor on the CPU.

    Raises:
        ValueError: beginning with `where`, if they are no real numbers or not of one shape.
    """
    if isinstance(value, Tensor):
        if value.is_meta:
            raise ValueError(f"{where}: expected numbers, got a tensor on meta, which has none")
        if value.is_nested:
            raise ValueError(f"{where}: expected samples of one shape, got a nested tensor")
        plain = value.dequantize() if value.is_quantized else value
        found = plain.detach().to_dense().cpu()
    else:
        found = torch.from_numpy(_as_array(where, value))
    if found.is_complex():
        raise ValueError(f"{where}: expected real numbers, got {found.dtype}")
    return found


def _as_array(where: str, value: Any) -> np.ndarray[Any, Any]:
    """Return numbers in any form as an array of a type that PyTorch knows."""
    if is_masked(value):
        raise ValueError(
            f"{where}: expected numbers everywhere, got some that are masked; drop these samples, "
            "or fill them, as array.filled(0) does"
        )
    if isinstance(value, tuple | list | range):
        value = [_without_tensors(where, item) for item in value]
    elif not hasattr(value, "__array__") or not isinstance(value, Iterable):
        raise ValueError(f"{where}: expected a tensor or an array, got {short_repr(value)}")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{where}: expected samples of one shape, got different ones; pad or resize them"
        ) from error
    if array.dtype.kind not in "biufc":
        raise ValueError(
            f"{where}: expected numbers, got {array.dtype} such as {short_repr(value)}"
            + _cure_of_objects(value, array)
        )
    if array.dtype.kind in "iu" and array.dtype != np.uint8:
        beyond = array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max
        return array.astype(np.uint64 if beyond else np.int64)
    wide = np.float64 if array.itemsize > 4 else np.float32
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused later
        return array.astype({"f": wide, "c": np.complex64}.get(array.dtype.kind, array.dtype))


def _cure_of_objects(value: Any, array: np.ndarray[Any, Any]) -> str:
    """Say what to do with values of a data frame that NumPy has no numbers for."""
    if not hasattr(value, "to_numpy") or array.dtype.kind != "O":
        return ""
    if hasattr(value, "isna") and (missing := int(np.sum(np.asarray(value.isna())))):
        return f"; {missing} are missing: drop these samples, or fill them"
    if array.ndim < 2:
        return ""
    return "; if all columns hold numbers, give df.to_numpy(dtype='float32')"


def _without_tensors(where: str, item: Any) -> Any:
    """Return an item of a list with arrays for its tensors, of a type that NumPy has."""
    if isinstance(item, tuple | list):
        return [_without_tensors(where, inner) for inner in item]
    if not isinstance(item, Tensor):
        return item
    found = as_cpu_tensor(where, item)
    short = found.is_floating_point() and found.itemsize < 4  # such as bfloat16
    return (found.float() if short else found).resolve_neg().numpy()


def _holds_bytes(value: Any) -> bool:
    """Return whether there are bytes among the items of a list."""
    if isinstance(value, tuple | list):
        return any(map(_holds_bytes, value))
    return getattr(value, "dtype", None) in (torch.uint8, np.uint8)
