"""Exercises of lesson 10: an audit, two other importances, paired intervals, and chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import fisher as library_fisher
from mas_edu.importance import reference
from mas_edu.results import interval

# ---- 10.1 --------------------------------------------------------------------------------------

STUDY = {
    "a": "Five tasks, the digits turned by 0° to 80°, in the same order for both methods.",
    "b": "Ours makes two passes over each task; the other makes one, as published.",
    "c": "Both use the same network, learning rate and batch size.",
    "d": "Each method has a λ of its own, out of equally many that were tried.",
    "e": "That λ is the one with the best mean accuracy on the test parts.",
    "f": "The largest λ that was tried, 1, is the best for the other method.",
    "g": "Ours starts from the weights of seed 0, the other from those of seed 1.",
    "h": "We report one run of each.",
    "i": "Joint training is shown as an upper bound.",
    "j": "Accuracy is the mean over all five tasks after the last one.",
}
MISSED = {  # what to look at, where a flaw was not found
    "b": "A flaw is missing: count the updates that each method makes.",
    "e": "A flaw is missing: look at the part on which λ is chosen.",
    "f": "A flaw is missing: see whether a better λ may lie beyond those that were tried.",
    "g": "A flaw is missing: compare what the two methods start from.",
    "h": "A flaw is missing: ask what tells a better method from a lucky seed.",
}
NO_FLAW = {  # why a line is fair
    "a": "Line a is fair: both methods meet the same tasks in the same order.",
    "c": "Line c is fair: what both share favours neither.",
    "d": "Line d is fair: methods measure Ω in different units, so one λ for all would favour one.",
    "i": "Line i is fair: an upper bound shows what there is to gain, and is no rival.",
    "j": "Line j is fair: the mean over all tasks at the end counts old and new alike.",
}
FLAWS = ["b", "e", "f", "g", "h"]


def _observe_audit(answer: Any, case: Case) -> Any:
    if not isinstance(answer, set | list | tuple) or not all(one in STUDY for one in answer):
        raise FormError('expected a list of letters from a to j, such as ["a", "b"]')
    return set(answer)


def _judge_audit(case: Case, found: Any) -> str:
    wrong = [NO_FLAW[letter] for letter in sorted(found - set(FLAWS))]
    missed = [MISSED[letter] for letter in sorted(set(FLAWS) - found)]
    return next(iter((*wrong, *missed)), "")


AUDIT = Exercise(
    id="10.1",
    name="audit",
    points=1,
    asks="Which five lines of this study make the comparison unfair, or its result worth little?"
    "\n\n" + "\n".join(f"- **{letter}** {line}" for letter, line in STUDY.items()),
    solution=FLAWS,
    why="More updates (b), a choice by test (e), a range that ends at the best (f), another start "
    "(g), and a single seed (h): each can make a difference that no method has earned.",
    hints=(
        "Which of the lines would be different if the two methods changed their names?",
        "Go through what must be the same (start, updates, tries), and what must be honest (λ, "
        "seeds).",
        "Updates, the part that chooses λ, the end of its range, the initial weights, the number "
        "of seeds.",
    ),
    mistakes={
        **{
            f"without {one}": ([flaw for flaw in FLAWS if flaw != one], words)
            for one, words in MISSED.items()
        },
        **{f"with {one}": ([*FLAWS, one], words) for one, words in NO_FLAW.items()},
    },
    observe=_observe_audit,
    judge=_judge_audit,
    by_property=True,
    start='audit = ...  # a list of five letters, such as ["a", "b", "c", "d", "e"]',
)

# ---- 10.2 --------------------------------------------------------------------------------------


def fisher(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return the exact Fisher diagonal: mean over samples of Σ_c p_c (∂ log p_c / ∂θ)².

    model: its outputs are logits; it is in evaluation mode.
    x: inputs, [N, features].
    """
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for sample in x:
        log_p = model(sample[None])[0].log_softmax(dim=0)  # [classes]
        for log_one in log_p:
            gradients = torch.autograd.grad(log_one, list(weights.values()), retain_graph=True)
            for name, gradient in zip(weights, gradients, strict=True):
                total[name] += log_one.exp().item() * gradient**2 / len(x)
    return total


