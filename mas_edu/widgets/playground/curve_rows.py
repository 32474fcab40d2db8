"""Forgetting curves as SVG: a row for each task on one time axis, a colour for each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mas_edu._common import translate
from mas_edu.plots import percent, task_name
from mas_edu.results import Array
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.groups import Group, Scene

SIZE = (740, 360)  # width and height in the units of the SVG
TOP, BOTTOM = 30, 38  # for the legend, for the time axis
NAMES = 96  # widest name of a task
SCALE = 38  # beside the rows, for 0 and 100 %
VALUE, NARROW = 54, 34  # for the number of one group at the right, with its unit and without
WIDE = 3  # groups whose numbers have a unit
SHARE = 0.8  # of a row's height for its panel; the rest is the gap to the next


class Rows:
    """A row for each task on one axis, a column of numbers at the right for each line in a row.

    Args:
        names: of the tasks.
        total: where the axis ends; it begins at 0.
        columns: of numbers.
        width: of the picture.
    """

    def __init__(
        self, names: Sequence[str], total: float, columns: int, width: float = SIZE[0]
    ) -> None:
        self.names = [svg.shortened(task_name(name), NAMES) for name in names]
        self.total = total
        self.left = 6 + SCALE + max(svg.LETTER * 13 * len(name) for name in self.names)
        self.column = VALUE if columns <= WIDE else NARROW
        self.right = width - 4 - self.column * columns
        self.height = (SIZE[1] - TOP - BOTTOM) / len(self.names)

    def x(self, place: float) -> float:
        """Return where a place of the axis is."""
        return self.left + (self.right - self.left) * place / self.total

    def y(self, j: int, accuracy: float) -> float:
        """Return the place of an accuracy in the row of task j."""
        return TOP + self.height * (j + (1 + SHARE) / 2 - SHARE * accuracy)

    def panels(self) -> list[str]:
        """Draw the lines and the names of the rows."""
        parts, small = [], self.height < 34
        for j, name in enumerate(self.names):
            for share in (0, 1):
                y = self.y(j, share)
                parts.append(svg.line([(self.left, y), (self.right, y)], svg.LINE, 0.7))
                if not small:
                    at = self.left - 5, y + (4 if share else -4)
                    parts.append(svg.text(*at, percent(share), svg.MUTED, "end", 9.5))
            parts.append(svg.text(4, self.y(j, 0.5), name, size=12.5))
        return parts

    def values(self, column: int, of_tasks: Mapping[int, float], ink: str, bold: bool) -> list[str]:
        """Write accuracies of some tasks, and their average below, in a column from 1."""
        size = min(14.0, 0.62 * self.height)
        places = [(self.y(j, 0.5), value, size) for j, value in of_tasks.items()]
        places.append((SIZE[1] - 9, float(np.mean(list(of_tasks.values()))), 14.0))
        x, parts = self.right + self.column * column, []
        for y, value, height in places:
            words = percent(value).removesuffix("" if self.column == VALUE else " %")
            parts.append(svg.text(x, y, words, ink, "end", height, bold))
        return parts

    def average(self) -> str:
        """Name the lowest row of numbers."""
        return svg.text(self.right, SIZE[1] - 9, translate("average"), svg.MUTED, "end", 12)


class Turns(Rows):
    """The rows of a scene along its updates, with the turn of each task."""

    def __init__(self, scene: Scene, width: float) -> None:
        first = scene.main.first
        self.ends = np.cumsum(first.settings["updates"])
        super().__init__(first.names, float(self.ends[-1]), len(scene.everything), width)

    def phase(self, j: int) -> tuple[float, float]:
        """Return between which updates task j is learned."""
        return (float(self.ends[j - 1]) if j else 0.0), float(self.ends[j])


def draw_curves(scene: Scene, width: float = SIZE[0]) -> str:
    """Draw the curves of all groups, finished or not, without the SVG's frame."""
    rows = Turns(scene, width)
    parts = [_legend(scene, width), *_frame(rows)]
    colours = _colours(scene)
    for group, (stroke, _) in reversed(list(zip(scene.everything, colours, strict=True))):
        parts += _group(rows, group, stroke, pale=group is scene.baseline)
    parts += _values(rows, scene, colours)
    return "".join(parts)


