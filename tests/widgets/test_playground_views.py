"""The views of the large picture: the run as it was, the lesion test, a unit, a drawing."""

from __future__ import annotations

import re
import time
import weakref

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.training import lesion
from mas_edu.widgets.playground import runs
from mas_edu.widgets.playground.lesion_rows import KINDS, SHARES
from mas_edu.widgets.playground.omega_mosaic import Choice
from mas_edu.widgets.playground.pad import GRID, as_input
from mas_edu.widgets.playground.readings import Readings
from mas_edu.widgets.playground.scrub import record_at
from mas_edu.widgets.playground.settings import Settings
from mas_edu.widgets.playground.studies import Studies
from mas_edu.widgets.playground.unit_view import Units
from tests.support.playgrounds import LONG, QUICK, text
from tests.support.workers import PATIENCE, until


@pytest.fixture(scope="module")
def figure():
    """A playground of two runs on three tasks, at rest; tests leave it as they found it."""
    figure = me.playground(tasks=3, schedule=QUICK)
    assert figure.wait(PATIENCE)
    assert figure.ahead.wait(PATIENCE)
    yield figure
    figure.close()


@pytest.fixture
def view(figure, monkeypatch):
    """Choose a view and wait for its picture; nothing may be trained for it."""
    controls = figure.controls

    def choose(shown, **settings):
        controls.show.value = shown
        for name, value in settings.items():
            getattr(controls, name).value = value
        assert figure.wait(PATIENCE)
        return figure.screen

    monkeypatch.setattr(runs, "Training", pytest.fail)
    yield choose
    controls.show.value, controls.at.value = "curves", 100
    assert figure.wait(PATIENCE)


def test_the_run_as_it_was_ends_where_the_slider_stands(figure, view):
    record, share = figure.record, 2 / 3
    past = record_at(record, share)
    assert past.finished == len(past.omegas) == 2
    assert past.steps.max() <= share * record.steps.max() < record.steps[len(past.steps)]
    assert np.array_equal(past.curve, record.curve[: len(past.curve)])
    assert np.isnan(past.accuracy[2]).all()
    assert np.array_equal(past.accuracy[:2], record.accuracy[:2])


def test_scrubbing_changes_all_pictures_and_the_numbers_and_not_the_record(figure, view):
    record = figure.record
    whole = [part.value for part in view("curves").parts]
    past = [part.value for part in view("curves", at=70).parts]
    assert all(one != other for one, other in zip(whole, past, strict=True))
    assert "As it was after 42 of 60 updates." in text(figure.screen.caption)
    assert "after task 2" in text(figure.screen.omega)
    assert f"{100 * record_at(record, 0.7).average:.0f} %average" in text(figure.screen.numbers)
    assert figure.record is record
    assert [part.value for part in view("curves", at=100).parts] == whole


def test_at_the_very_beginning_nothing_is_learned_yet(figure, view):
    assert "computed when the first task is finished" in text(view("curves", at=0).omega)
    assert "–average" in text(figure.screen.numbers)


def test_another_view_shows_the_run_at_its_end(figure, view):
    matrix = view("curves").matrix.value
    assert view("curves", at=10).matrix.value != matrix
    assert view("lesion test").matrix.value == matrix


@pytest.mark.slow
def test_play_fills_the_pictures_from_the_left_and_ends_at_the_end(figure, view):
    seen, at, play = [], figure.controls.at, figure.controls.views.play
    view("curves", at=100)
    at.observe(lambda change: seen.append(change["new"]), "value")
    play.click()
    until(lambda: len(seen) > 3)
    assert play.description == "Hold"
    play.click()
    until(lambda: play.description == "Play")
    at.value = 96
    play.click()
    until(lambda: at.value == 100 and play.description == "Play")
    at.unobserve_all()
    at.observe(figure._look_changed, "value")
    assert seen[:4] == [0, 2, 4, 6]


def test_the_lesion_test_is_that_of_the_plain_function(figure, view):
    screen = view("lesion test", share=0.05)
    record, stream = figure.record, me.rotated("digits", tasks=3)
    model = me.mlp([64, 64, 10])
    model.load_state_dict(record.weights)
    words = text(screen.caption)
    for which in KINDS:
        left = lesion(model, stream, record.omegas[-1], 0.05, which, seed=0)
        assert f"{100 * left.mean():.0f} % ({which}" in words
        drawn = text(screen.curves)
        assert all(f"{100 * one:.0f} %" in drawn for one in left)
    assert [share for _, share in figure.controls.share.options] == list(SHARES)