def _fisher_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, layers in (
        (1, [nn.Linear(2, 3)]),
        (3, [nn.Linear(2, 3)]),
        (4, [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3)]),
    ):
        model = nn.Sequential(*layers).double().eval()
        for weight in model.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        x = torch.randn(samples, 2, generator=draw, dtype=torch.float64)
        cases.append({"model": model, "x": x})
    return cases


def _judge_fisher(case: Case, found: Any) -> str:
    largest = max(np.abs(one).max() for one in found.values())
    if largest < 1e-9:
        return "It is 0: the mean of the gradients over the classes always is. Square them first."
    if any((one < 0).any() for one in found.values()):
        return "A Fisher is never negative: it is a mean of squares."
    return ""


Score = Callable[[Tensor, Tensor], Tensor]  # p [classes], gradients [classes, ...] -> [...]


def _fisher_if(score: Score, total: bool = False) -> Any:
    """Return a wrong Fisher: the mean over samples of a score of p and the gradients of log p."""

    def wrong(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
        found = [_gradients(model, sample) for sample in x]
        return {
            name: torch.stack([score(p, gradients[name]) for p, gradients in found]).sum(dim=0)
            / (1 if total else len(x))
            for name in found[0][1]
        }

    return wrong


def _gradients(model: nn.Module, sample: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return p of a sample, [classes], and by name the gradients of log p, [classes, ...]."""
    weights = dict(model.named_parameters())
    log_p = model(sample[None])[0].log_softmax(dim=0)
    rows = [torch.autograd.grad(one, list(weights.values()), retain_graph=True) for one in log_p]
    columns = map(torch.stack, zip(*rows, strict=True))
    return log_p.detach().exp(), dict(zip(weights, columns, strict=True))


def _weighted(p: Tensor, gradients: Tensor) -> Tensor:
    """Return Σ_c p_c · gradient_c."""
    total: Tensor = torch.tensordot(p, gradients, dims=1)
    return total


def _batch_mean(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    found = [_gradients(model, sample) for sample in x]
    p = torch.stack([p for p, _ in found]).mean(dim=0)
    means = {
        name: torch.stack([gradients[name] for _, gradients in found]).mean(dim=0)
        for name in found[0][1]
    }
    return {name: _weighted(p, mean**2) for name, mean in means.items()}


def _batch_mean_of_largest(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    means = _fisher_if(lambda p, g: g[p.argmax()])(model, x)
    return {name: mean**2 for name, mean in means.items()}


def _sum_of_largest(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    return {name: one * len(x) for name, one in _batch_mean_of_largest(model, x).items()}


FISHER = Exercise(
    id="10.2",
    name="fisher",
    points=2,
    asks="Turn MAS into EWC: write the exact Fisher diagonal, Σ_c p_c (∂ log p_c / ∂θ)² in the "
    "mean over the samples. No labels are needed.",
    solution=fisher,
    why="The Fisher is an expectation over the classes that the network itself predicts; each "
    "class has its own gradient, squared for each sample before any mean.",
    hints=(
        "For one sample and one class, what is squared, and with which weight does it count?",
        "Go through samples and classes. Each class needs a gradient of its log-probability.",
        "Add p_c times the squared gradient of log p_c, divided by N; keep the graph for the next "
        "class.",
    ),
    mistakes={
        "largest class only": (
            _fisher_if(lambda p, g: g[p.argmax()] ** 2),
            "This uses the predicted class alone: add up all classes, each with its probability.",
        ),
        "no p": (
            _fisher_if(lambda p, g: (g**2).sum(dim=0)),
            "All classes count alike: multiply each squared gradient by the class's probability.",
        ),
        "mean over classes": (
            _fisher_if(lambda p, g: (g**2).mean(dim=0)),
            "This is the plain mean over the classes: weight each by its probability instead.",
        ),
        "p squared": (
            _fisher_if(lambda p, g: _weighted(p**2, g**2)),
            "Here p_c is squared as well (or log is missing): square the gradient of log p_c only.",
        ),
        "gradient of p": (
            _fisher_if(lambda p, g: _weighted(p**3, g**2)),
            "This squares the gradient of p_c: take the gradient of log p_c.",
        ),
        "absolute": (
            _fisher_if(lambda p, g: _weighted(p, g.abs())),
            "This is the mean of absolute gradients: the Fisher squares them.",
        ),
        "sum": (
            _fisher_if(lambda p, g: _weighted(p, g**2), total=True),
            "This is the sum over the samples: divide by N.",
        ),
        "batch mean": (
            _batch_mean,
            "The gradients are averaged over the samples, then squared: square them for each "
            "sample, average last.",
        ),
        "batch mean of the largest": (
            _batch_mean_of_largest,
            "This squares the batch's mean gradient of the predicted class: go through samples, "
            "and through all classes.",
        ),
        "sum of the largest": (
            _sum_of_largest,
            "Gradients of the predicted class are summed over the samples, then squared: square "
            "each, for all classes.",
        ),
        "importance of MAS": (
            reference.mas,
            "This is Ω of MAS, from the squared output: square the gradients of log p_c instead.",
        ),
    },
    cases=_fisher_cases,
    judge=_judge_fisher,
    guarded=(library_fisher, reference.fisher),
)

# ---- 10.3 --------------------------------------------------------------------------------------


def si(gradients: np.ndarray, moves: np.ndarray, xi: float) -> np.ndarray:
    """Return the importance of SI for each weight: max(0, gain / (way² + ξ)), an array [n].

    gradients: of the task's loss, at each step before the move, [steps, n].
    moves: by how much each step moved each weight, [steps, n].
    xi: ξ > 0, which keeps the denominator away from 0.
    """
    gain = -(gradients * moves).sum(axis=0)  # the fall of the loss owed to each weight
    way = moves.sum(axis=0)  # from start to end
    importance: np.ndarray = np.maximum(gain / (way**2 + xi), 0)
    return importance


def _si_cases(seed: int) -> list[Case]:
    """Draw paths of three weights; before them ten steps of descent on ½ (θ − 1)² from 0."""
    draw = np.random.default_rng(seed)
    theta = 1 - 0.9 ** np.arange(10)[:, None]
    cases = [{"gradients": theta - 1, "moves": 0.1 * (1 - theta), "xi": 0.1}]
    for steps, xi in ((3, 0.5), (6, 0.1)):
        moves = draw.normal(size=(steps, 3))
        gradients = draw.normal(size=(steps, 3)) - moves * [1.5, -1.5, 0]
        cases.append({"gradients": gradients, "moves": moves, "xi": xi})
    return cases


def _judge_si(case: Case, found: Any) -> str:
    return "An importance is never negative: cut it at 0." if (found < 0).any() else ""


def _si_if(rule: Any, cut: bool = True) -> Any:
    """Return a wrong SI: `rule(gain of each step, moves, ξ)`, cut at 0."""

    def wrong(gradients: np.ndarray, moves: np.ndarray, xi: float) -> Any:
        found = rule(-gradients * moves, moves, xi)
        return np.maximum(found, 0) if cut else found

    return wrong


SI = Exercise(
    id="10.3",
    name="si",
    points=2,
    asks="Write the importance of SI from what a run left behind: how much of the fall of the loss "
    "each weight was responsible for, over the squared way it went.",
    solution=si,
    why="To first order a step changes the loss by gradient · move, weight by weight; the sum is "
    "what each weight gained, and way² + ξ brings it into the unit of a penalty.",
    hints=(
        "By how much does the loss fall in one step, if one weight moves?",
        "The fall is −gradient · move. Add it up; separately add up the moves.",
        "Divide the sum of −gradient · move by (sum of moves)² + ξ; replace what is negative by 0.",
    ),
    mistakes={
        "sign": (
            _si_if(lambda gain, moves, xi: -gain.sum(0) / (moves.sum(0) ** 2 + xi)),
            "The sign is wrong: a move against the gradient lowers the loss, and counts as gain.",
        ),
        "squared steps": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / ((moves**2).sum(0) + xi)),
            "The denominator adds up squared steps: square the whole way, from start to end.",
        ),
        "no xi": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / moves.sum(0) ** 2),
            "ξ is missing in the denominator: a weight that comes back to its start would get a "
            "huge importance.",
        ),
        "not cut": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / (moves.sum(0) ** 2 + xi), cut=False),
            "This is right up to the negative entries: cut them at 0, or the penalty would push "
            "weights away.",
        ),
        "cut in each step": (
            _si_if(lambda gain, moves, xi: np.maximum(gain, 0).sum(0) / (moves.sum(0) ** 2 + xi)),
            "The gain of each step is cut at 0: add up all steps, cut at the end.",
        ),
        "absolute": (
            _si_if(lambda gain, moves, xi: np.abs(gain).sum(0) / (moves.sum(0) ** 2 + xi)),
            "Absolute values are added up: a step that raises the loss has to count against.",
        ),
        "not divided": (
            _si_if(lambda gain, moves, xi: gain.sum(0)),
            "This is the gain alone: divide it by way² + ξ.",
        ),
        "way not squared": (
            _si_if(lambda gain, moves, xi: gain.sum(0) / (np.abs(moves.sum(0)) + xi)),
            "The way is not squared in the denominator: the penalty multiplies by a squared "
            "distance.",
        ),
        "ratio of each step": (
            _si_if(lambda gain, moves, xi: (gain / (moves**2 + xi)).sum(0)),
            "Each step is divided by its own square: add up gain and way first, divide once.",
        ),
    },
    cases=_si_cases,
    judge=_judge_si,
)

# ---- 10.4 --------------------------------------------------------------------------------------


def interval_of_gap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return low and high of the 95 % interval for the mean of a − b, by Student's t.

    a, b: a measure of two methods, one entry a seed; entries at the same place share the seed.
    """
    from scipy import stats

    gaps = a - b
    t = stats.t.ppf(0.975, len(gaps) - 1)
    half = t * gaps.std(ddof=1) / np.sqrt(len(gaps))
    return gaps.mean() - half, gaps.mean() + half


def _paired_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for seeds in (3, 5, 8):
        common = draw.normal(70, 4, size=seeds)  # what a seed does to both
        a = common + draw.normal(1, 1, size=seeds)
        cases.append({"a": a, "b": common + draw.normal(0, 1, size=seeds)})
    return cases


def _judge_paired(case: Case, found: Any) -> str:
    low, high = found
    middle = float((case["a"] - case["b"]).mean())
    if low > high:
        return "Low is above high: return (low, high)."
    if abs((low + high) / 2 - middle) > 1e-3:
        return "Its middle is not the mean of a − b."
    return "Its middle is right, its width is not."


def _half_width(rule: Any) -> Any:
    """Return an interval of another half width: `rule(a, b)`."""

    def wrong(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
        middle, half = (a - b).mean(), rule(a, b)
        return middle - half, middle + half

    return wrong


def _t(degrees: int, share: float = 0.975) -> float:
    from scipy import stats

    return float(stats.t.ppf(share, degrees))


def _error(values: np.ndarray, ddof: int = 1) -> float:
    """Return the standard error of the mean."""
    return float(values.std(ddof=ddof) / np.sqrt(len(values)))


PAIRED = Exercise(
    id="10.4",
    name="interval_of_gap",
    points=2,
    asks="Both methods ran with the same seeds. Write the 95 % interval for their mean gap: mean "
    "± t · standard deviation / √n of the gaps, with t from `scipy.stats`.",
    solution=interval_of_gap,
    why="What a seed does to both methods drops out of a − b; with few seeds the spread is itself "
    "uncertain, so t with n − 1 degrees of freedom is larger than 1.96.",
    hints=(
        "Which differences does a lucky seed not change?",
        "Take the gap of each seed; the interval is that of one list of numbers, the gaps.",
        "The mean of a − b, plus and minus stats.t.ppf(0.975, n − 1) times std(ddof=1) over √n.",
    ),
    mistakes={
        "unpaired": (
            _half_width(lambda a, b: _t(2 * len(a) - 2) * np.hypot(_error(a), _error(b))),
            "This treats a and b as unrelated: both ran with the same seeds, so take a − b first.",
        ),
        "two intervals": (
            _half_width(lambda a, b: _t(len(a) - 1) * (_error(a) + _error(b))),
            "This puts the intervals of a and of b together: take the gaps, and a single interval "
            "of them.",
        ),
        "normal": (
            _half_width(lambda a, b: 1.96 * _error(a - b)),
            "The factor is 1.96: with few seeds it is t with n − 1 degrees of freedom, which is "
            "larger.",
        ),
        "standard error": (
            _half_width(lambda a, b: _error(a - b)),
            "This is mean ± one standard error: multiply it by t.",
        ),
        "standard deviation": (
            _half_width(lambda a, b: (a - b).std(ddof=1)),
            "This is mean ± one standard deviation: divide it by √n, and multiply by t.",
        ),
        "no root of n": (
            _half_width(lambda a, b: _t(len(a) - 1) * (a - b).std(ddof=1)),
            "The division by √n is missing: a mean of n gaps varies less than a single gap.",
        ),
        "divided by n": (
            _half_width(lambda a, b: _t(len(a) - 1) * (a - b).std(ddof=1) / len(a)),
            "This divides by n: the standard error of a mean falls with √n.",
        ),
        "population": (
            _half_width(lambda a, b: _t(len(a) - 1) * _error(a - b, ddof=0)),
            "The standard deviation is divided by n inside: estimate it with n − 1, std(ddof=1).",
        ),
        "90 %": (
            _half_width(lambda a, b: _t(len(a) - 1, 0.95) * _error(a - b)),
            "This is the 90 % interval: 95 % leaves 2.5 % on each side, so ask for the quantile "
            "0.975.",
        ),
        "degrees": (
            _half_width(lambda a, b: _t(len(a)) * _error(a - b)),
            "t has n degrees of freedom here: the mean took one of them, n − 1 are left.",
        ),
        "b minus a": (
            lambda a, b: interval_of_gap(b, a),
            "This is the interval of b − a: take a − b.",
        ),
    },
    cases=_paired_cases,
    judge=_judge_paired,
    guarded=(interval,),
)

# ---- 10.5 --------------------------------------------------------------------------------------


def expected_by_chance(methods: int, level: float) -> float:
    """Return how many pairs "differ" in the mean, though all methods are equally good.

    methods: how many are compared, each with each.
    level: how often an interval holds the true gap, such as 0.95.
    """
    pairs = methods * (methods - 1) / 2
    return pairs * (1 - level)


def _chance_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    sizes = [2, *draw.permutation(np.arange(4, 13))[:3].tolist()]
    return [{"methods": size, "level": float(draw.uniform(0.8, 0.99))} for size in sizes]


CHANCE = Exercise(
    id="10.5",
    name="expected_by_chance",
    points=2,
    asks="All methods are equally good, and each pair is judged by its own interval. How many "
    "pairs will seem to differ, on average?",
    solution=expected_by_chance,
    why="Each of the ½ k (k − 1) pairs errs with the chance 1 − level; means add up even if pairs "
    "are not independent. Seven methods at 95 % make 1.05.",
    hints=(
        "How many pairs do three methods make, and how many four?",
        "Each pair is wrong with the chance 1 − level, and such chances add up.",
        "Methods times (methods − 1), over 2, times (1 − level).",
    ),
    mistakes={
        "each pair twice": (
            lambda methods, level: methods * (methods - 1) * (1 - level),
            "Each pair is counted twice: A with B is B with A.",
        ),
        "with itself": (
            lambda methods, level: methods**2 * (1 - level),
            "This counts k² pairs: no method is compared with itself, and each pair counts once.",
        ),
        "half of squares": (
            lambda methods, level: methods**2 / 2 * (1 - level),
            "This is half of k²: leave out each method with itself before you halve.",
        ),
        "methods": (
            lambda methods, level: methods * (1 - level),
            "This counts methods: it is pairs that are compared.",
        ),
        "neighbours": (
            lambda methods, level: (methods - 1) * (1 - level),
            "This compares one method with the others: each is compared with each.",
        ),
        "right ones": (
            lambda methods, level: methods * (methods - 1) / 2 * level,
            "This is how many intervals are right: the others, 1 − level, mislead.",
        ),
        "all pairs": (
            lambda methods, level: methods * (methods - 1) / 2,
            "This is the number of pairs: multiply by the chance that one of them misleads.",
        ),
        "at least one": (
            lambda methods, level: 1 - level ** (methods * (methods - 1) / 2),
            "This is the chance of at least one such pair, if they were independent: the mean "
            "number is asked.",
        ),
    },
    cases=_chance_cases,
)

EXPLAIN = "A table has somebody's own method on top. Explain what you ask before you believe it."
EXERCISES = (AUDIT, FISHER, SI, PAIRED, CHANCE)
