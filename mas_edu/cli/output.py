"""What runs leave behind for their reader: tables to print, and pictures in a folder."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from mas_edu._common import write_whole
from mas_edu.results import TENSORS, TEXT, Comparison, Record, choose_lam
from mas_edu.training import DAMAGED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pictures: TypeAlias = "dict[str, Callable[[], Axes]]"
"""What there is to draw, by file name, and how."""


def record_table(record: Record) -> str:
    """The accuracy matrix in %, what was left of each task, and the three numbers about it.

    >>> print(record_table(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run
    accuracy in % on     task 1  task 2
    after task 1           90.0
    after task 2           60.0    80.0
    average      70.0 %  over the tasks learned, at the end
    over time    80.0 %  the same after each task, in the mean
    forgetting   30.0 %  from the best to the end, mean over the earlier tasks
    learned      85.0 %  just after learning each task
    """
    names, rows = record.names, record.accuracy[: record.finished]
    wide = max(len("accuracy in % on"), *(len(f"after {name}") for name in names)) + 2
    lines = [_line("accuracy in % on", wide, names, names)]
    for i, row in enumerate(rows):
        cells = [f"{100 * value:.1f}" for value in row[: i + 1]]
        lines.append(_line(f"after {names[i]}", wide, cells, names))
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
    """One line a λ: mean over seeds of the runs' numbers, in %, the λ to choose marked.

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
    names = {lam: "-" if lam is None else f"{lam:g}" for lam in runs}
    wide = max(5, *(len(name) for name in names.values()))
    seeds = len({record.settings.get("seed") for record in records})
    name, where = records[0].method_label, records[0].stream_name
    name += f" on {where}" if where else ""
    several = f"{seeds} seeds: mean ± standard deviation over the seeds, in %"
    columns = ("average", "forgetting", "learned", "validation")
    lines = [
        f"{name}, {several if seeds > 1 else '1 seed, in %'}",
        f"{'λ':{wide}}" + "".join(f"{word:>14}" for word in columns),
    ]
    best = _chosen(records)
    for lam in sorted(runs, key=lambda lam: lam or 0.0):
        mark = "  <- chosen on validation" if lam is not None and lam == best else ""
        lines.append(f"{names[lam]:{wide}}{_numbers(runs[lam])}{mark}")
    return "\n".join(lines)


def _chosen(records: Sequence[Record]) -> float | None:
    """The λ to choose, if there is something to choose from."""
    try:
        return choose_lam(records)
    except ValueError:  # a method without λ, no validation parts, nothing finished
        return None


def _numbers(runs: Sequence[Record]) -> str:
    """What the finished runs of one λ came to."""
    complete = [record for record in runs if record.complete]
    left = len(runs) - len(complete)
    note = f"  ({left} of {len(runs)} runs unfinished)" if left else ""
    if not complete:
        return f"{'-':>14}" * 4 + note
    columns = [
        [100 * getattr(record, name) for record in complete]
        for name in ("average", "forgetting", "learned", "validated")
    ]
    return "".join(f"{_mean(values):>14}" for values in columns) + note


def _mean(values: Sequence[float]) -> str:
    if not all(math.isfinite(value) for value in values):
        return "-"
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.1f}{spread}"


def _line(label: str, wide: int, cells: Sequence[str], names: Sequence[str]) -> str:
    """The label, then each cell under the name of its task."""
    columns = (f"{cell:>{max(len(name), 6)}}" for cell, name in zip(cells, names, strict=False))
    return "  ".join([f"{label:{wide}}", *columns])


def run_pictures(record: Record) -> Pictures:
    """What there is to draw, by file name; a method that protects nothing has no Ω."""
    from mas_edu import plots

    found: Pictures = {
        "forgetting_curves.png": lambda: plots.forgetting_curves([record]),
        "accuracy_matrix.png": lambda: plots.accuracy_matrix(record),
    }
    if record.omegas:
        found["omega_heatmap.png"] = lambda: plots.omega_heatmap(record, log=True)
    return found


def sweep_pictures(records: Sequence[Record]) -> Pictures:
    """What there is to draw of a sweep: nothing, if no run is finished."""
    from mas_edu import plots

    finished = any(record.complete for record in records)
    return {"frontier.png": lambda: plots.frontier(records)} if finished else {}


def comparison_pictures(found: Comparison) -> Pictures:
    """What there is to draw of a comparison."""
    from mas_edu import plots

    return {"comparison.png": lambda: plots.comparison(found)}


def load_records(folder: Path) -> list[Record]:
    """The record in the folder, or all those in the folders within, such as a sweep's.

    Raises:
        FileNotFoundError: if there is none, or half of one.
        ValueError: naming the file that is damaged.
    """
    inside = {path.parent for name in (TENSORS, TEXT) for path in folder.rglob(name)}
    found = sorted(place for place in inside if not place.name.startswith(DAMAGED))
    return [Record.load(place) for place in (found if found and folder not in inside else [folder])]


def draw_pictures(found: Pictures, folder: Path) -> Iterator[Path]:
    """Draw each picture into the folder, whole or not at all; gives the paths one by one."""
    from mas_edu.plots import figure_png

    for name, picture in found.items():
        image = figure_png(cast("Figure", picture().get_figure(root=True)))
        write_whole(folder / name, partial(Path.write_bytes, data=image))
        yield folder / name
