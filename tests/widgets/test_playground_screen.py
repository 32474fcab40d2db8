"""What the playground shows: pictures, sentences, larger data sets, errors."""

from __future__ import annotations

import gc
import re
import time
from xml.etree import ElementTree

import numpy as np
import pytest

import mas_edu as me
from mas_edu.data import partition
from mas_edu.methods import omega_unit
from mas_edu.widgets import live_figure
from mas_edu.widgets.playground import runs
from mas_edu.widgets.playground.controls import LAYERS
from mas_edu.widgets.playground.omega_mosaic import SIZE, VIEWS, _scale
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, OMEGA
from mas_edu.widgets.playground.settings import FACTORS, SAMPLES, Settings
from mas_edu.widgets.playground.status import time_left
from tests.support.playgrounds import LONG, text
from tests.support.workers import PATIENCE, until, working

pytestmark = pytest.mark.slow


def test_pictures_are_svg_of_fixed_size_with_all_that_there_is_to_see_in_words(make):
    figure = make(tasks=2)
    for method in (me.MAS(), me.FineTune()):
        figure.controls.method.value = method
        assert figure.wait(PATIENCE)
        for part, size in (
            (figure.screen.curves, CURVES),
            (figure.screen.matrix, MATRIX),
            (figure.screen.omega, OMEGA),
        ):
            tree = ElementTree.fromstring(part.value)
            assert tree.attrib["viewBox"] == f"0 0 {size[0]} {size[1]}"
            assert tree.attrib["role"] == "img"
            assert len(tree.attrib["aria-label"]) > 20


def test_curves_matrix_and_numbers_grow_while_it_trains(make):
    seen = []
    often = me.Schedule(steps=1500, evaluations=30)
    figure = make(method="FineTune", tasks=2, schedule=often, settle=False)
    figure.screen.curves.observe(lambda change: seen.append(change["new"]), "value")
    assert figure.wait(PATIENCE)
    assert len(set(seen)) >= 3
    assert len(figure.screen.curves.value) > len(seen[0])


def test_the_words_are_those_of_the_record(make):
    figure = make(tasks=2)
    record, words = figure.record, text(figure.screen.words)
    assert me.words.accuracy_matrix(record) in words
    assert me.words.forgetting_curves([record], panels=True, baseline=figure.before) in words
    assert "hidden1.weight" in words


def test_the_numbers_are_those_of_the_record_and_their_change(make):
    figure = make(tasks=2)
    record, before = figure.record, figure.before
    shown = text(figure.screen.numbers)
    for name in ("average", "forgetting", "learned"):
        value, change = (getattr(one, name) for one in (record, before))
        assert f"{100 * value:.0f}\xa0%{name}".replace("\xa0", " ") in shown
        assert f"{abs(round(100 * (value - change)))} against fine-tuning" in shown


@pytest.mark.parametrize("part", ["curves", "matrix"])
def test_ten_tasks_are_all_there(make, part):
    figure = make("permuted", tasks=10)
    drawn = text(getattr(figure.screen, part))
    if part == "curves":
        assert all(f"permutation {k}" in drawn for k in range(1, 10))
    else:
        assert f"{100 * figure.record.accuracy[9, 0]:.0f}" in drawn


def test_omega_can_be_looked_at_in_every_way_without_training(make, monkeypatch):
    figure = make(tasks=2)
    assert figure.ahead.wait(PATIENCE)
    monkeypatch.setattr(runs, "Training", pytest.fail)
    controls, part = figure.controls, figure.screen.omega
    assert tuple(figure.record.omegas[-1]) == LAYERS
    seen = []
    for layer in LAYERS:
        controls.layer.value = layer
        for view in VIEWS if layer == LAYERS[0] else VIEWS[-1:]:
            controls.view.value = view
            for log in (False, True):
                controls.logarithmic.value = log
                assert figure.wait(PATIENCE)
                seen.append(part.value)
                assert layer in text(part)
        assert controls.view.disabled == (layer != LAYERS[0])
    assert len(set(seen)) == len(seen)
    assert figure.status.value.count("alert") == 0


def test_the_ends_of_the_colours_are_never_cut():
    unit = omega_unit("EWC")
    for low, words in ((0.00014, "output² per unit of weight"), (1.4e-08, unit)):
        drawn = "".join(_scale(low, 0.0733, words, log=True))
        (x, least), (left, most) = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]+)<', drawn)
        assert float(x) >= 0.6 * 11 * len(least)
        assert float(left) + 0.5 * 11 * len(most) <= SIZE[0]


def test_a_seed_of_five_digits_is_kept(make):
    figure = make(tasks=2)
    figure.controls.seed.value = 99_999
    assert "seed=99999" in figure.call


