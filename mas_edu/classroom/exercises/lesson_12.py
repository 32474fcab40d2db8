"""Exercises of lesson 12: a verdict by interval, differences that count, a study of one's own."""

from __future__ import annotations

import inspect
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import mas
from mas_edu.methods import Anchor
from mas_edu.networks import mlp
from mas_edu.results import Evidence, Record, review_evidence

# ---- 12.1 --------------------------------------------------------------------------------------


def verdict(published: tuple[float, float], low: float, high: float) -> str:
    """Return what an interval says about a published number.

    published: (bottom, top) of what was published; of a lower bound, top is np.inf.
    low, high: the interval of our mean, which lies in its middle.
    Returns, by the mean, "within", "above" or "below"; of a lower bound "reached" or "missed".
    Where low and high lie on different sides of an edge, ", open" follows: "above, open".
    """
    bottom, top = published
    mean = (low + high) / 2
    if np.isinf(top):
        word = "reached" if mean >= bottom else "missed"
    else:
        word = "below" if mean < bottom else "above" if mean > top else "within"
    crossed = any(low < edge <= high for edge in published)
    return f"{word}, open" if crossed else word


BAND = 2.0  # the width of what was published
PLACES = (  # mean and half width of ours, from the bottom of what was published
    (1.0, 0.4), (1.5, 0.9), (0.6, 0.9), (1.1, 1.9),  # within: closed, and open at one or both ends
    (3.0, 0.6), (3.0, 1.4), (3.0, 3.5),  # above: closed, and open
    (-1.2, 0.7), (-1.2, 1.8), (-1.2, 3.6),  # below: closed, and open
)  # fmt: skip
BOUNDED = ((1.0, 0.4), (1.0, 1.7), (-0.8, 0.3), (-0.8, 1.5))  # reached, missed: closed, open


def _verdict_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for bound, places in ((False, PLACES), (True, BOUNDED)):
        for mean, half in places:
            bottom, scale = float(draw.uniform(60, 90)), float(draw.uniform(0.5, 2))
            top = math.inf if bound else bottom + BAND * scale
            low, high = (bottom + scale * (mean + side * half) for side in (-1, 1))
            cases.append({"published": (bottom, top), "low": low, "high": high})
    return cases


def _observe_verdict(answer: Any, case: Case) -> Any:
    found = answer(*case.values())
    if not isinstance(found, str):
        raise FormError(f'expected a text such as "within" or "above, open", got {found!r:.60}')
    return found


def _verdict_by(
    word: Callable[[float, float, float, float], str] | None = None,
    is_open: Callable[[float, float, float, float], bool] | None = None,
) -> Callable[..., str]:
    """Return a verdict with another word, or another way to see that it is open."""

    def wrong(published: tuple[float, float], low: float, high: float) -> str:
        right = verdict(published, low, high)
        said = word(*published, low, high) if word else right.partition(",")[0]
        crossed = is_open(*published, low, high) if is_open else "open" in right
        return f"{said}, open" if crossed else said

    return wrong


def _renamed(names: Mapping[str, str]) -> Callable[..., str]:
    def word(bottom: float, top: float, low: float, high: float) -> str:
        right = verdict((bottom, top), low, high).partition(",")[0]
        return names.get(right, right)

    return word


def _by_overlap(published: tuple[float, float], low: float, high: float) -> str:
    """Take overlapping intervals for agreement."""
    bottom, top = published
    right = verdict(published, low, high).partition(",")[0]
    if low <= top and high >= bottom:
        return "reached" if math.isinf(top) else "within"
    return right


def _swapped_intervals(published: tuple[float, float], low: float, high: float) -> str:
    """Ask on which side of ours the published number lies, and whether it is open there."""
    bottom, top = published
    if math.isinf(top):
        return verdict(published, low, high)
    return verdict((low, high), bottom, top)


def _one_point(at: Callable[[float, float], float]) -> Callable[..., str]:
    """Return the word for another point than the mean."""
    return _verdict_by(
        lambda bottom, top, low, high: verdict((bottom, top), *[at(low, high)] * 2).partition(",")[
            0
        ]
    )


