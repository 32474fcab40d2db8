"""Lesson 12: the cards say what is stored, and the picture shows it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import same_color

import mas_edu as me
from mas_edu.lessons import reproduce as lesson12
from mas_edu.lessons.reproduce import drawing, stored
from mas_edu.reproduction import PROTOCOLS, load_stored_all
from mas_edu.reproduction import report as reports
from mas_edu.reproduction.protocol import Claim
from mas_edu.results import Interval
from mas_edu.widgets import glossary_terms
from tests.support.texts import check_lesson_texts
from tools.experiments.differences import EXPERIMENTS

RESULTS = [result for name in PROTOCOLS for result in load_stored_all(name)]
CLAIMED = [
    (result, row)
    for result in RESULTS
    for row in result["rows"]
    if result["settings"]["rows"][row["row"]]["claim"]
]
SPLIT = "Split MNIST, domain-incremental"


# ---- the cards


def test_there_is_a_card_for_each_claim_and_it_says_what_is_stored() -> None:
    assert len(lesson12.cards()) == len(CLAIMED) > 20
    for card, (result, row) in zip(lesson12.cards(), CLAIMED, strict=True):
        assert (card.row, card.title) == (row["row"], result["title"])
        assert (card.claim, card.source, card.verdict) == tuple(
            row[key] for key in ("claim", "source", "verdict")
        )
        assert card.averages == tuple(row["averages"])
        assert card.found == Interval(row["mean"], row["low"], row["high"])
        assert card.lam == row["lam"]
        assert [f"{lam:g}" for lam in card.validation] == list(row["validation"])
        assert list(card.deviations[: len(result["deviations"])]) == result["deviations"]
        assert card.experiment.split(",")[0] == result["title"].split(",")[0]
        scenario = result["settings"]["stream"].get("scenario", "")
        assert f", {scenario}-incremental" in f"{card.experiment}, -incremental"


def test_each_verdict_is_what_judge_says_of_the_seeds() -> None:
    for card in lesson12.cards():
        claim = Claim(card.value, card.spread, card.least)
        assert card.verdict == reports.judge(claim, me.interval(card.averages))
        assert card.kind in lesson12.KINDS


@pytest.mark.parametrize(
    ("ends", "is_open"),
    [
        ((5.5, 6.0), False),
        ((4.5, 6.0), True),  # within in the mean, the interval reaches below
        ((5.5, 7.5), True),
        ((7.1, 7.9), False),
        ((6.9, 8.1), True),  # above in the mean, the two overlap
        ((3.0, 4.9), False),
        ((4.0, 7.5), True),
    ],
)
def test_an_interval_on_both_sides_of_an_edge_leaves_it_open(ends, is_open: bool) -> None:
    card = lesson12.cards()[0]
    found = Interval(sum(ends) / 2, *ends)
    assert replace(card, value=6.0, spread=1.0, least=False, found=found).open == is_open


def test_what_the_verdicts_say_of_overlap_is_what_is_drawn_hollow() -> None:
    for card in lesson12.cards():
        if card.kind != "within":  # there the verdict speaks of the mean alone
            assert card.open == (", " in card.verdict), card.name


def test_what_was_published_has_two_ends_or_one() -> None:
    assert lesson12.find("EWC", SPLIT).published == pytest.approx((56.26, 61.44))
    low, high = lesson12.find("MAS", SPLIT).published
    assert (low, high) == (68.6, math.inf)


def test_missing_seeds_are_a_deviation() -> None:
    permuted = lesson12.find("MAS", "Permuted MNIST")
    seeds = len(PROTOCOLS["permuted"][0].seeds)
    said = f"{len(permuted.averages)} of {seeds} seeds"
    assert (said in permuted.deviations) == (len(permuted.averages) < seeds)


def test_the_setting_is_that_of_the_row() -> None:
    short, longer = (
        lesson12.find(row, SPLIT).setting for row in ("joint", "joint, five times the updates")
    )
    assert "400, 400 hidden units; adam, lr 0.001, batches of 128, 4 epochs a task" in short
    assert "20 epochs a task" in longer


def test_a_card_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"row: expected one of .*, got SCP on Permuted MNIST"):
        lesson12.find("SCP", "Permuted MNIST")


# ---- what was tried otherwise


def test_the_stored_differences_are_those_of_the_page() -> None:
    assert stored.stored()["settings"] == stored.settings()
    assert stored.PATH.stat().st_size < 200_000
    for name, table in stored.TABLES.items():
        assert EXPERIMENTS[table].protocol.name == name
        assert EXPERIMENTS[table].code == stored.stored()["settings"][name]
        assert stored.stored()[name] == stored.read_table(table)
        rows = stored.stored()[name]["rows"]
        assert list(rows) == list(EXPERIMENTS[table].lams)
        assert all(list(row["ways"]) == list(EXPERIMENTS[table].ways) for row in rows.values())
        assert [row["lam"] for row in rows.values()] == [
            f"{lam:g}" if lam else "" for lam in EXPERIMENTS[table].lams.values()
        ]


def test_make_writes_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored.PATH.read_text(encoding="utf-8")
    monkeypatch.setattr(stored, "PATH", tmp_path / "differences.json")
    assert stored.make() == tmp_path / "differences.json"
    assert json.loads(stored.PATH.read_text(encoding="utf-8")) == json.loads(before)


def test_a_table_that_is_not_on_the_page_is_refused() -> None:
    with pytest.raises(ValueError, match="table: expected one on the page"):
        stored.read_table("none")


def test_the_trials_are_the_measured_differences_and_the_rows_beside() -> None:
    ewc = lesson12.find("EWC", SPLIT)
    assert [trial.name for trial in ewc.trials] == list(EXPERIMENTS["split"].ways)
    assert ewc.trials[0].lam == "200"
    assert all(trial.note == EXPERIMENTS["split"].caption for trial in ewc.trials)
    (longer,) = lesson12.find("joint", SPLIT).trials
    assert longer.found == lesson12.find("joint, five times the updates", SPLIT).found
    guards = lesson12.find("MAS, batch form, cumulative guards", "Rotated MNIST")
    assert [trial.name for trial in guards.trials] == ["MAS, batch form, that λ", "MAS, that λ"]
    assert not any(trial.note for trial in (longer, *guards.trials))
    assert lesson12.find("MAS", SPLIT).trials == ()
    assert not lesson12.find("MAS", "Permuted MNIST").trials[0].found.known, "one seed"


def test_a_deviation_is_marked_if_a_trial_begins_like_it() -> None:
    tried = {
        name: [text.split()[0] for text in card.deviations if card.is_tried(text)]
        for name, card in {
            "EWC": lesson12.find("EWC", SPLIT),
            "joint": lesson12.find("joint", SPLIT),
            "permuted": lesson12.find("EWC", "Permuted MNIST"),
            "MAS": lesson12.find("MAS", SPLIT),
        }.items()
    }
    assert tried == {
        "EWC": ["inputs", "Adam"],
        "joint": ["joint:"],
        "permuted": ["Adam"],
        "MAS": [],
    }


# ---- the choice among them


def test_the_list_holds_what_fits_both_filters() -> None:
    every = lesson12.choose()
    assert every.cards == lesson12.cards()
    assert sum(map(every.count, lesson12.KINDS)) == len(every.cards)
    above = lesson12.choose(SPLIT, "above", claim=2)
    assert {(card.experiment, card.kind) for card in above.cards} == {(SPLIT, "above")}
    assert above.card is above.cards[1]
    assert lesson12.choose(SPLIT, "above", claim=99).card is above.cards[-1]
    none = lesson12.choose("Rotated MNIST", "below")
    assert (none.cards, none.card) == ((), None)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"experiment": "MNIST"}, "experiment: expected one of Rotated MNIST, "),
        ({"verdict": "yes"}, "verdict: expected one of within, .*, all, got 'yes'"),
        ({"claim": 0}, "claim: expected a place in the list, from 1, got 0"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(choice: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lesson12.choose(**choice)


# ---- the picture


CHOSEN = [  # each card once, in the list of its experiment
    lesson12.choose(name, claim=place)
    for name in lesson12.experiments()
    for place in range(1, len(lesson12.choose(name).cards) + 1)
]
LISTS = [
    *(lesson12.choose("all", verdict) for verdict in ("all", *lesson12.KINDS)),
    lesson12.choose("Rotated MNIST", "below"),
]
each_card = pytest.mark.parametrize("now", CHOSEN, ids=lambda now: now.card.name)


def axes(figure, label):
    return next((ax for ax in figure.axes if ax.get_label() == label), None)


def drawn(ax, label):
    return [line for line in ax.lines if line.get_label() == label]


def written(figure):
    return [text.get_text() for part in (figure, *figure.axes) for text in part.texts]


@pytest.mark.slow
def test_nothing_is_cut_off_or_overlaps() -> None:
    for now in CHOSEN:
        for below in drawing.BELOW:
            check_lesson_texts(lesson12.draw(now, below), drawing.SIZE)
    for now in LISTS:
        check_lesson_texts(lesson12.draw(now), drawing.SIZE)


def test_each_card_can_be_chosen_in_the_list_of_its_experiment() -> None:
    assert tuple(now.card for now in CHOSEN) == lesson12.cards()


def test_the_list_shows_each_claim_at_its_distance() -> None:
    now = lesson12.choose()
    ax = axes(lesson12.draw(now), "list")
    marks = drawn(ax, "found") + drawn(ax, "far")
    assert len(marks) == len(now.cards)
    near = [card for card in now.cards if abs(card.found.mean - card.value) <= drawing.FAR - 0.3]
    for card, mark in zip(near, drawn(ax, "found"), strict=True):
        colour, marker = drawing.MARKS[card.kind]
        assert mark.get_xdata()[0] == pytest.approx(card.found.mean - card.value)
        assert (mark.get_color(), mark.get_marker()) == (colour, marker)
        assert same_color(mark.get_markerfacecolor(), "white") == card.open
    for card, bar in zip(near, drawn(ax, "interval"), strict=True):
        ends = np.array([card.found.low, card.found.high]) - card.value
        np.testing.assert_allclose(bar.get_xdata(), np.clip(ends, -drawing.FAR, drawing.FAR))
    far = [card for card in now.cards if card not in near]
    said = [text.get_text() for text in ax.texts]
    assert all(drawing.signed(card.found.mean - card.value) in said for card in far)
    widths = [bar.get_width() for bar in ax.containers for bar in bar.patches]
    for card, width in zip(now.cards, widths, strict=True):
        expected = drawing.FAR if card.least else 2 * card.spread
        assert width == pytest.approx(max(expected, 0.06))


def test_the_legend_counts_the_verdicts() -> None:
    for now in (lesson12.choose(), lesson12.choose(SPLIT)):
        legend = axes(lesson12.draw(now), "legend")
        assert [text.get_text() for text in legend.texts] == [
            f"{now.count(kind)} {kind}" for kind in lesson12.KINDS
        ]
        marks = [(line.get_color(), line.get_marker()) for line in legend.lines]
        assert marks == [drawing.MARKS[kind] for kind in lesson12.KINDS]


@each_card
def test_the_card_shows_seeds_interval_and_trials(now) -> None:
    card = now.card
    figure = lesson12.draw(now)
    ax = axes(figure, "numbers")
    (seeds,) = drawn(ax, "seeds")
    assert tuple(seeds.get_xdata()) == card.averages
    found = [card.found, *(trial.found for trial in card.trials)]
    assert [line.get_xdata()[0] for line in drawn(ax, "mean")] == [each.mean for each in found]
    bars = [tuple(line.get_xdata()) for line in drawn(ax, "interval")]
    assert bars == [(each.low, each.high) for each in found if each.known]
    (band,) = [patch for patch in ax.patches if patch.get_label() == "published"]
    low, high = card.published
    assert band.get_x() == pytest.approx(low)
    assert band.get_x() + band.get_width() == pytest.approx(min(high, ax.get_xlim()[1]))
    said = written(figure)
    assert {card.verdict, f"claimed in {card.source}", f"{card.claim} %"} <= set(said)
    assert all(drawing.written(each) in said for each in found)
    assert " ".join(said).count("■") == (
        sum(map(card.is_tried, card.deviations))
        + any(map(card.is_tried, card.deviations))
        + len({trial.note for trial in card.trials if trial.note})
    )
    assert all(text.split(";")[0][:40] in " ".join(said) for text in card.deviations)


@each_card
def test_lam_on_validation_is_drawn_where_it_was_chosen(now) -> None:
    card = now.card
    figure = lesson12.draw(now, drawing.BELOW[1])
    ax = axes(figure, "validation")
    if not card.validation:
        assert ax is None
        expected = "It has no λ." if card.lam is None else f"λ = {card.lam:g} was given"
        assert any(text.startswith(expected) for text in written(figure))
        return
    (line,), (mark,) = drawn(ax, "validated"), drawn(ax, "chosen")
    np.testing.assert_allclose(line.get_ydata(), list(card.validation.values()))
    assert mark.get_ydata()[0] == card.validation[card.lam] == max(card.validation.values())
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks == [f"{lam:g}" for lam in card.validation]


def test_the_sentence_holds_the_numbers() -> None:
    now = lesson12.choose(SPLIT, claim=2)
    card, said = now.card, lesson12.describe(now)
    assert said.startswith(f"EWC on {SPLIT}: {card.verdict}. Published {card.claim} %")
    assert drawing.written(card.found) in said
    assert f"with {len(card.averages)} seeds" in said
    there, here = (drawing.written(card.trials[k].found) for k in (-1, 0))
    ways = "With “Adam carried on” and “inputs standardised”"
    assert f"{ways}: {there} instead of {here} %." in said
    longer = lesson12.find("joint, five times the updates", SPLIT)
    joint = lesson12.describe(lesson12.choose(SPLIT, claim=5))
    assert f"With “{longer.row}”: {drawing.written(longer.found)} %." in joint
    permuted = lesson12.describe(lesson12.choose("Permuted MNIST", claim=1))
    assert "With “Adam carried on”: 79.80 instead of 72.80 %." in permuted
    assert said.endswith(f"In the list: {drawing.counts(now)}.")
    assert f"chose λ = {card.lam:g}" in lesson12.describe(now, drawing.BELOW[1])
    none = lesson12.choose("Rotated MNIST", "below")
    assert lesson12.describe(none).startswith("None of the claims about Rotated MNIST is below")


# ---- the figure


@pytest.mark.slow
@pytest.mark.usefixtures("home", "small_pictures")
def test_the_slider_ends_where_the_list_does() -> None:
    shown = lesson12.figure(blocking=True)
    assert shown.state.experiment == SPLIT
    place = shown.controls["claim"]
    assert place.max == len(lesson12.choose(SPLIT).cards)
    assert all(lesson12.choose(SPLIT, claim=k).card.trials for k in (1, 2, 3))
    shown.controls["experiment"].value = "all"
    assert place.max == len(CLAIMED)
    place.value = place.max
    assert shown.state.card is lesson12.cards()[-1]
    shown.controls["verdict"].value = "missed"
    assert (place.max, place.value) == (1, 1)
    assert shown.state.card.kind == "missed"
    shown.controls["experiment"].value = "Rotated MNIST"
    assert shown.state.card is None
    assert place.max == 1


@pytest.mark.slow
@pytest.mark.usefixtures("home", "small_pictures")
def test_the_guess_is_answered_when_all_claims_are_listed() -> None:
    me.predict("12", "How many?", low=0, high=24, unit="").keep(20)
    shown = lesson12.figure(blocking=True)
    assert shown.guess.layout.display == "none"
    shown.controls["experiment"].value = "all"
    agree = sum(card.kind in ("within", "reached") for card in lesson12.cards())
    assert f"You guessed 20. Here it is {agree}." in shown.guess.value.replace("&nbsp;", " ")
    shown.controls["verdict"].value = "above"
    assert shown.guess.layout.display == "none"


def test_the_words_of_the_lesson_are_explained() -> None:
    assert set(lesson12.WORDS) <= set(glossary_terms.TERMS)


def test_nothing_that_was_measured_stands_in_the_code() -> None:
    """All numbers with two decimals come from the stored files."""
    for path in Path(lesson12.__file__).parent.glob("*.py"):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        measured = {f"{row['mean']:.2f}" for _, row in CLAIMED}
        assert not measured & set(re.findall(r"\d\d\.\d\d", code)), path.name
