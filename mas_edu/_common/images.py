"""Figures as PNG files, and the pixels of such files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from mas_edu._common.arguments import as_flag, short_repr

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

SHARPNESS = 2  # pixels of the file for each pixel of the page, for projectors and fine screens


def figure_png(figure: Figure, sharp: bool = True) -> bytes:
    """Return the figure as an opaque white PNG; sharp: two pixels for each of the page."""
    if not hasattr(figure, "savefig") or not hasattr(figure, "dpi"):
        raise ValueError(
            f"figure: expected a matplotlib Figure, such as ax.figure, got {short_repr(figure)}"
        )
    buffer = io.BytesIO()
    dpi = figure.dpi * (SHARPNESS if as_flag("sharp", sharp) else 1)
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
    _drop_pixels(figure)
    return buffer.getvalue()


def _drop_pixels(figure: Figure) -> None:
    """Let go of the pixels that the figure was drawn on: several MB for each figure.

    Every text keeps them. Figure and axes refer to each other, so they would stay until Python
    looks for such circles: after a dozen live pictures, 80 MB.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        vars(text)["_renderer"] = None


def png_pixels(image: bytes) -> np.ndarray[Any, Any]:
    """Return the pixels of a PNG, [height, width, channels]."""
    import numpy as np
    from matplotlib.image import imread

    return np.asarray(imread(io.BytesIO(image), format="png"))
