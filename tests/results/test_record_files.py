"""Files of records: overwritten in one step, and refused in one sentence if they are not whole."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, storage

OLD = me.Record([[0.5]], weights={"w": torch.ones(3)}, settings={"method": "MAS()", "lam": 0.5})
NEW = me.Record([[0.7]], weights={"w": torch.zeros(9)}, settings={"method": "EWC()", "lam": 2.0})
MOST_STEPS = 60  # file operations of one save, at most
CHANGES = {"os.rename", "os.remove", "os.chmod", "os.mkdir", "os.link", "open", "tempfile.mkstemp"}


# ---- killed while it is overwritten ------------------------------------------------------------


def fork() -> int:
    """Fork; only this thread goes on in the child, which is all that it needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def killed_before(operation: int, save: Callable[[], object]) -> bool:
    """Save in a process that dies before its n-th file operation; return whether it did."""
    child = fork()
    if not child:
        left = iter(range(operation))

        def watch(event: str, args: Any) -> None:
            if event in CHANGES and next(left, None) is None:
                os._exit(9)  # at once: no `finally` is run

        sys.addaudithook(watch)
        try:
            save()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def killed_in(writing: str, save: Callable[[], object]) -> None:
    """Save in a process that dies with half of a file written."""
    child = fork()
    if not child:
        whole = getattr(Path, writing)

        def half(self: Path, content: Any, **more: Any) -> None:
            whole(self, content[: len(content) // 2], **more)
            os._exit(9)

        setattr(Path, writing, half)
        save()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_a_save_killed_at_any_moment_leaves_the_old_record_or_the_new(tmp_path: Path) -> None:
    found = []
    for operation in range(MOST_STEPS):
        folder = OLD.save(tmp_path / str(operation))
        died = killed_before(operation, partial(NEW.save, folder, overwrite=True))
        record = me.Record.load(folder)
        assert record in (OLD, NEW), operation
        found.append(record == NEW)
        assert me.Record.load(OLD.save(folder, overwrite=True)) == OLD, "it can be saved again"
        if not died:
            break
    assert not died
    assert found == sorted(found), "one moment decides"
    assert (found[0], found[-1]) == (False, True)
    assert len(found) > 6


def test_two_killed_saves_in_turn_leave_a_record(tmp_path: Path) -> None:
    third = me.Record([[0.9]], weights={"w": torch.full((5,), 2.0)})
    for first in (9, 11, 13):  # the rename of the text is among them
        for second in (5, 8, 11):
            folder = OLD.save(tmp_path / f"{first}-{second}")
            killed_before(first, partial(NEW.save, folder, overwrite=True))
            between = me.Record.load(folder)
            killed_before(second, partial(third.save, folder, overwrite=True))
            assert me.Record.load(folder) in (between, third)


@pytest.mark.parametrize("writing", ["write_text", "write_bytes"])
def test_a_save_killed_with_half_a_file_leaves_the_old_record(writing: str, tmp_path: Path) -> None:
    folder = OLD.save(tmp_path)
    killed_in(writing, lambda: NEW.save(folder, overwrite=True))
    assert me.Record.load(folder) == OLD


def test_what_killed_saves_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    folder = OLD.save(tmp_path)
    for operation in range(10):
        killed_before(operation, lambda: NEW.save(folder, overwrite=True))
    mine = [folder / name for name in ("record-of-mine.safetensors", ".record", "notes.txt")]
    for path in mine:
        path.write_text("mine")
    left = [path for path in folder.iterdir() if path.name not in (TEXT, TENSORS)]
    assert len(left) > len(mine)
    OLD.save(folder, overwrite=True)
    assert all(path.exists() for path in left), "another process may be at work"
    for path in left:
        os.utime(path, (0, time.time() - 7200))
    OLD.save(folder, overwrite=True)
    assert sorted(folder.iterdir()) == sorted([folder / TEXT, folder / TENSORS, *mine])
    assert me.Record.load(folder) == OLD


@pytest.mark.parametrize("late", ["_load_text", "_tensors_with"])
def test_a_record_that_is_replaced_while_it_is_read_is_read_again(
    late: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, find, left = OLD.save(tmp_path), getattr(storage, late), [OLD, NEW, OLD, NEW]

    def replaced(folder: Path, what: Any) -> Any:
        before = find(folder, what) if late == "_load_text" else None
        if left:
            left.pop().save(folder, overwrite=True)
        return before or find(folder, what)

    monkeypatch.setattr(storage, late, replaced)
    assert me.Record.load(folder) == OLD
    assert not left, "it was replaced four times"


def test_a_record_that_is_replaced_while_its_tensors_are_checked_is_one_of_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, check, left = OLD.save(tmp_path), storage.hashlib.file_digest, [OLD, NEW]

    def late(*arguments: Any) -> Any:
        found = check(*arguments)
        if left:
            left.pop().save(folder, overwrite=True)
        return found

    monkeypatch.setattr(storage.hashlib, "file_digest", late)
    assert me.Record.load(folder) == OLD
    assert left == [OLD]
    assert me.Record.load(folder) in (OLD, NEW)
    assert me.Record.load(folder) == OLD


def test_tensors_that_move_to_their_place_as_they_are_read_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, find = OLD.save(tmp_path), Path.is_file
    waiting = storage._waiting(folder, json.loads((folder / TEXT).read_text())["sha256"])
    (folder / TENSORS).rename(waiting)

    def late(self: Path) -> bool:
        found = find(self)
        if self == waiting and found:
            self.rename(folder / TENSORS)
        return found

    monkeypatch.setattr(Path, "is_file", late)
    assert me.Record.load(folder) == OLD
    assert not waiting.exists()


# ---- damaged or forged -------------------------------------------------------------------------


def forge(folder: Path, arrays: dict[str, Any], **text: Any) -> Path:
    """Write files whose checksums are right, with other arrays and other values in the text."""
    OLD.save(folder, overwrite=True)
    safe = {"accuracy": np.array([[0.5]]), "steps": np.zeros(0), "curve": np.zeros((0, 1))}
    return sealed(folder, safetensors.numpy.save(safe | arrays), **text)


def sealed(folder: Path, content: bytes, **more: Any) -> Path:
    """Write tensors as they are and a text without a checksum of its own, as earlier versions."""
    text = json.loads((folder / TEXT).read_text(encoding="utf-8"))
    del text[storage.OWN]
    code = storage.hashlib.sha256(content).hexdigest()
    (folder / TENSORS).write_bytes(content)
    (folder / TEXT).write_text(json.dumps(text | {"sha256": code} | more), encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    """Check that the record is refused in one sentence, of one type, in bounded memory."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"^record: ") as caught:
            me.Record.load(folder)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250 + 2 * len(str(folder))
    assert re.search("take a copy|upgrade", str(caught.value)), "what to do"
    return str(caught.value)


ONE = np.zeros(1)
ARRAYS: dict[str, dict[str, Any]] = {
    "a far task": {"omega/1000000000/w": ONE},
    "a far task, shorter": {"omega/1000000/w": ONE},
    "task minus one": {"omega/-1/w": ONE},
    "task 00": {"omega/00/w": ONE},
    "task 1_0": {"omega/1_0/w": ONE},
    "another script's digit": {"omega/٣/w": ONE},
    "no task": {"omega/w": ONE},
    "accuracy without tasks": {"accuracy": np.zeros((1, 1), np.uint8)[:0]},
    "accuracy without rows": {"accuracy": np.zeros(())},
    "complex accuracy": {"accuracy": np.full((1, 1), 0.5 + 1j, np.complex64)},
    "accuracy above 1": {"accuracy": np.full((1, 1), 2.0)},
    "steps that are no numbers": {"steps": np.full(1, np.nan), "curve": np.zeros((1, 1))},
    "curve of another length": {"steps": np.zeros(1), "curve": np.zeros((5, 1))},
    "initial of another length": {"initial": np.zeros(5)},
}
TEXTS: dict[str, dict[str, Any]] = {
    "names": {"names": 5},
    "names of no text": {"names": [5]},
    "settings": {"settings": []},
    "seconds": {"seconds": "long"},
    "many seconds": {"seconds": 10**400},
    "omega_seconds": {"omega_seconds": None},
    "side_by_side": {"side_by_side": [1]},
    "tensors": {"tensors": 5},
    "tensors in lists": {"tensors": [["w"]]},
    "checksum": {"sha256": 5},
    "checksum with a path": {"sha256": "../../../etc/passwd"},
    "half a letter": {"names": ["\ud800"]},
    "format": {"format": [1]},
    "newer format": {"format": 2},
}


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
def test_forged_arrays_are_refused(arrays: dict[str, Any], tmp_path: Path) -> None:
    refused(forge(tmp_path, arrays))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_forged_texts_are_refused(text: dict[str, Any], tmp_path: Path) -> None:
    refused(forge(tmp_path, {}, **text))


@pytest.mark.parametrize("name", ["accuracy", "steps", "curve"])
def test_arrays_that_are_needed(name: str, tmp_path: Path) -> None:
    arrays = {"accuracy": np.array([[0.5]]), "steps": np.zeros(0), "curve": np.zeros((0, 1))}
    del arrays[name]
    assert name in refused(sealed(OLD.save(tmp_path), safetensors.numpy.save(arrays)))


def head(content: bytes) -> bytes:
    return len(content).to_bytes(8, "little") + content


@pytest.mark.parametrize(
    "tensors",
    [
        b"",
        b"\xff" * 8,
        head(b"{}")[:-1],
        head(b"not json"),
        head(b"[" * 50_000),
        head(b'{"w":{"dtype":"F64","shape":[9],"data_offsets":[0,8]}}') + bytes(8),
        head(b'{"w":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8]}}') + bytes(8),
        head(b'{"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}') + bytes(8),
        head(b'{"accuracy":{"dtype":"BF16","shape":[1,1],"data_offsets":[0,2]}}') + bytes(2),
    ],
    ids=["empty", "huge head", "cut", "no json", "nested", "long", "vast", "float8", "bfloat16"],
)
def test_forged_tensor_files_are_refused(tensors: bytes, tmp_path: Path) -> None:
    refused(sealed(OLD.save(tmp_path), tensors))


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, '{"format": NaN}', "\ufeff{}", ""],
    ids=["lists", "dicts", "digits", "nan", "mark", "empty"],
)
def test_forged_text_files_are_refused(text: str, tmp_path: Path) -> None:
    (OLD.save(tmp_path) / TEXT).write_text(text, encoding="utf-8")
    refused(tmp_path)


def test_gaps_between_tasks_with_omega_are_kept(tmp_path: Path) -> None:
    record = me.Record(np.eye(3), omegas=[{}, {}, {"w": torch.ones(1)}])
    assert me.Record.load(record.save(tmp_path)) == record


@pytest.mark.parametrize(
    "method", ["-" * 100_000 + "1", "(" * 5_000, "1" + "+1" * 50_000, "MAS(" * 3_000]
)
def test_a_forged_method_can_still_be_shown(method: str) -> None:
    record = me.Record([[0.5]], settings={"method": method, "lam": 10**400})
    assert method in repr(record)


def test_settings_whose_keys_are_no_texts_can_be_saved(tmp_path: Path) -> None:
    record = me.Record([[0.5]], settings={"a": {10: 1, 9: 2}, "b": {3: {}}})
    again = me.Record.load(record.save(tmp_path))
    assert again.settings == {"a": {"10": 1, "9": 2}, "b": {"3": {}}}


LOST = [{1: 1, "1": 2}, {(1, 2): 3}, {"a": {None: 1, "null": 2}}]


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_settings_that_a_file_would_change_are_not_saved(lost: Any, tmp_path: Path) -> None:
    record = me.Record([[0.5]], settings={"stream": lost})
    with pytest.raises(ValueError, match=r"^settings: expected texts, .*key"):
        record.save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_loaded_record_belongs_to_those_that_were_not_stored(tmp_path: Path) -> None:
    joint = {"method": "Joint()"}
    odd = {"range": (0.0, np.float64(0.1)), "most": float("inf"), 10: 1, 9: (2, {3: "x"})}
    settings = {"method": "MAS()", "lam": 0.1, "stream": {"name": "own", **odd}}
    record = me.Record([[0.5]], validation=[[0.5]], settings=settings)
    again = me.Record.load(record.save(tmp_path))
    assert again == record
    assert me.choose_lam([record, again]) == 0.1
    assert record.intransigence(me.Record([[0.5]], settings=again.settings | joint)) == 0


def test_a_checksum_moved_to_another_place_is_no_sign_of_an_earlier_version(
    tmp_path: Path,
) -> None:
    path = OLD.save(tmp_path) / TEXT
    lines = path.read_text(encoding="utf-8").splitlines()
    own, lam = (next(i for i, line in enumerate(lines) if key in line) for key in ("_of_", "lam"))
    lines[own], lines[lam] = f"{lines[lam]},", lines[own].rstrip(",")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert "lam" in json.loads(path.read_text(encoding="utf-8"))
    refused(tmp_path)


def test_a_damaged_name_of_the_checksum_is_no_sign_of_an_earlier_version(tmp_path: Path) -> None:
    path = OLD.save(tmp_path) / TEXT
    content = path.read_text(encoding="utf-8")
    assert '"seconds": 0.0' in content
    damaged = content.replace(storage.OWN, "sha256_os_text").replace(
        '"seconds": 0.0', '"seconds": 9.0'
    )
    path.write_text(damaged, encoding="utf-8")
    assert "its checksum differs" in refused(tmp_path)


def test_a_text_that_was_edited_says_how_to_keep_the_edit(tmp_path: Path) -> None:
    path = OLD.save(tmp_path) / TEXT
    text = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(text), encoding="utf-8")
    assert me.Record.load(tmp_path) == OLD, "only the layout is another"
    text["settings"]["note"] = "the good one"
    path.write_text(json.dumps(text), encoding="utf-8")
    assert "'sha256_of_text'" in refused(tmp_path)
    del text["sha256_of_text"]
    path.write_text(json.dumps(text), encoding="utf-8")
    assert me.Record.load(tmp_path).settings["note"] == "the good one"


@pytest.mark.parametrize("name", [TENSORS, TEXT])
def test_a_folder_where_a_file_belongs_is_named(name: str, tmp_path: Path) -> None:
    folder = OLD.save(tmp_path / "record")
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(OSError, match=f"^folder: .* cannot be written .*{name} in it is a folder"):
        NEW.save(folder, overwrite=True)
