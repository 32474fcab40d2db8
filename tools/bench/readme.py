"""Write the tables of speed from the JSON that one run of the benchmarks wrote, or more.

All rows go to `tools/bench/README.md`, five of them to the README.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools import markdown
from tools.paths import BENCH, README
from tools.readme.blocks import block, renewed

LAST = ".artifacts/bench.json"
SHOWN = (  # how the rows begin that stand in the README
    "exact Ω, MLP, 60,000",
    "exact Ω, CNN, 10,000",
    "loop over single samples",
    "error of exact Ω, MLP, float64",
    "digits, five tasks, MAS with curves and Ω",
)


def table(*reports: dict) -> str:
    """Return all rows as Markdown, the machine below; the runs must be of one machine."""
    described = reports[0]["machine"]
    for report in reports:
        if report["machine"] != described:
            raise ValueError(
                "reports: expected runs on one machine with the same versions, found "
                f"{described} and {report['machine']}; measure again"
            )
    rows = []
    for row in (row for report in reports for row in report["rows"]):
        promised = f"{row['target']}, {row['verdict']}" if row["target"] else ""
        ratio = row["note"] if row["ratio"] is None else f"{row['ratio']:.3g}"
        rows.append((row["what"], row["reference"], ratio, promised))
    return (
        f"{markdown.table(('what', 'against', 'ratio', 'promised'), rows)}\n"
        f"Measured on: {described['processor']}, {described['threads']} threads, "
        f"Python {described['python']}, PyTorch {described['torch']}.\n"
    )


def short_table(page: str) -> str:
    """Return the rows for the README, from the page with all of them."""
    found = block("bench").search(page)
    lines = found[1].splitlines() if found else []
    rows = [line for line in lines if line.startswith(tuple(f"| {name}" for name in SHOWN))]
    return "\n".join([*lines[:2], *rows]) + "\n"


def main(*paths: str) -> None:
    """Write the tables of these runs; without paths, of the last run."""
    texts = (Path(path).read_text(encoding="utf-8") for path in paths or [LAST])
    page = renewed(BENCH.read_text(encoding="utf-8"), "bench", table(*map(json.loads, texts)))
    BENCH.write_text(page, encoding="utf-8")
    readme = renewed(README.read_text(encoding="utf-8"), "speed", short_table(page))
    README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
