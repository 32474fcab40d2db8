"""Exercises of lesson 09: Ω without labels, of chosen images, as they come in, and at a price."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.data import Task
from mas_edu.importance import Tally, mas, mas_batch, reference
from mas_edu.methods import Anchor
from mas_edu.networks import snapshot
from mas_edu.results import Record, choose_lam

Tensors = dict[str, Tensor]
Importance = Callable[[nn.Module, Tensor, Tensor], Tensors]

# ---- 09.1 --------------------------------------------------------------------------------------


def peeks(
    importance: Callable[[nn.Module, Tensor, Tensor], dict[str, Tensor]],
    model: nn.Module,
    x: Tensor,
    y: Tensor,
) -> bool:
    """Return whether an importance uses the labels, found out by calling it.

    importance: `importance(model, x, y)` returns a tensor for each weight, by name.
    x, y: inputs [N, features] and their labels [N].
    """
    before = importance(model, x, y)
    for label in range(model(x).shape[1]):
        after = importance(model, x, torch.full_like(y, label))
        if not all(torch.allclose(before[n], after[n], rtol=1e-4, atol=1e-6) for n in before):
            return True
    return False


RARE = 2  # the class that one of the black boxes looks for


def _scaled(importance: Tensors, factor: float) -> Tensors:
    return {name: value * factor for name, value in importance.items()}


def _remembered(importance: Callable[..., Tensors], *, labels: bool = False) -> Importance:
    """Return an importance that computes nothing twice: tests call it again and again."""
    kept: dict[bytes, Tensors] = {}

    def call(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
        given = (x, y) if labels else (x,)
        parts = [one.detach().numpy().tobytes() for one in (*given, *model.parameters())]
        key = b"".join(parts)
        if key not in kept:
            while len(kept) >= 64:
                kept.pop(next(iter(kept)))
            kept[key] = importance(model, *given)
        return {name: value.clone() for name, value in kept[key].items()}

    return call


_mas, _fisher = _remembered(mas), _remembered(reference.fisher)
_empirical = _remembered(reference.empirical_fisher, labels=True)
ROUNDING = 1e-7  # relative


def _boxes() -> tuple[dict[str, Importance], dict[str, Importance]]:
    """Return black boxes by what they are: without labels, and with."""
    calls = itertools.count()
    return {
        "MAS": _mas,
        "the exact Fisher information": _fisher,
        "one with another rounding at each call": lambda model, x, y: _scaled(
            _mas(model, x, y), 1 + ROUNDING * (next(calls) % 2)
        ),
    }, {
        "the empirical Fisher information": _empirical,
        "one that looks at labels only where a certain class is among them": (
            lambda model, x, y: _scaled(_mas(model, x, y), 2.0 if (y == RARE).any() else 1.0)
        ),
        "one that counts how many labels are equal": (
            lambda model, x, y: _scaled(_mas(model, x, y), float(torch.bincount(y).max()))
        ),
        "one in which a single weight depends on labels": _one_weight,
    }


def _one_weight(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
    omega = _mas(model, x, y)
    last = list(omega)[-1]
    return {**omega, last: omega[last] * (1 + y.double().mean())}


WITHOUT, PEEKING = (tuple(boxes) for boxes in _boxes())


def _box_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    for weight in model.parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
    x = torch.randn(6, 3, generator=draw, dtype=torch.float64)
    y = torch.tensor([0, 1, 1, 0, 1, 1])[torch.randperm(6, generator=draw)]
    return [{"model": model, "x": x, "y": y}]


def _observe_peeks(answer: Any, case: Case) -> dict[str, bool]:
    """Return what the answer says of each black box; it may draw labels as it likes."""
    found, state = {}, np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        for name, box in itertools.chain(*(boxes.items() for boxes in _boxes())):
            said = answer(_closed(box), case["model"], case["x"].clone(), case["y"].clone())
            if not isinstance(said, bool | np.bool_):
                raise FormError(f"expected True or False, got {short_repr(said)}")
            found[name] = bool(said)
    np.random.set_state(state)  # noqa: NPY002
    return found


def _closed(box: Importance) -> Importance:
    """Return the black box under a name that tells nothing."""

    def importance(model: nn.Module, x: Tensor, y: Tensor) -> Tensors:
        return box(model, x, y)

    return importance


def _judge_peeks(case: Case, found: Any) -> str:
    for name in WITHOUT:
        if found[name]:
            return f"You say that labels are used by {name}: allow for rounding."
    for name in PEEKING:
        if not found[name]:
            return f"It uses labels and you did not see it: {name}."
    return ""


def _by_labels(
    others: Callable[[Tensor], Sequence[Tensor]],
    same: Callable[[Tensors, Tensors], bool] | None = None,
) -> Callable[..., bool]:
    """Return a test that compares Ω with that of other labels, in its own way."""

    def wrong(importance: Importance, model: nn.Module, x: Tensor, y: Tensor) -> bool:
        before = importance(model, x, y)
        return not all((same or _close)(before, importance(model, x, one)) for one in others(y))

    return wrong


def _close(mine: Tensors, theirs: Tensors) -> bool:
    return all(torch.allclose(mine[name], theirs[name], rtol=1e-4) for name in mine)


def _identical(mine: Tensors, theirs: Tensors) -> bool:
    return all(torch.equal(mine[name], theirs[name]) for name in mine)


def _first_close(mine: Tensors, theirs: Tensors) -> bool:
    name = next(iter(mine))
    return torch.allclose(mine[name], theirs[name], rtol=1e-4)


def _constants(y: Tensor) -> list[Tensor]:
    return [torch.full_like(y, label) for label in range(3)]


PEEKS = Exercise(
    id="09.1",
    name="peeks",
    points=2,
    asks="Is an importance really free of labels? Find it out without its source: call it with "
    "other labels. Your function gets several black boxes. Some of them use labels only where "
    "certain labels are among them.",
    solution=peeks,
    why="An importance without labels is the same for any labels. All samples with one, for each "
    "label in turn, changes single labels, their counts and which of them occur.",
    hints=(
        "What would have to stay the same if the labels played no part?",
        "Call it with the labels as they are, then with several others. Which others bring in "
        "every class, and other counts?",
        "Give all samples the label 0, then 1, and so on; compare every tensor with the first "
        "result by torch.allclose.",
    ),
    mistakes={
        "always": (
            lambda importance, model, x, y: True,
            "You say of every box that it uses labels: compare two calls with different labels.",
        ),
        "never": (
            lambda importance, model, x, y: False,
            "You say of no box that it uses labels: compare two calls with different labels.",
        ),
        "permuted": (
            _by_labels(lambda y: [y.flip(0), y.roll(1), y.roll(2)]),
            "The labels are only put into another order: their counts stay, and no new label comes "
            "in.",
        ),
        "swapped": (
            _by_labels(lambda y: [1 - y]),
            "Only labels that occur already are used: a box may wait for a class that is not among "
            "them.",
        ),
        "one label": (
            _by_labels(lambda y: [torch.zeros_like(y)]),
            "A single other set of labels is tried: a box may look at certain labels only. Try "
            "each class.",
        ),
        "identical": (
            _by_labels(_constants, _identical),
            "Bit by bit equality is too strict: rounding alone makes a difference. Allow a small "
            "tolerance.",
        ),
        "first tensor": (
            _by_labels(_constants, _first_close),
            "Only the first tensor is compared: the labels may reach another weight.",
        ),
        "upside down": (
            lambda *args: not peeks(*args),
            "The answer is upside down: return True where other labels change the result.",
        ),
    },
    cases=_box_cases,
    observe=_observe_peeks,
    judge=_judge_peeks,
    by_property=True,
)

# ---- 09.2 --------------------------------------------------------------------------------------


def keep(model: nn.Module, task: Any, classes: Sequence[int]) -> Anchor:
    """Return an anchor that holds what a network does with the images of some classes.

    model: has learned the task; θ* is its weights as they are now.
    task: a `me.Task` with training images `task.x` [N, features] and labels `task.y` [N].
    classes: those that will be needed. The labels only pick out their images.
    """
    chosen = task.x[torch.isin(task.y, torch.tensor(list(classes)))]
    return Anchor(dict(model.named_parameters()), mas(model, chosen))


def _task_cases(seed: int) -> list[Case]:
    """Draw a task of four classes, 0 once, 2 more often, and a network that errs in both ways."""
    draw = torch.Generator().manual_seed(seed)
    parts: list[Any] = []
    for size in (9, 6, 6):  # training, test, validation
        y = torch.cat([torch.tensor([0, 1, 2, 2, 3, 1]), torch.randint(1, 4, (3,), generator=draw)])
        y = y[:size][torch.randperm(size, generator=draw)]
        parts += [torch.randn(size, 3, generator=draw, dtype=torch.float64) + y[:, None], y]
    task, classes = Task("A", *parts), [2, 0]
    chosen, found, missed = _rows(task, classes), torch.zeros(9, dtype=torch.bool), False
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4)).double()
    while not (missed and (found & chosen).any() and (found & ~chosen).any()):
        for weight in model.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        found = torch.isin(model(task.x).argmax(1), torch.tensor(classes))
        missed = bool((chosen & ~found).any())
    return [{"model": model, "task": task, "classes": classes}]


def _observe_anchor(answer: Any, case: Case) -> Any:
    found = answer(*case.values())
    if not isinstance(found, Anchor):
        raise FormError(f"expected Anchor(theta, omega), got {short_repr(found)}")
    return found


def _rows(task: Task, classes: Sequence[int]) -> Tensor:
    return torch.isin(task.y, torch.tensor(list(classes)))


def _anchor_of(omega: Callable[[nn.Module, Task, Sequence[int]], Tensors]) -> Callable[..., Anchor]:
    """Return an answer with another Ω."""
    return lambda model, task, classes: Anchor(snapshot(model), omega(model, task, classes))


def _mean_of_classes(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    found = [mas(model, task.x[task.y == label]) for label in classes]
    return {name: sum(one[name] for one in found) / len(found) for name in found[0]}  # type: ignore[misc]


def _of_each_class(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    found = [_scaled(mas(model, task.x[task.y == c]), float((task.y == c).sum())) for c in classes]
    return {name: sum(one[name] for one in found) for name in found[0]}  # type: ignore[misc]


def _predicted(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    taken = torch.isin(model(task.x).argmax(1), torch.tensor(list(classes)))
    return mas(model, task.x[taken])


def _with_loss(model: nn.Module, task: Task, classes: Sequence[int]) -> Tensors:
    rows = _rows(task, classes)
    weights = dict(model.named_parameters())
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for x, y in zip(task.x[rows].split(1), task.y[rows].split(1), strict=True):
        gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(weights.values()))
        for name, gradient in zip(weights, gradients, strict=True):
            total[name] += gradient.abs() / int(rows.sum())
    return total


def _at_zero(model: nn.Module, task: Task, classes: Sequence[int]) -> Anchor:
    right = keep(model, task, classes)
    return Anchor({name: torch.zeros_like(one) for name, one in right.theta.items()}, right.omega)


KEEP = Exercise(
    id="09.2",
    name="keep",
    points=2,
    asks="Some classes will be needed later. Make the anchor that protects them: θ* as it is now, "
    "and Ω from the training images of these classes. `mas(model, x)` computes Ω, and "
    "`Anchor(theta, omega)` copies both.",
    solution=keep,
    why="The labels only say which images are taken; Ω itself sees images alone. In use nobody "
    "would label them: they are simply what the network meets.",
    hints=(
        "Of which images is Ω to be taken, and what do you need the labels for?",
        "Choose the rows of task.x whose label is among the classes; all of them together go into "
        "one Ω.",
        "With rows = torch.isin(task.y, torch.tensor(classes)), the anchor holds the named "
        "parameters, and mas of these rows of task.x.",
    ),
    mistakes={
        "all images": (
            _anchor_of(lambda model, task, classes: mas(model, task.x)),
            "Ω is that of all images: take those of the chosen classes alone.",
        ),
        "other classes": (
            _anchor_of(lambda model, task, classes: mas(model, task.x[~_rows(task, classes)])),
            "Ω is that of the other classes: your rows are upside down.",
        ),
        "chosen logits": (
            _anchor_of(
                lambda model, task, classes: mas(
                    model, task.x[_rows(task, classes)], classes=classes
                )
            ),
            "Only the chosen logits count here: that is a choice too, it lets the others go. Here "
            "all logits count.",
        ),
        "all images, chosen logits": (
            _anchor_of(lambda model, task, classes: mas(model, task.x, classes=classes)),
            "The logits are chosen, the images are not: take the images of these classes, and all "
            "logits.",
        ),
        "test images": (
            _anchor_of(
                lambda model, task, classes: mas(
                    model, task.x_test[torch.isin(task.y_test, torch.tensor(list(classes)))]
                )
            ),
            "Ω is that of test images: those are for testing what was kept. Take training images.",
        ),
        "one class": (
            _anchor_of(lambda model, task, classes: mas(model, task.x[task.y == classes[-1]])),
            "Only one of the classes is taken: choose every image whose label is among them.",
        ),
        "mean of classes": (
            _anchor_of(_mean_of_classes),
            "Each class counts alike here: Ω is a mean over images, so a class with more images "
            "counts more.",
        ),
        "sum": (
            _anchor_of(_of_each_class),
            "This is a sum over the images: Ω is their mean.",
        ),
        "predictions": (
            _anchor_of(_predicted),
            "These are the images that the network takes for these classes: task.y says which are.",
        ),
        "batch": (
            _anchor_of(lambda model, task, classes: mas_batch(model, task.x[_rows(task, classes)])),
            "The absolute value came after the mean over the batch: opposite gradients cancel. Use "
            "mas.",
        ),
        "loss": (
            _anchor_of(_with_loss),
            "This is the gradient of a loss, so labels are used in Ω: take ‖F(x)‖², as mas does.",
        ),
        "anchor at 0": (
            _at_zero,
            "Ω is right, but θ* is 0: the penalty would pull every weight to 0. Take the weights "
            "as they are.",
        ),
        "every weight alike": (
            _anchor_of(
                lambda model, task, classes: {
                    name: torch.ones_like(one) for name, one in snapshot(model).items()
                }
            ),
            "Ω is 1 for every weight: that is L2, it keeps everything alike.",
        ),
    },
    cases=_task_cases,
    observe=_observe_anchor,
)

# ---- 09.3 --------------------------------------------------------------------------------------


def update(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
    """Return the tally with some more images in it; the old one stays as it is.

    tally: of all images met so far; None before the first.
    x: the images that came in, [N, features]; N differs from call to call.
    """
    new = Tally.of(model, x)
    return new if tally is None else tally + new


def _arriving_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)).double()
    for weight in model.parameters():
        weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
    images = [
        torch.randn(size, 2, generator=draw, dtype=torch.float64) + 2 * place
        for place, size in enumerate((2, 1, 4))
    ]
    return [{"model": model, "images": images}]


def _observe_tallies(answer: Any, case: Case) -> Any:
    """Return Ω and the number of images after each portion, and the first Ω at the end."""
    tally, first = None, None
    found: dict[str, Any] = {}
    for place, x in enumerate(case["images"], 1):
        tally = answer(tally, case["model"], x)
        if not isinstance(tally, Tally):
            raise FormError(
                f"expected a Tally, such as Tally.of(model, x), got {short_repr(tally)}"
            )
        first = first or tally
        found[f"Ω after portion {place}"] = tally.mean()
        found[f"images after portion {place}"] = tally.samples
    return {**found, "first Ω at the end": first and first.mean()}


def _judge_tallies(case: Case, found: Any) -> str:
    before, after = found["Ω after portion 1"], found["first Ω at the end"]
    if any(not np.allclose(before[name], after[name]) for name in before):
        return "The old tally has changed: += writes into its tensors. Add, and return the sum."
    for place, seen in enumerate(np.cumsum([len(x) for x in case["images"]]), 1):
        if found[f"images after portion {place}"] != seen:
            return "The number of images is wrong: it adds up, like the sum of the gradients."
    return ""


def _tally_by(
    rule: Callable[[Tally, Tally], tuple[Callable[[str], Tensor], float]],
) -> Callable[..., Tally]:
    """Return an update by `rule(old, new)`: the total by name, and the number of images."""

    def wrong(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
        new = Tally.of(model, x)
        if tally is None:
            return new
        total, samples = rule(tally, new)
        return Tally({name: total(name) for name in new.total}, samples, new.dtypes)  # type: ignore[arg-type]

    return wrong


def _mean_of_means(old: Tally, new: Tally) -> Any:
    mine, theirs = old.mean(), new.mean()
    number = old.samples + new.samples
    return (lambda name: number * (mine[name] + theirs[name]) / 2), number


def _in_place(tally: Tally | None, model: nn.Module, x: Tensor) -> Tally:
    new = Tally.of(model, x)
    if tally is None:
        return new
    for name, value in new.total.items():
        tally.total[name] += value
    return Tally(tally.total, tally.samples + new.samples, tally.dtypes)


UPDATE = Exercise(
    id="09.3",
    name="update",
    points=2,
    asks="Images come in a few at a time, and are not kept. Update Ω: a `Tally` holds the sum of "
    "|gradients| and the number of images; `Tally.of(model, x)` makes one of a few images, "
    "`tally.mean()` is Ω. The order in which they come must not matter.",
    solution=update,
    why="Sums and numbers add up, in any order and any portions; the mean is taken only when it is "
    "needed. Two tallies are added by +, which leaves both as they are.",
    hints=(
        "What has to be kept of the images met so far, if not the images?",
        "A sum and a number: both add up. What is the tally before the first image?",
        "Make a tally of the new images; return it alone at first, and tally + new later.",
    ),
    mistakes={
        "restarts": (
            lambda tally, model, x: Tally.of(model, x),
            "Only the newest images count: add their tally to the old one.",
        ),
        "stands still": (
            lambda tally, model, x: Tally.of(model, x) if tally is None else tally,
            "The tally stays at the first images: add that of the new ones.",
        ),
        "mean of means": (
            _tally_by(_mean_of_means),
            "This is the mean of two means: a portion with more images has to count more.",
        ),
        "portions counted": (
            _tally_by(
                lambda old, new: (
                    (lambda name: old.total[name] + new.total[name]),
                    old.samples + 1,
                )
            ),
            "A portion counts as one image: add the number of images in it.",
        ),
        "old number": (
            _tally_by(
                lambda old, new: ((lambda name: old.total[name] + new.total[name]), old.samples)
            ),
            "The sum grows, the number of images does not: Ω would grow with every portion.",
        ),
        "mean added to the sum": (
            _tally_by(
                lambda old, new: (
                    (lambda name: old.total[name] + new.mean()[name]),
                    old.samples + new.samples,
                )
            ),
            "A mean is added to a sum: add the sum over the new images.",
        ),
        "largest": (
            _tally_by(
                lambda old, new: (
                    (lambda name: torch.maximum(old.total[name], new.total[name])),
                    max(old.samples, new.samples),
                )
            ),
            "The larger of the two is kept for each weight: a mean takes all images into account.",
        ),
        "old counted twice": (
            lambda tally, model, x: (
                Tally.of(model, x) if tally is None else tally + tally + Tally.of(model, x)
            ),
            "The old tally is added twice: old images would count more with every portion.",
        ),
        "writes into the old one": (
            _in_place,
            "The new tally is right, but += wrote into the old one's tensors: return tally + new.",
        ),
    },
    cases=_arriving_cases,
    observe=_observe_tallies,
    judge=_judge_tallies,
)

# ---- 09.4 --------------------------------------------------------------------------------------


def affordable(runs: list[Record], price: float) -> float:
    """Return the largest λ that the price allows; so does every λ below it.

    runs: each learned task A, then B. `run.settings["lam"]` is its λ, of which there are several
        seeds; λ = 0 is among them. `run.validation` and `run.accuracy` (test parts) are [2, 2].
    price: what B may lose against λ = 0, in the mean over the seeds: 0.05 is five points.
    """
    scores: dict[float, list[float]] = {}
    for run in runs:
        scores.setdefault(run.settings["lam"], []).append(run.validation[1, 1])  # type: ignore[index]
    best, limit = 0.0, np.mean(scores[0]) - price
    for lam in sorted(scores):
        if not np.mean(scores[lam]) >= limit:  # of an unfinished run the mean is NaN
            break
        best = lam
    return best


LAMS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FALLS = (0.0, 0.01, 0.02, 0.0, 0.08, 0.1, 0.15, 0.03, 0.25)  # of B, validation; 0.5: see below
TESTED = (0.0, 0.01, 0.08, 0.08, 0.09, 0.1, 0.15, 0.2, 0.25)  # of B, test part
KEPT = (0.3, 0.36, 0.42, 0.48, 0.54, 0.6, 0.85, 0.5, 0.55)  # of A
WOBBLES = {0.5: (0.001, -0.001, 0.0), 1.0: (0.06, -0.03, -0.03), 2.0: (-0.05, 0.08, -0.03)}


def _priced_cases(seed: int) -> list[Case]:
    """Draw runs in which each way to choose λ comes to another one; in the second 0.5 diverged."""
    price = (0.04, 0.05, 0.06)[seed % 3]
    return [{"runs": list(_runs(seed, price, hurt)), "price": price} for hurt in (False, True)]


@lru_cache(maxsize=8)
def _runs(seed: int, price: float, unfinished: bool) -> tuple[Record, ...]:
    """Return three seeds of each λ, in any order; the price allows 0.5, and then 10 by luck."""
    draw = np.random.default_rng(seed)
    runs, level = [], float(draw.uniform(0.86, 0.9))
    for lam, fall, tested, kept in zip(LAMS, FALLS, TESTED, KEPT, strict=True):
        for which in range(3):
            new = (
                level - (0.97 * price if lam == 0.5 else fall) + WOBBLES.get(lam, (0, 0, 0))[which]
            )
            validation = np.array([[0.95, 0.1], [kept, new]])
            accuracy = np.array([[0.94, 0.1], [kept - 0.03, level - tested]])
            if unfinished and (lam, which) == (0.5, 1):
                validation[1], accuracy[1] = np.nan, np.nan
            settings = {"method": "MAS()", "lam": lam, "seed": which}
            runs.append(Record(accuracy, validation=validation, settings=settings))
    return tuple(runs[k] for k in draw.permutation(len(runs)))


def _affordable_by(
    *,
    score: Callable[[Record], float] = lambda run: float(run.validation[1, 1]),  # type: ignore[index]
    mean: Callable[[list[float]], Any] = np.mean,
    limit: Callable[[float, float], float] = lambda free, price: free - price,
    last: bool = False,
    pick: Callable[[list[float]], float] = max,
) -> Callable[[list[Record], float], float]:
    """Return a choice of λ with something wrong in it.

    last: whether λ beyond one that costs too much are looked at.
    pick: which of the λ that the price allows is taken.
    """

    def wrong(runs: list[Record], price: float) -> float:
        scores: dict[float, list[float]] = {}
        for run in sorted(runs, key=lambda run: run.settings["seed"]):
            scores.setdefault(run.settings["lam"], []).append(score(run))
        least = limit(float(mean(scores[0.0])), price)
        allowed = []
        for lam in sorted(scores):
            if mean(scores[lam]) >= least:
                allowed.append(lam)
            elif not last:
                break
        return pick(allowed or [0.0])

    return wrong


def _one_too_far(runs: list[Record], price: float) -> float:
    return LAMS[LAMS.index(affordable(runs, price)) + 1]


def _best_average(runs: list[Record], price: float) -> float:
    return choose_lam(runs)


AFFORDABLE = Exercise(
    id="09.4",
    name="affordable",
    points=2,
    asks="Two Ω can be compared only at the same price. Choose λ as the lesson does: the largest "
    "up to which task B loses at most so many points, on its validation part, against λ = 0.",
    solution=affordable,
    why="Each Ω pays the same, so what is left of A can be compared. Beyond the first λ that "
    "costs too much, a cheaper one is luck.",
    hints=(
        "Which cell of the 2 × 2 matrix says how well B is known at the end?",
        "For each λ take the mean over its seeds; go up from λ = 0 and stop at the first that "
        "costs too much.",
        "The limit is the mean of validation[1, 1] at λ = 0 minus the price; NaN is no number, so "
        "it stops you, too.",
    ),
    mistakes={
        "by test": (
            _affordable_by(score=lambda run: float(run.accuracy[1, 1])),
            "λ is chosen by the test part: those answers are for the end. Take the validation "
            "part.",
        ),
        "of task A": (
            _affordable_by(score=lambda run: float(run.validation[1, 0])),  # type: ignore[index]
            "This asks what A loses, which is what λ protects: the price is paid by B.",
        ),
        "of both tasks": (
            _affordable_by(score=lambda run: run.validated),
            "This is the average of both tasks: A gains, so B may lose more than the price.",
        ),
        "best average": (
            _best_average,
            "This is the λ of the best average: a price says what B may lose, whatever A gains.",
        ),
        "share of it": (
            _affordable_by(limit=lambda free, price: free * (1 - price)),
            "The price is taken as a share of B's accuracy: it is in points, so subtract it.",
        ),
        "first seed": (
            _affordable_by(mean=lambda scores: scores[0]),
            "Only one seed is looked at: take the mean over the seeds of each λ.",
        ),
        "best seed": (
            _affordable_by(mean=max),
            "Each λ is judged by its best seed: take the mean over its seeds.",
        ),
        "beyond": (
            _affordable_by(last=True),
            "A smaller λ costs too much already: beyond it a cheap one is luck. Stop at the first "
            "that does.",
        ),
        "without the unfinished": (
            _affordable_by(mean=np.nanmean),
            "A run that diverged is left out of its mean: then this λ is not to be had at all.",
        ),
        "one too far": (
            _one_too_far,
            "This is the first λ that costs too much: take the one before it.",
        ),
        "smallest": (
            _affordable_by(pick=min),
            "This is the smallest λ that the price allows: take the largest of them.",
        ),
    },
    cases=_priced_cases,
)

# ---- 09.5 --------------------------------------------------------------------------------------

STEERING = Exercise(
    id="09.5",
    name="steering",
    points=1,
    asks="What does it cost to choose? Run the lesson's experiment for the digits 4 and 7, three "
    "seeds, each Ω at its own λ; a few seconds in all:\n\n"
    "```python\n"
    "from mas_edu.lessons import what_not_to_forget as lesson\n\n"
    'sources = ("all digits", "chosen digits", "chosen digits, chosen logits")\n'
    "lams = {source: lesson.study().lam(source, (4, 7)) for source in sources}\n"
    "rest = lesson.others((4, 7))\n"
    "for found in lesson.over_seeds((4, 7), lams, seeds=range(3)):\n"
    "    print({s: (one.on((4, 7)), one.on(rest), one.new) for s, one in found.items()})\n"
    "```\n\n"
    "Then choose the sentence that holds for each of the three seeds: `A`, choosing the images "
    "alone keeps 4 and 7 and gives the others up; `B`, with the logits chosen as well, the others "
    "lose far more than 4 and 7 gain; `C`, with the logits chosen as well, 4 and 7 gain about as "
    "much as the others lose; `D`, with the logits chosen as well, it is the new task that pays.",
    solution="B",
    start='steering = ...  # "A", "B", "C" or "D"',
    why="Nothing holds the output weights of the other digits, so they are given up; 4 and 7 were "
    "kept by any Ω already, so there is little to gain.",
    hints=(
        "Which three numbers are printed for each Ω, and against which Ω do you compare?",
        "Subtract seed by seed: what do 4 and 7 gain against Ω from all digits, what do the others "
        "lose, what does the new task lose?",
        "Compare the first and the third Ω of each seed: one of the differences is far larger than "
        "the two others.",
    ),
    mistakes={
        "images": (
            "A",
            "With the images alone the others stay within a point or two: compare the first two Ω.",
        ),
        "equal": (
            "C",
            "Subtract seed by seed: the others lose over 20 points, 4 and 7 gain a few at most.",
        ),
        "new task": (
            "D",
            "The new task stays within two points, λ was chosen so: look at the other old digits.",
        ),
    },
    judge=lambda case, found: "" if found == "B" else 'Choose "A", "B", "C" or "D".',
    by_property=True,
)

EXPLAIN = (
    "Explain to a friend what a network keeps if nobody chooses, and who pays if somebody does."
)

EXERCISES = (PEEKS, KEEP, UPDATE, AFFORDABLE, STEERING)