def _side(bottom: float, top: float, value: float) -> int:
    return (value >= bottom) + (value > top)


VERDICT = Exercise(
    id="12.1",
    name="verdict",
    points=2,
    asks="Give the verdict on a published number, as the lesson does: the word says where the mean "
    "lies, and `open` that the seeds leave it open, because the interval crosses an edge of what "
    "was published.",
    solution=verdict,
    why="The mean says on which side you are, the interval whether other seeds could put you on "
    "another: both are needed, and a lower bound has only one edge.",
    hints=(
        "Which of the two questions does the mean answer, and which the interval?",
        "The word depends on the mean alone. For `open`, look at each edge: are low and high on "
        "both sides of it?",
        "Compare (low + high) / 2 with bottom and top; it is open if low < edge ≤ high for one of "
        "the two edges.",
    ),
    mistakes={
        "mean alone": (
            _verdict_by(is_open=lambda *parts: False),
            "Nothing is ever open: look whether low and high lie on different sides of an edge.",
        ),
        "always open": (
            _verdict_by(is_open=lambda *parts: True),
            "Everything is open: where the whole interval lies on one side of each edge, the seeds "
            "have decided.",
        ),
        "overlap": (
            _by_overlap,
            "An overlap is taken for agreement: the word is about the mean, and overlapping leaves "
            "the verdict open.",
        ),
        "swapped": (
            _swapped_intervals,
            "The two intervals are swapped: our mean is compared with what was published.",
        ),
        "overlap alone is open": (
            _verdict_by(is_open=lambda bottom, top, low, high: low <= top and high >= bottom),
            "An interval that lies wholly within is called open: it crosses no edge.",
        ),
        "within is never open": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    "open" in verdict((bottom, top), low, high)
                    and not bottom <= (low + high) / 2 <= top
                )
            ),
            "A mean within can be open as well, and so can a bound that is reached: the interval "
            "may stick out.",
        ),
        "lower end": (
            _one_point(lambda low, high: low),
            "The word follows the lower end of the interval: it is about the mean, in the middle.",
        ),
        "upper end": (
            _one_point(lambda low, high: high),
            "The word follows the upper end of the interval: it is about the mean, in the middle.",
        ),
        "one end": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    _side(bottom, top, high) != _side(bottom, top, (low + high) / 2)
                )
            ),
            "Only the upper end is looked at for open: the lower end may cross an edge, too.",
        ),
        "other end": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    _side(bottom, top, low) != _side(bottom, top, (low + high) / 2)
                )
            ),
            "Only the lower end is looked at for open: the upper end may cross an edge, too.",
        ),
        "bound as interval": (
            _verdict_by(_renamed({"reached": "within", "missed": "below"})),
            "A lower bound has words of its own: reached or missed.",
        ),
        "bound above": (
            _verdict_by(_renamed({"reached": "above", "missed": "below"})),
            "Whoever is above a lower bound has reached it: its words are reached and missed.",
        ),
        "above and below": (
            _verdict_by(_renamed({"above": "below", "below": "above"})),
            "Above and below are swapped: above means that our mean is the larger one.",
        ),
        "reached and missed": (
            _verdict_by(_renamed({"reached": "missed", "missed": "reached"})),
            "Reached and missed are swapped: a lower bound is reached from its value upwards.",
        ),
    },
    cases=_verdict_cases,
    observe=_observe_verdict,
)

# ---- 12.2 --------------------------------------------------------------------------------------


def reproduce(tasks: Any, seed: Any) -> Any:  # noqa: D103
    model = mlp((64, 64, 10), seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)  # a
    draw = torch.Generator().manual_seed(seed)
    anchor: Any = None
    after = []
    for task in tasks:
        mean, std = task.x.mean(), task.x.std()  # b
        x = (task.x - mean) / std
        for _ in range(10):
            for rows in torch.randperm(len(x), generator=draw).split(32):
                loss = F.cross_entropy(model(x[rows]), task.y[rows])
                if anchor:
                    loss = loss + 0.1 / 2 * anchor.penalty(model)  # c
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        model.eval()  # d
        omega = mas(model, list(x.split(50)))  # e
        anchor = Anchor(dict(model.named_parameters()), omega)  # f
        right = 0
        for test in tasks:
            x_test = (test.x_test - mean) / std
            for some, y in zip(x_test.split(100), test.y_test.split(100), strict=True):  # g
                right += (model(some).argmax(1) == y).sum().item()
        after.append(right / sum(len(test.y_test) for test in tasks))
    return sum(after) / len(after)  # h


