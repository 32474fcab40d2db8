"""The README's table of speed, made from the JSON that the benchmarks wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)


def table(report: dict) -> str:
    """Rows as Markdown, the machine below."""
    lines = ["| what | against | ratio | promised |", "|---|---|---|---|"]
    for row in report["rows"]:
        promised = f"{row['target']}, {row['verdict']}" if row["target"] else ""
        ratio = row["note"] if row["ratio"] is None else f"{row['ratio']:.3g}"
        lines.append(f"| {row['what']} | {row['reference']} | {ratio} | {promised} |")
    described = report["machine"]
    lines += [
        "",
        f"Measured on: {described['processor']}, {described['threads']} threads, "
        f"Python {described['python']}, PyTorch {described['torch']}.",
    ]
    return "\n".join(lines) + "\n"


def main(path: Path = Path(".artifacts/bench.json")) -> None:
    """Put the table of the last run into the README."""
    report = json.loads(path.read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    fresh = BLOCK.sub(lambda match: match[1] + table(report) + match[2], text)
    README.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