def test_the_lesion_test_names_its_run(figure, view):
    assert "MAS, λ = 0.1" in text(view("lesion test").curves)


def test_the_lesion_test_as_code(figure, view):
    view("lesion test", share=0.1)
    namespace = {"me": me}
    exec(figure.call, namespace)
    assert "share=0.1" in figure.call
    assert "lesion(model" in text(figure.code)
    view("curves")
    assert "lesion(model" not in text(figure.code)


def test_moving_the_share_measures_nothing_again(figure, view, monkeypatch):
    first = view("lesion test", share=0.05).curves.value
    monkeypatch.setattr("mas_edu.widgets.playground.lesion_rows.lesion", pytest.fail)
    assert view("lesion test", share=0.5).curves.value != first
    assert view("lesion test", share=0.05).curves.value == first


def test_only_the_controls_of_the_view_are_on_the_page(figure, view):
    rows = figure.controls.views.rows
    for shown in rows:
        view(shown)
        assert [name for name, row in rows.items() if row.layout.display != "none"] == [shown]


@pytest.mark.slow
def test_without_omega_the_lesion_test_says_so(make):
    figure = make(tasks=2, method="FineTune")
    figure.controls.show.value = "lesion test"
    assert figure.wait(PATIENCE)
    assert "keeps no Ω" in text(figure.screen.curves)


@pytest.mark.slow
def test_a_run_that_begins_is_seen_as_it_grows_and_the_view_returns_at_its_end(make):
    figure = make(tasks=2)
    figure.ahead.drop()
    figure.controls.show.value = "lesion test"
    figure.controls.at.value = 30
    assert figure.wait(PATIENCE)
    figure.controls.schedule = LONG
    figure.train.click()
    until(lambda: "training →" in text(figure.screen.curves))
    assert figure.controls.at.value == 100
    figure.stop.click()
    until(lambda: "Ω is computed when" in text(figure.screen.curves))  # it is the view's sentence
    time.sleep(0.2)
    assert "stopped" in text(figure.status)


def test_a_unit_is_shown_with_what_drives_it_and_what_is_lost_without_it(figure, view):
    record, stream = figure.record, me.rotated("digits", tasks=3)
    model = me.mlp([64, 64, 10])
    model.load_state_dict(record.weights)
    x = torch.cat([task.x_test for task in stream])
    drive = torch.relu(model.hidden1(x)).detach()
    unit = int(drive.max(0).values.argmax())
    screen = view("one unit", unit=unit + 1)
    labels = torch.cat([task.y_test for task in stream])[drive[:, unit].topk(12).indices]
    assert re.findall(r"(\d), \d+°", text(screen.curves)) == [str(int(k)) for k in labels]
    with torch.no_grad():
        model.output.weight[:, unit] = 0
    without = me.accuracies(model, stream)
    whole = record.accuracy[-1]
    for before, after in zip(whole, without, strict=True):
        assert f"{100 * before:.0f} → {100 * after:.0f} %" in text(screen.curves)
    assert f"Without unit {unit + 1} the average is {100 * without.mean():.0f} %" in text(
        screen.caption
    )


def test_the_unit_is_framed_in_the_picture_of_omega(figure, view):
    frame = "stroke-width:2.5"
    assert frame not in view("curves").omega.value
    places = set()
    for unit in (1, 2, 64):
        omega = view("one unit", unit=unit).omega.value
        places.add(re.search(rf'<rect x="([\d.]+)" y="([\d.]+)"[^>]*{frame}', omega).groups())
    assert len(places) == 3
    figure.controls.view.value = "matrix"
    assert frame not in view("one unit").omega.value
    figure.controls.view.value = "units"


def test_a_unit_that_is_never_active_says_so(figure, view):
    names, zeros = ("a", "b"), np.zeros
    units = Units(
        "MAS",
        names,
        zeros((1, 2, 2)),
        zeros((1, 3, 2, 2)),
        *zeros((3, 1, 3)),
        zeros(2),
        zeros((1, 2)),
    )
    drawn, line = units.picture(Choice("hidden1.weight", "units", False, unit=0))
    assert "never active" in drawn
    assert "±0 points" in line


