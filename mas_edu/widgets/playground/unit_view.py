"""One hidden unit as SVG: its Ω, the digits that drive it, and the accuracy without it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib import colormaps
from torch import Tensor, nn

from mas_edu._common import translate
from mas_edu.data import Stream
from mas_edu.networks import mlp
from mas_edu.plots import OMEGA_COLOURS, as_image, percent, short_names, task_name
from mas_edu.results import Array, Record
from mas_edu.training import HIDDEN, accuracies, lesion
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.curve_rows import SIZE
from mas_edu.widgets.playground.omega_mosaic import FIRST, Choice
from mas_edu.widgets.playground.settings import Settings

LAST = "output.weight"
ACROSS, DOWN = 4, 3  # digits that drive a unit
PICTURE, DIGIT, PITCH = 180, 50, 76  # pixels of the unit's Ω, of a digit, from row to row
MIDDLE, RIGHT, NAMES, BARS = 222, 480, 92, 84


@dataclass(frozen=True)
class Units:
    """Measurements of each of the hidden units.

    Args:
        label: method and λ of the run.
        names: of the tasks.
        omega: Ω of the unit's weights from the pixels, `[U, H, W]`; None: the method has none.
        digits: the test digits that drive it most, `[U, D, H, W]`, from 0 to 1.
        labels: what they are, `[U, D]`.
        tasks: to which task they belong, `[U, D]`.
        drive: how far each drives the unit, `[U, D]`; 0: not at all.
        whole: the accuracies of the whole network, `[T]`.
        without: those without the unit, `[U, T]`.
    """

    label: str
    names: tuple[str, ...]
    omega: Array | None
    digits: Array
    labels: Array
    tasks: Array
    drive: Array
    whole: Array
    without: Array

    @property
    def shares(self) -> Array:
        """Return the share of the layer's Ω that each unit has, `[U]`."""
        assert self.omega is not None
        sums: Array = self.omega.sum((1, 2))
        shares: Array = sums / (sums.sum() or 1.0)
        return shares

    def picture(self, choice: Choice) -> tuple[str, str]:
        """Draw the chosen unit; return the drawing without the SVG's frame, and its line."""
        unit = choice.unit or 0
        return draw_unit(self, unit), caption(self, unit)


def measure_units(record: Record, settings: Settings) -> Generator[None, None, Units]:
    """Look into the network as the run left it; yield between two measurements."""
    stream = settings.make()
    model = mlp([stream.features, HIDDEN, stream.outputs])
    model.load_state_dict(record.weights)
    omega = None
    if record.omegas:
        omega = _as_images(record.omegas[-1][FIRST], stream)
    best = _driving(model, stream)
    yield
    without = []
    for unit in range(HIDDEN):
        outgoing = torch.zeros(stream.outputs, HIDDEN)
        outgoing[:, unit] = 1
        without.append(lesion(model, stream, {LAST: outgoing}, share=1 / HIDDEN))
        yield
    whole = accuracies(model, stream)
    return Units(short_names(record.label), record.names, omega, *best, whole, np.array(without))


@torch.no_grad()
def _driving(model: nn.Module, stream: Stream) -> tuple[Array, Array, Array, Array]:
    """Return the digits that drive each unit most, their labels, tasks, and how far they do."""
    x = torch.cat([task.x_test for task in stream])
    labels = torch.cat([task.y_test for task in stream])
    tasks = torch.cat([torch.full_like(task.y_test, j) for j, task in enumerate(stream)])
    layer = model.get_submodule(FIRST.partition(".")[0])
    drive, rows = torch.relu(layer(x.flatten(1))).topk(ACROSS * DOWN, dim=0)  # [D, U]
    rows = rows.T  # [U, D]
    return _as_images(x[rows], stream), labels[rows].numpy(), tasks[rows].numpy(), drive.T.numpy()


def _as_images(values: Tensor, stream: Stream) -> Array:
    """Return values for each pixel, `[…, features]`, as images, `[…, H, W]`."""
    images: Array = values.reshape(*values.shape[:-1], *as_image(stream.shape)).sum(-3).numpy()
    return images


def draw_unit(units: Units, unit: int) -> str:
    """Draw a unit, counted from 0."""
    return "".join([*_omega(units, unit), *_digits(units, unit), *_accuracies(units, unit)])


