"""Ω as SVG: a small image for each hidden unit, their mean, or one layer as a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mas_edu._common import translate
from mas_edu.methods import omega_unit
from mas_edu.plots import (
    OMEGA_COLOURS,
    as_image,
    limits,
    short_names,
    thicken_strips,
    tile,
    tile_gap,
)
from mas_edu.results import Array, Record
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.matrix_cells import colour_of

SIZE = (352, 184)  # width and height in the units of the SVG
TOP, BOTTOM = 22, 24
FIRST = "hidden1.weight"  # the layer that has an image for each unit
PICKED = "mas-picked"  # the class of the text field that takes the number of the clicked unit
VIEWS = ("units", "mean image", "matrix")  # translated


@dataclass(frozen=True)
class Choice:
    """The chosen look.

    Args:
        layer: whose Ω is shown.
        view: how, one of VIEWS; it concerns the first layer.
        log: whether in logarithmic colours.
        shown: what the large picture shows.
        at: after how much of the updates, in percent.
        share: of the weights that are removed in the lesion test.
        unit: the hidden unit that is looked at, from 0.
        digit: the test digit that is read, from 0.
        drawn: the reader's own drawing, read instead; see `pad`.
    """

    layer: str
    view: str
    log: bool
    shown: str = "curves"
    at: int = 100
    share: float = 0.0
    unit: int | None = None
    digit: int = 0
    drawn: str = ""


def draw_omega(record: Record, choice: Choice, whose: str = "") -> str:
    """Draw Ω after the last finished task, as chosen; a sentence where there is none."""
    when = after_task(record)
    title = translate("Ω of {name}", name=choice.layer)
    if whose:
        taken = svg.BOLD * svg.LETTER * 13 * len(f"{title}, , {when}")
        title += f", {svg.bold_label(whose, SIZE[0] - taken)}"
    if not record.omegas:
        return svg.text(0, 9, title, bold=True) + svg.text(0, 40, why_no_omega(record), svg.MUTED)
    values = record.omegas[-1][choice.layer].detach().cpu().double().numpy()
    low, high = limits([record.omegas[-1]], choice.layer, choice.log)
    picture = coloured(arranged(values, tuple(record.settings["shape"]), choice), low, high, choice)
    height, width = picture.shape[:2]
    scale = min(SIZE[0] / width, (SIZE[1] - TOP - BOTTOM) / height)
    shown = scale * width, scale * height
    return "".join(
        [
            svg.text(0, 9, f"{title}, {when}", bold=True),
            svg.raster(0, TOP, *shown, svg.png(picture)),
            *_frame(record, choice, scale),
            *_picker(record, choice, shown),
            *_scale(low, high, omega_unit(str(record.settings.get("method"))), choice.log),
        ]
    )


def why_no_omega(record: Record) -> str:
    """Say why there is no Ω to draw."""
    if record.finished:
        name = short_names(record.label)
        return translate("{method} keeps no Ω: it has no penalty.", method=name)
    return translate("Ω is computed when the first task is finished.")


def after_task(record: Record) -> str:
    """Say how many tasks were learned."""
    return translate("after task {number}", number=record.finished)


def arranged(values: Array, shape: tuple[int, ...], choice: Choice) -> Array:
    """Return Ω as the pixels of a picture; NaN: a gap between two images."""
    channels, height, width = as_image(shape)
    is_first = values.ndim == 2 and values.shape[1] == channels * height * width
    if not is_first or choice.view == VIEWS[2]:
        flat: Array = values.reshape(len(values), -1)
        return flat if values.ndim > 1 else np.repeat(flat.T, 4, axis=0)
    images = thicken_strips(values.reshape(len(values), channels, height, width).sum(1))
    if choice.view == VIEWS[1]:
        mean: Array = images.mean(0)
        return mean
    return tile(images, _across(*images.shape))[0]


def coloured(pixels: Array, low: float, high: float, choice: Choice) -> Array:
    """Return pixels in colours, `[H, W, 4]` bytes; transparent where they are NaN."""
    gaps, values = np.isnan(pixels), np.nan_to_num(pixels)
    if choice.log:
        zeros = values <= 0
        safe = np.where(zeros, low, values)
        share = np.log(safe / low) / max(np.log(high / low), 1e-12)
        share = np.where(zeros, np.nan, share)
    else:
        share = values / (high or 1.0)
    picture: Array = OMEGA_COLOURS(np.clip(share, 0, 1), bytes=True)
    picture[np.isnan(share)] = (217, 217, 217, 255)  # has no logarithm
    picture[gaps] = 0
    return picture


def _across(count: int, height: int, width: int) -> int:
    """Return how many images in a row make them the largest."""
    room = SIZE[0], SIZE[1] - TOP - BOTTOM

    def size(across: int) -> float:
        rows = -(-count // across)
        return min(room[0] / (across * (width + 1)), room[1] / (rows * (height + 1)))

    return max(range(1, count + 1), key=size)


def _has_tiles(choice: Choice) -> bool:
    """Return whether each unit has an image of its own."""
    return choice.view == VIEWS[0] and choice.layer == FIRST


def _grid(record: Record) -> tuple[int, int, int, int]:
    """Return images in a row, height and width of one, and the gap between two, in pixels."""
    _, height, width = as_image(tuple(record.settings["shape"]))
    across = _across(len(record.omegas[-1][FIRST]), height, width)
    return across, height, width, tile_gap(height, width)


def _frame(record: Record, choice: Choice, scale: float) -> list[str]:
    """Draw a frame around the unit that is looked at."""
    if choice.unit is None or not _has_tiles(choice):
        return []
    across, height, width, gap = _grid(record)
    x = (choice.unit % across) * (width + gap) * scale
    y = TOP + (choice.unit // across) * (height + gap) * scale
    return [svg.frame(x, y, width * scale, height * scale, svg.RUNS[1])]


def _picker(record: Record, choice: Choice, shown: tuple[float, float]) -> list[str]:
    """Let a click choose the unit whose image it hits."""
    if not _has_tiles(choice):
        return []
    across = _grid(record)[0]
    rows = -(-len(record.omegas[-1][FIRST]) // across)
    return [svg.picker(0, TOP, *shown, _pick_script(across, rows))]


def _pick_script(across: int, rows: int) -> str:
    """Return what the page does on a click; the time makes a second one on a unit another value."""
    return f"""
