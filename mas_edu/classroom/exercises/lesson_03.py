"""Exercises of lesson 03: Ω by hand, by a loop, by a test of one's own, and Euler's relation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.importance import mas, reference

Tensors = dict[str, Tensor]

# ---- 03.1 --------------------------------------------------------------------------------------

WEIGHTS = np.array([[1.0, -1.0], [2.0, 1.0]])  # of the two hidden units, [unit, input]
OUT = np.array([1.0, -2.0])  # of the output
SAMPLES = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, 3.0]])
EDGES = ("w11", "w12", "w21", "w22", "v1", "v2")  # w21: from input 1 to hidden unit 2


def _table(
    *,
    factor: float = 2.0,
    outer: Callable[[Any], Any] = lambda g: np.abs(g).mean(0),
    relu: bool = True,
    through: bool = True,
    squared: bool = True,
) -> dict[str, float]:
    """Return the six Ω of the small network; each argument is a way to go wrong."""
    gradients = []
    for x in SAMPLES:
        z = WEIGHTS @ x
        a = np.maximum(z, 0)
        delta_out = factor * (OUT @ a if squared else 1.0)
        delta = delta_out * (OUT if through else 1.0) * ((z > 0) if relu else 1.0)
        gradients.append([*np.outer(delta, x).ravel(), *(delta_out * a)])
    values = outer(np.array(gradients))  # [6]
    return {edge: round(float(value), 4) for edge, value in zip(EDGES, values, strict=True)}


TABLE = Exercise(
    id="03.1",
    name="table",
    points=2,
    asks="By hand: two inputs, two hidden units with ReLU, one output F, no biases. Hidden unit 1 "
    "has the weights w11 = 1 and w12 = −1, hidden unit 2 has w21 = 2 and w22 = 1; the output has "
    "v1 = 1 and v2 = −2. The samples are (1, 2), (2, 1) and (−1, 3). Give Ω of the six weights: "
    "the mean over the samples of |∂F²/∂w|.",
    solution=_table(),
    start='table = {"w11": ..., "w12": ..., "w21": ..., "w22": ..., "v1": ..., "v2": ...}',
    why="For each sample the output has δ = 2F; a hidden unit that fires gets δ times its weight "
    "v, one that does not gets 0; each edge multiplies its δ by what enters it.",
    hints=(
        "What is the derivative of F² by F?",
        "Go backwards: δ at the output, then at each hidden unit that fires; then multiply each δ "
        "by what enters the edge.",
        "For each of the three samples write six products δ · input; take their absolute values, "
        "add them up for each edge, and divide by 3.",
    ),
    mistakes={
        "no factor 2": (
            _table(factor=1.0),
            "All six are half of it: the derivative of F² by F is 2F.",
        ),
        "no absolute value": (
            _table(outer=lambda g: g.mean(0)),
            "This is the mean of the gradients themselves: take the absolute value of each "
            "sample's first.",
        ),
        "absolute after the mean": (
            _table(outer=lambda g: np.abs(g.mean(0))),
            "This equals |mean gradient|: the absolute value came after the mean. Take it for each "
            "sample.",
        ),
        "sum": (
            _table(outer=lambda g: np.abs(g).sum(0)),
            "This is the sum over the samples: divide by their number, 3.",
        ),
        "no ReLU": (
            _table(relu=False),
            "A hidden unit that does not fire passes no gradient back: its two edges get 0 from "
            "that sample.",
        ),
        "not through v": (
            _table(through=False),
            "The δ of a hidden unit is missing its weight to the output: multiply by v.",
        ),
        "output alone": (
            _table(squared=False),
            "This has δ = 2 for every sample: it is the gradient of 2F. F² also brings the output "
            "F.",
        ),
    },
)

# ---- 03.2 --------------------------------------------------------------------------------------


def omega(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return Ω of every weight: the mean over the samples of |∂‖F(x)‖²/∂θ|.

    x: inputs, [N, features].
    Returns one tensor per weight, same name and shape. It is computed in eval mode; the mode and
    the gradients of the model are given back as they were.
    """
    was_training = model.training
    model.eval()
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for sample in x:
        length = model(sample[None]).square().sum()
        gradients = torch.autograd.grad(length, list(weights.values()))
        for name, gradient in zip(weights, gradients, strict=True):
            total[name] += gradient.abs()
    model.train(was_training)
    return {name: value / len(x) for name, value in total.items()}


class HalvedInTraining(nn.Module):
    """Stands for dropout, without chance: it halves its input in training mode."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the input, or half of it in training."""
        return x / 2 if self.training else x


