"""Runs one by one in other processes, or on other machines, through joblib.

Where they run is the caller's choice: `n_jobs`, or `joblib.parallel_config`. The stream's tensors
are the same for all runs: they travel as arrays, which joblib lays out once for all processes of
a machine, instead of once for each run.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mas_edu.data import Stream, Task
from mas_edu.results import Record
from mas_edu.training.loop import DivergedError
from mas_edu.training.provenance import PARTS
from mas_edu.training.run import Training
from mas_edu.training.sweeps.store import RunStore

ALONE = threading.Lock()  # threads of one process share its random state and thread count


def worker_count(n_jobs: int | None) -> int:
    """How many runs may go at a time, by this number or as joblib is configured."""
    import joblib

    return int(joblib.effective_n_jobs(n_jobs))


def train_parallel(runs: Sequence[Training], store: RunStore, n_jobs: int | None) -> Generator[int]:
    """Train all runs to their end; gives, for each that comes back, how many updates it made.

    A run that diverges comes back with the tasks it finished before.
    """
    import joblib

    backend, _ = joblib.parallel.get_active_backend()
    comes = "generator_unordered" if backend.supports_return_generator else "list"
    stream, arrays = _apart(runs[0].stream)
    jobs = (
        joblib.delayed(_there)(i, {**vars(run), "stream": None}, store, stream, *arrays)
        for i, run in enumerate(runs)
    )
    before = [len(run.rows) for run in runs]
    with _closing(joblib.Parallel(n_jobs=n_jobs, return_as=comes)(jobs)) as results:
        for i, record in results:
            made = sum(runs[i].counts[before[i] : record.finished])
            if record.finished:
                runs[i].resume(record)
            store.save(runs[i])
            yield made


@contextmanager
def _closing(results: Iterable[Any]) -> Iterator[Iterable[Any]]:
    """Call off what is not needed any more, without joblib's advice about it."""
    try:
        yield results
    finally:
        if isinstance(results, Generator):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=r"\d+ tasks ")
                results.close()


def train_alone(run: Training, store: RunStore) -> Generator[int]:
    """Train the run to its end, storing it after each task; gives 1 after each update.

    A run that diverges stays where it was before the task.
    """
    finished = len(run.rows)
    try:
        for _ in run:
            if len(run.rows) > finished:
                finished = len(run.rows)
                store.save(run)
            yield 1
    except DivergedError:
        run.back_to_task_start()


def _there(
    i: int,
    state: dict[str, Any],
    store: RunStore,
    stream: dict[str, Any],
    *arrays: NDArray[Any] | None,
) -> tuple[int, Record]:
    """What happens in the other process, on one thread: the processes share the cores."""
    run = Training.__new__(Training)
    with ALONE:
        vars(run).update(state, stream=_joined(stream, arrays))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            for _ in train_alone(run, store):
                pass
        finally:
            torch.set_num_threads(threads)
    return i, run.record


def _apart(stream: Stream) -> tuple[dict[str, Any], list[NDArray[Any] | None]]:
    """The stream without its tensors, and the tensors as arrays."""
    tasks = [{"name": task.name, "classes": task.classes} for task in stream]
    tensors = [getattr(task, part) for task in stream for part in PARTS]
    arrays = [None if tensor is None else tensor.numpy(force=True) for tensor in tensors]
    return {**vars(stream), "tasks": tasks}, arrays


def _tensor(array: NDArray[Any]) -> Tensor:
    """The array as a tensor that lies in memory as PyTorch's own do.

    Elsewhere sums may differ in their last digits. What is shared by processes is left where it is.
    """
    tensor = torch.from_numpy(array)
    fits = tensor.data_ptr() % 64 == 0 or isinstance(array, np.memmap)
    return tensor if fits else tensor.clone()


def _joined(stream: dict[str, Any], arrays: Sequence[NDArray[Any] | None]) -> Stream:
    """The stream with its tensors again."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable")  # nobody writes to them
        tensors = [None if array is None else _tensor(array) for array in arrays]
    parts = [tensors[i : i + len(PARTS)] for i in range(0, len(tensors), len(PARTS))]
    tasks: list[Any] = [
        Task(**{**about, **dict(zip(PARTS, mine, strict=True))})
        for about, mine in zip(stream["tasks"], parts, strict=True)
    ]
    return Stream(**{**stream, "tasks": tuple(tasks)})
