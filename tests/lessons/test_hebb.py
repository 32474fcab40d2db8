"""Lesson 08: both Ω of a layer, what they are made of, the stored runs, and the picture."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from scipy.stats import spearmanr

import mas_edu as me
from mas_edu.importance import reference
from mas_edu.lessons import hebb as lesson08
from mas_edu.lessons.hebb import drawing, experiment, stored
from mas_edu.lessons.hebb.experiment import LAYERS, OFTEN, Layer
from mas_edu.widgets import prediction
from tests.support.texts import check_lesson_texts

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]
STATES = [(hidden, trained) for hidden in lesson08.DEPTHS for trained in (True, False)]


@pytest.fixture(scope="module")
def now():
    return lesson08.networks(hidden=2)


@pytest.fixture(scope="module")
def small():
    """The layers of a random network with two hidden layers, and its inputs."""
    model = me.mlp([5, 7, 6, 3], seed=1)
    x = torch.rand(20, 5, generator=torch.Generator().manual_seed(0))
    return model, x, experiment.layers_of(model, x)


# ---- both Ω


def test_both_omegas_are_those_of_the_definition(small):
    model, x, layers = small
    local, whole = reference.mas_local(model, x), reference.mas(model, x)
    assert [layer.name for layer in layers] == ["hidden1", "hidden2", "output"]
    for layer in layers:
        for found, expected in ((layer.local_omega, local), (layer.global_omega, whole)):
            np.testing.assert_allclose(found, expected[f"{layer.name}.weight"].detach(), rtol=1e-4)


def test_each_omega_is_a_mean_product_of_what_is_drawn(small):
    *_, layers = small
    for layer in layers:
        inputs = abs(layer.inputs)
        local = (2 * abs(layer.outputs)).T @ inputs / len(inputs)
        np.testing.assert_allclose(local, layer.local_omega, rtol=1e-4, atol=1e-9)
        whole = abs(layer.delta).T @ inputs / len(inputs)
        np.testing.assert_allclose(whole, layer.global_omega, rtol=1e-4, atol=1e-9)


def test_the_layers_are_those_of_a_trained_network(now):
    model = me.fit(lesson08.network(hidden=2), lesson08.task(), lesson08.SCHEDULE)
    expected = me.mas_local(model, lesson08.task().x)
    for layer in now.trained:
        weights = expected[f"{layer.name}.weight"].double()
        np.testing.assert_allclose(layer.local_omega, weights, rtol=0.02, atol=1e-3)
    before = me.mas(lesson08.network(hidden=2), lesson08.task().x)
    np.testing.assert_allclose(
        now.untrained[0].global_omega, before["hidden1.weight"].double(), rtol=1e-4, atol=1e-9
    )


def test_the_output_layer_has_one_omega_and_the_others_two(now):
    for trained in (True, False):
        *hidden, output = now.layers(trained)
        np.testing.assert_allclose(output.local_omega, output.global_omega, rtol=1e-4)
        assert all(abs(layer.ratio - 1) > 0.1 for layer in hidden)


def test_seeds_together_are_as_one_alone():
    alone = lesson08.networks(hidden=1, seed=0).layer("first hidden")
    together = lesson08.over_seeds(hidden=1)
    assert len(together) == len(lesson08.SEEDS)
    first = together[0].layer("first hidden")
    np.testing.assert_allclose(first.global_omega, alone.global_omega, rtol=0.05, atol=0.01)
    other = together[1].layer("first hidden")
    assert not np.allclose(other.global_omega, alone.global_omega, rtol=0.05, atol=0.01)


def test_many_seeds_keep_only_what_is_compared():
    now = lesson08.over_seeds(hidden=2)[0]
    for layer in now.trained:
        assert (layer.inputs.size, layer.outputs.size) > (0, 0)
        assert layer.delta.size == 0
    for layer in now.untrained:
        assert layer.inputs.size == layer.outputs.size == layer.delta.size == 0
        assert layer.rank > 0.5


def test_networks_are_trained_once():
    assert lesson08.networks(1) is lesson08.networks(hidden=1)
    assert lesson08.over_seeds(1) is lesson08.over_seeds(1)


def test_examples_are_some_of_each_digit_in_order(now):
    digits = lesson08.task().y[now.examples]
    assert digits.tolist() == [d for d in range(10) for _ in range(experiment.EACH)]
    assert len(set(now.examples)) == len(now.examples)


# ---- comparing


def test_rank_correlation_is_spearmans():
    generator = np.random.default_rng(0)
    for high in (4, 1000):  # with many equal numbers, and with few
        a, b = generator.integers(1, high, (2, 60)).astype(float)
        assert lesson08.rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_what_is_0_both_times_does_not_count():
    a, b = np.array([[1.0, 2.0, 3.0, 0.0], [3.0, 2.0, 1.0, 5.0]])
    zeros = np.zeros(9)
    with_zeros = lesson08.rank_correlation(np.append(a, zeros), np.append(b, zeros))
    assert with_zeros == lesson08.rank_correlation(a, b) == -1
    assert lesson08.rank_correlation(a, np.ones(4)) == 0
    assert lesson08.rank_correlation(zeros, zeros) == 0


def test_the_control_counts_the_input_while_the_unit_is_active(small):
    *_, layers = small
    layer = layers[1]
    expected = np.zeros_like(layer.local_omega)
    for x, y in zip(layer.inputs, layer.outputs, strict=True):
        for i in range(6):
            if y[i] > 0:
                expected[i] += x / len(layer.inputs)
    np.testing.assert_allclose(layer.meetings, expected, rtol=1e-5)


def test_within_a_unit_and_within_an_input(now):
    layer = now.layer("first hidden")
    units, inputs = layer.within_units(), layer.within_inputs()
    assert (len(units), len(inputs)) == (len(layer.active_units), len(layer.active_inputs))
    i, j = layer.active_units[3], layer.active_inputs[5]
    assert drawing.alike(layer, i, j) == (units[3], inputs[5])
    local, whole = layer.local_omega, layer.global_omega
    some = local[i] > 0
    assert units[3] == pytest.approx(spearmanr(local[i][some], whole[i][some]).statistic)


@pytest.mark.parametrize("name", LAYERS)
def test_the_sliders_go_through_units_and_inputs_in_order(now, name):
    layer = now.layer(name)
    larger = layer.global_omega.sum(1) / np.maximum(layer.local_omega.sum(1), 1e-12)
    places = [layer.place(unit, 50)[0] for unit in range(0, 101, 10)]
    assert (np.diff(larger[places]) > -1e-5).all()
    assert len(set(places)) >= 8
    inputs = [layer.place(50, source)[1] for source in range(0, 101, 10)]
    assert (np.diff(layer.inputs.mean(0)[inputs]) > 0).all()
    assert ((layer.inputs[:, inputs] != 0).mean(0) > OFTEN).all()
    assert ((layer.outputs[:, places] != 0).mean(0) > OFTEN).all()


def test_a_layer_is_named_by_its_place():
    for hidden in lesson08.DEPTHS:
        names = [lesson08.networks(hidden).layer(name).name for name in LAYERS]
        assert names == ["hidden1", f"hidden{hidden}", "output"]


# ---- the stored runs


def test_the_stored_runs_were_made_with_these_settings():
    found = json.loads(stored.PATH.read_text(encoding="utf-8"))
    assert found["settings"] == stored.settings()
    for omega in stored.METHODS:
        for hidden in lesson08.DEPTHS:
            table = lesson08.runs(omega, hidden).table
            assert table.shape == (len(stored.LAMS), len(stored.SEEDS), len(stored.MEASURES))
            assert table.min() >= -10
            assert table.max() <= 100
    assert stored.PATH.stat().st_size < 200_000


def test_the_stored_runs_are_what_the_code_computes():
    """Seed 2 at the λ chosen, trained again, up to the rounding of another processor."""
    for omega, method in stored.METHODS.items():
        runs = lesson08.runs(omega, 1)
        again = me.learn(
            stored.tasks(), method, runs.best, seed=2, schedule=stored.SCHEDULE,
            model=lesson08.network(1, seed=2), progress=False,
        )  # fmt: skip
        for measure in stored.MEASURES:
            value = 100 * getattr(again, measure)
            assert value == pytest.approx(runs.at(runs.best, measure)[2], abs=2)


def test_validation_chooses_lam():
    for omega in stored.METHODS:
        runs = lesson08.runs(omega, 3)
        means = {lam: runs.at(lam, "validated").mean() for lam in lesson08.LAMS}
        assert means[runs.best] == pytest.approx(max(means.values()))


def test_making_the_runs_writes_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "PATH", tmp_path / "runs.json")
    monkeypatch.setattr(stored, "LAMS", (0.0, 0.1))
    monkeypatch.setattr(stored, "SEEDS", (0,))
    monkeypatch.setattr(stored, "DEPTHS", (2,))
    monkeypatch.setattr(stored, "SCHEDULE", me.Schedule(steps=30, evaluations=1, threads=1))
    assert stored.make() == stored.PATH
    found = json.loads(stored.PATH.read_text(encoding="utf-8"))
    assert found["settings"] == stored.settings()
    assert found["settings"]["schedule"]["steps"] == 30
    both = [lesson08.runs(omega, 2).table for omega in stored.METHODS]
    assert [table.shape for table in both] == [(2, 1, 4), (2, 1, 4)]
    np.testing.assert_array_equal(both[0][0], both[1][0])  # without a penalty they are one
    assert not np.array_equal(both[0][1], both[1][1])


# ---- the picture


@pytest.mark.parametrize("name", LAYERS)
def test_the_cloud_has_both_omegas_of_every_weight(now, name):
    layer = now.layer(name)
    i, j = layer.place(30, 90)
    cloud = lesson08.draw(now, layer=name, unit=30, source=90).axes[0]
    _, every, source, unit, ring = cloud.lines
    both = (layer.local_omega > 0) & (layer.global_omega > 0)
    assert every.get_xdata().size == both.sum()
    for line, at in ((every, ...), (source, (slice(None), j)), (unit, i)):
        some = both[at]
        np.testing.assert_array_equal(line.get_xdata(), layer.local_omega[at][some])
        np.testing.assert_array_equal(line.get_ydata(), layer.global_omega[at][some])
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (
        layer.local_omega[i, j],
        layer.global_omega[i, j],
    )
    assert same_color(unit.get_color(), drawing.UNIT)
    assert cloud.get_xlim() == cloud.get_ylim()
    assert cloud.get_xlim()[1] > max(layer.local_omega.max(), layer.global_omega.max())


def test_the_rows_have_the_activations_of_the_examples(now):
    layer, some = now.layer("last hidden"), now.examples
    i, j = layer.place(50, 80)
    x, y = layer.inputs[some, j], layer.outputs[some, i]
    delta = abs(layer.delta[some, i])
    rows = lesson08.draw(now, layer="last hidden").axes[2]
    for drawn, expected in zip(
        rows.collections, (x, 2 * y, 2 * x * y, delta, x * delta), strict=True
    ):
        low, high = np.array(drawn.get_segments())[:, :, 1].T
        heights = (high - low) / drawing.HEIGHT
        np.testing.assert_allclose(heights, expected / expected.max(), atol=1e-6)
    said = [text.get_text() for text in rows.texts]
    assert said[2].endswith(f"Ω local: {drawing.size(layer.local_omega[i, j])}")
    assert said[4].endswith(f"Ω global: {drawing.size(layer.global_omega[i, j])}")


@pytest.mark.parametrize(("hidden", "trained"), STATES)
def test_every_layer_has_its_ratio_and_the_chosen_one_is_bold(hidden, trained):
    now = lesson08.networks(hidden)
    diagram = lesson08.draw(now, trained, "first hidden").axes[1]
    written = {text.get_text(): text.get_weight() for text in diagram.texts}
    for layer in now.layers(trained):
        assert drawing.factor(layer.ratio) in written
        assert layer.name in written
    assert written[drawing.factor(now.layers(trained)[0].ratio)] == "bold"
    assert list(written.values()).count("bold") == 1


@pytest.mark.parametrize(("hidden", "trained"), STATES)
def test_nothing_is_cut_off_or_overlaps(hidden, trained):
    now = lesson08.networks(hidden)
    for name, (unit, source) in zip(LAYERS, ((0, 0), (50, 80), (100, 100)), strict=True):
        check_lesson_texts(lesson08.draw(now, trained, name, unit, source), drawing.SIZE)


def test_a_weight_that_never_counts_is_drawn_at_the_edge(now, monkeypatch):
    layer = now.layer("first hidden")
    i, j = layer.place(50, 80)
    monkeypatch.setattr(Layer, "place", lambda *_: (i, j))
    zero = np.array(layer.global_omega)
    zero[i, j] = 0
    changed = replace(now, trained=(replace(layer, global_omega=zero), *now.trained[1:]))
    ring = lesson08.draw(changed, layer="first hidden").axes[0].lines[-1]
    assert ring.get_ydata()[0] == pytest.approx(ring.axes.get_ylim()[0])
    assert "global 0." in lesson08.describe(changed, layer="first hidden")


@pytest.mark.parametrize("trained", [True, False])
def test_the_sentence_has_the_numbers(now, trained):
    layer = now.layer("last hidden", trained)
    said = lesson08.describe(now, trained, "last hidden", 20, 70)
    i, j = layer.place(20, 70)
    into, outof = drawing.alike(layer, i, j)
    state = "trained" if trained else "untrained"
    assert said.endswith(f"Layer: hidden2, 2 hidden layers, {state}.")
    assert f"rank correlation {drawing.number(layer.rank)} (" in said
    assert f"({drawing.number(into)} into unit {i}, " in said
    assert f", {drawing.number(outof)} from unit {j} of hidden1)" in said
    assert f"ΣΩ local is {drawing.factor(layer.ratio)} times ΣΩ global" in said
    local, whole = layer.local_omega[i, j], layer.global_omega[i, j]
    assert f"Ω local {drawing.size(local)}, global {drawing.size(whole)}. Layer" in said


def test_the_sentence_begins_with_the_point(now):
    assert lesson08.describe(now).startswith("Local and global Ω are equal, weight by weight: rank")
    first = lesson08.describe(now, layer="first hidden")
    assert first.startswith("Local and global Ω rank the weights much alike: rank")
    layer = now.layer("first hidden")
    mixed = np.random.default_rng(0).permutation(layer.local_omega.ravel()).reshape(64, 64)
    other: Layer = replace(layer, local_omega=mixed)
    changed = replace(now, trained=(other, *now.trained[1:]))
    said = lesson08.describe(changed, layer="first hidden")
    assert said.startswith("Local and global Ω rank the weights alike in part")


# ---- the figure


def test_the_figure_begins_with_the_given_settings(now):
    shown = lesson08.figure(2, False, "last hidden", 20, 70, blocking=True)
    assert shown.state is now
    assert shown.words == lesson08.describe(now, False, "last hidden", 20, 70)
    assert "seed" not in shown.call
    other = lesson08.figure(seed=1, blocking=True)
    assert "networks(hidden=1, seed=1)" in other.call
    assert other.state is lesson08.networks(1, seed=1)


def test_the_guess_is_answered_in_the_first_layer_of_a_trained_network(tmp_path, monkeypatch):
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    monkeypatch.setattr(prediction, "_unwritten", {})
    monkeypatch.setattr(prediction, "_asked", {})
    me.predict("08", "How alike?", low=-1, high=1, step=0.05, unit="").keep(0.5)
    shown = lesson08.figure(blocking=True)
    assert shown.guess.layout.display == "none"
    shown.looks["layer"].value = "first hidden"
    rank = drawing.number(shown.state.layer("first hidden").rank)
    assert f"You guessed 0.50. Here it is {rank}." in shown.guess.value
    shown.looks["trained"].value = False
    assert shown.guess.layout.display == "none"
    shown.looks["trained"].value = True
    shown.controls["hidden"].value = 2
    assert shown.guess.layout.display == "none"
