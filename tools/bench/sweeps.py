"""All runs as one batched program, against one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

import mas_edu as me
from tools.bench.measure import Row, median_seconds

LAMS = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]


def rows(quick: bool, device: str) -> Iterator[Row]:
    """Yield the rows on sweeps."""
    del device
    stream = me.rotated("digits", tasks=5)
    for width in (64, 128):
        sizes = [stream.features, width, stream.outputs]

        def model(seed: int, sizes: list[int] = sizes) -> object:
            return me.mlp(sizes, seed)

        def sweep(seeds: int, model: object = model) -> None:
            me.sweep(stream, me.MAS(), LAMS, range(seeds), model=model, progress=False)

        ways = {
            "sweep": lambda sweep=sweep: sweep(2),
            "one by one": lambda model=model: [
                me.learn(stream, me.MAS(), lam, seed=seed, model=model, progress=False)
                for lam in LAMS
                for seed in range(2)
            ],
        }
        if not quick:
            ways["large"] = lambda sweep=sweep: sweep(6)
        seconds = median_seconds(ways, 1 if quick else 3)
        yield Row(
            f"sixteen digits runs one by one, width {width}",
            "the same as one sweep",
            seconds["one by one"] / seconds["sweep"],
            "≥ 4" if width == 64 else "",  # 64 is the digits default
            seconds["sweep"],
        )
        if not quick:
            yield Row(
                f"sweep of 48 digits runs, width {width}",
                "sweep of 16",
                seconds["large"] / seconds["sweep"],
                seconds=seconds["large"],
            )
