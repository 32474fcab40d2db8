"""A task of a large data set, whose inputs are made when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from mas_edu.data.tasks import Task

PARTS = ("x", "x_val")  # that are made late
_latest: WeakKeyDictionary[DeferredTask, tuple[str, Tensor, int]] = WeakKeyDictionary()
"""The inputs that were made last, one part of one task alone: its name, and their version then."""


class DeferredTask(Task):
    """A task whose training and validation inputs, `[N, …]`, are made when they are asked for.

    Those that were made last are kept until others are made, of another task or part: all of them
    would fill the memory of a small machine. Inputs that were changed in place stay as they are.
    What copies make of it is a plain `Task`.

    Args:
        make: returns the training inputs, the same numbers each time; called with row numbers,
            `[n]`, those of these rows alone.
        make_val: returns the validation inputs, likewise, if there are any.

    >>> import torch
    >>> y, x_test = torch.zeros(5), torch.zeros(1, 2)
    >>> task = DeferredTask(
    ...     "late",
    ...     y=y.long(),
    ...     x_test=x_test,
    ...     y_test=y[:1].long(),
    ...     make=lambda rows=...: torch.ones(5, 2)[rows],
    ... )
    >>> task
    Task('late': 5 train, 0 validation, 1 test)
    >>> task.x.sum()
    tensor(10.)
    """

    def __new__(cls, *args: Any, make: Callable[..., Tensor] | None = None, **parts: Any) -> Any:
        """Return a plain task where the inputs are given, as `dataclasses.replace` does."""
        return super().__new__(cls) if make else Task(*args, **parts)

    def __init__(
        self,
        name: str,
        *,
        make: Callable[..., Tensor],
        y: Tensor,
        x_test: Tensor,
        y_test: Tensor,
        make_val: Callable[[], Tensor] | None = None,
        y_val: Tensor | None = None,
        classes: tuple[int, ...] | None = None,
    ) -> None:
        checked = Task(name, x_test, y_test, x_test, y_test, classes=classes)
        kept = {name: value for name, value in vars(checked).items() if name not in PARTS}
        made = {"_make": {"x": make, "x_val": make_val}, "_changed": {}}
        vars(self).update(kept | {"y": y.long(), "y_val": y_val} | made)

    @property
    def x(self) -> Tensor:
        """Return the training inputs."""
        return self._inputs("x", self._make["x"])

    @property
    def x_val(self) -> Tensor | None:
        """Return the validation inputs, if there are any."""
        make = self._make["x_val"]
        return self._inputs("x_val", make) if make else None

    def rows(self, rows: Tensor) -> Tensor:
        """Return some of the training inputs, by their row numbers, `[n]`, without the others."""
        latest = _latest.get(self)
        if "x" in self._changed or (latest and latest[0] == "x"):
            return self.x.index_select(0, rows)
        made: Tensor = self._make["x"](rows)
        return made

    def _inputs(self, part: str, make: Callable[[], Tensor]) -> Tensor:
        if part in self._changed:
            return self._changed[part][0]
        latest = _latest.get(self)
        if latest is None or latest[0] != part:
            _release()
            made = make()
            latest = _latest[self] = part, made, made._version
        return latest[1]

    @property
    def changes(self) -> int:
        """Count the changes that were made to the inputs in place."""
        latest = _latest.get(self)
        found = [*self._changed.values(), *([latest[1:]] if latest else [])]
        return sum(made._version - version for made, version in found)

    _make: dict[str, Any]
    _changed: dict[str, tuple[Tensor, int]]

    def __reduce__(self) -> Any:
        """Let a copy, or a process elsewhere, have the inputs."""
        return Task, tuple(getattr(self, field.name) for field in fields(Task))


class JoinedInputs:
    """The training inputs of several tasks as one, `[N, …]`, of which rows are made when asked for.

    Joined tensors would take as much memory as all tasks.
    """

    def __init__(self, tasks: Sequence[Task], dtype: torch.dtype) -> None:
        self.tasks, self.dtype = tasks, dtype
        self.ends = list(accumulate(len(task.y) for task in tasks))
        self.shape = torch.Size((self.ends[-1], *tasks[0].x_test.shape[1:]))

    @staticmethod
    def are_large(tasks: Sequence[Task]) -> bool:
        """Return whether these are several tasks, with inputs that are made late."""
        return len(tasks) > 1 and any(isinstance(task, DeferredTask) for task in tasks)

    def index_select(self, dim: int, rows: Tensor) -> Tensor:
        """Return these rows, as a tensor's method does for `dim=0`."""
        parts: list[Tensor] = []
        places: list[Tensor] = []
        for task, end in zip(self.tasks, self.ends, strict=True):
            begin = end - len(task.y)
            place = ((begin <= rows) & (rows < end)).nonzero().squeeze(1)
            if len(place):
                own = rows[place] - begin
                parts.append(
                    task.rows(own)
                    if isinstance(task, DeferredTask)
                    else task.x.index_select(0, own)
                )
                places.append(place)
        return torch.cat(parts)[torch.cat(places).argsort()].to(self.dtype)


def _release() -> None:
    """Forget the inputs that were made last; those that were changed stay with their task."""
    for task, (part, made, version) in list(_latest.items()):
        if made._version != version:
            task._changed[part] = made, version
    _latest.clear()
