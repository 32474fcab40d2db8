"""The playground without a browser: setting a value is what releasing a control does."""

from __future__ import annotations

import gc
import html
import io
import re
import time

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib import image as images

import mas_edu as me
from mas_edu.data import datasets, partition
from mas_edu.widgets import live_figure
from mas_edu.widgets.playground import figure as module
from mas_edu.widgets.playground.controls import LAMBDAS, LAYERS, time_left
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, OMEGA, VIEWS
from mas_edu.widgets.playground.settings import SAMPLES, Settings
from tests.support.workers import PATIENCE, until, working

QUICK = me.Schedule(steps=20, evaluations=2)
LONG = me.Schedule(steps=100_000)


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


def comparable(one, other):
    """Whether both runs learned the same tasks from the same start."""
    return all(one.settings[key] == other.settings[key] for key in ("stream", "seed"))


def text(widget):
    return html.unescape(re.sub("<[^>]*>", "", widget.value)).replace("\xa0", " ")


def pixels(card):
    return images.imread(io.BytesIO(card.image.value))


# what is trained


@pytest.mark.parametrize("method", [me.MAS(), me.FineTune(), me.Joint()])
def test_the_record_is_that_of_learn_in_the_callers_thread(make, method):
    figure = make("rotated", "digits", 3, method, lam=0.3, seed=4)
    stream = me.rotated("digits", tasks=3)
    expected = me.learn(stream, method, lam=0.3, seed=4, schedule=QUICK, progress=False)
    assert figure.record == expected


def test_with_the_default_schedule_it_is_learn_as_well(make):
    figure = make(tasks=2, schedule=None)
    namespace = {"me": me}
    exec(figure.call, namespace)
    assert figure.record == namespace["record"]


def test_blocking_gives_the_same_record(make):
    figure = make(tasks=2, blocking=True, settle=False)
    assert figure.record.complete
    assert figure.record == make(tasks=2).record


def test_the_random_state_and_threads_are_untouched(make):
    import torch

    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    make(tasks=2)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == threads


@pytest.mark.slow
@pytest.mark.parametrize(
    ("control", "value", "found"),
    [
        ("stream", "permuted", lambda r: r.settings["stream"]["stream"] == "permuted"),
        ("tasks", 4, lambda r: len(r.accuracy) == 4),
        ("method", me.L2(), lambda r: r.settings["method"] == "L2()"),
        ("lam", 10.0, lambda r: r.settings["lam"] == 10),
        ("seed", 3, lambda r: r.settings["seed"] == 3),
    ],
)
def test_every_control_trains_on_release(make, control, value, found):
    figure = make(tasks=2)
    before, picture = figure.record, figure.screen.curves.image.value
    getattr(figure.controls, control).value = value
    assert figure.wait(PATIENCE)
    assert found(figure.record)
    other = control in ("stream", "tasks", "seed")  # not to be compared with the run before
    assert (figure.before is before) != other
    assert comparable(figure.record, figure.before)
    assert figure.screen.curves.image.value != picture


def test_no_protection_comes_first_to_compare_with(make):
    figure = make(tasks=2)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 0.1", "FineTune")
    assert "Pale, to compare: FineTune" in text(figure.screen.curves.caption)


@pytest.mark.slow
def test_the_run_before_stays_to_compare_with(make):
    figure = make(tasks=2)
    for lam in (1.0, 10.0):
        figure.controls.lam.value = lam
        assert figure.wait(PATIENCE)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 10", "MAS, λ = 1")
    figure.train.click()  # the same again: still compared with the other one
    assert figure.wait(PATIENCE)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 10", "MAS, λ = 1")


@pytest.mark.slow
def test_finished_settings_are_remembered(make, monkeypatch):
    figure = make(tasks=2)
    first = figure.record
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    monkeypatch.setattr(module, "Training", pytest.fail)  # nothing may be trained from here on
    figure.controls.lam.value = 0.1
    assert figure.wait(PATIENCE)
    assert figure.record is first
    assert figure.before.label == "MAS, λ = 1"
    assert figure.live.phase == "finished"


