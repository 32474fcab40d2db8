"""The interactive figure of a lesson: its looks, its memory, its end."""

from __future__ import annotations

import threading
import time

import ipywidgets as w
import pytest
from ipywidgets.widgets.widget import _instances

from mas_edu.plots import white_figure
from mas_edu.widgets import Interactive, interactive
from tests.support.workers import PATIENCE, until, working


@pytest.fixture
def make():
    """Figures that are closed after the test."""
    made = []

    def figure(job, draw=lambda state, **looks: white_figure((40, 30)), **options):
        shown = Interactive(
            controls={"number": w.IntSlider(value=1, min=0, max=100)},
            looks={"shade": w.IntSlider(value=0, min=0, max=100)},
            job=job,
            draw=draw,
            describe=lambda state, shade: f"state {state}, shade {shade}",
            call=lambda number, shade: f"show({number}, {shade})",
            size=(40, 30),
            **options,
        )
        made.append(shown)
        return shown

    yield figure
    for shown in made:
        shown.close()
    until(lambda: working() == 0)


def at_once(number):
    yield number


@pytest.mark.parametrize("progress", [None, lambda state: (state, 100)])
def test_what_is_known_at_once_is_drawn_once(make, progress):
    drawn = []

    def draw(state, shade):
        drawn.append(state)
        return white_figure((40, 30))

    figure = make(at_once, draw, progress=progress)
    assert figure.wait(PATIENCE)
    figure.controls["number"].value = 2
    assert figure.wait(PATIENCE)
    drawn.clear()
    figure.controls["number"].value = 1  # is remembered, and so is its picture
    assert figure.wait(PATIENCE)
    assert figure.words == "state 1, shade 0"
    if progress is None:
        figure.controls["number"].value = 3
        assert figure.wait(PATIENCE)
    assert drawn == ([] if progress else [3])


def test_the_newest_look_wins_and_none_blocks_the_caller(make):
    drawn = []

    def draw(state, shade):
        drawn.append(shade)
        time.sleep(0.05)
        return white_figure((40, 30))

    figure = make(at_once, draw)
    assert figure.wait(PATIENCE)
    drawn.clear()
    begun = time.monotonic()
    for shade in range(1, 21):
        figure.looks["shade"].value = shade
    assert time.monotonic() - begun < 0.5  # twenty drawings take a second
    assert figure.wait(PATIENCE)
    assert figure.words == "state 1, shade 20"
    assert len(drawn) < 10


def test_a_look_at_an_older_state_is_not_shown(make):
    drawing, gate = threading.Event(), threading.Event()

    def draw(state, shade):
        if shade == 5 and state == 1:
            drawing.set()
            assert gate.wait(PATIENCE)
        return white_figure((40, 30))

    figure = make(at_once, draw)
    assert figure.wait(PATIENCE)
    figure.looks["shade"].value = 5
    assert drawing.wait(PATIENCE)
    figure.controls["number"].value = 2
    gate.set()
    assert figure.wait(PATIENCE)
    assert figure.words == "state 2, shade 5"


def test_a_storm_of_changes_trains_one_at_a_time_and_shows_the_last(make):
    at_work, most = [], []

    def job(number):
        at_work.append(number)
        most.append(len(at_work))
        try:
            for _ in range(20):
                time.sleep(0.005)
                yield None
            yield number
        finally:
            at_work.remove(number)

    figure = make(job)
    for number in range(2, 22):
        figure.controls["number"].value = number
        time.sleep(0.02)
    assert figure.wait(PATIENCE)
    assert max(most) == 1
    assert figure.words == "state 21, shade 0"
    assert len(figure.remembered) <= 2


def test_stop_is_said_at_once_and_again_with_what_was_reached(make):
    def job(number):
        while True:
            time.sleep(0.005)
            yield number

    said = []
    figure = make(job, progress=lambda state: (state, 10))
    until(lambda: figure.state is not None)
    figure.status.observe(lambda change: said.append(change["new"]), "value")
    figure.stop.click()
    assert "Stopping" in figure.status.value
    until(lambda: figure.live.phase == "stopped")
    assert figure.wait(PATIENCE)
    assert "stopped: update 1 of 10" in figure.status.value
    assert [text for text in said if "topped" in text] == [figure.status.value]  # said once


