"""Buttons beside a "try this" prompt: each sets the controls of a figure.

try_this(figure, {"B turned by 90°": {"turn": 90}, "by 180°": {"turn": 180}})
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import ipywidgets as w

from mas_edu._common import short_repr, translate
from mas_edu.widgets.card import wrapping_row
from mas_edu.widgets.interactive import Interactive
from mas_edu.widgets.text import Page, set_text, text_line

Values = Mapping[str, Any]  # by the names of the figure's controls


class Suggestions(Page):
    """A row of buttons; once one is pressed, the figure appears below them as well.

    The prompt stands far below the figure's own cell, so what a button does would not be seen.
    """

    def __init__(self, figure: Interactive[Any], suggestions: Mapping[str, Values]) -> None:
        self.figure, self.suggestions = figure, dict(suggestions)
        self.controls = {**figure.controls, **figure.looks}
        for label, values in self.suggestions.items():
            self._check(label, values)
        self.buttons = {label: self._button(label) for label in self.suggestions}
        self.status, self.below = text_line("", "status"), w.VBox()
        labels = ", ".join(
            f"<em>{html.escape(translate(label))}</em>" for label in self.suggestions
        )
        self.still = f"<p>{translate('Buttons that set the figure: {labels}.', labels=labels)}</p>"
        super().__init__([wrapping_row(self.buttons.values()), self.status, self.below])

    def __repr__(self) -> str:
        return "\n".join(f"{label}: {dict(v)}" for label, v in self.suggestions.items())

    def press(self, label: str) -> None:
        """Press a button as a reader would."""
        self.buttons[label].click()

    def _button(self, label: str) -> Any:
        button = w.Button(
            description=translate(label),
            tooltip=translate(
                "Set the figure: {values}", values=self._said(self.suggestions[label])
            ),
            layout={"width": "max-content", "max_width": "100%", "padding": "0 12px"},
        )
        button.on_click(lambda _, label=label: self._pressed(label))
        return button

    def _pressed(self, label: str) -> None:
        values = self.suggestions[label]
        for name, value in values.items():
            self.controls[name].value = value
        words = translate("Set in the figure: {values}.", values=self._said(values))
        set_text(self.status, words, "status")
        self.below.children = (self.figure,)

    def _said(self, values: Values) -> str:
        """Return the values in words, by the descriptions of their controls."""
        return "; ".join(_said(self.controls[name], value) for name, value in values.items())

    def _check(self, label: str, values: Values) -> None:
        """Raise for a control or value that is not there.

        The end of a slider may depend on a control that is set before it: then it is not checked.
        """
        first = next(iter(values), None)
        for name, value in values.items():
            if name not in self.controls:
                known = ", ".join(self.controls)
                raise ValueError(f"{label}: the figure has no control {name!r}; it has {known}")
            free = isinstance(self.controls[name], w.IntSlider) and name != first
            if not free and not _takes(self.controls[name], value):
                raise ValueError(
                    f"{label}: {name} cannot be {short_repr(value)}; "
                    "take a value that the control can show"
                )


def try_this(figure: Interactive[Any], suggestions: Mapping[str, Values]) -> Any:
    """Show a button for each suggestion, which sets the figure's controls; last line of a cell.

    Args:
        figure: whose controls are set.
        suggestions: by the button's label, the values by the controls' names; controls that are
            not named stay as they are.

    Raises:
        ValueError: naming the control that the figure does not have, or the value it cannot take.
    """
    return Suggestions(figure, suggestions)


def _options(control: Any) -> dict[Any, str] | None:
    """Return the label of each value that a control offers; None: it has no list of them."""
    if not hasattr(control, "options"):
        return None
    pairs = (o if isinstance(o, tuple) else (str(o), o) for o in control.options)
    return {value: label for label, value in pairs}


def _takes(control: Any, value: Any) -> bool:
    options = _options(control)
    if options is not None:
        return value in options
    if isinstance(control, w.Checkbox | w.ToggleButton):
        return isinstance(value, bool)
    return bool(control.min <= value <= control.max)


def _said(control: Any, value: Any) -> str:
    options = _options(control)
    if isinstance(control, w.Checkbox | w.ToggleButton):
        return f"{control.description}: {translate('on' if value else 'off')}"
    return f"{control.description}: {options[value] if options else f'{value:g}'}"
