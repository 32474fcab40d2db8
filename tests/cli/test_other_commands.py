"""The commands show, prefetch, compare, doctor and help."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from mas_edu.cli import main, output
from mas_edu.data import datasets
from mas_edu.results import TENSORS, TEXT, Record, compare
from tests.support import warm
from tests.support.command_line import QUICK, damage, refused
from tests.support.submissions import checked, right, write


@pytest.mark.slow
def test_show_prints_the_same_table(kept, capsys):
    assert main(["show", str(kept)]) == 0
    assert capsys.readouterr().out.strip() == output.record_table(Record.load(kept))


@pytest.mark.slow
@pytest.mark.parametrize("name", [TENSORS, TEXT])
def test_a_record_cut_in_half_is_refused(name, kept, capsys):
    content = (kept / name).read_bytes()
    (kept / name).write_bytes(content[: len(content) // 2])
    line = refused(capsys, "show", str(kept))
    assert str(kept / name) in line
    assert "damaged or cut short" in line


def test_show_of_a_folder_without_a_record(tmp_path, capsys):
    assert f"no record in {tmp_path}" in refused(capsys, "show", str(tmp_path))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of the same budget, of different methods, trained once."""
    folder = tmp_path_factory.mktemp("trained")
    for method in ("FineTune", "MAS"):
        assert main([*QUICK, "--method", method, "--out", str(folder / method)]) == 0
    return folder


@pytest.fixture
def two(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a copy of the two runs."""
    shutil.copytree(trained, tmp_path / "two")
    capsys.readouterr()
    return tmp_path / "two"


@pytest.mark.slow
def test_compare_prints_the_table_and_keeps_it_with_a_picture(two, tmp_path, capsys):
    out = tmp_path / "new" / "both"
    assert main(["compare", str(two / "MAS"), str(two / "FineTune"), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    found = compare([Record.load(two / name) for name in ("MAS", "FineTune")])
    assert printed.startswith(repr(found))
    assert {path.name for path in out.iterdir()} == {"comparison.csv", "comparison.png"}
    frame = pd.read_csv(out / "comparison.csv")
    assert list(frame.method) == [row.method for row in found.rows]


@pytest.mark.slow
def test_compare_finds_the_runs_in_a_folder_and_those_of_a_sweep(two, tmp_path, capsys):
    more = ["--lams", "1", "--seeds", "0", "--method", "EWC", "--out", str(tmp_path / "sweep")]
    assert main(["sweep", *QUICK[1:], *more]) == 0
    (tmp_path / "sweep" / "runs" / "damaged-after-2-1").mkdir()
    (tmp_path / "sweep" / "runs" / "damaged-after-2-1" / TEXT).write_text("{")
    capsys.readouterr()
    assert main(["compare", str(two), str(tmp_path / "sweep")]) == 0
    printed = capsys.readouterr().out
    assert all(f"{name} " in printed for name in ("FineTune", "MAS, λ = 0.1", "EWC, λ = 1"))


def test_records_in_a_folder_are_each_loaded_once_and_what_is_hidden_is_not(tmp_path):
    def save(folder: str, share: float) -> None:
        Record([[share]]).save(tmp_path / folder)

    for folder, share in {
        ".": 0.1, "run/after-9": 0.2, "run/after-10": 0.3, "run": 0.4, "other/after-1": 0.5,
        ".git/run": 0.9, "run/.after-11-ab": 0.9, "damaged-after-2-1/deep": 0.9,
    }.items():  # fmt: skip
        save(folder, share)
    (tmp_path / "run" / "after-11").mkdir()
    (tmp_path / "run" / "after-11" / TENSORS).write_bytes(b"half")

    def shares(folder: Path) -> list[float]:
        return sorted(record.average for record in output.load_records(folder))

    assert shares(tmp_path) == [0.1, 0.3, 0.4, 0.5]
    assert shares(tmp_path / ".git") == [0.9]
    assert shares(tmp_path / "run" / "after-9") == [0.2]


@pytest.mark.slow
def test_compare_refuses_other_budgets_with_the_sentence_of_the_library(two, capsys):
    longer = [*QUICK[:-1], "2", "--method", "L2", "--out", str(two / "L2")]
    assert main(longer) == 0
    capsys.readouterr()
    line = refused(capsys, "compare", str(two))
    assert "differ in the number of updates a task: [2, 2] against [4, 4]" in line
    assert not list(two.rglob("comparison.*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [TENSORS, TEXT])
@pytest.mark.parametrize("share", [None, 0.5])
def test_compare_refuses_half_a_record(two, name, share, capsys):
    path = two / "MAS" / name
    content = path.read_bytes()
    path.unlink() if share is None else path.write_bytes(content[: int(share * len(content))])
    line = refused(capsys, "compare", str(two))
    assert name in line
    assert str(two / "MAS") in line


@pytest.mark.slow
def test_compare_of_what_is_not_there_or_twice_there(two, tmp_path, capsys):
    assert "no record in" in refused(capsys, "compare", str(two), str(tmp_path / "nowhere"))
    assert "is there twice" in refused(capsys, "compare", str(two), str(two / "MAS"))
    assert "DIR" in refused(capsys, "compare")


def test_prefetch_says_what_is_there_and_goes_on_after_a_failure(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    damage(tmp_path)
    assert main(["prefetch", "mnist", "digits"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("digits")
    assert "comes with scikit-learn" in out
    assert err.startswith("mas_edu: error: dataset: 'mnist' cannot be read")


def test_prefetch_judges_all_names_first(capsys):
    assert "did you mean 'kmnist'" in refused(capsys, "prefetch", "digits", "kminst")


@pytest.mark.skipif(
    not datasets.is_present("mnist"), reason="MNIST: python -m mas_edu prefetch mnist"
)
def test_prefetch_of_what_is_there(capsys):
    assert main(["prefetch", "mnist"]) == 0
    assert f"60000 training images, was already there, in {datasets.data_folder()}" in (
        capsys.readouterr().out
    )


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, so that the machine's own is not read."""
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    return tmp_path


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["doctor"])
    return code, capsys.readouterr().out


