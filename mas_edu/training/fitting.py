"""Training: one task (`fit`), or a whole stream (`learn`)."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from torch import nn

from mas_edu._common import as_flag, as_float, as_instance, as_seed, as_stop, progress_bar
from mas_edu.data import Stream, Task
from mas_edu.methods import Anchor, Method
from mas_edu.networks import (
    call_own_train,
    check_finite_weights,
    check_model_fits,
    enable_gradients,
    keep_modes,
    settle_after_ctrl_c,
)
from mas_edu.results import Record
from mas_edu.training.evaluation import accuracies
from mas_edu.training.flat_params import flattened
from mas_edu.training.loop import DivergedError, train_steps
from mas_edu.training.moving_statistics import StatisticsWatch
from mas_edu.training.run import Training
from mas_edu.training.schedule import Schedule, use_threads

__all__ = ["DivergedError", "Schedule", "Training", "accuracies", "fit", "learn"]


@enable_gradients()
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
        model: any module from `[N, …]` to logits `[N, C]`. Its modules in eval mode stay so while
            training.
        task: its training part is learned.
        schedule: None: `Schedule()`.
        anchor: what to stay near; None: nothing.
        lam: λ.
        seed: of the order of the samples.

    Raises:
        ValueError: if an argument is out of range or the anchor does not fit the model.
        DivergedError: if the loss is no longer finite.

    >>> from mas_edu.data import streams
    >>> from mas_edu.networks import models
    >>> task = streams.rotated("digits", tasks=1)[0]
    >>> model = fit(models.mlp([64, 32, 10]), task, Schedule(epochs=3))
    >>> bool(accuracies(model, [task])[0] > 0.8)
    True
    """
    schedule = Schedule() if schedule is None else schedule
    as_instance("schedule", schedule, Schedule, "me.Schedule()")
    task = as_instance("task", task, Task, "me.rotated()[0]")
    lam, seed = as_float("lam", lam), as_seed(seed)
    check_finite_weights(model)
    check_model_fits(model, task.x, int(task.y.max()) + 1)
    if anchor is not None:
        as_instance("anchor", anchor, Anchor, "me.Anchor(me.snapshot(model), omega)").penalty(model)
    with settle_after_ctrl_c(model), keep_modes(model):
        call_own_train(model)
        watch = StatisticsWatch(model, anchor is not None and lam > 0)
        with flattened(model) as flat, use_threads(schedule, model):
            for _ in train_steps(model, flat, [task], schedule, anchor, lam, seed):
                pass
    watch.finish_task(model, protected=True)
    return model


def learn(
    stream: Stream,
    method: Method,
    lam: float = 0.1,
    *,
    seed: int = 0,
    schedule: Schedule | None = None,
    model: nn.Module | Callable[[int], nn.Module] | None = None,
    anchor: Anchor | None = None,
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
        model: the network to start from; it is copied, not changed. Or a function that makes a
            new one from a seed, which is then trained itself. Modules in eval mode stay so while
            training. None: an MLP with one hidden layer of 64 units.
        anchor: what to stay near from the first task on, for a model that has learned before:
            `Anchor(snapshot(model), omega)`. Ω of later tasks is merged with it. None: nothing.
        progress: whether to show a progress bar.
        stop: asked after every update; True ends the run.

    Returns:
        The record. When interrupted (Ctrl-C, kernel stop, `stop`) or diverged, with a warning, the
        record of the tasks finished until then.

    >>> from mas_edu import methods
    >>> from mas_edu.data import streams
    >>> stream = streams.rotated("digits", tasks=2, step=60)
    >>> record = learn(stream, methods.FineTune(), schedule=Schedule(epochs=3), progress=False)
    >>> bool(record.forgetting > 0.1)
    True
    """
    stop = as_stop(stop)
    shown = as_flag("progress", progress)
    run = Training(stream, method, lam, seed=seed, schedule=schedule, model=model, anchor=anchor)
    ended = ""
    try:
        bar = progress_bar(total=run.total, disable=not shown, unit="update", desc=run.label)
        with settle_after_ctrl_c(), bar:
            for done in run:
                bar.update(done - bar.n)
                if as_flag("stop", stop()):
                    ended = "stopped"
                    break
    except KeyboardInterrupt:
        if not run.record.finished:
            raise
        ended = "interrupted"
    except DivergedError as error:
        ended = str(error)
        run.restart_task()  # as `sweep` does: numbers that mean nothing are not kept
    record = run.record
    if ended:
        warnings.warn(
            f"{ended}; {record.finished} of {len(stream)} tasks are finished and kept",
            stacklevel=2,
        )
    return record