def test_fine_tuning_says_that_it_has_no_omega(make):
    figure = make(method="FineTune", tasks=2)
    assert "keeps no Ω" in text(figure.screen.omega)


def test_the_equivalent_call_is_shown_as_text(make):
    figure = make(tasks=2)
    figure.controls.stream.value = "split"
    assert 'stream = me.split("digits", tasks=2)' in text(figure.code)
    learn = "record = me.learn(stream, me.MAS(), lam=0.1, seed=0, schedule=me.Schedule("
    assert learn in text(figure.code)
    assert figure.wait(PATIENCE)
    usual = Settings("split", "digits", 2, me.MAS(), 0.1, 0)
    assert usual.call.endswith("record = me.learn(stream, me.MAS(), lam=0.1, seed=0)")


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_equivalent_call_does_the_same(make, seeds):
    class Mine(me.MAS):
        """A method of the reader's own."""

    lam = 0.123456789
    figure = make(tasks=2, method=Mine(), lam=lam, compare=["EWC"], seeds=seeds)
    names = {"me": me, "Mine": Mine}
    exec(figure.call, names)
    records = [names["record"]] if seeds == 1 else names["records"]
    shown = figure.scene.main.records
    assert [one.settings for one in records] == [one.settings for one in shown]
    for one, other in zip(records, shown, strict=True):
        np.testing.assert_array_equal(one.accuracy, other.accuracy)


def test_every_control_has_a_description_and_a_tooltip(make):
    figure = make(tasks=2)
    controls = figure.controls
    for control in (*controls.of_run, *controls.of_omega, *figure.buttons):
        assert control.description
        assert control.tooltip
    assert controls.lam.continuous_update
    assert not controls.tasks.continuous_update
    assert controls.lam.options[0] == ("0", 0.0)
    assert (controls.tasks.min, controls.tasks.max) == (2, 10)
    steps = np.diff(np.log10(FACTORS[1:]))
    assert steps.max() < 0.41  # 1, 2, 5 in each decade


def test_the_output_of_the_cell_has_a_static_picture(make):
    figure = make(tasks=2)
    data, metadata = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert 'alt="MAS, λ = 0.1 on rotated digits' in data["text/html"]
    assert metadata["image/png"]["alt"].startswith("MAS, λ = 0.1 on rotated digits")
    assert figure.call in data["text/plain"]


def test_even_before_the_first_run_has_ended(make):
    figure = make(tasks=2, schedule=LONG, settle=False)
    begun = time.monotonic()
    data, metadata = figure._repr_mimebundle_()
    assert time.monotonic() - begun < live_figure.PATIENCE + 10  # the run takes minutes
    assert data["image/png"]
    assert metadata["image/png"]["alt"]


def test_mnist_trains_on_the_button_only(make, big):
    figure = make(dataset="mnist", tasks=2)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert not big
    assert figure.record is None
    assert "Press Train" in text(figure.status)
    figure.train.click()
    assert figure.wait(PATIENCE)
    assert big == ["mnist"]
    assert figure.record.complete
    figure.controls.lam.value = 2.0
    assert "Press Train" in text(figure.status)
    figure.controls.lam.value = 1.0  # finished settings come back without the button
    assert figure.wait(PATIENCE)
    assert "remembered" in text(figure.status)


def test_its_samples_are_limited_and_the_call_says_so(make, big):
    figure = make(dataset="mnist", tasks=2)
    limits = f"samples={SAMPLES}, test_samples={SAMPLES}, val=0"
    assert f'me.rotated("mnist", tasks=2, {limits})' in figure.call


def test_a_limited_test_part_is_taken_evenly_from_the_whole():
    whole, part = (me.rotated("digits", 2, test_samples=n)[1] for n in (None, 50))
    assert len(part.x_test) == len(part.y_test) == 50
    rows = np.arange(50) * len(whole.x_test) // 50
    assert part.x_test.equal(whole.x_test[rows])
    assert part.y_test.equal(whole.y_test[rows])
    assert len(me.rotated("digits", 2, test_samples=9999)[0].x_test) == len(whole.x_test)
    with pytest.raises(ValueError, match="test_samples: expected a whole number of at least 1"):
        me.permuted("digits", 2, test_samples=0)


def test_choosing_mnist_ends_a_run_on_digits(make, big):
    figure = make(tasks=2, schedule=LONG, settle=False)
    until(lambda: "training" in text(figure.status))
    figure.controls.dataset.value = "mnist"
    until(lambda: working() == 0)
    assert "Press Train" in text(figure.status)


def test_progress_and_time_left_are_reported(make, big):
    figure = make(
        dataset="mnist", method="FineTune", tasks=2, schedule=me.Schedule(steps=5000, evaluations=1)
    )
    figure.train.click()
    until(lambda: "training" in text(figure.status))
    assert re.search(r"\d+ of 10000 updates\.", text(figure.status))
    until(lambda: "left" in text(figure.status))
    assert re.search(r"\d+ of 10000 updates, about .*\d+ s left", text(figure.status))
    assert figure.progress.max == 10_000


