"""The example method of CONTRIBUTING.md: it is added, and everything works with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import mas_edu as me
from mas_edu.cli import main
from mas_edu.methods import METHODS, Method
from mas_edu.results import Record
from tests.project.test_readme import blocks
from tests.support import contract, nets
from tools.paths import ROOT


def example() -> str:
    """The code of step 1."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = [content for language, content in blocks(page) if language == "python"]
    return code


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> type[Method]:
    """Steps 1 and 2."""
    names: dict[str, object] = {"__name__": "mas_edu.methods.added"}
    exec(compile(example(), "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    (method,) = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, Method) and value is not Method
    ]
    monkeypatch.setitem(METHODS, method.__name__, method)
    return method


@pytest.mark.slow
def test_the_steps_as_a_reader_takes_them(added: type[Method], tmp_path: Path):
    """A file in the folder, an import and a name in the table: in a copy, imported again."""
    name = added.__name__
    shutil.copytree(
        ROOT / "mas_edu", tmp_path / "mas_edu", ignore=shutil.ignore_patterns("__pycache__")
    )
    folder = tmp_path / "mas_edu" / "methods"
    (folder / f"{name.lower()}.py").write_text(example(), encoding="utf-8")
    front = (folder / "__init__.py").read_text(encoding="utf-8")
    first = front.index("from mas_edu.methods.")  # wherever it stands: the first is the hardest
    front = f"{front[:first]}from mas_edu.methods.{name.lower()} import {name}\n{front[first:]}"
    changed = front.replace("RWalk, SCP)", f"RWalk, SCP, {name})")
    assert changed != front
    (folder / "__init__.py").write_text(changed, encoding="utf-8")
    code = f"import mas_edu; from mas_edu.methods import make_method; print(make_method({name!r}))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert ran.stdout.strip() == repr(added()), ran.stderr[-2000:]


@pytest.mark.parametrize("net", nets.NETS)
def test_its_importance_keeps_the_contract(net: str, added: type[Method], digits: me.Stream):
    model = nets.build(net)
    with contract.left_as_it_was(model):
        contract.assert_is_importance(added().importance(model, digits[0]), model)


def test_it_learns_and_holds_on(added: type[Method], digits: me.Stream, short: me.Schedule):
    def drift(record: Record) -> float:
        first = me.learn(digits, me.FineTune(), schedule=short, progress=False)
        return sum(float((record.weights[n] - first.weights[n]).norm()) for n in first.weights)

    free = me.learn(digits, added(), 0.0, schedule=short, progress=False)
    held = me.learn(digits, added(), 100.0, schedule=short, progress=False)
    assert free.complete
    assert held.forgetting < free.forgetting
    assert drift(free) == 0 < drift(held)


@pytest.mark.slow
def test_the_command_line_offers_it(added: type[Method], tmp_path, capsys):
    quick = ["--tasks", "2", "--samples", "60", "--epochs", "1", "--out", str(tmp_path)]
    assert main(["run", "--method", added.__name__, *quick]) == 0
    assert added.__name__ in capsys.readouterr().out
    assert torch.stack([w.sum() for w in Record.load(tmp_path).omegas[0].values()]).all()
