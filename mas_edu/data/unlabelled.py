"""Unlabelled data in any form: read batch by batch, or kept as a setting of a method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, default_collate

from mas_edu._common import USER_ERRORS, digest, first_line, is_iterable, short_repr
from mas_edu.data.conversion import as_cpu_tensor
from mas_edu.data.formats import length_of, read_items
from mas_edu.networks import to_model

Data = Tensor | NDArray[Any] | Dataset[Any] | Iterable[Any]
"""A tensor or an array `[N, …]`; an iterable of unlabelled batches or of `(x, …)` tuples, such as a
DataLoader; or a Dataset whose items are x or `(x, …)`. Instead of a tuple a dict may hold x, under
one of `INPUT_KEYS`. Whatever else is in it is not looked at."""
INPUT_KEYS = ("x", "input", "inputs", "image", "images", "pixel_values", "data", "features")
DATASET_BATCH = 1024  # samples of a Dataset that are read together
TASK_INPUTS = ", a function from a task to inputs, or one of train, val, test"  # for messages


def batches(model: nn.Module, data: Data, batch_size: int | None = None) -> Iterator[Tensor]:
    """Yield the inputs batch by batch, checked, on the device and in the float type of the model.

    Raises:
        ValueError: if there is no sample, or batches differ in kind or are not finite.
    """
    kind = None
    for item in as_batches(data):
        x = as_unlabelled(item)
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


def as_batches(data: Data, also: str = "") -> Iterable[Any]:
    """Return the data as an iterable of batches: a tensor or an array is one batch.

    `also` says in the error message what else the caller accepts.

    >>> len(list(as_batches(torch.utils.data.TensorDataset(torch.zeros(3000, 2)))))
    3
    """
    if hasattr(data, "__array__"):
        return [data]
    if isinstance(data, Dataset) and not isinstance(data, IterableDataset):
        return _read_dataset(data)
    if isinstance(data, DataLoader):
        return _read_loader(data)
    if isinstance(data, str | Mapping) or not is_iterable(data):
        raise ValueError(
            f"data: expected a tensor, an array, a Dataset or an iterable of batches{also}, got "
            f"{type(data).__name__}; of several columns give that of the inputs"
        )
    return data


def _read_loader(loader: DataLoader[Any]) -> Iterator[Any]:
    """Yield the batches of a loader, which puts together labels too, where it can."""
    try:
        yield from loader
    except USER_ERRORS as error:  # its Dataset or its `collate_fn` may raise anything
        raise ValueError(
            f"data: the DataLoader cannot put its batches together ({first_line(error)}); give "
            "loader.dataset instead, of which only the inputs are used"
        ) from error


def _read_dataset(dataset: Dataset[Any]) -> Iterator[Any]:
    """Yield the items in batches, without drawing from the caller's random state."""
    size = length_of("data", dataset)
    if size is None:
        items = read_items("data", dataset)
        while several := list(islice(items, DATASET_BATCH)):
            yield _put_together(several)
        return
    for start in range(0, size, DATASET_BATCH):
        rows = list(range(start, min(start + DATASET_BATCH, size)))
        try:
            together = getattr(dataset, "__getitems__", None)
            found = together(rows) if together else [dataset[i] for i in rows]
        except USER_ERRORS as error:  # a Dataset may raise anything; it is kept as the cause
            raise ValueError(
                f"data: an item of the Dataset cannot be read ({first_line(error)}); try dataset[i]"
            ) from error
        yield _put_together(found)


def _put_together(items: list[Any]) -> Any:
    """Return one batch: the inputs, and beside them the rest of each item, together if it can be.

    >>> x, labels = _put_together([(torch.zeros(3), None), (torch.ones(3), None)])
    >>> x.shape, labels
    (torch.Size([2, 3]), [None, None])
    """
    inputs = [as_tensor(inputs_of(item)) for item in items]  # on the CPU, unlike default_collate
    types = {x.dtype: None for x in inputs if isinstance(x, Tensor)}  # in the order of the items
    if torch.uint8 in types and len(types) > 1:
        raise ValueError(
            "data: expected items of one type, got bytes beside "
            f"{next(dtype for dtype in types if dtype != torch.uint8)}; give all of them as floats"
        )
    try:
        x = default_collate(inputs)
    except (TypeError, RuntimeError) as error:
        raise ValueError(
            f"data: the items of the Dataset cannot be put together as a tensor "
            f"({first_line(error)}); they have to be numbers of one shape, which "
            "transform=torchvision.transforms.ToTensor() makes of images; or give the inputs "
            "alone, as in torch.stack([item.image for item in dataset])"
        ) from error
    if not isinstance(items[0], tuple | list):
        return x
    rest: list[Any] = []
    for column in zip(*(item[1:] for item in items), strict=False):
        try:
            rest.append(default_collate(list(column)))
        except (TypeError, RuntimeError):  # paths, None, boxes: they are not needed
            rest.append(list(column))
    return (x, *rest)


