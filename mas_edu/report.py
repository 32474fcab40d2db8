"""What a run leaves behind for its reader: a table to print, and pictures in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mas_edu import reading
from mas_edu.record import Record, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def table(record: Record) -> str:
    """The accuracy matrix in %, what was left of each task, and the three numbers about it.

    >>> print(table(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])))
    run
    accuracy in % on     task 1  task 2
    after task 1           90.0
    after task 2           60.0    80.0
    average      70.0 %  over the tasks learned, at the end
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
        ("forgetting", record.forgetting, "from the best to the end, mean over the earlier tasks"),
        ("learned", record.learned, "just after learning each task"),
    )
    lines += [f"{word:10} {100 * value:6.1f} %  {meaning}" for word, value, meaning in numbers]
    return "\n".join([reading.title(record), *lines])


def _line(label: str, wide: int, cells: Sequence[str], names: Sequence[str]) -> str:
    """The label, then each cell under the name of its task."""
    columns = (f"{cell:>{max(len(name), 6)}}" for cell, name in zip(cells, names, strict=False))
    return "  ".join([f"{label:{wide}}", *columns])


def pictures(record: Record) -> dict[str, Callable[[], Axes]]:
    """What there is to draw, by file name; a method that protects nothing has no Ω."""
    from mas_edu import plots

    found: dict[str, Callable[[], Axes]] = {
        "forgetting_curves.png": lambda: plots.forgetting_curves([record]),
        "accuracy_matrix.png": lambda: plots.accuracy_matrix(record),
    }
    if record.omegas:
        found["omega_heatmap.png"] = lambda: plots.omega_heatmap(record, log=True)
    return found


def draw(record: Record, folder: Path) -> Iterator[Path]:
    """Draw each picture into the folder, whole or not at all; gives the paths one by one."""
    from mas_edu.plots.display import png

    for name, picture in pictures(record).items():
        image = png(cast("Figure", picture().get_figure(root=True)))
        write(folder / name, partial(Path.write_bytes, data=image))
        yield folder / name
