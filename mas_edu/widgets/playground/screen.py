"""The playground's screen: the cards and sentences that change while the reader watches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets as w

from mas_edu.plots import captions
from mas_edu.results import Record
from mas_edu.widgets.card import Card, wrapping_row
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, OMEGA, Frame
from mas_edu.widgets.text import paragraph

STALE = "mas-edu-stale"
STYLE = f"<style>.{STALE} {{ opacity: 0.35; }}</style>"


class Screen:
    """Curves, matrix, Ω and a summary; grey while they are of another run than is chosen."""

    def __init__(self, omega_controls: Iterable[Any]) -> None:
        self.used = False
        waiting = "This appears when a run has ended."
        self.summary, self.style = w.HTML(), w.HTML(STYLE, layout={"display": "none"})
        self.curves = Card(CURVES, "Here the curves will grow.")
        self.matrix = Card(MATRIX, waiting)
        self.omega = Card(OMEGA, waiting, [wrapping_row(omega_controls)])

    @property
    def parts(self) -> tuple[Any, ...]:
        """Everything that turns grey: not the controls of Ω."""
        cards = (self.curves, self.matrix, self.omega)
        return self.summary, *(part for card in cards for part in (card.image, card.caption))

    @property
    def stale(self) -> tuple[bool, ...]:
        """For each part, whether it is of another run than the one that is chosen."""
        return tuple(STALE in part._dom_classes for part in self.parts)

    def grey_out(self) -> None:
        """Mark what was shown so far as of another run than the one that is chosen."""
        if not self.used:
            return
        for part in self.parts:
            part.add_class(STALE)

    def show(self, frame: Frame) -> None:
        """Show what was drawn of the chosen run."""
        self.used = True
        for card, picture in (
            (self.curves, frame.curves),
            (self.matrix, frame.matrix),
            (self.omega, frame.omega),
        ):
            if picture is not None:
                card.show(picture)
                card.image.remove_class(STALE)
                card.caption.remove_class(STALE)

    def summarise(self, record: Record) -> None:
        """Say what came out."""
        self.summary.value = paragraph(captions.summary(record))
        self.summary.remove_class(STALE)
