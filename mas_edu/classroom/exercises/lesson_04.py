"""Exercises of lesson 04: what cancels in a batch, how the bug looks, whether it matters."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.results import interval

# ---- 04.1 --------------------------------------------------------------------------------------


def kept(g: np.ndarray, size: int) -> float:
    """Return the share of Σ |g| that is left when gradients are summed in batches first.

    g: the gradients of a single weight, one a sample, [N].
    size: samples in a batch; the last batch may be shorter.
    """
    batches = [g[start : start + size] for start in range(0, len(g), size)]
    left = sum(abs(batch.sum()) for batch in batches)
    return float(left / np.abs(g).sum())


def _kept_cases(seed: int) -> list[Case]:
    """Draw gradients of both signs with a negative sum; most sizes do not divide their number."""
    draw = np.random.default_rng(seed)
    cases = []
    for samples, size in ((3, 1), (3, 2), (7, 3), (8, 4), (11, 4)):
        g = draw.normal(size=samples)
        g[:2] = -np.abs(g[0]) - 0.1, np.abs(g[1]) + 0.1  # both signs in the first batch
        if g.sum() > 0:
            g = -g
        cases.append({"g": g, "size": size})
    return cases


def _judge_kept(case: Case, found: Any) -> str:
    if not 0 <= found <= 1 + 1e-6:
        return "A share lies between 0 and 1: a batch never has more than Σ |g| of its samples."
    if case["size"] == 1:
        return "In batches of one nothing cancels: the share must be 1."
    return ""


def _batches(g: np.ndarray, size: int) -> list[np.ndarray]:
    return [g[start : start + size] for start in range(0, len(g), size)]


def _kept_if(left: Any) -> Any:
    """Return a wrong share: what `left` makes of the batches, over Σ |g|."""
    return lambda g, size: float(left(_batches(g, size)) / np.abs(g).sum())


KEPT = Exercise(
    id="04.1",
    name="kept",
    points=2,
    asks="The gradients of one weight are added up in batches before the absolute value is taken. "
    "Which share of Σ |g| is left?",
    solution=kept,
    why="Within a batch opposite signs cancel, between batches they do not: each batch has its own "
    "absolute value. A short last batch is a sum as well, so it needs no extra care.",
    hints=(
        "What is left of +3 and −2 in one batch, and in two?",
        "Cut g into batches; each one leaves the size of its sum.",
        "Add up |sum of the batch| over the batches; divide by the sum of all |g|.",
    ),
    mistakes={
        "mean of batch means": (
            lambda g, size: float(
                np.mean([abs(batch.mean()) for batch in _batches(g, size)]) / np.abs(g).mean()
            ),
            "This is the mean of batch means, in which a short last batch counts like a full one: "
            "add up sums instead.",
        ),
        "batch means": (
            lambda g, size: float(
                sum(abs(batch.mean()) for batch in _batches(g, size)) / np.abs(g).sum()
            ),
            "Above the line are means of batches, below it a sum over samples: use sums in both.",
        ),
        "no absolute value": (
            _kept_if(lambda batches: sum(batch.sum() for batch in batches)),
            "The batches are added up with their signs: take the absolute value of each batch's "
            "sum.",
        ),
        "one batch": (
            _kept_if(lambda batches: abs(sum(batch.sum() for batch in batches))),
            "This is what a single batch of all samples leaves: take the absolute value in each "
            "batch.",
        ),
        "no batches": (
            _kept_if(lambda batches: sum(np.abs(batch).sum() for batch in batches)),
            "This is 1 always: add up the gradients of a batch first, then take the absolute "
            "value.",
        ),
        "last batch dropped": (
            lambda g, size: float(
                sum(abs(b.sum()) for b in _batches(g, size) if len(b) == size) / np.abs(g).sum()
            ),
            "The last batch is dropped if it is short: it counts as well.",
        ),
        "upside down": (
            lambda g, size: float(1 / kept(g, size)),
            "This is one over the share: what is left belongs above the line, Σ |g| below.",
        ),
        "lost": (
            lambda g, size: float(1 - kept(g, size)),
            "This is the share that is lost: what is kept is 1 minus it.",
        ),
    },
    cases=_kept_cases,
    judge=_judge_kept,
)

# ---- 04.2 --------------------------------------------------------------------------------------


def listing_a(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for batch in x.split(16):
        length = model(batch).square().sum()
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_b(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.train()
    total = torch.zeros_like(weight)
    for sample in x.split(1):
        length = model(sample).square().sum()
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_c(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for sample in x.split(1):
        length = sum(output**2 for output in model(sample)[0])
        total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x)


def listing_d(model: nn.Module, x: Tensor, weight: Tensor) -> Tensor:  # noqa: D103
    model.eval()
    total = torch.zeros_like(weight)
    for batch in x.split(16):
        for sample in batch.split(1):
            length = model(sample).square().sum()
            total += torch.autograd.grad(length, weight)[0].abs()
    return total / len(x.split(16))


def _listing(function: Any) -> str:
    """Return the source of a listing, without its types."""
    first, *lines = inspect.getsource(function).rstrip().splitlines()
    return "\n".join((f"{first.partition('(')[0]}(model, x, weight):", *lines))


FOUND = {"A": "abs late", "B": "train mode", "C": "none", "D": "batches counted"}
LOOK = {  # at what, to find the bug of a listing
    "A": "Count the samples in the gradient when abs() is called.",
    "B": "Read its first line again.",
    "C": "Each line is right; compare it with the formula of Ω.",
    "D": "Read what its last line divides by.",
}
NOT = {  # why a bug is not the one
    "abs late": "takes abs() of one sample's gradient.",
    "batches counted": "divides by the number of samples.",
    "train mode": "calls eval() first.",
    "unsquared norm": "squares the outputs and takes no root.",
    "squared gradient": "takes abs() of a gradient, not its square.",
}
CHOICES = {
    **{
        (letter, bug): f"{letter} {words} {LOOK[letter]}"
        for letter, right in FOUND.items()
        for bug, words in NOT.items()
        if bug != right
    },
    **{
        (letter, "none"): f"{letter} has a bug. {LOOK[letter]}"
        for letter, right in FOUND.items()
        if right != "none"
    },
}

FIND = Exercise(
    id="04.2",
    name="found",
    points=2,
    asks="Four listings compute Ω of one weight tensor; the network has dropout. Which bug has "
    'each: "abs late", "batches counted", "train mode", "unsquared norm", "squared gradient" or '
    '"none"?\n\n```python\n'
    + "\n\n".join(map(_listing, (listing_a, listing_b, listing_c, listing_d)))
    + "\n```\n\nEach name may be used once, or not at all.",
    solution=FOUND,
    why="A adds up a batch before abs(). B leaves dropout on, so Ω is random. C sums squares with "
    "Python's sum, which is slow and right. D visits single samples, but divides by batches.",
    hints=(
        "In which of the four does abs() see the gradient of a single sample?",
        "Compare line by line: mode, samples in a backward pass, length, abs(), what it divides "
        "by.",
        "One listing sets the wrong mode, one splits too coarsely, one divides by too little.",
    ),
    mistakes=wrong_choices(FOUND, CHOICES),
    judge=judge_choices(FOUND, CHOICES),
    by_property=True,
    start='found = {"A": ..., "B": ..., "C": ..., "D": ...}',
)

# ---- 04.3 --------------------------------------------------------------------------------------


def omega_linear(delta: Tensor, a: Tensor) -> Tensor:
    """Return exact Ω of a linear layer's weight matrix, [out, in], without a loop.

    delta: for each sample the gradient of ‖F‖² at the layer's output, [N, out].
    a: for each sample what went into the layer, [N, in].
    """
    return delta.abs().T @ a.abs() / len(a)


def _linear_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, wide, high in ((2, 1, 2), (4, 3, 3), (7, 3, 2)):
        delta = torch.randn(samples, high, generator=draw, dtype=torch.float64)
        a = torch.randn(samples, wide, generator=draw, dtype=torch.float64)
        cases.append({"delta": delta, "a": a})
    return cases


def _judge_linear(case: Case, found: Any) -> str:
    return "Ω is never negative." if (found < 0).any() else ""


LINEAR = Exercise(
    id="04.3",
    name="omega_linear",
    points=2,
    asks="Write exact Ω of a linear layer as a single matrix product. The gradient of one sample "
    "by the weight matrix is δ aᵀ: entry (i, j) is δᵢ aⱼ.",
    solution=omega_linear,
    why="As |δᵢ aⱼ| = |δᵢ| |aⱼ|, the absolute values can be taken before the product, and the "
    "product does the sum over the samples.",
    hints=(
        "What is |δᵢ aⱼ|, written with two absolute values?",
        "A matrix product over the samples sums products: give it |Δ| and |A|.",
        "Take |Δ| transposed, times |A|; divide by the number of samples.",
    ),
    mistakes={
        "absolute value of the product": (
            lambda delta, a: (delta.T @ a).abs() / len(a),
            "This is |ΔᵀA|/N, the batch form: take the absolute values before the product, which "
            "sums over the samples.",
        ),
        "sum": (
            lambda delta, a: delta.abs().T @ a.abs(),
            "This is the sum over the samples: divide by N.",
        ),
        "transposed": (
            lambda delta, a: a.abs().T @ delta.abs() / len(a),
            "This is Ωᵀ, of shape [in, out]: the layer's weight is [out, in].",
        ),
        "only delta": (
            lambda delta, a: delta.abs().T @ a / len(a),
            "Only Δ has its absolute value: the inputs A may be negative as well.",
        ),
        "only a": (
            lambda delta, a: delta.T @ a.abs() / len(a),
            "Only A has its absolute value: Δ has both signs as well.",
        ),
        "squares": (
            lambda delta, a: (delta**2).T @ a**2 / len(a),
            "This is the mean of squared gradients: take absolute values instead of squares.",
        ),
        "no absolute value": (
            lambda delta, a: delta.T @ a / len(a),
            "This is the mean gradient with its sign: absolute values are missing.",
        ),
        "double": (
            lambda delta, a: 2 * delta.abs().T @ a.abs() / len(a),
            "This is twice Ω: the 2 of the squared output is already in δ.",
        ),
        "divided by outputs": (
            lambda delta, a: delta.abs().T @ a.abs() / delta.shape[1],
            "This divides by the number of outputs: the mean is over the samples.",
        ),
    },
    cases=_linear_cases,
    judge=_judge_linear,
)

# ---- 04.4 --------------------------------------------------------------------------------------


def verdict(gaps: list[float]) -> str:
    """Return which method is ahead: "first", "second" or "no difference seen".

    gaps: first minus second, in points, one a seed; judge by the 95 % interval for their mean.
    """
    from mas_edu.results import interval  # in a notebook: me.interval

    _, low, high = interval(gaps)
    if low > 0:
        return "first"
    return "second" if high < 0 else "no difference seen"


def _gap_cases(seed: int) -> list[Case]:
    """Draw gaps with a given ratio of mean to standard error: each wrong rule errs on some."""
    draw = np.random.default_rng(seed)
    cases = []
    for seeds, ratio in ((3, 9), (3, -9), (5, 0.5), (5, 1.5), (5, 2.3), (5, 2.65), (8, 2.6)):
        noise = np.sort(draw.normal(size=seeds))  # the lowest gap first
        noise = (noise - noise.mean()) / noise.std(ddof=1)
        sign = 1 if seeds == 3 else draw.choice([-1, 1])
        gaps = sign * draw.uniform(1, 4) * (noise + ratio / np.sqrt(seeds))
        cases.append({"gaps": gaps.tolist()})
    return cases


VERDICTS = ("first", "second", "no difference seen")


def _judge_gaps(case: Case, found: Any) -> str:
    return "" if found in VERDICTS else f"Return one of {', '.join(VERDICTS)}."


def _by(margin: Any, centre: Any = np.mean) -> Any:
    """Return a verdict by whether the mean is further from 0 than a margin."""

    def wrong(gaps: list[float]) -> str:
        mean = centre(gaps)
        if abs(mean) <= margin(gaps):
            return "no difference seen"
        return "first" if mean > 0 else "second"

    return wrong


def _deviation(gaps: list[float]) -> float:
    return float(np.std(gaps, ddof=1))


def _half(gaps: list[float]) -> float:
    """Return half of the right interval's width."""
    _, low, high = interval(gaps)
    return (high - low) / 2


