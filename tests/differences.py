"""Where Split MNIST comes out otherwise than published: what the published code does differently.

    python -m tests.differences             MNIST, five seeds; half an hour on one core
    python -m tests.differences --readme    the same, and its table goes into the README
    python -m tests.differences --quick     the small digits, seconds

`reproduce split` follows Hsu et al. 2018 (arXiv 1810.12488). Their public code,
GT-RIPL/Continual-Learning-Benchmark, tells what the paper leaves open. In the domain-incremental
reading it carries Adam's averages on from task to task, pads the images to 32 × 32 and standardises
them, and has a small λ for EWC: a coefficient of 100 before a penalty without ½, λ = 200 here; and
3000 for SI, λ = 6000. Here one is taken over, then the other, then both. Nothing is chosen by it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import mas_edu as me
from mas_edu.digests import digest
from mas_edu.protocols import every

PROTOCOL = next(protocol for protocol in every() if protocol.name == "split-domain")
LAMS = {"fine-tuning": 0.0, "EWC": 200.0, "SI": 6000.0}
README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"<!-- differences[^\n]*-->\n.*?(<!-- /differences -->)", re.DOTALL)


@dataclass(frozen=True)
class Carried(me.Schedule):
    """One optimiser for all tasks of a run, with the averages it has; ours is new for each."""

    def optimiser(self, weights: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        kept: torch.optim.Optimizer | None = self.__dict__.get("kept")
        if kept is None or kept.param_groups[0]["params"][0] is not weights[0]:  # another run
            kept = super().optimiser(weights)
            self.__dict__["kept"] = kept
        return kept


def standardised(stream: me.Stream, border: int = 2) -> me.Stream:
    """The images with a black border, then less their mean, by their standard deviation.

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
    """Flat square images `[N, H²]` with a black border, `[N, (H + 2 border)²]`."""
    side = round(x.shape[1] ** 0.5)
    return F.pad(x.reshape(-1, side, side), [border] * 4).flatten(1)


SCHEDULE = PROTOCOL.schedule
CARRIED = Carried(**vars(SCHEDULE))
WAYS: dict[str, tuple[me.Schedule, Callable[[me.Stream], me.Stream]]] = {
    "as here": (SCHEDULE, lambda stream: stream),
    "Adam carried on": (CARRIED, lambda stream: stream),
    "inputs standardised": (SCHEDULE, standardised),
    "both": (CARRIED, standardised),
}


def average(name: str, way: str, seed: int, dataset: str = "mnist") -> float:
    """Average accuracy over all tasks at the end, of one run, in %."""
    schedule, changed = WAYS[way]
    stream = changed(me.split(dataset, scenario="domain", val=0.0))
    entry = next(entry for entry in PROTOCOL.entries if entry.name == name)
    model = me.mlp([stream.features, *PROTOCOL.hidden, stream.outputs], seed)
    record = me.learn(
        stream, entry.method, LAMS[name], seed=seed, schedule=schedule, model=model, progress=False
    )
    return 100 * record.average


def table(found: dict[tuple[str, str], list[float]], dataset: str) -> str:
    """Mean and 95 % interval for each method and way, beside what was published, as Markdown."""
    claims = {entry.name: str(entry.claim) for entry in PROTOCOL.entries}
    lines = [
        f"| {dataset} | λ | published % | {' | '.join(WAYS)} |",
        "|---|---|---|" + "---|" * len(WAYS),
    ]
    for name, lam in LAMS.items():
        cells = [shown(found[name, way]) for way in WAYS]
        strength = f"{lam:g}" if lam else ""
        lines.append(f"| {name} | {strength} | {claims[name]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def shown(averages: list[float]) -> str:
    """Mean and 95 % interval.

    >>> shown([1.0, 2.0, 3.0])
    '2.00 (-0.48 … 4.48)'
    """
    found = me.interval(averages)
    return f"{found.mean:.2f} ({found.low:.2f} … {found.high:.2f})"


def settings(dataset: str = "mnist") -> str:
    """A digest of all that shapes the numbers: it stands in the README, for a test."""
    return digest([f"{PROTOCOL.settings} {LAMS} {list(WAYS)} {dataset}"], 12)


def renewed(text: str, made: str) -> str:
    """The text with the table made anew."""
    head = f"<!-- differences: {settings()} -->\n"
    return BLOCK.sub(lambda match: head + made + match[1], text)


def main() -> None:
    """Print the table, one row for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small digits, seconds")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default 5)")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error("--seeds: expected at least 2, an interval needs them")
    if options.readme and options.quick:
        parser.error("--readme: the README has MNIST's numbers; leave out --quick")
    dataset = "digits" if options.quick else "mnist"
    found = {}
    for name in LAMS:
        for way in WAYS:
            found[name, way] = [average(name, way, seed, dataset) for seed in range(options.seeds)]
            print(f"{name}, {way}: {shown(found[name, way])}", flush=True)
    made = table(found, dataset)
    print("", made, sep="\n")
    if options.readme:
        README.write_text(renewed(README.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
