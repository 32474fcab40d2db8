"""The playground's screen: where pictures and sentences appear, and how they are arranged."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from typing import Any

import ipywidgets as w

from mas_edu.widgets.pictures import CURVES, MATRIX, OMEGA, Frame, Picture, note


class Card:
    """A picture of fixed size on opaque white, and its sentence below, also for screen readers."""

    def __init__(self, size: tuple[int, int], text: str, between: Iterable[Any] = ()) -> None:
        width, height = size
        picture = note(text, size)
        self.image = w.Image(
            value=picture.png,
            format="png",
            width=width,
            height=height,
            layout={
                "width": f"{width}px",
                "height": f"{height}px",
                "max_width": "100%",
                "object_fit": "contain",
                "margin": "4px 0",
            },
        )
        self.caption = w.HTML(layout={"width": f"{width}px", "max_width": "100%"})
        self.box = w.VBox(
            [self.image, *between, self.caption],
            layout={"width": f"{width}px", "max_width": "100%", "margin": "0 8px 8px 0"},
        )
        self.show(picture)

    def show(self, picture: Picture) -> None:
        """Put a picture and its sentence on the card."""
        self.picture = picture
        self.image.value = picture.png
        self.caption.value = paragraph(picture.words)


class Screen:
    """All that changes while the reader watches."""

    def __init__(self, omega_controls: Iterable[Any]) -> None:
        self.progress = w.IntProgress(
            value=0, min=0, max=1, description="", layout={"width": "200px", "margin": "6px 8px"}
        )
        self.status, self.summary, self.call = w.HTML(), w.HTML(), w.HTML()
        waiting = "This appears when a run has ended."
        self.curves = Card(CURVES, "Here the curves will grow.")
        self.matrix = Card(MATRIX, waiting)
        self.omega = Card(OMEGA, waiting, [wrapping_row(omega_controls)])

    def say(self, text: str, alarm: bool = False) -> None:
        """Say how it goes, or what went wrong."""
        role = "alert" if alarm else "status"
        colour = "color: var(--jp-error-color0, #b71c1c); " if alarm else ""
        self.status.value = paragraph(text, role, f"{colour}font-weight: 600")

    def show(self, frame: Frame) -> None:
        """Show what was drawn."""
        for card, picture in (
            (self.curves, frame.curves),
            (self.matrix, frame.matrix),
            (self.omega, frame.omega),
        ):
            if picture is not None:
                card.show(picture)

    def summarise(self, text: str) -> None:
        """Say what came out."""
        self.summary.value = paragraph(text)

    def tell(self, call: str) -> None:
        """Show the function call that does the same."""
        self.call.value = (
            "<div>The same without the widget:</div>"
            '<pre style="padding: 6px 10px; overflow-x: auto; '
            'background: var(--jp-layout-color2, #eee); color: inherit">'
            f"{html.escape(call)}</pre>"
        )


def static_output(picture: Picture, size: tuple[int, int]) -> tuple[dict[str, str], dict[str, Any]]:
    """The picture as the output of a cell, and its metadata, for where no widget can live."""
    image, alt = base64.b64encode(picture.png).decode(), html.escape(picture.words)
    width, height = size
    page = (
        f'<figure style="margin: 0"><img src="data:image/png;base64,{image}" alt="{alt}" '
        f'width="{width}" height="{height}"><figcaption>{alt} (A picture: the controls need a '
        "running kernel.)</figcaption></figure>"
    )
    about = {"alt": picture.words, "width": width, "height": height}
    return {"image/png": image, "text/html": page}, {"image/png": about}


def wrapping_row(widgets: Iterable[Any], align: str = "center") -> Any:
    """Widgets in a row that becomes several where there is little room."""
    return w.Box(
        list(widgets), layout={"display": "flex", "flex_flow": "row wrap", "align_items": align}
    )


def paragraph(text: str, role: str = "", style: str = "") -> str:
    """A sentence as HTML, in the colours of the reader's theme."""
    attributes = f' role="{role}" aria-live="polite"' if role else ""
    together = html.escape(text).replace(" %", "&nbsp;%")  # a number and its unit, on one line
    return f'<div{attributes} style="line-height: 1.4; {style}">{together}</div>'