def _swapped(gaps: list[float]) -> str:
    return verdict([-gap for gap in gaps])


VERDICT = Exercise(
    id="04.4",
    name="verdict",
    points=2,
    asks="Two methods were run with the same seeds, each at its own λ. Say which is ahead, or that "
    "no difference was seen, from the 95 % interval (by Student's t) for the mean gap.",
    solution=verdict,
    why="If the interval contains 0, a mean gap of 0 fits what was seen. That shows no difference; "
    "it does not show that there is none.",
    hints=(
        "Could so large a mean gap come about by the luck of these seeds?",
        "The interval, me.interval, has a low and a high end. Where does 0 lie?",
        "Low above 0: first. High below 0: second. Otherwise no difference was seen.",
    ),
    mistakes={
        "mean alone": (
            _by(lambda gaps: 0),
            "This is the sign of the mean alone: ask whether the interval leaves 0 out.",
        ),
        "standard deviation": (
            _by(_deviation),
            "This is mean ± one standard deviation, how much single seeds differ: use the interval "
            "for the mean.",
        ),
        "standard error": (
            _by(lambda gaps: _deviation(gaps) / np.sqrt(len(gaps))),
            "This is mean ± one standard error: a 95 % interval is wider by the factor t.",
        ),
        "normal": (
            _by(lambda gaps: 1.96 * _deviation(gaps) / np.sqrt(len(gaps))),
            "This is mean ± 1.96 standard errors: with few seeds the factor is larger, by "
            "Student's t.",
        ),
        "population": (
            _by(lambda gaps: _half(gaps) * np.sqrt((len(gaps) - 1) / len(gaps))),
            "The spread is divided by n: from a few seeds estimate it with n − 1, or use "
            "me.interval.",
        ),
        "one gap": (
            _by(lambda gaps: 0, centre=lambda gaps: gaps[0]),
            "The first gap decides: use all seeds.",
        ),
        "swapped": (
            _swapped,
            "The names are swapped: gaps are first minus second, so a positive one speaks for the "
            "first.",
        ),
    },
    cases=_gap_cases,
    judge=_judge_gaps,
)

