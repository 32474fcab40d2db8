"""Small pictures, which are drawn faster."""

from __future__ import annotations

import io

import pytest
from matplotlib.figure import Figure

from mas_edu.widgets import interactive


def small_png(figure: Figure, sharp: bool = True) -> bytes:
    """Draw the figure with a fifth of its pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=20 + 20 * sharp, facecolor="white")
    return buffer.getvalue()


@pytest.fixture
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "figure_png", small_png)
