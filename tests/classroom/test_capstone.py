"""The capstone: a study in a folder is judged from its runs, in a notebook and when graded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import mas_edu as me
from mas_edu.classroom import Grader, Limits, find_submissions
from mas_edu.classroom.exercise import SETUP
from mas_edu.classroom.exercises.lesson_12 import study as capstone
from mas_edu.classroom.grading.submissions import StudyFile
from mas_edu.classroom.grading.supervisor import _put_beside
from mas_edu.classroom.plain_data import decode, encode
from mas_edu.results import save_study
from tests.support.studies import bars, gap_of, of, swept
from tests.support.submissions import notebook

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


@pytest.mark.parametrize("name", capstone.STUDY.mistakes)
def test_each_known_mistake_is_named_by_what_the_checklist_finds(name: str) -> None:
    mistake = capstone.STUDY.known_mistakes[name]
    plain = decode(json.loads(json.dumps(encode(mistake.answer.plain))))
    said = capstone._judge_study({}, plain)
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
    assert me.check(
        "12.3", (saved.parents[1] / "elsewhere" / saved.name, {"bars.png": drawn()})
    ).right


@pytest.mark.parametrize("odd", [3, "", ("x", 3), ("x", {"bars.png": 3}), ("x", "y", "z"), [bars]])
def test_what_is_no_folder_gets_a_sentence(odd: Any) -> None:
    verdict = me.check("12.3", odd).verdict
    assert verdict.status == "form"
    assert verdict.words.startswith("Expected ")


# ---- graded

LAYOUTS = ("ada", "bo/ex12", "Cy D_11_assignsubmission_file_")  # plain, nbgrader, Moodle
ANSWER = f"""\
from matplotlib.figure import Figure
{FIGURE}study = ("my_study", {{"bars.png": bars}})"""


@pytest.fixture(scope="module")
def handed_in(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three submissions, each a notebook with the study beside it."""
    folder = tmp_path_factory.mktemp("handed-in")
    for layout in LAYOUTS:
        shutil.copytree(saved, folder / layout / "my_study")
        (folder / layout / "x.ipynb").write_text(
            notebook(SETUP, ANSWER, 'me.check("12.3", study)'), "utf-8"
        )
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_the_files_of_a_study_belong_to_its_student(
    handed_in: Path, tmp_path: Path, zipped: bool
) -> None:
    place = handed_in
    if zipped:
        place = Path(shutil.make_archive(str(tmp_path / "all"), "zip", handed_in))
    found = find_submissions(place)
    assert [one.student for one in found] == ["Cy D", "ada", "bo"]
    for one in found:
        (notebook_path, _), *more = one.files
        seen = [file.seen_from(notebook_path) for file in one.studies]
        assert not more
        assert {"my_study/study.json", "my_study/bars.png"} < set(seen)
        assert len(seen) == 2 + 2 * 12, "two files of each run"
        assert all(file.read() for file in one.studies)


def test_what_is_no_study_or_no_students_is_left_out(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "ada" / "data").mkdir(parents=True)
    (tmp_path / "ada" / "x.ipynb").write_text("{}")
    (tmp_path / "ada" / "data" / "other.json").write_text("{}")
    (tmp_path / "ada" / "study.json").symlink_to(saved / "study.json")
    shutil.copytree(saved, tmp_path / "nobody")
    (only,) = find_submissions(tmp_path)
    assert (only.student, only.studies) == ("ada", ())


def test_a_study_elsewhere_is_seen_by_its_own_name() -> None:
    file = StudyFile("ada/work/my_study/x.png", "ada/work/my_study", 1, "", Path())
    assert file.seen_from("ada/work/x.ipynb") == "my_study/x.png"
    assert file.seen_from("ada/x.ipynb") == "work/my_study/x.png"
    assert file.seen_from("ada/notebooks/x.ipynb") == "my_study/x.png"


def test_no_file_is_put_beyond_the_folder_that_a_notebook_runs_in(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    file = StudyFile("x", "", 1, "", tmp_path / "file")
    _put_beside(
        [("../out", file), (str(tmp_path / "out"), file), ("in/x", file)], tmp_path / "scratch"
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["file", "x"]


@pytest.mark.slow
def test_a_study_beside_the_notebook_is_graded_again_once_it_changes(
    handed_in: Path, tmp_path: Path
) -> None:
    grader = Grader(("12.3",), 7, Limits(), 1)
    grades = list(grader.grade(find_submissions(handed_in), tmp_path))
    assert [grade.points for grade in grades] == 3 * [5.0], [one.verdicts for one in grades]
    path = handed_in / "ada" / "my_study" / "study.json"
    content = json.loads(path.read_text("utf-8"))
    content["claims"][0]["verdict"] = "below"
    path.write_text(json.dumps(content), "utf-8")
    again = {one.student: one for one in grader.grade(find_submissions(handed_in), tmp_path)}
    assert {student: one.points for student, one in again.items()} == {
        "Cy D": 5, "ada": 0, "bo": 5,
    }  # fmt: skip
    assert again["ada"].verdicts["12.3"].words.startswith("Verdict: 'below', but ")
