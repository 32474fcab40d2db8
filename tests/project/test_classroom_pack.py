"""What `make classroom` builds: no solution for students, settings that load, the same bytes."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from traitlets.config import PyFileConfigLoader

from mas_edu.classroom import all_exercises, find_submissions
from tools import classroom
from tools.exercises import BEGIN, END, marked_solution

LESSONS = sorted({exercise.lesson for exercise in all_exercises().values()})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "classroom"
    classroom.build(folder)
    return folder


@pytest.fixture(scope="module")
def student(built: Path) -> dict[str, str]:
    """Return the files of the students' zip as texts."""
    with zipfile.ZipFile(built / "student.zip") as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_students_get_lessons_and_exercises(student: dict[str, str]) -> None:
    own = {name.removeprefix("mas_edu/") for name in student}
    lessons = {path.name for path in classroom.NOTEBOOKS.glob("*.ipynb")}
    exercises = {f"exercises/{p.name}" for p in classroom.NOTEBOOKS.glob("exercises/*.ipynb")}
    assert own == lessons | exercises | {"README.txt"}
    assert "index.ipynb" in own
    assert len(exercises) == len(LESSONS)


def test_no_solution_is_in_what_students_get(student: dict[str, str], built: Path) -> None:
    assert not [name for name, text in student.items() if BEGIN in text or END in text]
    for exercise in all_exercises().values():
        code = exercise.solution_code
        if callable(exercise.solution):
            code = marked_solution(exercise).split(f"{BEGIN}\n")[1].split(f"    {END}")[0].rstrip()
        lines = [json.dumps(line, ensure_ascii=False)[:-1] for line in code.splitlines()]
        written = '\\n",\n    '.join(lines)  # as a notebook has them
        (solved,) = built.glob(f"teacher/solutions/{exercise.lesson}_*.ipynb")
        assert written in solved.read_text(encoding="utf-8"), exercise.id
        assert not [name for name in student if "/exercises/" in name and written in student[name]]


def test_the_teacher_gets_the_solutions_and_how_to_grade(built: Path) -> None:
    folder = built / "teacher"
    assert len(list((folder / "solutions").glob("*.ipynb"))) == len(LESSONS)
    assert (folder / "teacher" / "my_exercises.py").is_file()
    for page in classroom.NOTEBOOKS.glob("teacher/**/*.md"):
        copied = folder / page.relative_to(classroom.NOTEBOOKS)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", copied.read_text("utf-8")):
            assert (copied.parent / target).resolve().is_file(), target
    assert "python -m mas_edu grade submissions" in (folder / "README.md").read_text("utf-8")
    assert (folder / "index.ipynb").is_file(), "links of the exercises lead to lessons"


def test_the_settings_of_nbgrader_load(built: Path) -> None:
    course = built / "nbgrader"
    found = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    assert found.CourseDirectory.course_id == "mas_edu"
    assert found.CourseDirectory.root == str(course)
    sources = sorted((course / "source").glob("*/*.ipynb"))
    assert [path.stem[:2] for path in sources] == LESSONS
    assert all(path.parent.name == path.stem for path in sources)
    assert BEGIN in sources[0].read_text(encoding="utf-8")


def test_it_comes_out_the_same_twice(built: Path, tmp_path: Path) -> None:
    (tmp_path / "classroom").mkdir()
    (tmp_path / "classroom" / "old.txt").write_text("from another time")
    classroom.build(tmp_path / "classroom")
    first, again = (
        {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in (built, tmp_path / "classroom")
    )
    assert first == again


def test_the_folder_of_solutions_can_be_graded(built: Path) -> None:
    found = find_submissions(built / "teacher" / "solutions")
    assert len(found) == len(LESSONS)
