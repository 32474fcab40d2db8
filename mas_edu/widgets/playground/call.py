"""`playground`: the call that makes the figure."""

from __future__ import annotations

from collections.abc import Sequence

from mas_edu._common import (
    as_choice,
    as_flag,
    as_float,
    as_instance,
    as_int,
    as_seed,
    is_iterable,
    short_repr,
)
from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS, Method
from mas_edu.training import Schedule
from mas_edu.widgets.playground.controls import HIDEABLE, Controls
from mas_edu.widgets.playground.figure import Playground
from mas_edu.widgets.playground.settings import MOST_TASKS, Settings, own_lambda

MOST_OTHERS = 3  # four methods in one picture: there are four colours
MOST_SEEDS = 20


def playground(
    stream: str = "rotated",
    dataset: str = "digits",
    tasks: int = 5,
    method: Method | str = "MAS",
    lam: float | None = None,
    seed: int = 0,
    *,
    compare: Sequence[Method | str] = (),
    seeds: int = 1,
    schedule: Schedule | None = None,
    stage: bool = False,
    hide: Sequence[str] = (),
    blocking: bool = False,
) -> Playground:
    """Show a figure that trains for real; make it the last line of a notebook's cell.

    Args:
        stream: "rotated", "permuted" or "split"; like all that follow, what the controls begin at.
        dataset: "digits" trains whenever a control is moved, the others on a button.
        tasks: 2 to 10.
        method: a method or its name.
        lam: λ; None: the method's own, which validation picks on five rotated digits.
        seed: of the initial weights and the order of the samples.
        compare: up to three other methods, or their names, from the same start.
        seeds: how many runs of each method; several are drawn as mean and range.
        schedule: how each task is trained; None: `Schedule()`.
        stage: for a projector: λ, tasks, three large numbers and the curves alone.
        hide: controls to leave out, which keep their values, as in front of a class: "lam",
            "tasks", "method", "compare", "stream", "dataset", "seed", "seeds", "layer", "view",
            "logarithmic", "show", "at", "share", "unit" or "digit".
        blocking: train in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is out of range.

    >>> figure = playground(tasks=2, schedule=Schedule(epochs=1))
    >>> figure.wait(60)
    True
    >>> figure.record.label
    'MAS, λ = 0.1'
    """
    as_choice("stream", stream, STREAMS)
    as_choice("dataset", dataset, DATASETS)
    tasks, seed, seeds = as_int("tasks", tasks, 2), as_seed(seed), as_int("seeds", seeds, 1)
    if tasks > MOST_TASKS:
        raise ValueError(f"tasks: expected 2 to {MOST_TASKS} in the playground, got {tasks}")
    method, others = _as_method("method", method), _as_others(compare)
    lam = own_lambda(method) if lam is None else as_float("lam", lam)
    if seeds > MOST_SEEDS:
        raise ValueError(f"seeds: expected 1 to {MOST_SEEDS} in the playground, got {seeds}")
    if isinstance(hide, str) or not is_iterable(hide):
        raise ValueError(
            f"hide: expected a list of controls, such as ['seed'], got {short_repr(hide)}"
        )
    hide = [as_choice("hide", name, HIDEABLE) for name in hide]
    schedule = Schedule() if schedule is None else schedule
    as_instance("schedule", schedule, Schedule, "me.Schedule()")
    stage, blocking = as_flag("stage", stage), as_flag("blocking", blocking)
    start = Settings(stream, dataset, tasks, method, lam, seed, schedule)
    controls = Controls(start, lam, seeds, others)
    return Playground(controls, blocking, stage, hide)


def _as_method(name: str, method: Method | str) -> Method:
    if isinstance(method, Method):
        return method
    return METHODS[as_choice(name, method, METHODS)]()


def _as_others(compare: Sequence[Method | str]) -> list[Method]:
    several = is_iterable(compare) and not isinstance(compare, str)
    others = list(compare) if several else []
    if not several or len(others) > MOST_OTHERS:
        raise ValueError(
            f"compare: expected a list of at most {MOST_OTHERS} methods or names of methods, got "
            f"{short_repr(compare)}; write ['EWC', 'SI'], for example"
        )
    return [_as_method("compare", method) for method in others]
