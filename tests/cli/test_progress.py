"""The command progress: what is kept about the reader is shown, exported, deleted."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mas_edu._common import (
    reader_answers,
    reader_guesses,
    reader_hints,
    reader_points,
    reader_results,
    reader_tries,
)
from mas_edu.cli import main
from tests.support.command_line import refused


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a reader who has done a little of everything."""
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path / "home"))
    reader_guesses().keep("01", 40)
    reader_answers().keep("How much?", "Less.")
    for file, value in ((reader_points(), 2.0), (reader_results(), "right"), (reader_tries(), 3)):
        file.keep("05.4", value)
    for number in ("05.5", "my.1"):
        reader_tries().keep(number, 1)
        reader_results().keep(number, "wrong")
    reader_hints().keep("05.5", 2)
    return tmp_path / "home"


def test_progress_is_a_table(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress"]) == 0
    first, *lines, guesses, quiz = capsys.readouterr().out.splitlines()
    assert first == f"kept in {home}, on this computer alone"
    assert [line.split() for line in lines] == [
        ["exercise", "result", "points", "tries", "hints"],
        ["05.4", "largest_stable", "right", "2", "of", "2", "3", "0"],
        ["05.5", "proximal", "wrong", "0", "of", "2", "1", "2"],
        ["my.1", "wrong", "0", "1", "0"],
    ]
    assert (guesses, quiz) == ("guesses: 01: 40", "quiz questions answered: 1")


def test_it_is_exported_then_deleted_after_a_question(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "guesses-damaged-1.json").write_text("{")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    command = ["progress", "--delete", "--export", str(tmp_path / "mine.json")]
    assert main(command) == 1
    assert "nothing is deleted" in capsys.readouterr().err
    found = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert found["exercises"]["05.4"] == {"right": True, "points": 2.0, "tries": 3, "hints": 0}
    assert (found["guesses"], found["answers"]) == ({"01": 40}, {"How much?": "Less."})
    assert str(home) not in json.dumps(found)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["progress", "--delete"]) == 0
    assert not home.exists()
    capsys.readouterr()
    assert main(["progress"]) == 0
    assert capsys.readouterr().out == f"Nothing is kept in {home}.\n"


def test_without_an_answer_nothing_is_deleted_and_yes_does_not_ask(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (home / "other.txt").write_text("not ours")
    assert main(["progress", "--delete"]) == 1
    assert reader_guesses().read() == {"01": 40}
    assert main(["progress", "--delete", "--yes"]) == 0
    assert [path.name for path in home.iterdir()] == ["other.txt"]


def test_a_place_that_cannot_be_written_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = home / "guesses.json" / "mine.json"
    assert str(place.parent) in refused(
        capsys, "progress", "--export", str(place), "--delete", "--yes"
    )
    assert reader_guesses().read() == {"01": 40}


def test_an_export_names_a_file(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = refused(capsys, "progress", "--export", str(home))
    assert f"export: expected a file, got the folder {home}" in words
    assert main(["progress", "--export", str(tmp_path / f"{'x' * 245}.json")]) == 0


def test_a_hint_alone_is_no_try_and_a_text_is_no_number(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reader_hints().keep("05.1", 1)
    reader_points().keep("05.5", "many")  # by another program
    assert main(["progress"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "05.1" in line)
    assert line.split()[2:] == ["not", "tried", "0", "of", "2", "0", "1"]
