"""Sweeps that kill themselves with SIGKILL, each in a process of its own: see test_sweep_kill.

`python -m tests.support.killed_sweeps FOLDER` runs one for each moment, its store is
FOLDER/moment.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, storage
from mas_edu.training.sweeps import store as stores

TASKS, STEPS, LAMS, SEEDS = 3, 5, (0.0, 1.0), (0, 1)
SCHEDULE = me.Schedule(steps=STEPS, evaluations=1)
Prepare = Callable[[], dict[str, Any]]


def noisy(seed: int) -> nn.Module:
    """Return a network that cannot be batched."""
    return nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 10))


def sweep(store: Path | None, batched: bool, stop: Callable[[], bool] = lambda: False, **more: Any):
    """Sweep four runs of three tasks of five updates."""
    stream = me.rotated("digits", TASKS, step=45, samples=60)
    model = None if batched else noisy
    return me.sweep(
        stream, me.MAS(), LAMS, SEEDS, schedule=SCHEDULE, model=model, store=store, progress=False,
        stop=stop, **more,
    )  # fmt: skip


def die(*_: object) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def at_update(number: int) -> Prepare:
    """Die after so many updates."""

    def prepare() -> dict[str, Any]:
        left = iter(range(number - 1))
        return {"stop": lambda: next(left, None) is None and die()}

    return prepare


def in_remove(number: int, after: bool) -> Prepare:
    """Die in the n-th removal of an older record: before or after it does its work."""

    def prepare() -> dict[str, Any]:
        whole, left = stores._remove, iter(range(number - 1))

        def dying(folder: Path) -> None:
            last = next(left, None) is None
            if last and not after:
                die()
            whole(folder)
            if last:
                die()

        stores._remove = dying
        return {}

    return prepare


def in_write(name: str, number: int, half: bool) -> Prepare:
    """Die in the n-th writing of a file of this name: with half of it, or just after it is whole.

    Half of it lies on the disk under its temporary name.
    """

    def prepare() -> dict[str, Any]:
        whole, left = storage.write_whole, iter(range(number - 1))

        def dying(path: Path, writing: Callable[[Path], object]) -> None:
            last = path.name == name and next(left, None) is None

            def halfway(fresh: Path) -> None:
                writing(fresh)
                os.truncate(fresh, fresh.stat().st_size // 2)
                die()

            whole(path, halfway if last and half else writing)
            if last:
                die()

        storage.write_whole = dying
        return {}

    return prepare


# Each record is two files, the JSON appears last; four records a task when side by side.
MOMENTS: dict[str, tuple[bool, Prepare]] = {
    "batched-before-anything": (True, at_update(2)),
    "batched-in-task-2": (True, at_update(STEPS + 2)),
    "batched-at-a-boundary": (True, at_update(2 * STEPS)),
    "batched-tensors-half": (True, in_write(TENSORS, 6, half=True)),  # task 2, second run
    "batched-json-half": (True, in_write(TEXT, 6, half=True)),
    "batched-between-files": (True, in_write(TENSORS, 6, half=False)),
    "batched-before-it-has-its-name": (True, in_write(TEXT, 6, half=False)),
    "batched-before-the-older-goes": (True, in_remove(2, after=False)),
    "batched-after-the-older-went": (True, in_remove(2, after=True)),
    "batched-last-record": (True, in_write(TENSORS, 12, half=True)),
    "alone-in-task-2": (False, at_update(STEPS + 2)),
    "alone-in-run-2": (False, at_update(TASKS * STEPS + STEPS + 1)),
    "alone-tensors-half": (False, in_write(TENSORS, 5, half=True)),  # run 2, task 2
    "alone-between-files": (False, in_write(TENSORS, 5, half=False)),
    "alone-before-the-older-goes": (False, in_remove(1, after=False)),
}


def main(folder: Path) -> None:
    """Run one process for each moment; they share the time of all imports."""
    torch.set_num_threads(1)
    importlib.import_module("torch._dynamo")  # seconds, at the first update otherwise
    me.rotated("digits", 1)  # loads the data once
    for name, (batched, prepare) in MOMENTS.items():
        child = os.fork()
        if not child:
            try:
                sweep(folder / name, batched, **prepare())
                print(f"{name}: came to its end", flush=True)
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        status = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(status), f"{name} was not killed"
        assert os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    main(Path(sys.argv[1]))
