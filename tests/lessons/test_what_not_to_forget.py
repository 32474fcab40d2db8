"""Lesson 09: Ω from chosen inputs, the stored study, and the picture of both."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color

import mas_edu as me
from mas_edu.lessons import what_not_to_forget as lesson09
from mas_edu.lessons.what_not_to_forget import drawing, experiment, stored
from tests.support.texts import check_lesson_texts

SHORT = me.Schedule(steps=60, lr=0.003, evaluations=1, threads=1)
CHOSEN = (2, 5, 6)
LOGITS = "chosen digits, chosen logits"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]


@pytest.fixture(scope="module")
def study():
    return lesson09.study()


@pytest.fixture(scope="module")
def kept():
    return lesson09.keep(CHOSEN, LOGITS, lam=0.1, schedule=SHORT)


# ---- Ω


@pytest.mark.parametrize(
    ("source", "digits", "classes"),
    [
        ("all digits", range(10), None),
        ("chosen digits", CHOSEN, None),
        ("other digits", (0, 1, 3, 4, 7, 8, 9), None),
        (LOGITS, CHOSEN, CHOSEN),
        ("all digits, chosen logits", range(10), CHOSEN),
    ],
)
def test_omega_is_that_of_the_named_inputs_and_logits(source, digits, classes):
    model, task = experiment.reader(0, SHORT), lesson09.stream()[0]
    x = task.x[[int(label) in digits for label in task.y]]
    expected = me.mas(model, x, classes=classes)
    for name, omega in lesson09.importance(model, source, CHOSEN).items():
        torch.testing.assert_close(omega, expected[name])


def test_noise_depends_on_the_seed_alone():
    model = experiment.reader(0, SHORT)
    first, again, other = (
        lesson09.importance(model, "noise", chosen, seed)["output.weight"]
        for chosen, seed in (((0, 1), 0), ((3, 8), 0), ((0, 1), 1))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_nothing_holds_the_outputs_of_other_digits_if_the_norm_leaves_them_out():
    omega = lesson09.importance(experiment.reader(0, SHORT), LOGITS, CHOSEN)["output.weight"]
    assert (omega[list(lesson09.others(CHOSEN))] == 0).all()
    assert (omega[list(CHOSEN)].sum(1) > 0).all()


def test_an_unknown_source_is_named():
    with pytest.raises(ValueError, match=r"source: expected one of all digits, .* got 'none'"):
        lesson09.importance(experiment.reader(0, SHORT), "none", CHOSEN)


# ---- two questions about the chosen digits


def test_which_of_ten_is_the_harder_question() -> None:
    model = experiment.reader(0, SHORT)
    ten, few = experiment._asked(model, CHOSEN)
    assert ten == pytest.approx(experiment.scores(model).on(CHOSEN))
    assert ten < few < 1


def test_a_network_that_never_says_a_chosen_digit_can_still_tell_them_apart() -> None:
    model = copy.deepcopy(experiment.reader(0, SHORT))
    with torch.no_grad():
        model.output.bias[7] += 1e3  # it says 7 of every image
    assert experiment._asked(model, CHOSEN) == (
        0,
        experiment._asked(experiment.reader(0, SHORT), CHOSEN)[1],
    )


# ---- a run


def test_a_run_is_fit_with_an_anchor(kept):
    a, b = lesson09.stream()
    model = me.fit(me.mlp([64, 64, 10], 0), a, SHORT)
    anchor = me.Anchor(me.snapshot(model), lesson09.importance(model, LOGITS, CHOSEN))
    me.fit(model, b, SHORT, anchor=anchor, lam=0.1)
    right = model(a.x_test).argmax(1) == a.y_test
    assert kept.held.right == tuple(int(right[a.y_test == digit].sum()) for digit in range(10))
    assert kept.held.new == pytest.approx(me.accuracies(model, [b])[0])
    assert kept.held.on(CHOSEN) == pytest.approx(
        float(right[torch.isin(a.y_test, torch.tensor(CHOSEN))].float().mean())
    )


def test_plain_is_what_is_left_without_a_penalty(kept):
    a, b = lesson09.stream()
    model = me.fit(me.fit(me.mlp([64, 64, 10], 0), a, SHORT), b, SHORT)
    right = model(a.x_test).argmax(1) == a.y_test
    assert sum(kept.plain.right) == pytest.approx(int(right.sum()), abs=2)


def test_moments_lead_from_the_network_of_task_a_to_the_end(kept):
    states = [state for state in experiment.job(CHOSEN, LOGITS, 0.1, 0, SHORT) if state]
    assert states[0].held == experiment.scores(experiment.reader(0, SHORT))
    assert [states[0].done, states[-1].done] == [0, SHORT.steps]
    assert len(states) == experiment.MOMENTS + 1
    assert states[-1] == kept


def test_side_by_side_is_as_alone():
    lams = {"noise": 0.02, LOGITS: 0.1}
    (together,) = lesson09.over_seeds((0, 1), lams, seeds=[3])
    for source, lam in lams.items():
        alone = lesson09.keep((0, 1), source, lam, seed=3).held
        np.testing.assert_allclose(together[source].right, alone.right, atol=2)


# ---- the stored study


def test_the_stored_study_was_made_with_these_settings():
    found = json.loads(stored.PATH.read_text(encoding="utf-8"))
    assert found["settings"] == stored.settings()
    assert list(found) == ["settings", *experiment.STREAMS]
    for name in experiment.STREAMS:
        keys = [(row["source"], tuple(row["chosen"])) for row in found[name]]
        assert keys == [(stored.NOTHING, ()), *stored.KEYS]
        for row in found[name]:
            assert np.shape(row["right"]) == (len(stored.SEEDS), 10)
            assert len(row["validated"]) in (1, len(stored.LAMS))
    assert stored.PATH.stat().st_size < 200_000


def test_the_stored_study_is_what_the_code_computes(study):
    """Seed 2, three Ω: trained again, up to the rounding of another processor."""
    chosen = (4, 7)
    lams = {source: study.lam(source, chosen) for source in ("all digits", "noise", LOGITS)}
    (again,) = lesson09.over_seeds(chosen, lams, seeds=[2])
    for source, scores in again.items():
        expected = study.results[stored.key(source, chosen)][2]
        assert scores.count == expected.count
        np.testing.assert_allclose(scores.right, expected.right, atol=3)
        assert scores.new == pytest.approx(expected.new, abs=0.02)


def test_each_lam_is_the_largest_that_the_price_allows(study):
    for one, validated in study.validated.items():
        if one[0] == stored.NOTHING:
            continue
        place = lesson09.LAMS.index(study.lams[one])
        free = validated[0]
        assert min(validated[: place + 1]) >= free - lesson09.PRICE - 1e-3
        if place + 1 < len(lesson09.LAMS):
            assert validated[place + 1] < free - lesson09.PRICE + 1e-3


def test_making_the_study_writes_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "PATH", tmp_path / "study.json")
    monkeypatch.setattr(stored, "LAMS", (0.0, 0.01, 10.0))
    monkeypatch.setattr(stored, "SEEDS", (0,))
    monkeypatch.setattr(stored, "KEYS", (("noise", ()), (LOGITS, (0, 1))))
    stored.study.cache_clear()
    try:
        assert stored.make() == stored.PATH
        made, settings = lesson09.study(), json.loads(stored.PATH.read_text())["settings"]
        assert settings == stored.settings()
        assert settings["seeds"] == [0]
        assert list(made.lams) == [(stored.NOTHING, ()), ("noise", ()), (LOGITS, (0, 1))]
        free, noise = made.validated[stored.NOTHING, ()], made.validated["noise", ()]
        assert (len(free), len(noise)) == (1, 3)
        assert made.lam("noise", (0, 1)) == 0.01
        assert noise[2] < free[0] - lesson09.PRICE
        (held,), (plain,) = made.results["noise", ()], made.results[stored.NOTHING, ()]
        assert sum(held.right) > sum(plain.right)
        assert lesson09.study("permuted").results["noise", ()] != made.results["noise", ()]
    finally:
        stored.study.cache_clear()


def test_gaps_are_taken_seed_by_seed(study):
    chosen = (0, 1)
    scores = study.results["noise", ()]
    expected = [100 * (one.on(chosen) - one.on(range(2, 10))) for one in scores]
    np.testing.assert_allclose(study.gap("noise", chosen), expected)


def test_without_a_choice_the_mean_over_all_choices_is_taken(study):
    for question in (study.on_chosen, study.on_others, study.on_new, study.gap):
        each = [question(LOGITS, chosen) for chosen in lesson09.CHOICES]
        np.testing.assert_allclose(question(LOGITS), np.mean(each, axis=0))
    new = [100 * one.new for one in study.results["noise", ()]]
    np.testing.assert_allclose(study.on_new("noise"), new)


# ---- the picture


@pytest.mark.parametrize("chosen", lesson09.CHOICES)
def test_the_picture_shows_what_was_computed(study, kept, chosen):
    now = replace(kept, chosen=chosen)
    network, seeds = lesson09.draw(now).axes
    hollow, full = network.lines[::2], network.lines[1::2]
    order = [*chosen, *now.others]
    for marks, scores in ((hollow, now.plain), (full, now.held)):
        shown = np.concatenate([mark.get_ydata() for mark in marks])
        np.testing.assert_allclose(shown, [*(scores.on([d]) for d in order), scores.new])
        assert len(marks[0].get_ydata()) == len(chosen)
        assert same_color(marks[0].get_color(), drawing.CHOSEN)
    assert [label.get_text() for label in network.get_xticklabels()] == [*map(str, order), "turned"]
    rows = ("nothing", *lesson09.SOURCES)
    for line, bars, question in zip(
        seeds.lines, seeds.collections, (study.on_chosen, study.on_others), strict=False
    ):
        intervals = [me.interval(question(row, chosen)) for row in rows]
        np.testing.assert_allclose(line.get_xdata(), [mean for mean, _, _ in intervals])
        ends = [segment[:, 0] for segment in bars.get_segments()]
        np.testing.assert_allclose(ends, [(low, high) for _, low, high in intervals])
    assert [line.get_marker() for line in seeds.lines] == ["o", "s"]


def test_everything_shown_lies_within_the_axes(study, kept):
    """No mean and no interval of any state is cut off."""
    for chosen in lesson09.CHOICES:
        _, seeds = lesson09.draw(replace(kept, chosen=chosen)).axes
        low, high = seeds.get_xlim()
        bars = [segment[:, 0] for part in seeds.collections for segment in part.get_segments()]
        shown = np.concatenate([*bars, *(line.get_xdata() for line in seeds.lines)])
        assert low <= shown.min()
        assert shown.max() <= high


@pytest.mark.parametrize("source", ["all digits", LOGITS])
@pytest.mark.parametrize("chosen", lesson09.CHOICES)
def test_nothing_is_cut_off_or_overlaps(kept, chosen, source):
    figure = lesson09.draw(replace(kept, chosen=chosen, source=source))
    check_lesson_texts(figure, drawing.SIZE)


def test_the_sentence_has_the_numbers(study, kept):
    said, percent = lesson09.describe(kept), me.plots.percent
    held, plain = ([percent(one.on(d)) for d in (CHOSEN, kept.others)] for one in
                   (kept.held, kept.plain))  # fmt: skip
    assert f"reads {held[0]} of 2, 5 and 6 and {held[1]} of the others" in said
    assert f"(nothing protected: {plain[0]} and {plain[1]})" in said
    assert said.endswith(
        f"{percent(kept.held.new)} of the turned digits ({percent(kept.plain.new)})."
    )
    mean, _, high = me.interval(study.gap(LOGITS, CHOSEN) - study.gap("all digits", CHOSEN))
    gap = "the gap (2, 5 and 6 minus the others) is larger by "
    gap += f"{mean:.1f} ± {high - mean:.1f} points."
    begin = "Mean over 8 seeds: with Ω from chosen digits and chosen logits instead of all digits, "
    assert said.startswith(begin + gap)
    half = lesson09.describe(replace(kept, done=30))
    assert f"Update 30 of {SHORT.steps}: it reads {held[0]}" in half


def test_omega_from_all_digits_is_compared_with_nothing(study, kept):
    said = lesson09.describe(replace(kept, source="all digits"))
    assert "with Ω from all digits instead of nothing, the gap (2, 5 and 6 minus" in said


@pytest.mark.parametrize(
    ("shift", "seen"), [(-9, "smaller by 9.0 ± 0.2 points"), (9, "larger by 9.0 ± 0.2 points")]
)
def test_the_verdict_follows_the_interval(study, kept, shift, seen):
    class Shifted(stored.Study):
        def gap(self, source, chosen=None):
            more = shift + 0.1 * np.arange(-3.5, 4) if source == kept.source else 0
            return super().gap("all digits", chosen) + more

    over = Shifted(study.lams, study.validated, study.results)
    assert drawing.verdict(kept, over).endswith(f"the gap (2, 5 and 6 minus the others) is {seen}.")


def test_no_verdict_where_the_interval_contains_0(study, kept):
    class Noisy(stored.Study):
        def gap(self, source, chosen=None):
            return np.array([1.0, -1.0] * 4) if source == kept.source else np.zeros(8)

    over = Noisy(study.lams, study.validated, study.results)
    assert drawing.verdict(kept, over).endswith(": no difference seen.")


# ---- the figure


def test_the_figure_takes_each_omega_at_its_own_lam(study):
    shown = lesson09.figure(CHOSEN, LOGITS, schedule=SHORT, seconds=0, blocking=True)
    assert shown.state.lam == study.lam(LOGITS, CHOSEN)
    shown.controls["source"].value = "noise"
    assert shown.state.lam == study.lam("noise", CHOSEN)
    assert f"lam={study.lam('noise', CHOSEN):g}" in shown.call
