"""The example method of CONTRIBUTING.md: it is added, and everything works with it."""

from __future__ import annotations

import pytest
import torch

import mas_edu as me
from mas_edu.__main__ import main
from mas_edu.methods import METHODS, Method
from mas_edu.record import Record
from tests import contract, nets
from tests.badge import ROOT
from tests.test_readme import blocks


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> type[Method]:
    """Steps 1 and 2."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = [content for language, content in blocks(page) if language == "python"]
    names: dict[str, object] = {"__name__": "mas_edu.methods"}
    exec(compile(code, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    (method,) = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, Method) and value is not Method
    ]
    monkeypatch.setitem(METHODS, method.__name__, method)
    return method


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


def test_the_command_line_offers_it(added: type[Method], tmp_path, capsys):
    quick = ["--tasks", "2", "--samples", "60", "--epochs", "1", "--out", str(tmp_path)]
    assert main(["run", "--method", added.__name__, *quick]) == 0
    assert added.__name__ in capsys.readouterr().out
    assert torch.stack([w.sum() for w in Record.load(tmp_path).omegas[0].values()]).all()
