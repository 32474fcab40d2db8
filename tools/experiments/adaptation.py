"""Adaptation, shown in numbers: a network keeps best what Ω was computed on.

    python -m tools.experiments.adaptation             MNIST, five seeds, some minutes
    python -m tools.experiments.adaptation --page      the same, and write its table into the page
    python -m tools.experiments.adaptation --quick     the small digits, seconds

A network learns the digits 0 to 4. Then Ω is computed from unlabelled images: those of two chosen
classes, of the other three, of all five, or noise. Then the digits 5 to 9 are learned, on the same
five logits. What is left of the chosen classes, and what of the others?

Every Ω may cost the same: λ is the largest with which the new task, on its validation part, is at
most `PRICE` below plain training. Test parts play no part in it. The chosen classes change with the
seed; over five seeds each class is chosen twice.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu._common import digest
from tools import markdown
from tools.paths import REPRODUCTION
from tools.readme import blocks

SOURCES = ("nothing", "chosen", "others", "all", "noise")
LAMS = (0.0, *(0.005 * 2**k for k in range(12)))
PRICE = 0.05  # of the new task's validation accuracy


@dataclass(frozen=True)
class Protocol:
    """The networks that are trained, and how long."""

    dataset: str = "mnist"
    hidden: int = 100
    samples: int | None = 4_000
    epochs: int = 5
    batch: int = 64

    @property
    def schedule(self) -> me.Schedule:
        """Return the schedule; one thread, because the networks are small."""
        return me.Schedule(self.epochs, batch=self.batch, evaluations=1, threads=1)


QUICK = Protocol("digits", 64, None, 10, 32)


@dataclass(frozen=True)
class Kept:
    """Test accuracies after the new task with one kind of Ω, and the λ that validation chose."""

    chosen: float
    others: float
    new: float
    lam: float


def chosen_classes(seed: int) -> list[int]:
    """Choose two of the five; over five seeds each is chosen equally often.

    >>> [chosen_classes(seed) for seed in range(5)]
    [[0, 2], [1, 3], [2, 4], [0, 3], [1, 4]]
    """
    return sorted({seed % 5, (seed + 2) % 5})


def only(task: me.Task, classes: Iterable[int]) -> me.Task:
    """Return the task's samples of these classes."""

    def part(x: Tensor | None, y: Tensor | None) -> tuple[Tensor, Tensor]:
        assert x is not None
        assert y is not None
        rows = torch.isin(y, torch.tensor(list(classes)))
        return x[rows], y[rows]

    x_val, y_val = part(task.x_val, task.y_val)
    train, test = part(task.x, task.y), part(task.x_test, task.y_test)
    return me.Task(f"{classes}", *train, *test, x_val, y_val)


def run(seed: int, protocol: Protocol = QUICK, sources: Iterable[str] = SOURCES) -> dict[str, Kept]:
    """Measure what is kept with Ω from each of the sources, for one seed."""
    first, new = me.split(
        protocol.dataset, 2, classes_per_task=5, scenario="domain", samples=protocol.samples,
        seed=seed,
    )  # fmt: skip
    model = me.mlp([first.x[0].numel(), protocol.hidden, 5], seed)
    me.fit(model, first, protocol.schedule, seed=seed)
    chosen = chosen_classes(seed)
    parts = [only(first, chosen), only(first, set(range(5)) - set(chosen)), new]
    later = me.stream([new], scenario="domain", name="the digits 5 to 9", outputs=5)

    unlabelled = {
        "chosen": parts[0].x,
        "others": parts[1].x,
        "all": first.x,
        "noise": torch.rand(parts[0].x.shape, generator=torch.Generator().manual_seed(seed)),
    }
    about = {"model": model, "schedule": protocol.schedule, "progress": False}

    def kept(source: str) -> Kept:
        if source == "nothing":
            return best([me.learn(later, me.FineTune(), seed=seed, **about)], model, parts)
        anchor = me.Anchor(me.snapshot(model), me.mas(model, unlabelled[source]))
        return best(me.sweep(later, me.MAS(), LAMS, [seed], anchor=anchor, **about), model, parts)

    return {source: kept(source) for source in sources}


