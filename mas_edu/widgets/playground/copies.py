"""The playground without a kernel: its pictures as a cell's output."""

from __future__ import annotations

import base64
import html
from typing import Any

from mas_edu._common import translate
from mas_edu.plots import figure_png, forgetting_curves, root_figure
from mas_edu.widgets.playground.groups import Scene
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, OMEGA, Frame
from mas_edu.widgets.playground.svg import image_tag, still
from mas_edu.widgets.worker import DRAWING

NOTHING = "The playground: nothing is trained yet."  # translated


def static_copy(
    frame: Frame | None, scene: Scene | None, pixels: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the playground shows as a cell's output, and its metadata.

    Without `pixels` it has no PNG, which takes half a second that a run under way needs.
    """
    if frame is None or scene is None:
        return {"text/html": f"<p>{html.escape(translate(NOTHING))}</p>"}, {}
    shown = ((frame.curves, CURVES), (frame.matrix, MATRIX), (frame.omega, OMEGA))
    large, *small = (image_tag(still(drawing.svg), size, drawing.words) for drawing, size in shown)
    row = "display: flex; flex-wrap: wrap; gap: 0 20px; align-content: flex-start"
    page = (
        '<figure style="margin: 0; background: white; color: black; max-width: 1140px">'
        f'<div style="{row}">{large}<div style="{row}; flex: 1 1 {MATRIX[0]}px">{"".join(small)}'
        f"</div></div><figcaption>{html.escape(frame.curves.words)}</figcaption></figure>"
    )
    if not pixels:
        return {"text/html": page}, {}
    about = {"alt": frame.curves.words}
    curves = base64.b64encode(_png(scene)).decode()
    return {"image/png": curves, "text/html": page}, {"image/png": about}


def _png(scene: Scene) -> bytes:
    """Draw the curves for front ends that show nothing but PNG."""
    runs, pale = [group.first for group in scene.groups], scene.baseline
    with DRAWING:
        axes = forgetting_curves(runs, panels=True, baseline=pale.first if pale else None)
        return figure_png(root_figure(axes), sharp=False)