def _network_cases(seed: int) -> list[Case]:
    """Draw networks without and with biases, with gradients left behind, and in training mode."""
    draw = torch.Generator().manual_seed(seed)
    nets = (
        nn.Sequential(nn.Linear(2, 2, bias=False)),
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3)),
        nn.Sequential(nn.Linear(3, 4), nn.Tanh(), HalvedInTraining(), nn.Linear(4, 2)),
    )
    cases = []
    for k, (net, samples) in enumerate(zip(nets, (2, 7, 5), strict=True)):
        net.double()
        for weight in net.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
            if k == 1:
                weight.grad = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        first = next(net.parameters())
        x = torch.randn(samples, first.shape[1], generator=draw, dtype=torch.float64)
        if k == 0:
            x[1] = -x[0] + 0.3  # opposite pulls
        cases.append({"model": net, "x": x})
    return cases


def _judge_omega(case: Case, found: Any) -> str:
    if any((value < 0).any() for value in found.values()):
        return "Ω is never negative: take the absolute value of each sample's gradient."
    return ""


def _wrong_omega(
    *,
    score: Callable[[Tensor], Tensor] = lambda out: out.square().sum(),
    size: int = 1,
    mean_in_batch: bool = False,
    power: int = 1,
    absolute: bool = True,
    divide: bool = True,
    training: bool = False,
    weights_only: bool = False,
) -> Callable[[nn.Module, Tensor], Tensors]:
    """Return an Ω with something wrong in it."""

    def wrong(model: nn.Module, x: Tensor) -> Tensors:
        was = model.training
        model.train(training)
        weights = dict(model.named_parameters())
        total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        batches = x.split(size or len(x))
        for batch in batches:
            value = score(model(batch)) / (len(batch) if mean_in_batch else 1)
            gradients = torch.autograd.grad(value, list(weights.values()))
            for name, gradient in zip(weights, gradients, strict=True):
                total[name] += gradient.abs() ** power if absolute else gradient
        model.train(was)
        number = (len(batches) if mean_in_batch else len(x)) if divide else 1
        kept = [name for name in total if not (weights_only and "bias" in name)]
        return {name: total[name] / number for name in kept}

    return wrong


def _left_in_eval(model: nn.Module, x: Tensor) -> Tensors:
    found = omega(model, x)
    model.eval()
    return found


def _with_gradients(model: nn.Module, x: Tensor) -> Tensors:
    found = omega(model, x)
    model.zero_grad()
    model(x[-1:]).square().sum().backward()
    return found


def _fisher(model: nn.Module, x: Tensor) -> Tensors:
    return reference.fisher(model, x)


def _own_guess(out: Tensor) -> Tensor:
    """Return the loss against the network's own answer, as some do who have no labels."""
    return F.cross_entropy(out, out.argmax(1), reduction="sum")


OMEGA = Exercise(
    id="03.2",
    name="omega",
    points=3,
    asks="Write Ω as a loop over the samples, for any network. The result has a tensor for each "
    "weight, under its name.",
    solution=omega,
    why="One backward pass for each sample, its absolute value added up: opposite pulls of two "
    "samples both count. Labels are not needed.",
    hints=(
        "Of how many samples may a gradient know, before its absolute value is taken?",
        "One sample at a time: the squared length of the output, its gradient by every weight.",
        "Add up the absolute gradients by name and divide by the number of samples, in eval mode; "
        "`torch.autograd.grad` leaves nothing in .grad.",
    ),
    mistakes={
        "half": (
            _wrong_omega(score=lambda out: out.square().sum() / 2),
            "This is half of Ω: the squared length has no ½ before it.",
        ),
        "no absolute value": (
            _wrong_omega(absolute=False),
            "This is the mean gradient, with signs: take the absolute value of each sample's "
            "gradient.",
        ),
        "absolute after the mean": (
            _wrong_omega(size=0),
            "This equals |mean gradient|: the absolute value came after the average.",
        ),
        "batches of 2": (
            _wrong_omega(size=2),
            "The absolute value is taken of batches: opposite gradients inside one cancel. Take "
            "one sample at a time.",
        ),
        "mean of means": (
            _wrong_omega(size=2, mean_in_batch=True),
            "This is a mean of batch means: cancelling inside a batch, and short batches count as "
            "full ones.",
        ),
        "sum": (
            _wrong_omega(divide=False),
            "This is the sum over the samples: divide by their number.",
        ),
        "unsquared": (
            _wrong_omega(score=lambda out: out.norm()),
            "This is the gradient of ‖F‖: the length is squared.",
        ),
        "sum of outputs": (
            _wrong_omega(score=lambda out: out.sum()),
            "This is the gradient of the summed outputs: square each output before you add.",
        ),
        "squared gradient": (
            _wrong_omega(power=2),
            "The gradients are squared, as the Fisher information does: take their absolute value.",
        ),
        "loss": (
            _wrong_omega(score=_own_guess),
            "This is the gradient of a loss: Ω asks how the output moves, not whether it is right.",
        ),
        "Fisher": (
            _fisher,
            "This is the Fisher information: MAS takes the gradient of the squared length of the "
            "output.",
        ),
        "softmax": (
            _wrong_omega(score=lambda out: out.softmax(1).square().sum()),
            "The output went through a softmax: take the logits as they are.",
        ),
        "training mode": (
            _wrong_omega(training=True),
            "It is computed in training mode, where dropout is at work: switch to eval mode first.",
        ),
        "largest output": (
            _wrong_omega(score=lambda out: out.max(1).values.square().sum()),
            "Only the largest output is taken: the squared length adds up all of them.",
        ),
        "mean of outputs": (
            _wrong_omega(score=lambda out: out.square().mean(1).sum()),
            "The squares of the outputs are averaged: add them up, it is a length.",
        ),
        "no biases": (
            _wrong_omega(weights_only=True),
            "The biases are left out: they are weights with an Ω of their own.",
        ),
        "left in eval": (
            _left_in_eval,
            "Ω is right, but the network stays in eval mode: give its mode back as it was.",
        ),
        "gradients left": (
            _with_gradients,
            "Ω is right, but other gradients are left in .grad: use torch.autograd.grad, or put "
            "them back.",
        ),
    },
    cases=_network_cases,
    judge=_judge_omega,
    guarded=(mas, reference.mas),
)

