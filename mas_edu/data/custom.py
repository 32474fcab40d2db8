"""A stream made of your own data: tensors, arrays or data sets, one for each task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, get_args

import torch
from torch import Tensor

from mas_edu._common import (
    as_choice,
    as_float,
    as_int,
    as_ints,
    as_list,
    as_seed,
    as_text,
    digest,
    is_iterable,
    short_repr,
)
from mas_edu.data.formats import FORMS, Part, Parts, as_parts, is_dataset
from mas_edu.data.streams import Scenario
from mas_edu.data.tasks import Stream, Task


def stream(
    tasks: Iterable[Any] | Mapping[str, Any],
    *,
    scenario: Scenario = "task",
    names: Iterable[str] | None = None,
    name: str = "own data",
    shape: Iterable[int] | None = None,
    outputs: int | None = None,
    val: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
) -> Stream:
    """Make a stream of your own data, one item for each task.

    Each item may be

    - `(x, y)`; `(x, y, x_test, y_test)`; `(x, y, x_val, y_val, x_test, y_test)`;
    - `(train, test)` or `(train, val, test)`, each of them `(x, y)` or a Dataset;
    - a dict with the keys x, y, x_val, y_val, x_test, y_test, or train, val, test;
    - a `torch.utils.data.Dataset` whose items are `(x, y)`: it is read into memory, once;
    - a `Task`, with the parts and the name that it has, and in the scenario "task" its classes.

    x and y may be tensors, NumPy arrays, data frames or lists of numbers. x `[N, …]` becomes
    float32; bytes are taken for grey values and divided by 255; for inputs that have to stay whole
    numbers, such as the token ids of an embedding, give a `Task`. y `[N]` are whole numbers from 0.
    Images are `[N, channels, height, width]`. Everything is copied. A validation or test part that
    is not given is split off from the training part: the same samples in all tasks of one length,
    so that a sample which returns in another task, rotated or blurred, stays in its part.

    Args:
        tasks: the items, or items by the name of the task.
        scenario: "task": the task is known, labels that it does not have are masked. "domain":
            labels mean the same in each task; where no two tasks share a label, they are numbered
            within the task. "class": all labels compete, none is masked.
        names: of the tasks; None: "task 1" and so on, or the keys of `tasks`.
        name: of the stream, for legends and file names.
        shape: channels, height and width of one input, if x is flat but means images, or the
            shape of x if it only looks like images with their channels last; None: the shape
            that x has.
        outputs: number of logits that a network needs; None: the largest label and one.
        val: share of the training part that becomes the validation part, where none is given.
        test: share of the data that becomes the test part, where none is given.
        seed: of the order that decides which sample falls into which part.

    Raises:
        ValueError: naming the task, if it is empty, x and y differ in length, an input is NaN,
            labels are no whole numbers from 0, inputs differ in shape from those of the first
            task, or the items of a Dataset are not `(x, y)`.

    >>> x, y = torch.rand(100, 4), torch.arange(100) % 2
    >>> stream([(x, y), (1 - x, y + 2)])
    Stream('own data (task)', 2 tasks, 4 outputs)
      1. Task('task 1': 72 train, 8 validation, 20 test, classes (0, 1))
      2. Task('task 2': 72 train, 8 validation, 20 test, classes (2, 3))
    """
    as_choice("scenario", scenario, get_args(Scenario))
    val, test, seed = _as_share("val", val), _as_share("test", test), as_seed(seed)
    items, names = _as_items(tasks, names)
    shape = None if shape is None else as_list("shape", as_ints("shape", shape, 1))
    found = [as_parts(f"tasks[{i}]", item, shape) for i, item in enumerate(items)]
    size = _common_shape(found)
    _check_one_range(found)
    code = _digest_of(found)
    found = _relabel_within_tasks(found) if scenario == "domain" else found
    made = [
        _make_task(f"tasks[{i}]", one, _name_of(names, one, i), scenario, val, test, seed)
        for i, one in enumerate(found)
    ]
    settings = {
        "stream": "own", "tasks": len(made), "scenario": scenario,
        "val": val, "test": test, "seed": seed, "data": code,
    }  # fmt: skip
    needed = 1 + max(max(*(int(y.max()) for y in t.labels), *(t.classes or ())) for t in made)
    return Stream(
        f"{as_text('name', name, 'mine')} ({scenario})",
        tuple(made),
        needed if outputs is None else as_int("outputs", outputs, 1),
        (1, *size)
        if shape is None and len(size) == 2
        else tuple(shape or as_ints("shape", size, 1)),
        settings,
    )


def _as_items(tasks: Any, names: Any) -> tuple[list[Any], list[str] | None]:
    """Return the items and, if they were given, their names."""
    one = isinstance(tasks, str | bytes | Task | Tensor) or is_dataset(tasks)
    if one or hasattr(tasks, "__array__") or not isinstance(tasks, Iterable):
        raise ValueError(
            f"tasks: expected a list of tasks, each {FORMS}, got {short_repr(tasks)}; a single "
            "task goes into a list, too"
        )
    if isinstance(tasks, Mapping):
        names, tasks = list(tasks) if names is None else names, tasks.values()
    items = list(tasks)
    if not items:
        raise ValueError("tasks: expected at least one task, such as [(x, y)], got none")
    if names is None:
        return items, None
    found = list(names) if is_iterable(names) and not isinstance(names, str) else []
    if len(found) != len(items):
        raise ValueError(
            f"names: expected {len(items)}, one for each task, got {short_repr(names)}"
        )
    return items, [as_text("names", name, "upright") for name in found]


def _name_of(names: list[str] | None, one: Parts, i: int) -> str:
    """Name task i: as asked, as it is called already, or by its number."""
    return names[i] if names else one.name or f"task {i + 1}"


def _as_share(name: str, value: Any) -> float:
    """Return a share below 1; that of the test part must not be 0."""
    if as_float(name, value, above=name == "test") >= 1:
        raise ValueError(f"{name}: expected a share below 1, got {short_repr(value)}")
    return float(value)


def _common_shape(found: list[Parts]) -> tuple[int, ...]:
    """Return the shape of one input, or raise if tasks differ in it."""
    size = tuple(found[0].train[0].shape[1:])
    for i, one in enumerate(found):
        for x, _ in one.given:
            if tuple(x.shape[1:]) != size:
                raise ValueError(
                    f"tasks[{i}]: x: expected inputs of the shape of tasks[0], {size}, got "
                    f"{tuple(x.shape[1:])}; resize or pad them, one network learns them all"
                )
    return size


def _check_one_range(found: list[Parts]) -> None:
    """Raise if some inputs were bytes, divided by 255, and others are beyond 0 to 1."""
    parts = [pair for one in found for pair in zip(one.given, one.scaled, strict=False)]
    if not any(scaled for _, scaled in parts):
        return
    for (x, _), scaled in parts:
        low, high = x.aminmax()
        if not scaled and (low < 0 or high > 1):
            raise ValueError(
                "tasks: x: expected inputs of one range, found bytes, which are divided by 255 to "
                f"lie within 0 to 1, got others from {low:g} to {high:g}; give x / 255, or all of "
                "them as floats"
            )


def _labels_of(one: Parts) -> list[int]:
    """Return the labels that a task has in any of its parts, sorted."""
    return sorted({label for _, y in one.given for label in y.unique().tolist()})


def _relabel_within_tasks(found: list[Parts]) -> list[Parts]:
    """Renumber the labels within each task, unless two tasks share a label already."""
    every = [_labels_of(one) for one in found]
    if len({label for labels in every for label in labels}) < sum(map(len, every)):
        return found
    return [
        _relabel(one, torch.tensor(labels, device="cpu"))
        for one, labels in zip(found, every, strict=True)
    ]


def _relabel(one: Parts, labels: Tensor) -> Parts:
    """Replace each label by its place among the sorted labels of the task."""

    def place(part: Part | None) -> Part | None:
        return part and (part[0], torch.searchsorted(labels, part[1]))

    train = one.train[0], torch.searchsorted(labels, one.train[1])
    return replace(one, train=train, val=place(one.val), test=place(one.test), classes=None)


def _make_task(
    where: str, one: Parts, name: str, scenario: Scenario, val: float, test: float, seed: int
) -> Task:
    """Make a task; parts that were not given are split off from the training part."""
    train, val_part, test_part = one.train, one.val, one.test
    draw = torch.Generator("cpu").manual_seed(seed)  # tasks of equal length get the same split
    if test_part is None:
        train, test_part = _split_off(where, train, test, draw)
    if val_part is None and val > 0 and len(train[0]) > 1:
        train, val_part = _split_off(where, train, val, draw)
    known = scenario == "task"  # otherwise nothing is masked, even if a Task has classes
    classes = (one.classes or tuple(_labels_of(one))) if known else None
    x_val, y_val = val_part or (None, None)
    return Task(name, *train, *test_part, x_val, y_val, classes)


def _split_off(where: str, part: Part, share: float, draw: torch.Generator) -> tuple[Part, Part]:
    """Return what stays and what is split off, at least one sample each."""
    x, y = part
    if len(x) < 2:
        raise ValueError(
            f"{where}: expected at least 2 samples, one of them to be split off for testing, got "
            f"{len(x)}; give a test part, as (x, y, x_test, y_test)"
        )
    order = torch.randperm(len(x), generator=draw, device="cpu")
    off = min(max(1, round(share * len(x))), len(x) - 1)
    rest, apart = order[off:], order[:off]
    return (x[rest], y[rest]), (x[apart], y[apart])


def _digest_of(found: list[Parts]) -> str:
    """Digest all data, to tell records of streams apart that have the same name."""
    tensors = (tensor for one in found for part in one.given for tensor in part)
    return digest(chain.from_iterable((str(tuple(x.shape)), x) for x in tensors), 12)
