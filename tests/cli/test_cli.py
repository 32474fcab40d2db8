"""The command line: what it prints and keeps, and how it answers mistakes and Ctrl-C."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import tempfile
from pathlib import Path
from urllib.error import URLError

import pytest

from mas_edu.cli import commands, main, output
from mas_edu.results import TENSORS, TEXT, Record
from tests.support import warm
from tests.support.command_line import PICTURES, QUICK, damage, refused

pytestmark = pytest.mark.slow


def test_run_prints_the_matrix_and_keeps_record_and_pictures(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert main([*QUICK, "--method", "MAS", "--lam", "0.5", "--seed", "3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    record = Record.load(out)
    assert (record.settings["method"], record.settings["lam"]) == ("MAS()", 0.5)
    assert record.settings["seed"] == 3
    assert output.record_table(record) in printed
    assert {path.name for path in out.iterdir()} == PICTURES | {TENSORS, TEXT}
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in PICTURES)


def test_run_without_out_only_prints(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(QUICK) == 0
    assert "average" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_method_without_omega_has_no_heatmap(tmp_path):
    assert main([*QUICK, "--method", "FineTune", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / "omega_heatmap.png").exists()
    assert (tmp_path / "accuracy_matrix.png").exists()


def test_every_option_reaches_the_run(tmp_path):
    options = {
        "--stream": "split", "--dataset": "digits", "--tasks": "3", "--classes-per-task": "3",
        "--scenario": "class", "--samples": "50", "--method": "MASLocal", "--lam": "2",
        "--seed": "7", "--epochs": "2", "--steps": "5", "--batch": "16", "--lr": "0.01",
        "--optimizer": "sgd", "--precision": "bf16", "--hidden": "9", "--out": str(tmp_path),
    }  # fmt: skip
    assert main(["run", *(word for pair in options.items() for word in pair)]) == 0
    record = Record.load(tmp_path)
    stream, schedule = record.settings["stream"], record.settings["schedule"]
    assert (stream["stream"], stream["dataset"], stream["tasks"]) == ("split", "digits", 3)
    assert (stream["classes_per_task"], stream["scenario"], stream["samples"]) == (3, "class", 50)
    assert (record.settings["method"], record.settings["lam"]) == ("MASLocal()", 2)
    assert (schedule["epochs"], schedule["steps"], schedule["batch"]) == (2, 5, 16)
    assert (schedule["lr"], schedule["optimizer"], schedule["precision"]) == (0.01, "sgd", "bf16")
    assert record.settings["seed"] == 7
    assert record.weights["hidden1.weight"].shape == (9, 64)


def test_the_step_of_a_rotation_names_its_tasks(capsys):
    assert main([*QUICK, "--step", "45"]) == 0
    assert "45°" in capsys.readouterr().out


def test_same_seed_same_table(capsys):
    tables = []
    for _ in range(2):
        main([*QUICK, "--seed", "5"])
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]


def test_columns_of_the_table_stand_under_their_names():
    names = ("a", "a much longer name", "°")
    record = Record([[1, 0, 0], [0.5, 0.25, 0], [0.125, 1, 0.75]], names=names)
    lines = output.record_table(record).splitlines()
    ends = [lines[1].index(name, 17) + len(name) for name in names]
    for i, row in enumerate(lines[2:5]):
        values = [float(row[:end].split()[-1]) / 100 for end in ends[: i + 1]]
        assert values == pytest.approx(record.accuracy[i, : i + 1], abs=5e-4)
        assert len(row) == ends[i]  # what was not seen yet is blank


def test_the_table_of_an_unfinished_run_says_so():
    nan = float("nan")
    text = output.record_table(Record([[0.5, 0.25], [nan, nan]]))
    assert "1 of 2 tasks were learned to the end" in text
    assert "after task 2" not in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lam", "-1"], "lam: expected a finite number of at least 0, got -1"),
        (["--lam", "nan"], "lam: expected a finite number of at least 0, got nan"),
        (["--lam", "inf"], "lam: expected a finite number of at least 0, got inf"),
        (["--lam", "much"], "lam: expected a finite number of at least 0, got 'much'"),
        (["--lam", "-inf"], "--lam"),
        (["--lam"], "--lam"),
        (["--tasks", "0"], "tasks: expected a whole number of at least 1, got 0"),
        (["--tasks", "-1"], "tasks: expected a whole number of at least 1, got -1"),
        (["--tasks", "2.5"], "tasks: expected a whole number of at least 1, got 2.5"),
        (["--stream", "split", "--tasks", "6"], "tasks: 10 classes, 2 a task, allow at most 5"),
        (["--dataset", "minst"], "dataset: expected one of .* did you mean 'mnist'?"),
        (["--stream", "rotate"], "stream: expected one of .* did you mean 'rotated'?"),
        (["--method", "mass"], "method: expected one of .* did you mean 'MAS'?"),
        (["--stream", "split", "--step", "10"], "step: not an option of the stream 'split'"),
        (["--seed", "-3"], "seed: "),
        (["--epochs", "0"], "epochs: "),
        (["--batch", "no"], "batch: "),
        (["--lr", "0"], "lr: expected a finite number above 0"),
        (["--optimizer", "adm"], "optimizer: .* did you mean 'adam'?"),
        (["--precision", "fp16"], "precision: "),
        (["--hidden", "0"], "hidden: "),
        (["--samples", "0"], "samples: "),
        (["--lamb", "1"], "--lamb"),
    ],
)
def test_bad_values_are_refused_and_leave_nothing(options, said, tmp_path, capsys):
    line = refused(capsys, "run", *options, "--out", str(tmp_path / "out"))
    for part in said.removesuffix("?").split(" .* "):
        assert part in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(28, "No space left on device"), 2), (BrokenPipeError(), 141)]
)
def test_help_that_cannot_be_written(error, code, monkeypatch, capsys):
    class Full(io.StringIO):  # as with PYTHONUNBUFFERED: the write fails, nothing waits
        def write(self, text):
            raise error

    monkeypatch.setattr("sys.stdout", Full())
    assert main(["run", "--help"]) == code
    assert ("No space left" in capsys.readouterr().err) == (code == 2)


def test_unknown_commands_are_refused(capsys):
    assert "walk" in refused(capsys, "walk")
    assert "COMMAND" in refused(capsys)


def test_a_folder_with_a_record_is_refused_before_training(kept, capsys, monkeypatch):
    monkeypatch.delattr(commands, "learn")
    before = {path: path.read_bytes() for path in kept.iterdir()}
    line = refused(capsys, *QUICK, "--out", str(kept))
    assert "out: " in line
    assert "already holds a record" in line
    assert before == {path: path.read_bytes() for path in kept.iterdir()}


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path, capsys, monkeypatch):
    monkeypatch.delattr(commands, "learn")
    (tmp_path / "file").touch()
    for out in ("file", "file/folder"):
        assert "out: " in refused(capsys, *QUICK, "--out", str(tmp_path / out))


def test_a_damaged_data_set_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    damage(tmp_path)
    line = refused(capsys, *QUICK, "--dataset", "mnist")
    assert "dataset: 'mnist' cannot be read" in line
    assert str(tmp_path / "MNIST" / "raw") in line


def test_no_network_is_one_line(tmp_path, capsys, monkeypatch):
    def offline(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("urllib.request.urlopen", offline)
    line = refused(capsys, *QUICK, "--dataset", "mnist")
    assert "could not be downloaded" in line
    assert "no route to host" in line
    assert "digits" in line  # the way out


def test_a_picture_that_fails_does_not_cost_the_record(tmp_path, capsys, monkeypatch):
    def broken(record: Record) -> dict[str, object]:
        raise RuntimeError("no fonts")

    monkeypatch.setattr(commands, "run_pictures", broken)
    assert main([*QUICK, "--out", str(tmp_path)]) == 1
    assert Record.load(tmp_path).complete
    assert "no fonts" in capsys.readouterr().err


def test_a_record_that_cannot_be_saved_is_still_printed(tmp_path, capsys, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Record, "save", full)
    assert main([*QUICK, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert "average" in out
    assert "no space left" in err


def test_diverged_training_is_said_and_what_was_finished_kept(tmp_path, capsys):
    options = ["--optimizer", "sgd", "--lr", "0.1", "--lam", "1e6", "--steps", "100"]
    assert main([*QUICK, *options, "--out", str(tmp_path)]) == 1
    assert "1 of 2 tasks are finished" in capsys.readouterr().err
    assert Record.load(tmp_path).finished == 1


def interrupt(out: Path, after: int, number: int = signal.SIGINT) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run that got this signal after so many updates."""
    arguments = ["run", "--tasks", "9", "--samples", "40", "--steps", "1000", "--out", str(out)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        reading, writing = os.pipe()
        process = warm.Command(*arguments, stdout=printed.fileno(), stderr=writing)
        os.close(writing)
        with open(reading, encoding="utf-8") as errors:
            seen, done = "", 0
            while done < after:
                letter = errors.read(1)
                assert letter, seen
                seen += letter
                if letter == "[":  # "…| 1050/9000 [00:02<…", the time follows
                    done = int(re.findall(r"(\d+)/9000 ", seen)[-1])
            process.send_signal(number)
            err_text = errors.read()
        code = process.wait(60)
        printed.seek(0)
        return code, printed.read(), err_text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles only")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_ctrl_c_keeps_the_finished_tasks(tmp_path, number):
    code, out, err = interrupt(tmp_path, 1001, number)
    assert code == 130
    assert "Traceback" not in out + err
    record = Record.load(tmp_path)
    assert 1 <= record.finished < 9
    assert f"{record.finished} of 9 tasks are finished and kept" in err
    assert f"{record.finished} of 9 tasks were learned to the end" in out
    assert str(tmp_path) in out
    assert (tmp_path / "forgetting_curves.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles only")
def test_ctrl_c_before_the_first_task_is_finished(tmp_path):
    code, out, err = interrupt(tmp_path, after=1)
    assert code == 130
    assert "Traceback" not in out + err
    assert "nothing was finished" in err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_does_not_interrupt_the_saving(tmp_path, monkeypatch):
    save = Record.save

    def impatiently(record: Record, folder: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return save(record, folder)

    monkeypatch.setattr(Record, "save", impatiently)
    assert main([*QUICK, "--out", str(tmp_path)]) == 0
    assert Record.load(tmp_path).complete


@pytest.fixture
def ctrl_c():
    """As at a keyboard; a shell that starts something in the background turns it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")
def test_a_closed_terminal_is_ctrl_c_unless_it_is_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with commands.catch_first_interrupt() as pressed:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
            assert pressed
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with commands.catch_first_interrupt() as pressed:
            signal.raise_signal(signal.SIGHUP)
            assert not pressed
    finally:
        signal.signal(signal.SIGHUP, before)


def test_only_the_first_ctrl_c_interrupts(ctrl_c):
    with commands.catch_first_interrupt() as pressed:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)  # while saving: nothing happens
        assert pressed
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
