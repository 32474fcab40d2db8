"""The command grade: what it prints and writes, what it keeps, that no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from mas_edu.classroom import Grader
from mas_edu.cli import main
from tests.support import warm
from tests.support.command_line import refused
from tests.support.submissions import HALVED, checked, instead, right, stable, write

pytestmark = pytest.mark.slow
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals")


def test_a_folder_is_graded_filled_in_and_not_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "in", {"ada": checked(right()), "bo": instead(HALVED)})
    book, out = tmp_path / "book.csv", tmp_path / "out"
    book.write_text("Email,Points\nada@x.org,\n")
    arguments = ["grade", str(folder), "--out", str(out), "--exercises", "05.4", "05.5"]
    arguments += ["--fill", str(book), "--column", "Points"]
    assert main(arguments) == 0
    first, err = capsys.readouterr()
    assert [line.split() for line in first.splitlines()[:2]] == [
        ["ada", "4", "of", "4"], ["bo", "2", "of", "4"],
    ]  # fmt: skip
    assert "not in it, left empty: bo" in err
    assert (out / "book.csv").read_text() == "Email,Points\nada@x.org,4\n"
    assert "This is half of it" in (out / "feedback" / "bo.html").read_text(encoding="utf-8")
    began = time.monotonic()
    assert main(arguments) == 0
    assert time.monotonic() - began < 3, "nothing is run again"
    assert capsys.readouterr().out == first


def test_what_cannot_be_graded_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(tmp_path, {"ada": '{"cells": []}'})
    assert "found no exercise" in refused(capsys, "grade", str(tmp_path))
    assert "DIR: expected a folder" in refused(capsys, "grade", str(tmp_path / "gone"))
    with_exercises = ("grade", str(tmp_path), "--exercises")
    assert "exercises: expected one of" in refused(capsys, *with_exercises, "99")
    (tmp_path / "mine.py").write_text("def")
    own = refused(capsys, "grade", str(tmp_path), "--own", str(tmp_path / "mine.py"))
    assert "mine.py: expected a file that runs, got SyntaxError" in own
    own = refused(capsys, "grade", str(tmp_path), "--own", str(tmp_path))
    assert "expected a Python file with exercises (" in own
    assert "Errno" not in own
    assert "give both" in refused(capsys, *with_exercises, "05", "--fill", "x.csv")


def test_what_cannot_be_filled_or_written_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grader, "grade", lambda *_: pytest.fail("it runs"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in", {"ada": checked(right())})

    def words(*arguments: str) -> str:
        return refused(capsys, "grade", "in", "--exercises", "05", *arguments)

    for name in ("grades.csv", "Grades.CSV", "summary.html", "feedback", "kept"):
        Path(name).write_text("Email,Points\n")
        assert "fill: expected another name" in words("--fill", name, "--column", "Points")
    Path("book.csv").write_text("Email,Points\n")
    assert "column: expected one of" in words("--fill", "book.csv", "--column", "Mark")
    also = ("--column", "Points", "--feedback-column", "Words")
    assert "column: expected one of" in words("--fill", "book.csv", *also)
    outside = words("--fill", "book.csv", "--column", "Points", "--out", ".")
    assert "fill: expected a file outside" in outside
    Path("out/book.csv").mkdir(parents=True)
    over = words("--fill", "book.csv", "--column", "Points", "--out", "out")
    assert "book.csv is a folder where a file belongs; move it away" in over
    for name in ("gone.csv", "in"):
        assert f"fill: {name} cannot be read" in words("--fill", name, "--column", "Points")
    assert "out: book.csv cannot be written (it is a file)" in words("--out", "book.csv")


@needs_signals
@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_nothing_is_left_when_grading_is_ended(tmp_path: Path, ending: str) -> None:
    number = signal.Signals[ending]
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("nohup lets it be ignored")
    waiting = stable("import subprocess\nsubprocess.run(['sleep', '500'])")
    folder = write(tmp_path / "in", {"a": checked(right()), "b": waiting, "c": waiting})
    arguments = ["grade", str(folder), "--exercises", "05", "--out", str(tmp_path / "out")]
    with open(os.devnull, "w") as nowhere:
        graded = warm.Command(
            *arguments,
            stdout=nowhere.fileno(),
            stderr=nowhere.fileno(),
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
    kept = tmp_path / "out" / "kept"
    _wait_for(lambda: list(kept.glob("a-*.json")), "a grade")
    _wait_for(lambda: [one for one in _started(graded) if _name(one) == "sleep"], "a sleep")
    started = _started(graded)
    graded.send_signal(number)
    assert graded.wait(20) == (-9 if number == signal.SIGKILL else 130)
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not alive
    assert len(list(kept.glob("*.json"))) == 1
    if number != signal.SIGKILL:
        assert not list(tmp_path.glob("tmp*")), "no scratch folder"


@needs_signals
@pytest.mark.parametrize("when", ["as the server starts", "as a notebook runs"])
def test_ctrl_c_of_a_terminal_reaches_all_processes(tmp_path: Path, when: str) -> None:
    folder = write(tmp_path / "in", {"a": stable("import time\ntime.sleep(99)")})
    out = tmp_path / "out"
    arguments = ["grade", str(folder), "--exercises", "05", "--out", str(out)]
    with subprocess.Popen(
        [sys.executable, "-m", "mas_edu", *arguments],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    ) as graded:
        enough = 1 if when == "as the server starts" else 3  # also one that counts resources
        _wait_for(lambda: len(_started(graded)) >= enough, "a process")
        os.killpg(graded.pid, signal.SIGINT)
        _, words = graded.communicate(timeout=60)
    assert graded.returncode == 130
    assert "Traceback" not in words
    assert "interrupted" in words


def _started(graded: warm.Command | subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(graded.pid).children(recursive=True)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:  # gone meanwhile
        return ""


def _wait_for(find: Callable[[], Any], what: str) -> None:
    for _ in range(900):
        if find():
            return
        time.sleep(0.1)
    raise AssertionError(f"no {what} in time")