def test_doctor_finds_this_installation_well(no_data, capsys):
    code, out = examined(capsys)
    assert code == 0, out
    for word in ("python", "torch", "jupyterlab", "ipykernel", "ipywidgets", "front end", "device",
                 "threads", "memory", "data: digits", "data: mnist", str(no_data)):  # fmt: skip
        assert word in out
    assert "PROBLEM" not in out


def cures(out: str) -> list[str]:
    """What doctor proposes, one line for each problem."""
    lines = out.splitlines()
    found = [lines[i + 1].strip() for i, line in enumerate(lines) if line.startswith("PROBLEM")]
    assert all(line.startswith("cure: ") for line in found)
    return found


@pytest.mark.parametrize("version", ["0.1", None])
def test_doctor_cures_old_and_missing_packages(version, no_data, capsys, monkeypatch):
    real = importlib.metadata.version

    def changed(name: str) -> str:
        if name != "seaborn":
            return real(name)
        if version is None:
            raise importlib.metadata.PackageNotFoundError
        return version

    monkeypatch.setattr(importlib.metadata, "version", changed)
    code, out = examined(capsys)
    assert code == 1
    (cure,) = cures(out)
    assert 'pip install "seaborn>=' in cure


def test_doctor_cures_a_torchvision_that_does_not_fit(no_data, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.ops", None)
    code, out = examined(capsys)
    assert code == 1
    (cure,) = cures(out)
    assert "torch torchvision" in cure


def test_doctor_misses_the_widgets_front_end(no_data, capsys, monkeypatch):
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(no_data)])
    code, out = examined(capsys)
    assert code == 1
    assert any("jupyterlab-widgets" in cure for cure in cures(out))


