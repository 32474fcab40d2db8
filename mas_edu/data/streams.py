"""Streams made from a data set: its images rotated, permuted, or split by class."""

from __future__ import annotations

import math
from functools import partial
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu._common import as_choice, as_float, as_int
from mas_edu.data.partition import Partition
from mas_edu.data.tasks import Stream

Scenario = Literal["task", "domain", "class"]
MOST_TASKS = 1000  # each is a copy of the data set; beyond, the memory would not do


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
    """Rotate the images further for each task: 0°, `step`°, 2 `step`°, … (domain-incremental).

    Args:
        dataset: "digits", "mnist", "fashion" or "kmnist".
        tasks: number of tasks.
        step: degrees from one task to the next, anticlockwise.
        interpolation: between pixels, "bilinear" or "nearest".
        samples: most training samples of a task; None: all.
        test_samples: most test samples of a task, evenly from the whole part; None: all.
        val: share of the training samples set aside as validation part, on which λ is chosen.
        seed: of the order that decides which sample falls into which part.

    >>> rotated("digits", tasks=3, step=30)
    Stream('rotated digits', 3 tasks, 10 outputs)
      1. Task('0°': 1295 train, 143 validation, 359 test)
      2. Task('30°': 1295 train, 143 validation, 359 test)
      3. Task('60°': 1295 train, 143 validation, 359 test)
    """
    tasks, step = as_int("tasks", tasks, 1, MOST_TASKS), as_float("step", step)
    as_choice("interpolation", interpolation, ("bilinear", "nearest"))
    parts = Partition(dataset, samples, test_samples, val, seed)
    made = tuple(
        parts.task(f"{i * step:g}°", partial(_rotate, angle=i * step, mode=interpolation))
        for i in range(tasks)
    )
    return parts.stream("rotated", made, step=step, interpolation=interpolation)


def _rotate(x: Tensor, angle: float, mode: str) -> Tensor:
    """Rotate images `[N, H, W]` anticlockwise about their centre; the uncovered corners are black.

    Same result as torchvision's `rotate`, whose import would take seconds and 160 MB.
    """
    if angle % 360 == 0:
        return x
    height, width = x.shape[1:]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    rows = [[cos, -sin * height / width, 0], [sin * width / height, cos, 0]]
    matrix = torch.tensor([rows], dtype=x.dtype, device=x.device)
    with torch.autocast("cpu", enabled=False):  # the same data, whatever the notebook has set
        grid = F.affine_grid(matrix, [1, 1, height, width], align_corners=False)  # [1, H, W, 2]
        chunks = [  # the grid is repeated for each image of a chunk
            F.grid_sample(chunk, grid.expand(len(chunk), -1, -1, -1), mode, align_corners=False)
            for chunk in x.unsqueeze(1).split(1000)
        ]
    return torch.cat(chunks).squeeze(1)


def permuted(
    dataset: str = "digits",
    tasks: int = 5,
    *,
    samples: int | None = None,
    test_samples: int | None = None,
    val: float = 0.1,
    seed: int = 0,
) -> Stream:
    """Shuffle the pixels of all images, differently for each task (domain-incremental).

    The first task keeps the pixels in place. Arguments as in `rotated`; `seed` also decides the
    permutations.

    >>> len(permuted("digits", tasks=3))
    3
    """
    tasks = as_int("tasks", tasks, 1, MOST_TASKS)

    def shuffle(x: Tensor, order: Tensor) -> Tensor:  # [N, H, W] -> [N, H, W]
        return x.flatten(1)[:, order].view_as(x)

    parts = Partition(dataset, samples, test_samples, val, seed)
    pixels = parts.images.x[0].numel()
    shuffler = torch.Generator("cpu").manual_seed(parts.seed)
    orders = [torch.arange(pixels, device="cpu")]
    orders += [torch.randperm(pixels, generator=shuffler, device="cpu") for _ in range(tasks - 1)]
    made = tuple(
        parts.task(f"permutation {i}" if i else "in place", partial(shuffle, order=order))
        for i, order in enumerate(orders)
    )
    return parts.stream("permuted", made)


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
    """Split the classes among the tasks: 0 and 1, then 2 and 3, and so on.

    Args:
        dataset: as in `rotated`.
        tasks: number of tasks; None: as many as the classes allow.
        classes_per_task: classes in each task.
        scenario: "task": the task is known, other classes are masked. "domain": labels are
            numbered within the task. "class": all classes compete, none is masked.
        samples: most training samples of a task; None: all.
        test_samples: most test samples of a task, evenly from the whole part; None: all.
        val: share of the training samples set aside as validation part.
        seed: of the order that decides which sample falls into which part.

    >>> split("digits", tasks=2)
    Stream('split digits (task)', 2 tasks, 10 outputs)
      1. Task('0 1': 266 train, 29 validation, 65 test, classes (0, 1))
      2. Task('2 3': 266 train, 29 validation, 65 test, classes (2, 3))
    """
    classes_per_task = as_int("classes_per_task", classes_per_task, 1)
    as_choice("scenario", scenario, get_args(Scenario))
    parts = Partition(dataset, samples, test_samples, val, seed)
    most = parts.images.classes // classes_per_task
    tasks = most if tasks is None else as_int("tasks", tasks, 1)
    if not most:
        raise ValueError(
            f"classes_per_task: expected at most {parts.images.classes}, as {dataset!r} has "
            f"{parts.images.classes} classes, got {classes_per_task}"
        )
    if tasks > most:
        raise ValueError(
            f"tasks: {parts.images.classes} classes, {classes_per_task} a task, allow at most "
            f"{most} tasks, got {tasks}; ask for fewer tasks or a smaller classes_per_task"
        )
    starts = range(0, tasks * classes_per_task, classes_per_task)
    made = tuple(
        parts.task(
            " ".join(str(c) for c in range(start, start + classes_per_task)),
            keep=tuple(range(start, start + classes_per_task)),
            relabel=scenario == "domain",
            mask=scenario == "task",
        )
        for start in starts
    )
    outputs = classes_per_task if scenario == "domain" else parts.images.classes
    return parts.stream(
        "split", made, outputs=outputs, classes_per_task=classes_per_task, scenario=scenario
    )


STREAMS = {"rotated": rotated, "permuted": permuted, "split": split}  # translated
