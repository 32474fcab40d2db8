"""The playground's pictures for several λ, made once, so that a page can show them without Python.

The slider of the start page chooses among them: `slider.js`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

import mas_edu as me
from mas_edu.plots import percent
from mas_edu.widgets.playground import pictures, svg

COUNT = 9
PHONE = 400  # width of the curves that a phone shows


@dataclass(frozen=True)
class LambdaFrame:
    """What the playground shows with one λ.

    Args:
        lam: λ as the slider names it.
        numbers: names and values of the three large numbers.
        pictures: curves, curves for a phone, matrix and Ω as inline SVG, each with its words.
        caption: one line.
        chosen: whether the page begins with it.
    """

    lam: str
    numbers: tuple[tuple[str, str], ...]
    pictures: tuple[Markup, ...]
    caption: str
    chosen: bool = False


def frames(count: int = COUNT, **options: Any) -> list[LambdaFrame]:
    """Train the playground's network with several λ, and return what it shows with each.

    Args:
        count: how many places of the slider, its ends among them.
        options: of `me.playground`, such as `tasks`.
    """
    figure = me.playground(blocking=True, **options)
    try:
        slider = figure.controls.lam
        begin = slider.index
        last = len(slider.options) - 1
        places = sorted({begin, *(round(k * last / (count - 1)) for k in range(count))})
        found = []
        for place in places:
            slider.index = place
            found.append(_frame(figure, place == begin))
        return found
    finally:
        figure.close()


def _frame(figure: Any, chosen: bool) -> LambdaFrame:
    record, frame = figure.record, figure.screen.frame
    values = {
        "average": record.average,
        "forgetting": record.forgetting,
        "learned": record.learned,
    }
    narrow = pictures.curves(figure.scene, width=PHONE)
    drawn = (frame.curves, narrow, frame.matrix, frame.omega)
    return LambdaFrame(
        lam=figure.controls.lam.label,
        numbers=tuple((name, percent(value)) for name, value in values.items()),
        pictures=tuple(Markup(svg.still(drawing.svg)) for drawing in drawn),
        caption=frame.curves.caption,
        chosen=chosen,
    )