def inputs_of(item: Any) -> Any:
    """Return x of an item or a batch: it alone, or the first of a tuple, or by its key in a dict.

    Raises:
        ValueError: for a dict of which it is not clear what the input is.
    """
    if isinstance(item, Mapping):
        found = [key for key in INPUT_KEYS if key in item]
        if len(found) != 1:
            raise ValueError(
                f"data: expected an input under one of the keys {', '.join(INPUT_KEYS)}, got a "
                f"dict with {short_repr(list(item))}; choose it, as in "
                "[batch['my key'] for batch in loader]"
            )
        return item[found[0]]
    return item[0] if isinstance(item, tuple | list) and item else item


def as_unlabelled(item: Any) -> Tensor:
    """Return the inputs of one batch, checked: x, or the x of `(x, …)` or of a dict."""
    x = as_tensor(inputs_of(item))
    if not isinstance(x, Tensor) or x.is_complex():
        raise ValueError(
            f"data: expected batches that are tensors of numbers, got {short_repr(x)}; choose the "
            "input, as in [batch[0]['image'] for batch in loader]"
        )
    if x.ndim == 0:
        raise ValueError("data: expected batches [N, …], got a single number")
    if x.is_floating_point() and not _all_finite(x):
        raise ValueError("data: expected finite numbers, found NaN or infinity; clean the data")
    return x.clone() if x.is_inference() else x.detach()  # autograd takes no inference tensor


def as_tensor(value: Any) -> Any:
    """Return an array, or a tensor of a rare kind, as a plain tensor; anything else unchanged."""
    if not isinstance(value, Tensor):
        return as_cpu_tensor("data", value) if hasattr(value, "__array__") else value
    if value.is_meta or value.layout != torch.strided or value.is_quantized or value.is_nested:
        value = as_cpu_tensor("data", value)
    return value.float() if value.is_floating_point() and value.itemsize == 1 else value


def _all_finite(x: Tensor) -> bool:
    """Return whether no number is NaN or infinite; a finite sum shows it without a copy."""
    return bool(torch.isfinite(x.sum())) or bool(torch.isfinite(x).all())


@dataclass(frozen=True, repr=False)
class Inputs:
    """Inputs `[N, …]` without labels, as a setting of a method; equal if all their numbers are.

    >>> Inputs.of([torch.zeros(2, 3), torch.ones(4, 3)])
    <6 inputs, 6f61d5aa>
    >>> Inputs.of(torch.zeros(2)) == Inputs.of(torch.ones(2))
    False
    """

    x: Tensor = field(compare=False)
    code: str

    @classmethod
    def of(cls, data: Data) -> Inputs:
        """Copy all batches of the data into one tensor: an iterable may yield them only once.

        Raises:
            ValueError: if the data are empty or not finite, or if batches differ in shape or type.
        """
        found = [as_unlabelled(item) for item in as_batches(data, TASK_INPUTS)]
        kinds = {(tuple(x.shape[1:]), x.dtype) for x in found}
        if len(kinds) > 1:
            shapes = " and ".join(sorted(f"{size} of {dtype}" for size, dtype in kinds))
            raise ValueError(
                f"data: expected batches of inputs of one shape and type, got inputs of {shapes}; "
                "inputs with labels are given as an iterable of (x, y) tuples"
            )
        if not sum(x.numel() for x in found):
            raise ValueError("data: expected at least one sample, found none")
        x = torch.cat(found).detach().cpu().clone()
        return cls(x, digest([f"{tuple(x.shape)} {x.dtype}", x], 8))

    def __repr__(self) -> str:
        return f"<{len(self.x)} inputs, {self.code}>"