PAGE = (
    "The page says: three tasks, digits turned by 0°, 30° and 60°; pixels from 0 to 1. One network "
    "with 64 hidden units, always in training mode. Adam, learning rate 0.003, begun anew for each "
    "task; ten epochs, batches of 32. From the second task on, 0.05 Σ Ω (θ − θ*)² is added to the "
    "loss. Ω is the mean over all training images of a task, in one go, and it is added up over "
    "the tasks. All test images of a task are tested in one go. The number is the mean accuracy on "
    "all tasks after the last one."
)
MOVING = {  # what to look at, where a difference was not found
    "a": "A difference is missing: look at what the optimizer carries from one task to the next.",
    "b": "A difference is missing: look at the numbers that the network gets to see.",
    "f": "A difference is missing: look at what becomes of the Ω of earlier tasks.",
    "h": "A difference is missing: look at the moment at which the number is taken.",
}
STILL = {  # why a line moves nothing
    "c": "Line c moves nothing: 0.1 / 2 is the 0.05 of the page, written otherwise.",
    "d": "Line d moves nothing: this network has no dropout, so both modes compute the same.",
    "e": "Line e moves nothing: mas adds up over portions, so this is Ω of all images.",
    "g": "Line g moves nothing: right answers are counted, and counts over portions add up.",
}


def shown_source(function: Callable[..., Any]) -> str:
    """Return a listing as students see it, without the marks for our own tools."""
    lines = inspect.getsource(function).replace("  # noqa: D103", "").replace(" -> Any", "")
    return lines.replace(": Any", "")


def _observe_letters(answer: Any, case: Case) -> Any:
    known = {*MOVING, *STILL}
    if not isinstance(answer, set | list | tuple) or not all(one in known for one in answer):
        raise FormError('expected a list of letters from a to h, such as ["a", "b"]')
    return set(answer)


def _judge_letters(case: Case, found: Any) -> str:
    wrong = [STILL[letter] for letter in sorted(found - MOVING.keys())]
    missed = [MOVING[letter] for letter in sorted(MOVING.keys() - found)]
    return next(iter((*wrong, *missed)), "")


DEVIATIONS = Exercise(
    id="12.2",
    name="deviations",
    points=1,
    asks=f"{PAGE}\n\nThis is the code of a reproduction. The eight lines with a letter do it in "
    f"another way than the page.\n\n```python\n{shown_source(reproduce)}```\n\n"
    "Which four of them can move the number?",
    solution=sorted(MOVING),
    why="Adam's averages carried on (a), other inputs (b), Ω of the newest task alone (f), and a "
    "mean over time (h) change what is computed; the others compute the same in another way.",
    hints=(
        "If this line were as on the page, would any number that is computed be another?",
        "Some lines compute the same in another way: sums in portions, factors, a mode without "
        "effect.",
        "Follow four things: what Adam remembers, what goes in, what Ω holds, what is returned.",
    ),
    mistakes={
        **{
            f"without {one}": ([letter for letter in MOVING if letter != one], words)
            for one, words in MOVING.items()
        },
        **{f"with {one}": ([*MOVING, one], words) for one, words in STILL.items()},
    },
    observe=_observe_letters,
    judge=_judge_letters,
    by_property=True,
    start='deviations = ...  # a list of four letters, such as ["a", "b", "c", "d"]',
)

# ---- 12.3 --------------------------------------------------------------------------------------

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

EXPLAIN = "A friend says: your number differs from the paper's, so the paper is wrong. Answer."
EXERCISES = (VERDICT, DEVIATIONS, STUDY)
