"""A task of a large data set, whose inputs are made when its turn comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from weakref import WeakKeyDictionary

from torch import Tensor

from mas_edu.data.tasks import Task

_latest: dict[str, WeakKeyDictionary[DeferredTask, tuple[Tensor, int]]] = {
    "x": WeakKeyDictionary(),
    "x_val": WeakKeyDictionary(),
}
"""The inputs of each part that were made last, of one task alone, and their version then."""


class DeferredTask(Task):
    """A task whose training and validation inputs, `[N, …]`, are made when they are asked for.

    Those that were made last are kept until those of another task are made: all of them would fill
    the memory of a small machine. Inputs that were changed in place stay as they are. What copies
    make of it is a plain `Task`.

    Args:
        make: returns the training inputs, the same numbers each time.
        make_val: returns the validation inputs, likewise, if there are any.

    >>> import torch
    >>> y, x_test = torch.zeros(5), torch.zeros(1, 2)
    >>> task = DeferredTask(
    ...     "late", y=y.long(), x_test=x_test, y_test=y[:1].long(), make=lambda: torch.ones(5, 2)
    ... )
    >>> task
    Task('late': 5 train, 0 validation, 1 test)
    >>> task.x.sum()
    tensor(10.)
    """

    def __new__(cls, *args: Any, make: Callable[[], Tensor] | None = None, **parts: Any) -> Any:
        """Return a plain task where the inputs are given, as `dataclasses.replace` does."""
        return super().__new__(cls) if make else Task(*args, **parts)

    def __init__(
        self,
        name: str,
        *,
        make: Callable[[], Tensor],
        y: Tensor,
        x_test: Tensor,
        y_test: Tensor,
        make_val: Callable[[], Tensor] | None = None,
        y_val: Tensor | None = None,
        classes: tuple[int, ...] | None = None,
    ) -> None:
        checked = Task(name, x_test, y_test, x_test, y_test, classes=classes)
        kept = {name: value for name, value in vars(checked).items() if name not in _latest}
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

    def _inputs(self, part: str, make: Callable[[], Tensor]) -> Tensor:
        if (latest := self._changed.get(part) or _latest[part].get(self)) is None:
            _release(part)
            made = make()
            latest = _latest[part][self] = made, made._version
        return latest[0]

    @property
    def changes(self) -> int:
        """Count the changes that were made to the inputs in place."""
        found = [self._changed.get(part) or made.get(self) for part, made in _latest.items()]
        return sum(one[0]._version - one[1] for one in found if one)

    _make: dict[str, Any]
    _changed: dict[str, tuple[Tensor, int]]

    def __reduce__(self) -> Any:
        """Let a copy, or a process elsewhere, have the inputs."""
        return Task, tuple(getattr(self, field.name) for field in fields(Task))


def _release(part: str) -> None:
    """Forget the inputs that were made last; those that were changed stay with their task."""
    for task, (made, version) in list(_latest[part].items()):
        if made._version != version:
            task._changed[part] = made, version
    _latest[part].clear()
