"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mas_edu.cli import main
from tests.support.command_line import QUICK


@pytest.fixture
def kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of a run that is done."""
    assert main([*QUICK, "--out", str(tmp_path / "kept")]) == 0
    capsys.readouterr()
    return tmp_path / "kept"
