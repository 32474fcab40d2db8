"""The playground's screen: the parts that change while the reader watches, each of fixed size."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.plots import percent
from mas_edu.widgets.playground import pictures, style, svg
from mas_edu.widgets.playground.controls import Controls
from mas_edu.widgets.playground.downloads import Downloads
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, MEASURES, OMEGA, Frame
from mas_edu.widgets.playground.svg import Drawing

BLANK = tuple((math.nan, math.nan) for _ in MEASURES)


class Screen:
    """Numbers, curves, matrix and Ω; grey while they are of other runs than are chosen."""

    def __init__(self) -> None:
        self.used = False
        self.style = w.HTML(style.STYLE, layout={"display": "none"})
        self.numbers, self.curves, self.matrix, self.omega = (w.HTML() for _ in range(4))
        self.caption, self.hint, self.words = w.HTML(), w.HTML(), w.HTML()
        self.frame: Frame | None = None
        for part, size in ((self.curves, CURVES), (self.matrix, MATRIX), (self.omega, OMEGA)):
            part.value = svg.canvas([], size, translate("Nothing is trained yet."))
        self.numbers.value = _numbers(BLANK, "")
        self.say_caption(translate("Here the curves will grow."))

    @property
    def parts(self) -> tuple[Any, ...]:
        """Everything that turns grey."""
        return self.numbers, self.curves, self.matrix, self.omega

    @property
    def stale(self) -> bool:
        """Return whether what is shown is of other runs than are chosen."""
        return any(style.STALE in part._dom_classes for part in self.parts)

    def grey_out(self) -> None:
        """Mark what is shown as of other runs than are chosen."""
        if self.used:
            for part in self.parts:
                part.add_class(style.STALE)

    def show(self, frame: Frame, baseline: str) -> None:
        """Show a frame; `baseline` is the name of what its numbers are compared with."""
        self.used, self.frame = True, frame
        self.numbers.value = _numbers(frame.numbers, baseline)
        for part, drawing in (
            (self.curves, frame.curves),
            (self.matrix, frame.matrix),
            (self.omega, frame.omega),
        ):
            part.value = drawing.svg
        self.say_caption(frame.curves.caption)
        for part in self.parts:
            part.remove_class(style.STALE)

    def describe(self, frame: Frame) -> None:
        """Put all that there is to see into words."""
        drawings: Sequence[Drawing] = (frame.curves, frame.matrix, frame.omega)
        self.words.value = "".join(f"<p>{html.escape(d.words)}</p>" for d in drawings)

    def say_caption(self, words: str) -> None:
        """Write the line below the curves."""
        self.caption.value = one_line(words, "mas-hint", role="")

    def say_hint(self, words: str) -> None:
        """Write what λ means for the chosen method."""
        self.hint.value = one_line(words, "mas-hint", role="")


def arrange(
    screen: Screen,
    controls: Controls,
    buttons: Iterable[Any],
    status: Any,
    code: Any,
    downloads: Downloads,
) -> list[Any]:
    """Return all parts as they stand on the page."""
    main, more = controls.of_run[:2], controls.of_run[2:]
    how = _box("mas-how", [_box("mas-buttons", buttons), status, screen.hint])
    omega = _box("mas-omega", controls.of_omega)
    side = _box("mas-side", [screen.matrix, _box("mas-block", [omega, screen.omega])])
    hero = _box("mas-hero", [screen.curves, controls.views.pad])
    below = _box("mas-below", [*controls.views.rows.values(), controls.show])
    folds = [
        _fold(translate("Describe these pictures"), screen.words, "words"),
        _fold(translate("The same without the widget"), code, "code"),
    ]
    foot = _box("mas-foot", [*folds, *downloads.buttons, downloads.link, controls.views.picked])
    return [
        screen.style,
        _box("mas-main", main),
        _box("mas-more", more),
        _box("mas-state", [screen.numbers, how]),
        _box("mas-pictures", [_box("mas-block", [hero, below, screen.caption]), side]),
        foot,
        screen.words,
        code,
    ]


def arrange_stage(screen: Screen, controls: Controls) -> list[Any]:
    """Return λ, tasks, the numbers and the curves, for a projector."""
    main = _box("mas-main", controls.of_run[:2])
    return [screen.style, main, screen.numbers, _box("mas-block", [screen.curves])]


def one_line(words: str, kind: str = "", role: str = "status") -> str:
    """Return a line that is never higher than one line."""
    attributes = f' role="{role}" aria-live="polite"' if role else ""
    said = html.escape(words).replace(" %", "&nbsp;%")
    return f'<div{attributes} class="mas-line {kind}" title="{html.escape(words)}">{said}</div>'


def _box(kind: str, children: Iterable[Any]) -> Any:
    box = w.Box(list(children), layout={"display": ""})
    for name in kind.split():
        box.add_class(name)
    return box


def _fold(title: str, part: Any, name: str) -> Any:
    """Return a line that opens and closes a part; the part may change meanwhile."""
    fold = w.HTML(f"<details><summary>{title}</summary></details>")
    for widget, kind in ((fold, "mas-fold"), (part, "mas-folded")):
        widget.add_class(kind)
        widget.add_class(f"{kind}-{name}")
    return fold


def _numbers(values: Sequence[tuple[float, float]], baseline: str) -> str:
    """Return the three large numbers, and how far they are from the baseline."""
    cells = []
    for name, (value, change) in zip(MEASURES, values, strict=True):
        shown = "–" if math.isnan(value) else percent(value).replace(" %", "&nbsp;%")
        less = "&nbsp;"
        if not math.isnan(change):
            points = pictures.signed(100 * change)
            less = translate("{points} against {baseline}", points=points, baseline=baseline)
        cells.append(f"<div><b>{shown}</b><span>{translate(name)}</span><i>{less}</i></div>")
    return f'<div class="mas-numbers">{"".join(cells)}</div>'
