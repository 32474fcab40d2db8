"""The capstone: a study in a folder is judged from its runs, in a notebook and when graded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import mas_edu as me
from mas_edu.classroom.exercises import lesson_12
from mas_edu.classroom.plain_data import decode, encode
from mas_edu.results import save_study
from tests.support.studies import bars, gap_of, of, swept

NAMES = ("study", "runs", "seeds", "budget", "λ", "number", "interval", "verdict", "figures")
FIGURE = """\
def bars(runs):
    figure = Figure(figsize=(2, 1), dpi=50)
    figure.add_subplot().bar(range(len(runs)), [run.average for run in runs])
    return figure
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sound study, with the picture that FIGURE draws."""
    runs = swept(me.rotated("digits", tasks=2, step=40, samples=100, test_samples=50))
    claim = gap_of(of(runs, "MAS", 0.1), of(runs, "L2", 0.1))
    folder = tmp_path_factory.mktemp("capstone") / "my_study"
    return save_study(folder, "Which?", [claim], runs, {"bars.png": drawn()})


def drawn() -> Any:
    """Return the function that FIGURE defines."""
    space: dict[str, Any] = {}
    exec(f"from matplotlib.figure import Figure\n{FIGURE}", space)
    return space["bars"]


def changed(saved: Path, place: Path, **changes: Any) -> Path:
    """Return a copy of the study whose claim is changed."""
    folder = Path(shutil.copytree(saved, place / "changed"))
    content = json.loads((folder / "study.json").read_text("utf-8"))
    content["claims"][0].update(changes)
    (folder / "study.json").write_text(json.dumps(content), "utf-8")
    return folder


def test_a_sound_study_is_right(saved: Path) -> None:
    card = me.check("12.3", (saved, {"bars.png": drawn()}))
    assert card.right, card
    assert card.verdict.points == 5


@pytest.mark.parametrize("name", lesson_12.STUDY.mistakes)
def test_each_known_mistake_is_named_by_what_the_checklist_finds(name: str) -> None:
    mistake = lesson_12.STUDY.known_mistakes[name]
    plain = decode(json.loads(json.dumps(encode(mistake.answer.plain))))
    said = lesson_12._judge_study({}, plain)
    assert said.partition(":")[0] == mistake.words.partition(":")[0]


def test_a_fault_in_a_folder_is_named_with_its_numbers(saved: Path, tmp_path: Path) -> None:
    folder = changed(saved, tmp_path, number=12.0, verdict="below")
    verdict = me.check("12.3", (str(folder), {"bars.png": drawn()})).verdict
    assert verdict.status == "property"
    assert verdict.words.startswith("Number: 12.00 is stored, the runs give ")
    assert verdict.words.endswith(" Then: verdict.")


def test_the_folder_alone_lacks_the_functions(saved: Path) -> None:
    assert "Figures: bars.png: give its function" in me.check("12.3", saved).verdict.words


def test_a_study_made_on_another_computer_is_found_by_its_name(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.parent)
    assert me.check("12.3", (f"/home/ada/{saved.name}", {"bars.png": drawn()})).right


@pytest.mark.parametrize("odd", [3, "", ("x", 3), ("x", {"bars.png": 3}), ("x", "y", "z"), [bars]])
def test_what_is_no_folder_is_told_what_is_expected(odd: Any) -> None:
    verdict = me.check("12.3", odd).verdict
    assert verdict.status == "form"
    assert verdict.words.startswith("Expected ")
