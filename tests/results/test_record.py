"""Records: metrics have closed forms, nothing can be changed, no file is half written."""

from __future__ import annotations

import json
import math
import os
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, storage

NAN = math.nan
MATRIX = [[0.9, 0.2, 0.1], [0.7, 0.8, 0.3], [0.5, 0.9, 0.6]]


@pytest.fixture
def full() -> me.Record:
    """A record with everything in it."""
    draw = torch.Generator().manual_seed(0)
    omegas = [{"a.weight": torch.rand(2, 3, generator=draw), "b": torch.rand(())} for _ in "123"]
    return me.Record(
        accuracy=MATRIX,
        initial=[0.1, 0.1, 0.2],
        validation=[[0.8, NAN, NAN], [0.7, 0.7, NAN], [0.4, 0.8, 0.5]],
        steps=[0, 5, 10],
        curve=[[0.1, 0.1, 0.2], *MATRIX[:2]],
        omegas=omegas,
        weights={"a.weight": torch.rand(2, 3, dtype=torch.float64), "count": torch.tensor(3)},
        names=["0°", "20°", "a / b"],
        settings={"method": "MAS()", "lam": 0.1, "seed": 3, "stream": {"dataset": "digits"}},
        seconds=1.5,
        omega_seconds=0.5,
        side_by_side=6,
    )


def test_metrics_by_hand(full: me.Record) -> None:
    assert full.average == pytest.approx((0.5 + 0.9 + 0.6) / 3)
    assert full.learned == pytest.approx((0.9 + 0.8 + 0.6) / 3)
    assert full.forgetting == pytest.approx(((0.9 - 0.5) + (0.8 - 0.9)) / 2)
    assert full.backward_transfer == pytest.approx(((0.5 - 0.9) + (0.9 - 0.8)) / 2)
    assert full.forward_transfer == pytest.approx(((0.2 - 0.1) + (0.3 - 0.2)) / 2)
    assert full.validated == pytest.approx((0.4 + 0.8 + 0.5) / 3)
    assert (full.finished, full.complete) == (3, True)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_accuracy_may_be_a_tensor(kind: torch.dtype) -> None:
    matrix = torch.tensor([[0.5, 0.25], [0.25, 1.0]], dtype=kind, requires_grad=True)
    assert me.Record(matrix).average == 0.625
    assert matrix.requires_grad


def test_forgetting_is_measured_from_the_best_since_learned() -> None:
    later = me.Record([[0.5, 0.9, 0.9], [0.8, 0.5, 0.9], [0.6, 0.4, 0.5]])
    assert later.forgetting == pytest.approx(((0.8 - 0.6) + (0.5 - 0.4)) / 2)


def test_average_over_time_is_the_mean_of_the_averages_so_far(full: me.Record) -> None:
    assert full.average_over_time == pytest.approx((0.9 + (0.7 + 0.8) / 2 + 2.0 / 3) / 3)
    future = np.where(np.tri(3), MATRIX, NAN)  # tasks to come were not measured
    assert me.Record(future).average_over_time == full.average_over_time
    assert me.Record([[0.7]]).average_over_time == 0.7
    part = me.Record([[0.9, NAN, NAN], [0.7, 0.8, NAN], [NAN] * 3])
    assert part.average_over_time == pytest.approx((0.9 + 0.75) / 2)
    assert math.isnan(me.Record(np.full((2, 2), NAN)).average_over_time)


JOINT = [[0.95, NAN, NAN], [0.9, 0.7, NAN], [0.9, 0.8, 0.8]]


def joint(accuracy: object = JOINT, **settings: object) -> me.Record:
    about = {"method": "Joint()", "lam": None, "stream": {"dataset": "digits"}}
    names = ["0°", "20°", "a / b"][: len(accuracy)]  # type: ignore[arg-type]
    return me.Record(accuracy, names=names, settings=about | settings)  # type: ignore[arg-type]


def test_intransigence_is_the_distance_to_joint_training(full: me.Record) -> None:
    assert full.intransigence(joint()) == pytest.approx(((0.95 - 0.9) + (0.7 - 0.8) + 0.2) / 3)
    assert joint().intransigence(joint()) == 0
    part = replace(full, accuracy=[[0.9, NAN, NAN], [0.7, 0.8, NAN], [NAN] * 3])
    unfinished = joint([*JOINT[:2], [NAN] * 3])
    for reference in (joint(), unfinished):
        assert part.intransigence(reference) == pytest.approx((0.05 - 0.1) / 2)
    assert math.isnan(replace(full, accuracy=np.full((3, 3), NAN)).intransigence(joint()))
    assert me.Record([[0.7]]).intransigence(me.Record([[0.9]])) == pytest.approx(0.2)


