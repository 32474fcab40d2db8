"""What the tests of widgets share."""

from __future__ import annotations

import pytest
import torch

import mas_edu as me
from mas_edu.data import datasets, partition
from tests.support.playgrounds import QUICK
from tests.support.workers import PATIENCE, until, working


@pytest.fixture
def make():
    """Playgrounds that are closed after the test."""
    made = []

    def playground(*args, schedule=QUICK, settle=True, **options):
        figure = me.playground(*args, schedule=schedule, **options)
        made.append(figure)
        assert not settle or figure.wait(PATIENCE)
        return figure

    yield playground
    for figure in made:
        figure.close()
    until(lambda: working() == 0)


@pytest.fixture
def big(monkeypatch):
    """A stand-in for MNIST that needs no download; what is learned from it plays no part."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 255, (300, 28, 28), generator=generator, dtype=torch.uint8)
    y = torch.arange(300) % 10
    stand_in = datasets.Images("mnist", 255.0, x, y, x[:100], y[:100])
    asked = []

    def load(name, original=datasets.load_images):
        asked.append(name)
        return stand_in if name == "mnist" else original(name)

    monkeypatch.setattr(partition, "load_images", load)
    return asked
