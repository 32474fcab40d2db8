"""A task of a large data set, whose training inputs are made when its turn comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from weakref import WeakKeyDictionary

from torch import Tensor

from mas_edu.data.tasks import Task

_latest: WeakKeyDictionary[DeferredTask, tuple[Tensor, int]] = WeakKeyDictionary()
"""The inputs that were made last, of one task alone, and their version then."""


class DeferredTask(Task):
    """A task whose training inputs are made when they are asked for: `make()`, `[N, …]`.

    Those that were made last are kept until those of another task are made: all of them would fill
    the memory of a small machine. `make` returns the same numbers each time; inputs that were
    changed in place stay as they are. What copies make of it is a plain `Task`.

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
        x_val: Tensor | None = None,
        y_val: Tensor | None = None,
        classes: tuple[int, ...] | None = None,
    ) -> None:
        checked = Task(name, x_test, y_test, x_test, y_test, x_val, y_val, classes)
        kept = {**vars(checked), "y": y.long(), "_make": make, "_changed": None}
        del kept["x"]
        vars(self).update(kept)

    @property
    def x(self) -> Tensor:
        """Return the training inputs."""
        if self._changed is not None:
            return self._changed
        if (latest := _latest.get(self)) is None:
            _release()
            made = self._make()
            latest = _latest[self] = made, made._version
        return latest[0]

    @property
    def changes(self) -> int:
        """Count the changes that were made to the training inputs in place."""
        if self._changed is not None:
            return self._changed._version
        made, version = _latest.get(self, (None, 0))
        return 0 if made is None else made._version - version

    _make: Callable[[], Tensor]
    _changed: Tensor | None

    def __reduce__(self) -> Any:
        """Let a copy, or a process elsewhere, have the inputs."""
        return Task, tuple(getattr(self, field.name) for field in fields(Task))


def _release() -> None:
    """Forget the inputs that were made last; those that were changed stay with their task."""
    for task, (made, version) in list(_latest.items()):
        if made._version != version:
            vars(task)["_changed"] = made
    _latest.clear()
