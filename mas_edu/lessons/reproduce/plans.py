"""Six studies to choose from: their sides, the λ to try, and how many runs that makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch

import mas_edu as me
from mas_edu.lessons.many_tasks.rules import RULES

Side = tuple[me.Stream, me.Method]
LAMS = (0.01, 0.03, 0.1, 0.3, 1.0)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of noise among the inputs of Ω
NOISE = 300  # inputs


@dataclass(frozen=True)
class Plan:
    """A study to begin with; change what you like.

    Args:
        question: what it asks.
        sides: makes what is compared: a stream and a method for each, by name.
        beware: where such studies go wrong.
        lams: the λ to try.
        seeds: the seeds.
    """

    question: str
    sides: Callable[[], dict[str, Side]] = field(repr=False)
    beware: str
    lams: tuple[float, ...] = LAMS
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)

    @property
    def runs(self) -> int:
        """Count the runs."""
        return len(self.sides()) * len(self.lams) * len(self.seeds)


@dataclass(frozen=True, repr=False)
class WeightSize(me.MAS):
    """An importance of one's own: large weights matter. Replace it by yours."""

    def importance(self, model: torch.nn.Module, task: me.Task) -> me.Params:
        """Return the size of each weight."""
        return {name: weight.abs() for name, weight in me.snapshot(model).items()}


def ordered(places: Iterable[int], name: str) -> me.Stream:
    """Return five turned tasks in another order.

    >>> [task.name for task in ordered([4, 0], "two")]
    ['80°', '0°']
    """
    tasks = me.rotated("digits", tasks=5, step=20)
    chosen = [tasks[place] for place in places]
    return me.stream(
        chosen, scenario="domain", names=[task.name for task in chosen], name=name, outputs=10
    )


def _orders() -> dict[str, Side]:
    orders = {"upwards": (0, 1, 2, 3, 4), "downwards": (4, 3, 2, 1, 0), "zigzag": (0, 4, 1, 3, 2)}
    return {name: (ordered(places, name), me.MAS()) for name, places in orders.items()}


def _rules() -> dict[str, Side]:
    streams = {
        "5°": me.rotated("digits", step=5),
        "20°": me.rotated("digits", step=20),
        "permuted": me.permuted("digits"),
    }
    return {
        f"{rule}, {name}": (stream, RULES[rule])
        for name, stream in streams.items()
        for rule in ("sum", "last")
    }


def _noise() -> dict[str, Side]:
    stream = me.rotated("digits", step=20)
    images = stream[0].x[:NOISE]
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(0))
    return {
        f"{share:.0%} noise": (stream, me.MAS(data=(1 - share) * images + share * noise))
        for share in SHARES
    }


def _own() -> dict[str, Side]:
    stream = me.rotated("digits", step=20)
    methods = {"yours": WeightSize(), "MAS": me.MAS(), "EWC": me.EWC(), "L2": me.L2()}
    return {name: (stream, method) for name, method in methods.items()}


def _lam() -> dict[str, Side]:
    return {"MAS": (me.rotated("digits", step=20), me.MAS())}


def _audit() -> dict[str, Side]:
    stream = me.rotated("digits", step=20)
    return {"as the notebook has it": (stream, me.MASBatch()), "mended": (stream, me.MAS())}


PLANS: dict[str, Plan] = {
    "order of tasks": Plan(
        "How much does the order of the same five tasks change the average at the end?",
        _orders,
        "The streams differ, so the claim says in what, and λ is chosen for each order.",
    ),
    "rule and overlap": Plan(
        "From which overlap between tasks on does it matter whether Ω is summed or the last kept?",
        _rules,
        "Another rule changes the size of Ω: one λ for both compares sizes.",
    ),
    "noise for Ω": Plan(
        "How little like the data may the inputs be that Ω is computed from?",
        _noise,
        "Ω from noise has another size: λ is chosen for each share.",
        lams=(*LAMS, 3.0),
    ),
    "your own importance": Plan(
        "Does an importance of your own keep more than MAS, EWC and L2 do?",
        _own,
        "Name the pair that you test before you look: there are six.",
        lams=(*LAMS, 3.0, 10.0, 30.0),
    ),
    "bits of λ": Plan(
        "How exactly must λ be known: by what factor may it be wrong for a point of the average?",
        _lam,
        "The λ beside the best are given, not chosen: the claim says so.",
        lams=tuple(0.1 * 2.0**k for k in range(-6, 7)),
        seeds=tuple(range(8)),
    ),
    "audit a notebook": Plan(
        "What of a public notebook's number is left when its known bug is mended?",
        _audit,
        "Put its tasks, network and bug in place of these; first write down all other differences.",
    ),
}
