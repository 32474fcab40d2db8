"""Exercises of lesson 05: the penalty, a step with it, λ, and why training blows up."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.methods import Anchor

Tensors = dict[str, Tensor]

# ---- 05.1 --------------------------------------------------------------------------------------


def penalty(model: nn.Module, theta: dict[str, Tensor], omega: dict[str, Tensor]) -> Tensor:
    """Return Σ Ω (θ − θ*)² over all weights of the model: one number, differentiable in them.

    theta: θ*, by the names of the weights. It may still be attached to a graph: hold it still.
    omega: Ω, same names and shapes.
    """
    total = torch.zeros(())
    for name, weight in model.named_parameters():
        total = total + (omega[name] * (weight - theta[name].detach()) ** 2).sum()
    return total


def _penalty_cases(seed: int) -> list[Case]:
    """Draw a network at its anchor, moved away from it, and with θ* that is still attached."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for moved, attached in ((0.0, False), (1.0, False), (1.0, True)):
        model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)).double()
        theta, omega = {}, {}
        for name, weight in model.named_parameters():
            value = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            step = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            weight.data = value + moved * step
            theta[name] = value.requires_grad_(attached)
            omega[name] = 0.1 + 3 * torch.rand(weight.shape, generator=draw, dtype=torch.float64)
        omega["0.weight"][0, 0] = 0.0
        swapped = ("2.weight", "2.bias", "0.weight", "0.bias")  # by name, not by position
        theta = {name: theta[name] for name in swapped}
        cases.append({"model": model, "theta": theta, "omega": {n: omega[n] for n in swapped}})
    return cases


def _observe_penalty(answer: Any, case: Case) -> Any:
    """Return the value, and the gradients that it sends into the weights and into θ*."""
    model, theta = case["model"], case["theta"]
    value = answer(model, theta, case["omega"])
    if not isinstance(value, Tensor):
        raise FormError(f"expected a tensor that gradients flow through, got {short_repr(value)}")
    weights = dict(model.named_parameters())
    sources = [*weights.values(), *(one for one in theta.values() if one.requires_grad)]
    found: list[Tensor | None] = [None] * len(sources)
    if value.requires_grad and value.numel() == 1:
        found = list(torch.autograd.grad(value.sum(), sources, allow_unused=True))
    gradients = [
        torch.zeros_like(source) if one is None else one
        for source, one in zip(sources, found, strict=True)
    ]
    return {
        "value": value,
        "gradient into the weights": dict(zip(weights, gradients, strict=False)),
        "gradient into θ*": float(sum(one.abs().sum() for one in gradients[len(weights) :])),
    }


def _judge_penalty(case: Case, found: Any) -> str:
    at_anchor = all(bool(torch.equal(w, case["theta"][n])) for n, w in _weights(case).items())
    if at_anchor and abs(found["value"]) > 0:
        return "At θ = θ* the penalty must be 0."
    if found["value"] < 0:
        return "The penalty is never negative: square each difference."
    return ""


def _weights(case: Case) -> dict[str, Tensor]:
    return dict(case["model"].named_parameters())


