"""The caption of each plot, computed from the same data; it is the alt text too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mas_edu._common import as_choice, as_instance, translate
from mas_edu.data import Stream
from mas_edu.plots.compared_runs import split_baseline
from mas_edu.plots.omega_captions import distribution, omega
from mas_edu.plots.wording import percent, run_title, short_names, stream_name, task_name
from mas_edu.results import (
    MEASURES,
    Array,
    Comparison,
    Point,
    Record,
    Row,
    as_comparison,
    as_record,
    frontier_points,
)

__all__ = [
    "accuracy_matrix",
    "comparison",
    "distribution",
    "forgetting_curves",
    "frontier",
    "omega",
    "percent",
    "summary",
    "task_samples",
]


def forgetting_curves(
    records: Sequence[Record] | Record,
    *,
    panels: bool | None = None,
    baseline: Record | None = None,
) -> str:
    """Say what the curves show: how far each task of the first record fell, and how all ended.

    Arguments as in `plots.forgetting_curves`.

    >>> forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]], settings={"method": "MAS()"})])
    'MAS: task 1 falls from 90 % to 60 %, task 2 reaches 80 %; at the end average 70 %,
    forgetting 30 %, learned 85 %.'
    """
    (main, *others), pale, _ = split_baseline(records, baseline, panels)
    sentences = [f"{run_title(main)}: {_describe_tasks(main)}{_describe_end(main)}."]
    sentences += [f"{other.label}: {_describe_end(other)}." for other in others]
    sentences += [
        translate("Pale: {run}, for comparison: {end}.", run=run.label, end=_describe_end(run))
        for run in pale
    ]
    return short_names(" ".join(sentences))


def accuracy_matrix(record: Record) -> str:
    """Say what the matrix shows: the diagonal, the last row and the task that fell the furthest.

    >>> print(accuracy_matrix(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run: accuracy matrix, rows after learning task i, columns accuracy on task j. Just after
    learning 80 % to 90 %, in the last row 60 % to 80 %; task 1 falls the furthest, by 30 points.
    """
    done = as_record(record).finished
    begin = translate(
        "{run}: accuracy matrix, rows after learning task i, columns accuracy on task j.",
        run=short_names(run_title(record)),
    )
    if not done:
        return f"{begin} {translate('No task is finished yet: it is blank.')}"
    seen = record.accuracy[:done, :done]
    fresh, last = np.diag(seen), seen[-1]
    worst = int((fresh - last).argmax())
    fall = fresh[worst] - last[worst]
    if not record.complete:
        rows = translate("{done} of {count} rows are filled.", done=done, count=len(record.names))
        begin = f"{begin} {rows}"
    template = "Just after learning {fresh}, in the last row {last}."
    if fall:
        template = (
            "Just after learning {fresh}, in the last row {last}; {task} falls the furthest, by "
            "{points:.0f} points."
        )
    ranges = {"fresh": _percent_range(fresh), "last": _percent_range(last)}
    end = translate(template, **ranges, task=_task_name(record, worst), points=100 * fall)
    return f"{begin} {end}"


def summary(record: Record) -> str:
    """Say average, forgetting and learned in plain words.

    >>> print(summary(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    After 2 tasks the network answers 70 % correctly, in the mean over these tasks (average). Just
    after learning a task it answered 85 % (learned); earlier tasks have since fallen by 30 points
    from their best (forgetting).
    """
    done, tasks = as_record(record).finished, len(record.accuracy)
    if not done:
        return translate("No task is finished yet.")
    so_far = "" if record.complete else " " + translate("of {count}", count=tasks)
    if done == 1:
        return translate(
            "After the first task{so_far} the network answers {share} of its test part correctly; "
            "there is nothing yet that it could have forgotten.",
            so_far=so_far,
            share=percent(record.average),
        )
    return translate(
        "After {done}{so_far} tasks the network answers {average} correctly, in the mean over "
        "these tasks (average). Just after learning a task it answered {learned} (learned); "
        "earlier tasks have since {moved} from their best (forgetting).",
        done=done,
        so_far=so_far,
        average=percent(record.average),
        learned=percent(record.learned),
        moved=_describe_forgetting(record.forgetting),
    )


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
        best = max(points, key=lambda point: point.average)
        template = "{series}: {ends}; best average {average}"
        if len(points) > 1:
            template = "{series}, {count} values of λ: {ends}; best average {average} at {best}"
        parts.append(
            translate(
                template,
                series=series,
                count=len(points),
                ends=", ".join(_describe_point(point) for point in ends),
                average=percent(best.average),
                best=best.name,
            )
        )
    begin = translate("λ frontier, learned against forgetting.")
    return short_names(f"{begin} {'. '.join(parts)}.")


def comparison(data: Comparison | Sequence[Record] | Record, measure: str = "average") -> str:
    """Say what the comparison shows: mean, interval and seconds of each method, what is certain.

    Args:
        data: what `compare` returns, or records for it.
        measure: "average", "forgetting", "learned" or "backward_transfer".
    """
    found, measure = as_comparison(data), as_choice("measure", measure, MEASURES)
    rows = "; ".join(_describe_row(row, measure) for row in found.rows)
    how = "mean" if len(found.seeds) == 1 else "mean and 95 % interval over seeds"
    begin = f"Comparison on {found.title}. {measure.replace('_', ' ').capitalize()}, {how}: {rows}."
    return short_names(" ".join([begin, *found.notes]))


def task_samples(stream: Stream) -> str:
    """Say what the samples show: which tasks there are, and what an input is.

    >>> from mas_edu.data import streams
    >>> task_samples(streams.rotated("digits", tasks=3))
    'Samples of rotated digits, 3 tasks of inputs of 1 × 8 × 8 numbers: 0°, 20°, 40°.'
    """
    as_instance("stream", stream, Stream, "me.rotated()")
    size = " × ".join(str(n) for n in stream.shape)
    names = ", ".join(task_name(task.name) for task in stream)
    return translate(
        "Samples of {stream}, {count} tasks of inputs of {size} numbers: {names}.",
        stream=stream_name(stream.name),
        count=len(stream),
        size=size,
        names=names,
    )


def _describe_point(point: Point) -> str:
    name = "" if point.lam is None else f"{point.name} "
    return translate(
        "{name}learns {learned} and forgets {forgotten}",
        name=name,
        learned=percent(point.learned),
        forgotten=percent(point.forgetting),
    )


def _describe_row(row: Row, measure: str) -> str:
    mean, low, high = getattr(row, measure)
    within = f" ({100 * low:.1f} to {100 * high:.1f})" if len(row.records) > 1 else ""
    mark = " *" if row.reference else ""
    return f"{row.label}{mark} {100 * mean:.1f} %{within}, {row.seconds:.2g} s"


def _describe_tasks(record: Record) -> str:
    done = record.finished
    if not done:
        return ""
    rows = record.accuracy
    parts = [
        _describe_change(_task_name(record, j), rows[j, j], rows[done - 1, j])
        for j in range(done - 1)
    ]
    newest = percent(rows[done - 1, done - 1])
    parts.append(
        translate("{task} reaches {share}", task=_task_name(record, done - 1), share=newest)
    )
    return ", ".join(parts) + "; "


def _describe_change(task: str, before: float, after: float) -> str:
    template = "{task} falls from {before} to {after}"
    if percent(before) == percent(after):
        template = "{task} stays at {after}"
    elif after > before:
        template = "{task} rises from {before} to {after}"
    return translate(template, task=task, before=percent(before), after=percent(after))


def _describe_end(record: Record) -> str:
    if not record.finished:
        return translate("no task is finished yet")
    when = translate("at the end")
    if not record.complete:
        done, count = record.finished, len(record.accuracy)
        when = translate("after {done} of {count} tasks", done=done, count=count)
    return translate(
        "{when} average {average}, forgetting {forgetting}, learned {learned}",
        when=when,
        average=percent(record.average),
        forgetting=percent(record.forgetting),
        learned=percent(record.learned),
    )


def _task_name(record: Record, j: int) -> str:
    number, name = task_name(f"task {j + 1}"), task_name(record.names[j])
    return number if name == number else f"{number} ({name})"


def _percent_range(shares: Array) -> str:
    low, high = percent(shares.min()), percent(shares.max())
    return low if low == high else translate("{low} to {high}", low=low, high=high)


def _describe_forgetting(forgetting: float) -> str:
    points = 100 * forgetting
    template = "fallen by {points:.0f} points" if points >= 0 else "risen by {points:.0f} points"
    return translate(template, points=abs(points))