def drawing(top, left, side):
    """Draw a seven: a line at the top, another down at its right."""
    points = np.zeros((GRID, GRID), int)
    points[top : top + side // 8, left : left + side // 2] = 1
    points[top : top + side, left + 3 * side // 8 : left + side // 2] = 1
    return "".join(map(str, points.ravel()))


def test_a_drawing_is_brought_to_the_size_and_place_of_the_digits():
    large, small = as_input(drawing(0, 8, 32), 8, 8), as_input(drawing(14, 3, 16), 8, 8)
    assert large.min() == 0
    assert large.max() == 1
    assert (large - small).abs().max() < 0.3  # the edges of what was enlarged are soft
    rows = large.reshape(8, 8)
    assert rows[0, 2:6].tolist() == [1, 1, 1, 1]
    assert rows[7].tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert as_input(drawing(0, 8, 32), 28, 28).shape == (1, 784)


@pytest.mark.parametrize("drawn", ["", "1", "0" * GRID**2, "2" * GRID**2, "x" * GRID**2])
def test_what_is_no_drawing_is_none(drawn):
    assert as_input(drawn, 8, 8) is None


def test_a_digit_is_read_by_the_network_after_each_task(figure, view):
    screen = view("your digit", digit=7)
    task, table = me.rotated("digits", tasks=3)[0], []
    study = figure.studies.find("your digit", figure.scene)
    assert [name for name, _ in study.runs] == ["MAS, λ = 0.1", "Fine-tuning"]
    for (_, networks), record in zip(study.runs, (figure.record, figure.before), strict=True):
        read = study.probabilities(networks, task.x_test[6:7])
        assert len(read) == 3
        model = me.mlp([64, 64, 10])
        model.load_state_dict(record.weights)
        last = model(task.x_test[6:7]).softmax(-1)[0].detach()
        assert np.allclose(read[-1], last, atol=1e-5)
        table.append(f"{read[0].argmax()}, {read[-1].argmax()}")
    assert f"MAS, λ = 0.1: {table[0]}; Fine-tuning: {table[1]}." in text(screen.caption)
    assert f"a test digit, {int(task.y_test[6])}" in text(screen.curves)


def test_a_drawing_is_read_instead_until_it_is_cleared(figure, view):
    views = figure.controls.views
    plain = view("your digit", digit=1).curves.value
    pad = views.pad.value
    assert views.pad.layout.display == ""
    for clear in (views.clear.click, lambda: setattr(views.digit, "value", 2)):
        views.drawn.value = drawing(0, 8, 32)
        assert figure.wait(PATIENCE)
        assert "your drawing" in text(figure.screen.curves)
        clear()
        assert figure.wait(PATIENCE)
        assert "a test digit" in text(figure.screen.curves)
        assert views.pad.value != pad
    assert view("your digit", digit=1).curves.value == plain
    view("curves")
    assert views.pad.layout.display == "none"


def test_a_digit_is_read_among_the_classes_of_its_task():
    settings = Settings("split", "digits", 2, me.MAS(), 0.1, 0)
    networks = [me.mlp([64, 64, 10], seed).state_dict() for seed in range(2)]
    x = settings.make()[0].x_test[:1]
    read = Readings((), settings).probabilities(networks, x)
    assert (read[:, 2:] == 0).all()
    assert np.allclose(read[:, :2].sum(1), 1)


def test_what_a_view_asks_for_comes_before_idle_training(figure, view, monkeypatch):
    ended = []
    monkeypatch.setattr(figure.ahead, "end", lambda: ended.append(1))
    monkeypatch.setattr(figure, "studies", Studies())
    view("one unit")
    assert ended


def test_what_was_measured_belongs_to_one_record(figure):
    """A new record may stand where one stood that is gone: `id` alone does not tell them apart."""
    studies, scene = Studies(), figure.scene
    other = me.Record(accuracy=[[0.5]])
    studies._kept["one unit", id(scene.main.first)] = weakref.ref(other), "of another record"
    assert studies.find("one unit", scene) is None
    assert studies.lacks("one unit", scene)


def test_larger_images_get_a_sentence_on_what_to_choose(figure):
    study = Readings((), figure.controls.plan.main)
    assert "take the images digits" in study.picture(Choice("output.bias", "units", False))[1]
