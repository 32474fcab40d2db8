"""How a command ends: Ctrl-C while Python imports, closed pipes, full disks, odd consoles."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from mas_edu.classroom.grading import grades
from mas_edu.cli import commands, main
from tests.support import warm
from tests.support.command_line import QUICK
from tests.support.submissions import stable, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C, pipes and limits of Unix"),
]
ROOT = Path(__file__).parents[2]
PRESSING = """
import os, signal, sys

class Pressing:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["PRESS_AT"]:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Pressing())
"""


def command(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a fresh process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "mas_edu", *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more},
        encoding="utf-8", errors="replace", timeout=300, env=environment,
    )  # fmt: skip


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) == signal.SIG_IGN, reason="a shell's & lets it be ignored"
)
@pytest.mark.parametrize(
    "module",
    [
        "mas_edu._common", "numpy", "torch._C", "mas_edu.training", "argparse", "tqdm.auto",
        "matplotlib",
    ],
)  # fmt: skip
def test_ctrl_c_at_an_import_is_an_orderly_end(module: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(PRESSING)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    out = tmp_path / "out"
    done = command(*QUICK, "--out", str(out), env={"PYTHONPATH": path, "PRESS_AT": module})
    assert (done.returncode, "Traceback" in done.stderr) == (130, False), done.stderr
    assert "interrupted" in done.stderr
    assert ("safe" in done.stderr) == (module == "matplotlib")
    assert (out / "record.json").exists() == (module == "matplotlib")


def test_ctrl_c_is_ignored_at_pythons_own_end(tmp_path: Path) -> None:
    last = "atexit.register(lambda: print(repr(signal.getsignal(signal.SIGINT))))"
    (tmp_path / "sitecustomize.py").write_text(f"import atexit, signal\n{last}")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    for arguments in (["show", "nowhere"], ["run", "--help"], ["run", "--lam", "x"]):
        done = command(*arguments, env={"PYTHONPATH": path})
        assert done.stdout.endswith("<Handlers.SIG_IGN: 1>\n"), arguments


@pytest.mark.parametrize(
    "arguments", [["run", "--help"], ["doctor"], QUICK], ids=lambda a: "-".join(a)
)
def test_a_pipe_that_is_closed_is_no_error(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = warm.run(*arguments, stdout=writing)
    os.close(writing)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_both_pipes_are_closed() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = warm.run(*QUICK, stdout=writing, stderr=writing)
    os.close(writing)
    assert done.returncode == 141


def test_no_output_at_all() -> None:
    done = command(*QUICK, stdout=None, preexec_fn=lambda: os.close(1))
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_no_place_for_errors() -> None:
    done = command(*QUICK, stderr=None, preexec_fn=lambda: os.close(2))
    assert done.returncode == 0
    assert done.stdout


def test_errors_on_a_full_disk_cost_no_result(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = warm.run(*QUICK, "--out", str(tmp_path / "out"), stderr=full.fileno())
        refused = warm.run("show", "/nowhere", stderr=full.fileno())
    assert (done.returncode, refused.returncode) == (0, 2)
    assert "average" in done.stdout
    assert (tmp_path / "out" / "record.json").exists()


def test_a_question_that_nobody_can_answer() -> None:
    for closed in (0, 1):
        done = command(
            "progress", "--delete", stdin=subprocess.DEVNULL if closed else None,
            preexec_fn=lambda closed=closed: os.close(closed),
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert "nothing is deleted" in done.stderr


def test_an_output_on_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = warm.run("prefetch", "digits", stdout=full.fileno())
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "mas_edu: error: [Errno 28] No space left on device",
    ]


def test_a_warm_command_ends_as_a_fresh_one_does() -> None:
    for arguments in (["show", "/nowhere"], ["prefetch", "digits"]):
        fresh, warmed = command(*arguments), warm.run(*arguments)
        assert (warmed.returncode, warmed.stderr) == (fresh.returncode, fresh.stderr)
        assert warmed.stdout == fresh.stdout


@pytest.mark.parametrize(
    ("run", "environment"),
    [
        (warm.run, {"PYTHONIOENCODING": "ascii", "COLUMNS": "20", "HOME": ""}),
        (warm.run, {"PYTHONIOENCODING": "cp1252", "COLUMNS": "0"}),
        (
            command,
            {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "HOME": "/nowhere"},
        ),
    ],
    ids=["ascii", "cp1252", "locale C"],
)
def test_odd_consoles_and_no_home(
    run: Callable[..., Any], environment: dict[str, str], tmp_path: Path
) -> None:
    environment["MPLCONFIGDIR"] = mpl.get_configdir()  # so that fonts are not looked for again
    done = run(*QUICK, "--out", str(tmp_path / "out"), env={**os.environ, **environment})
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "out" / "accuracy_matrix.png").exists()


def test_help_on_an_odd_console() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "20"}
    done = warm.run("run", "--help", env=environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "--lam" in done.stdout


@pytest.mark.parametrize("what", ["run", "sweep", "grade"])
def test_a_ctrl_c_that_an_import_swallows_still_ends_the_command(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name = {
        "run": (commands, "learn"),
        "sweep": (commands, "many"),
        "grade": (grades, "prepare_judging"),
    }[what]
    follow = getattr(place, name)

    def swallow(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return follow(*args, **kwargs)

    monkeypatch.setattr(place, name, swallow)
    if what == "grade":
        folder = write(tmp_path / "in", {"ada": stable("import time\ntime.sleep(99)")})
        arguments = ["grade", str(folder), "--exercises", "05", "--out", str(tmp_path / "out")]
    else:
        arguments = [what, *QUICK[1:]]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    try:
        assert main(arguments) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 40, "the sleep is not waited for"
    words = capsys.readouterr().err
    assert {"run": "0 of 2", "sweep": "unfinished", "grade": "0 of 1"}[what] in words