def best(records: list[me.Record], model: nn.Module, parts: list[me.Task]) -> Kept:
    """Test the run with the largest λ that the price allows; λ = 0 is always allowed."""
    allowed = records[0].validated - PRICE
    record = [record for record in records if record.validated >= allowed][-1]
    model = copy.deepcopy(model)
    model.load_state_dict(record.weights)
    return Kept(*me.accuracies(model, parts).tolist(), record.settings["lam"] or 0.0)


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean and half the width of its 95 % interval over seeds.

    >>> mean, half = interval([1.0, 2.0, 3.0])
    >>> round(mean, 2), round(half, 2)
    (2.0, 2.48)
    """
    found = me.interval(values)
    return found.mean, found.high - found.mean


def differences(runs: Iterable[Mapping[str, Kept]], rival: str) -> list[float]:
    """Return, by seed, chosen above others with Ω from chosen, less the same with the rival."""
    return [
        (one["chosen"].chosen - one["chosen"].others) - (one[rival].chosen - one[rival].others)
        for one in runs
    ]


def table(runs: list[dict[str, Kept]], protocol: Protocol) -> str:
    """Return test accuracies by kind of Ω, then the paired differences, as Markdown."""
    head = ("Ω from", "chosen, %", "others, %", "new task, %", f"λ, median of {len(runs)} seeds")
    rows = []
    for source in SOURCES:
        kept = [one[source] for one in runs]
        cells = [plus_minus(getattr(k, name) for k in kept) for name in ("chosen", "others", "new")]
        lam = statistics.median(k.lam for k in kept)
        rows.append((source, *cells, f"{lam:g}"))
    rivals = (f"{plus_minus(differences(runs, one), '+')} against {one}" for one in SOURCES[2:])
    lines = [
        markdown.table(head, rows),
        *textwrap.wrap(
            f"`{protocol.dataset}`, {len(runs)} seeds, 95 % intervals; λ the largest that costs "
            f"the new task at most {100 * PRICE:g} % on its validation part. How much further the "
            "chosen classes lie above the others with Ω from the chosen, in points, paired: "
            + "; ".join(rivals)
            + ".",
            100,
        ),
    ]
    return "\n".join(lines) + "\n"


def plus_minus(shares: Iterable[float], sign: str = "") -> str:
    """Return mean and half width in %."""
    mean, half = interval(100 * share for share in shares)
    return f"{mean:{sign}.1f} ± {half:.1f}"


def settings(protocol: Protocol) -> str:
    """Return a digest of all that shapes the numbers; a test compares it with the page."""
    return digest([f"{protocol} {SOURCES} {PRICE} {LAMS}"], 12)


def renewed(text: str, runs: list[dict[str, Kept]], protocol: Protocol) -> str:
    """Return the text of the page with the table made again."""
    return blocks.renewed(text, "adaptation", table(runs, protocol), settings(protocol))


def main() -> None:
    """Print the table, one row for each kind of Ω."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small digits, seconds")
    parser.add_argument("--page", action="store_true", help="write the table into its page")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default 5)")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error("--seeds: expected at least 2, an interval needs them")
    if options.page and options.quick:
        parser.error("--page: the page has MNIST's numbers; leave out --quick")
    protocol = QUICK if options.quick else Protocol()
    runs = []
    for seed in range(options.seeds):
        runs.append(run(seed, protocol))
        print(f"seed {seed}, chosen classes {chosen_classes(seed)}: {runs[-1]}", flush=True)
    print("", table(runs, protocol), sep="\n")
    if options.page:
        text = renewed(REPRODUCTION.read_text(encoding="utf-8"), runs, protocol)
        REPRODUCTION.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
