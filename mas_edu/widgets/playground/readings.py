"""The network's reading of one digit after each task, as SVG; the digit may be drawn."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from matplotlib import colormaps
from torch import Tensor

from mas_edu._common import translate
from mas_edu.methods import FineTune
from mas_edu.networks import Params, mlp, whole_state
from mas_edu.plots import as_image, percent, short_names
from mas_edu.results import Array, Record
from mas_edu.training import HIDDEN, Training, inactive_mask
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.curve_rows import SIZE
from mas_edu.widgets.playground.matrix_cells import COLOURS, colour_of
from mas_edu.widgets.playground.omega_mosaic import Choice
from mas_edu.widgets.playground.pad import as_input
from mas_edu.widgets.playground.settings import Settings

CELLS, CELL, GAP = 268, 19, 240  # pixels: where the first table begins, a column, to the next table
TOP, SEEN = 52, 84  # pixels: where the rows begin, the side of what the network sees


@dataclass(frozen=True)
class Readings:
    """The networks after each task of a run, and of the same run without protection.

    Args:
        runs: the label of each run, and its networks.
        settings: of the first run.
    """

    runs: tuple[tuple[str, tuple[Params, ...]], ...]
    settings: Settings

    def picture(self, choice: Choice) -> tuple[str, str]:
        """Draw what is read; return the drawing without the SVG's frame, and its line."""
        if not self.runs:
            words = translate("For this view take the images digits.")
            return svg.text(CELLS, 40, words, svg.MUTED), words
        task = self.settings.make()[0]
        shape = as_image(self.settings.make().shape)
        x, label = as_input(choice.drawn, *shape[1:]), None
        if x is None:
            row = choice.digit % len(task.x_test)
            x, label = task.x_test[row : row + 1], int(task.y_test[row])
        read = [self.probabilities(networks, x) for _, networks in self.runs]
        parts = _seen(x.reshape(shape[1:]).numpy(), label)
        for k, ((name, _), table) in enumerate(zip(self.runs, read, strict=True)):
            parts += _table(CELLS + k * GAP, name, table, label)
        return "".join(parts), _caption([name for name, _ in self.runs], read)

    def probabilities(self, networks: Sequence[Params], x: Tensor) -> Array:
        """Return how likely each class is after each task, `[T, C]`, for one input of task 1."""
        stream = self.settings.make()
        model = mlp([stream.features, HIDDEN, stream.outputs])
        inactive, found = inactive_mask(stream[0], stream.outputs), []
        for state in networks:
            model.load_state_dict(state)
            with torch.no_grad():
                logits = model(x)
            found.append(logits.masked_fill(inactive, -torch.inf).softmax(-1)[0].numpy())
        return np.array(found)


def measure_readings(record: Record, settings: Settings) -> Generator[None, None, Readings]:
    """Train the run again, to keep the network after each task, and the same without protection."""
    if not settings.small:
        return Readings((), settings)
    wanted = dict.fromkeys([settings, replace(settings, method=FineTune())])
    runs = []
    for one in wanted:
        run = Training(one.make(), one.method, one.lam, seed=one.seed, schedule=one.schedule)
        networks: list[Params] = []
        for _ in run:
            if run.finished > len(networks):
                networks.append(whole_state(run.model))
            yield
        runs.append((short_names(run.label), tuple(networks)))
    return Readings(tuple(runs), settings)


def _seen(pixels: Array, label: int | None) -> list[str]:
    """Draw the input as the network sees it, below the pad."""
    top = SIZE[1] - SEEN - 14
    shades = colormaps["gray_r"](np.clip(pixels, 0, 1), bytes=True)
    lines = [translate("what the network sees:"), translate("your drawing")]
    if label is not None:
        lines[1] = translate("a test digit, {label}", label=label)
    return [
        svg.text(0, 12, translate("Draw a digit, large"), bold=True),
        svg.raster(0, top, SEEN, SEEN, svg.png(shades)),
        *(
            svg.text(SEEN + 10, top + 10 + 17 * k, line, svg.MUTED, size=12)
            for k, line in enumerate(lines)
        ),
    ]


def _table(left: float, name: str, table: Array, label: int | None) -> list[str]:
    """Draw a row for each task and a column for each class; the class that is read is written."""
    room = GAP - 12
    parts = [svg.text(left - 26, 12, svg.shortened(name, room), bold=True)]
    words = translate("after task, read as")
    parts.append(svg.text(left - 26, TOP - 24, words, svg.MUTED, size=11))
    pitch = min(27.0, (SIZE[1] - TOP - 10) / len(table))
    for c in range(table.shape[1]):
        right = c == label
        x, ink = left + (c + 0.5) * CELL, svg.INK if right else svg.MUTED
        parts.append(svg.text(x, TOP - 8, str(c), ink, "middle", 11, right))
    for i, row in enumerate(table):
        y, best = TOP + i * pitch, int(row.argmax())
        parts.append(svg.text(left - 6, y + pitch / 2, str(i + 1), svg.MUTED, "end", 11))
        for c, share in enumerate(row.tolist()):
            colour = colour_of(COLOURS(share))
            x = left + c * CELL
            parts.append(svg.box(x, y, CELL - 1, pitch - 1, colour, f"{c}: {percent(share)}"))
        ink = "#000" if row[best] > 0.5 else "#fff"
        middle = left + best * CELL + (CELL - 1) / 2, y + (pitch - 1) / 2
        number = svg.text(*middle, str(best), ink, "middle", 12, bold=True)
        parts.append(f'<g pointer-events="none">{number}</g>')
    return parts


def _caption(names: Sequence[str], read: Sequence[Array]) -> str:
    """Say what each run reads after the first task and after the last."""
    runs = [
        f"{name}: {table[0].argmax()}, {table[-1].argmax()}"
        for name, table in zip(names, read, strict=True)
    ]
    return translate(
        "Read after task 1, and after task {count}: {runs}.",
        count=len(read[0]),
        runs="; ".join(runs),
    )
