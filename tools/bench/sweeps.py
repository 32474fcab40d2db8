"""All runs as one batched program, against bare loops and one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

import mas_edu as me
from tools.bench.measure import Row, median_seconds
from tools.bench.step import bare_run

LAMS = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on sweeps: five tasks of digits with MAS, curves and Ω."""
    del device
    stream = me.rotated("digits", tasks=5)

    def sweep(seeds: int) -> None:
        me.sweep(stream, me.MAS(), LAMS, range(seeds), progress=False)

    def one_by_one() -> None:
        for lam in LAMS:
            for seed in range(2):
                me.learn(stream, me.MAS(), lam, seed=seed, progress=False)

    ways = {
        "bare": lambda: bare_run(stream),
        "16 runs": lambda: sweep(2),
        "one by one": one_by_one,
    }
    if not quick:
        ways["48 runs"] = lambda: sweep(6)
    seconds = median_seconds(ways, 1 if quick else 3)
    for name, target in (("16 runs", "≥ 12"), ("48 runs", "≥ 15")):
        if name in seconds:
            count = int(name.split()[0])
            ratio = count * seconds["bare"] / seconds[name]
            loops = f"{count} bare autograd loops of digits"
            yield Row(loops, "the same updates as one sweep", ratio, target, seconds[name])
    yield Row(
        "sixteen digits runs one by one",
        "the same as one sweep",
        seconds["one by one"] / seconds["16 runs"],
        seconds=seconds["one by one"],
    )
