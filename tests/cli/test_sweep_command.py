"""`python -m mas_edu sweep`: its table, what it keeps and goes on from, mistakes and Ctrl-C."""

from __future__ import annotations

import importlib
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

import mas_edu as me
from mas_edu.cli import main, output
from mas_edu.results import Record
from tests.support import warm
from tests.support.command_line import refused

pytestmark = pytest.mark.slow

QUICK = ["sweep", "--tasks", "2", "--samples", "60", "--epochs", "1"]
TWO = ["--lams", "0", "0.5", "--seeds", "0", "3"]


def stored(out: Path) -> list[Record]:
    return [Record.load(path.parent) for path in sorted(out.glob("runs/*/after-2/record.json"))]


def test_prints_a_line_for_each_lam_and_keeps_runs_and_picture(tmp_path, capsys):
    assert main([*QUICK, *TWO, "--out", str(tmp_path / "new")]) == 0
    printed, err = capsys.readouterr()
    records = stored(tmp_path / "new")
    found = {(record.settings["lam"], record.settings["seed"]) for record in records}
    assert found == {(0, 0), (0, 3), (0.5, 0), (0.5, 3)}
    assert output.sweep_table(records) in printed
    assert printed.endswith(f"saved in {tmp_path / 'new'}: runs, frontier.png\n")
    assert (tmp_path / "new" / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"runs", "frontier.png"}
    assert "4 runs of MAS: 100%" in err


def test_a_second_time_nothing_is_trained_and_the_same_is_printed(tmp_path, capsys, monkeypatch):
    assert main([*QUICK, *TWO, "--out", str(tmp_path)]) == 0
    first = capsys.readouterr().out
    sweep = importlib.import_module("mas_edu.training.sweeps.grid")
    monkeypatch.setattr(sweep, "train_batched", lambda runs: pytest.fail("trained again"))
    assert main([*QUICK, *TWO, "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == first


def test_without_out_it_only_prints(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*QUICK, *TWO]) == 0
    assert "chosen on validation" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_method_without_lam_has_one_line(capsys):
    assert main([*QUICK, "--method", "FineTune", "--seeds", "0", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("FineTune on rotated digits, 2 seeds")
    assert [line.split()[0] for line in lines[1:]] == ["λ", "-"]
    assert "chosen" not in lines[2]


def test_options_reach_the_runs(tmp_path):
    options = ["--hidden", "9", "--jobs", "1", "--batch", "16", "--optimizer", "sgd"]
    assert main([*QUICK, *options, "--lams", "2", "--seeds", "7", "--out", str(tmp_path)]) == 0
    (record,) = stored(tmp_path)
    assert record.weights["hidden1.weight"].shape == (9, 64)
    assert record.weights["hidden1.weight"].shape == me.mlp([64, 9, 10]).hidden1.weight.shape
    assert record.settings["schedule"]["batch"] == 16
    assert (record.settings["lam"], record.settings["seed"]) == (2, 7)


def run(lam: float, seed: int, share: float, complete: bool = True) -> Record:
    last = [0.1, share] if complete else [float("nan")] * 2
    return Record(
        [[share, 0.1], last],
        validation=[[share, 0.1], last],
        settings={"method": "MAS()", "lam": lam, "seed": seed},
    )


def test_the_table_counts_finished_runs_only_and_says_so():
    records = [run(0, 0, 0.5), run(0, 1, 0.7), run(1e-05, 0, 0.9), run(1e-05, 1, 0.9, False)]
    lines = output.sweep_table([*records, run(9, 0, 0.5, False)]).splitlines()
    assert lines[2].split() == [
        "0", "35.0", "±", "7.1", "50.0", "±", "14.1", "60.0", "±", "14.1", "35.0", "±", "7.1",
        "<-", "chosen", "on", "validation",
    ]  # fmt: skip
    assert lines[3].split()[:5] == ["1e-05", "50.0", "80.0", "90.0", "50.0"]
    assert lines[3].endswith("(1 of 2 runs unfinished)")
    assert lines[4].split()[:5] == ["9", "-", "-", "-", "-"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--lams", "-1"], "lams: expected a finite number of at least 0, got -1"),
        (["--lams", "0", "nan"], "lams: "),
        (["--lams", "many"], "lams: "),
        (["--lams"], "expected at least one argument"),
        (["--seeds", "1.5"], "seeds: "),
        (["--seeds", "0", "-3"], "seeds: "),
        (["--jobs", "0"], "jobs: expected a number of processes"),
        (["--method", "MSA"], "did you mean 'MAS'"),
        (["--lam", "0.1"], "--lam"),
        (["--classes-per-task", "2"], "not an option of the stream 'rotated'"),
    ],
)
def test_mistakes_get_one_line_and_exit_code_2(capsys, options, text):
    assert text in refused(capsys, *QUICK, *options)


def test_what_is_given_twice_counts_once(capsys):
    assert main([*QUICK, "--lams", "0", "0", "--seeds", "1", "1"]) == 0
    out, err = capsys.readouterr()
    assert "1 seed" in out
    assert "±" not in out
    assert "1 run of MAS" in err


def test_an_out_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    line = refused(capsys, *QUICK, *TWO, "--out", str(tmp_path / "file"))
    assert f"out: {tmp_path / 'file'} cannot be written" in line


def test_runs_that_diverge_are_a_problem_but_the_others_are_kept(tmp_path, capsys):
    lams = ["--lams", "0", "1e12", "--seeds", "0"]
    assert main([*QUICK, *lams, "--optimizer", "sgd", "--epochs", "9", "--out", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "warning: training diverged: 1 of 2 runs are unfinished" in err
    assert "λ = 1e+12, seed 0" in err
    assert "(1 of 1 runs unfinished)" in out
    assert [record.settings["lam"] for record in stored(tmp_path)] == [0]


def interrupt(out: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a sweep that got Ctrl-C when the first run was stored."""
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as errors:
        files = {"stdout": printed.fileno(), "stderr": errors.fileno()}
        process = warm.Command("sweep", "--out", str(out), *options, **files)
        until = time.monotonic() + 60
        while not list(out.glob("runs/*/after-*/record.json")) and time.monotonic() < until:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        printed.seek(0)
        errors.seek(0)
        return code, printed.read(), errors.read()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles only")
def test_ctrl_c_keeps_everything_and_the_next_time_goes_on(tmp_path, capsys):
    options = ["--tasks", "9", "--samples", "300", "--epochs", "20", *TWO]
    code, out, err = interrupt(tmp_path, *options)
    assert code == 130
    assert "Traceback" not in out + err
    assert "interrupted: 4 of 4 runs are unfinished" in err
    kept = list(tmp_path.glob("runs/*/after-*/record.json"))
    assert len(kept) == 4
    finished = min(Record.load(path.parent).finished for path in kept)
    assert 1 <= finished < 9
    assert main(["sweep", "--out", str(tmp_path), *options]) == 0
    resumed = capsys.readouterr().err
    assert f"{4 * 200 * finished}/{4 * 200 * 9}" in resumed  # 300 samples, 20 epochs of 10 batches
    assert len(list(tmp_path.glob("runs/*/after-9/record.json"))) == 4
