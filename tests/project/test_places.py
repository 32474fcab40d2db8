"""Nothing is written outside the places that the README names, nor where one works."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from tools.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the folders of Unix"),
]
OVERRIDE, DROP = 1, 24  # CAP_DAC_OVERRIDE and PR_CAPBSET_DROP of Linux
OTHERS = ("/matplotlib", "/.ipython", "/torchinductor_")  # what these keep is not ours
CALLS = """
import mas_edu as me
from mas_edu.cli import main
from torch import nn

QUICK = ["--tasks", "2", "--samples", "60", "--epochs", "1"]

if __name__ == "__main__":  # joblib's processes import this file
    stream, short = me.rotated("digits", tasks=2, samples=60), me.Schedule(steps=3)
    record = me.learn(stream, me.MAS(), schedule=short, progress=False)
    model = me.fit(me.mlp([64, 10]), stream[0], short)
    for importance in (me.mas, me.mas_batch, me.mas_local, me.fisher, me.scp):
        importance(model, stream[0].x)
    noisy = nn.Sequential(nn.Linear(64, 8), nn.Dropout(0.5), nn.Linear(8, 10))
    runs = me.sweep(stream, me.MAS(), [0, 1], [0, 1], schedule=short, progress=False)
    me.sweep(stream, me.MAS(), [0, 1], [0], schedule=short, model=noisy, n_jobs=2, progress=False)
    me.plots.forgetting_curves([record]), me.plots.accuracy_matrix(record)
    me.plots.frontier(runs), me.plots.omega_heatmap(record)
    figure = me.playground(tasks=2, schedule=short)
    figure.wait(60)
    figure.close()
    me.glossary()
    for command in (
        ["run", *QUICK],
        ["sweep", *QUICK, "--lams", "0", "--seeds", "0"],
        ["prefetch", "digits"],
        ["reproduce", "split", "--stored"],
    ):
        assert main(command) == 0
    main(["doctor"])
"""
KEPT = """
import os
import mas_edu as me
from mas_edu.cli import main

print(os.access(".", os.W_OK))
figure = me.playground(tasks=2, schedule=me.Schedule(steps=3))
figure.wait(60)
figure.close()
me.glossary()
main(["doctor"])
me.Record([[0.5]]).save(OUT + "/record")
me.predict("places", "How much?").keep(40)
me.check("05.4", lambda lr, omega: 0.0)
me.sweep(
    me.rotated("digits", tasks=2, samples=60), me.MAS(), [0, 1], [0], progress=False,
    schedule=me.Schedule(steps=3), store=OUT + "/store",
)
assert main(["run", "--tasks", "2", "--samples", "60", "--epochs", "1", "--out", OUT + "/run"]) == 0
assert main(["course", OUT + "/course", "--no-open"]) == 0
"""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Folders for everything that may be written to, all empty, and one to work in."""
    for name in ("home", "tmp", "work", "out", "cache", "data", "config", "state"):
        (tmp_path / name).mkdir()
    tmp_path.chmod(0o755)
    fonts = tmp_path / "cache" / "matplotlib"  # what matplotlib found once
    shutil.copytree(mpl.get_cachedir(), fonts, ignore=shutil.ignore_patterns("*.lock"))
    return tmp_path


def environment(scratch: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "XDG_DATA_HOME": str(scratch / "data"),
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "XDG_STATE_HOME": str(scratch / "state"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }


def run(scratch: Path, *command: str, **more: object) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=scratch / "work", env=environment(scratch),
        capture_output=True, text=True, encoding="utf-8", timeout=300, **more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(scratch: Path) -> set[str]:
    """Return the files, and folders that are empty, without what other packages keep."""
    paths = [path for path in scratch.rglob("*") if not path.is_dir() or not any(path.iterdir())]
    names = {f"/{path.relative_to(scratch).as_posix()}" for path in paths}
    places = {f"/{path.name}" for path in scratch.iterdir()}  # empty or not
    return {name for name in names if not any(one in name for one in OTHERS)} - places


def state(folder: Path) -> dict[str, int]:
    """Return when each file of the package and the course was written."""
    parts = [folder / name for name in ("mas_edu", "notebooks")]
    paths = (path for part in parts for path in part.rglob("*") if "__pycache__" not in path.parts)
    return {str(path): path.stat().st_mtime_ns for path in paths}


def shared_memory() -> set[str]:
    return {path.name for path in Path("/dev/shm").glob("joblib*")}


def test_calls_and_commands_write_nothing_that_was_not_asked_for(scratch: Path) -> None:
    (scratch / "calls.py").write_text(CALLS)
    before, course, memory = written(scratch), state(ROOT), shared_memory()
    run(scratch, str(scratch / "calls.py"))
    assert written(scratch) == before
    assert state(ROOT) == course
    assert shared_memory() <= memory


def hold_root_to_permissions() -> None:
    """Let permissions hold for the program that follows, on Linux also for root."""
    if sys.platform == "linux" and os.geteuid() == 0:
        ctypes.CDLL(None).prctl(DROP, OVERRIDE, 0, 0, 0)


def test_what_was_asked_for_is_written_where_it_was_asked_for(scratch: Path) -> None:
    """From a folder that cannot be written, as in a class that shares the course for reading."""
    (scratch / "work").chmod(0o555)
    before, code = written(scratch), f"OUT = {str(scratch / 'out')!r}\n{KEPT}"
    assert run(scratch, "-c", code, preexec_fn=hold_root_to_permissions).startswith("False\n")
    found = written(scratch) - before
    answers = {
        f"/data/mas_edu/{name}.json" for name in ("guesses", "exercises", "results", "tries")
    }
    assert {name for name in found if name[:5] != "/out/"} == answers
    for name in ("record/record.json", "run/accuracy_matrix.png", "course/index.ipynb"):
        assert f"/out/{name}" in found
