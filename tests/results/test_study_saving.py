"""A study is saved whole or not at all: a mistake is named, and the corrected call works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu.results import save_study
from tests.support.bad_input import ids
from tests.support.studies import bars

RUNS = [me.Record([[0.5]], settings={"method": "MAS()", "seed": seed}) for seed in range(3)]
CLAIM: dict[str, Any] = {"sentence": "It learns", "number": np.float64(50), "records": RUNS}
PARTS: dict[str, Any] = {
    "question": "Which?", "claims": [CLAIM], "runs": RUNS, "figures": {"bars.png": bars}
}  # fmt: skip


def fail(runs: list[me.Record]) -> Figure:
    raise RuntimeError("no picture today")


MISTAKES: list[tuple[str, dict[str, Any]]] = [
    ("question: expected a text", {"question": ""}),
    ("claims: expected several", {"claims": 3}),
    ("claims: expected the parts", {"claims": [3]}),
    ("claims: records: expected several runs", {"claims": [CLAIM | {"records": None}]}),
    ("claims: minus: expected several runs", {"claims": [CLAIM | {"minus": [3]}]}),
    ("claims: expected texts and numbers", {"claims": [CLAIM | {"number": object()}]}),
    ("runs: expected a Record", {"runs": [3]}),
    ("runs: expected at least one", {"runs": []}),
    ("runs: expected each run once", {"runs": [*RUNS, RUNS[0]]}),
    ("runs: expected all runs", {"runs": RUNS[1:]}),
    ("settings: ", {"runs": [*RUNS, replace(RUNS[0], settings={"mine": {1, 2}})]}),
    ("figures: expected functions by", {"figures": [bars]}),
    ("figures: expected a function", {"figures": {"bars.png": Figure()}}),
    ("figure: expected", {"figures": {"bars.png": lambda runs: None}}),
    ("no picture today", {"figures": {"bars.png": bars, "fails.png": fail}}),
]


def check_nothing_is_left(tmp_path: Path, message: str, wrong: dict[str, Any]) -> None:
    place = tmp_path / "new" / "study"
    with pytest.raises((ValueError, RuntimeError), match=rf"^{message}"):
        save_study(place, **(PARTS | wrong))
    assert not list(tmp_path.iterdir())
    save_study(place, **PARTS)
    assert sorted(path.name for path in place.iterdir()) == ["bars.png", "runs", "study.json"]
    assert len(list((place / "runs").iterdir())) == 3


@pytest.mark.parametrize(("message", "wrong"), MISTAKES, ids=[message for message, _ in MISTAKES])
def test_a_study_that_cannot_be_saved_leaves_nothing(
    message: str, wrong: dict[str, Any], tmp_path: Path
) -> None:
    check_nothing_is_left(tmp_path, message, wrong)


@pytest.mark.parametrize("name", ["../b.png", "a/b.png", "a\\b", "runs", "study.json", "", "..", 3])
def test_a_picture_stays_in_the_folder(name: Any, tmp_path: Path) -> None:
    message = "figures: expected the name of a file"
    check_nothing_is_left(tmp_path, message, {"figures": {name: bars}})


@pytest.mark.parametrize("folder", [None, 3, "", np.ones(2)], ids=ids)
def test_a_folder_that_is_no_path(folder: Any) -> None:
    with pytest.raises(ValueError, match=r"^folder: expected a path"):
        save_study(folder, **PARTS)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for place in (file, file / "study", tmp_path / ("x" * 5000)):
        with pytest.raises(OSError, match=r"^folder: .* cannot be written"):
            save_study(place, **PARTS)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_study_may_stand_beside_other_files_but_not_among_runs(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "runs" / "old").mkdir(parents=True)
    with pytest.raises(FileExistsError, match=r"^folder: .* already holds runs; choose another"):
        save_study(tmp_path, **PARTS)
    (tmp_path / "runs" / "old").rmdir()
    save_study(tmp_path, **PARTS)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["bars.png", "notes.txt", "runs", "study.json"]


@pytest.mark.parametrize("last", range(3))
def test_a_move_that_fails_leaves_nothing_behind(
    last: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, replace = [], Path.replace

    def fail_at_last(self: Path, target: Path) -> Path:
        if target.parent == tmp_path:
            moved.append(target.name)
            if len(moved) > last:
                raise OSError("no space left")
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail_at_last)
        with pytest.raises(OSError, match="no space left"):
            save_study(tmp_path, **PARTS)
    assert moved == ["bars.png", "runs", "study.json"][: last + 1]
    assert not list(tmp_path.iterdir())
    save_study(tmp_path, **PARTS)


def test_a_run_with_a_long_name_or_an_odd_seed_is_saved(tmp_path: Path) -> None:
    odd = me.Record([[0.5]], settings={"method": "x" * 500, "seed": "../7"})
    save_study(tmp_path, **(PARTS | {"runs": [*RUNS, odd]}))
    assert len(list((tmp_path / "runs").iterdir())) == 4
