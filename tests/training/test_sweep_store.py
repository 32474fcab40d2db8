"""Sweeps that end early, and a store that can be trusted."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, Record
from mas_edu.training import Training
from mas_edu.training.gradient import masked_cross_entropy
from mas_edu.training.sweeps import batched
from mas_edu.training.sweeps.store import RunStore
from tests.support.sweeps import (
    Countdown,
    assert_same_numbers,
    noisy,
    one_by_one,
    quick,
    small,
)  # fmt: skip

grid = importlib.import_module("mas_edu.training.sweeps.grid")
SHORT = me.Schedule(steps=4, evaluations=1)


# ---- ends: stop, Ctrl-C, divergence ------------------------------------------------------------


@pytest.mark.parametrize("model", [None, noisy], ids=["side by side", "one by one"])
@pytest.mark.parametrize("raising", [None, KeyboardInterrupt], ids=["stop", "Ctrl-C"])
def test_an_interrupted_sweep_keeps_finished_tasks_and_resumes(digits, tmp_path, model, raising):
    more = {"schedule": me.Schedule(steps=10, evaluations=2), "model": model, "store": tmp_path}
    unbroken = quick(digits, me.MAS(), [0, 1], [0, 1], **{**more, "store": None})
    first = Countdown(15, raising)
    with pytest.warns(UserWarning, match="(stopped|interrupted): . of 4 runs are unfinished"):
        partial = quick(digits, me.MAS(), [0, 1], [0, 1], stop=first, **more)
    assert first.asked == 15
    assert [record.finished for record in partial] == ([1, 1, 1, 1] if not model else [1, 0, 0, 0])
    for ours, theirs in zip(partial, unbroken, strict=True):
        n = ours.finished
        assert np.array_equal(ours.accuracy[:n], theirs.accuracy[:n])
        assert ours.steps.tolist() == theirs.steps.tolist()[: 1 + 2 * n]
    second = Countdown(1000)
    assert quick(digits, me.MAS(), [0, 1], [0, 1], stop=second, **more) == unbroken
    assert second.asked == (10 if not model else 70)
    third = Countdown(1000)
    assert quick(digits, me.MAS(), [0, 1], [0, 1], stop=third, **more) == unbroken
    assert third.asked == 0


def test_runs_side_by_side_are_stored_at_the_end_of_each_task(tmp_path, monkeypatch):
    """Also where tasks have more and fewer updates, and a resumed sweep begins in the middle."""
    data = me.rotated("digits", 1)[0]
    tasks = [replace(data, x=data.x[:n], y=data.y[:n]) for n in (60, 100, 40)]
    stream = me.stream(tasks, scenario="domain", names=["a", "b", "c"], outputs=10)
    schedule = me.Schedule(epochs=1, batch=20, evaluations=1)  # 3, 5 and 2 updates
    more = {"schedule": schedule, "store": tmp_path}
    saved, save = [], RunStore.save
    asked = Countdown(4)

    def watched(self, run):
        saved.append((asked.asked, run.finished))
        save(self, run)

    monkeypatch.setattr(RunStore, "save", watched)
    with pytest.warns(UserWarning, match="stopped"):
        quick(stream, me.MAS(), [0, 1], [0], stop=asked, **more)
    assert saved[:2] == [(2, 1)] * 2  # before it is asked for the third time
    saved.clear()
    asked = Countdown(100)
    quick(stream, me.MAS(), [0, 1], [0], stop=asked, **more)
    assert saved[:4] == [(4, 2)] * 2 + [(6, 3)] * 2
    assert asked.asked == 7


def test_records_stored_by_other_processes_count_after_ctrl_c(digits, tmp_path, monkeypatch):
    more = {"schedule": SHORT, "store": tmp_path, "model": noisy}
    finished = quick(digits, me.MAS(), [0, 1], [0], **{**more, "store": tmp_path / "done"})

    def stored_but_not_told(runs: list[Training], shelf, n_jobs):
        for place in (tmp_path / "done").iterdir():
            place.rename(tmp_path / place.name)
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(grid, "train_parallel", stored_but_not_told)
    assert quick(digits, me.MAS(), [0, 1], [0], n_jobs=2, **more) == finished


def test_ctrl_c_before_anything_is_finished_is_passed_on(digits, short):
    with pytest.raises(KeyboardInterrupt):
        quick(digits, me.MAS(), [0, 1], stop=Countdown(3, KeyboardInterrupt), schedule=short)


@pytest.mark.filterwarnings("ignore:lr · λ · max Ω:UserWarning")
@pytest.mark.parametrize("model", [small, noisy], ids=["side by side", "one by one"])
def test_a_diverging_copy_is_named_and_does_not_affect_the_others(digits, model):
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=0.05)
    more = {"schedule": schedule, "model": model}
    with pytest.warns(UserWarning, match="training diverged: 1 of 3") as caught:
        records = quick(digits, me.MAS(), [0, 0.01, 1e9], [4], **more)
    text = next(str(w.message) for w in caught if "diverged" in str(w.message))
    assert "λ = 1e+09, seed 4" in text
    assert "0.01" not in text
    assert [record.finished for record in records] == [2, 2, 1]
    assert_same_numbers(records[:2], one_by_one(digits, me.MAS(), [0, 0.01], [4], **more))
    with pytest.warns(UserWarning, match="diverged"):
        alone = me.learn(digits, me.MAS(), 1e9, seed=4, progress=False, **more)
    np.testing.assert_allclose(records[2].accuracy, alone.accuracy)
    assert records[2].steps[-1] == 40  # nothing of the task in which it diverged


@pytest.mark.parametrize("method", [me.MAS(), me.FineTune()], ids=repr)
def test_all_copies_may_diverge(digits, method):  # fine-tuning has no Ω that would tell
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=1e30)
    with pytest.warns(UserWarning, match=r"training diverged: 2 of 2.*seed 0; .*seed 1"):
        records = quick(digits, method, [1], [0, 1], schedule=schedule)
    assert [record.finished for record in records] == [0, 0]


def test_a_last_update_to_infinity_is_divergence_side_by_side_too():
    schedule = me.Schedule(steps=1, optimizer="sgd", lr=1e300)
    with pytest.warns(UserWarning, match="training diverged: 2 of 2"):
        records = quick(me.rotated("digits", 1), me.FineTune(), [0], [0, 1], schedule=schedule)
    assert [record.finished for record in records] == [0, 0]


def test_an_infinite_loss_of_finite_weights_is_divergence_too(short, monkeypatch):
    def of_the_first(logits, y, masks, reduction):
        losses = masked_cross_entropy(logits, y, masks, reduction)
        losses.view(len(y), -1)[0] = torch.inf
        return losses

    monkeypatch.setattr(batched, "masked_cross_entropy", of_the_first)
    with pytest.warns(UserWarning, match="training diverged: 1 of 2"):
        records = quick(me.rotated("digits", 1), me.FineTune(), [0], [0, 1], schedule=short)
    assert [record.finished for record in records] == [0, 1]


def test_an_error_of_a_method_is_not_taken_for_divergence(digits, short):
    @dataclass(frozen=True)
    class Broken(me.Method):
        def importance(self, model, task):
            raise ValueError("a mistake of mine")

    with pytest.raises(ValueError, match="a mistake of mine"):
        quick(digits, Broken(), [1], [0, 1], schedule=short)


# ---- the store ---------------------------------------------------------------------------------


@pytest.fixture
def kept(digits: me.Stream, tmp_path: Path) -> Path:
    """The store of a finished sweep of two λ."""
    quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=tmp_path)
    return tmp_path


def retrained(
    stream: me.Stream, store: Path, lams=(0, 1), method=None, schedule=SHORT, **more
) -> int:
    """How many batched or single updates a sweep with this store makes."""
    counter = Countdown(10_000)
    more = {"schedule": schedule, "store": store, "stop": counter, **more}
    quick(stream, method, lams, [0], **more)
    return counter.asked


def test_records_come_back_from_the_store_as_they_were(digits, kept):
    again = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    assert again == quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT)
    assert retrained(digits, kept) == 0


def test_each_run_leaves_one_record_with_a_name_to_read(digits, kept):
    names = sorted(path.name for path in kept.iterdir())
    assert [re.sub("-[0-9a-f]{12}$", "", name) for name in names] == [
        "MAS-lam0-seed0", "MAS-lam1-seed0",
    ]  # fmt: skip
    assert {str(path.relative_to(kept / names[0])) for path in (kept / names[0]).rglob("*")} == {
        "after-2", f"after-2/{TEXT}", f"after-2/{TENSORS}",
    }  # fmt: skip
    assert Record.load(kept / names[1] / "after-2").settings["lam"] == 1


def test_more_lams_in_the_same_store_train_only_what_is_new(digits, kept):
    assert retrained(digits, kept, lams=(0, 0.5, 1)) == 8


def _other_values(stream: me.Stream) -> me.Stream:
    x = stream[1].x.clone()
    x[0, 0] += 0.25
    return replace(stream, tasks=(stream[0], replace(stream[1], x=x)))


OTHER = {
    "data": lambda stream: {"stream": _other_values(stream)},
    "active classes": lambda stream: {
        "stream": replace(stream, tasks=(stream[0], replace(stream[1], classes=tuple(range(10)))))
    },
    "names of tasks": lambda stream: {
        "stream": replace(stream, tasks=(stream[0], replace(stream[1], name="another")))
    },
    "schedule": lambda stream: {"schedule": replace(SHORT, lr=0.002)},
    "weights": lambda stream: {"model": lambda seed: me.mlp([64, 64, 10], seed + 1)},
    "method": lambda stream: {"method": me.MASLocal()},
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_two_different_sweeps_in_one_store_do_not_mix(digits, kept, other):
    changed = {"stream": digits, **other(digits)}
    assert retrained(store=kept, **changed) == 8
    assert retrained(store=kept, **changed) == 0
    assert retrained(digits, kept) == 0


class Activated(nn.Module):
    def __init__(self, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(64, 12), nn.Linear(12, 10)
        self.activation = [activation]  # does not show in str(model), nor in its weights

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.activation[0](self.hidden(x)))


def test_another_forward_pass_with_the_same_weights_is_another_run(digits, tmp_path):
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.relu)) == 8
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.sin)) == 8
    assert retrained(digits, tmp_path, model=lambda seed: Activated(torch.relu)) == 0


def test_another_version_of_torch_begins_anew(digits, kept, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "99.0")
    assert retrained(digits, kept) == 8
    monkeypatch.undo()
    assert retrained(digits, kept) == 0


def _cut(folder: Path) -> None:
    content = (folder / TENSORS).read_bytes()
    (folder / TENSORS).write_bytes(content[: len(content) // 2])


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut short": _cut,
    "no json": lambda folder: (folder / TEXT).write_text("{"),
    "not text": lambda folder: (folder / TEXT).write_bytes(b"\xff\xfe\x00"),
    "tensors gone": lambda folder: (folder / TENSORS).unlink(),
    "another list": lambda folder: (folder / TEXT).write_text("[]"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_record_is_set_aside_and_trained_again(digits, kept, damage):
    unbroken = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    folder = next(kept.glob("MAS-lam1-*")) / "after-2"
    damage(folder)
    with pytest.warns(UserWarning, match="store: .*set aside"):
        again = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    np.testing.assert_allclose(again[1].accuracy, unbroken[1].accuracy)
    assert again[0] == unbroken[0]
    assert (folder.parent / "damaged-after-2-1").is_dir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert retrained(digits, kept) == 0


ODD: dict[str, Callable[[Path], object]] = {
    "empty file": Path.touch,
    "broken link": lambda path: path.symlink_to("gone"),
}


@pytest.mark.parametrize("place", ["", "after-1", "after-2"], ids=["run", "task 1", "task 2"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_file_where_a_folder_belongs_costs_no_run(digits, kept, place, odd):
    folder = next(kept.glob("MAS-lam1-seed0-*"))
    shutil.rmtree(folder)
    if place:
        folder.mkdir()
    odd(folder / place)
    with pytest.warns(UserWarning, match=r"^store: .*is no folder.*set aside as") as caught:
        quick(digits, me.MAS(), [0, 1], [0, 1], schedule=SHORT, store=kept)
    assert len(caught) == 1
    assert str(folder / place) in str(caught[0].message)
    assert len(list((folder / place).parent.glob("damaged-*"))) == 1
    again = Countdown(100)
    quick(digits, me.MAS(), [0, 1], [0, 1], schedule=SHORT, store=kept, stop=again)
    assert again.asked == 0


def test_a_folder_that_cannot_be_written_costs_its_run_only(digits, tmp_path, monkeypatch):
    save = Record.save

    def refused(record: Record, folder: Path) -> Path:
        if "lam1-seed0" in str(folder):
            raise PermissionError(13, "Permission denied")
        return save(record, folder)

    monkeypatch.setattr(Record, "save", refused)
    with pytest.warns(UserWarning, match=r"^store: .*lam1-seed0.*denied.*this run's") as caught:
        quick(digits, me.MAS(), [0, 1], [0, 1], schedule=SHORT, store=tmp_path)
    assert len(caught) == 1
    assert len(list(tmp_path.glob("MAS-*/after-2"))) == 3


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may read every folder")
def test_a_folder_of_another_user_costs_its_run_only(digits, kept):
    folder = next(kept.glob("MAS-lam1-seed0-*"))
    folder.chmod(0)
    try:
        with pytest.warns(UserWarning, match=r"^store: .*Permission denied\).*this run's"):
            records = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    finally:
        folder.chmod(0o755)
    assert all(record.complete for record in records)


def test_a_record_of_another_run_is_not_taken_for_this_one(digits, kept):
    zero, one = (next(kept.glob(f"MAS-lam{lam}-*")) for lam in (0, 1))
    for name in (TEXT, TENSORS):
        (one / "after-2" / name).write_bytes((zero / "after-2" / name).read_bytes())
    with pytest.warns(UserWarning, match="belongs to another run"):
        records = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=kept)
    assert [record.settings["lam"] for record in records] == [0, 1]


def test_files_of_the_user_are_kept(digits, tmp_path):
    (tmp_path / "after-1").mkdir()
    mine = [tmp_path / "notes.txt", tmp_path / "after-1" / TEXT]
    stopped = {"schedule": SHORT, "store": tmp_path, "stop": Countdown(5)}
    with pytest.warns(UserWarning, match="stopped"):
        quick(digits, me.MAS(), [0, 1], [0], **stopped)
    place = next(tmp_path.glob("MAS-lam0-*"))
    mine += [place / "after-1" / "thoughts.txt", place / "after-party", place / "notes"]
    for path in mine:
        path.write_text("mine")
    assert retrained(digits, tmp_path) == 4
    assert [path.read_text() for path in mine] == ["mine"] * 5
    assert not (place / "after-1" / TEXT).exists()


def test_a_store_that_cannot_be_written_is_refused_before_training(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "Training", lambda *_, **__: pytest.fail("training has begun"))
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    for store in (blocked, blocked / "below"):
        with pytest.raises(OSError, match=r"^store: .*cannot be written") as caught:
            quick(digits, store=store)
        assert str(store) in str(caught.value)
    assert blocked.read_text() == "mine"


def test_a_disk_that_is_full_costs_a_warning_not_the_sweep(digits, tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Record, "save", full)
    with pytest.warns(UserWarning, match="store: .*No space left.*not stored") as caught:
        records = quick(digits, me.MAS(), [0, 1], [0], schedule=SHORT, store=tmp_path)
    assert len(caught) == 1
    assert all(record.complete for record in records)
