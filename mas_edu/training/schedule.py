"""The settings with which each task is trained, and PyTorch's threads meanwhile."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor, nn

from mas_edu._common import as_choice, as_float, as_int, register_defaults, short_repr
from mas_edu.networks import own_threads, trainable, within
from mas_edu.training.optimizer import SGD, Adam

Optimizer = Literal["adam", "adamw", "sgd"]
Precision = Literal["fp32", "bf16"]
SMALL = 300_000  # weights below which one thread is the fastest
MOST = {  # beyond, time or memory would run out before the first update, or PyTorch would crash
    "epochs": 10**6,
    "steps": 10**7,
    "batch": 10**9,
    "evaluations": 10**6,
    "threads": 1024,
}


@dataclass(frozen=True)
class Schedule:
    """The settings with which each task is trained.

    Args:
        epochs: passes over the training part; not used when `steps` is given.
        steps: number of updates a task.
        batch: samples in one update.
        lr: learning rate.
        optimizer: "adam", "adamw" or "sgd"; fresh for each task.
        momentum: of sgd, below 1.
        weight_decay: as in PyTorch's optimizer.
        precision: "fp32", or "bf16" for autocast in the forward pass; Ω stays float32.
        proximal: apply the penalty as a proximal step after each update, stable for every λ,
            θ ← (θ + lr λ Ω θ*) / (1 + lr λ Ω), instead of adding its gradient.
        evaluations: how often within a task the accuracy is measured for the curves.
        threads: of PyTorch while training; None: one for small networks, else as they are.
    """

    epochs: int = 10
    steps: int | None = None
    batch: int = 32
    lr: float = 1e-3
    optimizer: Optimizer = "adam"
    momentum: float = 0.0
    weight_decay: float = 0.0
    precision: Precision = "fp32"
    proximal: bool = False
    evaluations: int = 10
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            if getattr(self, name) is not None or name not in ("steps", "threads"):
                object.__setattr__(self, name, as_int(name, getattr(self, name), 1, most))
        for name in ("lr", "momentum", "weight_decay"):
            checked = as_float(name, getattr(self, name), above=name == "lr")
            object.__setattr__(self, name, checked)
        if self.momentum >= 1:
            raise ValueError(
                f"momentum: expected a number from 0 to below 1, got {self.momentum:g}; "
                "take one such as 0.9"
            )
        if not isinstance(self.proximal, bool):
            raise ValueError(f"proximal: expected True or False, got {short_repr(self.proximal)}")
        as_choice("optimizer", self.optimizer, get_args(Optimizer))
        as_choice("precision", self.precision, get_args(Precision))

    def updates(self, samples: int) -> int:
        """Return how many updates a task with so many training samples gets."""
        return self.steps or self.epochs * -(-samples // self.batch)

    def ends_pass(self, update: int, samples: int) -> bool:
        """Return whether a pass over so many samples ends with this update, counted from 1."""
        return update % -(-samples // self.batch) == 0

    def evaluation_updates(self, updates: int) -> set[int]:
        """Return after which of a task's updates to evaluate: evenly, and always after the last."""
        times = min(self.evaluations, updates)
        return {-(-updates * k // times) for k in range(1, times + 1)}

    def make_optimizer(self, values: Tensor, grads: Tensor) -> Adam | SGD:
        """Return a fresh optimizer of these weights along this gradient."""
        if self.optimizer == "sgd":
            return SGD(values, grads, self.lr, self.weight_decay, self.momentum)
        return Adam(values, grads, self.lr, self.weight_decay, self.optimizer == "adamw")


register_defaults(Schedule)


@contextmanager
def use_threads(schedule: Schedule, model: nn.Module, small: int = SMALL) -> Iterator[None]:
    """Set PyTorch's threads for the time of the block: one for small networks."""
    with own_threads(_wanted(schedule, model, small)):
        yield


def with_threads(
    schedule: Schedule, model: nn.Module, steps: Generator[int], small: int = SMALL
) -> Generator[int]:
    """Yield what `steps` yields, which runs under `use_threads`; at each pause they are as before.

    >>> import torch
    >>> before = torch.get_num_threads()
    >>> def found() -> Generator[int]:
    ...     yield torch.get_num_threads()
    >>> steps = with_threads(Schedule(threads=3), nn.Linear(2, 1), found())
    >>> next(steps), torch.get_num_threads() == before
    (3, True)
    """
    wanted = _wanted(schedule, model, small)
    return within(steps, lambda: own_threads(wanted)) if wanted else steps


def _wanted(schedule: Schedule, model: nn.Module, small: int) -> int | None:
    """Return how many threads training takes; None: as many as there are."""
    few = sum(weight.numel() for weight in trainable(model).values()) < small
    return schedule.threads or (1 if few else None)
