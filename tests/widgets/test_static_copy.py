"""What a widget leaves in the notebook's file: two outputs, the copy first."""

from __future__ import annotations

import pytest

from mas_edu.widgets import static_copy
from mas_edu.widgets.static_copy import REVIVE, WIDGET, StaticCopy
from mas_edu.widgets.text import Page
from tests.support.workers import until


@pytest.fixture
def outputs(monkeypatch):
    """What would be displayed in a kernel, as (data, metadata, display id, whether in place)."""
    import IPython.display as front

    shown = []

    def display(data, *, metadata=None, raw, display_id=None):
        assert raw
        shown.append((data, metadata, display_id, False))

    def update(data, *, metadata, raw, display_id):
        assert raw
        shown.append((data, metadata, display_id, True))

    monkeypatch.setattr(static_copy, "in_kernel", lambda: True)
    monkeypatch.setattr(front, "display", display)
    monkeypatch.setattr(front, "update_display", update)
    return shown


def test_the_copy_is_an_output_of_its_own_before_the_widget(outputs):
    page = Page()
    page.still = "<p>a question</p>"
    page._ipython_display_()
    (copy, *_), (live, *_) = outputs
    assert WIDGET not in copy
    assert "a question" in copy["text/html"]
    assert REVIVE in copy["text/html"]
    assert set(live) == {WIDGET, "text/plain"}
    page.close()


def test_the_copy_is_hidden_while_its_widget_lives_and_only_then(outputs):
    page = Page()
    page._ipython_display_()
    (key,) = (name for name in page._dom_classes if name.startswith("mas-edu-"))
    style = outputs[0][0]["text/html"].partition("<style>")[2]
    assert f"body:has(.{key}:not(.jupyter-widgets-disconnected)) .{key}-copy" in style
    page.close()


def test_the_figure_that_is_shown_last_is_in_the_copy(make, outputs):
    figure = make(tasks=2)
    figure._ipython_display_()
    assert outputs[-1][3]  # in place of the first copy
    assert "MAS, λ = 0.1 on rotated digits" in outputs[-1][0]["text/html"]
    assert outputs[-1][1]["image/png"]["alt"].startswith("MAS, λ = 0.1 on rotated digits")
    before = len(outputs)
    figure.controls.lam.value = 1.0
    until(lambda: len(outputs) > before)
    data, _, key, in_place = outputs[-1]
    assert in_place
    assert key == outputs[0][2]
    assert "MAS, λ = 1 on rotated digits" in data["text/html"]


def test_many_changes_update_the_copy_once(outputs):
    copy = StaticCopy()
    copy.show({"text/html": ""}, {}, {"text/plain": ""})
    for number in range(5):
        copy.update_soon(lambda number=number: ({"text/html": f"<p>{number}</p>"}, {}))
    until(lambda: len(outputs) > 2)
    assert "<p>4</p>" in outputs[-1][0]["text/html"]
    assert len(outputs) == 3


def test_what_is_not_shown_is_not_updated(outputs):
    copy = StaticCopy()
    copy.update({"text/html": ""}, {})
    copy.update_soon(pytest.fail)
    assert outputs == []


def test_outside_a_notebook_the_text_is_printed(capsys):
    Page()._ipython_display_()
    assert capsys.readouterr().out == "Page\n"
