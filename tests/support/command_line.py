"""The command line, run in this process or in one of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mas_edu.cli import main
from mas_edu.data import datasets

QUICK = ["run", "--tasks", "2", "--samples", "60", "--epochs", "1"]
PICTURES = {"forgetting_curves.png", "accuracy_matrix.png", "omega_heatmap.png"}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on stderr with which these arguments are refused."""
    try:
        code = main(arguments)
    except SystemExit as leaving:  # argparse leaves by itself
        code = leaving.code
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("mas_edu: error: ")
    return lines[0]


def damage(folder: Path, content: bytes = b"damaged") -> None:
    """A MNIST of which every file is there, and none is right."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in datasets.FILES:
        (raw / name).write_bytes(content)