def caption(units: Units, unit: int) -> str:
    """Say what the network loses without the unit."""
    change = units.without[unit] - units.whole
    most = int(np.abs(change).argmax())
    points = round(100 * float(change[most]))
    sign = "−" if points < 0 else "+" if points else "±"
    return translate(
        "Without unit {unit} the average is {without} instead of {whole}; "
        "{task} changes most, by {points} points.",
        unit=unit + 1,
        without=percent(float(units.without[unit].mean())),
        whole=percent(float(units.whole.mean())),
        task=task_name(units.names[most]),
        points=f"{sign}{abs(points)}",
    )


def _omega(units: Units, unit: int) -> list[str]:
    title = translate("Unit {unit} of {method}", unit=unit + 1, method=units.label)
    parts = [svg.text(0, 12, title, bold=True)]
    if units.omega is None:
        return [*parts, svg.text(0, 44, translate("The method keeps no Ω."), svg.MUTED)]
    pixels = units.omega[unit]
    scale = PICTURE / max(pixels.shape)
    shown = OMEGA_COLOURS(pixels / (units.omega.max() or 1.0), bytes=True)
    height, width = scale * pixels.shape[0], scale * pixels.shape[1]
    share, rank = units.shares[unit], int((units.shares > units.shares[unit]).sum()) + 1
    lines = (
        translate("Ω of its weights from the pixels"),
        translate("{share} of the Ω of the layer:", share=f"{100 * share:.1f} %"),
        translate("number {rank} of {count} units", rank=rank, count=len(units.omega)),
    )
    return [
        *parts,
        svg.raster(0, 30, width, height, svg.png(shown)),
        *(svg.text(0, 50 + PICTURE + 18 * k, words, svg.MUTED) for k, words in enumerate(lines)),
    ]


def _digits(units: Units, unit: int) -> list[str]:
    parts = [svg.text(MIDDLE, 12, translate("Test digits that drive it most"), bold=True)]
    active = units.drive[unit] > 0
    if not active.any():
        words = translate("None: it is never active.")
        return [*parts, svg.text(MIDDLE, 44, words, svg.MUTED)]
    for k in np.flatnonzero(active).tolist():
        x, y = MIDDLE + (k % ACROSS) * (DIGIT + 10), 30 + (k // ACROSS) * PITCH
        pixels = colormaps["gray_r"](np.clip(units.digits[unit, k], 0, 1), bytes=True)
        name = task_name(units.names[int(units.tasks[unit, k])])
        words = svg.shortened(f"{units.labels[unit, k]:.0f}, {name}", DIGIT + 10, 11)
        parts.append(svg.raster(x, y, DIGIT, DIGIT, svg.png(pixels)))
        parts.append(svg.text(x + DIGIT / 2, y + DIGIT + 9, words, svg.MUTED, "middle", 11))
    return parts


def _accuracies(units: Units, unit: int) -> list[str]:
    """Draw a bar for each task: its accuracy without the unit, and a line where it was."""
    parts = [svg.text(RIGHT, 12, translate("Accuracy without it"), bold=True)]
    bars = RIGHT + NAMES
    pitch = min(40.0, (SIZE[1] - 60) / (len(units.names) + 1))
    names = [svg.shortened(task_name(name), NAMES - 6) for name in units.names]
    rows = [
        *zip(names, units.whole, units.without[unit], strict=True),
        (translate("average"), units.whole.mean(), units.without[unit].mean()),
    ]
    for j, (name, whole, without) in enumerate(rows):
        y, high = 42 + j * pitch, min(14.0, 0.5 * pitch)
        last = j == len(rows) - 1
        parts += [
            svg.text(RIGHT, y, name, size=12.5, bold=last),
            svg.box(bars, y - high / 2, BARS, high, svg.SHADE),
            svg.box(bars, y - high / 2, BARS * without, high, svg.RUNS[0]),
            svg.box(bars + BARS * whole - 1, y - high / 2 - 3, 2, high + 6, svg.INK),
            svg.text(
                SIZE[0] - 2,
                y,
                f"{100 * whole:.0f} → {percent(float(without))}",
                svg.INK,
                "end",
                12.5,
                last,
            ),
        ]
    words = translate("line: the whole network")
    return [*parts, svg.text(bars, 42 + len(rows) * pitch, words, svg.MUTED, size=11)]
