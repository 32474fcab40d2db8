"""Tables to print, and pictures in a folder."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from mas_edu._common import write_whole
from mas_edu.results import TENSORS, TEXT, Comparison, Record, choose_lam, table_lines
from mas_edu.training import AFTER, DAMAGED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pictures: TypeAlias = "dict[str, Callable[[], Axes]]"
"""Pictures to draw: by file name, a function that draws."""


def record_table(record: Record) -> str:
    """Return the accuracy matrix in %, and the numbers that sum it up.

    >>> print(record_table(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run
    accuracy in % on task 1 task 2
    after task 1       90.0
    after task 2       60.0   80.0
    average      70.0 %  over the tasks learned, at the end
    over time    80.0 %  the same after each task, in the mean
    forgetting   30.0 %  from the best to the end, mean over the earlier tasks
    learned      85.0 %  just after learning each task
    """
    names = record.names
    rows = [
        (f"after {name}", *(f"{100 * value:.1f}" for value in row[: i + 1]), *blanks)
        for i, (name, row) in enumerate(
            zip(names, record.accuracy[: record.finished], strict=False)
        )
        for blanks in [[""] * (len(names) - i - 1)]  # tasks still to come
    ]
    lines = table_lines(("accuracy in % on", *names), rows)
    if not record.complete:
        lines.append(f"{record.finished} of {len(names)} tasks were learned to the end")
    numbers = (
        ("average", record.average, "over the tasks learned, at the end"),
        ("over time", record.average_over_time, "the same after each task, in the mean"),
        ("forgetting", record.forgetting, "from the best to the end, mean over the earlier tasks"),
        ("learned", record.learned, "just after learning each task"),
    )
    lines += [f"{word:10} {100 * value:6.1f} %  {meaning}" for word, value, meaning in numbers]
    return "\n".join([record.title, *lines])


def sweep_table(records: Sequence[Record]) -> str:
    """Return one line a λ: mean over seeds of the runs' numbers, in %, the λ to choose marked.

    >>> def run(lam, seed, share):
    ...     settings = {"method": "MAS()", "lam": lam, "seed": seed}
    ...     return Record([[share]], validation=[[share]], settings=settings)
    >>> print(sweep_table([run(0.0, 0, 0.5), run(0.0, 1, 0.6), run(0.1, 0, 0.7), run(0.1, 1, 0.8)]))
    MAS, 2 seeds: mean ± standard deviation over the seeds, in %
    λ          average    forgetting       learned    validation
    0       55.0 ± 7.1     0.0 ± 0.0    55.0 ± 7.1    55.0 ± 7.1
    0.1     75.0 ± 7.1     0.0 ± 0.0    75.0 ± 7.1    75.0 ± 7.1  <- chosen on validation
    """
    runs: dict[float | None, list[Record]] = {}
    for record in records:
        runs.setdefault(record.settings.get("lam"), []).append(record)
    seeds = len({record.settings.get("seed") for record in records})
    name, where = records[0].method_label, records[0].stream_name
    name += f" on {where}" if where else ""
    several = f"{seeds} seeds: mean ± standard deviation over the seeds, in %"
    best, ordered = _chosen_lam(records), sorted(runs, key=lambda lam: lam or 0.0)
    rows = [("-" if lam is None else f"{lam:g}", *_mean_cells(runs[lam])) for lam in ordered]
    head, *lines = table_lines(("λ", "average", "forgetting", "learned", "validation"), rows)
    notes = [_row_note(runs[lam], lam is not None and lam == best) for lam in ordered]
    title = f"{name}, {several if seeds > 1 else '1 seed, in %'}"
    return "\n".join([title, head, *map("".join, zip(lines, notes, strict=True))])


def _chosen_lam(records: Sequence[Record]) -> float | None:
    """Return the λ to choose, if there is something to choose from."""
    try:
        return choose_lam(records)
    except ValueError:  # such as no λ, no validation parts, nothing finished, uneven seeds
        return None


def _mean_cells(runs: Sequence[Record]) -> list[str]:
    """Return the cells of one λ: each number over its finished runs."""
    complete = [record for record in runs if record.complete]
    return [
        _format_mean([100 * getattr(record, name) for record in complete])
        for name in ("average", "forgetting", "learned", "validated")
    ]


def _row_note(runs: Sequence[Record], chosen: bool) -> str:
    """Return what is to be said of one λ beside its row."""
    left = sum(not record.complete for record in runs)
    note = f"  ({left} of {len(runs)} runs unfinished)" if left else ""
    return note + ("  <- chosen on validation" if chosen else "")


def _format_mean(values: Sequence[float]) -> str:
    """Return the mean, with the standard deviation of several."""
    if not values or not all(math.isfinite(value) for value in values):
        return "-"
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.1f}{spread}"


def run_pictures(record: Record) -> Pictures:
    """Return what to draw, by file name; a method that protects nothing has no Ω."""
    from mas_edu import plots

    found: Pictures = {
        "forgetting_curves.png": lambda: plots.forgetting_curves([record]),
        "accuracy_matrix.png": lambda: plots.accuracy_matrix(record),
    }
    if record.omegas:
        found["omega_heatmap.png"] = lambda: plots.omega_heatmap(record, log=True)
    return found


def sweep_pictures(records: Sequence[Record]) -> Pictures:
    """Return what to draw of a sweep: nothing, if no run is finished."""
    from mas_edu import plots

    finished = any(record.complete for record in records)
    return {"frontier.png": lambda: plots.frontier(records)} if finished else {}


def comparison_pictures(found: Comparison) -> Pictures:
    """Return what to draw of a comparison."""
    from mas_edu import plots

    return {"comparison.png": lambda: plots.comparison(found)}


def load_records(folder: Path) -> list[Record]:
    """Load the record in the folder and all those in the folders within, such as a sweep's.

    Of a run that a killed sweep left with two records, the later one counts, if it is whole.
    Folders that are hidden, or set aside as damaged, are left out.

    Raises:
        FileNotFoundError: if there is none, or half of one.
        ValueError: naming the file that is damaged.
    """
    inside = {path.parent for name in (TENSORS, TEXT) for path in folder.rglob(name)}
    latest = {}
    for place in sorted(inside, key=lambda one: ((one / TEXT).is_file(), _finished_tasks(one))):
        if not any(name.startswith((".", DAMAGED)) for name in place.relative_to(folder).parts):
            latest[place.with_name(AFTER) if _finished_tasks(place) else place] = place
    return [Record.load(place) for place in sorted(latest.values()) or [folder]]


def _finished_tasks(place: Path) -> int:
    """Return after how many tasks a sweep stored a record, by its folder's name; else 0."""
    found = re.fullmatch(rf"{AFTER}(\d+)", place.name)
    return int(found[1]) if found else 0


def draw_pictures(found: Pictures, folder: Path) -> Iterator[Path]:
    """Draw each picture into the folder, whole or not at all, and yield its path."""
    from mas_edu.plots import figure_png

    for name, picture in found.items():
        image = figure_png(cast("Figure", picture().get_figure(root=True)))
        write_whole(folder / name, partial(Path.write_bytes, data=image))
        yield folder / name