def _sum_of(term: Any) -> Any:
    """Return a penalty made of the terms `term(θ, θ*, Ω)`."""

    def wrong(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
        terms = [
            term(weight, theta[name].detach(), omega[name]).sum()
            for name, weight in model.named_parameters()
        ]
        return torch.stack(terms).sum()

    return wrong


def _mean(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    return penalty(model, theta, omega) / sum(weight.numel() for weight in model.parameters())


def _square_of_sum(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    total: Tensor = _sum_of(lambda w, t, o: o.sqrt() * (w - t))(model, theta, omega)
    return total**2


def _attached(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    terms = [(omega[n] * (w - theta[n]) ** 2).sum() for n, w in model.named_parameters()]
    return torch.stack(terms).sum()


def _no_biases(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    terms = [
        (omega[n] * (w - theta[n].detach()) ** 2).sum()
        for n, w in model.named_parameters()
        if "bias" not in n
    ]
    return torch.stack(terms).sum()


def _by_position(model: nn.Module, theta: Tensors, omega: Tensors) -> Tensor:
    triples = zip(model.parameters(), theta.values(), omega.values(), strict=True)
    return torch.stack([(o * (w - t.detach()) ** 2).sum() for w, t, o in triples]).sum()


PENALTY = Exercise(
    id="05.1",
    name="penalty",
    points=2,
    asks="Write the sum Σ Ω (θ − θ*)² that holds each weight near θ* as firmly as its Ω says. "
    "The factor λ/2 is not part of it: that belongs to the loss.",
    solution=penalty,
    why="Each weight is compared with the anchor of the same name; detach keeps θ* fixed, so that "
    "the gradient pulls the weights to the anchor and never the anchor to the weights.",
    hints=(
        "What is the penalty of a single weight that has moved by 2, with Ω = 3?",
        "Go through the weights by name: θ* and Ω are kept under the same names.",
        "For each name: Ω times the squared difference from the detached θ*, summed over its "
        "entries; add up these sums.",
    ),
    mistakes={
        "half": (
            _sum_of(lambda w, t, o: o * (w - t) ** 2 / 2),
            "This is half of the sum: the ½ belongs to λ/2, in the loss.",
        ),
        "absolute": (
            _sum_of(lambda w, t, o: o * (w - t).abs()),
            "This is Σ Ω |θ − θ*|: the difference is squared, so that the pull grows with it.",
        ),
        "no omega": (
            _sum_of(lambda w, t, o: (w - t) ** 2),
            "This is Σ (θ − θ*)², the penalty of L2: multiply each square by its Ω.",
        ),
        "omega squared": (
            _sum_of(lambda w, t, o: (o * (w - t)) ** 2),
            "Here Ω is squared as well: square the difference first, then multiply by Ω.",
        ),
        "root of omega": (
            _sum_of(lambda w, t, o: o.sqrt() * (w - t) ** 2),
            "Here each square is multiplied by √Ω: multiply it by Ω itself.",
        ),
        "mean": (
            _mean,
            "This is the mean over the weights: take the sum, or λ would depend on the network's "
            "size.",
        ),
        "from zero": (
            _sum_of(lambda w, t, o: o * w**2),
            "This is Σ Ω θ², the distance from 0: measure the distance from θ*.",
        ),
        "square of the sum": (
            _square_of_sum,
            "This squares the sum, where opposite differences cancel: square each difference, then "
            "add.",
        ),
        "no gradient": (
            _sum_of(lambda w, t, o: o * (w.detach() - t) ** 2),
            "The value is right, but no gradient reaches the weights: do not detach the weights "
            "themselves.",
        ),
        "anchor attached": (
            _attached,
            "The value is right, but a gradient flows into θ* as well: detach θ*, it must stay "
            "where it is.",
        ),
        "no biases": (
            _no_biases,
            "The biases are left out: they are weights with an Ω of their own.",
        ),
        "by position": (
            _by_position,
            "Weights, θ* and Ω are matched by their order: match them by name, a dict may have any "
            "order.",
        ),
    },
    cases=_penalty_cases,
    observe=_observe_penalty,
    judge=_judge_penalty,
    guarded=(Anchor.penalty,),
)

# ---- 05.2 --------------------------------------------------------------------------------------


def train_step(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    anchor: Anchor,
    lam: float,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Make one update on cross-entropy + λ/2 · penalty; return the cross-entropy before it.

    x: inputs, [N, features]; y: labels, [N].
    anchor: `anchor.penalty(model)` is Σ Ω (θ − θ*)².
    optimizer: of the weights of the model; gradients of earlier steps may still be there.
    """
    optimizer.zero_grad()
    task_loss = F.cross_entropy(model(x), y)
    loss = task_loss + lam / 2 * anchor.penalty(model)
    loss.backward()
    optimizer.step()
    return task_loss.item()


def _step_cases(seed: int) -> list[Case]:
    """Draw networks away from their anchors, with old gradients, for λ = 0 and two others."""
    draw = torch.Generator().manual_seed(seed)
    return [_step_case(draw, lam) for lam in (0.0, 0.5, 2.0)]


def _step_case(draw: torch.Generator, lam: float) -> Case:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    theta, omega = {}, {}
    for name, weight in model.named_parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        weight.grad = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        theta[name] = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        omega[name] = torch.rand(weight.shape, generator=draw, dtype=torch.float64)
    return {
        "model": model,
        "x": torch.randn(5, 3, generator=draw, dtype=torch.float64),
        "y": torch.randint(3, (5,), generator=draw),
        "anchor": Anchor(theta, omega),
        "lam": lam,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
    }


def _observe_step(answer: Any, case: Case) -> Any:
    loss = answer(*case.values())
    return {"returned": loss, "weights": dict(case["model"].named_parameters())}


def _judge_step(case: Case, found: Any) -> str:
    if case["lam"] == 0:
        return "With λ = 0 it is not the plain step: task loss, backward, optimizer step."
    return ""


def _wrong_step(
    factor: float = 0.5,
    task: float = 1.0,
    clear: bool = True,
    late: bool = False,
    steps: int = 1,
    returns: str = "task",
) -> Any:
    """Return a training step with something wrong in it."""

    def wrong(model: Any, x: Any, y: Any, anchor: Any, lam: float, optimizer: Any) -> float:
        for _ in range(steps):
            if clear:
                optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            held = factor * lam * anchor.penalty(model)
            (loss if late else task * loss + held).backward()
            optimizer.step()
        after = F.cross_entropy(model(x), y)
        return float({"task": loss, "sum": loss + held, "after": after}[returns])

    return wrong


STEP = Exercise(
    id="05.2",
    name="train_step",
    points=2,
    asks="Write one training step of the new task with the penalty in the loss: "
    "cross-entropy + λ/2 · penalty. It returns the cross-entropy alone, taken before the update.",
    solution=train_step,
    why="One backward pass through the sum adds both gradients, so the optimizer makes a single "
    "step that weighs the new task against the old one.",
    hints=(
        "What has to change in the training loop that you know, and what stays?",
        "Both terms meet in one loss, before the one backward pass.",
        "Clear the gradients; cross-entropy plus half of λ times the penalty; backward; step; "
        "return the cross-entropy as a number.",
    ),
    mistakes={
        "lambda": (
            _wrong_step(factor=1.0),
            "The penalty enters with λ: in this course's loss it has the factor λ/2.",
        ),
        "not cleared": (
            _wrong_step(clear=False),
            "Gradients of an earlier step are still in it: clear them before the backward pass.",
        ),
        "late": (
            _wrong_step(late=True),
            "This is the plain step: the penalty has to be in the loss before the backward pass.",
        ),
        "penalty alone": (
            _wrong_step(task=0.0),
            "This step follows the penalty alone: add the cross-entropy of the new task to it.",
        ),
        "two steps": (
            _wrong_step(steps=2),
            "These are two updates: one call makes a single optimizer step.",
        ),
        "returns the sum": (
            _wrong_step(returns="sum"),
            "The update is right, but the loss with the penalty is returned: return the "
            "cross-entropy alone.",
        ),
        "returns the loss after": (
            _wrong_step(returns="after"),
            "The update is right, but the loss is measured after it: return the one before the "
            "update.",
        ),
    },
    cases=_step_cases,
    observe=_observe_step,
    judge=_judge_step,
)

# ---- 05.3 --------------------------------------------------------------------------------------

Row = dict[str, Any]


def choose(table: list[dict[str, Any]]) -> float:
    """Return the λ with the best mean validation accuracy over the seeds; of equals, the smallest.

    table: one dict a run, with the keys lam, seed, validation, test, forgetting (all in percent)
    and complete. A λ of which any run is not complete may not be chosen.
    """
    means: dict[float, float] = {}
    for lam in sorted({row["lam"] for row in table}):
        runs = [row for row in table if row["lam"] == lam]
        if all(row["complete"] for row in runs):
            means[lam] = sum(row["validation"] for row in runs) / len(runs)
    return max(means, key=lambda lam: means[lam])


def _table_cases(seed: int) -> list[Case]:
    """Draw tables in which every rule that could be followed chooses another λ."""
    draw = np.random.default_rng(seed)
    return [{"table": _table(draw, seeds)} for seeds in (2, 3, 3)]


def _table(draw: np.random.Generator, seeds: int) -> list[Row]:
    """Return runs of eight λ: two are best and tied, each of the others tempts one wrong rule."""
    lams = np.sort(draw.choice([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], 8, replace=False))
    *equal, test, run, stopped, crashed, forgetting, worst = lams[draw.permutation(8)]
    best = int(draw.integers(50, 57))
    rows = []
    for lam in lams:
        spread = int(draw.integers(1, 4))
        for k in range(seeds):
            last = k == seeds - 1
            validation = {
                **dict.fromkeys(equal, best),
                **dict.fromkeys((test, forgetting), best - 7),
                run: best + (12 if k == 0 else -14),
                stopped: best + (40 if last else -5),
                crashed: best + (-40 if last else 8),
                worst: best - 20,
            }[lam]
            if lam in (*equal, test, forgetting, worst) and k < 2:
                validation += (-spread, spread)[k]  # the mean stays what it is
            rows.append(
                {
                    "lam": float(lam),
                    "seed": k,
                    "validation": validation,
                    "test": best + 15 if lam == test else best - int(draw.integers(1, 9)),
                    "forgetting": 1 if lam == forgetting else int(draw.integers(5, 30)),
                    "complete": not (last and lam in (stopped, crashed)),
                }
            )
    return [rows[k] for k in draw.permutation(len(rows))]


def _best_lam(
    key: str = "validation", sign: int = 1, finished: bool = True, last: bool = False
) -> Any:
    """Return a choice by the mean of a column."""

    def wrong(table: list[Row]) -> float:
        rows = {lam: [row for row in table if row["lam"] == lam] for lam in _lams(table)}
        means = {
            lam: sign * sum(row[key] for row in runs) / len(runs)
            for lam, runs in rows.items()
            if not finished or all(row["complete"] for row in runs)
        }
        best = [lam for lam, mean in means.items() if mean == max(means.values())]
        return best[-1] if last else best[0]

    return wrong


def _lams(table: list[Row]) -> list[float]:
    return sorted({row["lam"] for row in table})


def _best_run(table: list[Row]) -> float:
    unfinished = {row["lam"] for row in table if not row["complete"]}
    runs = [row for row in table if row["lam"] not in unfinished]
    return float(max(runs, key=lambda row: row["validation"])["lam"])


def _finished_runs(table: list[Row]) -> float:
    return float(_best_lam()([row for row in table if row["complete"]]))


CHOICE = Exercise(
    id="05.3",
    name="choose",
    points=2,
    asks="Choose λ from a table of runs, as an honest study does: by the validation accuracy, in "
    "the mean over the seeds.",
    solution=choose,
    why="The test part is kept for the one number that is reported; a mean over seeds does not "
    "follow one lucky run.",
    hints=(
        "Which columns may a choice look at, and which are for the report?",
        "First put the runs of one λ together, then compare the λ.",
        "Leave out each λ with an unfinished run; average the validation of the others; take the "
        "largest mean, the smallest λ first.",
    ),
    mistakes={
        "by test": (
            _best_lam("test"),
            "This is the λ with the best test accuracy: the test part is for reporting, choose by "
            "validation.",
        ),
        "best run": (
            _best_run,
            "This is the λ of the best single run: average over the seeds before you compare.",
        ),
        "unfinished": (
            _best_lam(finished=False),
            "This λ has a run that did not finish: leave such a λ out.",
        ),
        "finished runs only": (
            _finished_runs,
            "You dropped the unfinished run, not its λ: a λ with an unfinished run is left out "
            "entirely.",
        ),
        "largest of equals": (
            _best_lam(last=True),
            "Two λ are equally good, and this is the larger: take the smaller.",
        ),
        "by forgetting": (
            _best_lam("forgetting", sign=-1),
            "This is the λ with the least forgetting: a frozen network would win. Choose by "
            "validation accuracy.",
        ),
        "worst": (
            _best_lam(sign=-1),
            "This is the λ with the lowest validation accuracy: take the highest.",
        ),
    },
    cases=_table_cases,
)

# ---- 05.4 --------------------------------------------------------------------------------------


def largest_stable(lr: float, omega: dict[str, Tensor]) -> float:
    """Return the λ above which plain gradient steps on λ/2 · Σ Ω (θ − θ*)² diverge.

    lr: learning rate of the plain gradient steps.
    omega: Ω by the names of the weights.
    """
    stiffest = max(value.max().item() for value in omega.values())
    return 2 / (lr * stiffest)


def _stable_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for shape, lr in (((2,), 0.5), ((3, 2), 0.1), ((4, 3), 0.03)):
        omega = {
            "0.bias": torch.rand(shape[:1], generator=draw, dtype=torch.float64),
            "0.weight": torch.rand(shape, generator=draw, dtype=torch.float64) * 4 + 1.5,
            "2.weight": torch.rand(shape, generator=draw, dtype=torch.float64),
        }
        omega["0.bias"][0] = 0.0
        cases.append({"lr": lr, "omega": omega})
    return cases


def _stable(rule: Any) -> Any:
    """Return a wrong bound: a rule of lr and of all entries of Ω in one vector."""
    return lambda lr, omega: float(rule(lr, torch.cat([one.flatten() for one in omega.values()])))


STABLE = Exercise(
    id="05.4",
    name="largest_stable",
    points=2,
    asks="Up to which λ do plain gradient steps on the penalty stay stable? One step multiplies "
    "the distance of a weight from θ* by 1 − lr · λ · Ω.",
    solution=largest_stable,
    why="A distance shrinks while |1 − lr λ Ω| < 1, that is lr λ Ω < 2; the weight with the "
    "largest Ω is the first to leave that range.",
    hints=(
        "For which factors does a number shrink when it is multiplied again and again?",
        "The factor may be negative, but not below −1. Which weight gets there first?",
        "Set lr · λ · (largest Ω of all tensors) equal to 2, and solve for λ.",
    ),
    mistakes={
        "one": (
            _stable(lambda lr, o: 1 / (lr * o.max())),
            "This is half of it: that λ reaches θ* in one step. The factor may go down to −1.",
        ),
        "mean": (
            _stable(lambda lr, o: 2 / (lr * o.mean())),
            "This uses the mean of Ω: the first weight to diverge is the one with the largest Ω.",
        ),
        "least": (
            _stable(lambda lr, o: 2 / (lr * o.min())),
            "This uses the smallest Ω: a weight with a large Ω diverges long before.",
        ),
        "sum": (
            _stable(lambda lr, o: 2 / (lr * o.sum())),
            "This uses the sum of Ω: weights move each by itself, so the largest Ω decides.",
        ),
        "no lr": (
            _stable(lambda lr, o: 2 / o.max()),
            "The learning rate is missing: a smaller step bears a larger λ.",
        ),
        "four": (
            _stable(lambda lr, o: 4 / (lr * o.max())),
            "This is twice too much: the gradient of λ/2 · Ω (θ − θ*)² is λ Ω (θ − θ*).",
        ),
        "upside down": (
            _stable(lambda lr, o: lr * o.max() / 2),
            "This is one over it: a larger Ω must make the bound smaller.",
        ),
        "first tensor": (
            lambda lr, omega: float(2 / (lr * next(iter(omega.values())).max())),
            "Only the first tensor of Ω is looked at: take the largest entry of all tensors.",
        ),
    },
    cases=_stable_cases,
)

# ---- 05.5 --------------------------------------------------------------------------------------


def proximal(theta: Tensor, theta_star: Tensor, strength: Tensor) -> Tensor:
    """Return where ½ (t − θ)² + strength/2 · (t − θ*)² is least in t, entry by entry.

    theta, theta_star: the weights now, and at the anchor.
    strength: lr · λ · Ω ≥ 0, same shape.
    """
    return (theta + strength * theta_star) / (1 + strength)


def _proximal_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for shape in ((1,), (3,), (2, 4)):
        theta, theta_star = (
            torch.randn(shape, generator=draw, dtype=torch.float64) + shift for shift in (2, -2)
        )
        strength = torch.rand(shape, generator=draw, dtype=torch.float64) * 3 + 0.2
        cases.append({"theta": theta, "theta_star": theta_star, "strength": strength})
    cases[-1]["strength"][0] = torch.tensor([0.0, 1e-3, 10.0, 1e6])
    return cases


def _judge_proximal(case: Case, found: Any) -> str:
    theta, star = case["theta"].numpy(), case["theta_star"].numpy()
    low, high = np.minimum(theta, star), np.maximum(theta, star)
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "The new place must lie between θ and θ*: where the two pulls balance."
    return ""


PROXIMAL = Exercise(
    id="05.5",
    name="proximal",
    points=2,
    asks="Write the proximal step: instead of following the penalty's gradient, go straight to "
    "where the pull of θ* and the distance from here balance.",
    solution=proximal,
    why="Set the derivative (t − θ) + strength · (t − θ*) to 0 and solve for t: a weighted mean, "
    "which cannot overshoot.",
    hints=(
        "Where does the sum of the two bowls have slope 0?",
        "It is a weighted mean of θ and θ*. What are the two weights?",
        "θ counts once, θ* counts strength times; divide by one plus strength.",
    ),
    mistakes={
        "gradient step": (
            lambda t, s, k: t - k * (t - s),
            "This is the gradient step, which overshoots for large strength: solve for the place "
            "where both pulls balance.",
        ),
        "swapped": (
            lambda t, s, k: (k * t + s) / (1 + k),
            "The weights of the mean are swapped: a larger strength must bring it nearer to θ*.",
        ),
        "no anchor": (
            lambda t, s, k: t / (1 + k),
            "This pulls towards 0: θ* is missing in the mean.",
        ),
        "double": (
            lambda t, s, k: (t + 2 * k * s) / (1 + 2 * k),
            "This has twice the strength: the ½ before the square cancels the 2 of its derivative.",
        ),
        "half": (
            lambda t, s, k: (t + k * s / 2) / (1 + k / 2),
            "This has half the strength: the ½ before the square is already used up by its "
            "derivative.",
        ),
        "not divided": (
            lambda t, s, k: t + k * s,
            "The division is missing: a weighted mean divides by the sum of its weights.",
        ),
    },
    cases=_proximal_cases,
    judge=_judge_proximal,
)

EXERCISES = (PENALTY, STEP, CHOICE, STABLE, PROXIMAL)

EXPLAIN = "Explain to a friend what λ does, and what happens at both of its ends."
