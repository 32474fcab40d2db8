"""The benchmarks: rows, verdicts, JSON, missing peers; not what they measure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from tools.bench import __main__ as bench
from tools.bench import omega, peers, protocol, readme
from tools.bench.measure import Row
from tools.bench.omega import vmap_grad


def test_a_row_says_whether_its_promise_holds() -> None:
    assert Row("a", "b", 1.2, "≤ 1.2").verdict == "holds"
    assert Row("a", "b", 59.0, "≥ 60").verdict == "FAILS"
    assert Row("a", "b", 59.0).verdict == ""


def test_a_row_that_is_left_out_says_why_and_promises_nothing() -> None:
    row = Row.left_out("a peer", "not installed")
    assert row.verdict == ""
    assert "not installed" in bench.line(row)
    report = {"rows": [row.as_dict()], "machine": dict.fromkeys(KEYS, "x")}
    assert "left out: not installed" in readme.table(json.loads(json.dumps(report)))


KEYS = ("processor", "threads", "python", "torch")


def test_memory_is_that_of_the_tensors_held_at_once() -> None:
    def two_at_once_of_three() -> None:
        first = torch.empty(1000)
        _second = torch.empty(500)
        del first
        torch.empty(400)

    assert omega.peak(two_at_once_of_three) == pytest.approx(1500 * 4, abs=200)


@pytest.mark.slow
def test_a_peer_that_is_missing_broken_or_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'opacus'", name="opacus")

    def broken(*_: object) -> Iterator[Row]:
        raise AttributeError("torch has no such thing")

    def same(model: nn.Module, x: Tensor, chunk: int) -> Callable[[], dict[str, Tensor]]:
        return lambda: vmap_grad(model, x, chunk)

    def wrong(model: nn.Module, x: Tensor, chunk: int) -> Callable[[], dict[str, Tensor]]:
        return lambda: {name: 2 * value for name, value in vmap_grad(model, x, chunk).items()}

    libraries = {"vmap": same, "opacus": missing, "BackPACK": broken, "wrong": wrong}
    monkeypatch.setattr(peers, "LIBRARIES", libraries)
    monkeypatch.setattr(peers, "SEED_SIZES", [784, 4, 10])
    monkeypatch.setattr(peers, "_avalanche", broken)
    monkeypatch.setattr(peers, "NETWORKS", [("small", 16, 8, "")])
    small = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    monkeypatch.setattr(peers, "make_network", lambda name: small)
    rows = list(peers.rows(quick=True, device="cpu"))
    of_each = [False, True, True, True]
    assert [math.isnan(row.ratio) for row in rows] == [*of_each, True, *of_each]
    assert "opacus is not installed" in rows[1].note
    assert "its sums are off by 100% of the largest" in rows[3].note
    assert "does not run here, AttributeError: torch has no such thing" in rows[4].note
    assert rows[5].what == "vmap, small, 16 pixels"
    assert float(rows[5].note.split("to ")[1].split()[0]) < 1e-4


def test_the_table_is_written_as_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path, capsys: pytest.CaptureFixture
) -> None:
    rows = [Row("a", "b", 2.0, "≤ 1"), Row.left_out("c", "no data")]
    monkeypatch.setitem(bench.GROUPS, "step", lambda quick, device: iter(rows))
    monkeypatch.setattr("sys.argv", ["bench", "step", "--quick", "--out", str(tmp_path)])
    bench.main()
    report = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [row["verdict"] for row in report["rows"]] == ["FAILS", ""]
    assert report["rows"][1]["ratio"] is None
    assert "FAILS" in capsys.readouterr().out


def test_what_is_measured_for_omega_is_right() -> None:
    """The slow ways on a small network run, and do what they say."""
    model, x = torch.nn.Linear(6, 3), torch.rand(5, 6)
    omega.plain_pass(model, x, 2)
    omega.loop(model, x)
    omega.vmap_grad(model, x, 2)


def test_a_run_that_is_stopped_keeps_the_rows_it_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    def stopped(quick: bool, device: str) -> Iterator[Row]:
        yield Row("a", "b", 2.0)
        raise KeyboardInterrupt

    monkeypatch.setitem(bench.GROUPS, "step", stopped)
    monkeypatch.setattr("sys.argv", ["bench", "step", "--out", str(tmp_path)])
    with pytest.raises(KeyboardInterrupt):
        bench.main()
    report = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [row["what"] for row in report["rows"]] == ["a"]


def test_one_table_holds_runs_of_one_machine() -> None:
    machine = {"processor": "p", "threads": 2, "python": "3", "torch": "2"}
    first, second = (
        {"machine": machine, "rows": [Row(what, "r", 2.0).as_dict()]} for what in ("a", "b")
    )
    assert re.findall(r"^\| ([ab]) \|", readme.table(first, second), re.MULTILINE) == ["a", "b"]
    with pytest.raises(ValueError, match="one machine"):
        readme.table(first, {**second, "machine": machine | {"threads": 8}})


def test_the_whole_protocol_counts_training_for_each_epoch() -> None:
    cost = protocol.Cost(training=3.0, omega=2.0, evaluation=1.0)
    assert cost.measured == 6.0
    assert cost.whole == 33.0  # the protocol has ten epochs
