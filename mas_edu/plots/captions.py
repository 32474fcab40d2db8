"""The sentence that belongs to each picture, computed from the same data: alt texts and captions.

They are for readers who do not see the picture, and a second pair of eyes for those who do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from mas_edu._common import as_choice
from mas_edu.networks import Params
from mas_edu.plots.omega_values import omega_of, omega_params, share_of_zeros
from mas_edu.results import (
    MEASURES,
    Array,
    Comparison,
    Point,
    Record,
    Row,
    as_comparison,
    as_record,
    as_records,
    frontier_points,
)

if TYPE_CHECKING:
    from mas_edu.data import Stream


def percent(share: float) -> str:
    """Write a share as all pictures do.

    >>> percent(0.974)
    '97 %'
    """
    return f"{100 * share:.0f} %"


def forgetting_curves(records: Sequence[Record] | Record) -> str:
    """Say what the curves show: how far each task of the first record fell, and how it ended.

    >>> forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]], settings={"method": "MAS()"})])
    'MAS: task 1 falls from 90 % to 60 %, task 2 reaches 80 %; at the end average 70 %,
    forgetting 30 %, learned 85 %.'
    """
    main, *others = as_records(records)
    sentences = [f"{main.title}: {_falls(main)}{_end(main)}."]
    sentences += [f"For comparison, pale: {other.label}{_end(other, ', ')}." for other in others]
    return " ".join(sentences)


def accuracy_matrix(record: Record) -> str:
    """Say what the matrix shows: the diagonal, the last row and the task that fell the furthest.

    >>> print(accuracy_matrix(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run: accuracy matrix, rows after learning task i, columns accuracy on task j. Just after
    learning 80 % to 90 %, in the last row 60 % to 80 %; task 1 falls the furthest, by 30 points.
    """
    done = as_record(record).finished
    begin = (
        f"{record.title}: accuracy matrix, rows after learning task i, columns accuracy on task j."
    )
    if not done:
        return f"{begin} No task is finished yet: it is blank."
    seen = record.accuracy[:done, :done]
    fresh, last = np.diag(seen), seen[-1]
    worst = int((fresh - last).argmax())
    fall = fresh[worst] - last[worst]
    tail = (
        f"; {_name(record, worst)} falls the furthest, by {100 * fall:.0f} points" if fall else ""
    )
    rows = "" if record.complete else f" {done} of {len(record.accuracy)} rows are filled."
    return (
        f"{begin}{rows} Just after learning {_range(fresh)}, in the last row {_range(last)}{tail}."
    )


def summary(record: Record) -> str:
    """Say average, forgetting and learned in plain words.

    >>> print(summary(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    After 2 tasks the network answers 70 % rightly, in the mean over these tasks (average). Just
    after learning a task it answered 85 % (learned); earlier tasks have since fallen by 30 points
    from their best (forgetting).
    """
    done, tasks = as_record(record).finished, len(record.accuracy)
    if not done:
        return "No task is finished yet."
    so_far = "" if record.complete else f" of {tasks}"
    if done == 1:
        return (
            f"After the first task{so_far} the network answers {percent(record.average)} of its "
            "test part rightly; there is nothing yet that it could have forgotten."
        )
    return (
        f"After {done}{so_far} tasks the network answers {percent(record.average)} rightly, in the "
        f"mean over these tasks (average). Just after learning a task it answered "
        f"{percent(record.learned)} (learned); earlier tasks have since "
        f"{_moved(record.forgetting)} from their best (forgetting)."
    )


def omega(
    values: Params | Tensor | Record, name: str | None = None, shape: Sequence[int] | None = None
) -> str:
    """Say what a heatmap of Ω shows: where it is largest, which unit matters most, the zeros.

    Args:
        values: Ω by weight name, one tensor, or a record (its last Ω).
        name: which weight; None: the first that is not a bias.
        shape: of one input, to name the pixel that matters most to a first layer.

    >>> import torch
    >>> print(omega({"w": torch.tensor([[0.0, 2.0], [1.0, 4.0]])}))
    Ω of w, 2 × 2: from 0 to 4 output² per unit of weight, 25 % are exactly 0. It is largest from
    input 1 to output unit 1. The unit that matters most is number 1, with 1.4 times the mean.
    """
    name, array = omega_of(values, name)
    size = " × ".join(str(n) for n in array.shape)
    begin = (
        f"Ω of {name or 'a weight'}, {size}: from {array.min():.3g} to {array.max():.3g} "
        f"output² per unit of weight, {percent(share_of_zeros(array))} are exactly 0."
    )
    if not array.any():
        return f"{begin} Nothing is protected."
    if array.ndim < 2:
        return f"{begin} It is largest at output unit {int(array.argmax())}."
    flat = array.reshape(len(array), -1)
    unit, place = np.unravel_index(int(flat.argmax()), flat.shape)
    units = flat.mean(1)
    return (
        f"{begin} It is largest from {_input(int(place), array.shape[1:])} to output unit {unit}. "
        f"The unit that matters most is number {int(units.argmax())}, with "
        f"{units.max() / units.mean():.1f} times the mean.{_pixel(flat, shape)}"
    )


def distribution(values: Params | Tensor | Record) -> str:
    """Say what the distribution shows: the median of the positive Ω of each weight, the zeros.

    >>> import torch
    >>> distribution({"w": torch.tensor([0.0, 1.0, 10.0, 100.0])})
    'Distribution of Ω, zeros left out of the medians: w median 10, 25 % exactly 0.'
    """
    parts = []
    for name in omega_params(values):
        array = omega_of(values, name)[1]
        positive = array[array > 0]
        middle = f"median {np.median(positive):.3g}, " if positive.size else ""
        parts.append(f"{name or 'the weight'} {middle}{percent(share_of_zeros(array))} exactly 0")
    return f"Distribution of Ω, zeros left out of the medians: {'; '.join(parts)}."


def frontier(records: Sequence[Record] | Record) -> str:
    """Say what the frontier shows: for each method its ends, and the λ with the best average.

    >>> ends = {0.0: 0.5, 1.0: 0.8}  # accuracy on task 1 at the end
    >>> runs = [
    ...     Record([[0.9, 0], [end, 0.8]], settings={"method": "MAS()", "lam": lam})
    ...     for lam, end in ends.items()
    ... ]
    >>> print(frontier(runs))
    λ frontier, learned against forgetting. MAS, 2 values of λ: λ = 0 learns 85 % and forgets 40 %,
    λ = 1 learns 85 % and forgets 10 %; best average 80 % at λ = 1.
    """
    parts = []
    for series, points in frontier_points(records).items():
        ends = points if len(points) == 1 else [points[0], points[-1]]
        count, best = "", max(points, key=lambda point: point.average)
        if len(points) > 1:
            count = f", {len(points)} values of λ"
        parts.append(
            f"{series}{count}: {', '.join(_point(point) for point in ends)}; best average "
            f"{percent(best.average)}" + (f" at {best.name}" if len(points) > 1 else "")
        )
    return f"λ frontier, learned against forgetting. {'. '.join(parts)}."


def comparison(data: Comparison | Sequence[Record] | Record, measure: str = "average") -> str:
    """Say what the comparison shows: mean, interval and seconds of each method, what is certain.

    Args:
        data: what `compare` gives, or records for it.
        measure: "average", "forgetting", "learned" or "backward_transfer".
    """
    found, measure = as_comparison(data), as_choice("measure", measure, MEASURES)
    rows = "; ".join(_row(row, measure) for row in found.rows)
    how = "mean" if len(found.seeds) == 1 else "mean and 95 % interval over seeds"
    begin = f"Comparison on {found.title}. {measure.replace('_', ' ').capitalize()}, {how}: {rows}."
    return " ".join([begin, *found.notes])


def task_samples(stream: Stream) -> str:
    """Say what the samples show: which tasks there are, and what an input is.

    >>> from mas_edu.data import streams
    >>> task_samples(streams.rotated("digits", tasks=3))
    'Samples of rotated digits, 3 tasks of inputs of 1 × 8 × 8 numbers: 0°, 20°, 40°.'
    """
    size = " × ".join(str(n) for n in stream.shape)
    names = ", ".join(task.name for task in stream)
    return f"Samples of {stream.name}, {len(stream)} tasks of inputs of {size} numbers: {names}."


def _point(point: Point) -> str:
    name = "" if point.lam is None else f"{point.name} "
    return f"{name}learns {percent(point.learned)} and forgets {percent(point.forgetting)}"


def _row(row: Row, measure: str) -> str:
    mean, low, high = getattr(row, measure)
    within = f" ({100 * low:.1f} to {100 * high:.1f})" if len(row.records) > 1 else ""
    mark = " *" if row.reference else ""
    return f"{row.label}{mark} {100 * mean:.1f} %{within}, {row.seconds:.2g} s"


def _input(place: int, shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"input {place}"
    channel, *kernel = (int(k) for k in np.unravel_index(place, shape))
    return f"input channel {channel}, kernel place {tuple(kernel)},"


def _pixel(flat: Array, shape: Sequence[int] | None) -> str:
    """Say which pixel matters most in the mean over units; nothing if inputs are not images."""
    if shape is None or len(shape) not in (2, 3) or int(np.prod(shape)) != flat.shape[1]:
        return ""
    image = flat.mean(0).reshape(-1, *tuple(shape)[-2:]).sum(0)
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    return f" The pixel that matters most is in row {row}, column {column}."


def _falls(record: Record) -> str:
    done = record.finished
    if not done:
        return "no task is finished yet"
    rows = record.accuracy
    parts = [
        f"{_name(record, j)} {_change(rows[j, j], rows[done - 1, j])}" for j in range(done - 1)
    ]
    parts.append(f"{_name(record, done - 1)} reaches {percent(rows[done - 1, done - 1])}")
    return ", ".join(parts)


def _change(before: float, after: float) -> str:
    if percent(before) == percent(after):
        return f"stays at {percent(after)}"
    verb = "falls" if after < before else "rises"
    return f"{verb} from {percent(before)} to {percent(after)}"


def _end(record: Record, between: str = "; ") -> str:
    if not record.finished:
        return ""
    when = (
        "at the end"
        if record.complete
        else f"after {record.finished} of {len(record.accuracy)} tasks"
    )
    return (
        f"{between}{when} average {percent(record.average)}, "
        f"forgetting {percent(record.forgetting)}, learned {percent(record.learned)}"
    )


def _name(record: Record, j: int) -> str:
    number = f"task {j + 1}"
    return number if record.names[j] == number else f"{number} ({record.names[j]})"


def _range(shares: Array) -> str:
    low, high = percent(shares.min()), percent(shares.max())
    return low if low == high else f"{low} to {high}"


def _moved(forgetting: float) -> str:
    points = 100 * forgetting
    return f"fallen by {points:.0f} points" if points >= 0 else f"risen by {-points:.0f} points"
