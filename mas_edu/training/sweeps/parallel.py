"""Runs one by one in other processes, or on other machines, through joblib.

The caller chooses where: `n_jobs`, or `joblib.parallel_config`. The stream's tensors are the same
for all runs: they travel as arrays, which joblib maps into memory once for all processes of a
machine, instead of once for each run.

Workers do not outlive the process that they train for: if it is killed they end at once, and what
they have stored is whole. If one of them is killed, as for want of memory, the sweep ends early.
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import threading
import time
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mas_edu._common import children_without_ctrl_c
from mas_edu.data import Stream, Task
from mas_edu.networks import own_threads
from mas_edu.results import Record
from mas_edu.training.loop import DivergedError
from mas_edu.training.provenance import PARTS
from mas_edu.training.run import Training
from mas_edu.training.sweeps.store import RunStore

ONE_AT_A_TIME = threading.Lock()  # threads of one process share its random state and thread count
WATCHER = "mas_edu: ends with its parent"  # the name of a thread
SECONDS_TO_NOTICE = 0.5  # that the parent was killed


class WorkerKilledError(RuntimeError):
    """A process that trained a run was killed, perhaps for want of memory."""


def worker_count(n_jobs: int | None) -> int:
    """Return how many runs may train at a time, by this number or as joblib is configured."""
    import joblib

    return int(joblib.effective_n_jobs(n_jobs))


def train_parallel(runs: Sequence[Training], store: RunStore, n_jobs: int | None) -> Generator[int]:
    """Train all runs to their end; yield, for each that returns, its number of updates.

    A run that diverges returns with the tasks it finished before.

    Raises:
        WorkerKilledError: if a worker was killed; runs that returned are kept.
    """
    import joblib
    from joblib.externals.loky.backend import resource_tracker

    backend, _ = joblib.parallel.get_active_backend()
    returned = "generator_unordered" if backend.supports_return_generator else "list"
    description, arrays = _take_apart(runs[0].stream)
    jobs = (
        joblib.delayed(_train_in_worker)(
            i, _with_stream(run, None), store, os.getpid(), description, *arrays
        )
        for i, run in enumerate(runs)
    )
    before = [run.updates_until(run.finished) for run in runs]
    resource_tracker.ensure_running()  # loky's own; else a worker starts it and unblocks Ctrl-C
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as=returned)
    with children_without_ctrl_c() if returned != "list" else nullcontext():
        begun = parallel(jobs)
    with _closing(begun) as results:
        for i, record in results:
            updates = runs[i].updates_until(record.finished) - before[i]
            if record.finished:
                runs[i].resume(record)
            store.save(runs[i])
            yield updates


@contextmanager
def _closing(results: Iterable[Any]) -> Iterator[Iterable[Any]]:
    """Cancel what is no longer needed, without joblib's warning about it."""
    try:
        yield results
    except Exception as error:
        # of loky and of dask; the latter is not a package that is always there
        if isinstance(error, BrokenProcessPool) or type(error).__name__ == "KilledWorker":
            raise WorkerKilledError(str(error)) from error
        raise
    finally:
        if isinstance(results, Generator):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=r"\d+ tasks ")
                results.close()


def train_alone(run: Training, store: RunStore) -> Generator[int]:
    """Train the run to its end, storing it after each task; yield 1 after each update.

    A run that diverges stays where it was before the task.
    """
    finished = run.finished
    try:
        for _ in run:
            if run.finished > finished:
                finished = run.finished
                store.save(run)
            yield 1
    except DivergedError:
        run.restart_task()


def _train_in_worker(
    i: int,
    run: Training,
    store: RunStore,
    sender: int,
    description: dict[str, Any],
    *arrays: NDArray[Any] | None,
) -> tuple[int, Record]:
    """Train a run in another process, on one thread: the processes share the cores."""
    _end_with(sender)
    with ONE_AT_A_TIME:
        run = _with_stream(run, _put_together(description, arrays))
        with own_threads(1):
            for _ in train_alone(run, store):
                pass
    return i, run.record


def _with_stream(run: Training, stream: Stream | None) -> Training:
    """Return the same run with this stream; None: it travels apart from the run."""
    run = copy.copy(run)
    run.stream = stream  # type: ignore[assignment]
    return run


def _end_with(sender: int) -> None:
    """Let this process end when the one that sent the job does, if it is a child of that one.

    joblib's workers would wait for minutes for further jobs.
    """
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid != sender:  # a thread of it, or a process of a cluster
        return
    if all(thread.name != WATCHER for thread in threading.enumerate()):
        threading.Thread(None, _watch, WATCHER, (sender,), daemon=True).start()


def _watch(parent: int) -> None:
    """End this process, whatever it does, once its parent is another one or none."""
    import psutil

    while os.getppid() == parent and psutil.pid_exists(parent):  # Windows keeps the number
        time.sleep(SECONDS_TO_NOTICE)
    os._exit(1)


def _take_apart(stream: Stream) -> tuple[dict[str, Any], list[NDArray[Any] | None]]:
    """Return the stream without its tensors, and the tensors as arrays."""
    tasks = [{"name": task.name, "classes": task.classes} for task in stream]
    tensors = [getattr(task, part) for task in stream for part in PARTS]
    arrays = [None if tensor is None else tensor.numpy(force=True) for tensor in tensors]
    return {**vars(stream), "tasks": tasks}, arrays


def _as_tensor(array: NDArray[Any]) -> Tensor:
    """Return the array as a tensor, aligned in memory as PyTorch's own are.

    Otherwise sums may differ in their last digits. Memory shared by processes is not copied.
    """
    tensor = torch.from_numpy(array)
    fits = tensor.data_ptr() % 64 == 0 or isinstance(array, np.memmap)
    return tensor if fits else tensor.clone()


def _put_together(description: dict[str, Any], arrays: Sequence[NDArray[Any] | None]) -> Stream:
    """Return the stream with its tensors again."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable")  # they are only read
        tensors = [None if array is None else _as_tensor(array) for array in arrays]
    parts = [tensors[i : i + len(PARTS)] for i in range(0, len(tensors), len(PARTS))]
    tasks: list[Any] = [
        Task(**{**task, **dict(zip(PARTS, own, strict=True))})
        for task, own in zip(description["tasks"], parts, strict=True)
    ]
    return Stream(**{**description, "tasks": tuple(tasks)})
