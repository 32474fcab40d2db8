"""The arrows of the design: a module imports only modules above it, and the front door is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mas_edu"
TABLE = """
    _common networks data importance methods results training checks plots widgets lessons
    reproduction cli __init__ __main__
"""
ORDER = TABLE.split()
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "ipywidgets",
    "torchvision",
    "sklearn",
    "matplotlib",
    "seaborn",
    "pandas",
    "joblib",
    "scipy",
}


def _room(path: Path) -> str:
    """The module, or the folder, directly in the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(path: Path) -> set[str]:
    """The rooms that a file imports, anywhere in it."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {
            f"{name}.__init__".split(".")[1] for name in names if name.split(".")[0] == "mas_edu"
        }
    return {room if room in ORDER else "__init__" for room in rooms}  # `import mas_edu as me`


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_modules_above_it(path: Path) -> None:
    room = _room(path)
    assert room in ORDER, f"{room} has no place in the table: put it there"
    below = {name for name in _imported(path) - {room} if ORDER.index(name) > ORDER.index(room)}
    assert not below, f"{path.name} imports {below}, which stand after {room} in the table"


def test_the_table_has_no_ghosts() -> None:
    assert set(ORDER) - {_room(path) for path in FILES} <= {"checks"}


def test_no_room_is_called_utils() -> None:
    assert not [path for path in FILES if "util" in path.name]


def test_the_front_door_loads_nothing_heavy() -> None:
    program = f"import mas_edu, sys; print(*({HEAVY!r} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    import mas_edu as me

    assert len(set(me.__all__)) == len(me.__all__)
    for name in me.__all__:
        thing = getattr(me, name)
        assert name == "Params" or (thing.__doc__ or "").strip(), name
    with pytest.raises(AttributeError, match="has no attribute 'msa'"):
        me.msa  # noqa: B018