@pytest.mark.parametrize(
    ("done", "total", "seconds", "expected"),
    [
        (100, 200, 0.5, "100 of 200 updates, about 1 s left"),
        (5, 100, 5.0, "5 of 100 updates, about 1 min 35 s left"),
        (4, 100, 5.0, "4 of 100 updates"),  # too early to tell
        (1, 2050, 1.4, "1 of 2050 updates"),
        (0, 100, 0.0, "0 of 100 updates"),
        (100, 100, 5.0, "100 of 100 updates, about 0 s left"),
    ],
)
def test_the_time_left(done, total, seconds, expected):
    assert time_left(done, total, seconds) == expected


def test_a_split_has_at_most_five_tasks_and_the_slider_says_so(make):
    figure = make(tasks=7)
    figure.controls.stream.value = "split"
    assert figure.wait(PATIENCE)
    assert (figure.controls.tasks.value, figure.controls.tasks.max) == (5, 5)
    assert len(figure.record.accuracy) == 5
    assert "finished" in text(figure.status)
    assert "split: two classes a task, so at most 5 tasks, not 7." in text(figure.screen.hint)
    assert 'me.split("digits", tasks=5)' in text(figure.code)
    figure.controls.stream.value = "rotated"
    assert figure.wait(PATIENCE)
    assert figure.controls.tasks.max == 10
    assert "at most" not in text(figure.screen.hint)


def test_a_split_of_too_many_tasks_trains_once(make, monkeypatch):
    made = []
    training = runs.Training
    monkeypatch.setattr(runs, "Training", lambda *a, **k: made.append(a) or training(*a, **k))
    make("split", tasks=9, method="FineTune", blocking=True)
    assert len(made) == 1


def test_no_network_is_a_sentence(make, monkeypatch):
    def load(name):
        raise OSError(f"dataset: {name!r} could not be downloaded (no network)")

    monkeypatch.setattr(partition, "load_images", load)
    figure = make(dataset="kmnist", tasks=2)
    figure.train.click()
    assert figure.wait(PATIENCE)
    expected = "dataset: 'kmnist' could not be downloaded (no network)."
    assert text(figure.status) == expected


def test_divergence_is_a_sentence_and_keeps_the_picture(make):
    wild = me.Schedule(steps=200, optimizer="sgd", lr=1e30)
    figure = make(method="FineTune", tasks=2, schedule=wild)
    assert "diverged" in text(figure.status)


def test_the_worker_never_prints(make, capfd):
    figure = make(schedule=me.Schedule(steps=200, optimizer="sgd", lr=1e30), tasks=2)
    assert "diverged" in text(figure.status)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stream": "rotatet"}, "stream: expected one of .* did you mean 'rotated'"),
        ({"dataset": "minst"}, "dataset: .* did you mean 'mnist'"),
        ({"tasks": 1}, "tasks: expected a whole number of at least 2, got 1"),
        ({"tasks": 11}, "tasks: expected 2 to 10 in the playground, got 11"),
        ({"tasks": 2.5}, "tasks: "),
        ({"method": "MASS"}, "method: .* did you mean 'MAS'"),
        ({"lam": -1}, "lam: expected a finite number of at least 0, got -1"),
        ({"lam": float("nan")}, "lam: "),
        ({"seed": -1}, "seed: "),
        ({"compare": 5}, "compare: expected a list"),
        ({"hide": 5}, "hide: expected a list"),
        ({"hide": "seed"}, "hide: expected a list"),
        ({"schedule": 5}, "schedule: expected a Schedule"),
        ({"stage": np.ones(2)}, "stage: expected True or False"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        me.playground(**arguments)


def test_any_method_and_lambda_may_be_the_start(make):
    figure = make(tasks=2, method=me.MASBatch(batch_size=7), lam=0.07)
    assert figure.record.settings["method"] == "MASBatch(batch_size=7)"
    assert figure.record.settings["lam"] == 0.07
    assert ("0.07", 0.07) in figure.controls.lam.options


def test_equal_settings_are_equal():
    one = Settings("rotated", "digits", 3, me.FineTune(), 0.1, 0)
    assert one == Settings("rotated", "digits", 3, me.FineTune(), 9.0, 0)
    assert one != Settings("rotated", "digits", 3, me.MAS(), 0.1, 0)


def test_a_forgotten_figure_does_not_keep_training():
    figure = me.playground(tasks=2, schedule=LONG)
    until(lambda: working() == 1)
    figure.close()
    del figure
    gc.collect()
    until(lambda: working() == 0)
