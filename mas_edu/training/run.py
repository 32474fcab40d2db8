"""`Training`: a run over a stream of tasks that may pause, be looked at, end and resume."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mas_edu._common import as_float, as_instance, as_int, as_seed
from mas_edu.data import Stream, Task
from mas_edu.importance import NotFiniteError
from mas_edu.methods import Anchor, Method
from mas_edu.networks import (
    Params,
    check_finite_weights,
    check_model_fits,
    device_of,
    enable_gradients,
    in_main_thread,
    load_whole_state,
    may_draw,
    mlp,
    snapshot,
    unflatten,
    whole_state,
    with_gradients,
)
from mas_edu.results import Record
from mas_edu.training.batches import task_seed
from mas_edu.training.chain import is_chain
from mas_edu.training.evaluation import measure_accuracies
from mas_edu.training.flat_params import flattened
from mas_edu.training.history import History
from mas_edu.training.loop import DivergedError, train_steps
from mas_edu.training.moving_statistics import StatisticsWatch
from mas_edu.training.provenance import fingerprint_batches, fingerprint_model, fingerprint_task
from mas_edu.training.randomness import with_own_generators, with_own_randomness
from mas_edu.training.schedule import Schedule, with_threads
from mas_edu.training.start import starting_anchor, starting_model

HIDDEN = 64  # units of the network that is made when none is given


class Training:
    """A run, step by step: iterating trains, and `record` may be asked at any time.

    Arguments as in `learn`. Each iteration makes one update and yields the number done so
    far; between two of them the run may pause for any time, or end. Iterating again after a break
    repeats the task that was not finished; the results are those of an unbroken run.

    >>> from mas_edu import methods
    >>> from mas_edu.data import streams
    >>> run = Training(streams.rotated("digits", tasks=2), methods.MAS(), 0.1)
    >>> next(iter(run))
    1
    """

    @enable_gradients()
    def __init__(
        self,
        stream: Stream,
        method: Method,
        lam: float = 0.1,
        *,
        seed: int = 0,
        schedule: Schedule | None = None,
        model: nn.Module | Callable[[int], nn.Module] | None = None,
        anchor: Anchor | None = None,
    ) -> None:
        self.stream = as_instance("stream", stream, Stream, "me.rotated()")
        self.method = as_instance("method", method, Method, "me.MAS()")
        self.lam, self.seed = as_float("lam", lam), as_seed(seed)
        schedule = Schedule() if schedule is None else schedule
        self.schedule = as_instance("schedule", schedule, Schedule, "me.Schedule()")
        self._model_given = model is not None
        if model is None:
            self.model: nn.Module = mlp([stream.features, HIDDEN, stream.outputs], self.seed)
        else:
            self.model = starting_model(model, self.seed)
        check_finite_weights(self.model)
        check_model_fits(self.model, stream[0].x, stream.outputs)
        self._first_anchor = None if anchor is None else starting_anchor(anchor, self.model)
        self.anchor = self._first_anchor
        self.method.check_ready(self.model, stream, self.anchor)
        protects = self.lam > 0 and self.method.penalised and bool(anchor or len(stream) > 1)
        self._watch = StatisticsWatch(self.model, protects)
        self._notes = self.method.notes(stream) | ({"anchor": anchor.code} if anchor else {})
        self._updates = [self.schedule.updates(len(task.y)) for task in stream]
        self._history = History(self._accuracies())
        self._checkpoint = whole_state(self.model)  # as the present task began
        self._provenance = self._fingerprints()

    @enable_gradients()
    def with_lam(self, lam: float) -> Training:
        """Return this run with another λ, not begun; not where a model or an anchor was given."""
        run = copy.copy(self)
        run.lam, run.model = as_float("lam", lam), copy.deepcopy(self.model)
        run._history = History(self.initial)
        return run

    @property
    def label(self) -> str:
        """Return the name of the run in a legend."""
        return Record(np.zeros((1, 1)), settings=self.settings).label

    @property
    def total(self) -> int:
        """Count the updates of the whole run."""
        return sum(self._updates)

    @property
    def finished(self) -> int:
        """Count the tasks that are finished."""
        return self._history.finished

    @property
    def is_complete(self) -> bool:
        """Return whether all tasks are finished."""
        return self.finished == len(self.stream)

    @property
    def initial(self) -> NDArray[np.float64]:
        """Return the accuracies before any training, `[T]`."""
        return self._history.initial

    @property
    def last_evaluation(self) -> int:
        """Return the update after which accuracies were last measured."""
        return self._history.steps[-1]

    @property
    def record(self) -> Record:
        """Return what is known so far; rows of unfinished tasks are NaN."""
        return Record(
            **self._history.as_fields(),
            weights=whole_state(self.model),
            memory=self.anchor.memory if self.anchor else {},
            names=tuple(task.name for task in self.stream),
            settings=self.settings,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """Return what is needed to run it again, with fingerprints of start, data and batches."""
        return {
            "stream": {"name": self.stream.name, **self.stream.settings},
            "shape": list(self.stream.shape),
            "method": repr(self.method),
            "lam": self.lam if self.method.penalised else None,
            "seed": self.seed,
            "schedule": asdict(self.schedule),
            "model": str(self.model) if self._model_given else f"mlp, hidden layer of {HIDDEN}",
            "updates": list(self._updates),
            "evidence": copy.deepcopy(self._provenance),
            "torch": torch.__version__,
            **self._notes,
        }

    def _fingerprints(self) -> dict[str, Any]:
        """Return the fingerprints by which runs are compared."""
        samples = [sum(len(t.y) for t in self.training_tasks(i)) for i in range(len(self.stream))]
        return {
            "start": fingerprint_model(self.model),
            "tasks": [fingerprint_task(task) for task in self.stream],
            "batches": [
                fingerprint_batches(samples[i], self.schedule.batch, count, task_seed(self.seed, i))
                for i, count in enumerate(self._updates)
            ],
            "rehearses": self.method.rehearses,
        }

    def updates_of(self, i: int) -> int:
        """Return how many updates task i gets."""
        return self._updates[as_int("i", i, 0, len(self._updates) - 1)]

    def updates_until(self, i: int) -> int:
        """Return how many updates are made before task i begins."""
        return sum(self._updates[: as_int("i", i, 0, len(self._updates))])

    def training_tasks(self, i: int) -> list[Task]:
        """Return the tasks that are trained on while task i is learned."""
        return list(self.stream)[: i + 1] if self.method.rehearses else [self.stream[i]]

    def __iter__(self) -> Generator[int]:
        return with_gradients(with_threads(self.schedule, self.model, self._steps()))

    def _steps(self) -> Generator[int]:
        """Return the updates, with random numbers of their own for a network that was given."""
        if not self._model_given:
            return self._train()
        if in_main_thread():
            return with_own_randomness(self._train(torch.manual_seed))
        return with_own_generators(self._train) if may_draw(self.model, True) else self._train()

    def _train(self, seed: Callable[[int], object] | None = None) -> Generator[int]:
        """Train what is not finished, update by update; yield the number done so far.

        `seed`: called before each task, with the seed of its random numbers.
        """
        self.restart_task()
        begun = time.perf_counter() - self._history.seconds
        for i in range(self.finished, len(self.stream)):
            count, before, trace = self._updates[i], self.updates_until(i), None
            evaluated = self.schedule.evaluation_updates(count)
            if seed:
                seed(self.seed + i)  # for dropout in the model that was given
            with flattened(self.model) as flat:  # a method may put other weights in their place
                if self.method.needs_trace:
                    trace = self.method.start(flat.values.detach().clone(), self.anchor)
                steps = train_steps(
                    self.model,
                    flat,
                    self.training_tasks(i),
                    self.schedule,
                    self.anchor,
                    self.lam,
                    task_seed(self.seed, i),
                    count,
                    partial(self.method.after_step, trace) if self.method.needs_trace else None,
                )
                for step in steps:
                    if step in evaluated:
                        self.add_point(before + step, self._accuracies())
                    self._history.seconds = time.perf_counter() - begun
                    if step < count:  # the last update of a task is reported with its Ω
                        yield before + step
            self.finish_task(trace)
            self._history.seconds = time.perf_counter() - begun
            yield before + count

    def _accuracies(self, part: str = "test") -> NDArray[np.float64]:
        """Return the accuracies of the model as it is, `[T]`."""
        model = self.model
        return measure_accuracies(model, model, self.stream.tasks, part, together=is_chain(model))

    def add_point(self, update: int, accuracy: NDArray[np.float64]) -> None:
        """Add the accuracies after this update, `[T]`, to the curves."""
        self._history.add_point(update, accuracy)

    def finish_task(
        self,
        trace: Any = None,
        validation: NDArray[np.float64] | None = None,
        omega: Params | None = None,
    ) -> None:
        """Take Ω and θ* from the method, and close the row of the present task.

        Args:
            trace: what the method noted step by step, if it watches training.
            validation: accuracies on the validation parts, `[T]`, where they are measured already.
            omega: Ω of this task, where it is computed already.

        Raises:
            DivergedError: if Ω is not finite.
        """
        if validation is None and self.stream.has_validation:  # of the weights that were tested
            validation = self._accuracies("val")
        task, begun = self.stream[self.finished], time.perf_counter()
        try:
            if omega is None:
                anchor = self.method.after_task(self.model, task, self.anchor, trace)
            else:
                anchor = self.method.next_anchor(self.model, omega, self.anchor)
        except NotFiniteError as error:
            raise DivergedError(f"training diverged in task {task.name!r}: {error}") from error
        omega_seconds = time.perf_counter() - begun
        self._watch.finish_task(self.model, protected=self.anchor is not None)
        self._checkpoint = whole_state(self.model)
        self.anchor = anchor  # all at once, at the end: an interruption finds a whole task, or none
        self._history.finish_task(anchor.omega if anchor else None, validation, omega_seconds)

    def restart_task(self) -> None:
        """Drop a task begun but not finished: weights and curve become those before it."""
        load_whole_state(self.model, self._checkpoint)
        self._history.drop_after(self.updates_until(self.finished))

    def add_share(self, seconds: float, omega_seconds: float, side_by_side: int) -> None:
        """Add the run's share of the time in which so many runs were trained side by side."""
        self._history.add_share(seconds, omega_seconds, side_by_side)

    def resume(self, record: Record) -> None:
        """Go on from an earlier, unfinished record of the same run."""
        self._history = History.of(record, self.initial, device_of(self.model))
        self._checkpoint = record.weights
        self.restart_task()
        memory = {name: value.to(device_of(self.model)) for name, value in record.memory.items()}
        self.anchor = None if self.finished else self._first_anchor
        if record.omegas:  # θ* is where the weights are, unless the method keeps another
            kept = memory.get("theta")
            theta = snapshot(self.model) if kept is None else unflatten(self.model, kept)
            self.anchor = Anchor(theta, self._history.omegas[-1], memory)
