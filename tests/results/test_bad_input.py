"""Mistaken arguments of records and intervals: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.results import accuracy_curves
from tests.support.bad_input import INF, NAN, ids, one_error


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("accuracy", None),
        ("accuracy", "ab"),
        ("accuracy", [[1.0]] * 2),
        ("accuracy", np.zeros((0, 0))),
        ("accuracy", 0.5),
        ("accuracy", [[1.5]]),
        ("accuracy", [[-0.5]]),
        ("accuracy", [[INF]]),
        ("initial", [0.5, 0.5]),
        ("initial", "ab"),
        ("steps", [0.5, "a"]),
        ("steps", "ab"),
        ("curve", [[0.5, 0.5]]),
        ("curve", [[0.5], [0.5]]),
        ("curve", "ab"),
        ("names", ["a", "b"]),
        ("names", "ab"),
        ("names", [3]),
        ("names", 3),
        ("omegas", [None]),
        ("omegas", 3),
        ("weights", 3),
        ("weights", {"w": 3}),
        ("settings", None),
        ("settings", 3),
        ("seconds", -1),
        ("seconds", NAN),
        ("seconds", "now"),
    ],
    ids=ids,
)
def test_parts_of_a_record(argument: str, value: Any) -> None:
    good = {"accuracy": [[0.5]], "initial": [0.1], "steps": [0], "curve": [[0.1]], "names": ["a"]}
    one_error(argument, lambda: me.Record(**(good | {argument: value})), "expected", "got")


@pytest.mark.parametrize("lam", ["0.1", [1], NAN], ids=ids)
def test_a_record_with_an_odd_lam_can_still_be_shown(lam: Any) -> None:
    assert "λ = " in repr(me.Record([[0.5]], settings={"method": "MAS()", "lam": lam}))


def test_a_folder_without_a_record(tmp_path: Any) -> None:
    file = tmp_path / "record.json"
    file.write_text("{}")
    one_error("folder", lambda: me.Record.load(tmp_path / "nowhere"), "there is no such folder")
    one_error("folder", lambda: me.Record.load(tmp_path), "record.safetensors is missing")
    one_error("folder", lambda: me.Record.load(file), "it is a file, take")
    record = me.Record([[0.5]])
    one_error("folder", lambda: record.save(file), "it is a file", "choose another")


@pytest.mark.parametrize("value", [None, 5, "ab", [], [NAN], [1, INF], [None], ["2"]], ids=ids)
def test_values_of_an_interval(value: Any) -> None:
    text = one_error("values", lambda: me.interval(value), "expected", "got")
    assert "inf," not in text


def test_values_far_apart_have_a_wide_interval() -> None:
    mean, low, high = me.interval([1e300, -1e300])
    assert low < -1e300 < mean == 0 < 1e300 < high


def test_a_matrix_in_percent_or_of_a_triangle_names_the_cure() -> None:
    percent = [[90.0, 10.0], [60.0, 80.0]]
    one_error("accuracy", lambda: me.Record(percent), "divide percent by 100")
    one_error("accuracy", lambda: me.Record([[0.9], [0.6, 0.8]]), "fill rows up with NaN")
    assert me.Record([[0.9, NAN], [0.6, 0.8]]).average == 0.7


def test_masked_cells_were_not_measured() -> None:
    masked = np.ma.array([[0.9, 0.1], [0.6, 0.8]], mask=[[False, True], [False, False]])
    for matrix in (masked, list(masked)):
        assert np.array_equal(np.isnan(me.Record(matrix).accuracy), masked.mask)
    steps = np.ma.array([1, 2], mask=[True, False])
    one_error("steps", lambda: me.Record([[0.5]], steps=steps, curve=[[0.1]] * 2), "whole numbers")


def test_rows_stand_in_the_order_of_the_tasks() -> None:
    one_error("accuracy", lambda: me.Record([[0.9, 0.6], [NAN, 0.8]]), "transposed", "accuracy.T")
    late = [[0.9, NAN, NAN], [NAN, NAN, NAN], [0.9, 0.6, 0.5]]
    one_error("accuracy", lambda: me.Record(late), "not finished, row 2")
    assert me.Record([[0.9, 0.6], [NAN, NAN]]).finished == 1
    assert me.Record([[0.9, NAN], [0.5, NAN]]).finished == 1


@pytest.mark.parametrize("steps", [[[1, 2]], [2, 1], [-1, 1], 3], ids=str)
def test_steps_are_ascending(steps: Any) -> None:
    curve = [[0.1]] * np.size(steps)
    one_error("steps", lambda: me.Record([[0.5]], steps=steps, curve=curve), "ascending", "got")


ODD_UPDATES = [["a", "b"], [None, 1], [NAN, 1], [INF, 1], [1j, 1], "ab", [-1, 3], [10**400, 1]]


@pytest.mark.parametrize("updates", ODD_UPDATES, ids=ids)
def test_curves_with_odd_numbers_of_updates_can_still_be_drawn(updates: Any) -> None:
    parts: dict[str, Any] = {"accuracy": np.eye(2), "steps": [1, 2], "curve": np.eye(2)}
    found = me.Record(**parts, settings={"updates": updates})
    ends = accuracy_curves(found).ends
    assert np.array_equal(ends, accuracy_curves(me.Record(**parts)).ends)


def test_steps_are_whole_numbers() -> None:
    for steps in ([0.5], [NAN], [1e300], [1j], ["a"]):
        one_error("steps", lambda steps=steps: me.Record([[0.5]], steps=steps, curve=[[0.1]]))
    assert me.Record([[0.5]], steps=[2.0], curve=[[0.1]]).steps.tolist() == [2]


@pytest.mark.parametrize("folder", ["\0", "x" * 5000, "/dev/null", ""], ids=lambda f: f[:9])
def test_paths_that_are_none(folder: str) -> None:
    words = "no record in" if folder else "write '.' for the folder you are in"
    one_error("folder", lambda: me.Record.load(folder), words)
    if folder:
        one_error("folder", lambda: me.Record([[0.5]]).save(folder), "cannot be written")


@pytest.mark.parametrize("folder", [None, 3, np.ones(2), torch.ones(2), [""]], ids=ids)
def test_folders_that_are_no_paths(folder: Any) -> None:
    one_error("folder", lambda: me.Record.load(folder), "expected a path")
    one_error("folder", lambda: me.Record([[0.5]]).save(folder), "expected a path")


def test_names_of_numbers() -> None:
    one_error("names", lambda: me.Record([[0.5]], names=np.ones(3)), "1 texts")


@pytest.mark.parametrize("lam", ["0.1", [1], (), {}, NAN, np.ones(2), torch.ones(2)], ids=ids)
def test_runs_with_an_odd_lam_are_not_put_together(lam: Any) -> None:
    record = me.Record([[0.5]], validation=[[0.5]], settings={"method": "MAS()", "lam": lam})
    for together in (me.choose_lam, me.plots.frontier, me.words.frontier):
        one_error("records", lambda call=together: call([record]), "λ", "finite number")


def test_numbers_that_are_not_in_memory() -> None:
    meta = torch.ones(1, 1, device="meta")
    for name in ("accuracy", "initial", "validation", "steps"):
        good = {"accuracy": [[0.5]], "steps": [0], "curve": [[0.1]]}
        one_error(name, lambda name=name, good=good: me.Record(**(good | {name: meta})), "numbers")


ODD = {
    "meta": lambda: torch.ones(1, device="meta"),
    "sparse": lambda: torch.ones(1).to_sparse(),
    "torch.qu": lambda: torch.quantize_per_tensor(torch.ones(1), 0.5, 0, torch.quint8),
    "nested": lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
    "float8": lambda: torch.ones(1).to(torch.float8_e4m3fn),
    "complex128": lambda: torch.ones(1, dtype=torch.complex128),
    "complex32": lambda: torch.ones(1, dtype=torch.complex64).to(torch.complex32),
}


@pytest.mark.filterwarnings("ignore:torch.quantize", "ignore:ComplexHalf", "ignore:The PyTorch API")
@pytest.mark.parametrize("odd", ODD)
def test_tensors_that_no_file_could_hold_are_named(odd: str) -> None:
    for name, wrap in (("weights", dict), ("memory", dict), ("omegas", lambda one: [one])):
        value = wrap({"hidden": ODD[odd]()})
        one_error(name, lambda name=name, v=value: me.Record([[0.5]], **{name: v}), "'hidden'", odd)


def test_names_of_tensors_are_texts() -> None:
    one_error("weights", lambda: me.Record([[0.5]], weights={1: torch.ones(1)}), "texts", "got 1")


def test_settings_that_hold_themselves_are_not_saved(tmp_path: Any) -> None:
    circle: list[Any] = []
    circle.append(circle)
    record = me.Record([[0.5]], settings={"method": "MAS()", "mine": circle})
    one_error("settings", lambda: record.save(tmp_path / "run"), "texts, numbers")
    assert not list(tmp_path.rglob("*.json"))


def test_overwrite_is_a_flag(tmp_path: Any) -> None:
    record = me.Record([[0.5]])
    record.save(tmp_path)
    one_error("overwrite", lambda: record.save(tmp_path, overwrite=torch.ones(2)), "True or False")
