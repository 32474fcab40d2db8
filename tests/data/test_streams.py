"""Streams: what stays the same from task to task, what changes, and that a seed decides it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.data import datasets, streams

MAKERS = {"rotated": me.rotated, "permuted": me.permuted, "split": me.split}
every_stream = pytest.mark.parametrize("name", MAKERS)


@every_stream
def test_shapes_types_and_ranges(name: str) -> None:
    stream = MAKERS[name]("digits", tasks=3)
    assert len(stream) == 3 == len(list(stream)) == len(stream.tasks)
    assert stream[-1] is stream.tasks[2]
    assert (stream.features, stream.shape, stream.outputs) == (64, (1, 8, 8), 10)
    for task in stream:
        for x, y in ((task.x, task.y), (task.x_test, task.y_test), (task.x_val, task.y_val)):
            assert x.shape == (len(y), 64)
            assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
            assert 0 <= float(x.min()) < float(x.max()) <= 1 + 1e-6
            assert 0 <= int(y.min()) <= int(y.max()) < 10


@every_stream
def test_the_same_seed_gives_the_same_stream(name: str) -> None:
    def all_of(seed: int) -> torch.Tensor:
        return torch.cat([task.x for task in MAKERS[name]("digits", tasks=2, seed=seed)])

    first = all_of(1)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    assert torch.equal(all_of(1), first)
    assert not torch.equal(all_of(2), first)


@every_stream
def test_no_sample_is_in_two_parts(name: str) -> None:
    task = MAKERS[name]("digits", tasks=1, val=0.25)[0]
    parts = [{tuple(row) for row in x.tolist()} for x in (task.x, task.x_val, task.x_test)]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]


@every_stream
def test_test_parts_do_not_depend_on_samples_or_val(name: str) -> None:
    whole = MAKERS[name]("digits", tasks=2)
    small = MAKERS[name]("digits", tasks=2, samples=20, val=0.5)
    assert torch.equal(whole[1].x_test, small[1].x_test)
    assert torch.equal(whole[1].y_test, small[1].y_test)
    assert {len(task.x) for task in small} == {20}
    assert MAKERS[name]("digits", tasks=2, samples=10**6)[0].x.shape == whole[0].x.shape


def test_without_validation_there_is_no_such_part() -> None:
    task = me.rotated("digits", 1, val=0)[0]
    assert task.x_val is None
    assert task.y_val is None
    assert len(task.x) + len(task.x_test) == 1797
    assert "0 validation" in repr(task)


def test_rotation_keeps_labels_and_turns_images() -> None:
    stream = me.rotated("digits", 5, step=90)
    names = [task.name for task in stream]
    assert names == ["0°", "90°", "180°", "270°", "360°"]
    for i, task in enumerate(stream):
        assert torch.equal(task.y, stream[0].y)
        images = stream[0].x.view(-1, 8, 8)
        expected = torch.rot90(images, i, (1, 2))  # anticlockwise, as the angle grows
        torch.testing.assert_close(task.x.view(-1, 8, 8), expected, atol=1e-4, rtol=0)


def test_no_rotation_leaves_the_bytes() -> None:
    task = me.rotated("digits", 1, val=0)[0]
    images = datasets.load_images("digits")
    total = torch.cat([task.x, task.x_test]).mul(16).sum().item()
    assert total == pytest.approx(images.x.sum().item())


def test_permutation_moves_pixels_and_changes_none() -> None:
    stream = me.permuted("digits", 4)
    for task in stream:
        assert torch.equal(task.y, stream[0].y)
        assert torch.equal(task.x.sort(1).values, stream[0].x.sort(1).values)
    x = [task.x for task in stream]
    assert not any(torch.equal(x[i], x[j]) for i in range(4) for j in range(i))
    assert torch.equal(stream[0].x, me.rotated("digits", 1)[0].x), "the first stays in place"


def test_all_samples_of_a_task_are_permuted_alike() -> None:
    still, moved = me.permuted("digits", 2)
    columns = {tuple(column) for column in still.x_test.T.tolist()}
    assert {tuple(column) for column in moved.x_test.T.tolist()} == columns


def test_split_by_scenario() -> None:
    for scenario, outputs, classes, labels in (
        ("task", 10, (2, 3), {2, 3}),
        ("domain", 2, None, {0, 1}),
        ("class", 10, None, {2, 3}),
    ):
        stream = me.split("digits", scenario=scenario)
        assert (len(stream), stream.outputs) == (5, outputs)
        assert stream[1].classes == classes
        assert set(stream[1].y.tolist()) == set(stream[1].y_test.tolist()) == labels
    images = [me.split("digits", scenario=s)[1].x for s in ("task", "domain", "class")]
    assert torch.equal(images[0], images[1])
    assert torch.equal(images[0], images[2])


def test_split_uses_each_sample_once() -> None:
    stream = me.split("digits", val=0)
    assert sum(len(task.x) + len(task.x_test) for task in stream) == 1797
    assert [len(me.split("digits", classes_per_task=n)) for n in (1, 3, 4, 10)] == [10, 3, 2, 1]


def test_a_stream_says_what_it_is() -> None:
    stream = me.split("digits", 2, scenario="class", samples=30)
    assert "split digits (class)" in repr(stream)
    assert "1. Task('0 1': 30 train" in repr(stream)
    assert stream.settings == {
        "stream": "split",
        "tasks": 2,
        "dataset": "digits",
        "samples": 30,
        "test_samples": None,
        "val": 0.1,
        "seed": 0,
        "classes_per_task": 2,
        "scenario": "class",
    }
    with pytest.raises(AttributeError):
        stream.tasks = ()  # type: ignore[misc]


def test_numbers_of_numpy_are_numbers() -> None:
    stream = me.rotated(
        "digits",
        np.int64(2),
        step=np.float32(30),
        samples=np.int32(9),
        test_samples=np.int64(50),
        val=np.float64(0.2),
    )
    assert len(stream[0].x_test) == 50
    assert all(type(value) in (str, int, float) for value in stream.settings.values())
    assert repr(stream[1]).startswith("Task('30°': 9 train")


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("shape", [(5, 8, 8), (2, 6, 9)])
@pytest.mark.parametrize("angle", [20.0, 90.0, 135.0, 200.0])
def test_rotation_equals_that_of_torchvision(
    mode: str, shape: tuple[int, ...], angle: float
) -> None:
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2.functional import rotate

    x = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    theirs = rotate(x.unsqueeze(1), angle, InterpolationMode(mode)).squeeze(1)
    torch.testing.assert_close(streams._rotate(x, angle, mode), theirs, atol=1e-5, rtol=0)
