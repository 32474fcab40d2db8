"""Exercise 12.3, `study`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.results import Evidence, Record, review_evidence

CODE = """\
import tempfile
from pathlib import Path

from mas_edu.lessons import reproduce
from mas_edu.plots import white_figure

question = "On turned digits, does Ω keep more than an Ω of 1 for every weight does?"
stream = me.rotated("digits", tasks=2, step=60)
schedule = me.Schedule(epochs=3, evaluations=1, threads=1)  # short, for this page
lams, seeds = (0.05, 0.5), range(3)
runs = []  # all of them, also those with the λ that are not chosen
for method in (me.MAS(), me.L2()):
    runs += me.sweep(stream, method, lams, seeds, schedule=schedule, progress=False)


def chosen(runs, method):
    own = [run for run in runs if run.method_label == method]
    lam = me.choose_lam(own)  # on the validation parts
    return [run for run in own if run.settings["lam"] == lam]  # by seed


def gap_figure(runs):
    figure = white_figure((360, 260), "constrained")
    ax = figure.add_subplot(ylabel="average")
    for pair in zip(chosen(runs, "L2"), chosen(runs, "MAS"), strict=True):
        ax.plot(["L2", "MAS"], [run.average for run in pair], "o-", color="C0")
    return figure


mine, theirs = chosen(runs, "MAS"), chosen(runs, "L2")
gaps = [100 * (a.average - b.average) for a, b in zip(mine, theirs, strict=True)]
number, low, high = me.interval(gaps)
claim = {
    "sentence": "MAS keeps more than L2, each with its own λ, by so many points",
    "number": number,
    "low": low,
    "high": high,
    "verdict": "above" if low > 0 else "below" if high < 0 else "undecided",
    "records": mine,
    "minus": theirs,
}
folder = Path(tempfile.mkdtemp()) / "study"  # for yours: a folder beside this notebook
figures = {"gap.png": gap_figure}
reproduce.save_study(folder, question, [claim], runs, figures)
study = (folder, figures)"""

MAS_BEST = {0: 80.0, 1: 83.0, 2: 77.0}  # averages in %, by seed, at the λ that validation chooses
L2_BEST = {0: 50.0, 1: 51.0, 2: 49.0}
L2_WORST = {0: 45.0, 1: 46.0, 2: 44.0}  # at the other λ, by test the worse one
GAP: dict[str, Any] = {
    "number": 30.0,
    "low": 25.03,
    "high": 34.97,
}  # 30, 32, 28: Student's t with two degrees
WIDER: dict[str, Any] = {"number": 35.0, "low": 30.03, "high": 39.97}  # against L2_WORST
TWO: dict[str, Any] = {"number": 31.0, "low": 18.29, "high": 43.71}  # of the seeds 0 and 1


def _hand_made(method: str, lam: float, seed: int, average: float, validated: float) -> Record:
    """Return a run with numbers that are set by hand."""
    settings = {
        "method": f"{method}()",
        "lam": lam,
        "seed": seed,
        "stream": {"name": "turned digits"},
        "updates": [90, 90],
        "schedule": {"batch": 32, "epochs": 3, "lr": 0.001},
        "evidence": {
            "start": f"start {seed}", "tasks": "tasks", "batches": f"order {seed}",
            "rehearses": False,
        },
    }  # fmt: skip
    whole = np.ones((2, 2))
    return Record(whole * average / 100, validation=whole * validated / 100, settings=settings)


def _runs(seeds: Sequence[int] = (0, 1, 2)) -> dict[str, Record]:
    """Return the runs of a sound study, by name: two methods, two λ, each with these seeds."""
    rows = (
        ("MAS", 0.1, MAS_BEST, 80.0), ("MAS", 1.0, L2_BEST, 60.0),
        ("L2", 0.1, L2_BEST, 60.0), ("L2", 1.0, L2_WORST, 50.0),
    )  # fmt: skip
    return {
        f"runs/{method} {lam:g} {seed}": _hand_made(
            method, lam, seed, averages.get(seed, averages[0]), validated
        )
        for method, lam, averages, validated in rows
        for seed in seeds
    }


def _names(method: str, lam: float, seeds: Sequence[int] = (0, 1, 2)) -> list[str]:
    return [f"runs/{method} {lam:g} {seed}" for seed in seeds]


def evidence(
    *,
    runs: dict[str, Record] | None = None,
    question: str = "Does Ω keep more than an Ω of 1 does?",
    picture: Mapping[str, str] | None = None,
    figures: Sequence[str] = ("gap.png",),
    **changes: Any,
) -> Evidence:
    """Return what a sound study's folder holds, with some parts changed.

    Args:
        runs: by name.
        question: of the study.
        picture: what was found about gap.png.
        figures: names of the pictures.
        changes: of the claim.
    """
    claim = {
        "sentence": "MAS keeps more than L2 by so many points.",
        **GAP,
        "verdict": "above",
        "records": _names("MAS", 0.1),
        "minus": _names("L2", 0.1),
        **changes,
    }
    study = {"question": question, "claims": [claim], "figures": list(figures)}
    drawn = picture or {"stored": "a picture", "once": "a picture", "again": "a picture"}
    text = json.dumps(study, ensure_ascii=False)
    return Evidence(text, "", _runs() if runs is None else runs, (), {"gap.png": drawn})


def _with_updates(method: str, updates: int) -> dict[str, Record]:
    return {
        name: replace(run, settings={**run.settings, "updates": [updates, updates]})
        if run.method_label == method
        else run
        for name, run in _runs().items()
    }


def _observe_study(answer: Any, case: Case) -> Any:
    """Read the folder, and draw its pictures again; return what was found as plain data."""
    if isinstance(answer, Evidence):
        return answer.plain
    folder, figures = (
        answer if isinstance(answer, tuple | list) and len(answer) == 2 else (answer, {})
    )
    if not isinstance(folder, str | os.PathLike) or not str(folder).strip():
        raise FormError(
            "expected (folder, figures), such as "
            f'("my_study", {{"gap.png": gap_figure}}), got {short_repr(answer)}'
        )
    if not isinstance(figures, Mapping) or not all(map(callable, figures.values())):
        raise FormError(
            'expected the functions by the names of the files, such as {"gap.png": gap_figure}, '
            f"got {short_repr(figures)}"
        )
    place = Path(folder)
    if not place.is_dir() and Path(place.name).is_dir():
        place = Path(place.name)  # handed in: the path was that of another computer
    return Evidence.read(place, figures).plain


def _judge_study(case: Case, found: Any) -> str:
    """Recompute everything; name the first fault, and what else is not as it should be."""
    items = review_evidence(Evidence.from_plain(found)).items
    faulty = [item for item in items if item.faults]
    if not faulty:
        return ""
    first, *others = faulty
    fault = (first.faults or ("",))[0].rstrip(".")
    also = f" Then: {', '.join(item.name for item in others)}." if others else ""
    name = first.name.capitalize() if first.name.isascii() else first.name  # λ stays small
    return f"{name}: {fault}.{also}"


STUDY = Exercise(
    id="12.3",
    name="study",
    points=5,
    asks="The capstone: a small study of your own, from one of the lesson's six plans "
    "(`reproduce.PLANS`) or your own question. The lesson has the template. Make the runs in "
    "another notebook, and save all of it with `reproduce.save_study` into a folder beside this "
    "one. Here, write the functions that draw its pictures from the runs, and say where the folder "
    'is: `study = ("my_study", {"gap.png": gap_figure})`. The check reads the runs and computes '
    "every number, interval and verdict again. It wants at least three seeds, equal updates, λ "
    "from the validation parts among at least two, and pictures that come out again. It trains "
    "nothing. Hand in the folder together with this notebook.",
    solution=evidence(),
    code=CODE,
    why="A study is its runs, with those that were not chosen: anyone can compute each number "
    "again. This one is tiny; take more tasks, λ and seeds for yours.",
    hints=(
        "What would somebody need who does not believe your number?",
        "Keep all runs; choose λ by me.choose_lam for each side; subtract runs with the same seed, "
        "and take me.interval of the differences.",
        "Print reproduce.review(folder, figures): it has a line for each thing that is checked "
        "here, and says what is missing.",
    ),
    mistakes={
        "no folder": (
            Evidence("", "there is no study.json in my_study; save_study writes it"),
            "Study: there is no study.json in the folder: reproduce.save_study writes it; give "
            "the folder by its name, beside this notebook.",
        ),
        "no question": (
            evidence(question=" "),
            "Study: there is no question. Say what it asks.",
        ),
        "a run is not there": (
            evidence(runs={name: run for name, run in _runs().items() if name != "runs/L2 0.1 2"}),
            "Runs: a run that the claim rests on is not in the folder: keep all of them.",
        ),
        "two seeds": (
            evidence(
                runs=_runs((0, 1)),
                records=_names("MAS", 0.1, (0, 1)),
                minus=_names("L2", 0.1, (0, 1)),
                **TWO,
            ),
            "Seeds: each setting has two, at least three are needed.",
        ),
        "a seed left out": (
            evidence(runs=_runs((0, 1, 2, 3))),
            "Seeds: one was run and is left out of the claim: take all that were run.",
        ),
        "other updates": (
            evidence(runs=_with_updates("L2", 180)),
            "Budget: the two sides have different numbers of updates: give both the same schedule.",
        ),
        "λ by test": (
            evidence(minus=_names("L2", 1.0), **WIDER),
            "λ: it is not the one that the validation parts choose: use me.choose_lam for each "
            "side.",
        ),
        "one λ": (
            evidence(runs={name: run for name, run in _runs().items() if " 0.1 " in name}),
            "λ: no other value was tried, so none was chosen; save those runs, too.",
        ),
        "another number": (
            evidence(number=31.5),
            "Number: the runs give another mean than the one that is stored: compute it from them.",
        ),
        "a share": (
            evidence(number=0.30, low=0.2503, high=0.3497),
            "Number: it is a share, from 0 to 1: give it in %, and the interval, too.",
        ),
        "a standard deviation": (
            evidence(low=28.0, high=32.0),
            "Interval: this is mean ± one standard deviation: me.interval of the differences has "
            "Student's t.",
        ),
        "unpaired": (
            evidence(low=22.14, high=37.86),
            "Interval: the two sides are treated as unrelated: subtract runs with the same seed "
            "first.",
        ),
        "another verdict": (
            evidence(verdict="undecided"),
            "Verdict: the interval lies above the number it is compared with, so nothing is "
            "undecided.",
        ),
        "no picture": (
            evidence(figures=()),
            "Figures: there is none; a study shows its data.",
        ),
        "no function": (
            evidence(picture={"problem": "give its function, figures={'gap.png': …}"}),
            "Figures: the function that draws gap.png is missing: study = (folder, "
            '{"gap.png": gap_figure}).',
        ),
        "another picture": (
            evidence(picture={"stored": "a picture", "once": "another", "again": "another"}),
            "Figures: the function no longer draws what is in the folder: save the study again.",
        ),
        "chance in the picture": (
            evidence(picture={"stored": "a picture", "once": "a picture", "again": "another"}),
            "Figures: the function draws something else at each call: leave chance out of it.",
        ),
    },
    observe=_observe_study,
    judge=_judge_study,
    by_property=True,
    start="study = ...  # the folder, and what draws its pictures: (folder, figures)",
)