def test_lambda_plays_no_part_without_a_penalty(make):
    figure = make(method="FineTune", tasks=2)
    assert figure.controls.lam.disabled
    assert "lam" not in figure.call
    first = figure.record
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert figure.record is first


def test_the_memory_is_bounded(make, monkeypatch):
    monkeypatch.setattr(live_figure, "REMEMBERED", 2)
    figure = make(method="FineTune", tasks=2)
    for seed in (1, 2):
        figure.controls.seed.value = seed
        assert figure.wait(PATIENCE)
    assert [settings.seed for settings in figure.remembered] == [1, 2]


# nothing is ever compared with a run of other tasks


@pytest.mark.slow
def test_the_baseline_learned_the_same_tasks_from_the_same_start(make):
    figure = make(tasks=3)
    for control, value in (
        ("stream", "split"),
        ("tasks", 4),
        ("lam", 1.0),
        ("seed", 1),
        ("stream", "rotated"),
        ("seed", 0),
        ("tasks", 3),
        ("method", me.L2()),
    ):
        getattr(figure.controls, control).value = value
        assert figure.wait(PATIENCE)
        assert comparable(figure.record, figure.before), control
        assert figure.record.label != figure.before.label


def test_digits_are_never_compared_with_a_larger_set(make, big):
    figure = make(tasks=2)
    figure.controls.dataset.value = "mnist"
    figure.train.click()
    assert figure.wait(PATIENCE)
    assert figure.record.settings["stream"]["dataset"] == "mnist"
    assert figure.before is None
    assert "Pale" not in text(figure.screen.curves.caption)


def test_a_stopped_run_is_no_baseline(make):
    figure = make(tasks=2)
    figure.schedule = LONG
    figure.controls.lam.value = 1.0
    until(lambda: "training" in text(figure.status))
    figure.stop.click()
    assert figure.wait(PATIENCE)
    figure.schedule = QUICK
    figure.controls.lam.value = 10.0
    assert figure.wait(PATIENCE)
    assert figure.before.label == "MAS, λ = 0.1"


def test_moving_lambda_during_the_opening_pair_keeps_the_baseline(make):
    figure = make(tasks=2, settle=False)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    assert (figure.record.label, figure.before.label) == ("MAS, λ = 1", "FineTune")


def test_what_is_of_another_run_is_grey_until_the_chosen_one_is_shown(make):
    figure = make(tasks=2)
    assert not any(figure.screen.stale)
    figure.schedule = LONG
    figure.controls.lam.value = 1.0
    assert all(figure.screen.stale)
    curves = figure.screen.parts.index(figure.screen.curves.image)
    until(lambda: not figure.screen.stale[curves])  # its own curves grow
    assert "λ = 1" in text(figure.screen.curves.caption)
    for part in (figure.screen.summary, figure.screen.matrix.image, figure.screen.omega.image):
        assert figure.screen.stale[figure.screen.parts.index(part)]
    figure.controls.layer.value = LAYERS[1]  # another look at the Ω of the run before
    assert figure.redraw.wait(PATIENCE)
    assert figure.screen.stale[figure.screen.parts.index(figure.screen.omega.image)]
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert not any(figure.screen.stale)
    assert "λ = 1" in text(figure.screen.matrix.caption)
    assert "when the first task is finished" in text(figure.screen.omega.caption)


def test_waiting_for_the_button_everything_is_grey(make, big):
    figure = make(tasks=2)
    figure.controls.dataset.value = "mnist"
    assert all(figure.screen.stale)


def test_a_recalled_run_says_so(make):
    figure = make(tasks=2)
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)
    said = []
    figure.status.observe(lambda _: said.append(text(figure.status)), "value")
    figure.controls.lam.value = 0.1
    assert figure.wait(PATIENCE)
    assert set(said) == {"MAS, λ = 0.1: remembered."}
    assert not any(figure.screen.stale)


