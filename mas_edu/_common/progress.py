"""A progress bar that leaves text behind: a saved notebook can show it without its kernel."""

from __future__ import annotations

import sys
from typing import Any


def progress_bar(**options: Any) -> Any:
    """Return a bar of tqdm; in a notebook its widget is replaced by one line when it is closed.

    A widget without its kernel is shown as "Error displaying widget".

    >>> with progress_bar(total=3, disable=True) as bar:
    ...     _ = bar.update(3)
    """
    from tqdm.auto import tqdm

    notebook = sys.modules.get("tqdm.notebook")
    if notebook is None or not issubclass(tqdm, notebook.tqdm_notebook):
        return tqdm(**options)

    class Bar(tqdm):  # type: ignore[misc]
        """A bar as a widget that ends as text."""

        handle: Any = None

        def close(self) -> None:
            """Put the text in place of the widget."""
            is_open = not self.disable
            line = self.format_meter(**{**self.format_dict, "bar_format": None})
            super().close()
            if is_open and self.handle is not None:
                self.handle.update({"text/plain": line if self.leave else ""}, raw=True)

    return _shown(Bar(display=False, **options))


def _shown(bar: Any) -> Any:
    """Display the bar's widget where it can be replaced later; return the bar."""
    from IPython.display import display

    if not bar.disable:
        bar.handle = display(bar.container, display_id=True)
    return bar
