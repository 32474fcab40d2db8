"""Many small images tiled into one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mas_edu._common import as_int, as_ints, as_numbers

Array = NDArray[np.float64]
MOST_ACROSS = 10_000


def tile(images: Array, across: int) -> tuple[Array, Array]:
    """Put images `[N, H, W, …]` side by side, `across` in a row, with gaps of NaN between.

    Returns:
        the mosaic, and the height of the middle of each row of images.

    >>> mosaic, middles = tile(np.ones((3, 2, 2)), across=2)
    >>> mosaic.shape, middles
    ((5, 5), array([0.5, 3.5]))
    """
    images = as_numbers("images", images, 3, "[N, H, W, …]")
    if not images.size:
        raise ValueError(f"images: expected at least one, got an array of shape {images.shape}")
    count, height, width = images.shape[:3]
    across = as_int("across", across, 1, MOST_ACROSS)
    rows, gap = -(-count // across), tile_gap(height, width)
    size = rows * (height + gap) - gap, across * (width + gap) - gap
    mosaic = np.full((*size, *images.shape[3:]), np.nan)
    for k, image in enumerate(images):
        top, left = (k // across) * (height + gap), (k % across) * (width + gap)
        mosaic[top : top + height, left : left + width] = image
    return mosaic, np.arange(rows) * (height + gap) + (height - 1) / 2


def tile_gap(height: int, width: int) -> int:
    """Return the gap between tiled images, in their pixels."""
    return max(1, round(min(as_int("height", height, 1), as_int("width", width, 1)) / 10))


def as_image(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return channels, height and width of an input; what is no image is a strip."""
    sizes = as_ints("shape", shape, least=1)
    if len(sizes) == 3:
        return sizes[0], sizes[1], sizes[2]
    return (1, sizes[0], sizes[1]) if len(sizes) == 2 else (1, 1, math.prod(sizes))


def thicken_strips(images: Array) -> Array:
    """Return strips `[N, 1, W, …]` high enough to be seen; images as they are."""
    images = as_numbers("images", images, 3, "[N, H, W, …]")
    return images.repeat(max(1, images.shape[2] // 6), axis=1) if images.shape[1] == 1 else images


def columns(count: int, height: int, width: int) -> int:
    """Return how many images to put in a row: about 3 wide to 2 high, preferably with full rows.

    >>> columns(128, 8, 8), columns(100, 28, 28), columns(127, 8, 8)
    (16, 10, 14)
    """
    ideal = min(count, max(1.0, math.sqrt(1.5 * count * height / width)))
    full = [k for k in range(1, count + 1) if count % k == 0]
    nearest = min(full, key=lambda k: abs(math.log(k / ideal)))
    return nearest if 0.7 < nearest / ideal < 1.4 else round(ideal)
