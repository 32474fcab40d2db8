"""Build what a class needs: the students' zip, the teacher's folder, nbgrader's course.

python -m tools.classroom        # into build/classroom, the same bytes each time

student.zip    lessons and exercises, no solution
teacher/       the same, with solutions, the teacher's pages and how to grade
nbgrader/      a course for those who have a JupyterHub: its settings, source/LESSON/LESSON.ipynb
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.paths import ROOT

NOTEBOOKS = ROOT / "notebooks"
OUT = ROOT / "build" / "classroom"
INSIDE = "mas_edu"  # the folder that the zip unpacks
BEGINNING = (1980, 1, 1, 0, 0, 0)  # the date of each file in the zip: none of its own

STUDENT = """\
How a network forgets, and how that can be prevented
====================================================

1. Install mas_edu, once, as its README says: https://github.com/mas-edu/mas_edu
2. In this folder: python -m jupyterlab index.ipynb
3. After a lesson do its exercises, in the folder exercises. Each is checked at once; me.hint helps.
4. Hand in the notebook of the exercises, saved. Its name does not matter.

Guesses, quiz answers and results of checks stay on your computer: python -m mas_edu progress
"""
TEACHER = """\
# To teach this course

Give `student.zip` to the students. Here are the same notebooks, in `solutions` with the answers,
and in `teacher` what else a teacher needs.

## Grade what is handed in

Put the notebooks into one folder, or take the folder or zip that Moodle or Canvas gives you.

```sh
python -m mas_edu grade submissions
```

Points are in `grades/grades.csv`, a page for each student in `grades/feedback`, and what went wrong
how often in `grades/summary.html`. Filled into a gradebook that Moodle or Canvas exported:

```sh
python -m mas_edu grade submissions --fill gradebook.csv --column "Exercises 5"
```

The notebooks of students run with your rights. The limits stop accidents, not an attacker: for
people whom you do not know, use a container, or an account that may do nothing else.

## Exercises of your own

`teacher/my_exercises.py` has two to copy and change.

```sh
python -m mas_edu grade submissions --own my_exercises.py
```

## With nbgrader

`../nbgrader` is a course: in that folder, `nbgrader generate_assignment 05_penalty_and_lambda`,
later `nbgrader autograde` and `nbgrader generate_feedback`, each with the same name. Answers are
worth the same there. A notebook that ends Python, such as by taking all memory, loses all its
points there, and those of one exercise here.
"""
SETTINGS = '''\
"""The settings of nbgrader for this course: run nbgrader in the folder of this file."""

from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "mas_edu"
c.CourseDirectory.root = str(Path(__file__).absolute().parent)
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("your turn")'}
c.ExecutePreprocessor.timeout = 120  # seconds of a cell: some exercises train
'''


def build(out: Path = OUT) -> list[Path]:
    """Build all of it into a folder; return the paths of its three parts."""
    shutil.rmtree(out, ignore_errors=True)
    lessons = _read("*.ipynb", "exercises/*.ipynb")
    solutions = _read("solutions/*.ipynb")
    pages = _read("teacher/**/*")
    parts = [out / name for name in ("student.zip", "teacher", "nbgrader")]
    _write(parts[1], {**lessons, **solutions, **pages, "README.md": TEACHER.encode()})
    course = {"nbgrader_config.py": SETTINGS.encode()}
    for name, content in solutions.items():
        notebook = Path(name)
        course[f"source/{notebook.stem}/{notebook.name}"] = content
    _write(parts[2], course)
    _zip(parts[0], {**lessons, "README.txt": STUDENT.encode()})
    return parts


def _read(*patterns: str) -> dict[str, bytes]:
    """Return the files of these patterns by their path below the notebooks, in order."""
    paths = sorted(path for pattern in patterns for path in NOTEBOOKS.glob(pattern))
    found = {path.relative_to(NOTEBOOKS).as_posix(): path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _zip(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            about = zipfile.ZipInfo(f"{INSIDE}/{name}", BEGINNING)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system, about.external_attr = 3, 0o644 << 16  # on every system
            archive.writestr(about, files[name])


def main() -> None:
    """Build all of it, and say where it is."""
    for part in build():
        print(part.relative_to(ROOT))


if __name__ == "__main__":
    main()
