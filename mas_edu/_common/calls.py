"""Short forms of recorded calls: the settings of a dataclass only where they are not the default.

A run records its method as `repr` wrote it, such as `EWC(kind='exact', gamma=0.5)`. Legends show
`EWC(gamma=0.5)`. A class that was never registered, of an older or another program, keeps its text.
"""

from __future__ import annotations

import ast
from dataclasses import MISSING, fields, is_dataclass

_classes: dict[str, type] = {}


def register_defaults(kind: type) -> None:
    """Remember the class by its name; its defaults are read when a call is to be shortened."""
    _classes[kind.__name__] = kind


def class_of_call(text: str) -> type | None:
    """Return the registered class that a recorded call names; None for any other text.

    >>> class Shape: ...
    >>> register_defaults(Shape)
    >>> class_of_call("Shape(sides=3)") is Shape, class_of_call("by hand") is None
    (True, True)
    """
    return _classes.get(text.partition("(")[0])


def short_call(text: str) -> str:
    """Return a recorded call without the settings that are the default.

    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Colour:
    ...     hue: str = "red"
    ...     shade: float = 0.5
    >>> register_defaults(Colour)
    >>> short_call("Colour(hue='red', shade=1.0)"), short_call("Colour(hue='red', shade=0.5)")
    ('Colour(shade=1.0)', 'Colour')
    >>> short_call("Unknown(a=1)"), short_call("by hand"), short_call("Unknown()")
    ('Unknown(a=1)', 'by hand', 'Unknown')
    """
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):  # `MAS(data=<300 inputs, e34ef569>)`, or written by hand
        return text
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return text
    name, defaults = call.func.id, _defaults(_classes.get(call.func.id))
    shown = [ast.unparse(value) for value in call.args]
    for setting in call.keywords:
        value = ast.unparse(setting.value)
        if setting.arg is None or defaults.get(setting.arg) != value:
            shown.append(f"{setting.arg}={value}" if setting.arg else f"**{value}")
    return f"{name}({', '.join(shown)})" if shown else name


def _defaults(kind: type | None) -> dict[str, str]:
    """Return the `repr` of each default of a dataclass; nothing for any other class."""
    if kind is None or not is_dataclass(kind):
        return {}
    return {
        field.name: repr(field.default) for field in fields(kind) if field.default is not MISSING
    }