@pytest.mark.parametrize(("language", "code"), [("de", 0), ("xx", 1)])
def test_doctor_looks_at_the_language(language, code, no_data, capsys, monkeypatch):
    monkeypatch.setenv("MAS_EDU_LANGUAGE", language)
    found, out = examined(capsys)
    assert found == code
    assert f"language             {language}" in out
    assert all("MAS_EDU_LANGUAGE: expected one of en, de, got 'xx'" in cure for cure in cures(out))


def test_doctor_finds_damaged_data(no_data, capsys):
    damage(no_data)
    code, out = examined(capsys)
    assert code == 1
    (cure,) = cures(out)
    assert "delete it" in cure


@pytest.mark.parametrize("folder", ["~nosuchuser", "FILE", "FILE/below"])
@pytest.mark.parametrize("variable", ["MAS_EDU_DATA", "MAS_EDU_HOME"])
def test_doctor_looks_at_the_folders_that_it_is_told(
    folder, variable, no_data, capsys, monkeypatch
):
    (no_data / "file").write_text("mine")
    monkeypatch.setenv(variable, folder.replace("FILE", str(no_data / "file")))
    code, out = examined(capsys)
    assert code == 1
    (cure,) = cures(out)
    assert variable in cure


def test_doctor_goes_on_where_a_package_is_missing(no_data, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    code, out = examined(capsys)
    assert code == 1
    assert "data: digits" in out


@pytest.mark.parametrize(
    "arguments",
    [["show"], ["compare"], ["course"], ["grade"], ["run", "--out"], ["progress", "--export"]],
    ids=" ".join,
)
def test_a_path_that_no_disk_can_hold_is_named(arguments, capsys):
    line = refused(capsys, *arguments, "x" * 300)
    assert f"argument {'DIR' if len(arguments) == 1 else arguments[-1]}: expected a path" in line
    assert "too long); choose another" in line
    assert len(line) < 250


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_help_has_examples(arguments, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_the_examples_of_the_help_are_understood():
    from mas_edu.cli.parser import EXAMPLES, make_parser

    lines = [line.split()[3:] for line in EXAMPLES.splitlines() if "python -m mas_edu" in line]
    assert len(lines) == 7
    for line in lines:
        make_parser().parse_args(line)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")
def test_a_pipe_that_is_closed_ends_the_command_quietly(kept):
    reading, writing = os.pipe()
    os.close(reading)
    ended = warm.run("show", str(kept), stdout=writing)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["course", "grade", "compare", "sweep", "reproduce"])
def test_what_stands_in_the_way_is_named_before_any_work(command, tmp_path, kept, capsys):
    write(tmp_path / "in", {"ada": checked(right())})
    out, where = tmp_path / "out", ["--out", str(tmp_path / "out")]
    arguments, files, folders = {
        "course": ([str(out), "--no-open"], ["index.ipynb"], ["exercises"]),
        "grade": (
            [str(tmp_path / "in"), "--exercises", "05", *where],
            ["grades.csv", "summary.html"],
            ["feedback", "kept"],
        ),
        "compare": ([str(kept), *where], ["comparison.csv"], []),
        "sweep": ([*QUICK[1:], "--lams", "1", "--seeds", "0", *where], [], ["runs"]),
        "reproduce": (["permuted", "--quick", *where], [], ["runs"]),
    }[command]
    for name in files:
        (out / name).mkdir(parents=True)
        words = refused(capsys, command, *arguments)
        assert f"{name} is a folder where a file belongs; move it away" in words
        (out / name).rmdir()
    for name in folders:
        out.mkdir(exist_ok=True)
        (out / name).write_text("mine")
        words = refused(capsys, command, *arguments)
        assert f"{name} is a file where a folder belongs; move it away" in words
        assert (out / name).read_text() == "mine"
        (out / name).unlink()
