"""Lesson 10: what is stored is what the code computes, each way is as it says, the picture too."""

from __future__ import annotations

import numpy as np
import pytest

import mas_edu as me
from mas_edu.lessons import fair_comparison as lesson10
from mas_edu.lessons.fair_comparison import drawing, experiment, stored
from tests.support.texts import check_lesson_texts

RIVALS, LAMS, SEEDS = lesson10.RIVALS, lesson10.LAMS, lesson10.SEEDS
STATES = [(way, name) for way in lesson10.WAYS for name in RIVALS]

each_state = pytest.mark.parametrize(("way", "favourite"), STATES)
some_states = pytest.mark.parametrize(  # drawing takes time: each way, each favourite, once
    ("way", "favourite"), [*zip([*lesson10.WAYS, "fair", "all four"], RIVALS, strict=True)]
)
each_rival = pytest.mark.parametrize("name", RIVALS)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_pictures")]


# ---- what is stored


def test_the_stored_runs_were_made_with_these_settings():
    assert stored.stored()["settings"] == stored.settings()
    assert stored.PATH.stat().st_size < 200_000


def test_every_run_is_there():
    tables = stored.stored()
    shape = (len(LAMS), len(SEEDS), len(stored.MEASURES))
    for name in lesson10.METHODS:
        rival = name in RIVALS
        assert np.shape(tables["usual"][name]["runs"]) == (shape if rival else (1, *shape[1:]))
        assert len(tables["time"][name]) == 2
    assert set(tables["longer"]) == set(RIVALS)
    for name, longer in tables["longer"].items():
        best = LAMS.index(lesson10.chosen(name))
        assert tuple(longer["lams"]) == LAMS[max(0, best - 3) : best + 2]
        assert np.shape(longer["runs"]) == (len(longer["lams"]), *shape[1:])
        assert longer["lams"][0] < lesson10.chosen(name, longer=True) < longer["lams"][-1]


@pytest.mark.parametrize(
    ("name", "longer"), [("MAS", False), ("SI", True), ("joint training", False)]
)
def test_the_stored_runs_are_what_the_code_computes(name, longer):
    lam = lesson10.chosen(name, longer=longer)
    schedule = stored.LONGER if longer else stored.SCHEDULE
    method = lesson10.METHODS[name]
    run = me.learn(lesson10.stream(), method, lam or 0, seed=1, schedule=schedule, progress=False)
    for measure, values in lesson10.runs(name, longer)[lam].items():
        assert getattr(run, measure) == pytest.approx(values[1], abs=0.015)


def test_the_smallest_of_equal_lams_is_chosen(monkeypatch):
    """Rounding must not choose between them."""
    shares = np.array([[0.1, 0.2, 0.3, 0.4, 0.53], [0.1, 0.2, 0.3, 0.53, 0.4]])
    both = {lam: {"validated": values} for lam, values in zip((0.5, 1.0), shares, strict=True)}
    monkeypatch.setattr(stored, "runs", lambda name, longer: both)
    assert shares[0].mean() < shares[1].mean(), "by the last bit"
    assert lesson10.chosen("MAS") == 0.5


def test_a_run_is_read_where_it_was_written(monkeypatch):
    """λ, seed and measure are not mixed up."""
    table = [[[100 * i + 10 * j + k for k in range(4)] for j in range(5)] for i in range(16)]
    monkeypatch.setattr(stored, "stored", lambda: {"usual": {"MAS": {"lams": LAMS, "runs": table}}})
    found = lesson10.runs("MAS")
    assert list(found) == list(LAMS)
    np.testing.assert_allclose(found[LAMS[3]]["forgetting"], [3.02, 3.12, 3.22, 3.32, 3.42])


def test_making_the_runs_writes_the_file(tmp_path, monkeypatch):
    short = me.Schedule(steps=2, evaluations=1)
    two = {"MAS": me.MAS(), "joint training": me.Joint()}
    monkeypatch.setattr(stored, "PATH", tmp_path / "runs.json")
    monkeypatch.setattr(stored, "LAMS", (0.1, 1.0))
    monkeypatch.setattr(stored, "SEEDS", (0, 1))
    monkeypatch.setattr(stored, "ROUNDS", 1)
    monkeypatch.setattr(stored, "SCHEDULE", short)
    monkeypatch.setattr(stored, "METHODS", {"fine-tuning": me.FineTune(), **two})
    monkeypatch.setattr(stored, "RIVALS", ("MAS",))
    monkeypatch.setattr(stored, "LONGER", me.Schedule(steps=4, evaluations=1))
    monkeypatch.setattr(stored, "stream", lambda: me.rotated("digits", tasks=2, samples=60))
    assert stored.make() == stored.PATH
    made = stored.stored()
    assert made["settings"] == stored.settings()
    for part in ("usual", "longer"):
        assert np.shape(made[part]["MAS"]["runs"]) == (2, 2, 4)
    assert np.shape(made["usual"]["joint training"]["runs"]) == (1, 2, 4)
    assert sum(made["time"]["fine-tuning"]) == pytest.approx(1, abs=0.002)
    run = me.learn(stored.stream(), me.MAS(), 1.0, seed=1, schedule=short, progress=False)
    assert stored.runs("MAS")[1.0]["learned"][1] == pytest.approx(run.learned, abs=2e-3)