# ---- 04.5 --------------------------------------------------------------------------------------


def _both_sums(found: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return Ω of the two kernel weights, and what the trick makes of it."""
    image, kernel = np.asarray(found["image"], float), np.asarray(found["kernel"], float)
    patches = np.stack([image[:2], image[1:]])  # [positions, 2]
    pulls = 2 * (patches @ kernel)[:, None] * patches
    return np.abs(pulls.sum(axis=0)), np.abs(pulls).sum(axis=0)


def _judge_counter(case: Case, found: Any) -> str:
    if not isinstance(found, dict) or found.keys() != {"image", "kernel"}:
        return "Expected a dict with image and kernel, and nothing else."
    for name, size in (("image", 3), ("kernel", 2)):
        values = found[name]
        if not isinstance(values, np.ndarray) or values.shape != (size,):
            return f"{name}: expected a list of {size} numbers."
    if not all(np.isfinite(values).all() for values in found.values()):
        return "Expected finite numbers."
    omega, trick = _both_sums(found)
    if (trick > omega * (1 + 1e-6)).any():
        return ""
    return (
        f"Ω is ({omega[0]:.3g}, {omega[1]:.3g}), and the trick gives the same: both positions pull "
        "each weight the same way."
    )


COUNTER = Exercise(
    id="04.5",
    name="counter",
    points=1,
    asks="Show that the trick of 04.3 fails for a convolution. Find an image of three pixels and a "
    "kernel of two weights (two positions, no padding, no bias) for which Σ |δ| |a| over the "
    "positions is larger than Ω.",
    solution={"image": [1, 2, 1], "kernel": [1, -1]},
    why="At the two positions the outputs are −1 and 1, so the first weight is pulled by −2 and "
    "+4. Its gradient is their sum, 2; the trick says 6. Many other answers are right.",
    hints=(
        "When is |u + v| smaller than |u| + |v|?",
        "The outputs at the two positions must have opposite signs, with positive pixels.",
        "Let the pixels go up, then down, and take a kernel that compares neighbours.",
    ),
    mistakes={
        "all positive": (
            {"image": [1, 2, 3], "kernel": [1, 1]},
            "With positive pixels and weights both positions pull the same way: let one output be "
            "negative.",
        ),
        "same slope": (
            {"image": [1, 2, 3], "kernel": [-1, 1]},
            "The kernel compares neighbours, but this image rises at both positions: let it fall "
            "at one.",
        ),
        "one bright pixel": (
            {"image": [0, 1, 0], "kernel": [1, -1]},
            "Each weight meets the bright pixel at one position only: give it a second pull to "
            "cancel.",
        ),
        "kernel 0": (
            {"image": [1, 2, 1], "kernel": [0, 0]},
            "With kernel 0 the output is 0, so Ω and the trick are both 0.",
        ),
        "image 0": (
            {"image": [0, 0, 0], "kernel": [1, -1]},
            "With an image of zeros there is no gradient at all.",
        ),
    },
    judge=_judge_counter,
    by_property=True,
    start='counter = {"image": ..., "kernel": ...}  # lists of 3 and of 2 numbers',
)

EXPLAIN = "Explain why the absolute value belongs before the mean; use two samples as your example."
EXERCISES = (KEPT, FIND, LINEAR, VERDICT, COUNTER)
