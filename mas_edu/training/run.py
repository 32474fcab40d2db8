"""`Training`: a run over a stream of tasks that may pause, be looked at, end and go on."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mas_edu._common import as_float, as_instance, as_seed
from mas_edu.data import Stream, Task
from mas_edu.importance import NotFiniteError
from mas_edu.methods import Anchor, Method, check_same_weights
from mas_edu.networks import (
    Params,
    as_module,
    check_finite_weights,
    device_of,
    mlp,
    snapshot,
    trainable,
    unflatten,
)
from mas_edu.results import Record
from mas_edu.training.flat_params import flattened
from mas_edu.training.loop import (
    DivergedError,
    accuracies,
    check_model_fits,
    task_seed,
    train_steps,
)
from mas_edu.training.provenance import fingerprint_batches, fingerprint_model, fingerprint_task
from mas_edu.training.schedule import Schedule, use_threads

HIDDEN = 64  # units of the network that is made when none is given


class Training:
    """A run, step by step: iterating trains, and `record` may be asked at any time.

    Arguments as in `learn`. Each iteration is one update and gives the number done so far; between
    two of them the run may pause for any time, or end. Iterating again after a break repeats the
    task that was not finished, and gives what an unbroken run would have given.

    >>> from mas_edu import methods
    >>> from mas_edu.data import streams
    >>> run = Training(streams.rotated("digits", tasks=2), methods.MAS(), 0.1)
    >>> run.total
    820
    >>> next(iter(run))
    1
    """

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
        self.brought = model is not None
        if model is None:
            self.model: nn.Module = mlp([stream.features, HIDDEN, stream.outputs], self.seed)
        else:
            made = _made(model, self.seed) if _makes(model) else model
            self.model = copy.deepcopy(as_module(made))  # what was brought stays as it is
        check_finite_weights(self.model)
        check_model_fits(self.model, stream[0].x, stream.outputs)
        self.given = None if anchor is None else _suited(anchor, self.model)
        self.method.check_ready(self.model, stream, self.given)
        self.notes = self.method.notes(stream) | ({"anchor": anchor.code} if anchor else {})
        self.counts = [self.schedule.updates(len(task.x)) for task in stream]
        self.total = sum(self.counts)
        self.anchor = self.given
        self.initial = accuracies(self.model, list(stream))
        self.rows: list[NDArray[np.float64]] = []
        self.validations: list[NDArray[np.float64]] = []
        self.omegas: list[Params] = []
        self.steps: list[int] = [0]
        self.curve: list[NDArray[np.float64]] = [self.initial]
        self.seconds, self.omega_seconds, self.side_by_side = 0.0, 0.0, 1
        self.start = _state(self.model)
        self.evidence = self._evidence()

    @property
    def label(self) -> str:
        """The run in a legend."""
        return Record(np.zeros((1, 1)), settings=self.settings).label

    @property
    def record(self) -> Record:
        """What is known so far; rows of unfinished tasks are NaN."""
        tasks = len(self.stream)
        return Record(
            accuracy=_matrix(self.rows, tasks),
            initial=self.initial,
            validation=_matrix(self.validations, tasks) if self.validations else None,
            steps=np.array(self.steps),
            curve=np.array(self.curve),
            omegas=tuple(self.omegas),
            weights=_state(self.model),
            memory=self.anchor.memory if self.anchor else {},
            names=tuple(task.name for task in self.stream),
            settings=self.settings,
            seconds=self.seconds,
            omega_seconds=self.omega_seconds,
            side_by_side=self.side_by_side,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What to know to run it again, and by what to see what it started from and saw."""
        return {
            "stream": {"name": self.stream.name, **self.stream.settings},
            "shape": list(self.stream.shape),
            "method": repr(self.method),
            "lam": self.lam if self.method.penalised else None,
            "seed": self.seed,
            "schedule": asdict(self.schedule),
            "model": str(self.model) if self.brought else f"mlp, hidden layer of {HIDDEN}",
            "updates": self.counts,
            "evidence": self.evidence,
            "torch": torch.__version__,
            **self.notes,
        }

    def _evidence(self) -> dict[str, Any]:
        """By what it can be seen whether another run had the same start and saw the same."""
        samples = [sum(len(task.x) for task in self.data(i)) for i in range(len(self.stream))]
        return {
            "start": fingerprint_model(self.model),
            "tasks": [fingerprint_task(task) for task in self.stream],
            "batches": [
                fingerprint_batches(samples[i], self.schedule.batch, count, task_seed(self.seed, i))
                for i, count in enumerate(self.counts)
            ],
            "rehearses": self.method.rehearses,
        }

    def __iter__(self) -> Generator[int]:
        self.back_to_task_start()
        begun = time.perf_counter() - self.seconds
        own_randomness = torch.random.fork_rng() if self.brought else nullcontext()
        with own_randomness, use_threads(self.schedule, self.model), flattened(self.model) as flat:
            for i in range(len(self.rows), len(self.stream)):
                count, done = self.counts[i], sum(self.counts[:i])
                if self.brought:
                    torch.manual_seed(self.seed + i)  # for dropout in the model that was brought
                generator = torch.Generator().manual_seed(task_seed(self.seed, i))
                trace = None
                if self.method.needs_trace:
                    trace = self.method.start(flat.values.detach().clone(), self.anchor)
                steps = train_steps(
                    self.model,
                    flat,
                    self.data(i),
                    self.schedule,
                    self.anchor,
                    self.lam,
                    generator,
                    count,
                    partial(self.method.after_step, trace) if self.method.needs_trace else None,
                )
                for step in steps:
                    if step in self.moments(i):
                        self.measured(done + step, accuracies(self.model, list(self.stream)))
                    self.seconds = time.perf_counter() - begun
                    if step < count:  # the last update of a task is reported with its Ω
                        yield done + step
                self.task_learned(trace)
                self.seconds = time.perf_counter() - begun
                yield done + count

    def data(self, i: int) -> list[Task]:
        """What is trained on while task i is learned."""
        return list(self.stream)[: i + 1] if self.method.rehearses else [self.stream[i]]

    def moments(self, i: int) -> set[int]:
        """After which updates of task i to measure: evenly, and always after the last."""
        times = self.schedule.evaluations
        return {-(-self.counts[i] * k // times) for k in range(1, times + 1)}

    def measured(self, done: int, accuracy: NDArray[np.float64]) -> None:
        """Add a point to the curves."""
        self.steps.append(done)
        self.curve.append(accuracy)

    def task_learned(self, trace: Any = None) -> None:
        """Hold on to what the method says of the present task, and close its row of the matrix.

        `trace`: what the method noted step by step, if it watches training.
        """
        task, begun = self.stream[len(self.rows)], time.perf_counter()
        try:
            anchor = self.method.after_task(self.model, task, self.anchor, trace)
        except NotFiniteError as error:
            raise DivergedError(f"training diverged in task {task.name!r}: {error}") from error
        omega_seconds = time.perf_counter() - begun
        validated = all(task.x_val is not None for task in self.stream)
        validation = [accuracies(self.model, list(self.stream), "val")] if validated else []
        self.start = _state(self.model)
        self.anchor = anchor  # all at once, at the end: an interruption finds a whole task, or none
        self.omegas += [anchor.omega] if anchor else []
        self.validations += validation
        self.omega_seconds += omega_seconds
        self.rows.append(self.curve[-1])

    def back_to_task_start(self) -> None:
        """Forget a task begun but not finished: weights and curve as they were before it."""
        self.model.load_state_dict(self.start)
        points = sum(step <= sum(self.counts[: len(self.rows)]) for step in self.steps)
        del self.steps[points:], self.curve[points:]

    def resume(self, record: Record) -> None:
        """Go on from an earlier, unfinished record of the same run."""
        finished = record.finished
        self.rows = list(record.accuracy[:finished])
        self.validations = [] if record.validation is None else list(record.validation[:finished])
        self.steps, self.curve = record.steps.tolist(), list(record.curve)
        self.seconds, self.start = record.seconds, record.weights
        self.omega_seconds, self.side_by_side = record.omega_seconds, record.side_by_side
        self.back_to_task_start()
        device = device_of(self.model)
        self.omegas = [{name: w.to(device) for name, w in omega.items()} for omega in record.omegas]
        memory = {name: value.to(device) for name, value in record.memory.items()}
        self.anchor = None if self.rows else self.given
        if self.omegas:  # θ* is where the weights are, unless the method keeps another
            kept = "theta" in memory
            theta = unflatten(self.model, memory["theta"]) if kept else snapshot(self.model)
            self.anchor = Anchor(theta, self.omegas[-1], memory)


def _matrix(rows: list[NDArray[np.float64]], tasks: int) -> NDArray[np.float64]:
    """The rows measured so far, the others NaN, `[T, T]`."""
    return np.array([*rows, *np.full((tasks - len(rows), tasks), np.nan)])


def _state(model: nn.Module) -> Params:
    """A copy of all weights and buffers."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _made(make: Callable[[int], nn.Module], seed: int) -> nn.Module:
    """The model of that seed, the same each time, also where `make` does not use the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make(seed)


def _suited(anchor: Anchor, model: nn.Module) -> Anchor:
    """The anchor, once it fits the model, where the model's weights are."""
    as_instance("anchor", anchor, Anchor, "me.Anchor(me.snapshot(model), omega)")
    weights = trainable(model)
    check_same_weights("anchor", anchor.theta, "model", dict(weights))
    theta, omega = (
        {name: own[name].to(weight) for name, weight in weights.items()}
        for own in (anchor.theta, anchor.omega)
    )
    return Anchor(theta, omega, anchor.memory)


def _makes(model: object) -> TypeGuard[Callable[[int], nn.Module]]:
    """Whether it is no model, but makes one from a seed."""
    return callable(model) and not isinstance(model, nn.Module)
