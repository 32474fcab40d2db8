"""A stream of one's own data is learned, swept and drawn like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.cli import output as report
from mas_edu.plots import figure_png
from tests.data.test_custom import Y, blobs


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["task", "domain", "class"])
@pytest.mark.parametrize("method", [me.FineTune(), me.MAS(), me.Joint(), me.EWC(), me.SI()])
def test_learned_like_any_other(
    scenario: Any, method: me.Method, short: me.Schedule, tmp_path: Any
) -> None:
    stream = me.stream(blobs(shift=2), scenario=scenario, name="clouds")
    record = me.learn(stream, method, 1.0, schedule=short, progress=False)
    assert record.complete
    assert record.accuracy[0, 0] > 0.9
    assert me.Record.load(record.save(tmp_path / "r")) == record
    assert record.stream_name == f"clouds ({scenario})"
    if scenario == "class" and method not in (me.EWC(), me.SI()):  # pictures as those of MAS
        for picture in report.run_pictures(record).values():
            figure_png(picture().get_figure(root=True))
    assert report.record_table(record).startswith(record.label)
    if method == me.Joint():
        assert record.average > 0.9


def test_labels_masked_in_testing_cannot_be_answered(short: me.Schedule) -> None:
    """After the second task a network without masks answers with the second task's labels."""
    wide = me.Schedule(steps=120, lr=0.02)
    final = {
        scenario: me.learn(
            me.stream(blobs(shift=2), scenario=scenario),  # type: ignore[arg-type]
            me.FineTune(), schedule=wide, progress=False,
        ).accuracy[1, 0]
        for scenario in ("task", "class")
    }  # fmt: skip
    assert final["class"] < 0.1
    assert final["task"] > 0.3


def test_swept_like_any_other(short: me.Schedule, tmp_path: Any) -> None:
    stream = me.stream(blobs(shift=2))
    about = {"schedule": short, "store": tmp_path, "progress": False}
    records = me.sweep(stream, me.MAS(), [0, 1], [0, 1], **about)
    alone = me.learn(stream, me.MAS(), 1.0, seed=1, schedule=short, progress=False)
    assert np.allclose(records[3].accuracy, alone.accuracy, atol=0.05)
    assert me.choose_lam(records) in (0, 1)
    figure_png(me.plots.frontier(records).get_figure(root=True))
    assert me.sweep(stream, me.MAS(), [0, 1], [0, 1], **about) == records
    other = me.stream([(x + 1, y) for x, y in blobs(shift=2)])
    assert me.sweep(other, me.MAS(), [0, 1], [0, 1], **about) != records
    with pytest.raises(ValueError, match="one method on one stream"):
        me.choose_lam([*records, me.learn(other, me.MAS(), schedule=short, progress=False)])


def test_images_and_a_network_for_them(short: me.Schedule) -> None:
    images = [
        (torch.rand(40, 3, 8, 8) + y.view(-1, 1, 1, 1), y) for y in [torch.arange(40) % 2] * 2
    ]
    stream = me.stream(images)
    net = me.cnn(stream.shape, stream.outputs, channels=(4,))
    assert me.learn(stream, me.MAS(), model=net, schedule=short, progress=False).complete
    tokens = torch.arange(20).view(10, 2)
    words = me.Task("words", tokens, Y[:10], tokens, Y[:10])
    embedded = nn.Sequential(nn.Embedding(20, 3), nn.Flatten(), nn.Linear(6, 2))
    run = me.learn(me.stream([words]), me.MAS(), model=embedded, schedule=short, progress=False)
    assert run.complete
