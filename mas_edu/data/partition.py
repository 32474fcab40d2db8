"""A data set divided into train, validation and test part, and the tasks made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mas_edu._common import as_float, as_int, as_seed, short_repr
from mas_edu.data.datasets import load_images
from mas_edu.data.deferred import DeferredTask
from mas_edu.data.tasks import Stream, Task

AT_ONCE = 1000  # images that are made ready together
LARGE = 2**22  # numbers in the training part; beyond, they are made when the task's turn comes


class Partition:
    """A data set in a drawn order, divided once into parts, from which the tasks are made.

    A set without a test part of its own gives its last fifth. The validation part is the first
    share `val` of a task's training samples.
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
            self.train = images.x[order[:cut]], images.y[order[:cut]]
            self.test = images.x[order[cut:]], images.y[order[cut:]]
        else:
            self.train = images.x[order], images.y[order]
            self.test = images.x_test, images.y_test

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
        (x, y), (x_test, y_test) = _keep(self.train, keep), _keep(self.test, keep)
        if relabel and keep is not None:
            y, y_test = y - keep[0], y_test - keep[0]
        held = int(self.val * len(x))
        x, x_val, y, y_val = x[held:], x[:held], y[held:], y[:held]
        x, y = x[: self.samples], y[: self.samples]
        count = min(self.tests or len(x_test), len(x_test))
        evenly = torch.arange(count, device="cpu") * len(x_test) // max(count, 1)
        x_test, y_test = x_test[evenly], y_test[evenly]

        def ready(x: Tensor) -> Tensor:  # bytes [N, H, W] -> numbers from 0 to 1 [N, H*W]
            found = torch.empty((len(x), x[0].numel()), dtype=torch.float32, device="cpu")
            for some, place in zip(x.split(AT_ONCE), found.split(AT_ONCE), strict=True):
                place.copy_(change(some.float().div_(self.images.white)).flatten(1))
            return found

        parts: dict[str, Any] = {
            "y": y,
            "x_test": ready(x_test),
            "y_test": y_test,
            "x_val": ready(x_val) if held else None,
            "y_val": y_val if held else None,
            "classes": keep if mask else None,
        }
        if x.numel() < LARGE:
            return Task(name, ready(x), **parts)
        return DeferredTask(name, make=partial(ready, x), **parts)

    def stream(
        self, kind: str, tasks: tuple[Task, ...], outputs: int | None = None, **extra: Any
    ) -> Stream:
        """Make a stream of the tasks; `extra` goes into its settings."""
        settings = {"stream": kind, "tasks": len(tasks), **self.settings, **extra}
        scenario = f" ({extra['scenario']})" if "scenario" in extra else ""
        name = f"{kind} {self.images.name}{scenario}"
        return Stream(name, tasks, outputs or self.images.classes, self.images.shape, settings)


def _keep(part: tuple[Tensor, Tensor], classes: tuple[int, ...] | None) -> tuple[Tensor, Tensor]:
    """Select the samples of the given classes; None: all."""
    x, y = part
    if classes is None:
        return x, y
    kept = torch.isin(y, torch.tensor(classes, device=y.device))
    return x[kept], y[kept]
