"""The accuracy matrix as SVG: square cells at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps

from mas_edu._common import translate
from mas_edu.plots import percent, task_name
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.groups import Group

SIZE = (352, 184)  # width and height in the units of the SVG
LEFT, TOP, LARGEST, ROOM = 44, 38, 27, 133
COLOURS = colormaps["viridis"]


def draw_matrix(group: Group, whose: str = "") -> str:
    """Draw the mean accuracy on task j (column) after learning task i (row)."""
    tasks, matrix = len(group.accuracy), group.accuracy
    cell = min(LARGEST, ROOM / tasks)
    names = [task_name(name) for name in group.first.names]
    parts = [
        svg.text(
            0,
            9,
            translate("Accuracy matrix{whose}, %", whose=f", {whose}" if whose else ""),
            bold=True,
        ),
        svg.text(LEFT, 28, translate("tested on task"), svg.MUTED, size=11),
    ]
    for i in range(tasks):
        middle = TOP + 12 + (i + 0.5) * cell
        parts.append(svg.text(LEFT - 6, middle, str(i + 1), svg.MUTED, "end", 11))
        across = LEFT + (i + 0.5) * cell
        parts.append(svg.text(across, TOP + 4, str(i + 1), svg.MUTED, "middle", 11))
        for j in range(tasks):
            x, y = LEFT + j * cell, TOP + 12 + i * cell
            if j > i or i >= group.finished:
                parts.append(svg.box(x, y, cell - 1, cell - 1, svg.SHADE))
                continue
            share = float(matrix[i, j])
            tip = translate(
                "after learning {learned}: {share} on {tested}",
                learned=names[i],
                share=percent(share),
                tested=names[j],
            )
            colour = colour_of(COLOURS(share))
            parts.append(svg.box(x, y, cell - 1, cell - 1, colour, tip))
            number = svg.text(
                x + (cell - 1) / 2,
                y + (cell - 1) / 2,
                f"{100 * share:.0f}",
                "#000" if share > 0.5 else "#fff",
                "middle",
                min(12.0, 0.56 * cell),
            )
            parts.append(f'<g pointer-events="none">{number}</g>')
    parts += _reading(group, LEFT + tasks * cell + 14)
    return "".join(parts)


def _reading(group: Group, x: float) -> list[str]:
    """Say beside the matrix how it is read, and of how many runs it is the mean."""
    seeds = len(group.records)
    lines = translate(
        "A row: after learning\nthat many tasks.\nDown a column: one\ntask being forgotten."
    ).split("\n")
    lines += [translate("Mean of {count} seeds.", count=seeds)] if seeds > 1 else []
    return [
        svg.text(x, TOP + 22 + 16 * k, words, svg.MUTED, size=11) for k, words in enumerate(lines)
    ]


def colour_of(rgba: Any) -> str:
    """Return a colour of matplotlib as CSS has it.

    >>> colour_of((1.0, 0.5, 0.0, 1.0))
    '#ff8000'
    """
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in np.ravel(rgba)[:3])