def test_stop_before_there_is_a_state_says_so(make):
    begun = threading.Event()

    def job(number):
        while True:
            begun.set()
            time.sleep(0.005)
            yield None

    figure = make(job, progress=lambda state: (state, 10))
    assert begun.wait(PATIENCE)
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert "Stopped, before there was a result." in figure.status.value


def test_a_button_that_would_do_nothing_says_so_and_stays_enabled(make):
    def job(number):
        while True:
            time.sleep(0.005)
            yield number

    figure = make(job, progress=lambda state: (state, 10))
    until(lambda: figure.state is not None)
    said = []
    figure.status.observe(lambda change: said.append(change["new"]), "value")
    turn = figure.live._turn
    figure.train.click()
    assert any("Training is under way." in words for words in said)
    assert figure.live._turn is turn  # the run goes on
    figure.pause.click()
    until(lambda: figure.live.phase == "paused")
    assert figure.redraw.wait(PATIENCE)
    figure.pause.click()
    assert "Paused already" in figure.status.value
    figure.stop.click()
    assert figure.wait(PATIENCE)
    figure.stop.click()
    assert "Nothing to stop" in figure.status.value
    assert not any(button.disabled for button in figure.buttons)


def test_a_picture_is_svg_with_its_words_and_comes_back_without_being_drawn(make):
    drawn = []

    def draw(state, shade):
        drawn.append(shade)
        figure = white_figure((40, 30))
        figure.text(0.5, 0.5, f"{shade}")
        return figure

    figure = make(at_once, draw)
    assert figure.wait(PATIENCE)
    first = figure.card.image.value
    assert first.startswith("<svg ")
    assert 'role="img" aria-label="state 1, shade 0"' in first
    for shade in (1, 0):
        figure.looks["shade"].value = shade
        assert figure.wait(PATIENCE)
    assert figure.card.image.value == first
    assert drawn == [0, 1]


def test_pictures_follow_a_slider_that_is_dragged_faster_than_they_are_drawn(make):
    shown, drawing, gate = [], threading.Event(), threading.Event()

    def draw(state, shade):
        if shade == 1:
            drawing.set()
            assert gate.wait(PATIENCE)
        return white_figure((40, 30))

    figure = make(at_once, draw)
    assert figure.wait(PATIENCE)
    figure.card.image.observe(lambda change: shown.append(figure.words), "value")
    figure.looks["shade"].value = 1
    assert drawing.wait(PATIENCE)
    figure.looks["shade"].value = 2  # before the first one is drawn
    gate.set()
    assert figure.wait(PATIENCE)
    assert shown == ["state 1, shade 1", "state 1, shade 2"]


def test_the_number_of_kept_pictures_is_bounded(make, monkeypatch):
    monkeypatch.setattr(interactive, "PICTURES", 3)
    figure = make(at_once)
    for shade in range(6):
        figure.looks["shade"].value = shade
        assert figure.wait(PATIENCE)
    assert len(figure.drawn) == 3


def test_a_long_description_is_folded_and_a_short_one_is_not(make):
    figure = make(at_once)
    assert figure.wait(PATIENCE)
    assert "<details>" not in figure.card.caption.value
    figure.card.show("<svg/>", "It falls to 3 %. Then it rises.", "Marked: your guess 3 %.")
    line, _, whole = figure.card.caption.value.partition("<details>")
    assert "It falls to 3&nbsp;%. Marked: your guess 3&nbsp;%.<" in line
    assert "It falls to 3&nbsp;%. Then it rises.<" in whole
    long = " ".join(["word"] * 27)
    figure.card.show("<svg/>", f"{long}. More.")
    line, _, whole = figure.card.caption.value.partition("<details>")
    assert ("word" in line, long in whole) == (False, True)


def test_close_closes_every_widget(make):
    before = set(_instances)
    figure = make(at_once)
    assert set(_instances) > before
    figure.close()
    assert set(_instances) == before


@pytest.mark.parametrize(
    ("options", "rows"), [({}, 2), ({"progress": lambda state: (state, 100)}, 3)]
)
def test_in_a_low_window_the_picture_leaves_room_for_its_controls(make, options, rows):
    width = make(at_once, **options).card.image.layout.max_width
    assert width == f"min(100%, 1.333 * max(430px, 100vh - {121 + 35 * rows}px))"
