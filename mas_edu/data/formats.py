"""The forms in which the data of one task may be given, and their conversion to tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from mas_edu._common import USER_ERRORS, as_choice, first_line, short_repr
from mas_edu.data.conversion import (
    as_inputs,
    as_labels,
    as_raw_inputs,
    check_channels_first,
    check_range,
)
from mas_edu.data.tasks import Task
from mas_edu.networks import seeded

Part = tuple[Tensor, Tensor]
FORMS = "(x, y), (x, y, x_test, y_test), (train, test), a dict of parts, or a Dataset"
FLAT = {2: ("train",), 4: ("train", "test"), 6: ("train", "val", "test")}
NESTED = {1: ("train",), 2: ("train", "test"), 3: ("train", "val", "test")}
MOST_CLASSES = 2**20  # labels beyond are numbers of something else, such as postal codes
PART_OF_KEY = {f"{kind}{end}": part for kind in "xy" for end, part in
        (("", "train"), ("_train", "train"), ("_val", "val"), ("_test", "test"))}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Parts:
    """The given data of one task: x `[N, …]` and y `[N]` of each part."""

    train: Part
    val: Part | None = None
    test: Part | None = None
    name: str | None = None
    classes: tuple[int, ...] | None = None
    scaled: tuple[bool, ...] = ()  # whether they were bytes, which are divided by 255

    @property
    def given(self) -> list[Part]:
        """Return the parts that were given."""
        return [part for part in (self.train, self.val, self.test) if part is not None]


def as_parts(where: str, given: Any, shape: Sequence[int] | None = None) -> Parts:
    """Convert one task's data, in any form, to its parts; error messages begin with `where`.

    A `Task` is taken as it is. Everything else is copied: x as float32, bytes divided by 255.
    `shape`: of one input, if it was told.

    >>> found = as_parts("tasks[0]", ([[1.0, 2.0], [3.0, 4.0]], [0, 1]))
    >>> found.train[0].shape, found.test
    (torch.Size([2, 2]), None)
    """
    if isinstance(given, Task):
        val = None if given.x_val is None or given.y_val is None else (given.x_val, given.y_val)
        test = (given.x_test, given.y_test)
        check_channels_first(where, given.x, shape)
        return Parts((given.x, given.y), val, test, given.name, given.classes)
    raw = _parts_by_name(where, given)
    if "train" not in raw:
        raise ValueError(f"{where}: expected a training part, x and y, got only {sorted(raw)}")
    scaled, found = {}, {}
    for name, part in raw.items():
        raw_x, raw_y = _as_pair(_location(where, name), part)
        raw_x = as_raw_inputs(_location(where, name), raw_x)
        scaled[name] = raw_x.dtype == torch.uint8
        found[name] = _as_part(_location(where, name), raw_x, raw_y, shape)
    return Parts(
        found["train"],
        found.get("val"),
        found.get("test"),
        scaled=tuple(scaled[name] for name in ("train", "val", "test") if name in scaled),
    )


def _location(where: str, part: str) -> str:
    """Say which part of which task an error message is about."""
    return where if part == "train" else f"{where}, {part} part"


def _parts_by_name(where: str, given: Any) -> dict[str, Any]:
    """Return each part by its name, not converted yet."""
    if isinstance(given, Mapping):
        return _parts_of_dict(where, given)
    if is_dataset(given):
        return {"train": given}
    if isinstance(given, tuple | list):
        size = len(given)
        if size in NESTED and all(map(_is_part, given)):
            return dict(zip(NESTED[size], given, strict=True))
        if size in FLAT and not any(map(is_dataset, given)):
            pairs = zip(given[::2], given[1::2], strict=True)
            return dict(zip(FLAT[size], pairs, strict=True))
    found, advice = short_repr(given), "see help(me.stream)"
    if hasattr(given, "__array__"):
        found = f"{type(given).__name__} alone"
        advice = "a stream of one task is me.stream([(x, y)])"
    elif isinstance(given, tuple | list):
        found = f"{len(given)} things" + "".join(f", {type(item).__name__}" for item in given[:6])
    raise ValueError(f"{where}: expected {FORMS}, got {found}; {advice}")


def _parts_of_dict(where: str, given: Mapping[Any, Any]) -> dict[str, Any]:
    """Read the keys train, val, test, or x, y, x_val, y_val, x_test, y_test."""
    found: dict[str, Any] = {}
    halves: dict[str, list[tuple[str, Any]]] = {}
    for key, value in given.items():
        as_choice(f"{where}: key", key, ("train", "val", "test", *PART_OF_KEY))
        if key in PART_OF_KEY:
            halves.setdefault(PART_OF_KEY[key], []).append((key[0], value))
        else:
            found[key] = value
    for name, pair in halves.items():
        if sorted(half for half, _ in pair) != ["x", "y"] or name in found:
            raise ValueError(
                f"{_location(where, name)}: expected an x and a y, once each, got the keys "
                f"{', '.join(map(str, given))}"
            )
        found[name] = dict(pair)["x"], dict(pair)["y"]
    return found


def _is_part(item: Any) -> bool:
    """Return whether an item is a data set or a pair (x, y), rather than one half of a pair."""
    pair = isinstance(item, tuple | list) and len(item) == 2 and hasattr(item[0], "__array__")
    return is_dataset(item) or (pair and np.ndim(item[0]) > 0)


def is_dataset(item: Any) -> bool:
    """Return whether an object is indexed for its samples, as a Dataset is."""
    if isinstance(item, Dataset | DataLoader):
        return True
    plain = isinstance(item, str | bytes | tuple | list | Mapping | range)
    return hasattr(item, "__getitem__") and not plain and not hasattr(item, "__array__")


def _as_part(where: str, raw_x: Any, raw_y: Any, shape: Sequence[int] | None) -> Part:
    """Return inputs and labels of one part, converted and checked."""
    x, y = as_inputs(where, raw_x, shape), as_labels(where, raw_y)
    if len(x) != len(y):
        raise ValueError(
            f"{where}: expected a label for each input, got x with {len(x)} samples and y with "
            f"{len(y)}; were they cut or shuffled apart?"
        )
    if not x.numel():
        raise ValueError(
            f"{where}: expected at least one sample with a number in it, got x of shape "
            f"{tuple(x.shape)}; leave the task out"
        )
    if not bool(torch.isfinite(x).all()):
        check_range(f"{where}: x", raw_x)
        bad = int((~torch.isfinite(x.flatten(1)).all(1)).sum())
        raise ValueError(
            f"{where}: x: expected finite numbers, found NaN or infinity in {bad} of {len(x)} "
            "samples; drop or fill them"
        )
    if int(y.min()) < 0:
        raise ValueError(
            f"{where}: y: expected labels from 0, found {int(y.min())}; number the classes 0, 1, …"
        )
    if int(y.max()) >= MOST_CLASSES:
        raise ValueError(
            f"{where}: y: expected classes numbered 0, 1, …, found the label {int(y.max())}, for "
            "which a network would need as many outputs; y.unique(return_inverse=True)[1] numbers "
            "them"
        )
    return x, y


def _as_pair(where: str, part: Any) -> tuple[Any, Any]:
    """Return x and y of one part, or raise if it is neither a pair nor a Dataset."""
    if is_dataset(part):
        return _read_dataset(where, part)
    if not isinstance(part, tuple | list) or len(part) != 2:
        raise ValueError(f"{where}: expected (x, y) or a Dataset, got {short_repr(part)}")
    return part[0], part[1]


def _read_dataset(where: str, dataset: Any) -> tuple[Any, Any]:
    """Read all inputs and all labels of a data set.

    Random numbers that its transforms draw are seeded, so that each reading returns the same data.
    """
    if isinstance(dataset, DataLoader):
        raise ValueError(f"{where}: expected a Dataset, got a DataLoader; give loader.dataset")
    if type(dataset) is TensorDataset and len(dataset.tensors) == 2:
        return dataset.tensors[0], dataset.tensors[1]
    xs, ys = [], []
    with seeded(0):
        for i, item in enumerate(read_items(where, dataset)):
            if not isinstance(item, tuple | list) or len(item) != 2:
                raise ValueError(
                    f"{where}: expected a Dataset whose items are (x, y), got {short_repr(item)} "
                    f"as item {i}; wrap it so that each item is an input and its label"
                )
            if hasattr(item[0], "getbands"):  # an image of PIL
                raise ValueError(
                    f"{where}: expected inputs that are numbers, got an image as item {i}; give "
                    "the Dataset transform=torchvision.transforms.ToTensor()"
                )
            xs.append(item[0])
            ys.append(item[1])
    return xs, ys


def read_items(where: str, dataset: Any) -> Iterator[Any]:
    """Yield the items of a data set; whatever it raises, the error says at which item."""
    count, items = 0, _items_of(where, dataset)
    try:
        for item in items:
            yield item
            count += 1
    except USER_ERRORS as error:  # a Dataset may raise anything; it is kept as the cause
        raise ValueError(
            f"{where}: item {count} of the Dataset cannot be read ({first_line(error)}); try "
            f"dataset[{count}]"
        ) from error


def _items_of(where: str, dataset: Any) -> Iterator[Any]:
    """Iterate over a data set, which may have no `__iter__`."""
    size = length_of(where, dataset)
    return iter(dataset) if size is None else (dataset[i] for i in range(size))


def length_of(where: str, dataset: Any) -> int | None:
    """Return the length of a data set; None if it has none."""
    try:
        return len(dataset) if hasattr(dataset, "__len__") else None
    except USER_ERRORS as error:
        raise ValueError(
            f"{where}: the length of the Dataset cannot be read ({first_line(error)}); try "
            "len(dataset)"
        ) from error
