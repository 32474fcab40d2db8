"""Small pictures, which are drawn faster; a home of its own for each test."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from mas_edu.widgets import interactive, prediction


def small_png(figure: Figure, sharp: bool = True) -> bytes:
    """Draw the figure with a fifth of its pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=20 + 20 * sharp, facecolor="white")
    return buffer.getvalue()


def small_svg(figure: Figure, words: str) -> str:
    """Draw the figure with few pixels, which is faster than in lines and letters."""
    image = base64.b64encode(small_png(figure, sharp=False)).decode()
    return f'<svg aria-label="{html.escape(words)}">{image}</svg>'


@pytest.fixture
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "figure_svg", small_svg)
    monkeypatch.setattr(interactive, "figure_png", small_png)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let guesses and answers be kept here, and begin without any."""
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    monkeypatch.setattr(prediction, "_unwritten", {})
    monkeypatch.setattr(prediction, "_asked", {})
    return tmp_path
