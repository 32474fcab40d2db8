"""Streams made from a data set: its images rotated, permuted, or split by class."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu._common import as_choice, as_float, as_int, as_seed, short_repr
from mas_edu.data.datasets import load_images
from mas_edu.data.tasks import Stream, Task

Scenario = Literal["task", "domain", "class"]


def rotated(
    dataset: str = "digits",
    tasks: int = 5,
    *,
    step: float = 20.0,
    interpolation: Literal["bilinear", "nearest"] = "bilinear",
    samples: int | None = None,
    test_samples: int | None = None,
    val: float = 0.1,
    seed: int = 0,
) -> Stream:
    """The same images turned further for each task: 0°, `step`°, 2 `step`°, … (domain-incremental).

    Args:
        dataset: "digits", "mnist", "fashion" or "kmnist".
        tasks: how many.
        step: degrees from one task to the next, anticlockwise.
        interpolation: between pixels, "bilinear" or "nearest".
        samples: at most so many training samples a task; None: all.
        test_samples: at most so many test samples a task, evenly from the whole part; None: all.
        val: share of the training samples set aside as validation part, on which λ is chosen.
        seed: of the order that decides which sample falls into which part.

    >>> rotated("digits", tasks=3, step=30)
    Stream('rotated digits', 3 tasks, 10 outputs)
      1. Task('0°': 1295 train, 143 validation, 359 test)
      2. Task('30°': 1295 train, 143 validation, 359 test)
      3. Task('60°': 1295 train, 143 validation, 359 test)
    """
    tasks, step = as_int("tasks", tasks, 1), as_float("step", step)
    as_choice("interpolation", interpolation, ("bilinear", "nearest"))
    base = _Base(dataset, samples, test_samples, val, seed)
    made = tuple(
        base.task(f"{i * step:g}°", partial(_turned, angle=i * step, mode=interpolation))
        for i in range(tasks)
    )
    return base.stream("rotated", made, step=step, interpolation=interpolation)


def _turned(x: Tensor, angle: float, mode: str) -> Tensor:
    """Images `[N, H, W]` turned anticlockwise about their centre, black where nothing was.

    The same as torchvision's `rotate`, whose import would take seconds and 160 MB.
    """
    if angle % 360 == 0:
        return x
    height, width = x.shape[1:]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    where_from = torch.tensor([[[cos, -sin * height / width, 0], [sin * width / height, cos, 0]]])
    grid = F.affine_grid(where_from, [1, 1, height, width], align_corners=False)  # [1, H, W, 2]
    parts = [  # a part at a time: the grid is repeated for each image
        F.grid_sample(part, grid.expand(len(part), -1, -1, -1), mode, align_corners=False)
        for part in x.unsqueeze(1).split(1000)
    ]
    return torch.cat(parts).squeeze(1)


def permuted(
    dataset: str = "digits",
    tasks: int = 5,
    *,
    samples: int | None = None,
    test_samples: int | None = None,
    val: float = 0.1,
    seed: int = 0,
) -> Stream:
    """The same images with their pixels shuffled, differently for each task (domain-incremental).

    The first task keeps the pixels in place. Arguments as in `rotated`; `seed` also makes the
    permutations.

    >>> len(permuted("digits", tasks=3))
    3
    """
    tasks = as_int("tasks", tasks, 1)

    def shuffle(x: Tensor, order: Tensor) -> Tensor:  # [N, H, W] -> [N, H, W]
        return x.flatten(1)[:, order].view_as(x)

    base = _Base(dataset, samples, test_samples, val, seed)
    pixels = base.images.x[0].numel()
    shuffler = torch.Generator().manual_seed(base.seed)
    orders = [torch.arange(pixels)]
    orders += [torch.randperm(pixels, generator=shuffler) for _ in range(tasks - 1)]
    made = tuple(
        base.task(f"permutation {i}" if i else "in place", partial(shuffle, order=order))
        for i, order in enumerate(orders)
    )
    return base.stream("permuted", made)


def split(
    dataset: str = "digits",
    tasks: int | None = None,
    *,
    classes_per_task: int = 2,
    scenario: Scenario = "task",
    samples: int | None = None,
    test_samples: int | None = None,
    val: float = 0.1,
    seed: int = 0,
) -> Stream:
    """A few classes for each task: 0 and 1, then 2 and 3, and so on.

    Args:
        dataset: as in `rotated`, like the arguments not named here.
        tasks: how many; None: as many as the classes allow.
        classes_per_task: classes in each task.
        scenario: "task": the task is known, other classes are masked. "domain": the label is the
            place within the task. "class": all classes compete, none is masked.
        samples: at most so many training samples a task; None: all.
        test_samples: at most so many test samples a task, evenly from the whole part; None: all.
        val: share of the training samples set aside as validation part.
        seed: of the order that decides which sample falls into which part.

    >>> split("digits", tasks=2)
    Stream('split digits (task)', 2 tasks, 10 outputs)
      1. Task('0 1': 266 train, 29 validation, 65 test, classes (0, 1))
      2. Task('2 3': 266 train, 29 validation, 65 test, classes (2, 3))
    """
    classes_per_task = as_int("classes_per_task", classes_per_task, 1)
    as_choice("scenario", scenario, get_args(Scenario))
    base = _Base(dataset, samples, test_samples, val, seed)
    most = base.images.classes // classes_per_task
    tasks = most if tasks is None else as_int("tasks", tasks, 1)
    if not most:
        raise ValueError(
            f"classes_per_task: expected at most {base.images.classes}, as {dataset!r} has "
            f"{base.images.classes} classes, got {classes_per_task}"
        )
    if tasks > most:
        raise ValueError(
            f"tasks: {base.images.classes} classes, {classes_per_task} a task, allow at most "
            f"{most} tasks, got {tasks}; ask for fewer tasks or a smaller classes_per_task"
        )
    starts = range(0, tasks * classes_per_task, classes_per_task)
    made = tuple(
        base.task(
            " ".join(str(c) for c in range(start, start + classes_per_task)),
            keep=tuple(range(start, start + classes_per_task)),
            relabel=scenario == "domain",
            mask=scenario == "task",
        )
        for start in starts
    )
    outputs = classes_per_task if scenario == "domain" else base.images.classes
    return base.stream(
        "split", made, outputs=outputs, classes_per_task=classes_per_task, scenario=scenario
    )


STREAMS = {"rotated": rotated, "permuted": permuted, "split": split}


class _Base:
    """A data set divided once into train, validation and test rows, from which tasks are made."""

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
        order = torch.randperm(len(images.x), generator=torch.Generator().manual_seed(self.seed))
        if images.x_test is None or images.y_test is None:
            cut = round(0.8 * len(order))  # no test part of its own: the last fifth
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
        (x, y), (x_test, y_test) = self.train, self.test
        if keep is not None:
            rows, rows_test = (
                torch.isin(y, torch.tensor(keep)),
                torch.isin(y_test, torch.tensor(keep)),
            )
            x, y, x_test, y_test = x[rows], y[rows], x_test[rows_test], y_test[rows_test]
        if relabel and keep is not None:
            y, y_test = y - keep[0], y_test - keep[0]
        held = int(self.val * len(x))
        x, x_val, y, y_val = x[held:], x[:held], y[held:], y[:held]
        x, y = x[: self.samples], y[: self.samples]
        count = min(self.tests or len(x_test), len(x_test))
        rows_test = torch.arange(count) * len(x_test) // max(count, 1)
        x_test, y_test = x_test[rows_test], y_test[rows_test]

        def ready(x: Tensor) -> Tensor:  # bytes [N, H, W] -> numbers from 0 to 1 [N, H*W]
            changed: Tensor = change(x.float().div_(self.images.white))
            return changed.flatten(1)

        return Task(
            name,
            ready(x),
            y,
            ready(x_test),
            y_test,
            ready(x_val) if held else None,
            y_val if held else None,
            keep if mask else None,
        )

    def stream(
        self, kind: str, tasks: tuple[Task, ...], outputs: int | None = None, **extra: Any
    ) -> Stream:
        settings = {"stream": kind, "tasks": len(tasks), **self.settings, **extra}
        label = f"{kind} {self.images.name}" + (
            f" ({extra['scenario']})" if "scenario" in extra else ""
        )
        return Stream(label, tasks, outputs or self.images.classes, self.images.shape, settings)
