"""The README's table of speed, made from the JSON that one run of the benchmarks wrote, or more."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.readme.blocks import renewed

LAST = ".artifacts/bench.json"
README = Path(__file__).parents[2] / "README.md"


def table(*reports: dict) -> str:
    """Rows as Markdown, the machine below; of several runs, if they were made on one machine."""
    described = reports[0]["machine"]
    for report in reports:
        if report["machine"] != described:
            raise ValueError(
                "reports: expected runs on one machine with the same versions, found "
                f"{described} and {report['machine']}; measure again"
            )
    lines = ["| what | against | ratio | promised |", "|---|---|---|---|"]
    for row in (row for report in reports for row in report["rows"]):
        promised = f"{row['target']}, {row['verdict']}" if row["target"] else ""
        ratio = row["note"] if row["ratio"] is None else f"{row['ratio']:.3g}"
        lines.append(f"| {row['what']} | {row['reference']} | {ratio} | {promised} |")
    lines += [
        "",
        f"Measured on: {described['processor']}, {described['threads']} threads, "
        f"Python {described['python']}, PyTorch {described['torch']}.",
    ]
    return "\n".join(lines) + "\n"


def main(*paths: str) -> None:
    """Put the tables of these runs into the README; without paths, of the last run."""
    texts = (Path(path).read_text(encoding="utf-8") for path in paths or [LAST])
    text = README.read_text(encoding="utf-8")
    made = table(*map(json.loads, texts))
    README.write_text(renewed(text, "bench", made), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
