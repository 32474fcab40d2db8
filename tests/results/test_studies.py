"""The checklist of a study: a sound study passes, and each fault is said by its name."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu.results import Checklist, Evidence, review_evidence, review_study, save_study
from mas_edu.results.studies import evidence, folder
from tests.support.studies import (
    SEEDS,
    SHORT,
    bars,
    differences,
    gap_of,
    of,
    swept,
    verdict_of,
)

NAMES = ("study", "runs", "seeds", "budget", "λ", "number", "interval", "verdict", "figures")


@pytest.fixture(scope="module")
def every() -> list[me.Record]:
    return swept(me.rotated("digits", tasks=2, step=40, samples=100, test_samples=50))


@pytest.fixture
def sound(every) -> dict[str, Any]:
    return gap_of(of(every, "MAS", 0.1), of(every, "L2", 0.1))


Reviewed = Callable[..., Checklist]


@pytest.fixture
def reviewed(tmp_path: Path, every, sound) -> Reviewed:
    """Save the sound study with some parts changed, and review it."""

    def save_and_review(*, runs=None, figures=None, **changes: Any) -> Checklist:
        figures = {"bars.png": bars} if figures is None else figures
        claim = {key: value for key, value in {**sound, **changes}.items() if value is not None}
        save_study(tmp_path / "study", "Which?", [claim], runs or every, figures)
        return review_study(tmp_path / "study", figures)

    return save_and_review


def only(found: Checklist, name: str) -> str:
    """Return what is said of the only item with a fault."""
    assert found.missing == (name,), repr(found)
    assert not found.passed
    (fault,) = next(item.faults for item in found.items if item.name == name) or ()
    assert f"✗ {name}: {fault}" in repr(found).splitlines()
    return fault


# ---- a sound study


def test_a_sound_study_passes(reviewed: Reviewed) -> None:
    found = reviewed()
    assert found.passed, repr(found)
    assert found.missing == ()
    assert repr(found).splitlines() == [f"✓ {name}" for name in NAMES]


def test_a_study_is_what_was_saved(reviewed: Reviewed, tmp_path: Path, every, sound) -> None:
    reviewed()
    loaded = folder.parse_study(folder.read_study(tmp_path / "study"))
    assert (loaded.question, loaded.figures) == ("Which?", ("bars.png",))
    (claim,) = loaded.claims
    assert (claim.number, claim.than, claim.measure) == (sound["number"], 0.0, "average")
    (tmp_path / "study" / "runs" / ".DS_Store").touch()
    runs, faults = evidence.load_runs(tmp_path / "study")
    assert faults == []
    assert list(runs.values()) == every
    assert [runs[name] for name in claim.minus] == sound["minus"]


def test_a_study_is_not_overwritten(reviewed: Reviewed) -> None:
    reviewed()
    with pytest.raises(FileExistsError, match="already holds a study"):
        reviewed()


def test_a_run_that_is_not_kept_is_refused(tmp_path: Path, every, sound) -> None:
    with pytest.raises(ValueError, match="runs: expected all runs of the claims among them"):
        save_study(tmp_path, "Which?", [sound], every[1:])


def test_a_claim_on_one_setting_is_compared_with_a_number(every, reviewed: Reviewed) -> None:
    mine = of(every, "MAS", 0.1)
    number, low, high = me.interval([100 * run.average for run in mine])
    parts = {"records": mine, "minus": None, "number": number, "low": low, "high": high}
    assert reviewed(**parts, than=50.0, verdict="above").passed


def test_rounded_numbers_pass(reviewed: Reviewed, sound) -> None:
    assert reviewed(**{key: round(sound[key], 1) for key in ("number", "low", "high")}).passed


# ---- seeds


def test_two_seeds_are_too_few(every, reviewed: Reviewed) -> None:
    runs = [run for run in every if run.settings["seed"] < 2]
    claim = gap_of(of(runs, "MAS", 0.1), of(runs, "L2", 0.1))
    found = reviewed(runs=runs, **claim | {"verdict": verdict_of(claim)})
    faults = next(item.faults for item in found.items if item.name == "seeds")
    assert found.missing == ("seeds",)
    assert faults == (
        "MAS, λ = 0.1 has 2 seeds, 3 are needed",
        "L2, λ = 0.1 has 2 seeds, 3 are needed",
    )


def test_a_seed_that_is_missing_on_one_side_is_named(every, reviewed: Reviewed, sound) -> None:
    found = reviewed(records=sound["records"][:2])
    faults = next(item.faults for item in found.items if item.name == "seeds")
    assert "L2, λ = 0.1 lacks" not in repr(found)
    assert "MAS, λ = 0.1 lacks seed 2, which L2, λ = 0.1 has" in (faults or ())
    assert "MAS, λ = 0.1: seed 2 was run and is left out of the claim" in (faults or ())
    assert "budget" in found.missing  # me.compare refuses it, too


def test_a_seed_that_is_missing_on_the_other_side_is_named(reviewed: Reviewed, sound) -> None:
    lines = repr(reviewed(minus=sound["minus"][:2])).splitlines()
    assert "✗ seeds: L2, λ = 0.1 lacks seed 2, which MAS, λ = 0.1 has" in lines


def test_a_seed_that_was_run_and_left_out_is_named(every, tmp_path: Path) -> None:
    stream = me.rotated("digits", tasks=2, step=40, samples=100, test_samples=50)
    runs = swept(stream, seeds=(0, 1, 2, 3))
    kept = [run for run in runs if run.settings["seed"] != 3]
    claim = gap_of(of(kept, "MAS", 0.1), of(kept, "L2", 0.1))
    save_study(tmp_path, "Which?", [claim], runs, {"bars.png": bars})
    found = review_study(tmp_path, {"bars.png": bars})
    faults = next(item.faults for item in found.items if item.name == "seeds")
    assert found.missing == ("seeds",)
    assert faults is not None
    assert faults[0] == "MAS, λ = 0.1: seed 3 was run and is left out of the claim"


def test_a_seed_that_counts_twice_is_named(reviewed: Reviewed, sound) -> None:
    records = [*sound["records"], sound["records"][0]]
    found = reviewed(records=records, minus=[*sound["minus"], sound["minus"][0]])
    assert "MAS, λ = 0.1: a seed is there twice" in repr(found)
    assert not found.passed


def test_a_side_of_several_settings_is_named(every, reviewed: Reviewed, sound) -> None:
    mixed = [*sound["records"][:2], of(every, "MAS", 1.0)[2]]
    found = reviewed(records=mixed, number=10.0, low=0.0, high=20.0)
    assert "MAS, λ = 0.1 stands for runs of several settings" in repr(found)


# ---- budget


def test_other_updates_are_refused_as_compare_does(every, reviewed: Reviewed, sound) -> None:
    stream = me.rotated("digits", tasks=2, step=40, samples=100, test_samples=50)
    longer = swept(stream, schedule=replace(SHORT, steps=4))
    theirs = of(longer, "L2", 0.1)
    runs = [*(run for run in every if run.method_label == "MAS"), *longer[len(longer) // 2 :]]
    found = reviewed(runs=runs, minus=theirs)
    assert "differ in the number of updates a task: [3, 3] against [4, 4]" in only(found, "budget")


def test_other_data_are_refused_unless_the_claim_says_so(every, reviewed: Reviewed) -> None:
    other = swept(me.rotated("digits", tasks=2, step=90, samples=100, test_samples=50))
    mine, theirs = of(every, "MAS", 0.1), of(other, "L2", 0.1)
    claim, runs = gap_of(mine, theirs), [*every, *other]
    assert "differ in the step of the stream" in only(reviewed(runs=runs, **claim), "budget")


def test_a_gap_between_streams_still_needs_equal_updates(every, tmp_path: Path) -> None:
    stream = me.rotated("digits", tasks=2, step=90, samples=100, test_samples=50)
    for name, schedule in (("equal", SHORT), ("longer", replace(SHORT, steps=4))):
        other = swept(stream, schedule=schedule)
        claim = gap_of(of(every, "MAS", 0.1), of(other, "L2", 0.1)) | {"streams": "the angle"}
        save_study(tmp_path / name, "?", [claim], [*every, *other], {"bars.png": bars})
    assert review_study(tmp_path / "equal", {"bars.png": bars}).passed
    found = review_study(tmp_path / "longer", {"bars.png": bars})
    assert found.missing == ("budget",)
    assert "the two sides differ in the updates: [3, 3] against [4, 4]" in repr(found)


# ---- λ


def test_lam_of_the_test_part_is_refused_by_name(every, reviewed: Reviewed, sound) -> None:
    claim = gap_of(sound["records"], of(every, "L2", 1.0))
    assert only(reviewed(**claim), "λ") == (
        "L2, λ = 1 (it is the best on the test parts); the validation parts choose λ = 0.1"
    )


def test_another_lam_is_refused(every, reviewed: Reviewed, sound) -> None:
    claim = gap_of(of(every, "MAS", 1.0), sound["minus"])
    claim["verdict"] = verdict_of(claim)
    assert only(reviewed(**claim), "λ") == (
        "MAS, λ = 1 (it is the worst on the test parts); the validation parts choose λ = 0.1"
    )


def test_lam_is_chosen_on_the_seeds_that_all_lams_have(every, reviewed: Reviewed) -> None:
    """The third seed is hard, and was run with the chosen λ alone."""
    runs = [run for run in every if run.settings["lam"] == 0.1 or run.settings["seed"] < 2]
    runs = [
        run if run.settings["seed"] < 2 else replace(run, validation=np.zeros_like(run.validation))
        for run in runs
    ]
    claim = gap_of(of(runs, "MAS", 0.1), of(runs, "L2", 0.1))
    with pytest.raises(ValueError, match="λ = 1 lacks seed 2"):
        me.choose_lam(of(runs, "MAS", 0.1) + of(runs, "MAS", 1.0))
    assert reviewed(runs=runs, **claim).passed


def test_a_lam_that_is_given_needs_a_reason(every, reviewed: Reviewed, sound) -> None:
    claim = gap_of(sound["records"], of(every, "L2", 1.0))
    assert reviewed(**claim, lam_given="the λ of the paper").passed


def test_one_lam_alone_is_no_choice(every, reviewed: Reviewed) -> None:
    runs = [*of(every, "MAS", 0.1), *of(every, "L2", 0.1), *of(every, "L2", 1.0)]
    fault = only(reviewed(runs=runs), "λ")
    assert fault.startswith("MAS, λ = 0.1: no other λ was tried, so none was chosen")


def test_without_a_validation_part_no_lam_is_chosen(every, reviewed: Reviewed) -> None:
    runs = [replace(run, validation=None) for run in every]
    claim = gap_of(of(runs, "MAS", 0.1), of(runs, "L2", 0.1))
    found = reviewed(runs=runs, **claim)
    assert found.missing == ("λ",)
    assert "MAS, λ = 0.1: expected validation accuracies; make the stream with val > 0" in repr(
        found
    )


def test_a_method_without_a_lam_needs_none(tmp_path: Path, every) -> None:
    stream = me.rotated("digits", tasks=2, step=40, samples=100, test_samples=50)
    free = me.sweep(stream, me.FineTune(), [0.0], SEEDS, schedule=SHORT, progress=False)
    mine = of(every, "MAS", 0.1)
    claim = gap_of(mine, free)
    claim["verdict"] = verdict_of(claim)
    save_study(tmp_path, "?", [claim], [*every, *free], {"bars.png": bars})
    assert review_study(tmp_path, {"bars.png": bars}).passed


# ---- number, interval, verdict


def test_a_number_that_the_runs_do_not_give_is_named(reviewed: Reviewed, sound) -> None:
    fault = only(reviewed(number=sound["number"] + 1), "number")
    mean = sound["number"]
    assert fault == f"{mean + 1:.2f} is stored, the runs give {mean:.2f}"


def test_a_share_in_place_of_per_cent_is_named(reviewed: Reviewed, sound) -> None:
    fault = only(reviewed(number=sound["number"] / 100), "number")
    assert fault.endswith("(give it in %, not as a share)")


def wrong_halves(sound: dict[str, Any]) -> dict[str, float]:
    """Return half widths that are common mistakes, by what is said of them."""
    values = differences(sound["records"], sound["minus"])
    spread, root = statistics.stdev(values), math.sqrt(len(values))
    single = [
        me.interval([100 * run.average for run in sound[key]]) for key in ("records", "minus")
    ]
    halves = [(one.high - one.low) / 2 for one in single]
    return {
        "one standard deviation": spread,
        "one standard error": spread / root,
        "the normal distribution": 1.96 * spread / root,
        "the runs taken apart": math.hypot(*halves),
        "a gap is paired seed by seed": halves[0],
    }


@pytest.mark.parametrize(
    "said",
    [
        "one standard deviation",
        "one standard error",
        "the normal distribution",
        "the runs taken apart",
        "a gap is paired seed by seed",
    ],
)
def test_a_wrong_interval_is_named(reviewed: Reviewed, sound, said: str) -> None:
    half = wrong_halves(sound)[said]
    fault = only(reviewed(low=sound["number"] - half, high=sound["number"] + half), "interval")
    assert said in fault
    assert f"the runs give {sound['low']:.2f} to {sound['high']:.2f}" in fault


def test_any_other_interval_is_refused_too(reviewed: Reviewed, sound) -> None:
    fault = only(reviewed(low=sound["low"] + 0.2), "interval")
    assert fault.endswith(f"the runs give {sound['low']:.2f} to {sound['high']:.2f}")


@pytest.mark.parametrize(("verdict", "than"), [("undecided", 0.0), ("above", 30.0), ("below", 0)])
def test_a_verdict_that_does_not_follow_is_named(reviewed: Reviewed, verdict, than) -> None:
    fault = only(reviewed(verdict=verdict, than=than), "verdict")
    right = "undecided" if than else "above"
    assert fault.startswith(f"{verdict!r}, but ")
    assert fault.endswith(f" is {right!r} when compared with {than:g}")


def test_a_verdict_has_one_of_three_words(reviewed: Reviewed) -> None:
    fault = only(reviewed(verdict="better"), "verdict")
    assert fault == "expected one of above, below, undecided, got 'better'"


# ---- figures


def test_a_study_without_a_picture_is_reported(reviewed: Reviewed) -> None:
    assert only(reviewed(figures={}), "figures") == "there is none; a study shows its data"


def test_a_picture_without_its_function_is_reported(reviewed: Reviewed, tmp_path: Path) -> None:
    reviewed()
    found = review_study(tmp_path / "study")
    assert only(found, "figures") == "bars.png: give its function, figures={'bars.png': …}"


def test_a_picture_that_is_gone_is_reported(reviewed: Reviewed, tmp_path: Path) -> None:
    reviewed()
    (tmp_path / "study" / "bars.png").unlink()
    found = review_study(tmp_path / "study", {"bars.png": bars})
    assert only(found, "figures") == "bars.png: the picture is not in the folder"


def test_a_picture_that_comes_out_otherwise_is_reported(reviewed: Reviewed, tmp_path: Path) -> None:
    count = itertools.count()

    def changing(runs: list[me.Record]) -> Figure:
        return bars(runs[: 3 + next(count) % 2])

    assert "draws something else at each call" in only(
        reviewed(figures={"bars.png": changing}), "figures"
    )
    found = review_study(tmp_path / "study", {"bars.png": lambda runs: bars(runs[:5])})
    assert only(found, "figures").endswith("no longer draws what is in the folder")


def test_a_function_that_fails_is_reported(reviewed: Reviewed, tmp_path: Path) -> None:
    reviewed()

    def broken(runs: list[me.Record]) -> Figure:
        raise KeyError("gap")

    found = review_study(tmp_path / "study", {"bars.png": broken})
    assert only(found, "figures") == "bars.png: KeyError ('gap')"


# ---- files


def unread(found: Checklist) -> list[str]:
    return [item.name for item in found.items if item.faults is None]


def test_a_folder_without_a_study_is_reported(tmp_path: Path) -> None:
    found = review_study(tmp_path)
    assert "there is no study.json" in repr(found)
    assert unread(found) == list(NAMES[1:])
    assert "– seeds: not looked at" in repr(found)


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00", "[" * 100_000])
def test_a_damaged_study_is_reported(tmp_path: Path, content: str) -> None:
    (tmp_path / folder.NAME).write_text(content)
    assert review_study(tmp_path).missing == ("study",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": " "}, "there is no question"),
        ({"claims": []}, "there is no claim"),
        ({"figures": 3}, "figures: expected the names of the pictures"),
        ({"claims": [3]}, "claim 1: expected its parts by name"),
        ({"sentence": None}, "claim 1: sentence is missing"),
        ({"number": True}, "claim 1: number is missing, or no number"),
        ({"low": math.nan}, "claim 1: low is missing, or no number"),
        ({"records": []}, "claim 1: records is missing: the names of its runs"),
        ({"minus": "x"}, "claim 1: minus: expected the names of its runs"),
        ({"than": "x"}, "claim 1: than is no number"),
        ({"lam_given": 3}, "claim 1: lam_given is no text"),
        ({"measure": "seconds"}, "claim 1: measure: expected one of average, "),
        ({"p": 0.05}, "claim 1: unknown parts: p"),
    ],
)
def test_what_the_file_lacks_is_reported(reviewed: Reviewed, tmp_path: Path, change, said) -> None:
    reviewed()
    path = tmp_path / "study" / folder.NAME
    content = json.loads(path.read_text(encoding="utf-8"))
    top = change.keys() & {"question", "claims", "figures"}
    (content if top else content["claims"][0]).update(change)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert said in only(review_study(tmp_path / "study", {"bars.png": bars}), "study")


def test_runs_that_are_gone_or_damaged_are_reported(reviewed: Reviewed, tmp_path: Path) -> None:
    reviewed()
    place = tmp_path / "study"
    first, second, *_ = sorted((place / folder.RUNS).iterdir())
    first.rename(tmp_path / "gone")
    (second / "record.json").write_text("{")
    found = review_study(place, {"bars.png": bars})
    assert found.missing == ("runs",)
    assert f"there is no run 'runs/{first.name}' in the folder" in repr(found)
    assert "is damaged or cut short" in repr(found)
    assert unread(found) == list(NAMES[2:])


def test_a_run_that_diverged_is_reported(every, reviewed: Reviewed, sound) -> None:
    broken = replace(sound["records"][0], accuracy=np.array([[0.8, np.nan], [np.nan, np.nan]]))
    runs = [broken if run is sound["records"][0] else run for run in every]
    found = reviewed(runs=runs, records=[broken, *sound["records"][1:]])
    assert only(found, "runs") == (
        "claim 1: MAS, λ = 0.1, seed 0 is not finished: it learned 1 of 2 tasks"
    )


def test_a_lam_that_was_not_chosen_may_have_diverged(every, reviewed: Reviewed) -> None:
    last = of(every, "MAS", 1.0)[0]
    broken = replace(last, accuracy=np.array([[0.8, np.nan], [np.nan, np.nan]]))
    assert reviewed(runs=[broken if run is last else run for run in every]).passed


def test_runs_made_by_hand_do_not_stop_the_checklist(every, reviewed: Reviewed) -> None:
    seeds = ("one", 7)  # of two kinds, which cannot be sorted
    more = [replace(every[0], settings={**every[0].settings, "seed": seed}) for seed in seeds]
    assert only(reviewed(runs=[*every, *more]), "seeds").startswith("cannot be checked (TypeError")


def test_faults_of_several_claims_say_which(tmp_path: Path, every, sound) -> None:
    claims = [sound, {**sound, "verdict": "below"}]
    save_study(tmp_path, "?", claims, every, {"bars.png": bars})
    fault = only(review_study(tmp_path, {"bars.png": bars}), "verdict")
    assert fault.startswith("claim 2: 'below', but ")


# ---- as plain data


def test_a_study_is_judged_without_its_folder(reviewed: Reviewed, tmp_path: Path, sound) -> None:
    expected = reviewed(verdict="below", low=sound["low"] - 1)
    plain = json.loads(
        json.dumps(
            Evidence.read(tmp_path / "study", {"bars.png": bars}).plain, default=np.ndarray.tolist
        )
    )
    shutil.rmtree(tmp_path / "study")
    found = review_evidence(Evidence.from_plain(plain))
    assert found == expected
    assert found.missing == ("interval", "verdict")
