"""A task, and a stream of tasks that a network learns one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from mas_edu._common import as_instance, as_int, as_ints, as_text, is_iterable, short_repr
from mas_edu.data.conversion import as_long, check_range

AT_ONCE = 250  # samples that are checked together: a check takes as much memory as they do
WHOLE = {
    torch.uint8, torch.uint16, torch.uint32, torch.uint64,
    torch.int8, torch.int16, torch.int32, torch.int64,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Task:
    """One task in memory: inputs `[N, …]` and labels `[N]` of its train, validation and test part.

    Args:
        classes: the active classes; logits of the others are masked, in training and in testing.
            None: all are active.

    Raises:
        ValueError: if a part is empty, not finite, or lacks a label for an input; it is named.
    """

    name: str
    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor
    x_val: Tensor | None = None
    y_val: Tensor | None = None
    classes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        as_text("name", self.name, "upright")
        for part in ("", "_test", "_val"):
            x, y = getattr(self, f"x{part}"), getattr(self, f"y{part}")
            if x is None and y is None and part == "_val":
                continue
            _check_part(f"task {self.name!r}", part, x, y)
            object.__setattr__(self, f"y{part}", as_long(f"y{part}", y))
            if x.shape[1:] != self.x.shape[1:]:
                raise ValueError(
                    f"task {self.name!r}: x{part}: expected inputs like those of x, each "
                    f"{tuple(self.x.shape[1:])}, got {tuple(x.shape[1:])}"
                )
        if self.classes is not None:
            labels = {label for y in self.labels for label in y.unique().tolist()}
            object.__setattr__(self, "classes", _as_classes(self.name, self.classes, labels))

    @property
    def labels(self) -> list[Tensor]:
        """Return the labels of each part."""
        return [y for y in (self.y, self.y_test, self.y_val) if y is not None]

    def __repr__(self) -> str:
        sizes = f"{len(self.y)} train, {0 if self.y_val is None else len(self.y_val)} validation"
        active = "" if self.classes is None else f", classes {self.classes}"
        return f"Task({self.name!r}: {sizes}, {len(self.x_test)} test{active})"


def _check_part(task: str, part: str, x: Any, y: Any) -> None:
    """Raise unless x and y are finite inputs and a label from 0 for each."""
    name, labels = f"{task}: x{part}", f"{task}: y{part}"
    for argument, values in ((name, x), (labels, y)):
        if not isinstance(values, Tensor):
            raise ValueError(
                f"{argument}: expected a tensor, got {short_repr(values)}; make one with "
                "torch.as_tensor"
            )
        if values.is_meta or values.layout != torch.strided:
            found = "one on the device meta" if values.is_meta else f"{values.layout}"
            raise ValueError(
                f"{argument}: expected numbers in memory, got {found}; give its to_dense(), on "
                "the CPU or a GPU"
            )
    if x.ndim == 0 or x.is_complex():
        raise ValueError(f"{name}: expected inputs [N, …], got {tuple(x.shape)} of {x.dtype}")
    if y.dtype not in WHOLE or y.ndim != 1:
        raise ValueError(
            f"{labels}: expected labels as whole numbers, shape [N], "
            f"got {tuple(y.shape)} of {y.dtype}"
        )
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(
            f"{name}: expected at least one sample and a label for each, "
            f"got {len(x)} samples and {len(y)} labels"
        )
    parts = x.split(AT_ONCE) if x.is_floating_point() else ()
    if not all(bool(torch.isfinite(part.float()).all()) for part in parts):
        check_range(name, x)
        raise ValueError(f"{name}: expected finite numbers, found NaN or infinity; clean the data")
    if (least := int(as_long(labels, y).min())) < 0:
        raise ValueError(f"{labels}: expected labels from 0, found {least}")


def _as_classes(name: str, classes: Any, labels: set[int]) -> tuple[int, ...]:
    """Return the active classes, checked: different ones, among them all labels."""
    active = as_ints(f"task {name!r}: classes", classes, least=0)
    if not active or len(set(active)) < len(active) or not labels <= set(active):
        raise ValueError(
            f"task {name!r}: classes: expected different ones, among them all labels, "
            f"{sorted(labels)}, got {short_repr(classes)}; None: all are active"
        )
    return tuple(active)


@dataclass(frozen=True, eq=False)
class Stream:
    """Tasks in the order in which they are learned.

    Args:
        name: for legends and file names, such as "rotated digits".
        tasks: at least one `Task`.
        outputs: number of logits that a network for this stream needs.
        shape: channels, height and width of one input, for drawing and for convolutions.
        settings: arguments from which the stream was made, kept in each `Record`.
    """

    name: str
    tasks: tuple[Task, ...]
    outputs: int
    shape: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        as_text("name", self.name, "upright")
        if not is_iterable(self.tasks):
            raise ValueError(f"tasks: expected several of Task, got {short_repr(self.tasks)}")
        object.__setattr__(self, "tasks", tuple(self.tasks))
        object.__setattr__(self, "outputs", as_int("outputs", self.outputs, 1))
        object.__setattr__(self, "shape", tuple(as_ints("shape", self.shape, 1)))
        as_instance("settings", self.settings, dict, "{'noise': 0.1}")
        if not self.tasks:
            raise ValueError("tasks: expected at least one task, got none")
        for task in self.tasks:
            self._check_task(as_instance("tasks", task, Task, "those of me.rotated()"))

    def _check_task(self, task: Task) -> None:
        """Raise unless the task fits the first one, the shape and the outputs."""
        first, size = (tuple(one.x_test.shape[1:]) for one in (self.tasks[0], task))
        if size != first:  # those of the test part: others may have to be made first
            raise ValueError(
                f"tasks: expected inputs of one shape, got {size} in task "
                f"{task.name!r} after {first}"
            )
        if math.prod(self.shape) != math.prod(size):
            raise ValueError(
                f"shape: expected the size of one input, {math.prod(size)} numbers, "
                f"got {self.shape}"
            )
        found = max(*(int(y.max()) for y in task.labels), *(task.classes or (0,)))
        if found >= self.outputs:
            raise ValueError(
                f"outputs: expected more than the largest label, {found} in task "
                f"{task.name!r}, got {self.outputs}"
            )

    @property
    def features(self) -> int:
        """Return how many numbers one input has."""
        return self.tasks[0].x_test[0].numel()

    @property
    def has_validation(self) -> bool:
        """Return whether each task has a validation part."""
        return all(task.y_val is not None for task in self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def __getitem__(self, i: int) -> Task:
        return self.tasks[i]

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __repr__(self) -> str:
        lines = "\n".join(f"  {i}. {task!r}" for i, task in enumerate(self.tasks, 1))
        return f"Stream({self.name!r}, {len(self)} tasks, {self.outputs} outputs)\n{lines}"