def test_intransigence_changes_no_record(full: me.Record) -> None:
    reference, before = joint(), (full.accuracy.copy(), joint().accuracy.copy())
    full.intransigence(reference)
    for record, accuracy in zip((full, reference), before, strict=True):
        assert np.array_equal(record.accuracy, accuracy, equal_nan=True)


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (None, ["Record", "me.Joint()", "None"]),
        (JOINT, ["Record", "me.Joint()"]),
        (joint(method="MAS()"), ["a run of me.Joint()", "MAS()"]),
        (joint([[0.9, 0.1], [0.9, 0.9]]), ["same stream", "0°", "me.learn"]),
        (joint(stream={"dataset": "mnist"}), ["same stream", "{'dataset': 'mnist'}"]),
        (joint(updates=[9, 9, 9]), ["number of updates", "[5, 5, 5]", "[9, 9, 9]", "Schedule"]),
        (joint([JOINT[0], [NAN] * 3, [NAN] * 3]), ["at least 3 finished tasks, got 1"]),
    ],
    ids=["None", "a matrix", "another method", "other tasks", "other data", "budget", "unfinished"],
)
def test_intransigence_checks_the_joint_run(odd: object, words: list[str], full: me.Record) -> None:
    full = replace(full, settings={**full.settings, "updates": [5, 5, 5]})
    with pytest.raises(ValueError, match=r"^joint: expected ") as caught:
        full.intransigence(odd)  # type: ignore[arg-type]
    for word in words:
        assert word in str(caught.value)


def test_intransigence_of_runs_that_were_saved(
    digits: me.Stream, short: me.Schedule, tmp_path: Path
) -> None:
    stiff, free = (
        me.learn(digits, method, 1e4, schedule=me.Schedule(steps=150), progress=False)
        for method in (me.MAS(), me.Joint())
    )
    again = me.Record.load(free.save(tmp_path / "joint"))
    assert stiff.intransigence(again) == stiff.intransigence(free) > 0.1


def test_metrics_of_an_unfinished_run_use_finished_tasks() -> None:
    part = me.Record([[0.9, 0.2, 0.1], [0.7, 0.8, 0.3], [NAN] * 3], initial=[0.1] * 3)
    assert (part.finished, part.complete) == (2, False)
    assert part.average == pytest.approx(0.75)
    assert part.learned == pytest.approx(0.85)
    assert part.forgetting == pytest.approx(0.2)
    assert part.forward_transfer == pytest.approx(0.1)
    assert "2 of 3 tasks finished" in repr(part)
    none = me.Record(np.full((2, 2), NAN))
    assert none.finished == 0
    for question in ("average", "learned", "forgetting", "backward_transfer", "forward_transfer"):
        assert math.isnan(getattr(none, question))


def test_one_task_forgets_nothing() -> None:
    one = me.Record([[0.7]])
    assert (one.average, one.learned, one.forgetting, one.backward_transfer) == (0.7, 0.7, 0, 0)
    assert math.isnan(one.forward_transfer)
    assert math.isnan(one.validated)


shares = st.floats(0, 1)
matrices = st.integers(1, 5).flatmap(
    lambda t: st.lists(st.lists(shares, min_size=t, max_size=t), min_size=t, max_size=t)
)


@settings(max_examples=50, deadline=None)
@given(matrix=matrices)
def test_metrics_of_any_matrix_are_consistent(matrix: list[list[float]]) -> None:
    record = me.Record(matrix)
    assert 0 <= record.average <= 1
    assert -1 <= record.forgetting <= 1
    assert record.forgetting >= -record.backward_transfer - 1e-12, "the best is no less"
    first, last = record.learned, record.average
    if len(matrix) > 1:
        scale = (len(matrix) - 1) / len(matrix)
        assert last - first == pytest.approx(scale * record.backward_transfer)


