"""A data set divided into train, validation and test part, and the tasks made of them."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mas_edu._common import as_float, as_int, as_seed, short_repr
from mas_edu.data.datasets import load_images
from mas_edu.data.large_tasks import DeferredTask
from mas_edu.data.tasks import Stream, Task

AT_ONCE = 250  # images that are made ready together
RETURNED = 2**22  # bytes; from there on memory goes back to the system once it is free
LARGE = 2**22  # numbers in the training part; beyond, they are made when the task's turn comes


class Partition:
    """A data set in a drawn order, divided once into parts, from which the tasks are made.

    The last fifth is the test part of a set that has none of its own. The validation part is the
    first share `val` of a task's training samples.
    """

    def __init__(
        self, dataset: str, samples: int | None, tests: int | None, val: float, seed: int
    ) -> None:
        self.val, self.seed = as_float("val", val), as_seed(seed)
        if self.val >= 1:
            raise ValueError(f"val: expected a share below 1, got {short_repr(val)}")
        self.samples = None if samples is None else as_int("samples", samples, 1)
        self.tests = None if tests is None else as_int("test_samples", tests, 1)
        self.images = images = load_images(dataset)
        self.settings = {
            "dataset": dataset,
            "samples": self.samples,
            "test_samples": self.tests,
            "val": self.val,
            "seed": self.seed,
        }
        draw = torch.Generator("cpu").manual_seed(self.seed)
        order = torch.randperm(len(images.x), generator=draw, device="cpu")
        if images.x_test is None or images.y_test is None:
            cut = round(0.8 * len(order))
            self.train = Selection(images.x, images.y, order[:cut])
            self.test = Selection(images.x, images.y, order[cut:])
        else:
            self.train = Selection(images.x, images.y, order)
            every = torch.arange(len(images.x_test), device="cpu")
            self.test = Selection(images.x_test, images.y_test, every)

    def task(
        self,
        name: str,
        change: Callable[[Tensor], Tensor] = lambda x: x,
        keep: tuple[int, ...] | None = None,
        relabel: bool = False,
        mask: bool = False,
    ) -> Task:
        """Make one task.

        Args:
            name: of the task.
            change: applied to all images, `[N, H, W]`, numbers from 0 to 1.
            keep: successive classes that the task has; None: all.
            relabel: number them from 0.
            mask: make them the task's active classes.
        """
        train, test = self.train.of_classes(keep), self.test.of_classes(keep)
        held = int(self.val * len(train.rows))
        val, train = train[:held], train[held:][: self.samples]
        size = len(test.rows)
        count = min(self.tests or size, size)
        test = test[torch.arange(count, device="cpu") * size // max(count, 1)]

        def inputs(part: Selection) -> Tensor:  # numbers from 0 to 1, [N, H*W]
            found = _empty(len(part.rows), part.x[0].numel())
            for rows, place in zip(part.rows.split(AT_ONCE), found.split(AT_ONCE), strict=True):
                place.copy_(change(part.x[rows].float().div_(self.images.white)).flatten(1))
            return found

        def labels(part: Selection) -> Tensor:
            return part.y[part.rows] - (keep[0] if relabel and keep is not None else 0)

        parts: dict[str, Any] = {
            "y": labels(train),
            "x_test": inputs(test),
            "y_test": labels(test),
            "y_val": labels(val) if held else None,
            "classes": keep if mask else None,
        }
        if len(train.rows) * train.x[0].numel() < LARGE:
            return Task(name, inputs(train), x_val=inputs(val) if held else None, **parts)
        make_val = partial(inputs, val) if held else None
        every = slice(None)
        return DeferredTask(
            name, make=lambda rows=every: inputs(train[rows]), make_val=make_val, **parts
        )

    def stream(
        self, kind: str, tasks: tuple[Task, ...], outputs: int | None = None, **extra: Any
    ) -> Stream:
        """Make a stream of the tasks; `extra` goes into its settings."""
        settings = {"stream": kind, "tasks": len(tasks), **self.settings, **extra}
        scenario = f" ({extra['scenario']})" if "scenario" in extra else ""
        name = f"{kind} {self.images.name}{scenario}"
        return Stream(name, tasks, outputs or self.images.classes, self.images.shape, settings)


def _empty(rows: int, columns: int) -> Tensor:
    """Return memory for float32 numbers, which goes back to the system as soon as it is free.

    Blocks below 32 MB, such as a validation part, would otherwise stay with the process.
    """
    size = 4 * rows * columns
    if size < RETURNED or sys.platform == "win32":  # its blocks are private in another way
        return torch.empty(rows, columns, dtype=torch.float32, device="cpu")
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return torch.frombuffer(block, dtype=torch.float32).view(rows, columns)


@dataclass(frozen=True)
class Selection:
    """Some images of a set, by their rows: a copy of the bytes would take as much memory again."""

    x: Tensor  # bytes, [N, H, W]
    y: Tensor  # [N]
    rows: Tensor

    def __getitem__(self, some: Any) -> Selection:
        return replace(self, rows=self.rows[some])

    def of_classes(self, classes: tuple[int, ...] | None) -> Selection:
        """Return those of the given classes; None: all."""
        if classes is None:
            return self
        wanted = torch.tensor(classes, device=self.y.device)
        return self[torch.isin(self.y[self.rows], wanted)]