const box = this.getBoundingClientRect();
const column = Math.floor({across} * (event.clientX - box.left) / box.width);
const row = Math.floor({rows} * (event.clientY - box.top) / box.height);
const field = this.closest('.mas-playground').querySelector('.{PICKED} input');
field.value = `${{row * {across} + column + 1}} ${{event.timeStamp}}`;
field.dispatchEvent(new Event('change', {{bubbles: true}}));
"""


def _scale(low: float, high: float, unit: str, log: bool) -> list[str]:
    """Draw the colours with their ends and the unit; narrower ones where these are long."""
    lowest, y, steps = f"{low:.2g}", SIZE[1] - 15, 16
    x = max(34.0, 8 + 0.64 * 11 * len(lowest))  # digits are wider than letters in the mean
    words = f"{high:.3g}" + (f" {translate(unit)}" if unit else "")
    said = [f"{words} {translate('(grey: 0)')}", words] if log else [words]
    choices = [(some, step) for some in said for step in (5.0, 3.0)]
    whole, step = next((c for c in choices if _fits(x + steps * c[1] + 6, c[0])), choices[-1])
    parts = [svg.text(x - 5, y + 5, lowest, svg.MUTED, "end", 11)]
    parts += [
        svg.box(x + step * k, y, step + 0.2, 10, colour_of(OMEGA_COLOURS((k + 0.5) / steps)))
        for k in range(steps)
    ]
    return [*parts, svg.text(x + step * steps + 6, y + 5, whole, svg.MUTED, size=11)]


def _fits(left: float, words: str) -> bool:
    """Return whether words that begin there end within the picture."""
    return svg.shortened(words, SIZE[0] - left, 11) == words
