"""What the tasks look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mas_edu.arguments import whole
from mas_edu.plots.canvas import axes, literal, tall
from mas_edu.plots.mosaic import Array, as_image, thick, tiled

if TYPE_CHECKING:
    from mas_edu.streams import Stream


def task_samples(stream: Stream, ax: Axes | None = None, per_task: int = 8) -> Axes:
    """The first training inputs of each task, one row a task.

    Images in grey or, with three channels, in colour; other inputs as strips of grey, one field a
    number.

    Args:
        stream: the tasks.
        ax: where to draw; None: a new figure, without pyplot.
        per_task: how many inputs of each task; fewer where a task has fewer.

    >>> from mas_edu import streams
    >>> ax = task_samples(streams.rotated("digits", tasks=3), per_task=4)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['0°', '20°', '40°']
    """
    per_task = whole("per_task", per_task, 1)
    if not hasattr(stream, "tasks"):
        raise ValueError(f"stream: expected a Stream, such as me.rotated(), got {stream!r}")
    rows = [_pictures(task.x[:per_task], tuple(stream.shape)) for task in stream]
    mosaic, middles = tiled(np.concatenate([_filled(row, per_task) for row in rows]), per_task)
    low, high = np.nanmin(mosaic), np.nanmax(mosaic)
    shades = (mosaic - low) / ((high - low) or 1.0)
    ax = axes(ax, 7, tall(0.5 + 6 * mosaic.shape[0] / mosaic.shape[1], 1.2))
    if shades.ndim == 3:
        ax.imshow(np.nan_to_num(shades, nan=1.0))
    else:
        ax.imshow(shades, cmap="gray_r", vmin=0, vmax=1)
    ax.set_xticks([])
    ax.set_yticks(middles, [task.name for task in stream])
    literal(ax.get_yticklabels())
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(f"{stream.name}: samples of each task", loc="left", parse_math=False)
    return ax


def _pictures(x: Tensor, shape: tuple[int, ...]) -> Array:
    """Inputs `[N, …]` as `[N, H, W]`, or `[N, H, W, 3]` where there are three channels."""
    values = x.detach().cpu().double().numpy().reshape(len(x), -1)
    channels, height, width = as_image(shape)
    pictures: Array = values.reshape(len(x), channels, height, width)
    pictures = pictures.transpose(0, 2, 3, 1) if channels == 3 else pictures.mean(1)
    return thick(pictures)


def _filled(pictures: Array, count: int) -> Array:
    """With blank pictures at the end, so that there are `count`."""
    blank = np.full((count - len(pictures), *pictures.shape[1:]), np.nan)
    return np.concatenate([pictures, blank])
