"""Workers of a sweep that are killed, and processes that share a store."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from torch import Tensor, nn

import mas_edu as me
from mas_edu.reproduction.run import raise_on_interrupt
from mas_edu.results import TEXT, Record
from mas_edu.training import InterruptedWarning, Training
from mas_edu.training.sweeps.parallel import WorkerKilledError
from mas_edu.training.sweeps.store import RunStore
from tests.support import killed_sweeps
from tests.support.sweeps import noisy, quick

grid = importlib.import_module("mas_edu.training.sweeps.grid")
ROOT = Path(__file__).parents[2]
SHORT = me.Schedule(steps=4, evaluations=1)


# ---- Ctrl-C -------------------------------------------------------------------------------------

STARTING = """
import signal
from joblib.externals.loky.backend import resource_tracker, spawn
from mas_edu._common import children_without_ctrl_c

resource_tracker.ensure_running()
with children_without_ctrl_c():
    spawn.get_preparation_data("worker")  # with which joblib starts each of them
    assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot block Ctrl-C")
def test_ctrl_c_stays_blocked_while_workers_start():
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", STARTING], check=True, timeout=120, env=environment)


# ---- a killed worker ---------------------------------------------------------------------------


class Dying(nn.Module):
    """A network that kills the worker that trains it, once the file `told` is there."""

    def __init__(self, told: Path, dies: bool) -> None:
        super().__init__()
        self.net, self.told, self.dies = noisy(0), told, dies

    def forward(self, x: Tensor) -> Tensor:
        if self.dies and self.training and multiprocessing.parent_process() is not None:
            while not self.told.exists():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        return self.net(x)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 belongs to Unix")
@pytest.mark.parametrize("stored", [True, False])
def test_a_killed_worker_costs_its_run_alone(digits, tmp_path, stored):
    told = tmp_path / "told"
    more = {"schedule": SHORT, "store": tmp_path / "store" if stored else None}
    with pytest.warns(
        InterruptedWarning, match=r"killed, perhaps for want of memory.*n_jobs: . of"
    ):
        records = quick(
            digits, me.L2(), [1], [0, 1, 2], n_jobs=2, **more,
            model=lambda seed: Dying(told, seed == 1),
            stop=lambda: told.write_text("one is finished") < 0,
        )  # fmt: skip
    assert records[0].complete or records[2].complete
    assert not records[1].finished
    if stored:  # the same call again, with more memory
        whole = {**more, "model": lambda seed: Dying(told, False)}
        again = quick(digits, me.L2(), [1], [0, 1, 2], **whole)
        assert again == quick(digits, me.L2(), [1], [0, 1, 2], **{**whole, "store": None})


def test_a_killed_worker_is_no_divergence(digits, monkeypatch):
    """A published experiment that is run again must not count such runs as diverged."""

    def killed(*_: object):
        raise WorkerKilledError
        yield

    monkeypatch.setattr(grid, "train_parallel", killed)
    with pytest.raises(KeyboardInterrupt, match="a process was killed"), raise_on_interrupt():
        quick(digits, me.L2(), [0, 1], [0], model=noisy, n_jobs=2, schedule=SHORT)


# ---- two processes -----------------------------------------------------------------------------


@pytest.fixture
def two(digits: me.Stream, tmp_path: Path) -> list[tuple[Training, RunStore]]:
    """The same run in two processes with one store, both after their first task."""
    made = []
    for _ in range(2):
        run = Training(digits, me.MAS(), 1.0, schedule=SHORT)
        store = RunStore.of(tmp_path, {(1.0, 0): run})
        for _ in zip(range(4), run, strict=False):
            pass
        assert run.finished == 1
        made.append((run, store))
    return made


def finish(run: Training) -> None:
    for _ in run:
        pass


def place(tmp_path: Path) -> Path:
    (found,) = tmp_path.glob("MAS-*")
    return found


@pytest.mark.parametrize("further", [False, True], ids=["the same task", "a later task"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_another_process_stores_while_this_one_does(two, tmp_path, monkeypatch, further, moment):
    (mine, store), (other, others) = two
    if further:
        finish(other)
    save, saving = Record.save, []

    def interrupted(record: Record, *args: object, **more: object) -> object:
        saving.append(record)
        if len(saving) == 1 and moment == "before":
            others.save(other)
        found = save(record, *args, **more)
        if len(saving) == 1 and moment == "after":
            others.save(other)
        return found

    monkeypatch.setattr(Record, "save", interrupted)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.save(mine)
        finish(mine)
        store.save(mine)
    assert not store.full
    assert [path.name for path in place(tmp_path).iterdir()] == ["after-2"]
    assert Record.load(place(tmp_path) / "after-2") == mine.record


def test_what_this_process_writes_is_removed_by_another(two, tmp_path, monkeypatch):
    (mine, store), _ = two
    save, saving = Record.save, []

    def removed(record: Record, folder: Path, **more: object) -> object:
        saving.append(folder)
        found = save(record, folder, **more)
        if len(saving) == 1:
            shutil.rmtree(folder)
        return found

    monkeypatch.setattr(Record, "save", removed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.save(mine)
    assert len(saving) == 2
    assert Record.load(place(tmp_path) / "after-1") == mine.record


def test_another_process_stores_a_later_task_while_this_one_resumes(
    two, digits, tmp_path, monkeypatch
):
    (mine, store), (other, others) = two
    store.save(mine)
    finish(other)
    load, loaded = Record.load, []

    def overtaken(folder: Path) -> Record:
        loaded.append(folder)
        if len(loaded) == 1:
            others.save(other)
        return load(folder)

    monkeypatch.setattr(Record, "load", overtaken)
    fresh = Training(digits, me.MAS(), 1.0, schedule=SHORT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.resume(fresh)
    assert [folder.name for folder in loaded] == ["after-1", "after-2"]
    assert fresh.record == other.record
    assert not list(tmp_path.rglob("damaged-*"))


TWIN = """
import sys
from pathlib import Path
from tests.support import killed_sweeps
for batched in (False, True):
    killed_sweeps.sweep(Path(sys.argv[1]), batched)
"""


@pytest.mark.slow
def test_two_processes_train_the_same_sweep(tmp_path):
    command = [sys.executable, "-W", "error::UserWarning", "-c", TWIN, str(tmp_path)]
    twins = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for twin in twins:
        error = twin.communicate(timeout=300)[1]
        assert (twin.returncode, error) == (0, "")
    runs = 2 * len(killed_sweeps.LAMS) * len(killed_sweeps.SEEDS)
    found = sorted(path.relative_to(tmp_path).parts[1:] for path in tmp_path.glob("*/*"))
    assert found == [(f"after-{killed_sweeps.TASKS}",)] * runs
    for folder in tmp_path.glob("*/*"):
        assert Record.load(folder).complete


def test_half_a_record_that_an_earlier_version_left_is_replaced(two, tmp_path):
    (mine, store), _ = two
    store.save(mine)
    text = place(tmp_path) / "after-1" / TEXT
    text.unlink()
    (text.parent / ".record-half.json").write_text("{")
    store.save(mine)
    assert sorted(path.name for path in text.parent.iterdir()) == [TEXT, "record.safetensors"]
