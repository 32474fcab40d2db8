"""Streams of one's own data: whatever it comes in, it is the same stream, or one clear error."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

import mas_edu as me
from mas_edu.plots import figure_png
from tests.support import contract
from tests.support.bad_input import NOT_NUMBER, NOT_WHOLE, ids, one_error

X, Y = torch.rand(20, 4), torch.arange(20) % 2
PARTS = ("x", "y", "x_val", "y_val", "x_test", "y_test")


def blobs(tasks: int = 2, samples: int = 90, shift: int = 0) -> list[tuple[Tensor, Tensor]]:
    """Two clouds of points for each task, elsewhere in each; labels `shift` further in each."""
    draw, found = torch.Generator().manual_seed(0), []
    for k in range(tasks):
        y = torch.arange(samples) % 2
        centres = torch.tensor([[3.0, 0], [-3.0, 0]]).roll(k, 1)
        found.append((centres[y] + torch.randn(samples, 2, generator=draw), y + shift * k))
    return found


class Items(Dataset):
    """A data set in which an item is what the function makes of its number."""

    def __init__(self, item: Callable[[int], Any], size: int = 20) -> None:
        self.item, self.size = item, size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, i: int) -> Any:
        return self.item(i)


class Flow(IterableDataset):
    def __iter__(self) -> Any:
        return iter((X[i], int(Y[i])) for i in range(20))


class Plain:
    """What quacks like a data set."""

    def __len__(self) -> int:
        return 20

    def __getitem__(self, i: int) -> Any:
        return X[i].numpy(), np.int32(Y[i])


SAME: dict[str, Any] = {
    "tensors": (X, Y),
    "list for tuple": [X, Y],
    "double": (X.double(), Y.int()),
    "on a graph": (X.clone().requires_grad_(), Y.byte()),
    "arrays": (X.numpy(), Y.numpy()),
    "big-endian arrays": (X.numpy().astype(">f8"), Y.numpy().astype(">u2")),
    "strided": (X.repeat_interleave(2, 0)[::2], Y.numpy().repeat(2)[::2]),
    "lists": (X.tolist(), Y.tolist()),
    "list of tensors": (list(X), list(Y)),
    "a frame": (pd.DataFrame(X.numpy()), pd.Series(Y.numpy())),
    "dict": {"x": X, "y": Y},
    "dict of a part": {"train": (X, Y)},
    "one part": ((X, Y),),
    "TensorDataset": TensorDataset(X, Y),
    "Subset": Subset(TensorDataset(X, Y), range(20)),
    "items": Items(lambda i: (X[i], int(Y[i]))),
    "items of arrays": Items(lambda i: [X[i].numpy(), Y[i]]),
    "items of lists": Items(lambda i: (X[i].tolist(), np.int64(Y[i]))),
    "an iterable one": Flow(),
    "no Dataset by name": Plain(),
}


@pytest.mark.parametrize("form", SAME.values(), ids=SAME)
def test_the_same_data_in_any_form_are_the_same_stream(form: Any) -> None:
    with contract.world_untouched():
        found, expected = me.stream([form]), me.stream([(X, Y)])
    for part in PARTS:
        mine, theirs = getattr(found[0], part), getattr(expected[0], part)
        assert torch.equal(mine, theirs), part
        assert mine.dtype == (torch.float32 if part[0] == "x" else torch.int64)
        assert not mine.requires_grad
    assert found.settings == expected.settings


XV, XT = X[:3] + 1, X[:5] + 2
YV, YT = Y[:3], Y[:5]
THREE: dict[str, Any] = {
    "six": (X, Y, XV, YV, XT, YT),
    "pairs": ((X, Y), (XV, YV), (XT, YT)),
    "dict": dict(zip(PARTS, (X, Y, XV, YV, XT, YT), strict=True)),
    "dict, said in full": {"x_train": X, "y_train": Y, "val": (XV, YV), "test": (XT, YT)},
    "data sets": tuple(TensorDataset(*part) for part in ((X, Y), (XV, YV), (XT, YT))),
    "pair and data set": [(X, Y.tolist()), TensorDataset(XV, YV), (XT.numpy(), YT)],
    "task": me.Task("task 1", X, Y, XT, YT, XV, YV),
}


@pytest.mark.parametrize("form", THREE.values(), ids=THREE)
def test_parts_that_are_given_stay_as_they_are(form: Any) -> None:
    (task,) = me.stream([form])
    for part, expected in zip(PARTS, (X, Y, XV, YV, XT, YT), strict=True):
        assert torch.equal(getattr(task, part), expected), part


@pytest.mark.parametrize(
    "form", [(X, Y, XT, YT), ((X, Y), (XT, YT)), (TensorDataset(X, Y), TensorDataset(XT, YT))]
)
def test_a_test_part_alone_leaves_validation_to_be_split_off(form: Any) -> None:
    (task,) = me.stream([form], val=0.25)
    assert torch.equal(task.x_test, XT)
    assert (len(task.x), len(task.x_val)) == (15, 5)
    rows = {tuple(row) for row in torch.cat([task.x, task.x_val]).tolist()}
    assert rows == {tuple(row) for row in X.tolist()}
    assert me.stream([form], val=0)[0].x_val is None


@pytest.mark.parametrize("size", [2, 3, 5, 10, 101])
@pytest.mark.parametrize(("val", "test"), [(0.1, 0.2), (0, 0.01), (0.99, 0.99), (0.5, 0.5)])
def test_each_sample_is_in_one_part_and_no_part_is_empty(
    size: int, val: float, test: float
) -> None:
    x = torch.arange(size)
    (task,) = me.stream([(x, x % 2)], val=val, test=test)
    parts = [task.x, task.x_test, *([] if task.x_val is None else [task.x_val])]
    assert sorted(torch.cat(parts).flatten().tolist()) == list(range(size))
    assert all(len(part) for part in parts)
    assert (task.x_val is not None) == (val > 0 and size - len(task.x_test) > 1)
    for x_part, y_part in ((task.x, task.y), (task.x_test, task.y_test)):
        assert torch.equal(x_part.flatten() % 2, y_part.float()), "x and y stay together"


def test_the_shares_are_those_asked_for() -> None:
    (task,) = me.stream([(torch.rand(100, 2), torch.arange(100) % 2)], val=0.25, test=0.4)
    assert (len(task.x), len(task.x_val), len(task.x_test)) == (45, 15, 40)


def test_a_seed_decides_and_nothing_else_does() -> None:
    first = me.stream([(X, Y)], seed=1)[0].x
    torch.manual_seed(5)
    assert torch.equal(me.stream([(X, Y)], seed=1)[0].x, first)
    assert not torch.equal(me.stream([(X, Y)], seed=2)[0].x, first)


def test_a_sample_that_comes_back_stays_in_its_part() -> None:
    still, moved = me.stream([(X, Y), (X + 10, Y)])
    for part in ("x", "x_val", "x_test"):
        assert torch.equal(getattr(still, part) + 10, getattr(moved, part))


def test_what_was_passed_in_stays_the_caller_s() -> None:
    x, y, x_test, y_test = X.clone(), Y.clone(), X.numpy().copy(), Y.numpy().copy()
    stream = me.stream([(x, y, x_test, y_test)], val=0)
    x.zero_(), y.zero_(), x_test.fill(0), y_test.fill(0)
    assert torch.equal(stream[0].x, X)
    assert torch.equal(stream[0].y, Y)
    assert torch.equal(stream[0].x_test, X)
    assert torch.equal(stream[0].y_test, Y)


def test_bytes_are_grey_values_and_other_whole_numbers_stay() -> None:
    (grey,) = me.stream([(torch.tensor([[0], [51], [255]], dtype=torch.uint8), [0, 1, 0])], val=0)
    seen = torch.cat([grey.x, grey.x_test])
    torch.testing.assert_close(seen.sort(0).values, torch.tensor([[0.0], [0.2], [1.0]]))
    (plain,) = me.stream([(np.array([[0], [51], [255]]), [0, 1, 0])], val=0)
    assert torch.cat([plain.x, plain.x_test]).max() == 255


def test_a_task_keeps_the_type_of_its_inputs() -> None:
    tokens = torch.arange(8).view(4, 2)
    (task,) = me.stream([me.Task("words", tokens, Y[:4], tokens, Y[:4])], val=0)
    assert task.x.dtype == torch.int64
    assert task.name == "words"


@pytest.mark.parametrize(
    ("size", "shape"), [((), (1,)), ((4,), (4,)), ((3, 5), (1, 3, 5)), ((2, 3, 5), (2, 3, 5))]
)
def test_the_shape_is_that_of_an_input(size: tuple[int, ...], shape: tuple[int, ...]) -> None:
    stream = me.stream([(torch.rand(20, *size), Y)])
    assert stream.shape == shape
    assert stream.features == math.prod(shape)
    figure_png(me.plots.task_samples(stream).get_figure(root=True))
    assert me.words.task_samples(stream)
    flat = me.stream([(torch.rand(20, math.prod(shape)), Y)], shape=shape)
    assert flat.shape == shape


# --- scenarios -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "outputs", "classes", "labels"),
    [
        ("task", 4, [(0, 1), (2, 3)], [{0, 1}, {2, 3}]),
        ("class", 4, [None, None], [{0, 1}, {2, 3}]),
        ("domain", 2, [None, None], [{0, 1}, {0, 1}]),
    ],
)
def test_scenarios_of_different_labels(
    scenario: Any, outputs: int, classes: Any, labels: Any
) -> None:
    stream = me.stream(blobs(shift=2), scenario=scenario)
    assert stream.outputs == outputs
    assert [task.classes for task in stream] == classes
    for part in ("y", "y_val", "y_test"):
        assert [set(getattr(task, part).tolist()) for task in stream] == labels
    assert stream.settings["scenario"] == scenario
    assert f"({scenario})" in stream.name


def test_labels_within_the_task_follow_their_order() -> None:
    x = torch.arange(4.0)
    one = (x, [7, 7, 9, 9], x, [9, 7, 8, 8])  # 8 is in the test part alone
    two = (x, [3, 1, 3, 1], x, [1, 1, 3, 3])
    stream = me.stream([one, two], scenario="domain", val=0)
    assert [task.y.tolist() for task in stream] == [[0, 0, 2, 2], [1, 0, 1, 0]]
    assert [task.y_test.tolist() for task in stream] == [[2, 0, 1, 1], [0, 0, 1, 1]]
    assert stream.outputs == 3


@pytest.mark.parametrize("scenario", ["task", "domain", "class"])
def test_labels_that_tasks_share_mean_the_same(scenario: Any) -> None:
    lacks_one = [(X, Y), (X, Y * 2)]  # 0 and 1, then 0 and 2
    stream = me.stream(lacks_one, scenario=scenario)
    assert set(stream[1].y.tolist()) == {0, 2}
    assert stream.outputs == 3
    assert stream[1].classes == ((0, 2) if scenario == "task" else None)


@pytest.mark.parametrize("scenario", ["task", "domain", "class"])
@pytest.mark.parametrize("shift", [1, 2], ids=["shared labels", "labels of their own"])
def test_tasks_bring_their_classes_into_the_task_scenario_alone(scenario: Any, shift: int) -> None:
    masked = [
        me.Task(f"{i}", X, Y + shift * i, X, Y + shift * i, classes=(shift * i, shift * i + 1, 4))
        for i in range(2)
    ]
    stream = me.stream(masked, scenario=scenario)
    assert [task.classes for task in stream] == [
        one.classes if scenario == "task" else None for one in masked
    ]
    if scenario == "task":
        assert stream.outputs == 5, "an active class without samples has its output"


def test_class_incremental_is_as_hard_as_from_the_data_set(short: me.Schedule) -> None:
    given: Any = {"schedule": short, "progress": False}
    own = me.stream(list(me.split("digits", 3)), scenario="class", outputs=10)
    known = me.split("digits", 3, scenario="class")
    runs = [me.learn(stream, me.FineTune(), **given) for stream in (own, known)]
    np.testing.assert_array_equal(runs[0].accuracy, runs[1].accuracy)


def test_names() -> None:
    pairs = blobs(3)
    assert [t.name for t in me.stream(pairs)] == ["task 1", "task 2", "task 3"]
    assert [t.name for t in me.stream(pairs, names=iter("abc"))] == ["a", "b", "c"]
    by_name = dict(zip(("left", "right", "$up$"), pairs, strict=True))
    assert [t.name for t in me.stream(by_name)] == ["left", "right", "$up$"]
    assert me.stream(pairs, name="clouds").name == "clouds (task)"
    assert len(me.stream(pair for pair in pairs)) == 3


def test_streams_of_other_data_are_told_apart() -> None:
    one, other = me.stream([(X, Y)]), me.stream([(X, 1 - Y)])
    assert one.settings["data"] != other.settings["data"]
    assert one.settings == me.stream([(X.clone(), Y.clone())]).settings


# --- what is wrong is said -------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [None, 3, "ab", X, X.numpy(), TensorDataset(X, Y), b"ab"],
    ids=lambda value: type(value).__name__,
)
def test_no_list_of_tasks(value: Any) -> None:
    one_error("tasks", lambda: me.stream(value), "expected a list of tasks", "(x, y)", "got")


def test_no_tasks() -> None:
    for nothing in ([], (), {}, iter(())):
        one_error("tasks", lambda nothing=nothing: me.stream(nothing), "at least one", "got none")


def test_one_task_without_its_list() -> None:
    one_error("tasks", lambda: me.stream((X, Y)), "Tensor alone", "me.stream([(x, y)])")
    one_error("tasks", lambda: me.stream({"x": X, "y": Y}), "me.stream([(x, y)])")
    one_error("tasks", lambda: me.stream(DataLoader(TensorDataset(X, Y))), "list of tasks")


BAD: dict[str, tuple[Any, list[str]]] = {
    "nothing": (None, ["expected (x, y)", "got None"]),
    "text": ("xy", ["expected (x, y)", "'xy'"]),
    "three": ((X, Y, X), ["expected (x, y)", "3 things", "Tensor"]),
    "empty tuple": ((), ["expected (x, y)", "0 things"]),
    "seven": ((X, Y) * 4, ["8 things"]),
    "lengths": ((X, Y[:-1]), ["20", "19", "cut or shuffled"]),
    "empty": ((X[:0], Y[:0]), ["at least one sample", "leave the task out"]),
    "no numbers": ((X[:, :0], Y), ["at least one sample", "(20, 0)"]),
    "one sample": ((X[:1], Y[:1]), ["at least 2 samples", "give a test part"]),
    "NaN": (
        (X.where(torch.arange(80).view(20, 4) != 14, math.nan), Y),
        ["x:", "NaN", "1 of 20", "fill"],
    ),
    "infinite": ((X / 0, Y), ["infinity", "20 of 20"]),
    "beyond float32": ((np.full((20, 4), 1e300), Y), ["x:", "range of float32", "1e+300", "scale"]),
    "NaN in an array": ((X.numpy() * np.nan, Y), ["NaN"]),
    "float labels": ((X, Y.float()), ["y:", "whole numbers", "float32", "y.long()"]),
    "float one-hot": ((X, torch.eye(2)[Y]), ["y:", "[N]", "(20, 2)", "argmax"]),
    "true or false": ((X, Y == 0), ["y:", "bool", "y.long()"]),
    "negative": ((X, Y - 1), ["y:", "from 0", "-1"]),
    "text labels": ((X, ["cat", "dog"] * 10), ["y:", "numbers"]),
    "one-hot": ((X, torch.eye(2).long()[Y]), ["y:", "[N]", "(20, 2)", "argmax"]),
    "a column": ((X, Y[:, None]), ["y:", "(20, 1)", "give y.flatten()"]),
    "a column of a frame": ((X, pd.DataFrame(Y.numpy())), ["y:", "y.to_numpy().flatten()"]),
    "lists of one": ((X, Y[:, None].tolist()), ["y:", "np.asarray(y).flatten()"]),
    "floats in a series": ((X, pd.Series(Y / 2)), ["y:", "y.to_numpy().astype(int)"]),
    "missing labels": ((X, pd.Series([1, None] * 10, dtype="Int64")), ["y:", "10", "missing"]),
    "missing objects": ((X, pd.Series([1, pd.NA] * 10, dtype=object)), ["y:", "10 are missing"]),
    "columns of two types": (
        (pd.DataFrame({"a": X[:, 0], "b": pd.Series([1] * 20, dtype="Int64")}), Y),
        ["x:", "df.to_numpy(dtype='float32')"],
    ),
    "a single label": ((X, torch.tensor(1)), ["y:", "[N]"]),
    "a single input": ((torch.tensor(1.0), Y), ["x:", "[N, …]"]),
    "complex": ((X.to(torch.complex64), Y), ["x:", "complex"]),
    "ragged": (([[1.0], [1.0, 2.0]], [0, 1]), ["x:", "one shape", "pad"]),
    "ragged tensors": (([X[0], X[0, :2]], [0, 1]), ["x:", "one shape", "pad"]),
    "objects": (([object()] * 20, Y), ["x:", "numbers"]),
    "x is None": ((None, Y), ["x:", "tensor or an array", "None"]),
    "y is None": ((X, None), ["y:", "tensor or an array", "None"]),
    "width": ((X[:, :3], Y), ["tasks[0]", "(4,)", "(3,)"]),
    "other form": ((X.view(20, 2, 2), Y), ["tasks[0]", "(4,)", "(2, 2)"]),
    "width of a part": ((X, Y, X[:, :3], Y), ["(4,)", "(3,)"]),
    "test part": ((X, Y, X, Y - 1), ["test part", "y:", "-1"]),
    "val part": (((X, Y), (X, Y[1:]), (X, Y)), ["val part", "20", "19"]),
    "unknown key": ({"x": X, "labels": Y}, ["expected one of", "'labels'"]),
    "near key": ({"x": X, "y": Y, "x_tset": X}, ["did you mean 'x_test'"]),
    "no y": ({"x": X}, ["expected an x and a y"]),
    "no training": ({"x_test": X, "y_test": Y}, ["training part"]),
    "given twice": ({"x": X, "y": Y, "train": (X, Y)}, ["once each"]),
    "x twice": ({"x": X, "y": Y, "x_train": X}, ["once each"]),
    "items alone": (Items(lambda i: X[i]), ["items are (x, y)", "item 0", "wrap it"]),
    "items of three": (Items(lambda i: (X[i], Y[i], i)), ["items are (x, y)", "item 0"]),
    "items by key": (Items(lambda i: {"x": X[i], "y": Y[i]}), ["items are (x, y)", "item 0"]),
    "ragged items": (Items(lambda i: (X[i, : 1 + i % 3], 0)), ["x:", "one shape"]),
    "no items": (Items(lambda i: (X[i], 0), size=0), ["at least one sample"]),
    "a loader": (DataLoader(TensorDataset(X, Y)), ["DataLoader", "loader.dataset"]),
    "three tensors": (TensorDataset(X, Y, Y), ["items are (x, y)"]),
}


@pytest.mark.parametrize(("item", "words"), BAD.values(), ids=BAD)
def test_a_task_that_cannot_be_one(item: Any, words: list[str]) -> None:
    with warnings.catch_warnings(), contract.world_untouched():
        warnings.simplefilter("error")
        one_error("tasks", lambda: me.stream([(X, Y), item]), "tasks[1]", *words)


def test_images_that_are_not_numbers_yet() -> None:
    from PIL import Image

    pictures = Items(lambda i: (Image.new("RGB", (3, 3)), 0))
    one_error("tasks", lambda: me.stream([pictures]), "tasks[0]", "ToTensor", "item 0")


@pytest.mark.parametrize("typed", ["Task", "domian", "class-inc", "", None, 3])
def test_scenario(typed: Any) -> None:
    text = one_error("scenario", lambda: me.stream([(X, Y)], scenario=typed), "task, domain, class")
    assert ("did you mean" in text) == (typed in ("Task", "domian", "class-inc"))


@pytest.mark.parametrize("value", [1, 1.5, *NOT_NUMBER], ids=ids)
def test_shares(value: Any) -> None:
    one_error("val", lambda: me.stream([(X, Y)], val=value), "expected", "got")
    one_error("test", lambda: me.stream([(X, Y)], test=value), "expected", "got")
    one_error("test", lambda: me.stream([(X, Y)], test=0), "above 0", "got 0")


@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed(value: Any) -> None:
    one_error("seed", lambda: me.stream([(X, Y)], seed=value), "got")


def test_names_that_do_not_fit() -> None:
    for names in (["a"], ["a", "b", "c"], "ab", 3, [1, 2], ["a", ""], ["a", None]):
        one_error("names", lambda n=names: me.stream([(X, Y)] * 2, names=n), "expected", "got")
    for name in (None, 3, "", b"x"):
        one_error("name", lambda n=name: me.stream([(X, Y)], name=n), "expected a text")


def test_outputs_and_shape_that_do_not_fit() -> None:
    assert me.stream([(X, Y)], outputs=9).outputs == 9
    one_error("outputs", lambda: me.stream([(X, Y)], outputs=1), "largest label", "got 1")
    for shape in ((1, 3), (2, 2, 2), (0,), "4", 4, (2.5,)):
        one_error("shape", lambda s=shape: me.stream([(X, Y)], shape=s))


# ---- channels last -----------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", [torch.uint8, torch.float32, torch.float64])
@pytest.mark.parametrize("form", ["tensor", "array", "list", "dataset", "test part"])
def test_images_with_channels_last_name_the_cure(
    form: str, kind: torch.dtype, channels: int
) -> None:
    x, y = torch.zeros(40, 6, 6, channels, dtype=kind), torch.arange(40) % 2
    good = torch.zeros(40, channels, 6, 6)
    item: Any = {
        "tensor": (x, y),
        "array": (x.numpy(), y.numpy()),
        "list": (list(x), y.tolist()),
        "dataset": TensorDataset(x, y),
        "test part": (good, y, x, y),
    }[form]
    with pytest.raises(ValueError, match=r"tasks\[0\].* x: .*channels come last.*permute\(0, 3, 1"):
        me.stream([item])
    assert me.stream([(x.permute(0, 3, 1, 2), y)]).shape == (channels, 6, 6)


def test_images_that_are_not_square_with_channels_last() -> None:
    wide = torch.zeros(40, 6, 9, 3, dtype=torch.uint8)
    with pytest.raises(ValueError, match="channels come last"):
        me.stream([(wide, [0, 1] * 20)])
    with pytest.raises(ValueError, match="channels come last"):
        me.stream([(wide.float(), [0, 1] * 20)])
    one = wide[..., :1].float()
    assert me.stream([(one, [0, 1] * 20)]).shape == (6, 9, 1), "they may be anything"


def test_a_task_of_images_with_channels_last_names_the_cure() -> None:
    x, y = torch.zeros(40, 6, 9, 3), torch.arange(40) % 2
    with pytest.raises(ValueError, match=r"tasks\[0\]: x: .*channels come last"):
        me.stream([me.Task("last", x, y, x, y)])


@pytest.mark.parametrize(
    "tasks",
    [
        lambda grey, y: [(grey, y, grey.float(), y)],
        lambda grey, y: [(grey, y), (grey.numpy().astype("float32"), y)],
        lambda grey, y: [((grey.float(), y), TensorDataset(grey, y))],
        lambda grey, y: [(grey, y), (grey.long(), y)],
        lambda grey, y: [(list(grey), y), (grey / 255 - 0.5, y)],
        lambda grey, y: [(pd.DataFrame(grey.numpy()), y), (pd.DataFrame(grey.long().numpy()), y)],
        lambda grey, y: [([list(row.numpy()) for row in grey], y), (grey.float(), y)],
    ],
)
def test_bytes_beside_numbers_of_another_range_are_refused(tasks: Any) -> None:
    grey, y = torch.arange(40).byte().repeat(4, 1).T, torch.arange(40) % 2
    with pytest.raises(ValueError, match=r"^tasks: x: .*0 to 1, got .*; give x / 255"):
        me.stream(tasks(grey, y))
    assert me.stream([(grey, y), (grey / 255, y)])[1].x.max() <= 1


@pytest.mark.parametrize(
    "shape",
    [(3, 6, 6), (1, 6, 6), (3, 6, 4), (4, 6, 3), (3, 3, 3), (2, 2, 3), (8, 5, 2), (6, 3), (108,)],
)
@pytest.mark.parametrize("kind", [torch.uint8, torch.float32])
def test_other_shapes_are_what_they_are(shape: tuple[int, ...], kind: torch.dtype) -> None:
    x = torch.zeros(40, *shape, dtype=kind)
    stream = me.stream([(x, [0, 1] * 20)])
    assert tuple(stream[0].x.shape[1:]) == shape


def test_a_given_shape_is_taken() -> None:
    x, y = torch.zeros(40, 6, 6, 3), [0, 1] * 20
    assert me.stream([(x, y)], shape=(6, 6, 3)).shape == (6, 6, 3)
    assert me.stream([(x.flatten(1), y)], shape=(3, 6, 6)).shape == (3, 6, 6)
    with pytest.raises(ValueError, match="channels come last"):  # their numbers would be mixed up
        me.stream([(x, y)], shape=(3, 6, 6))
