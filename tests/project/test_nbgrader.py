"""nbgrader on the course that `make classroom` builds: points and feedback of four submissions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from traitlets.config import PyFileConfigLoader

from mas_edu.classroom import check, find_exercise
from tools import classroom
from tools.exercises import lesson_page

api = pytest.importorskip("nbgrader.apps.api", reason="nbgrader is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader is for Unix"),
    pytest.mark.filterwarnings("ignore"),  # those of nbgrader and of its database are not ours
]
LESSON = lesson_page("11").stem  # quick, with functions and values
TWICE = """\
def masked_loss(logits, y, classes):
    hidden = torch.full_like(logits, -torch.inf)
    hidden[:, list(classes)] = logits[:, list(classes)]
    return F.cross_entropy(hidden.softmax(1), y)
"""
LOUD = """\
    import sys, warnings
    print("loud", file=sys.stderr)
    warnings.warn("loud")
"""


def hard_coded() -> dict[str, str]:
    """Return functions that know the cases of the notebook by heart, by the id of their cells."""
    loss, readings = find_exercise("11.2"), find_exercise("11.3")
    losses, shares = {}, {}
    for case in loss.cases(0):
        found = loss.observe(loss.solution, case)
        losses[len(case["y"])] = (float(found["loss"]), found["gradient"].tolist())
    for case in readings.cases(0):
        shares[len(case["y"])] = readings.solution(**case)
    return {
        "answer-11-2": (
            "def masked_loss(logits, y, classes):\n"
            f"    value, gradient = {losses!r}[len(y)]\n"
            "    moved = (logits - logits.detach()) * torch.tensor(gradient, dtype=logits.dtype)\n"
            "    return value + moved.sum()"
        ),
        "answer-11-3": f"def readings(logits, y, classes):\n    return {shares!r}[len(y)]",
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return nbgrader's course and folder, once four submissions are graded."""
    folder = tmp_path_factory.mktemp("nbgrader")
    classroom.build(folder / "classroom")
    root = folder / "classroom" / "nbgrader"
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    settings.CourseDirectory.db_url = f"sqlite:///{folder / 'grades.db'}"
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", tools)  # nbgrader calls alembic by its name
        patch.setenv("MAS_EDU_HOME", str(folder / "home"))
        course = api.NbGraderAPI(config=settings)
        assert course.generate_assignment(LESSON)["success"]
        solved = (root / "source" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
        blank = (root / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
        loud = find_exercise("11.3").solution_code.replace("    digit =", f"{LOUD}    digit =")
        submitted = {
            "blank": blank,
            "right": solved,
            "wrong": _with(solved, {"answer-11-2": TWICE, "answer-11-3": loud}),
            "hard-coded": _with(blank, hard_coded()),
        }
        for student, text in submitted.items():
            path = root / "submitted" / student / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            found = course.autograde(LESSON, student)
            assert found["success"], found
        assert course.generate_feedback(LESSON)["success"]
    assert not (folder / "home").exists(), "nothing of the students is kept"
    return course, root


def _with(notebook: str, answers: dict[str, str]) -> str:
    found = nbformat.reads(notebook, as_version=4)
    for cell in found.cells:
        cell.source = answers.get(cell.id, cell.source)
    text: str = nbformat.writes(found)
    return text


def test_the_hard_coded_answers_are_right_in_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    space: dict[str, Any] = {}
    exec("import torch\n" + "\n".join(hard_coded().values()), space)
    assert check("11.2", space["masked_loss"]).right
    assert check("11.3", space["readings"]).right


def test_the_points_are_those_of_each_submission(graded: Any) -> None:
    course, _ = graded
    points = {one["student"]: one["score"] for one in course.get_submissions(LESSON)}
    assert points == {"blank": 0, "right": 6, "wrong": 4, "hard-coded": 0}
    with course.gradebook as book:
        (notebook,) = book.find_submission(LESSON, "wrong").notebooks
        found = {grade.name: grade.score for grade in notebook.grades}
    checks = {name: score for name, score in found.items() if name.startswith("check")}
    assert checks == {"check-11-1": 1, "check-11-2": 0, "check-11-3": 2, "check-11-4": 1}


def test_what_is_released_is_blank_and_has_no_solution(graded: Any) -> None:
    _, root = graded
    text = (root / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "your turn" in text
    assert "SOLUTION" not in text
    assert "torch.full_like" not in text


def test_the_feedback_names_the_mistake(graded: Any) -> None:
    _, root = graded
    pages = {path.parts[-3]: path.read_text("utf-8") for path in root.glob("feedback/*/*/*.html")}
    assert set(pages) == {"blank", "right", "wrong", "hard-coded"}
    assert "The softmax is taken twice" in pages["wrong"]
    assert "11.2 is not written yet" in pages["blank"]
