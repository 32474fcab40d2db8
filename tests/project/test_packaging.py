"""What is installed, what make and Binder do, and that no file depends on one machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BINDER = ROOT / "binder"
OWN_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt|opt|srv)/\w")
INDEX = re.compile(r"(?:pypi|npmjs|pythonhosted|debian|ubuntu)\.(?:org|com)")


def required(*groups: str) -> list[Requirement]:
    """Return the project's requirements, with those of the named optional groups."""
    extra = [line for group in groups for line in PROJECT["optional-dependencies"][group]]
    return [Requirement(line) for line in PROJECT["dependencies"] + extra]


def pinned() -> dict[str, str]:
    """Read constraints.txt: version by name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def tracked() -> list[Path]:
    """Return the files under version control."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: git clone it to run this test")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder, apart from a make that may have started these tests."""
    outside = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON")
    env = {name: value for name, value in os.environ.items() if name not in outside}
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, env=env, check=False
    )


needs_make = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("make"), reason="needs make and a Unix shell"
)


# ---- versions ----------------------------------------------------------------------------------


def test_each_requirement_has_a_tested_version_within_its_bounds():
    versions = pinned()
    for requirement in required("dev", "distributed"):
        if canonicalize_name(requirement.name) == canonicalize_name(PROJECT["name"]):
            continue
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_constraints_name_no_place_and_no_platform():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert not any(line.startswith(("nvidia", "cuda", "triton", "mas_edu")) for line in lines)


def test_tests_do_not_need_the_peers():
    peers = {requirement.name for requirement in required("peers")[len(required()) :]}
    assert peers
    assert peers.isdisjoint(requirement.name for requirement in required("dev"))
    assert peers.isdisjoint(pinned())


# ---- make --------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the build files to a folder with spaces, with a Python that only notes its arguments."""
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "python").write_text(FAKE_PYTHON)
    (folder / "python").chmod(0o755)
    return folder


FAKE_PYTHON = """#!/bin/sh
echo "$@" >> asked
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp python .venv/bin/python ;;
  *install*) [ ! -e offline ] ;;
  *version_info*) [ ! -e old ] ;;
  --version) echo "Python 3.9.1" ;;
esac
"""


def asked(folder: Path) -> str:
    """Return the arguments that the fake Python got since the last call."""
    file = folder / "asked"
    text = file.read_text() if file.exists() else ""
    file.unlink(missing_ok=True)
    return text


@needs_make
def test_make_lab_installs_once_and_opens_the_start_page(checkout):
    done = make(checkout, "lab", "PYTHON=./python")
    assert done.returncode == 0, done.stderr
    first = asked(checkout)
    assert "-m venv .venv" in first
    assert "install -c constraints.txt -e ." in first
    assert "notebooks/index.ipynb" in first
    make(checkout, "lab", "PYTHON=./python")
    second = asked(checkout)
    assert "install" not in second
    assert "notebooks/index.ipynb" in second


@needs_make
def test_make_test_adds_what_the_checks_need(checkout):
    make(checkout, "lab", "PYTHON=./python")
    asked(checkout)
    assert make(checkout, "test", "PYTHON=./python").returncode == 0
    first = asked(checkout)
    assert first.count(" install ") == 1
    assert "-e .[dev]" in first
    for part in ("ruff check", "ruff format --check", "mypy", "pytest", "--nbval-lax"):
        assert part in first
    make(checkout, "test", "PYTHON=./python")
    assert "install" not in asked(checkout)


@needs_make
def test_make_quick_leaves_out_what_takes_long(checkout):
    assert make(checkout, "quick", "PYTHON=./python").returncode == 0
    text = asked(checkout)
    for part in ("ruff check", "mypy", "-m not slow --ignore tests/browser"):
        assert part in text
    assert "nbval" not in text


@needs_make
def test_what_the_checks_need_suffices_for_lab(checkout):
    make(checkout, "test", "PYTHON=./python")
    asked(checkout)
    make(checkout, "lab", "PYTHON=./python")
    assert "install" not in asked(checkout)


