"""The contrast of every text in a figure with what lies behind it, by WCAG 2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from tests.support.texts import extents, texts_of

LEAST, LEAST_LARGE = 4.5, 3.0  # level AA
LARGE, LARGE_BOLD = 18, 14  # points


def pale_texts(figure: Figure) -> list[str]:
    """Return the texts that have too little contrast, each with the contrast it has."""
    return [
        f"{text.get_text()!r} has {found:.2f}"
        for text, found in contrasts(figure)
        if found < (LEAST_LARGE if _is_large(text) else LEAST)
    ]


def contrasts(figure: Figure) -> Iterator[tuple[Text, float]]:
    """Yield every text with its contrast; behind it is its box, or what is drawn there."""
    texts = texts_of(figure)
    places = extents(texts)
    shown = figure.findobj(Text)
    seen = [text.get_visible() for text in shown]
    for text in shown:
        text.set_visible(False)
    canvas = FigureCanvasAgg(figure)
    layout = figure.get_layout_engine()
    figure.set_layout_engine("none")  # nothing moves because the texts are gone
    canvas.draw()
    figure.set_layout_engine(layout)
    for text, was in zip(shown, seen, strict=True):
        text.set_visible(was)
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255  # from the bottom up
    for text, place in zip(texts, places, strict=True):
        (left, low), (right, high) = np.floor(place.min).astype(int), np.ceil(place.max).astype(int)
        behind = np.median(pixels[max(low, 0) : high, max(left, 0) : right].reshape(-1, 3), axis=0)
        box = text.get_bbox_patch()
        if box is not None:
            *filled, cover = box.get_facecolor()
            behind = cover * np.array(filled) + (1 - cover) * behind
        *ink, alpha = to_rgba(text.get_color(), text.get_alpha())
        light, dark = sorted((_light(alpha * np.array(ink) + (1 - alpha) * behind), _light(behind)))
        yield text, (dark + 0.05) / (light + 0.05)


def _light(colour: NDArray[np.float64]) -> float:
    """Return the relative luminance of an sRGB colour."""
    linear = np.where(colour <= 0.03928, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _is_large(text: Text) -> bool:
    bold = text.get_fontweight() in ("bold", "semibold") or text.get_fontweight() == 700
    return text.get_fontsize() >= (LARGE_BOLD if bold else LARGE)
