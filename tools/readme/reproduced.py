"""The README's table of published experiments, made from the results that come with the package.

`python -m tools.readme.reproduced` rewrites it; a test holds it.
"""

from __future__ import annotations

import textwrap
from typing import Any

from mas_edu.reproduction import protocols, report
from mas_edu.reproduction import results as findings
from tools.readme import blocks
from tools.readme.badge import ROOT

HEAD = "| experiment | method | λ | published % | here %, 95 % interval | verdict |\n"


def found() -> list[dict[str, Any]]:
    """The stored results, in the order of the protocols."""
    folder = ROOT / "mas_edu" / findings.STORED
    there = {path.stem for path in folder.glob("*.json")}
    return [findings.load_stored(p.name) for p in protocols.all_protocols() if p.name in there]


def table(results: list[dict[str, Any]]) -> str:
    """Rows as Markdown, below them what they were run with."""
    lines = [HEAD + "|---|---|---|---|---|---|"]
    for result in results:
        title = f"{result['title']}; {len(result['seeds'])} seeds"
        for row in result["rows"]:
            name, lam, claim, ours, *_, verdict = report.result_cells(row)
            lines.append(f"| {title} | {name} | {lam} | {claim} | {ours} | {verdict} |")
            title = ""
    sources = sorted({row["source"] for one in results for row in one["rows"] if row["source"]})
    versions = sorted({one["versions"]["torch"] for one in results})
    about = f"Published: {'; '.join(sources)}. Run with PyTorch {', '.join(versions)}."
    return "\n".join([*lines, "", *textwrap.wrap(about, 100)]) + "\n"


def renewed(text: str) -> str:
    """The text with the table made anew."""
    return blocks.renewed(text, "reproduced", table(found()))


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(renewed(readme.read_text(encoding="utf-8")), encoding="utf-8")
