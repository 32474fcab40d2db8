"""Text in a lesson: widgets that leave something to read without a kernel."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.widgets.static_copy import WIDGET, StaticCopy


class Page(w.VBox):  # type: ignore[misc]
    """Widgets below each other, and in `still` the same as HTML, for exports and previews."""

    still: str = ""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        widget = super()._repr_mimebundle_(**kwargs)
        return widget and {"text/html": self.still, **widget, "text/plain": repr(self)}

    def _ipython_display_(self) -> None:
        copy = StaticCopy()
        self.add_class(copy.key)
        found = self._repr_mimebundle_() or {}
        live = {name: found[name] for name in (WIDGET, "text/plain") if name in found}
        copy.show({"text/html": self.still}, {}, {"text/plain": repr(self), **live})

    def __repr__(self) -> str:
        return type(self).__name__


def text_line(words: str, role: str = "", style: str = "") -> Any:
    """Return a line of text as a widget; with a role it is read aloud when it changes."""
    line = w.HTML(layout={"max_width": "60em"})
    set_text(line, words, role, style)
    return line


def set_text(line: Any, words: str, role: str = "", style: str = "") -> None:
    """Put words on a line of text."""
    line.value = paragraph(words, role, f"font-size: 110%; {style}")


def paragraph(text: str, role: str = "", style: str = "") -> str:
    """Return a sentence as HTML, in the colours of the reader's theme."""
    attributes = f' role="{role}" aria-live="polite"' if role else ""
    together = html.escape(text).replace(" %", "&nbsp;%")  # a number and its unit, on one line
    return f'<div{attributes} style="line-height: 1.4; {style}">{together}</div>'


def label_room(label: str, pixels: int) -> int:
    """Return the width of a control's label: more than in English where a translation is longer.

    >>> label_room("tasks", 40)
    40
    """
    return round(pixels * max(1.0, len(translate(label)) / len(label)))