# ---- 03.3 --------------------------------------------------------------------------------------


def accepts(omega: Callable[[nn.Module, Tensor], dict[str, Tensor]]) -> bool:
    """Return whether `omega(model, x)` computes Ω correctly, for networks of any kind.

    omega: a function like yours in 03.2. Compare it with `me.mas`, which is right.
    """
    model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 2))
    x = torch.randn(12, 3)
    model.train()
    found, right = omega(model, x), mas(model, x)
    same_names = found.keys() == right.keys()
    return same_names and all(
        torch.allclose(found[n].double(), right[n].double(), rtol=1e-3, atol=1e-4) for n in right
    )


def _in_float32(model: nn.Module, x: Tensor) -> Tensors:
    return {name: value.float() for name, value in reference.mas(model, x).items()}


def _rounded(model: nn.Module, x: Tensor) -> Tensors:
    """Return Ω with the rounding of another order of addition."""
    return {name: value * (1 + 1e-6) for name, value in reference.mas(model, x).items()}


def _dropped(model: nn.Module, x: Tensor) -> Tensors:
    return _wrong_omega(training=True)(model, x)


VALID = {
    "the loop over samples": reference.mas,
    "a right one with the rounding of float32": _rounded,
    "a right one that returns float32": _in_float32,
}
BUGS = {
    "the absolute value after the mean": _wrong_omega(size=0),
    "the absolute value of batches of 3": _wrong_omega(size=3),
    "half of it": _wrong_omega(score=lambda out: out.square().sum() / 2),
    "training mode": _dropped,
    "without the biases": _wrong_omega(weights_only=True),
}


def _observe_test(answer: Any, case: Case) -> dict[str, Any]:
    """Return what the test says to each implementation."""
    found = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case["seed"])
        for name, implementation in {**VALID, **BUGS}.items():
            said = answer(implementation)
            if not isinstance(said, bool | np.bool_):
                raise FormError(f"expected True or False, got {said!r:.60}")
            found[name] = bool(said)
    return found


def _judge_test(case: Case, found: Any) -> str:
    for name in VALID:
        if not found[name]:
            return f"Your test refuses {name}: allow for rounding, and for every valid way."
    for name in BUGS:
        if found[name]:
            return f"Your test lets through: {name}. Which network and inputs would show it?"
    return ""


def _always(said: bool) -> Callable[[Any], bool]:
    return lambda omega: said


def _without(bug: str) -> Callable[[Any], bool]:
    """Return a test that misses one bug."""
    return lambda omega: omega in VALID.values() or omega is BUGS[bug]


ACCEPTS = Exercise(
    id="03.3",
    name="accepts",
    points=3,
    asks="Write the test: it gets an implementation of Ω, and says whether it is right. It has to "
    "accept right ones, also in float32, and refuse five with a bug planted in them.",
    solution=accepts,
    why="One network with biases and dropout, in training mode, and several samples bring out "
    "every bug; a tolerance lets rounding pass.",
    hints=(
        "On which network would the bug that you think of make a difference?",
        "Several samples, biases, dropout, training mode; compare with me.mas.",
        "Compare the names first, then each tensor with torch.allclose, in one type and with a "
        "tolerance of about a thousandth.",
    ),
    mistakes={
        "accepts all": (
            _always(True),
            "Your test accepts everything: compare the numbers with those of me.mas.",
        ),
        "refuses all": (
            _always(False),
            "Your test refuses everything, also what is right: allow for rounding.",
        ),
        "misses late absolute values": (
            lambda omega: (
                _without("the absolute value after the mean")(omega)
                or omega is BUGS["the absolute value of batches of 3"]
            ),
            "Your test lets late absolute values through: with a single sample nothing can cancel. "
            "Take several.",
        ),
        "misses training mode": (
            _without("training mode"),
            "Your test lets training mode through: it needs a network with dropout, in training "
            "mode.",
        ),
        "misses biases": (
            _without("without the biases"),
            "Your test lets missing biases through: compare the names, on a network with biases.",
        ),
    },
    cases=lambda seed: [{"seed": seed}],
    observe=_observe_test,
    judge=_judge_test,
    by_property=True,
)

