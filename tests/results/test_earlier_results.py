"""Results written before the package was split into wings are read, and a sweep resumes from them.

`tests/support/earlier` holds the record of a finished run, and the store of a sweep of two runs
side by side, stopped in its second task of two.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

import mas_edu as me

EARLIER = Path(__file__).parents[1] / "support" / "earlier"
SCHEDULE = me.Schedule(steps=5, evaluations=1)


@pytest.fixture(scope="module")
def stream() -> me.Stream:
    return me.rotated("digits", tasks=2, step=90, samples=60)


def test_an_earlier_record_has_its_numbers(stream: me.Stream) -> None:
    record = me.Record.load(EARLIER / "record")
    text = json.loads((EARLIER / "record" / "record.json").read_text(encoding="utf-8"))
    assert record.label == "MAS, λ = 0.1"
    assert record.complete
    assert record.accuracy.tolist() == text["accuracy"]
    for metric in ("average", "forgetting", "learned", "average_over_time"):
        assert getattr(record, metric) == text[metric]
    assert [list(omega) for omega in record.omegas] == [list(record.weights)] * 2
    assert not record.memory
    model = me.mlp([64, 3, 10], 0)
    model.load_state_dict(record.weights)
    assert me.accuracies(model, list(stream)) == pytest.approx(record.accuracy[-1], abs=0.02)


def test_an_earlier_record_equals_a_run_of_now(stream: me.Stream) -> None:
    earlier = me.Record.load(EARLIER / "record")
    now = me.learn(
        stream, me.MAS(), 0.1, schedule=SCHEDULE, model=me.mlp([64, 3, 10], 0), progress=False
    )
    assert now.settings | {"torch": ""} == earlier.settings | {"torch": ""}
    for name, weight in now.weights.items():  # another processor may round otherwise
        torch.testing.assert_close(weight, earlier.weights[name], rtol=1e-3, atol=1e-5)


def test_a_sweep_resumes_from_an_earlier_store(
    stream: me.Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sweep(store: Path, **more: object) -> list[me.Record]:
        return me.sweep(
            stream, me.MAS(), [0.0, 1.0], [0], schedule=SCHEDULE,
            model=lambda seed: me.mlp([64, 3, 10], seed), store=store, progress=False, **more,
        )  # fmt: skip

    store = tmp_path / "store"
    shutil.copytree(EARLIER / "store", store)
    folders = sorted(path.name for path in store.iterdir())
    text = json.loads((store / folders[0] / "after-1" / "record.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(torch, "__version__", text["settings"]["torch"])  # part of a folder's name
    updates: list[int] = []
    records = sweep(store, stop=lambda: bool(updates.append(1)))
    assert len(updates) <= SCHEDULE.steps + 1, "only the second task is trained"
    assert sorted(path.name for path in store.iterdir()) == folders, "nothing is set aside"
    assert [path.name for path in sorted(store.glob("*/*"))] == ["after-2"] * 2
    fresh = sweep(tmp_path / "fresh")
    assert sorted(path.name for path in (tmp_path / "fresh").iterdir()) == folders
    for record, other in zip(records, fresh, strict=True):
        assert record.complete
        assert record.settings == other.settings
        assert record.accuracy == pytest.approx(other.accuracy, abs=0.02)
        for name, weight in record.weights.items():
            torch.testing.assert_close(weight, other.weights[name], rtol=1e-3, atol=1e-5)