def test_nothing_in_it_can_be_changed(full: me.Record) -> None:
    with pytest.raises(FrozenInstanceError):
        full.accuracy = np.zeros((3, 3))  # type: ignore[misc]
    for name in ("accuracy", "initial", "validation", "steps", "curve"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(full, name)[0] = 0
    with pytest.raises(TypeError):
        hash(full)


def test_the_arguments_are_copied() -> None:
    mine = np.array(MATRIX)
    names = ["a", "b", "c"]
    record = me.Record(mine, names=names)
    mine[0, 0] = 0.0
    names[0] = "z"
    assert record.accuracy[0, 0] == 0.9
    assert record.names == ("a", "b", "c")
    assert mine.flags.writeable


def test_metrics_change_nothing(full: me.Record) -> None:
    before = full.accuracy.copy()
    for name in ("average", "forgetting", "learned", "backward_transfer", "forward_transfer"):
        getattr(full, name)
    full.to_frame()
    assert np.array_equal(full.accuracy, before)


def test_equal_records(full: me.Record) -> None:
    assert full == replace(full, seconds=99.0, omega_seconds=9.0, side_by_side=2)
    for name, value in {
        "accuracy": np.zeros((3, 3)),
        "initial": None,
        "validation": None,
        "curve": np.zeros((3, 3)),
        "steps": [0, 1, 2],
        "omegas": full.omegas[:2],
        "weights": {},
        "names": ["x", "y", "z"],
        "settings": {},
    }.items():
        assert full != replace(full, **{name: value}), name
    assert full != 3


def test_to_frame_is_tidy(full: me.Record) -> None:
    frame = full.to_frame()
    assert list(frame) == ["method", "lam", "seed", "after", "task", "name", "accuracy"]
    assert len(frame) == 9
    cell = frame[(frame.after == 3) & (frame.task == 2)].iloc[0]
    assert (cell["name"], cell["accuracy"], cell["lam"]) == ("20°", 0.9, 0.1)
    assert len(me.Record([[0.5, NAN], [NAN, NAN]]).to_frame()) == 1


def test_saved_and_loaded(full: me.Record, tmp_path: Path) -> None:
    folder = full.save(tmp_path / "new" / "run")
    again = me.Record.load(folder)
    assert again == full
    assert again.seconds == full.seconds
    assert (again.omega_seconds, again.side_by_side) == (0.5, 6)
    assert list(again.weights) == list(full.weights)
    assert again.weights["count"].dtype == torch.int64
    assert sorted(os.listdir(folder)) == [TEXT, TENSORS]
    text = json.loads((folder / TEXT).read_text(encoding="utf-8"))
    assert text["accuracy"] == MATRIX
    assert text["average"] == pytest.approx(full.average)


@pytest.mark.parametrize(
    "record",
    [
        me.Record([[0.5]]),
        me.Record(np.full((2, 2), NAN)),
        me.Record([[0.5, NAN], [NAN, NAN]], omegas=[{"w": torch.ones(2)}]),
        me.Record([[0.5]], weights={"w": torch.ones(2, dtype=torch.bfloat16)}),
        me.Record([[0.5]], weights={"w": torch.ones(2, 3).T, "s": torch.ones(6)[::2]}),
        me.Record([[0.5]], weights={"a": (w := torch.ones(3)), "b": w}),
        me.Record([[0.5]], weights={"empty": torch.ones(0)}),
        me.Record([[0.5]], names=["Ω → 日本"], settings={"a": [1, None, {"b": "ü"}]}),
    ],
    ids=["small", "nothing", "unfinished", "bf16", "views", "tied", "empty", "unicode"],
)
def test_any_record_can_be_saved_and_loaded(record: me.Record, tmp_path: Path) -> None:
    assert me.Record.load(record.save(tmp_path / "r")) == record


def test_a_run_can_be_saved_and_loaded(
    digits: me.Stream, short: me.Schedule, tmp_path: Path
) -> None:
    run = me.learn(digits, me.MAS(), np.float32(0.5), schedule=short, progress=False)
    again = me.Record.load(run.save(tmp_path / "r"))
    assert again == run
    assert repr(again) == repr(run)
    assert again.label == "MAS, λ = 0.5"


def test_an_existing_record_is_not_overwritten(full: me.Record, tmp_path: Path) -> None:
    folder = full.save(tmp_path / "r")
    before = {name: (folder / name).read_bytes() for name in (TEXT, TENSORS)}
    with pytest.raises(FileExistsError, match="already holds a record; choose another"):
        me.Record([[0.1]]).save(folder)
    assert {name: (folder / name).read_bytes() for name in before} == before
    (folder / TEXT).unlink()  # half a record is somebody's, too
    with pytest.raises(FileExistsError):
        me.Record([[0.1]]).save(folder)
    assert (folder / TENSORS).read_bytes() == before[TENSORS]


def test_overwriting_is_a_choice(full: me.Record, tmp_path: Path) -> None:
    folder = full.save(tmp_path / "r")
    small = me.Record([[0.1]])
    small.save(folder, overwrite=True)
    assert me.Record.load(folder) == small


def test_settings_that_cannot_be_written_leave_the_record(full: me.Record, tmp_path: Path) -> None:
    folder = full.save(tmp_path / "r")
    odd = replace(full, settings={"stream": object()})
    with pytest.raises(ValueError, match="settings: expected texts, numbers"):
        odd.save(folder, overwrite=True)
    assert me.Record.load(folder) == full
    with pytest.raises(ValueError, match="settings"):
        odd.save(tmp_path / "other")
    assert not os.listdir(tmp_path / "other")


@pytest.mark.parametrize("file", [TEXT, TENSORS])
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_named(
    file: str, share: float, full: me.Record, tmp_path: Path
) -> None:
    path = full.save(tmp_path / "r") / file
    content = path.read_bytes()
    path.write_bytes(content[: int(share * (len(content) - 1))])
    with pytest.raises(ValueError, match=f"record: .*{file} is damaged or cut short"):
        me.Record.load(tmp_path / "r")


def test_one_flipped_bit_is_noticed(full: me.Record, tmp_path: Path) -> None:
    path = full.save(tmp_path / "r") / TENSORS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="checksum"):
        me.Record.load(tmp_path / "r")


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "3", '"a"', "{}", '{"format": 1}', "\xff", "not json", '{"names": 3}'],
)
def test_json_that_is_no_record_is_refused(text: str, full: me.Record, tmp_path: Path) -> None:
    (full.save(tmp_path / "r") / TEXT).write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="damaged or cut short"):
        me.Record.load(tmp_path / "r")