# play, pause, stop


def test_the_latest_value_wins(make):
    figure = make(tasks=2)
    figure.schedule = LONG
    for lam in (1.0, 3.0, 10.0):
        figure.controls.lam.value = lam
    until(lambda: "λ = 10" in text(figure.status))
    assert working() == 1
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert figure.record.settings["lam"] == 10


@pytest.mark.slow
def test_stop_keeps_every_finished_task(make):
    figure = make(
        method="FineTune", tasks=10, schedule=me.Schedule(steps=2000, evaluations=1), settle=False
    )
    until(lambda: re.search(r"training, (\d+)", text(figure.status)) is not None)
    until(lambda: int(re.search(r"(\d+) of", text(figure.status))[1]) > 2000)
    figure.stop.click()
    assert figure.wait(PATIENCE)
    assert figure.live.phase == "stopped"
    assert 1 <= figure.record.finished < 10
    assert "stopped" in text(figure.status)
    assert not figure.remembered


@pytest.mark.slow
def test_pause_and_play_on_give_the_same_record(make):
    slow = me.Schedule(steps=1500, evaluations=2)
    figure = make(method="FineTune", tasks=2, schedule=slow, settle=False)
    until(lambda: "training" in text(figure.status))
    figure.pause.click()
    until(lambda: "paused" in text(figure.status))
    here = text(figure.status)
    assert not figure.wait(0.2)
    assert text(figure.status) == here
    assert figure.train.description == "Resume"
    figure.train.click()
    assert figure.wait(PATIENCE)
    stream = me.rotated("digits", tasks=2)
    expected = me.learn(stream, me.FineTune(), schedule=slow, progress=False)
    assert figure.record == expected
    assert figure.train.description == "Train"


def test_stop_and_pause_with_nothing_to_stop_do_nothing(make):
    figure = make(tasks=2)
    before = text(figure.status)
    figure.stop.click()
    figure.pause.click()
    assert text(figure.status) == before
    figure.controls.lam.value = 1.0
    assert figure.wait(PATIENCE)


def test_close_ends_the_training(make):
    figure = make(tasks=2, schedule=LONG, settle=False)
    until(lambda: working() == 1)
    figure.close()
    until(lambda: working() == 0)


def test_close_closes_every_widget(make):
    before = set(_instances)
    figure = make(tasks=2)
    assert set(_instances) > before
    figure.close()
    assert set(_instances) == before


def test_two_playgrounds_work_side_by_side(make):
    figures = [make(tasks=2, seed=seed, settle=False) for seed in (1, 2)]
    assert all(figure.wait(PATIENCE) for figure in figures)
    stream = me.rotated("digits", tasks=2)
    for figure, seed in zip(figures, (1, 2), strict=True):
        assert figure.record == me.learn(
            stream, me.MAS(), 0.1, seed=seed, schedule=QUICK, progress=False
        )


# what is seen


def test_pictures_are_white_opaque_and_of_fixed_size(make):
    figure = make(tasks=2)
    for method in (me.MAS(), me.FineTune()):
        figure.controls.method.value = method
        assert figure.wait(PATIENCE)
        for card, size in (
            (figure.screen.curves, CURVES),
            (figure.screen.matrix, MATRIX),
            (figure.screen.omega, OMEGA),
        ):
            drawn = pixels(card)
            ratio = drawn.shape[1] / drawn.shape[0]
            assert ratio == pytest.approx(size[0] / size[1], rel=0.01)
            assert np.all(drawn[..., 3] == 1)
            assert np.all(drawn[0, 0, :3] == 1)
            assert (card.image.layout.width, card.image.layout.height) == tuple(
                f"{side}px" for side in size
            )


