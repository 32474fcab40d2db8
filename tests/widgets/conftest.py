"""What the tests of widgets share."""

from __future__ import annotations

import pytest

import mas_edu as me
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
