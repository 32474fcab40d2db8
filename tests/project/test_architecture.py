"""The architecture: which wing may import which, and how files are named."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mas_edu"
TESTS = Path(__file__).parents[1]
LOWER = ["_common", "networks", "data", "importance", "methods", "results", "training"]
MAY_IMPORT: dict[str, list[str]] = {
    "_ctrl_c": [],
    "_common": [],
    "networks": LOWER[:1],
    "data": LOWER[:2],
    "importance": LOWER[:3],
    "methods": LOWER[:4],
    "results": ["_common", "networks", "data", "importance"],
    "training": LOWER[:6],
    "plots": LOWER[:6],
    "widgets": [*LOWER, "plots"],
    "classroom": LOWER,
    "__init__": [*LOWER, "plots", "widgets", "classroom"],
    "reproduction": ["__init__", *LOWER],
    "lessons": ["__init__", *LOWER, "plots", "widgets", "reproduction"],
    "cli": ["_ctrl_c", "__init__", *LOWER, "plots", "reproduction", "classroom"],
    "__main__": ["_ctrl_c", "__init__", "cli"],
}
LONGEST = 300  # lines of a file outside the lessons
LONGEST_TESTS = 500  # lines of a file of tests
# A docstring that begins so makes its reader wait for the verb or the name.
FIRST_WORDS = {"What", "Whether", "Of", "By", "How", "Where", "Who", "As"}
LESSONS = [path for path in (PACKAGE / "lessons").iterdir() if (path / "__init__.py").is_file()]
FILES = sorted(PACKAGE.rglob("*.py"))
WINGS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
HEAVY = {
    "ipywidgets",
    "torchvision",
    "sklearn",
    "matplotlib",
    "seaborn",
    "pandas",
    "joblib",
    "scipy",
    "IPython",
}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
each_wing = pytest.mark.parametrize("wing", WINGS)


def _wing(path: Path) -> str:
    """Return the wing of a file: its folder, or the file itself, directly in the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(path: Path) -> set[str]:
    """Return the modules of this package that a file imports, anywhere in it."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            modules.add(str(node.module))
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    return {module for module in modules if module.split(".")[0] == "mas_edu"}


def _wing_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def _docstrings(path: Path) -> list[str]:
    """Return the docstrings of a file, its own first."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return [text for node in nodes if isinstance(node, kinds) if (text := ast.get_docstring(node))]


@each_file
def test_a_wing_imports_only_the_wings_it_may(path: Path) -> None:
    wing = _wing(path)
    assert wing in MAY_IMPORT, f"{wing} has no place in the table: put it there"
    wrong = {_wing_of(module) for module in _imported(path)} - {wing, *MAY_IMPORT[wing]}
    assert not wrong, f"{path.name} imports {wrong}, which {wing} may not"


@each_file
def test_across_wings_the_wing_is_imported_not_its_files(path: Path) -> None:
    others = {module for module in _imported(path) if _wing_of(module) != _wing(path)}
    deep = {module for module in others if module.count(".") > 1}
    assert not deep, f"{path.name} imports {deep}; import the wing"


@each_wing
def test_no_file_has_the_name_of_a_function_that_its_wing_exports(wing: str) -> None:
    module = importlib.import_module(f"mas_edu.{wing}")
    functions = {
        name for name in module.__all__ if name.islower() and inspect.isroutine(vars(module)[name])
    }
    files = {path.stem for path in (PACKAGE / wing).rglob("*.py")}
    assert not functions & files


@each_wing
def test_a_wing_says_what_it_exports(wing: str) -> None:
    module = importlib.import_module(f"mas_edu.{wing}")
    assert module.__doc__
    assert all(hasattr(module, name) for name in module.__all__)


@each_file
def test_no_file_is_longer_than_a_reader_can_hold(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or _wing(path) == "lessons"


def test_no_file_of_tests_is_longer_than_a_reader_can_hold() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in TESTS.rglob("*.py")}
    assert {str(path): count for path, count in lines.items() if count > LONGEST_TESTS} == {}


def test_tests_mirror_the_wings() -> None:
    there = {path.name for path in TESTS.iterdir() if (path / "__init__.py").is_file()}
    assert there == {*WINGS, "browser", "project", "support"}


def test_tables_of_pages_are_written_in_one_place() -> None:
    files = (TESTS.parent / "tools").rglob("*.py")
    rules = [path.name for path in files if "---|" in path.read_text(encoding="utf-8")]
    assert rules == ["markdown.py"]


def test_the_table_names_no_wing_that_is_gone() -> None:
    assert set(MAY_IMPORT) == {_wing(path) for path in FILES}


def test_no_file_is_called_utils() -> None:
    assert not [path for path in FILES if "util" in path.name]


def test_the_lessons_are_listed_in_the_order_of_the_course() -> None:
    import mas_edu.lessons

    listed = re.findall(r"\b(\w\d) (\w+)", mas_edu.lessons.__doc__ or "")
    found = {path.name: _docstrings(path / "__init__.py")[0] for path in LESSONS}
    assert {name for _, name in listed} == set(found)
    assert all(found[name].startswith(f"Lesson {number}") for number, name in listed)
    assert listed == sorted(listed)


def test_docstrings_begin_with_a_verb_or_a_name() -> None:
    for path in FILES:
        assert not [text for text in _docstrings(path) if text.split()[0] in FIRST_WORDS], path


def test_the_front_door_loads_nothing_heavy() -> None:
    program = f"import mas_edu, sys; print(*({HEAVY | {'torch'}!r} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["torch"]


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    import mas_edu as me

    assert len(me.__all__) == len(set(me.__all__)) == 49
    for name in me.__all__:
        thing = getattr(me, name)
        assert name == "Params" or (thing.__doc__ or "").strip(), name
    with pytest.raises(AttributeError, match="has no attribute 'msa'"):
        me.msa  # noqa: B018