# ---- each way is as it says


@each_rival
def test_lam_is_the_best_of_the_validation_parts(name):
    scores = {lam: values["validated"].mean() for lam, values in lesson10.runs(name).items()}
    assert scores[lesson10.chosen(name)] == max(scores.values())


@each_rival
def test_fair_means_that_each_has_its_own_lam_and_the_favourite_no_advantage(name):
    now = lesson10.compare("fair", name)
    assert {result.name for result in now.results} == set(lesson10.METHODS)
    for result in now.results:
        assert result.lam == lesson10.chosen(result.name)
        found = lesson10.runs(result.name)[result.lam]
        for measure in ("average", "forgetting", "learned"):
            np.testing.assert_array_equal(getattr(result, measure), found[measure])
        assert now.fair[result.name] == pytest.approx(result.average.mean())
    assert now.rank == now.fair_rank


def differences(way, favourite):
    """Return the names whose λ, and whose values, differ from a fair comparison."""
    fair, now = lesson10.compare("fair", favourite), lesson10.compare(way, favourite)
    lams = {r.name for r in now.results if r.lam != fair.of(r.name).lam}
    values = {r.name for r in now.results if not np.array_equal(r.average, fair.of(r.name).average)}
    return now, lams, values


@each_rival
def test_a_shared_lam_is_the_favourites(name):
    now, lams, _ = differences("one λ for all", name)
    assert {result.lam for result in now.rivals} == {lesson10.chosen(name)}
    assert name not in lams
    assert now.of("joint training").lam is None


@each_rival
def test_choosing_by_test_helps_the_favourite_alone(name):
    now, lams, values = differences("λ by test", name)
    assert lams | values <= {name}
    best = max(found["average"].mean() for found in lesson10.runs(name).values())
    assert now.own.average.mean() == best >= now.fair[name]


@each_rival
def test_one_seed_is_the_best_for_the_favourite(name):
    now, lams, _ = differences("one seed", name)
    fair = lesson10.compare("fair", name)
    assert not lams
    assert {len(result.average) for result in now.results} == {1}
    leads = [
        fair.own.average[k] - max(r.average[k] for r in fair.rivals if r.name != name)
        for k in range(len(SEEDS))
    ]
    others = [r.average[0] for r in now.rivals if r.name != name]
    assert now.own.average[0] - max(others) == pytest.approx(max(leads))
    assert not now.own.interval("average").known
    assert now.undecided == []


@each_rival
def test_twice_the_epochs_are_for_the_favourite_alone(name):
    now, lams, values = differences("twice the epochs", name)
    assert lams <= {name}
    assert values == {name}
    assert now.own.time == stored.time_of(name, longer=True) > 1.5
    np.testing.assert_array_equal(
        now.own.average, lesson10.runs(name, longer=True)[now.own.lam]["average"]
    )


def test_all_four_are_all_four():
    assert experiment.WAYS["all four"] == (True,) * 4
    now = lesson10.compare("all four", "EWC")
    lam = lesson10.chosen("EWC", "average", longer=True)
    assert {result.lam for result in now.rivals} == {lam}
    assert len(now.own.average) == 1
    assert now.own.average[0] in lesson10.runs("EWC", longer=True)[lam]["average"]


def test_a_gap_is_paired():
    now = lesson10.compare("fair", "MAS")
    paired = now.own.average - now.of("L2").average
    assert now.gap("L2") == me.interval(paired)
    assert now.gap("L2", "learned") == me.interval(now.own.learned - now.of("L2").learned)
    for name in RIVALS:
        if name != "MAS":
            low, high = now.gap(name)[1:]
            assert (name in now.undecided) == (low <= 0 <= high)


def test_the_lead_is_over_the_best_other_method():
    now = lesson10.compare("fair", "L2")
    others = [result.average.mean() for result in now.rivals if result.name != "L2"]
    assert now.lead == pytest.approx(now.own.average.mean() - max(others))
    assert now.lead < 0
    assert "joint training" not in {result.name for result in now.rivals}


# ---- the picture