def _colours(scene: Scene) -> list[tuple[str, str]]:
    """Return for each group the colour of its lines and that of its numbers."""
    shown = [(svg.RUNS[k], svg.RUNS[k]) for k in range(len(scene.groups))]
    return [*shown, (svg.PALE, svg.MUTED)] if scene.baseline else shown


def _legend(scene: Scene, width: float) -> str:
    """Name the groups in their colours; with several runs in a group, say how many."""
    groups, parts = scene.everything, []
    seeds = len(scene.main.records)
    room = (width - 8 - (70 if seeds > 1 else 0)) / len(groups)
    x = 4.0
    for group, (stroke, ink) in zip(groups, _colours(scene), strict=True):
        name, _, lam = group.label.partition(", λ")  # the number is never cut
        ending = f", λ{lam}" if lam else ""
        name = svg.shortened(name, room - 40 - svg.LETTER * 13 * len(ending)) + ending
        parts.append(svg.line([(x, 12), (x + 18, 12)], stroke, 3))
        parts.append(svg.text(x + 24, 12, name, ink, bold=group is not scene.baseline))
        x += min(room, 24 + 1.12 * svg.LETTER * 13 * len(name) + 22)
    if seeds > 1:
        parts.append(
            svg.text(width - 4, 12, translate("{count} seeds", count=seeds), svg.MUTED, "end")
        )
    return "".join(parts)


def _frame(rows: Turns) -> list[str]:
    parts = []
    for j, name in enumerate(rows.names):
        (begin, end), top = map(rows.x, rows.phase(j)), rows.y(j, 1)
        tip = translate("{task} is learned here", task=name)
        parts.append(svg.box(begin, top, end - begin, rows.y(j, 0) - top, svg.SHADE, tip))
    parts += rows.panels()
    y = SIZE[1] - 28
    parts += [
        svg.text(rows.left, y, "0", svg.MUTED, "start", 11),
        svg.text(
            rows.right, y, translate("{count:.0f} updates", count=rows.total), svg.MUTED, "end", 11
        ),
        svg.text((rows.left + rows.right) / 2, y, translate("training →"), svg.MUTED, "middle", 11),
    ]
    return parts


def _group(rows: Turns, group: Group, stroke: str, pale: bool) -> list[str]:
    """Draw each task thin until its turn has come, bold from then on; the range of seeds behind."""
    parts: list[str] = []
    x = group.updates
    if not len(x):
        return parts
    curves = group.curves  # [runs, S, T]
    low, mean, high = curves.min(0), curves.mean(0), curves.max(0)
    for j in range(len(rows.names)):
        begin = rows.phase(j)[0]
        before, since = x <= begin, x >= begin
        if len(curves) > 1 and since.sum() > 1 and not pale:
            edge = [*_points(rows, j, x, high[:, j], since)]
            edge += reversed(_points(rows, j, x, low[:, j], since))
            parts.append(svg.area(edge, stroke, 0.22))
        parts.append(svg.line(_points(rows, j, x, mean[:, j], before), stroke, 1, 0.55))
        parts.append(svg.line(_points(rows, j, x, mean[:, j], since), stroke, 2.2))
    return parts


def _points(rows: Rows, j: int, x: Array, y: Array, chosen: NDArray[np.bool_]) -> list[svg.Point]:
    chosen = chosen & np.isfinite(y)
    return [(rows.x(a), rows.y(j, b)) for a, b in zip(x[chosen], y[chosen], strict=True)]


def _values(rows: Turns, scene: Scene, colours: list[tuple[str, str]]) -> list[str]:
    """Write the latest accuracies on the tasks that have had their turn, and their average."""
    parts = [rows.average()]
    for k, (group, (_, ink)) in enumerate(zip(scene.everything, colours, strict=True), 1):
        x = group.updates
        if len(x):
            last = group.curves[:, -1].mean(0)
            begun = [j for j in range(len(rows.names)) if j == 0 or x[-1] > rows.phase(j)[0]]
            bold = group is not scene.baseline
            parts += rows.values(k, {j: float(last[j]) for j in begun}, ink, bold)
    return parts
