"""Unlabelled data in any form, batch by batch: what an importance is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

from mas_edu._common import short_repr
from mas_edu.data.conversion import as_cpu_tensor
from mas_edu.networks import to_model

Data = Tensor | NDArray[Any] | Dataset[Any] | Iterable[Any]
"""A tensor or an array `[N, …]`; an iterable of unlabelled batches or of `(x, …)` tuples, such as a
DataLoader; or a Dataset whose items are x or `(x, …)`."""
READ = 1024  # samples of a Dataset in one batch


def batches(model: nn.Module, data: Data, batch_size: int | None = None) -> Iterator[Tensor]:
    """The inputs batch by batch, on the device and in the float type of the model, checked."""
    kind = None
    for item in as_batches(data):
        x = inputs_of_batch(item)
        if len(x) == 0:
            continue
        if kind not in (None, found := (x.ndim, x.is_floating_point())):
            raise ValueError(
                f"data: expected batches of one kind, got {tuple(x.shape)} of {x.dtype} after "
                "others; inputs with labels are given as an iterable of (x, y) tuples"
            )
        kind = found
        yield from to_model(x, model).split(batch_size or len(x))
    if kind is None:
        raise ValueError("data: expected at least one sample, found none")


def as_batches(data: Data, other: str = "") -> Iterable[Any]:
    """A tensor or an array is one batch; a Dataset is read in turn; others give batches.

    `other`: what else the caller takes, for the message.

    >>> len(list(as_batches(torch.utils.data.TensorDataset(torch.zeros(3000, 2)))))
    3
    """
    if hasattr(data, "__array__"):
        return [data]
    if isinstance(data, Dataset) and not isinstance(data, IterableDataset):
        return _read(data)
    if isinstance(data, str) or not isinstance(data, Iterable):
        raise ValueError(
            f"data: expected a tensor, an array, a Dataset or an iterable of batches{other}, got "
            f"{type(data).__name__}"
        )
    return data


def _read(dataset: Dataset[Any]) -> Iterator[Any]:
    """Its items put together in batches; no random number of the caller's is drawn."""
    try:
        yield from DataLoader(dataset, batch_size=READ, generator=torch.Generator())
    except Exception as error:  # whatever items may be: it comes along as the cause
        raise ValueError(
            f"data: the items of the Dataset cannot be put together as a tensor ({error}); they "
            "have to be numbers of one shape, which transform=torchvision.transforms.ToTensor() "
            "makes of images"
        ) from error


def inputs_of_batch(item: Any) -> Tensor:
    """The inputs of one batch, which may come with labels: `x`, or the x of `(x, …)`."""
    x = as_tensor(item[0] if isinstance(item, tuple | list) and item else item)
    if not isinstance(x, Tensor) or x.is_complex():
        raise ValueError(f"data: expected batches that are tensors of numbers, got {short_repr(x)}")
    if x.ndim == 0:
        raise ValueError("data: expected batches [N, …], got a single number")
    if x.is_floating_point() and not _all_finite(x):
        raise ValueError("data: expected finite numbers, found NaN or infinity; clean the data")
    return x.clone() if x.is_inference() else x  # autograd cannot use an inference tensor


def as_tensor(value: Any) -> Any:
    """An array as a tensor; everything else as it is."""
    array = hasattr(value, "__array__") and not isinstance(value, Tensor)
    return as_cpu_tensor("data", value) if array else value


def _all_finite(x: Tensor) -> bool:
    """Whether no number is NaN or infinite: the sum tells, without a copy, unless it overflows."""
    return bool(torch.isfinite(x.sum())) or bool(torch.isfinite(x).all())
