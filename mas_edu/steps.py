"""One task, update by update: the task loss by autograd, the penalty added to its gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from mas_edu.flat import Flat
from mas_edu.params import evaluating, place
from mas_edu.penalty import Anchor, fit
from mas_edu.schedule import Schedule
from mas_edu.streams import Task


class DivergedError(ArithmeticError):
    """Training led to numbers that are not finite."""


def updates(self, samples: int) -> int:
        """How many updates a task with so many training samples gets."""
        return self.steps or self.epochs * -(-samples // self.batch)

    def optimiser(self, weights: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        """A fresh optimiser, in its fused form."""
        shared: dict[str, Any] = {"lr": self.lr, "weight_decay": self.weight_decay, "fused": True}
        if self.optimizer == "sgd":
            return torch.optim.SGD(weights, momentum=self.momentum, **shared)
        kind = torch.optim.Adam if self.optimizer == "adam" else torch.optim.AdamW
        return kind(weights, **shared)


class DivergedError(ArithmeticError):
    """Training led to numbers that are not finite."""


def fit(
    model: nn.Module,
    task: Task,
    schedule: Schedule | None = None,
    *,
    anchor: Anchor | None = None,
    lam: float = 0.0,
    seed: int = 0,
) -> nn.Module:
    """Train the model on one task, in place: cross-entropy + (λ/2) · anchor.penalty(model).

    Args:
        model: any module from `[N, …]` to logits `[N, C]`.
        task: its training part is learned.
        schedule: None: `Schedule()`.
        anchor: what to stay near; None: nothing.
        lam: λ.
        seed: of the order of the samples.

    Raises:
        ValueError: if an argument is out of range or the anchor does not fit the model.
        DivergedError: if the loss is no longer finite.

    >>> from mas_edu import models, streams
    >>> task = streams.rotated("digits", tasks=1)[0]
    >>> model = fit(models.mlp([64, 32, 10]), task, Schedule(epochs=3))
    >>> bool(accuracies(model, [task])[0] > 0.8)
    True
    """
    schedule = schedule or Schedule()
    number("lam", lam)
    with flattened(model) as flat, threads(schedule, model):
        generator = torch.Generator().manual_seed(whole("seed", seed, 0))
        for _ in updates(model, flat, [task], schedule, anchor, lam, generator):
            pass
    return model


def learn(
    stream: Stream,
    method: Method,
    lam: float = 0.1,
    *,
    seed: int = 0,
    schedule: Schedule | None = None,
    model: nn.Module | Callable[[int], nn.Module] | None = None,
    progress: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> Record:
    """Learn the tasks of a stream one after the other, and measure what is left of each.

    Args:
        stream: the tasks.
        method: what to protect after each task, such as `MAS()`.
        lam: λ, how strongly; the loss is L_new + (λ/2) Σ Ω (θ − θ*)².
        seed: of the initial weights (when no model is given) and the order of the samples.
        schedule: how each task is trained; None: `Schedule()`.
        model: the network to start from; it is copied, not changed. Or what makes one from a
            seed. None: an MLP with one hidden layer of 64 units.
        progress: whether to show a progress bar.
        stop: asked after every update; True ends the run.

    Returns:
        The record. When interrupted (Ctrl-C, kernel stop, `stop`) or diverged, with a warning, the
        record of the tasks finished until then.

    >>> from mas_edu import methods, streams
    >>> stream = streams.rotated("digits", tasks=2, step=60)
    >>> record = learn(stream, methods.FineTune(), schedule=Schedule(epochs=3), progress=False)
    >>> bool(record.forgetting > 0.1)
    True
    """
    from tqdm.auto import tqdm

    run = Training(stream, method, lam, seed=seed, schedule=schedule, model=model)
    ended = ""
    try:
        with tqdm(total=run.total, disable=not progress, unit="update", desc=run.label) as bar:
            for done in run:
                bar.update(done - bar.n)
                if stop():
                    ended = "stopped"
                    break
    except KeyboardInterrupt:
        if not run.record.finished:
            raise
        ended = "interrupted"
    except DivergedError as error:
        ended = str(error)
    record = run.record
    if ended:
        warnings.warn(
            f"{ended}; {record.finished} of {len(stream)} tasks are finished and kept",
            stacklevel=2,
        )
    return record


class Training:
    """A run, step by step: iterating trains, and `record` may be asked at any time.

    Arguments as in `learn`. Each iteration is one update and gives the number done so far; between
    two of them the run may pause for any time, or end. Iterating again after a break repeats the
    task that was not finished, and gives what an unbroken run would have given.

    >>> from mas_edu import methods, streams
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
    ) -> None:
        if not isinstance(stream, Stream):
            raise ValueError(f"stream: expected a Stream, such as me.rotated(), got {stream!r}")
        if not isinstance(method, Method):
            raise ValueError(f"method: expected a Method, such as me.MAS(), got {method!r}")
        self.stream, self.method, self.lam = stream, method, number("lam", lam)
        self.seed, self.schedule = whole("seed", seed, 0), schedule or Schedule()
        self.brought = model is not None
        if model is None:
            self.model: nn.Module = mlp([stream.features, HIDDEN, stream.outputs], self.seed)
        else:
            self.model = copy.deepcopy(model) if isinstance(model, nn.Module) else model(self.seed)
        trainable(self.model)
        _check_output(self.model, stream)
        self.counts = [self.schedule.updates(len(task.x)) for task in stream]
        self.total = sum(self.counts)
        self.anchor: Anchor | None = None
        self.initial = accuracies(self.model, list(stream))
        self.rows: list[NDArray[np.float64]] = []
        self.validations: list[NDArray[np.float64]] = []
        self.omegas: list[Params] = []
        self.steps: list[int] = [0]
        self.curve: list[NDArray[np.float64]] = [self.initial]
        self.seconds = 0.0
        self.start = _state(self.model)

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
            names=tuple(task.name for task in self.stream),
            settings=self.settings,
            seconds=self.seconds,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What to know to run it again."""
        return {
            "stream": {"name": self.stream.name, **self.stream.settings},
            "shape": list(self.stream.shape),
            "method": repr(self.method),
            "lam": self.lam if self.method.penalised else None,
            "seed": self.seed,
            "schedule": asdict(self.schedule),
            "model": str(self.model) if self.brought else f"mlp, hidden layer of {HIDDEN}",
            "updates": self.counts,
            "torch": torch.__version__,
        }

    def __iter__(self) -> Generator[int]:
        self.back_to_task_start()
        begun = time.perf_counter() - self.seconds
        own_randomness = torch.random.fork_rng() if self.brought else nullcontext()
        with own_randomness, threads(self.schedule, self.model), flattened(self.model) as flat:
            for i in range(len(self.rows), len(self.stream)):
                count, done = self.counts[i], sum(self.counts[:i])
                if self.brought:
                    torch.manual_seed(self.seed + i)  # for dropout in the model that was brought
                generator = torch.Generator().manual_seed(task_seed(self.seed, i))
                steps = updates(
                    self.model,
                    flat,
                    self.data(i),
                    self.schedule,
                    self.anchor,
                    self.lam,
                    generator,
                    count,
                )
                for step in steps:
                    if step in self.moments(i):
                        self.measured(done + step, accuracies(self.model, list(self.stream)))
                    self.seconds = time.perf_counter() - begun
                    if step < count:  # the last update of a task is reported with its Ω
                        yield done + step
                self.task_learned()
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

    def task_learned(self) -> None:
        """Hold on to what the method says of the present task, and close its row of the matrix."""
        task = self.stream[len(self.rows)]
        self.anchor = self.method.after_task(self.model, task, self.anchor)
        self.omegas += [self.anchor.omega] if self.anchor else []
        self.rows.append(self.curve[-1])
        if all(task.x_val is not None for task in self.stream):
            self.validations.append(accuracies(self.model, list(self.stream), "val"))
        self.start = _state(self.model)

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
        self.omegas, self.seconds = list(record.omegas), record.seconds
        self.start = record.weights
        self.back_to_task_start()
        self.anchor = Anchor(snapshot(self.model), self.omegas[-1]) if self.omegas else None


def updates(
    model: nn.Module,
    flat: Flat,
    tasks: list[Task],
    schedule: Schedule,
    anchor: Anchor | None,
    lam: float,
    generator: torch.Generator,
    count: int | None = None,
) -> Iterator[int]:
    """Train on the given tasks together, one update an iteration; gives 1, 2, … `count`.

    The task loss goes into the gradient by autograd, the penalty is added to it: its gradient is
    λ Ω (θ − θ*), no graph needed.
    """
    x, y, masks = union(model, tasks)
    count = schedule.updates(len(x)) if count is None else count
    optimiser = schedule.optimiser([flat.values])
    pull = None
    if anchor is not None and lam != 0:
        fit("anchor", anchor.theta, "model", dict(flat.weights))
        pull = towards(flat, flat.vector(anchor.theta), lam * flat.vector(anchor.omega), schedule)
    kind = x.device.type
    bf16 = torch.autocast(kind, torch.bfloat16, enabled=schedule.precision == "bf16")
    model.train()
    step, loss = 0, torch.zeros(())
    while step < count:
        for rows in torch.randperm(len(x), generator=generator).split(schedule.batch):
            flat.grads.zero_()
            with bf16:
                logits = model(x[rows])
            if masks is not None:
                logits = logits.masked_fill(masks if masks.ndim == 1 else masks[rows], -torch.inf)
            loss = F.cross_entropy(logits.to(flat.values.dtype), y[rows])
            loss.backward()
            if pull and not schedule.proximal:
                pull()
            optimiser.step()
            if pull and schedule.proximal:
                pull()
            step += 1
            yield step
            if step == count:
                break
        if not bool(torch.isfinite(loss)):
            raise DivergedError(
                f"training diverged in task {tasks[-1].name!r}: the loss is no longer finite; "
                "lower lr or lam, or use Schedule(proximal=True)"
            )


def towards(flat: Flat, theta: Tensor, strength: Tensor, schedule: Schedule) -> Callable[[], None]:
    """What draws the weights to θ* at each update, with strength λ Ω for each of them."""
    values, scratch = flat.values.data, torch.empty_like(theta)
    if schedule.proximal:
        step = schedule.lr * strength
        weight = step / (1 + step)

        def proximal_step() -> None:
            values.lerp_(theta, weight)  # (θ + s θ*) / (1 + s) = θ + (θ* − θ) s / (1 + s)

        return proximal_step
    steepest = schedule.lr * float(strength.max())
    if schedule.optimizer == "sgd" and steepest > 2 * (1 + schedule.momentum):
        warnings.warn(
            f"lr · λ · max Ω = {steepest:.3g} is above 2: plain SGD on the penalty will blow up; "
            "lower lr or lam, or use Schedule(proximal=True)",
            stacklevel=2,
        )

    def add_gradient() -> None:
        torch.sub(values, theta, out=scratch)
        flat.grads.addcmul_(strength, scratch)

    return add_gradient


def accuracies(model: nn.Module, tasks: Sequence[Task], part: str = "test") -> NDArray[np.float64]:
    """Share of right answers on each task's test part (or `part="val"`), `[T]`.

    Logits of classes that are not active in the task do not compete.
    """
    with evaluating(model), torch.no_grad():
        return np.array([_accuracy(model, task, part) for task in tasks])


def _accuracy(model: nn.Module, task: Task, part: str) -> float:
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
    if x is None:
        raise ValueError(f"part: task {task.name!r} has no validation part; make it with val > 0")
    right = 0
    for inputs, labels in zip(x.split(4096), y.split(4096), strict=True):
        logits = model(suited(inputs, model))
        if task.classes is not None:
            logits = logits.masked_fill(
                inactive(task, logits.shape[1]).to(logits.device), -torch.inf
            )
        right += int((logits.argmax(1).cpu() == labels).sum())
    return right / len(y)


def inactive(task: Task, outputs: int) -> Tensor:
    """True where a logit is masked, `[C]`."""
    mask = torch.ones(outputs, dtype=torch.bool)
    mask[list(task.classes or range(outputs))] = False
    return mask


def union(model: nn.Module, tasks: list[Task]) -> tuple[Tensor, Tensor, Tensor | None]:
    """The training parts together: x, y, and which logits to mask, `[C]` or one row a sample."""
    device = place(model)
    x, y = torch.cat([task.x for task in tasks]), torch.cat([task.y for task in tasks])
    x = suited(x, model)
    masks = None
    if any(task.classes is not None for task in tasks):
        with evaluating(model), torch.no_grad():
            outputs = model(x[:1]).shape[1]
        masks = torch.stack([inactive(task, outputs) for task in tasks])
        sizes = torch.tensor([len(task.x) for task in tasks])
        masks = masks[0] if len(tasks) == 1 else masks.repeat_interleave(sizes, 0)
        masks = masks.to(device)
    return x, y.to(device), masks


def suited(x: Tensor, model: nn.Module) -> Tensor:
    """Inputs on the device and in the float type of the model."""
    weight = next(model.parameters())
    return x.to(weight.device, weight.dtype if x.is_floating_point() else x.dtype)


def task_seed(seed: int, task: int) -> int:
    """Each task has an order of its own, so that a run can go on from any task."""
    return 1_000_003 * task + seed


