"""Write the tables of published experiments from the results that come with the package.

`python -m tools.readme.reproduced` rewrites both, the full one in `mas_edu/reproduction/README.md`
and the five rows of the README; a test holds them.
"""

from __future__ import annotations

import textwrap
from typing import Any

from mas_edu.reproduction import protocols, report
from mas_edu.reproduction import results as stored
from tools import markdown
from tools.paths import README, REPRODUCTION
from tools.readme import blocks

HEAD = ("experiment", "method", "λ", "published %", "here %, 95 % interval", "verdict")
SHOWN = "MAS"  # the method whose rows stand in the README


def load_all() -> list[dict[str, Any]]:
    """Return the stored results, in the order of the protocols."""
    there = {path.stem for path in (REPRODUCTION.parent / stored.STORED).glob("*.json")}
    return [stored.load_stored(p.name) for p in protocols.all_protocols() if p.name in there]


def full_table(results: list[dict[str, Any]]) -> str:
    """Return all rows as Markdown, below them what they were run with."""
    rows = [
        _cells("" if k else _title(result), row)
        for result in results
        for k, row in enumerate(result["rows"])
    ]
    sources = sorted({row["source"] for one in results for row in one["rows"] if row["source"]})
    versions = sorted({one["versions"]["torch"] for one in results})
    about = f"Published: {'; '.join(sources)}. Run with PyTorch {', '.join(versions)}."
    return "\n".join([markdown.table(HEAD, rows), *textwrap.wrap(about, 100)]) + "\n"


def short_table(results: list[dict[str, Any]]) -> str:
    """Return one row an experiment as Markdown, that of MAS.

    >>> short_table(load_all()).count("| MAS |")
    5
    """
    rows = [(one, row) for one in results for row in one["rows"] if row["row"] == SHOWN]
    return markdown.table(HEAD, (_cells(_title(one), row) for one, row in rows))


def _title(result: dict[str, Any]) -> str:
    return f"{result['title']}; {len(result['seeds'])} seeds"


def _cells(title: str, row: dict[str, Any]) -> tuple[str, ...]:
    name, lam, claim, ours, *_, verdict = report.result_cells(row)
    return title, name, lam, claim, ours, verdict


def renew_page(text: str) -> str:
    """Return the text of the full page with its table made again."""
    return blocks.renewed(text, "reproduced", full_table(load_all()))


def renew_readme(text: str) -> str:
    """Return the text of the README with its five rows made again."""
    return blocks.renewed(text, "published", short_table(load_all()))


if __name__ == "__main__":
    for page, renew in ((REPRODUCTION, renew_page), (README, renew_readme)):
        page.write_text(renew(page.read_text(encoding="utf-8")), encoding="utf-8")
