"""A pad to draw a digit on, and the drawing as an input of the network."""

from __future__ import annotations

import html

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mas_edu._common import translate

GRID = 32  # points in a row of a drawing; `digits` were counted on such a grid, 4 × 4 a pixel
CANVAS, LINE = 256, 26  # pixels: the pad's side, the width of its line
WIDEST = 26  # points: of 32, as the digits are
DRAWN = "mas-drawn"  # the class of the text field that takes the drawing

# Everything happens in the handler of the first touch: the line follows the pointer, and when it is
# lifted the text field receives the drawing, a 0 or a 1 for each point of the grid.
SCRIPT = f"""
const pad = this, pen = pad.getContext('2d');
const at = e => {{
  const box = pad.getBoundingClientRect(), scale = pad.width / box.width;
  return [(e.clientX - box.left) * scale, (e.clientY - box.top) * scale];
}};
let last = at(event);
const draw = e => {{
  const here = at(e);
  pen.lineWidth = {LINE}; pen.lineCap = 'round';
  pen.beginPath(); pen.moveTo(...last); pen.lineTo(here[0] + 0.1, here[1]); pen.stroke();
  last = here;
}};
pad.setPointerCapture(event.pointerId);
draw(event);
pad.onpointermove = draw;
pad.onpointerup = () => {{
  pad.onpointermove = pad.onpointerup = null;
  const step = pad.width / {GRID}, seen = pen.getImageData(0, 0, pad.width, pad.height).data;
  const points = Array.from({{length: {GRID * GRID}}}, (_, k) => {{
    const x = (k % {GRID} + 0.5) * step, y = (Math.floor(k / {GRID}) + 0.5) * step;
    return seen[4 * (Math.floor(y) * pad.width + Math.floor(x)) + 3] > 127 ? 1 : 0;
  }});
  const field = pad.closest('.mas-playground').querySelector('.{DRAWN} input');
  field.value = points.join('');
  field.dispatchEvent(new Event('change', {{bubbles: true}}));
}};
"""


def blank_pad(number: int) -> str:
    """Return an empty pad as HTML; another number replaces the one that was drawn on."""
    label = html.escape(translate("Draw a digit here, with the mouse or a finger"))
    return (
        f'<canvas width="{CANVAS}" height="{CANVAS}" data-number="{number}" role="img" '
        f'aria-label="{label}" title="{label}" onpointerdown="{html.escape(SCRIPT)}"></canvas>'
    )


def as_input(drawn: str, height: int, width: int) -> Tensor | None:
    """Return a drawing as a network's input, `[1, H·W]`, from 0 to 1; None: nothing is drawn.

    The drawing is brought to the place and the size that the digits have.

    >>> dot = "0" * 1000 + "1" + "0" * 23
    >>> as_input(dot, 8, 8).shape, as_input("0" * 1024, 8, 8)
    (torch.Size([1, 64]), None)
    """
    if len(drawn) != GRID * GRID or set(drawn) - set("01") or "1" not in drawn:
        return None
    points = np.array(list(drawn), dtype=np.uint8).reshape(GRID, GRID)
    rows, columns = (np.flatnonzero(points.any(axis)) for axis in (1, 0))
    part = points[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(GRID / part.shape[0], WIDEST / part.shape[1])
    size = [max(1, round(scale * side)) for side in part.shape]
    large = Image.fromarray(255 * part).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    whole = Image.new("L", (GRID, GRID))
    whole.paste(large, ((GRID - size[1]) // 2, (GRID - size[0]) // 2))
    small = whole.resize((width, height), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(small, dtype=np.float32) / 255).reshape(1, -1)
