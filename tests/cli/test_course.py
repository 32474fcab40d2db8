"""The command course: the notebooks are copied, changed ones never replaced, then opened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mas_edu.cli import course, main
from mas_edu.cli.course import COPIED, copy_course
from tests.support.command_line import refused


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("index.ipynb", "01_a.ipynb"):
        (folder / name).write_text(f"first {name}")
    return folder


def fates(source: Path, folder: Path) -> dict[str, str]:
    return {one.name: one.outcome for one in copy_course(source, folder)}


def test_all_notebooks_are_copied_into_a_new_folder(tmp_path, capsys):
    folder = tmp_path / "a new" / "folder"
    assert main(["course", str(folder), "--no-open"]) == 0
    printed = capsys.readouterr().out
    source = course.course_folder()
    notebooks = sorted(source.glob("*.ipynb"))
    exercises = sorted(source.glob("exercises/*.ipynb"))
    assert len(notebooks) > 5
    assert exercises
    for path in (*notebooks, *exercises):
        name = path.relative_to(source).as_posix()
        assert (folder / name).read_bytes() == path.read_bytes()
        assert f"{name:36} new\n" in printed
    assert f"-m jupyterlab {folder / 'index.ipynb'}" in printed
    assert {path.name for path in folder.iterdir()} == {
        COPIED,
        "exercises",
        *(path.name for path in notebooks),
    }


def test_a_file_is_no_place_for_the_course(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    words = refused(capsys, "course", str(tmp_path / "file"), "--no-open")
    assert "DIR: " in words
    assert "cannot be written (it is a file); choose another" in words


def test_a_changed_notebook_is_never_replaced(source, tmp_path):
    folder = tmp_path / "mine"
    assert set(fates(source, folder).values()) == {"new"}
    assert set(fates(source, folder).values()) == {"up to date"}
    (folder / "01_a.ipynb").write_text("my work")
    for version in ("second", "third"):
        for name in ("index.ipynb", "01_a.ipynb"):
            (source / name).write_text(version)
        assert fates(source, folder) == {
            "01_a.ipynb": "kept, because it was changed",
            "index.ipynb": "updated",
        }
        assert (folder / "01_a.ipynb").read_text() == "my work"
        assert (folder / "index.ipynb").read_text() == version
    (folder / "01_a.ipynb").rename(folder / "mine.ipynb")
    assert fates(source, folder)["01_a.ipynb"] == "new"
    assert (folder / "mine.ipynb").read_text() == "my work"


def test_a_changed_exercise_is_never_replaced(source, tmp_path):
    folder = tmp_path / "mine"
    (source / "exercises").mkdir()
    for name in ("exercises/01_a.ipynb", "exercises/02_b.ipynb"):
        (source / name).write_text("first")
    copy_course(source, folder)
    (folder / "exercises" / "01_a.ipynb").write_text("my work")
    for name in ("exercises/01_a.ipynb", "exercises/02_b.ipynb"):
        (source / name).write_text("second")
    found = fates(source, folder)
    assert found["exercises/01_a.ipynb"] == "kept, because it was changed"
    assert found["exercises/02_b.ipynb"] == "updated"
    assert (folder / "exercises" / "01_a.ipynb").read_text() == "my work"


@pytest.mark.parametrize("damage", ["", "[1]", None])
def test_without_its_digests_every_other_file_counts_as_changed(source, tmp_path, damage):
    folder = tmp_path / "mine"
    copy_course(source, folder)
    (folder / COPIED).unlink()
    if damage is not None:
        (folder / COPIED).write_text(damage)
    (source / "01_a.ipynb").write_text("second")
    assert fates(source, folder)["01_a.ipynb"] == "kept, because it was changed"
    assert json.loads((folder / COPIED).read_text()).keys() == {"index.ipynb"}


def test_what_to_do_about_a_changed_notebook_is_said(tmp_path, capsys):
    main(["course", str(tmp_path), "--no-open"])
    assert "rename it" not in capsys.readouterr().out
    (tmp_path / "index.ipynb").write_text("mine")
    main(["course", str(tmp_path), "--no-open"])
    assert "rename it and give the command again" in capsys.readouterr().out


def test_the_start_page_is_opened(tmp_path, monkeypatch):
    started = []

    class Lab:
        def __init__(self, command, cwd):
            started.append((command, cwd))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def wait(self):
            return 3

    monkeypatch.setattr(subprocess, "Popen", Lab)
    assert main(["course", str(tmp_path)]) == 3
    assert started == [([sys.executable, "-m", "jupyterlab", "index.ipynb"], tmp_path)]


def test_notebooks_that_are_not_installed_are_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(course, "__file__", str(tmp_path / "mas_edu" / "cli" / "course.py"))
    line = refused(capsys, "course", str(tmp_path / "mine"), "--no-open")
    assert "the notebooks are not in" in line
    assert "pip install --force-reinstall" in line


def test_the_installed_package_comes_before_the_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "__file__", str(tmp_path / "mas_edu" / "cli" / "course.py"))
    for folder in (tmp_path / "notebooks", tmp_path / "mas_edu" / "notebooks"):
        folder.mkdir(parents=True)
        (folder / "index.ipynb").write_text("")
        assert course.course_folder() == folder
