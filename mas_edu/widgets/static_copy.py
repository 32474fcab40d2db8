"""The static copy that a widget leaves in the notebook's file, seen wherever no kernel runs.

A front end that finds a widget without its kernel says "Error displaying widget", also where a
picture stands beside it in the same output. So the copy is an output of its own, above the widget;
its style hides it while the widget is alive, and the widget's place when it is not.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections.abc import Callable
from typing import Any

from mas_edu._common import translate

WIDGET = "application/vnd.jupyter.widget-view+json"
QUIET = 0.7  # seconds without another change, before the copy follows
REVIVE = "A copy without its controls: run the cell again to bring it back to life."  # translated


class StaticCopy:
    """The two outputs of one widget: its copy, and the widget itself."""

    def __init__(self) -> None:
        self.key = f"mas-edu-{secrets.token_hex(4)}"
        self.shown = False
        self._timer: threading.Timer | None = None

    def show(self, copy: dict[str, Any], metadata: dict[str, Any], live: dict[str, Any]) -> None:
        """Display the copy and the widget below it; outside a kernel, the text of the widget."""
        from IPython.display import display

        if not in_kernel():
            print(live["text/plain"])
            return
        display(self._marked(copy), metadata=metadata, raw=True, display_id=self.key)
        display(live, raw=True)
        self.shown = True

    def update(self, copy: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Put another copy in place of the one that stands in the notebook."""
        from IPython.display import update_display

        if self.shown:
            update_display(self._marked(copy), metadata=metadata, raw=True, display_id=self.key)

    def update_soon(self, make: Callable[[], tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Update the copy in a moment, unless there is another change before."""
        self.cancel()
        if self.shown:
            self._timer = threading.Timer(QUIET, self._update_made, [make])
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Leave the copy as it is."""
        if self._timer is not None:
            self._timer.cancel()

    def _update_made(self, make: Callable[[], tuple[dict[str, Any], dict[str, Any]]]) -> None:
        self.update(*make())

    def _marked(self, copy: dict[str, Any]) -> dict[str, Any]:
        """Return the copy with the style that hides it while the widget is alive."""
        alive = f".{self.key}:not(.jupyter-widgets-disconnected)"
        child, still = ".jp-OutputArea-child", f".{self.key}-copy"
        style = (
            f"body:has({alive}) {still}, body:has({alive}) {child}:has({still}), "
            f".{self.key}.jupyter-widgets-disconnected, "
            f"body:not(:has({alive})) {child}:has({still}) + {child} .jupyter-widgets:not(:has(*)) "
            "{ display: none !important; }"
        )
        page = (
            f'<div class="{self.key}-copy">{copy.get("text/html", "")}'
            f"<p><em>{translate(REVIVE)}</em></p>"
            f"<style>{style}</style></div>"
        )
        return {**copy, "text/html": page}


def in_kernel() -> bool:
    """Return whether this is a notebook's kernel, which can show widgets."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")
