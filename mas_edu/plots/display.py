"""Showing a picture to everyone: the image, its alt text, and the same sentence below it."""

from __future__ import annotations

import base64
import html
import sys
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from mas_edu._common import figure_png, short_repr


def show(fig_or_ax: Figure | Axes, alt: str) -> None:
    """Display a picture in a notebook, with `alt` as its alt text and visible below it.

    The alt text is in the image's metadata, where nbconvert's classic template looks for it, and in
    the HTML of the output, which JupyterLab and the default export prefer. Outside a notebook the
    sentence is printed. The figure is not left with pyplot, so no second copy appears.

    Args:
        fig_or_ax: what to show; of axes, their figure.
        alt: what there is to see, for those who do not see it; `me.words` computes it.

    Raises:
        ValueError: if `alt` is empty, or there is nothing to show.

    >>> show(Figure(), alt="An empty figure.")
    An empty figure.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            f"alt: expected a sentence that says what the picture shows, got {short_repr(alt)}; "
            "me.words has one for every picture of me.plots"
        )
    figure = _as_figure(fig_or_ax)
    _remove_from_pyplot(figure)
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(alt)
        return
    from IPython.display import display

    bundle, metadata = cell_output(figure, alt)
    display(bundle, metadata=metadata, raw=True)


def cell_output(figure: Figure, alt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the output of a cell and its metadata: the picture as HTML with a caption, as PNG."""
    image = base64.b64encode(figure_png(figure)).decode()
    text, pixels = html.escape(alt), page_size(figure)
    page = (
        f'<figure style="margin: 0"><img src="data:image/png;base64,{image}" alt="{text}" '
        f'width="{pixels["width"]}" style="max-width: 100%; height: auto">'
        f"<figcaption>{text}</figcaption></figure>"
    )
    bundle = {"image/png": image, "text/html": page, "text/plain": alt}
    return bundle, {"image/png": {"alt": alt, **pixels}}


def page_size(figure: Figure) -> dict[str, int]:
    """Return width and height on the page."""
    width, height = figure.get_size_inches() * figure.dpi
    return {"width": round(width), "height": round(height)}


def _as_figure(fig_or_ax: Figure | Axes) -> Figure:
    found = fig_or_ax if isinstance(fig_or_ax, Figure) else None
    if isinstance(fig_or_ax, Axes | SubFigure):
        found = fig_or_ax.get_figure(root=True)
    if not isinstance(found, Figure):
        raise ValueError(
            "fig_or_ax: expected a matplotlib Figure or Axes, such as every function of me.plots "
            f"returns, got {type(fig_or_ax).__name__}"
        )
    return found


def _remove_from_pyplot(figure: Figure) -> None:
    """Remove a figure that was made with pyplot from its list."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
