"""The sentence that belongs to each picture, computed from the same data: alt texts and captions.

They are for readers who do not see the picture, and a second pair of eyes for those who do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from mas_edu import reading
from mas_edu.params import Params
from mas_edu.record import Record

if TYPE_CHECKING:
    from mas_edu.streams import Stream


def percent(share: float) -> str:
    """A share in the way all pictures write it.

    >>> percent(0.974)
    '97 %'
    """
    return f"{100 * share:.0f} %"


def forgetting_curves(records: Sequence[Record] | Record) -> str:
    """What the curves show: how far each task of the first record fell, and how it ended.

    >>> forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]], settings={"method": "MAS()"})])
    'MAS: task 1 falls from 90 % to 60 %, task 2 reaches 80 %; at the end average 70 %,
    forgetting 30 %, learned 85 %.'
    """
    main, *others = reading.checked(records)
    sentences = [f"{reading.title(main)}: {_falls(main)}{_end(main)}."]
    sentences += [f"Pale, to compare: {other.label}{_end(other, ', ')}." for other in others]
    return " ".join(sentences)


def accuracy_matrix(record: Record) -> str:
    """What the matrix shows: the diagonal, the last row and the task that fell the furthest.

    >>> print(accuracy_matrix(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run: accuracy matrix, rows after learning task i, columns accuracy on task j. Just after
    learning 80 % to 90 %, in the last row 60 % to 80 %; task 1 falls the furthest, by 30 points.
    """
    done = reading.one(record).finished
    begin = (
        f"{reading.title(record)}: accuracy matrix, rows after learning task i, columns accuracy "
        f"on task j."
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
    """Average, forgetting and learned in plain words.

    >>> print(summary(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    After 2 tasks the network answers 70 % rightly, in the mean over these tasks (average). Just
    after learning a task it answered 85 % (learned); earlier tasks have since fallen by 30 points
    from their best (forgetting).
    """
    done, tasks = reading.one(record).finished, len(record.accuracy)
    if not done:
        return "No task is finished yet."
    so_far = "" if record.complete else f" of {tasks}"
    if done == 1:
        return (
            f"After 1{so_far or ' task'}{' tasks' if so_far else ''} the network answers "
            f"{percent(record.average)} of it rightly; there is nothing yet that it could have "
            "forgotten."
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
    """What a heatmap of Ω shows: the largest value and where it is, and how many are exactly 0.

    Args:
        values: Ω by weight name, one tensor, or a record.
        name: which weight; None: the first.
        shape: of one input, to name pixels by row and column.

    >>> import torch
    >>> print(omega({"w": torch.tensor([[0.0, 2.0], [1.0, 4.0]])}))
    Ω of w, shape 2 × 2: from 0 to 4 output² per unit of weight; largest at output unit 1,
    input 1. The most important unit is 1, with 71 % of the sum. 25 % are exactly 0.
    """
    name, array = reading.weight(values, name)
    size = " × ".join(str(n) for n in array.shape)
    begin = (
        f"Ω of {name}, shape {size}: from {array.min():.3g} to {array.max():.3g} output² per unit "
        "of weight"
    )
    share = f"{percent(reading.zeros(array))} are exactly 0."
    if not array.any():
        return f"{begin}: nothing is protected."
    if array.ndim < 2:
        return f"{begin}; largest at output unit {int(array.argmax())}. {share}"
    flat = array.reshape(len(array), -1)
    unit, place = np.unravel_index(int(flat.argmax()), flat.shape)
    units = flat.sum(1) / flat.sum()
    return (
        f"{begin}; largest at output unit {unit}, {_input(int(place), array.shape, shape)}. "
        f"The most important unit is {int(units.argmax())}, with {percent(units.max())} of the "
        f"sum. {share}"
    )


def distribution(values: Params | Tensor | Record) -> str:
    """What the distribution shows: for each weight the median of the positive Ω, and the zeros.

    >>> import torch
    >>> distribution({"w": torch.tensor([0.0, 1.0, 10.0, 100.0])})
    'Distribution of Ω: w has median 10 (without zeros), and 25 % are exactly 0.'
    """
    parts = []
    for name in reading.params(values):
        array = reading.weight(values, name)[1]
        positive = array[array > 0]
        median = f"median {np.median(positive):.3g} (without zeros), and " if positive.size else ""
        parts.append(f"{name} has {median}{percent(reading.zeros(array))} are exactly 0")
    return f"Distribution of Ω: {'; '.join(parts)}.".replace("has 100 % are", "has 100 % that are")


def frontier(records: Sequence[Record] | Record) -> str:
    """What the frontier shows: for each method its ends, and the λ with the best average.

    >>> runs = [Record([[0.9, 0], [f, 0.8]], settings={"method": "MAS()", "lam": f}) for f in (0, 1)]
    >>> print(frontier(runs))
    λ frontier. MAS, 2 values of λ: λ = 0 learns 85 % and forgets 90 %, λ = 1 learns 85 % and
    forgets 0 %.
    """
    points = reading.frontier_points(records)
    parts = []
    for method in dict.fromkeys(point.method for point in points):
        mine = [point for point in points if point.method == method]
        ends = mine if len(mine) == 1 else [mine[0], mine[-1]]
        count = f", {len(mine)} values of λ" if len(mine) > 1 else ""
        parts.append(f"{method}{count}: " + ", ".join(_point(point) for point in ends))
    return f"λ frontier. {'; '.join(parts)}."


def task_samples(stream: Stream) -> str:
    """What the samples show: which tasks there are, and what an input is.

    >>> from mas_edu import streams
    >>> task_samples(streams.rotated("digits", tasks=3))
    'Samples of rotated digits, 3 tasks of inputs of 1 × 8 × 8 numbers: 0°, 20°, 40°.'
    """
    size = " × ".join(str(n) for n in stream.shape)
    names = ", ".join(task.name for task in stream)
    return f"Samples of {stream.name}, {len(stream)} tasks of inputs of {size} numbers: {names}."


def _point(point: reading.Point) -> str:
    lam = f"λ = {point.lam:g} " if point.lam is not None else ""
    return f"{lam}learns {percent(point.learned)} and forgets {percent(point.forgetting)}"


def _input(place: int, shape: tuple[int, ...], image: Sequence[int] | None) -> str:
    if image is not None and len(image) == 3 and int(np.prod(image)) == int(np.prod(shape[1:])):
        channel, row, column = np.unravel_index(place, tuple(image))
        colour = f" of channel {channel}" if image[0] > 1 else ""
        return f"the pixel in row {row}, column {column}{colour}"
    if len(shape) > 2:
        channel, *kernel = np.unravel_index(place, shape[1:])
        return f"input channel {channel}, kernel place {tuple(int(k) for k in kernel)}"
    return f"input {place}"


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


def _range(shares: reading.Array) -> str:
    low, high = percent(shares.min()), percent(shares.max())
    return low if low == high else f"{low} to {high}"


def _moved(forgetting: float) -> str:
    points = 100 * forgetting
    return f"fallen by {points:.0f} points" if points >= 0 else f"risen by {-points:.0f} points"