@pytest.mark.parametrize(
    ("key", "value"), [("names", 3), ("names", ["a"]), ("settings", 3), ("seconds", "long")]
)
def test_json_with_wrong_parts_is_refused(
    key: str, value: object, full: me.Record, tmp_path: Path
) -> None:
    path = full.save(tmp_path / "r") / TEXT
    text = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(text | {key: value}), encoding="utf-8")
    with pytest.raises(ValueError, match=f"{TEXT} is damaged, or was edited"):
        me.Record.load(tmp_path / "r")
    del text[storage.OWN]  # as an earlier version wrote it
    path.write_text(json.dumps(text | {key: value}), encoding="utf-8")
    with pytest.raises(ValueError, match=f"{TEXT} is damaged .*{key}"):
        me.Record.load(tmp_path / "r")


def test_a_record_of_a_newer_version(full: me.Record, tmp_path: Path) -> None:
    path = full.save(tmp_path / "r") / TEXT
    text = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(text | {"format": 99}), encoding="utf-8")
    with pytest.raises(ValueError, match="format 99, this version reads 1; upgrade mas_edu"):
        me.Record.load(tmp_path / "r")


def test_a_record_of_an_earlier_version_is_read(full: me.Record, tmp_path: Path) -> None:
    path = full.save(tmp_path / "r") / TEXT
    text = json.loads(path.read_text(encoding="utf-8"))
    assert (text.pop("omega_seconds"), text.pop("side_by_side")) == (0.5, 6)
    assert len(text.pop(storage.OWN)) == 64
    path.write_text(json.dumps(text), encoding="utf-8")
    again = me.Record.load(tmp_path / "r")
    assert again == full
    assert (again.omega_seconds, again.side_by_side) == (0.0, 1)


def test_a_missing_record_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", __file__):
        with pytest.raises(FileNotFoundError, match="folder: no record in"):
            me.Record.load(folder)


@pytest.mark.parametrize("folder", [None, 3, b"r"])
def test_a_folder_of_another_type_is_refused(folder: object, full: me.Record) -> None:
    for call in (full.save, me.Record.load):
        with pytest.raises(ValueError, match="folder: expected a path, got"):
            call(folder)  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written(full: me.Record, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    for folder in (blocked, blocked / "below", Path("/proc/nowhere")):
        with pytest.raises(OSError, match=r"^folder: .* cannot be written"):
            full.save(folder)
    assert blocked.read_text() == "mine"


@pytest.mark.parametrize("call", ["write_text", "write_bytes"])
def test_a_full_disk_leaves_the_record(
    call: str, full: me.Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = full.save(tmp_path / "r")
    written = getattr(Path, call)

    def no_space(self: Path, content: str | bytes, **more: str) -> None:
        written(self, content[: len(content) // 2], **more)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, call, no_space)
    with pytest.raises(OSError, match="No space left"):
        me.Record([[0.1]]).save(folder, overwrite=True)
    assert me.Record.load(folder) == full
    assert sorted(os.listdir(folder)) == [TEXT, TENSORS], "no temporary file is left"


def test_labels_leave_out_default_settings(full: me.Record) -> None:
    assert full.label == "MAS, λ = 0.1"
    assert replace(full, settings={"method": "FineTune()", "lam": None}).label == "FineTune"
    assert repr(full).startswith("Record(MAS, λ = 0.1: average 66.7%, forgetting 15.0%")
    ewc = "EWC(kind='exact', gamma={}, separate=False)"
    assert replace(full, settings={"method": ewc.format(1.0), "lam": 30.0}).label == "EWC, λ = 30"
    assert replace(full, settings={"method": ewc.format(0.5)}).label == "EWC(gamma=0.5)"
    assert replace(full, settings={"method": "Gone(a=1)", "lam": 1}).label == "Gone(a=1), λ = 1"
    assert storage.FORMAT == 1