def test_growing_curves_are_shown_while_it_trains(make):
    seen = []
    often = me.Schedule(steps=100_000, evaluations=2000)
    figure = make(method="FineTune", tasks=2, schedule=often, settle=False)
    figure.screen.curves.image.observe(lambda change: seen.append(change["new"]), "value")
    blank = figure.screen.matrix.image.value
    until(lambda: len(set(seen)) >= 3)
    assert figure.record is None  # nothing has ended yet
    assert figure.screen.matrix.image.value == blank  # that takes longer, and comes at the end


def test_the_words_are_those_of_the_record(make):
    figure = make(tasks=2)
    assert text(figure.screen.summary) == me.words.summary(figure.record)
    assert text(figure.screen.curves.caption) == me.words.forgetting_curves(
        [figure.record, figure.before]
    )
    assert text(figure.screen.matrix.caption) == me.words.accuracy_matrix(figure.record)
    assert "hidden1.weight" in text(figure.screen.omega.caption)


@pytest.mark.slow
def test_omega_can_be_looked_at_in_every_way_without_training(make, monkeypatch):
    figure = make(tasks=2)
    monkeypatch.setattr(module, "Training", pytest.fail)
    controls, card = figure.controls, figure.screen.omega
    assert tuple(figure.record.omegas[-1]) == LAYERS
    seen = []
    for layer in LAYERS:
        controls.layer.value = layer
        for view in VIEWS if layer == LAYERS[0] else VIEWS[-1:]:
            controls.view.value = view
            for log in (False, True):
                controls.logarithmic.value = log
                assert figure.wait(PATIENCE)
                seen.append(card.image.value)
                assert layer in text(card.caption)
        assert controls.view.disabled == (layer != LAYERS[0])
    assert len(set(seen)) == len(seen)
    assert figure.status.value.count("alert") == 0


def test_fine_tuning_says_that_it_has_no_omega(make):
    figure = make(method="FineTune", tasks=2)
    assert "keeps no Ω" in text(figure.screen.omega.caption)


def test_the_equivalent_call_is_shown_as_text(make):
    figure = make(tasks=2)
    figure.controls.stream.value = "split"
    assert 'stream = me.split("digits", tasks=2)' in text(figure.code)
    assert "record = me.learn(stream, me.MAS(), lam=0.1, seed=0)" in text(figure.code)
    assert figure.wait(PATIENCE)


def test_every_control_has_a_description_and_a_tooltip(make):
    figure = make(tasks=2)
    controls = figure.controls
    for control in (*controls.of_run, *controls.of_omega, *figure.buttons):
        assert control.description
        assert control.tooltip
    assert not controls.lam.continuous_update
    assert not controls.tasks.continuous_update
    assert controls.lam.options[0] == ("0", 0.0)
    assert (controls.tasks.min, controls.tasks.max) == (2, 10)
    steps = np.diff(np.log10(LAMBDAS[1:]))
    assert steps.max() < 0.53  # half a decade


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


# larger data sets


@pytest.fixture
def big(monkeypatch):
    """A stand-in for MNIST that needs no download; what is learned from it plays no part."""
    import torch

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
    figure.controls.lam.value = 3.0
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


def test_progress_and_time_left_are_told(make, big):
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


# errors


@pytest.mark.slow
def test_a_split_has_at_most_five_tasks_and_the_slider_says_so(make):
    figure = make(tasks=7)
    figure.controls.stream.value = "split"
    assert figure.wait(PATIENCE)
    assert (figure.controls.tasks.value, figure.controls.tasks.max) == (5, 5)
    assert len(figure.record.accuracy) == 5
    said = text(figure.status)
    assert "finished" in said
    assert "split: two classes a task, so at most 5 tasks, not 7." in said
    assert 'me.split("digits", tasks=5)' in text(figure.code)
    figure.controls.stream.value = "rotated"
    assert figure.wait(PATIENCE)
    assert figure.controls.tasks.max == 10
    assert "at most" not in text(figure.status)


def test_a_split_of_too_many_tasks_trains_once(make, monkeypatch):
    made = []
    training = module.Training
    monkeypatch.setattr(module, "Training", lambda *a, **k: made.append(a) or training(*a, **k))
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
