"""Exercise 04.5, `counter`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def _both_sums(found: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return Ω of the two kernel weights, and what the trick makes of it."""
    image, kernel = np.asarray(found["image"], float), np.asarray(found["kernel"], float)
    patches = np.stack([image[:2], image[1:]])  # [positions, 2]
    pulls = 2 * (patches @ kernel)[:, None] * patches
    return np.abs(pulls.sum(axis=0)), np.abs(pulls).sum(axis=0)


def _judge_counter(case: Case, found: Any) -> str:
    if not isinstance(found, dict) or found.keys() != {"image", "kernel"}:
        return "Expected a dict with image and kernel, and nothing else."
    for name, size in (("image", 3), ("kernel", 2)):
        values = found[name]
        if not isinstance(values, np.ndarray) or values.shape != (size,):
            return f"{name}: expected a list of {size} numbers."
    if not all(np.isfinite(values).all() for values in found.values()):
        return "Expected finite numbers."
    omega, trick = _both_sums(found)
    if (trick > omega * (1 + 1e-6)).any():
        return ""
    return (
        f"Ω is ({omega[0]:.3g}, {omega[1]:.3g}), and the trick gives the same: both positions pull "
        "each weight the same way."
    )


COUNTER = Exercise(
    id="04.5",
    name="counter",
    points=1,
    asks="Show that the trick of 04.3 fails for a convolution. Find an image of three pixels and a "
    "kernel of two weights (two positions, no padding, no bias) for which Σ |δ| |a| over the "
    "positions is larger than Ω.",
    solution={"image": [1, 2, 1], "kernel": [1, -1]},
    why="At the two positions the outputs are −1 and 1, so the first weight is pulled by −2 and "
    "+4. Its gradient is their sum, 2; the trick says 6. Many other answers are right.",
    hints=(
        "When is |u + v| smaller than |u| + |v|?",
        "The outputs at the two positions must have opposite signs, with positive pixels.",
        "Let the pixels go up, then down, and take a kernel that compares neighbours.",
    ),
    mistakes={
        "all positive": (
            {"image": [1, 2, 3], "kernel": [1, 1]},
            "With positive pixels and weights both positions pull the same way: let one output be "
            "negative.",
        ),
        "same slope": (
            {"image": [1, 2, 3], "kernel": [-1, 1]},
            "The kernel compares neighbours, but this image rises at both positions: let it fall "
            "at one.",
        ),
        "one bright pixel": (
            {"image": [0, 1, 0], "kernel": [1, -1]},
            "Each weight meets the bright pixel at one position only: give it a second pull to "
            "cancel.",
        ),
        "kernel 0": (
            {"image": [1, 2, 1], "kernel": [0, 0]},
            "With kernel 0 the output is 0, so Ω and the trick are both 0.",
        ),
        "image 0": (
            {"image": [0, 0, 0], "kernel": [1, -1]},
            "With an image of zeros there is no gradient at all.",
        ),
    },
    judge=_judge_counter,
    by_property=True,
    start='counter = {"image": ..., "kernel": ...}  # lists of 3 and of 2 numbers',
)

EXPLAIN = "Explain why the absolute value belongs before the mean; use two samples as your example."