@needs_make
def test_new_requirements_are_installed(checkout):
    make(checkout, "lab", "PYTHON=./python")
    asked(checkout)
    later = (checkout / ".venv" / ".lab").stat().st_mtime + 10
    os.utime(checkout / "pyproject.toml", (later, later))
    make(checkout, "lab", "PYTHON=./python")
    assert "install" in asked(checkout)


@needs_make
def test_an_installation_that_failed_is_tried_again(checkout):
    (checkout / "offline").touch()
    assert make(checkout, "lab", "PYTHON=./python").returncode != 0
    assert "jupyterlab" not in asked(checkout)
    (checkout / "offline").unlink()
    assert make(checkout, "lab", "PYTHON=./python").returncode == 0
    assert "install" in asked(checkout)


@needs_make
def test_an_old_python_is_one_sentence(checkout):
    (checkout / "old").touch()
    done = make(checkout, "lab", "PYTHON=./python")
    assert done.returncode != 0
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(ours) == 1
    assert "needs Python 3.11 or newer" in ours[0]
    assert "3.9.1" in ours[0]
    assert not (checkout / ".venv").exists()


@needs_make
def test_make_alone_lists_what_there_is(checkout):
    listed = make(checkout).stdout
    for target in ("lab", "quick", "test", "pictures", "clean"):
        assert re.search(rf"make {target} +\w", listed)


# ---- the wheel ----------------------------------------------------------------------------------


def test_the_wheel_has_package_and_notebooks_and_no_more(tmp_path):
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    folder = ROOT / "notebooks"
    there = [*folder.glob("*.ipynb"), *folder.glob("exercises/*.ipynb")]
    notebooks = {f"mas_edu/notebooks/{path.relative_to(folder).as_posix()}" for path in there}
    assert {name for name in names if name.startswith("mas_edu/notebooks/")} == notebooks
    assert "mas_edu/__main__.py" in names
    assert all(name.startswith("mas_edu/") for name in names)


def test_the_settings_of_the_wheel_name_the_notebooks():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = built["build"]["targets"]["wheel"]
    assert wheel["only-include"] == ["mas_edu", "notebooks"]
    assert wheel["sources"] == {"notebooks": "mas_edu/notebooks"}
    assert built["build"]["dev-mode-dirs"] == ["."]  # else an editable installation is refused


# ---- Binder ------------------------------------------------------------------------------------


def test_binder_files_are_understood(tmp_path):
    pytest.importorskip("repo2docker")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"python={version}" in said
    assert 'install --no-cache-dir -r "binder/requirements.txt"' in said
    assert "./binder/postBuild" in said


def test_binder_has_our_versions_and_stops_at_an_error():
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = {Requirement(line).name for line in lines if line and line[0] not in "#-"}
    assert listed == {"torch", "torchvision", "jupyterlab", "ipykernel", "ipywidgets"}
    assert "-c ../constraints.txt" in lines
    assert any("whl/cpu" in line for line in lines)
    script = (BINDER / "postBuild").read_text(encoding="utf-8")
    assert "set -e" in script
    assert os.access(BINDER / "postBuild", os.X_OK) or sys.platform == "win32"


def test_binder_bounds_are_the_projects():
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ours = {requirement.name: requirement.specifier for requirement in required()}
    for line in lines:
        if line and line[0] not in "#-" and Requirement(line).specifier:
            assert Requirement(line).specifier == ours[Requirement(line).name]


# ---- other machines ----------------------------------------------------------------------------


def test_no_file_names_a_path_of_one_machine():
    for path in tracked():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8")
        for pattern in (OWN_PATH, INDEX):
            found = pattern.search(text)
            assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


@pytest.mark.parametrize(
    "text", ["see ~home~ann~x", '"~Users~ann"', "cd ~work~main", "https:~~pypi|org~simple"]
)
def test_a_path_of_one_machine_would_be_found(text):
    text = text.replace("~", "/").replace("|", ".")  # written so that this file is not found
    assert OWN_PATH.search(text) or INDEX.search(text)


def test_scripts_are_executable():
    if sys.platform == "win32":
        pytest.skip("Windows has no such mark")
    for script in (ROOT / ".ci" / "run", BINDER / "postBuild"):
        assert os.access(script, os.X_OK)
        assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