def row_of(ax, now, name):
    """Return the mean and the interval drawn in the row of a method."""
    y = [result.name for result in now.results].index(name)
    means = [line for line in ax.lines if line.get_label() == "mean"]
    (mean,) = (line for line in means if list(line.get_ydata()) == [y])
    ends = [
        line.get_xdata()
        for line in ax.lines
        if list(line.get_ydata()) == [y, y] and line.get_label().startswith("_child")
    ]
    return mean, [pair for pair in ends if list(pair) != [0, 1]]


@pytest.mark.parametrize(("way", "favourite"), [("fair", "MAS"), ("one λ for all", "EWC")])
def test_the_picture_shows_what_was_computed(way, favourite):
    now = lesson10.compare(way, favourite)
    average, gaps, forgetting, learned, time = lesson10.draw(now).axes
    for ax, measure in ((average, "average"), (forgetting, "forgetting"), (learned, "learned")):
        for result in now.results:
            mean, ends = row_of(ax, now, result.name)
            expected = result.interval(measure)
            assert mean.get_xdata()[0] == expected.mean
            np.testing.assert_array_equal(ends, [[expected.low, expected.high]])
            assert (mean.get_marker() == "D") == (result.name == favourite)
    for result in now.rivals:
        if result.name != favourite:
            gap = now.gap(result.name)
            y = now.results.index(result)
            dot = next(line for line in gaps.lines if list(line.get_ydata()) == [y, y][:1])
            assert (dot.get_markerfacecolor() == "white") == (result.name in now.undecided)
            if abs(gap.mean) > drawing.FAR:
                assert dot.get_marker() == ("<" if gap.mean < 0 else ">")
                (text,) = (text for text in gaps.texts if text.get_position()[1] == y)
                assert text.get_text() == f"{100 * gap.mean:+.0f}".replace("-", "−")
            else:
                mean, ends = row_of(gaps, now, result.name)
                assert mean.get_xdata()[0] == gap.mean
                np.testing.assert_array_equal(ends, [[gap.low, gap.high]])
    texts = [text.get_text() for text in time.texts]
    assert texts == [f"×{result.time:.1f}" for result in now.results]
    names = [text.get_text() for text in average.texts]
    assert names[0].startswith(now.results[0].name)
    assert drawing.tenths(now.results[0].average.mean()) in names


def test_rings_show_the_fair_averages():
    now = lesson10.compare("one seed", "SI")
    rings = [line for line in lesson10.draw(now).axes[0].lines if line.get_label() == "fair"]
    for ring, result in zip(rings, now.rivals, strict=True):
        assert ring.get_xdata()[0] == now.fair[result.name]
    assert len(rings) == len(RIVALS)
    fair = lesson10.draw(lesson10.compare("fair", "SI")).axes[0]
    assert not [line for line in fair.lines if line.get_label() == "fair"]


@some_states
def test_nothing_is_cut_off_or_overlaps(way, favourite):
    check_lesson_texts(lesson10.draw(lesson10.compare(way, favourite)), (900, 520))


@some_states
def test_dots_and_intervals_lie_within_their_axes(way, favourite):
    for ax in lesson10.draw(lesson10.compare(way, favourite)).axes[:4]:
        low, high = ax.get_xlim()
        for line in ax.lines:
            if line.get_transform() == ax.transData:
                assert low < np.min(line.get_xdata()) <= np.max(line.get_xdata()) < high


# ---- the sentence


@each_state
def test_the_sentence_holds_the_numbers(way, favourite):
    now = lesson10.compare(way, favourite)
    said = lesson10.describe(now)
    assert f"{favourite} is in place {now.rank} of {len(RIVALS)}" in said
    assert (f"in a fair comparison it is in place {now.fair_rank}." in said) == (way != "fair")
    assert f"reaches {drawing.tenths(now.own.average.mean())}; " in said
    other = now.rivals[1] if now.rank == 1 else now.rivals[0]
    assert f" is {other.name} with {drawing.tenths(other.average.mean())}." in said
    assert f"joint training {drawing.tenths(now.of('joint training').average.mean())}." in said
    told = said.split("do not tell it from ")[-1].split(".")[0] if "do not tell" in said else ""
    assert set(told.replace(" and ", ", ").split(", ")) - {""} == set(now.undecided)
    assert ("no interval" in said) == (way in ("one seed", "all four"))


def test_every_way_has_its_heading():
    headings = {drawing.heading(lesson10.compare(way, "SI")) for way in lesson10.WAYS}
    assert len(headings) == len(lesson10.WAYS)


def test_an_unknown_way_is_refused():
    with pytest.raises(KeyError, match="unknown"):
        lesson10.compare("unknown", "MAS")
