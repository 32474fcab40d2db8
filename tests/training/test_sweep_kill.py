"""kill -9 at any moment: the sweep resumes where it was, and loses or repeats nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import psutil
import pytest

from mas_edu.results import TEXT, Record
from tests.support import killed_sweeps
from tests.support.killed_sweeps import LAMS, MOMENTS, SEEDS, STEPS, TASKS

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 belongs to Unix"),
    pytest.mark.slow,
]
ROOT = Path(__file__).parents[2]
# Tasks of each run that are stored when it is killed: in the order of λ, then seed.
STORED = {
    "batched-before-anything": [0, 0, 0, 0],
    "batched-in-task-2": [1, 1, 1, 1],
    "batched-at-a-boundary": [2, 2, 2, 2],
    "batched-tensors-half": [2, 1, 1, 1],
    "batched-json-half": [2, 1, 1, 1],
    "batched-between-files": [2, 1, 1, 1],
    "batched-before-it-has-its-name": [2, 1, 1, 1],
    "batched-before-the-older-goes": [2, 2, 1, 1],
    "batched-after-the-older-went": [2, 2, 1, 1],
    "batched-last-record": [3, 3, 3, 2],
    "alone-in-task-2": [1, 0, 0, 0],
    "alone-in-run-2": [3, 1, 0, 0],
    "alone-tensors-half": [3, 1, 0, 0],
    "alone-between-files": [3, 1, 0, 0],
    "alone-before-the-older-goes": [2, 0, 0, 0],
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stores of sweeps killed at each moment."""
    folder = tmp_path_factory.mktemp("killed")
    subprocess.run(
        [sys.executable, "-m", "tests.support.killed_sweeps", folder], cwd=ROOT, check=True
    )
    return folder


@pytest.fixture(scope="module")
def unbroken() -> dict[bool, list[Record]]:
    return {batched: killed_sweeps.sweep(None, batched) for batched in (True, False)}


def stored(store: Path) -> list[int]:
    """Return how many tasks of each run are stored, without the library's own reader."""
    places = [
        next(store.glob(f"MAS-lam{lam:g}-seed{s}-*"), store / "-") for lam in LAMS for s in SEEDS
    ]
    counts = [
        [int(path.parent.name.removeprefix("after-")) for path in place.glob(f"after-*/{TEXT}")]
        for place in places
    ]
    return [max(found, default=0) for found in counts]


def updates_left(counts: list[int], batched: bool) -> int:
    """Return how many updates are left; runs trained side by side share them."""
    return sum(STEPS * (TASKS - count) for count in (set(counts) if batched else counts))


def resume(store: Path, batched: bool, **more: object) -> tuple[list[Record], int]:
    """Call the sweep again; return its records and how many updates it made."""
    asked = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a kill is no damage
        records = killed_sweeps.sweep(store, batched, lambda: bool(asked.append(1)), **more)
    return records, len(asked)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_sweep_resumes_where_it_was(killed, unbroken, moment):
    store, batched = killed / moment, MOMENTS[moment][0]
    counts = stored(store)
    assert counts == STORED[moment]
    records, updates = resume(store, batched)
    assert updates == updates_left(counts, batched)
    for ours, theirs in zip(records, unbroken[batched], strict=True):
        assert ours.settings == theirs.settings
        assert ours.steps.tolist() == theirs.steps.tolist()
        np.testing.assert_allclose(ours.accuracy, theirs.accuracy, atol=0.01)
        for name, weight in theirs.weights.items():
            np.testing.assert_allclose(ours.weights[name], weight, rtol=0, atol=1e-6)
    if not batched or len(set(counts)) == 1:  # as many side by side as without the kill
        assert records == unbroken[batched]
    assert resume(store, batched) == (records, 0)
    assert not list(store.rglob(".*"))
    assert len(list(store.glob("*/after-*"))) == len(LAMS) * len(SEEDS)


def test_finished_runs_are_not_written_again(killed):
    store = killed / "alone-in-run-2"
    first = next(store.glob("MAS-lam0-seed0-*")) / f"after-{TASKS}" / TEXT
    before = first.stat()
    resume(store, False)
    after = first.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_kill_from_outside_with_two_processes(tmp_path, unbroken):
    program = (
        "from tests.support import killed_sweeps; from pathlib import Path; import sys;"
        "killed_sweeps.sweep(Path(sys.argv[1]), False, n_jobs=2)"
    )
    running = subprocess.Popen([sys.executable, "-c", program, tmp_path], cwd=ROOT)
    try:
        until = time.monotonic() + 300  # imports are slow on a busy machine
        while not any(stored(tmp_path)) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
    finally:
        workers = psutil.Process(running.pid).children(recursive=True)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    gone, alive = psutil.wait_procs(workers, timeout=20)
    assert len(gone) >= 2, "there were workers"
    assert not alive, "they end with the process that they train for"
    settled = stored(tmp_path)
    assert any(settled)
    records, updates = resume(tmp_path, False)
    assert updates == updates_left(settled, False)
    assert records == unbroken[False]
