"""The card of a figure: its picture and its sentence, arranged on the page."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ipywidgets as w
from matplotlib.figure import Figure

from mas_edu._common import translate
from mas_edu.plots import figure_png, white_figure
from mas_edu.widgets.inline_svg import CLASS, STYLE, figure_svg, image_tag
from mas_edu.widgets.text import paragraph

BARS = 121  # pixels of JupyterLab's menu, tabs, toolbar and status bar
ROW = 35  # pixels of a row of controls, or of a line of text
SHORT = 26  # words of a sentence that stands below a picture; longer ones are folded away
LEAST = 430  # pixels of a picture's height: lower than that, its words could not be read


@dataclass(frozen=True)
class Picture:
    """A PNG, the sentence that says what it shows, and the same picture as SVG if there is one."""

    png: bytes
    words: str
    svg: str = ""


class Card:
    """A picture as inline SVG, and what it shows in words, folded away; screen readers say it.

    Args:
        size: width and height of the picture where there is room for it.
        text: what the picture says at first.
        between: widgets between the picture and its sentence.
        rows: of controls and of text that have to be seen together with the picture: in a low
            window it becomes smaller until they are.
    """

    def __init__(
        self, size: tuple[int, int], text: str, between: Iterable[Any] = (), rows: int = 0
    ) -> None:
        width, _ = size
        self.image = w.HTML(
            layout={
                "width": f"{width}px",
                "height": "auto",  # its shape is known: where it is smaller, no gap is left
                "max_width": f"min(100%, {_fitting_width(size, rows)})",
                "margin": "4px 0",
            },
        )
        self.image.add_class(CLASS)
        self.style = w.HTML(STYLE, layout={"display": "none"})
        self.caption = w.HTML(layout={"max_width": "100%"})
        self.box = w.VBox(
            [self.style, self.image, *between, self.caption],
            layout={
                "width": f"{width}px",
                "max_width": "100%",
                "margin": "0 0 8px 0",
                "overflow": "hidden",  # the margins of what is inside would bring scroll bars
            },
        )
        self.show(figure_svg(_sentence(text, size), text), text)

    def show(self, svg: str, words: str, marked: str = "") -> None:
        """Put a picture on the card, with the words that say what it shows.

        `marked`: what they say of the reader's guess, which stands there unfolded.
        """
        self.words = words
        self.image.value = svg
        self.caption.value = _folded(words, marked)


def _fitting_width(size: tuple[int, int], rows: int) -> str:
    """Return, as CSS, how wide a picture may be so that a window shows it with its controls."""
    width, height = size
    room = f"max({LEAST}px, 100vh - {BARS + ROW * rows}px)"
    return f"{width / height:.3f} * {room}"


def note(text: str, size: tuple[int, int]) -> Picture:
    """Draw a sentence where a picture will stand, or cannot."""
    return Picture(figure_png(_sentence(text, size)), text)


def _sentence(text: str, size: tuple[int, int]) -> Figure:
    figure = white_figure(size)
    figure.text(0.5, 0.5, text, ha="center", va="center", wrap=True, color="#444444")
    return figure


def _folded(words: str, marked: str) -> str:
    """Return one short line, and all the words as a part that opens at a click or with Enter."""
    first, more, _ = words.partition(". ")
    first += "." if more else ""
    line = f"{first if len(first.split()) <= SHORT else ''} {marked}".strip()
    whole = paragraph(words)
    if line == words:
        return whole
    title = translate("Describe this figure")
    style = "style='cursor: pointer; line-height: 1.6'"
    return f"{paragraph(line)}<details><summary {style}>{title}</summary>{whole}</details>"


def static_output(picture: Picture, size: tuple[int, int]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the picture as a cell's output, and its metadata, for where no widget can live."""
    image, alt = base64.b64encode(picture.png).decode(), html.escape(picture.words)
    width, height = size
    why = html.escape(translate("(A picture: the controls need a running kernel.)"))
    shown = (
        image_tag(picture.svg, size, picture.words)
        if picture.svg
        else f'<img src="data:image/png;base64,{image}" alt="{alt}" width="{width}" '
        f'height="{height}" style="max-width: 100%; height: auto">'
    )
    page = f'<figure style="margin: 0">{shown}<figcaption>{alt} {why}</figcaption></figure>'
    about = {"alt": picture.words, "width": width, "height": height}
    return {"image/png": image, "text/html": page}, {"image/png": about}


def wrapping_row(widgets: Iterable[Any], align: str = "center") -> Any:
    """Return widgets in a row that becomes several where there is little room."""
    return w.Box(
        list(widgets),
        layout={
            "display": "flex",
            "flex_flow": "row wrap",
            "align_items": align,
            "overflow": "hidden",
        },
    )
