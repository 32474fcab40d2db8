"""Exercise 07.2: what there is to see in two maps of Ω, as plain data, and its faults."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mas_edu.classroom.exercise import FormError

Array = NDArray[np.float64]
BRIGHTNESS = (0.2126, 0.7152, 0.0722)  # of red, green and blue


def see_maps(axes: list[Any]) -> dict[str, Any]:
    """Return what a reader sees of the maps in two axes of a figure, as numbers and texts."""
    if any(ax.figure is None or ax not in ax.figure.axes for ax in axes):
        raise FormError("one of the two axes is gone: change the axes that you are given")
    images = [_only_map(ax) for ax in axes]
    bars = {id(image.colorbar): image.colorbar.ax for image in images if image.colorbar}
    return {
        "maps": [_map_seen(ax, image) for ax, image in zip(axes, images, strict=True)],
        "bars": [f"{ax.get_xlabel()}{ax.get_ylabel()}" for ax in bars.values()],
    }


def find_faults(seen: dict[str, Any], data: tuple[Array, Array]) -> dict[str, bool]:
    """Return whether each fault is there, by its name.

    Args:
        seen: what `see_maps` returned, decoded.
        data: the numbers that the maps are to show.
    """
    maps, bars = seen["maps"], seen["bars"]
    (low, high), linear = maps[0]["limits"], maps[0]["scale"] == "Normalize"
    least, largest = min(one[one > 0].min() for one in data), max(one.max() for one in data)
    steps = np.diff(maps[0]["range"] @ BRIGHTNESS)
    return {
        "other numbers": not all(map(_same_numbers, maps, data)),
        "own limits": maps[0]["scale"] != maps[1]["scale"]
        or not np.allclose(maps[0]["limits"], maps[1]["limits"]),
        "not from zero": linear and abs(low) > 1e-9,
        "beyond the limits": high < 0.999 * largest or low > 1.001 * least,
        "rainbow": not ((steps > -1e-3).all() or (steps < 1e-3).all())
        or not np.array_equal(maps[0]["range"], maps[1]["range"]),
        "zeros": not (linear or all(map(_zeros_apart, maps, data))),
        "no bar": not bars,
        "bar without a label": not all(re.search("Ω|omega|importance", one, re.I) for one in bars),
        "no axis names": not all(label.strip() for one in maps for label in one["labels"]),
        "upside down": not all(one["first row on top"] for one in maps),
    }


def _only_map(ax: Any) -> Any:
    """Return the only image or mesh in axes."""
    maps = [*ax.images, *(one for one in ax.collections if hasattr(one, "get_coordinates"))]
    if len(maps) != 1 or np.ndim(maps[0].get_array()) != 2:
        raise FormError(f"expected one map of numbers in each of the axes, got {len(maps)} in one")
    return maps[0]


def _map_seen(ax: Any, image: Any) -> dict[str, Any]:
    values: Any = np.ma.asarray(image.get_array()).astype(float)
    colours = image.to_rgba(values)  # this sets limits that are open still
    if hasattr(image, "get_coordinates"):
        first, last = image.get_coordinates()[[0, -1], 0, 1]
    else:
        first, last = image.get_extent()[2:]
        if image.origin == "upper":
            first, last = last, first
    bottom, top = ax.get_ylim()
    return {
        "values": values.filled(np.nan),
        "scale": type(image.norm).__name__,
        "limits": [image.norm.vmin, image.norm.vmax],
        "colours": colours,  # [row, column, 4]
        "range": image.cmap(np.linspace(0, 1, 32))[:, :3],  # from the least to the largest value
        "first row on top": bool((first - last) * (top - bottom) > 0),
        "labels": [ax.get_xlabel(), ax.get_ylabel()],
    }


def _same_numbers(one: dict[str, Any], omega: Array) -> bool:
    """Return whether a map shows these numbers; zeros may be left out."""
    values = one["values"]
    if values.shape != omega.shape:
        return False
    return np.allclose(np.where(np.isnan(values) & (omega == 0), 0, values), omega)


def _zeros_apart(one: dict[str, Any], omega: Array) -> bool:
    """Return whether a zero has another colour than the smallest positive value."""
    zero, least = omega == 0, omega == omega[omega > 0].min()
    return not np.allclose(one["colours"][zero][0], one["colours"][least][0], atol=0.02)