# ---- 03.4 --------------------------------------------------------------------------------------


def euler(model: nn.Module, x: Tensor) -> dict[str, float]:
    """Return Σ |W| Ω / (2 · mean ‖F‖²) for every weight tensor of a ReLU network without biases.

    x: inputs, [N, features]. Ω may come from `me.mas`. The ratio is at least 1.
    """
    importance = mas(model, x)
    with torch.no_grad():
        length = model(x).square().sum(1).mean()
    return {
        name: float((weight.abs() * importance[name]).sum() / (2 * length))
        for name, weight in model.named_parameters()
    }


def _relu_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, sizes in ((2, (2, 2)), (5, (3, 4, 2)), (9, (4, 5, 4, 3))):
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out, bias=False), nn.ReLU()]
        net = nn.Sequential(*layers[:-1]).double()
        for weight in net.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        next(net.parameters()).data[0].abs_()  # one unit fires, whatever the seed
        x = torch.rand(samples, sizes[0], generator=draw, dtype=torch.float64) + 0.1
        x[-1, -1] = -2.0
        cases.append({"model": net, "x": x})
    return cases


def _wrong_euler(
    ratio: Callable[[Tensor, Tensor, Tensor], Tensor], signed: bool = False
) -> Callable[[nn.Module, Tensor], dict[str, float]]:
    """Return ratios `ratio(W, Ω, ‖F‖² of each sample)`; signed: of the gradient itself."""

    def wrong(model: nn.Module, x: Tensor) -> dict[str, float]:
        importance = reference.mas(model, x)
        if signed:
            importance = _wrong_omega(absolute=False)(model, x)
        lengths = model(x).square().sum(1).detach()
        weights = dict(model.named_parameters())
        return {n: float(ratio(w.detach(), importance[n], lengths)) for n, w in weights.items()}

    return wrong


def _judge_euler(case: Case, found: Any) -> str:
    if min(found.values()) < 1 - 1e-6:
        return "A ratio is below 1, which cannot be: the absolute values are at least the sum."
    return ""


EULER = Exercise(
    id="03.4",
    name="euler",
    points=2,
    asks="Test Ω by Euler's relation: in a ReLU network without biases, Σ W ∂‖F‖²/∂W is 2‖F‖² in "
    "every layer, so Σ|W|Ω is at least twice the mean of ‖F‖². Return the ratio for each layer.",
    solution=euler,
    why="If a layer's weights double, ‖F‖² grows fourfold: that is where the 2 comes from. "
    "Absolute values can only make the sum larger.",
    hints=(
        "What is Σ W ∂F/∂W of a layer, if doubling W doubles F?",
        "For every layer the same number stands below: twice the mean squared length of the "
        "output.",
        "Sum |W| times Ω over the layer, and divide by two times the mean over the samples of "
        "‖F‖².",
    ),
    mistakes={
        "signed": (
            _wrong_euler(lambda w, o, f: (w * o).sum() / (2 * f.mean()), signed=True),
            "This is exactly 1 in every layer: that is Euler's relation itself. The test is with "
            "absolute values.",
        ),
        "no 2": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / f.mean()),
            "This is twice the ratio: the squared length brings a 2 into the denominator.",
        ),
        "mean of weights": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).mean() / (2 * f.mean())),
            "This averages over the weights: add |W| Ω up over the layer.",
        ),
        "sum of lengths": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / (2 * f.sum())),
            "The lengths are added up over the samples: Ω is a mean, so take their mean, too.",
        ),
        "length not squared": (
            _wrong_euler(lambda w, o, f: (w.abs() * o).sum() / (2 * f.sqrt().mean())),
            "The length below is not squared: take the mean of ‖F‖².",
        ),
        "weights without sign": (
            _wrong_euler(lambda w, o, f: (w * o).sum() / (2 * f.mean())),
            "Ω has no sign, so W must have none either: multiply Ω by |W|.",
        ),
    },
    cases=_relu_cases,
    judge=_judge_euler,
)

EXERCISES = (TABLE, OMEGA, ACCEPTS, EULER)

EXPLAIN = "Explain to a friend what Ω of a weight says, and why it needs no labels."
