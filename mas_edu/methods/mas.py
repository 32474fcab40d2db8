"""Memory Aware Synapses, in three forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from mas_edu._common import USER_ERRORS, as_choice, as_int
from mas_edu.data import Data, Inputs, Stream, Task, batches
from mas_edu.importance import MOST_SAMPLES, mas, mas_batch, mas_local
from mas_edu.methods.base import Method, as_task
from mas_edu.methods.penalty import Anchor
from mas_edu.networks import Params, check_logits, evaluating, remedy


@dataclass(frozen=True, repr=False)
class MAS(Method):
    """Memory Aware Synapses, exact: see `mas`.

    Args:
        data: unlabelled inputs on which Ω is taken after each task, and to which the network
            adapts: what matters to them is kept, at the price of the rest. A tensor, an array, a
            Dataset or an iterable of batches, the same for all tasks, copied; "train", "val" or
            "test", that part of the task; or a function that returns a task's inputs, the same
            at each call, so that a record can say which they were. None: "train".

    Raises:
        ValueError: for data that are empty, not finite, or of another form; before training, for a
            function that returns other inputs when it is called again.

    >>> import torch
    >>> MAS(), MAS(data="test"), MAS(data=torch.zeros(300, 64))
    (MAS(), MAS(data='test'), MAS(data=<300 inputs, e34ef569>))
    """

    unit: ClassVar[str] = "output² per unit of weight"  # translated
    looks_at_samples: ClassVar[bool] = True

    data: Data | Inputs | Callable[[Task], Data] | Literal["train", "val", "test"] | None = None

    def __post_init__(self) -> None:
        data = self.data
        if isinstance(data, str):
            data = None if as_choice("data", data, ("train", "val", "test")) == "train" else data
        elif not (data is None or isinstance(data, Inputs) or _is_function(data)):
            data = Inputs.of(data)  # type: ignore[arg-type]  # it says what is wrong with them
        object.__setattr__(self, "data", data)

    def __repr__(self) -> str:
        name = getattr(self.data, "__name__", type(self.data).__name__)
        shown = name if _is_function(self.data) else repr(self.data)
        own = type(self).__name__
        return f"{own}()" if self.data is None else f"{own}(data={shown})"

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of the task's training inputs, or of `data`; labels are not used."""
        return mas(model, self.inputs(as_task(task)), classes=task.classes)

    def inputs(self, task: Task) -> Tensor:
        """Return the inputs on which Ω of this task is taken."""
        if self.data is None or isinstance(self.data, str):
            x: Tensor | None = getattr(task, f"x_{self.data}") if self.data else task.x
            if x is None:
                raise ValueError(
                    f"data: task {task.name!r} has no validation part; make it with val > 0, or "
                    "take data='train'"
                )
            return x
        if isinstance(self.data, Inputs):
            return self.data.x
        try:
            return Inputs.of(self.data(task)).x  # type: ignore[operator]  # it is a function
        except USER_ERRORS as error:  # whatever a function of the user's may raise
            raise ValueError(
                f"data: expected a function that returns inputs of task {task.name!r}, but "
                f"{self!r} raised {type(error).__name__} ({str(error)[:150]})"
            ) from error

    def check_ready(self, model: nn.Module, stream: Stream, anchor: Anchor | None) -> None:
        """Raise also if the network does not take the inputs."""
        super().check_ready(model, stream, anchor)
        for task in stream if self.data is not None else ():
            x = next(batches(model, self.inputs(task)[:2]))
            try:
                with evaluating(model):
                    check_logits(model, x)
            except ValueError as error:
                raise ValueError(
                    f"data: expected inputs that the network takes, such as those of the tasks, "
                    f"each {tuple(task.x.shape[1:])}, got {tuple(x.shape[1:])} of "
                    f"{x.dtype}; {remedy(x, error)}"
                ) from error

    def notes(self, stream: Stream) -> dict[str, Any]:
        """Return which inputs a function makes for each task: its name does not tell."""
        if not _is_function(self.data):
            return {}
        return {"data": [repr(self._check_same_inputs(task)) for task in stream]}

    def _check_same_inputs(self, task: Task) -> Inputs:
        """Return the inputs the function makes, or raise if it makes others the next time."""
        first, again = (Inputs.of(self.inputs(task)) for _ in range(2))
        if first != again:
            raise ValueError(
                f"data: expected a function that returns the same inputs of task {task.name!r} at "
                f"each call, but {self!r} returned {first!r} and then {again!r}; draw them "
                "beforehand, or with a generator that the function makes itself"
            )
        return first


def _is_function(data: object) -> bool:
    """Return whether it is a function from a task to inputs."""
    return callable(data) and not isinstance(data, nn.Module | type)


@dataclass(frozen=True)
class MASBatch(Method):
    """MAS with the common mistake, the absolute value after the batch mean: for comparison."""

    unit: ClassVar[str] = MAS.unit
    looks_at_samples: ClassVar[bool] = True

    batch_size: int = 128

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "batch_size", as_int("batch_size", self.batch_size, 1, MOST_SAMPLES)
        )

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of the task's training inputs; its labels are not used."""
        task = as_task(task)
        return mas_batch(model, task.x, batch_size=self.batch_size, classes=task.classes)


@dataclass(frozen=True)
class MASLocal(Method):
    """The local, Hebbian version of MAS: see `mas_local`."""

    unit: ClassVar[str] = MAS.unit
    looks_at_samples: ClassVar[bool] = True

    def importance(self, model: nn.Module, task: Task) -> Params:
        """Return Ω of the task's training inputs; its labels are not used."""
        task = as_task(task)
        return mas_local(model, task.x, classes=task.classes)
