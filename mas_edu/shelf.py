"""Runs on disk, task by task, so that a killed sweep can go on.

Each run has a folder, in it one record, of the last finished task. The record after a further task
is written whole before the one before it is removed: there is a good one at every moment.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import warnings
from pathlib import Path

import torch

from mas_edu.record import TEXT, Record
from mas_edu.streams import Stream
from mas_edu.training import Training


def places(folder: Path, stream: Stream, runs: list[Training]) -> list[Path]:
    """The folder of each run; the name is readable, and follows from all that shapes the run."""
    folder.mkdir(parents=True, exist_ok=True)
    data = _fingerprint_of_data(stream)
    return [folder / _name(run, data) for run in runs]


def keep(run: Training, place: Path) -> None:
    """Store what the run has finished."""
    fresh = place / f"after-{len(run.rows)}"
    if run.rows and not (fresh / TEXT).exists():
        run.record.save(fresh, overwrite=True)
    for older in place.glob("after-*"):
        if older != fresh:
            shutil.rmtree(older, ignore_errors=True)


def restore(run: Training, place: Path) -> None:
    """Bring the run to the last task that was stored."""
    for finished in range(len(run.stream), 0, -1):
        folder = place / f"after-{finished}"
        if not (folder / TEXT).exists():  # not there, or killed while it was written
            continue
        try:
            run.resume(Record.load(folder))
            return
        except (ValueError, OSError) as error:
            warnings.warn(f"{error}; this run starts from an earlier task", stacklevel=4)
            folder.rename(_unused(folder.with_name(f"damaged-{finished}")))


def _unused(path: Path) -> Path:
    names = (path.with_name(f"{path.name}-{i}") for i in range(1, 10_000))
    return next(name for name in names if not name.exists())


def _name(run: Training, data: str) -> str:
    """Readable, and different for every two runs that could give different numbers."""
    content = json.dumps(run.settings, sort_keys=True) + data
    content += "".join(_fingerprint(weight) for weight in run.start.values())
    method = re.sub(r"[^A-Za-z0-9]+", "-", repr(run.method)).strip("-")
    code = hashlib.sha256(content.encode()).hexdigest()[:12]
    return f"{method}-lam{run.lam:g}-seed{run.seed}-{code}"


def _fingerprint_of_data(stream: Stream) -> str:
    parts = ("x", "y", "x_test", "y_test", "x_val", "y_val")
    tensors = [getattr(task, part) for task in stream for part in parts]
    return "".join(_fingerprint(tensor) for tensor in tensors if tensor is not None)


def _fingerprint(tensor: torch.Tensor) -> str:
    content = tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy()
    return hashlib.sha256(content.tobytes()).hexdigest()[:12]
