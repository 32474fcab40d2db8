"""Exercises of lesson 06: Ω over samples and over tasks, a bug in a list, what is stored."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Arrays = list[np.ndarray]

# ---- 06.1 --------------------------------------------------------------------------------------


def add(mean: np.ndarray, n: int, more: np.ndarray, m: int) -> np.ndarray:
    """Return Ω over n + m samples from Ω over the first n and Ω over m others.

    mean: Ω over the first n samples; n may be 0.
    more: Ω over the m others, same shape.
    """
    total: np.ndarray = n * mean + m * more
    return total / (n + m)


def _add_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for n, m in ((1, 3), (0, 2), (5, 2), (40, 8)):
        mean, more = draw.uniform(0.1, 5, size=(2, 3))
        if n == 0:
            mean = np.zeros(3)
        else:
            mean[0], more[1] = more[0] + 1, mean[1] + 1  # each is the larger one somewhere
        cases.append({"mean": mean, "n": n, "more": more, "m": m})
    return cases


def _judge_add(case: Case, found: Any) -> str:
    if case["n"] == 0:
        return "With n = 0 nothing was seen before: the result is Ω of the m samples."
    low, high = np.minimum(case["mean"], case["more"]), np.maximum(case["mean"], case["more"])
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "A mean over all samples lies between the two."
    return ""


ADD = Exercise(
    id="06.1",
    name="add",
    points=2,
    asks="Ω is a mean over samples, and they come in chunks of different sizes. Write Ω over n + m "
    "samples from Ω over n and Ω over m.",
    solution=add,
    why="Multiplied by n, the mean is the sum over the first samples again; sums add up, and n + m "
    "makes a mean of them. So the chunks may come in any order.",
    hints=(
        "What is the sum over the first n samples, if you know their mean?",
        "Turn both means into sums, add these, and make a mean again.",
        "Take n times the first plus m times the second, over n plus m.",
    ),
    mistakes={
        "plain mean": (
            lambda mean, n, more, m: (mean + more) / 2,
            "This is the mean of two means: a chunk with more samples has to count more.",
        ),
        "sum": (
            lambda mean, n, more, m: mean + more,
            "This is the sum of two means: Ω over all samples lies between them.",
        ),
        "swapped": (
            lambda mean, n, more, m: (m * mean + n * more) / (n + m),
            "The numbers are swapped: the mean over n samples counts n times.",
        ),
        "larger": (
            lambda mean, n, more, m: np.maximum(mean, more),
            "This is the larger of the two: a mean takes both into account.",
        ),
        "not divided": (
            lambda mean, n, more, m: n * mean + m * more,
            "This is the sum over all samples: divide it by their number.",
        ),
        "divided by m": (
            lambda mean, n, more, m: (n * mean + m * more) / m,
            "This divides by the new samples only: divide by all, n + m.",
        ),
        "like one sample": (
            lambda mean, n, more, m: mean + (more - mean) / (n + 1),
            "Here the chunk counts like a single sample: it stands for m of them.",
        ),
        "newest": (
            lambda mean, n, more, m: more,
            "This forgets the first n samples.",
        ),
    },
    cases=_add_cases,
    judge=_judge_add,
)

# ---- 06.2 --------------------------------------------------------------------------------------


def in_force(rule: str, omegas: list[np.ndarray]) -> np.ndarray:
    """Return the Ω that the penalty uses after the last of several tasks.

    rule: "sum", "mean", "max", "moving average" (half old, half new) or "last".
    omegas: the ω measured after each task, the first task first; they stay as they are.
    """
    force = omegas[0]
    for t, new in enumerate(omegas[1:], start=2):
        force = {
            "sum": force + new,
            "mean": force + (new - force) / t,
            "max": np.maximum(force, new),
            "moving average": (force + new) / 2,
            "last": new,
        }[rule]
    return force


RULES = ("sum", "mean", "max", "moving average", "last")


def _force_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for tasks in (3, 4):
        for rule in RULES:
            omegas = draw.uniform(0.1, 3, size=(tasks, 3))
            omegas[0, 0], omegas[1, 1] = 5, 4  # the largest is in no task alone, nor in the last
            cases.append({"rule": rule, "omegas": list(omegas)})
    return cases


def _judge_force(case: Case, found: Any) -> str:
    return f"The rule “{case['rule']}” is not right yet."


def _force_if(name: str, rule: Any) -> Any:
    """Return a wrong answer: one rule is another function of all ω."""
    return lambda chosen, omegas: rule(omegas) if chosen == name else in_force(chosen, omegas)


def _folded(step: Any, omegas: Arrays) -> Any:
    """Return what `step(old, new)` makes of all ω, one after the other."""
    force = omegas[0]
    for new in omegas[1:]:
        force = step(force, new)
    return force


def _writes_into_input(rule: str, omegas: Arrays) -> Any:
    if rule != "sum":
        return in_force(rule, omegas)
    force = omegas[0]
    for new in omegas[1:]:
        force += new
    return force


IN_FORCE = Exercise(
    id="06.2",
    name="in_force",
    points=2,
    asks="Write the five rules of the lesson: which Ω is in force after the last task?",
    solution=in_force,
    why="Each rule needs the Ω so far and the new one, never the list of all: that is why memory "
    "does not grow.",
    hints=(
        "What is in force after the first task, with each of the rules?",
        "Begin with the first ω; then merge one task after the other into it.",
        "Add; move by (new − old)/t; take the larger; take half of each; take the new one.",
    ),
    mistakes={
        "previous twice": (
            _force_if("sum", lambda omegas: _folded(lambda old, new: 2 * old + new, omegas)),
            "In your sum what is already in force is kept twice: after the third task the first "
            "counts four times.",
        ),
        "largest task": (
            _force_if("max", lambda omegas: max(omegas, key=lambda omega: omega.sum())),
            "Your max takes the whole Ω of one task: take the larger value for each weight.",
        ),
        "mean by halves": (
            _force_if("mean", lambda omegas: in_force("moving average", omegas)),
            "Your mean takes half of each at every task: that is the moving average, in which old "
            "tasks fade.",
        ),
        "mean of fewer": (
            _force_if("mean", lambda omegas: sum(omegas) / (len(omegas) - 1)),
            "Your mean divides by one task too few.",
        ),
        "mean of two": (
            _force_if("mean", lambda omegas: (omegas[0] + omegas[-1]) / 2),
            "Your mean is that of the first and the last task only.",
        ),
        "begun at half": (
            _force_if(
                "moving average",
                lambda omegas: _folded(lambda o, n: (o + n) / 2, [0 * omegas[0], *omegas]),
            ),
            "Your moving average begins with half of the first ω: after one task all of it is in "
            "force.",
        ),
        "average is mean": (
            _force_if("moving average", lambda omegas: in_force("mean", omegas)),
            "Your moving average is the plain mean: take half of what is in force, and half of the "
            "new.",
        ),
        "last minus earlier": (
            _force_if("last", lambda omegas: omegas[-1] - omegas[-2]),
            "Your last is a difference: the ω are those of each task alone, nothing is to be taken "
            "off.",
        ),
        "first": (
            _force_if("last", lambda omegas: omegas[0]),
            "Your last is the first task's ω: the newest one is at the end of the list.",
        ),
        "writes into the list": (
            _writes_into_input,
            "The result is right, but += writes into the first ω: begin with a copy.",
        ),
    },
    cases=_force_cases,
    judge=_judge_force,
)

# ---- 06.3 --------------------------------------------------------------------------------------


def all_stored(omegas: Arrays) -> Arrays:  # noqa: D103
    stored: Arrays = []
    for omega in omegas:
        stored.append(omega + sum(stored))
    return stored


COUNTS = [4, 2, 1, 1]


def _judge_guards(case: Case, found: Any) -> str:
    if not isinstance(found, np.ndarray) or found.shape != (4,):
        return "Expected a list of four numbers, task 1 first."
    return "" if list(found) == COUNTS else "Write down the list entry by entry, task by task."


GUARDS = Exercise(
    id="06.3",
    name="guards",
    points=1,
    asks="After each task this code stores a new Ω, and the penalty uses the last one stored. How "
    "often does ω of the tasks 1, 2, 3 and 4 count while task 5 is learned?\n\n```python\n"
    + inspect.getsource(all_stored)
    .replace(" -> Arrays:  # noqa: D103", ":")
    .replace(": Arrays", "")
    + "```\n\nThe answer is a list of four numbers, task 1 first.",
    solution=COUNTS,
    why="What is stored already holds the earlier tasks, and all of it is added again: ω₁, then "
    "ω₁ + ω₂, then 2ω₁ + ω₂ + ω₃, then 4ω₁ + 2ω₂ + ω₃ + ω₄. Old tasks double each time.",
    hints=(
        "What is in the list after task 1, and what after task 2?",
        "Write down each entry of the list as so many ω₁, ω₂, ω₃ and ω₄.",
        "The fourth entry is ω₄ plus the three entries before it: add up how often each ω is in "
        "them.",
    ),
    mistakes={
        "sum": (
            [1, 1, 1, 1],
            "This is what a sum should be: but here the stored entries already contain the earlier "
            "tasks.",
        ),
        "list added at the end": (
            [4, 3, 2, 1],
            "This adds up a list of plain sums, the bug of the lesson: here each entry adds all "
            "entries before it.",
        ),
        "one task further": (
            [8, 4, 2, 1],
            "This adds up all four entries: the penalty uses the fourth one alone.",
        ),
        "after task 3": (
            [2, 1, 1, 0],
            "This is the third entry: while task 5 is learned the fourth is in force.",
        ),
        "after task 5": (
            [8, 4, 2, 1, 1],
            "This is the fifth entry: it is stored after task 5, here four are asked.",
        ),
        "upside down": (
            [1, 1, 2, 4],
            "These are the right numbers from the other end: the list begins with task 1.",
        ),
        "counted by task": (
            [1, 2, 3, 4],
            "This gives the newest task the most: here it is the oldest that is added again and "
            "again.",
        ),
        "powers to the end": (
            [8, 4, 2, 2],
            "Twice the right numbers: the last task is new, so it counts once.",
        ),
    },
    judge=_judge_guards,
    by_property=True,
)

# ---- 06.4 --------------------------------------------------------------------------------------


def numbers(weights: int, tasks: int, method: str) -> int:
    """Return how many numbers are kept beside the network after some tasks.

    weights: of the network.
    tasks: learned so far.
    method: "L2", "MAS", "EWC apart" (an F and a θ* of every task) or "EWC merged" (one F, one θ*).
    """
    if method == "L2":
        return weights  # θ* alone
    if method == "EWC apart":
        return 2 * tasks * weights
    return 2 * weights


METHODS = ("L2", "MAS", "EWC apart", "EWC merged")


def _number_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    return [
        {"weights": int(draw.integers(5, 50)), "tasks": tasks, "method": method}
        for tasks in (3, int(draw.integers(4, 12)))
        for method in METHODS
    ]


def _judge_numbers(case: Case, found: Any) -> str:
    return f"For {case['method']} count again: which tensors are kept, and for how many tasks?"


def _numbers_if(method: str, rule: Any) -> Any:
    """Return a wrong answer: for one method another count, `rule(weights, tasks)`."""
    return lambda n, tasks, chosen: (
        rule(n, tasks) if chosen == method else numbers(n, tasks, chosen)
    )


NUMBERS = Exercise(
    id="06.4",
    name="numbers",
    points=2,
    asks="How many numbers does a method keep beside the network, after some tasks? Count θ* and "
    "the importance.",
    solution=numbers,
    why="θ* takes one number for each weight, an importance another; where every task keeps its "
    "own pair, the memory grows with the tasks.",
    hints=(
        "What does the penalty of each method need that is not the network itself?",
        "L2 needs θ* alone. MAS adds all tasks up in one Ω. Which of the two EWC keeps a list?",
        "Once, twice, twice for each task, and twice the number of weights.",
    ),
    mistakes={
        "anchor forgotten": (
            _numbers_if("MAS", lambda n, tasks: n),
            "For MAS only one of Ω and θ* is counted: the penalty needs both.",
        ),
        "ones stored": (
            _numbers_if("L2", lambda n, tasks: 2 * n),
            "For L2 an importance is counted: it is 1 for every weight, so nothing is kept for it.",
        ),
        "memory grows": (
            _numbers_if("MAS", lambda n, tasks: 2 * tasks * n),
            "For MAS the memory grows here: all tasks are added up in one Ω.",
        ),
        "one anchor": (
            _numbers_if("EWC apart", lambda n, tasks: (tasks + 1) * n),
            "For EWC apart one θ* is counted: each task keeps its own, beside its F.",
        ),
        "importances alone": (
            _numbers_if("EWC apart", lambda n, tasks: tasks * n),
            "For EWC apart one tensor a task is counted: there are two, F and θ*.",
        ),
        "apart as merged": (
            _numbers_if("EWC apart", lambda n, tasks: 2 * n),
            "For EWC apart one task is counted: every task keeps its F and its θ*.",
        ),
        "merged as apart": (
            _numbers_if("EWC merged", lambda n, tasks: 2 * tasks * n),
            "For EWC merged the memory grows here: one F and one θ* stand for all tasks.",
        ),
        "network counted": (
            lambda n, tasks, method: numbers(n, tasks, method) + n,
            "The network's own weights are counted, too: asked is what is kept beside it.",
        ),
    },
    cases=_number_cases,
    judge=_judge_numbers,
)

# ---- 06.5 --------------------------------------------------------------------------------------


def theta_bar(thetas: list[np.ndarray], omegas: list[np.ndarray]) -> np.ndarray:
    """Return the one anchor θ̄ that stands for all: where Σ_t Ω_t (θ − θ*_t)² is least.

    Then Σ_t Ω_t (θ − θ*_t)² and (Σ_t Ω_t)(θ − θ̄)² differ by a constant.

    thetas: θ* of each task.
    omegas: Ω > 0 of each task, same shapes.
    """
    pulls = [omega * theta for theta, omega in zip(thetas, omegas, strict=True)]
    anchor: np.ndarray = np.sum(pulls, axis=0) / np.sum(omegas, axis=0)
    return anchor


def _bar_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for tasks, shape in ((2, (1,)), (2, (3,)), (4, (2, 2))):
        thetas = draw.normal(size=(tasks, *shape))
        omegas = draw.uniform(0.2, 4, size=(tasks, *shape))
        cases.append({"thetas": list(thetas), "omegas": list(omegas)})
    return cases


def _judge_bar(case: Case, found: Any) -> str:
    low, high = np.min(case["thetas"], axis=0), np.max(case["thetas"], axis=0)
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "θ̄ is a weighted mean: for each weight it lies between the smallest and largest θ*."
    return ""


def _weighted_by(weight: Any) -> Any:
    """Return a mean of the θ*, weighted by a function of Ω."""

    def wrong(thetas: Arrays, omegas: Arrays) -> Any:
        weights = np.stack([weight(omega) for omega in omegas])
        return (weights * np.stack(thetas)).sum(axis=0) / weights.sum(axis=0)

    return wrong


THETA_BAR = Exercise(
    id="06.5",
    name="theta_bar",
    points=2,
    asks="Each task has its own anchor θ*_t and its own Ω_t. Find one anchor θ̄ for the merged "
    "penalty (Σ Ω_t)(θ − θ̄)², which pulls exactly as all of them together do.",
    solution=theta_bar,
    why="Both penalties have the gradient 2 Σ Ω_t (θ − θ*_t), so they differ by a constant: two "
    "numbers for each weight replace two for each task.",
    hints=(
        "Where do the pulls Ω_t (θ − θ*_t) of all tasks add up to 0?",
        "Solve Σ Ω_t (θ − θ*_t) = 0 for θ, weight by weight: it is a weighted mean.",
        "Take the sum of Ω_t θ*_t over the tasks, divided by the sum of Ω_t.",
    ),
    mistakes={
        "plain mean": (
            lambda thetas, omegas: np.mean(thetas, axis=0),
            "This is the plain mean of the anchors: a task with a large Ω has to pull harder.",
        ),
        "last": (
            lambda thetas, omegas: thetas[-1],
            "This is the last θ*, as MAS keeps it: the pulls of earlier tasks go elsewhere.",
        ),
        "root": (
            _weighted_by(np.sqrt),
            "The anchors are weighted by √Ω: the gradient of Ω (θ − θ*)² has Ω itself.",
        ),
        "squared": (
            _weighted_by(np.square),
            "The anchors are weighted by Ω²: take Ω itself.",
        ),
        "one weight a task": (
            _weighted_by(lambda omega: np.full_like(omega, omega.sum())),
            "Each task has one weight here, its ΣΩ: each entry has an Ω of its own.",
        ),
        "not divided": (
            lambda thetas, omegas: np.sum([o * t for o, t in zip(omegas, thetas, strict=True)], 0),
            "The division is missing: a weighted mean divides by the sum of its weights.",
        ),
        "divided by tasks": (
            lambda thetas, omegas: np.mean([o * t for o, t in zip(omegas, thetas, strict=True)], 0),
            "This divides by the number of tasks: divide by the sum of Ω.",
        ),
        "most important": (
            lambda thetas, omegas: np.take_along_axis(
                np.stack(thetas), np.argmax(omegas, axis=0)[None], axis=0
            )[0],
            "For each weight this takes the θ* with the largest Ω: the others pull as well.",
        ),
    },
    cases=_bar_cases,
    judge=_judge_bar,
)

# ---- 06.6 --------------------------------------------------------------------------------------


def _judge_order(case: Case, found: Any) -> str:
    return "" if found == "A" else 'Choose "A", "B", "C" or "D".'


ORDER = Exercise(
    id="06.6",
    name="order",
    points=1,
    asks="The same five tasks in three orders. With `s = me.rotated()`, "
    '`me.Stream("zigzag", [s[k] for k in (0, 3, 1, 4, 2)], s.outputs, s.shape)` is one; take '
    "forwards and backwards as well. Learn each with `me.MAS()` at λ = 0.1 and with "
    "`me.FineTune()`, three seeds, `me.Schedule(epochs=10, lr=0.003)`; half a minute in all. "
    "Compare `record.average`, then choose the true sentence: `A`, the order moves the average by "
    "more than ten points, with MAS and without; `B`, without a penalty the order matters, with "
    "MAS it does not; `C`, backwards is the worst order for both; `D`, MAS is ahead by about as "
    "much in each order.",
    solution="A",
    start='order = ...  # "A", "B", "C" or "D"',
    why="Which tasks come last, and how far neighbours lie apart, decides what a network can keep. "
    "So a comparison of methods on one order says little about another.",
    hints=(
        "What stays the same if only the order changes, and what is learned last?",
        "Make a table: three orders, two methods, the mean over three seeds in each cell.",
        "Subtract the smallest from the largest mean, once for MAS, once without a penalty.",
    ),
    mistakes={
        "MAS evens out": (
            "B",
            "With MAS the orders differ as well: compare backwards with the other two.",
        ),
        "backwards": (
            "C",
            "For MAS backwards is the worst, without a penalty it is not: look at forwards.",
        ),
        "same lead": (
            "D",
            "The lead of MAS is far from equal: subtract the two methods within each order.",
        ),
    },
    judge=_judge_order,
    by_property=True,
)

EXPLAIN = "Explain to a friend why two rules that merge Ω cannot be compared at one λ."
EXERCISES = (ADD, IN_FORCE, GUARDS, NUMBERS, THETA_BAR, ORDER)
