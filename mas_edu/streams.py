"""Streams of tasks: what the network is asked to learn, one task after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from mas_edu import datasets
from mas_edu.arguments import instance, number, one_of, seeded, shown, whole, wholes

Scenario = Literal["task", "domain", "class"]
WHOLE = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}


@dataclass(frozen=True, eq=False)
class Task:
    """One task, in memory: inputs `[N, features]`, labels `[N]`; train, validation and test part.

    Args:
        classes: the active classes; logits of the others are masked, in training and in testing.
            None: all are active.

    Raises:
        ValueError: naming the part that is empty, not finite, or without a label for each input.
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
        for part in ("", "_test", "_val"):
            x, y = getattr(self, f"x{part}"), getattr(self, f"y{part}")
            if x is None and y is None and part == "_val":
                continue
            _check_part(f"task {self.name!r}: x{part}", x, y)
            object.__setattr__(self, f"y{part}", y.long())  # the type of torch's losses
            if x.shape[1:] != self.x.shape[1:]:
                raise ValueError(
                    f"task {self.name!r}: x{part}: expected inputs like those of x, each "
                    f"{tuple(self.x.shape[1:])}, got {tuple(x.shape[1:])}"
                )
        if self.classes is not None:
            labels = {label for y in self.labels for label in y.unique().tolist()}
            object.__setattr__(self, "classes", _active(self.name, self.classes, labels))

    @property
    def labels(self) -> list[Tensor]:
        """The labels of each part."""
        return [y for y in (self.y, self.y_test, self.y_val) if y is not None]

    def __repr__(self) -> str:
        sizes = f"{len(self.x)} train, {0 if self.x_val is None else len(self.x_val)} validation"
        active = "" if self.classes is None else f", classes {self.classes}"
        return f"Task({self.name!r}: {sizes}, {len(self.x_test)} test{active})"


def _check_part(name: str, x: Any, y: Any) -> None:
    if not isinstance(x, Tensor) or not isinstance(y, Tensor):
        raise ValueError(f"{name} and its labels: expected tensors, got {type(x)} and {type(y)}")
    if x.ndim == 0 or x.is_complex():
        raise ValueError(f"{name}: expected inputs [N, …], got {tuple(x.shape)} of {x.dtype}")
    if y.dtype not in WHOLE or y.ndim != 1:
        raise ValueError(
            f"{name}: expected labels as whole numbers, shape [N], "
            f"got {tuple(y.shape)} of {y.dtype}"
        )
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(
            f"{name}: expected at least one sample and a label for each, "
            f"got {len(x)} samples and {len(y)} labels"
        )
    if x.is_floating_point() and not bool(torch.isfinite(x).all()):
        raise ValueError(f"{name}: expected finite numbers, found NaN or infinity; clean the data")
    if int(y.min()) < 0:
        raise ValueError(f"{name}: expected labels from 0, found {int(y.min())}")


def _active(name: str, classes: Any, labels: set[int]) -> tuple[int, ...]:
    active = wholes(f"task {name!r}: classes", classes, least=0)
    if not active or len(set(active)) < len(active) or not labels <= set(active):
        raise ValueError(
            f"task {name!r}: classes: expected different ones, among them all labels, "
            f"{sorted(labels)}, got {shown(classes)}; None: all are active"
        )
    return tuple(active)


@dataclass(frozen=True, eq=False)
class Stream:
    """Tasks in the order they are learned.

    Args:
        name: for legends and file names, such as "rotated digits".
        tasks: at least one `Task`.
        outputs: number of logits that a network for this stream needs.
        shape: channels, height and width of one input, for drawing and for convolutions.
        settings: what the stream was made from, kept in each `Record`.
    """

    name: str
    tasks: tuple[Task, ...]
    outputs: int
    shape: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.tasks, Iterable):
            raise ValueError(f"tasks: expected several of Task, got {shown(self.tasks)}")
        object.__setattr__(self, "tasks", tuple(self.tasks))
        object.__setattr__(self, "outputs", whole("outputs", self.outputs, 1))
        object.__setattr__(self, "shape", tuple(wholes("shape", self.shape, 1)))
        if not self.tasks:
            raise ValueError("tasks: expected at least one task, got none")
        for task in self.tasks:
            self._check(instance("tasks", task, Task, "those of me.rotated()"))

    def _check(self, task: Task) -> None:
        first = tuple(self.tasks[0].x.shape[1:])
        if task.x.shape[1:] != first:
            raise ValueError(
                f"tasks: expected inputs of one shape, got {tuple(task.x.shape[1:])} in task "
                f"{task.name!r} after {first}"
            )
        if math.prod(self.shape) != task.x[0].numel():
            raise ValueError(
                f"shape: expected the size of one input, {task.x[0].numel()} numbers, "
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
        """Numbers in one input."""
        return self.tasks[0].x[0].numel()

    def __len__(self) -> int:
        return len(self.tasks)

    def __getitem__(self, i: int) -> Task:
        return self.tasks[i]

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __repr__(self) -> str:
        lines = "\n".join(f"  {i}. {task!r}" for i, task in enumerate(self.tasks, 1))
        return f"Stream({self.name!r}, {len(self)} tasks, {self.outputs} outputs)\n{lines}"


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
    tasks, step = whole("tasks", tasks, 1), number("step", step)
    one_of("interpolation", interpolation, ("bilinear", "nearest"))
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
    tasks = whole("tasks", tasks, 1)

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
    classes_per_task = whole("classes_per_task", classes_per_task, 1)
    one_of("scenario", scenario, get_args(Scenario))
    base = _Base(dataset, samples, test_samples, val, seed)
    most = base.images.classes // classes_per_task
    tasks = most if tasks is None else whole("tasks", tasks, 1)
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
        self.val, self.seed = number("val", val), seeded(seed)
        if self.val >= 1:
            raise ValueError(f"val: expected a share below 1, got {shown(val)}")
        self.samples = None if samples is None else whole("samples", samples, 1)
        self.tests = None if tests is None else whole("test_samples", tests, 1)
        self.images = images = datasets.load(dataset)
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
