"""The protocol this project starts from, run again: rotated MNIST, five tasks, four kinds of Ω.

    python -m tests.seed_protocol            the whole protocol, minutes a row
    python -m tests.seed_protocol --quick    one epoch a task

The notebook that the project starts from took the absolute value after the batch mean, and added
earlier sums again at every task ("cumulative guards"); it ended at 80.016 % average accuracy. Both
slips are simulated here, and only here, beside the corrected sum and the exact Ω, under the same
budget and with the same λ.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import mas_edu as me
from mas_edu.params import Params

PUBLISHED = (97.88, 95.79, 92.25, 84.01, 80.016)  # average over tasks seen, after each task


@dataclass(frozen=True)
class CumulativeGuards(me.MASBatch):
    """Batch form, merged by the slip: each new guard is added to all earlier *cumulated* guards."""

    guards: list[Params] = field(default_factory=list, compare=False, repr=False)

    def merge(self, old: Params, new: Params) -> Params:
        """Ω_t + Σ_{s<t} M_s: tasks 1 to 4 end up with weights 4, 2, 1, 1 instead of 1, 1, 1, 1."""
        self.guards.append(old)
        return {name: sum((guard[name] for guard in self.guards), new[name]) for name in new}


def protocol(quick: bool = False) -> tuple[me.Stream, me.Schedule]:
    """Five rotations of 20°, nearest pixel; Adam 1e-4, batches of 128, ten epochs a task."""
    stream = me.rotated("mnist", tasks=5, step=20, interpolation="nearest", val=0.0)
    return stream, me.Schedule(epochs=1 if quick else 10, batch=128, lr=1e-4, evaluations=1)


def main() -> None:
    """Print one row for each kind of Ω."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one epoch a task instead of ten")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--lam", type=float, default=0.2, help="λ with the factor ½ (default 0.2)")
    parser.add_argument("--rows", default="slips,sum,exact,none", help="which rows to run")
    options = parser.parse_args()
    stream, schedule = protocol(options.quick)
    methods = {
        "slips": ("batch form + cumulative guards", CumulativeGuards),
        "sum": ("batch form, corrected sum", me.MASBatch),
        "exact": ("exact Ω, corrected sum", me.MAS),
        "none": ("fine-tuning", me.FineTune),
    }
    print(f"published: {PUBLISHED} after tasks 1 to 5")
    for row in options.rows.split(","):
        for seed in options.seeds:
            name, make = methods[row]
            model = me.mlp([784, 1024, 512, 256, 10], seed=seed)
            record = me.learn(
                stream, make(), options.lam, seed=seed, schedule=schedule, model=model
            )
            seen = [100 * record.accuracy[i, : i + 1].mean() for i in range(len(stream))]
            print(
                f"{name}, seed {seed}: after each task {' '.join(f'{a:5.2f}' for a in seen)}, "
                f"forgetting {record.forgetting:.1%}, learned {record.learned:.1%}, "
                f"{record.seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
