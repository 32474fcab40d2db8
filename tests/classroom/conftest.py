"""Tests of the classroom keep nothing in the reader's own folder, nor in the system's."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which points and hints are kept."""
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a solution may write a study
    for name in ("NBGRADER_EXECUTION", "MAS_EDU_GRADING"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"
