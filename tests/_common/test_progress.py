"""A progress bar in a notebook becomes text when it ends."""

from __future__ import annotations

from unittest import mock

import pytest
import tqdm.auto
import tqdm.notebook

from mas_edu._common import progress_bar


@pytest.fixture
def handle(monkeypatch):
    """What a notebook displays; the bar of tqdm is the one for notebooks."""
    handle = mock.Mock()
    monkeypatch.setattr(tqdm.auto, "tqdm", tqdm.notebook.tqdm_notebook)
    monkeypatch.setattr("IPython.display.display", handle.display)
    handle.display.return_value = handle
    return handle


@pytest.mark.parametrize("leave", [True, False])
def test_the_widget_is_replaced_by_a_line(handle, leave):
    with progress_bar(total=4, desc="MAS", leave=leave) as bar:
        bar.update(4)
        handle.update.assert_not_called()
    handle.display.assert_called_once_with(bar.container, display_id=True)
    ((shown,), options) = handle.update.call_args
    assert options == {"raw": True}
    assert shown["text/plain"].startswith("MAS: 100%") if leave else shown == {"text/plain": ""}


def test_a_bar_that_is_not_wanted_shows_nothing(handle):
    with progress_bar(total=4, disable=True) as bar:
        bar.update(4)
    handle.display.assert_not_called()
    handle.update.assert_not_called()
