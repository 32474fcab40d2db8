"""Reasons why some published numbers are not reproduced: what the published code does differently.

    python -m tools.experiments.differences                    MNIST; an hour and a half
    python -m tools.experiments.differences permuted --page    one experiment, into the page
    python -m tools.experiments.differences split --quick      the small digits, seconds

The public code of the two papers shows what the papers leave open. It carries Adam's averages on
from task to task; `reproduce` restarts Adam with each. More differences:

- Hsu et al. 2018 (arXiv 1810.12488; GT-RIPL/Continual-Learning-Benchmark), Split MNIST: images are
  padded to 32 × 32 and standardised, and λ is small. Domain-incremental, a coefficient of 100 for
  EWC before a penalty without ½ is λ = 200 here, and 3000 for SI is λ = 6000.
- van de Ven and Tolias 2018 (arXiv 1809.10635; GMvandeVen/continual-learning), Permuted MNIST.

This program takes these over one at a time. No setting of this library is chosen by it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

import mas_edu as me
from mas_edu._common import digest
from mas_edu.reproduction.protocol import Protocol
from mas_edu.reproduction.protocols import all_protocols
from tools import markdown
from tools.paths import REPRODUCTION
from tools.readme import blocks


@dataclass(frozen=True)
class Carried(me.Schedule):
    """A schedule with one optimizer for all tasks of a run, which keeps its running averages."""

    def make_optimizer(self, values: Tensor, grads: Tensor) -> Any:
        """Return the optimizer of this run, made at its first task."""
        kept = self.__dict__.get("kept")
        if kept is None or not torch.equal(kept.values, values):  # another run
            kept = self.__dict__["kept"] = super().make_optimizer(values, grads)
        kept.values, kept.grads = values, grads  # where these are in this task
        return kept


def standardised(stream: me.Stream, border: int = 2) -> me.Stream:
    """Return the stream with a black border around its images, standardised over all of them.

    >>> images = standardised(me.split("digits", scenario="domain", val=0.0))
    >>> images.shape
    (144,)
    """
    tasks = [
        replace(task, x=framed(task.x, border), x_test=framed(task.x_test, border))
        for task in stream
    ]
    seen = torch.cat([task.x for task in tasks])
    mean, std = seen.mean(), seen.std()
    tasks = [replace(t, x=(t.x - mean) / std, x_test=(t.x_test - mean) / std) for t in tasks]
    return me.stream(tasks, scenario="domain", val=0.0, outputs=stream.outputs)


def framed(x: Tensor, border: int) -> Tensor:
    """Add a black border to flat square images: `[N, H²]` to `[N, (H + 2 border)²]`."""
    side = round(x.shape[1] ** 0.5)
    return F.pad(x.reshape(-1, side, side), [border] * 4).flatten(1)


PROTOCOLS = {protocol.name: protocol for protocol in all_protocols()}
SPLIT, PERMUTED = PROTOCOLS["split-domain"], PROTOCOLS["permuted"]
THIS_LIBRARY, CARRIED = "this library", "Adam carried on"
Found = dict[tuple[str, str], list[float]]  # averages in %, of each method in each way


@dataclass(frozen=True)
class Experiment:
    """One table: a protocol, the λ for each row, and the ways in which it is run.

    `choosing`: as when λ is chosen, on validation parts: shorter, and never on test data.
    """

    protocol: Protocol
    lams: dict[str, float]
    ways: dict[str, tuple[bool, Callable[[me.Stream], me.Stream]]]
    seeds: tuple[int, ...]
    choosing: bool
    caption: str

    def average(self, name: str, way: str, seed: int, protocol: Protocol | None = None) -> float:
        """Return the average accuracy over all tasks at the end of one run, in %."""
        protocol = protocol or self.protocol
        carried, changed = self.ways[way]
        schedule = protocol.choosing if self.choosing else protocol.schedule
        stream = changed(protocol.tasks(self.choosing))
        record = me.learn(
            stream,
            next(entry for entry in protocol.entries if entry.name == name).method,
            self.lams[name],
            seed=seed,
            schedule=Carried(**vars(schedule)) if carried else schedule,
            model=me.mlp([stream.features, *protocol.hidden, stream.outputs], seed),
            progress=False,
        )
        return 100 * (record.validated if self.choosing else record.average)

    def table(self, found: Found) -> str:
        """Return mean and 95 % interval of each row in each way, beside the published number."""
        claims = {entry.name: str(entry.claim) for entry in self.protocol.entries}
        published = [] if self.choosing else ["published %"]
        heads = ["method", "λ", *published, *self.ways]
        rows = []
        for name, lam in self.lams.items():
            claim = [claims[name]] if published else []
            cells = [shown(found[name, way]) for way in self.ways]
            rows.append([name, f"{lam:g}" if lam else "", *claim, *cells])
        return f"{markdown.table(heads, rows)}\n{self.caption}\n"

    @property
    def code(self) -> str:
        """Return a digest of all that shapes the numbers; a test compares it with the page."""
        settings = f"{self.protocol.settings} {self.lams} {list(self.ways)} {self.seeds}"
        return digest([f"{settings} {self.choosing}"], 12)


def as_it_is(stream: me.Stream) -> me.Stream:
    """Return the stream unchanged."""
    return stream


EXPERIMENTS = {
    "split": Experiment(
        SPLIT,
        {"fine-tuning": 0.0, "EWC": 200.0, "SI": 6000.0},
        {
            THIS_LIBRARY: (False, as_it_is),
            CARRIED: (True, as_it_is),
            "inputs standardised": (False, standardised),
            "both": (True, standardised),
        },
        tuple(range(5)),
        choosing=False,
        caption="Split MNIST, domain-incremental, with the λ of the published code; 5 seeds.",
    ),
    "permuted": Experiment(
        PERMUTED,
        {"fine-tuning": 0.0, "EWC": 100.0, "SI": 10.0, "MAS": 0.01},
        {THIS_LIBRARY: (False, as_it_is), CARRIED: (True, as_it_is)},
        PERMUTED.choosing_seeds,
        choosing=True,
        caption="Permuted MNIST, the first five tasks, on their validation parts; one seed.",
    ),
}


def shown(averages: list[float]) -> str:
    """Return the mean, and with several seeds its 95 % interval, as text.

    >>> shown([1.0, 2.0, 3.0]), shown([1.0])
    ('2.00 (-0.48 … 4.48)', '1.00')
    """
    found = me.interval(averages)
    several = len(averages) > 1
    return f"{found.mean:.2f}" + (f" ({found.low:.2f} … {found.high:.2f})" if several else "")


def renewed(text: str, name: str, found: Found) -> str:
    """Return the text of the page with the table of that experiment made again."""
    experiment = EXPERIMENTS[name]
    return blocks.renewed(text, f"differences {name}", experiment.table(found), experiment.code)


def main() -> None:
    """Print the tables, one row for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="split, permuted; none: both")
    parser.add_argument("--quick", action="store_true", help="the small digits, seconds")
    parser.add_argument("--page", action="store_true", help="write the tables into their page")
    options = parser.parse_args()
    if unknown := set(options.names) - set(EXPERIMENTS):
        parser.error(f"NAME: expected some of {', '.join(EXPERIMENTS)}, got {min(unknown)}")
    if options.page and options.quick:
        parser.error("--page: the page has MNIST's numbers; leave out --quick")
    for name in options.names or EXPERIMENTS:
        experiment, found = EXPERIMENTS[name], {}
        protocol = small(experiment.protocol) if options.quick else experiment.protocol
        for row in experiment.lams:
            for way in experiment.ways:
                found[row, way] = [
                    experiment.average(row, way, seed, protocol) for seed in experiment.seeds
                ]
                print(f"{row}, {way}: {shown(found[row, way])}", flush=True)
        print("", experiment.table(found), sep="\n")
        if options.page:
            text = renewed(REPRODUCTION.read_text(encoding="utf-8"), name, found)
            REPRODUCTION.write_text(text, encoding="utf-8")


def small(protocol: Protocol) -> Protocol:
    """Return the protocol on the small digits, for a quick look; the caption is not about it."""
    short = {"steps": 50, "batch": 64}
    return replace(
        protocol,
        stream={**protocol.stream, "dataset": "digits"},
        hidden=(64,),
        schedule=replace(protocol.schedule, **short),
        choosing=replace(protocol.choosing, **short),
        choosing_tasks=protocol.choosing_tasks and 3,
    )


if __name__ == "__main__":
    main()
