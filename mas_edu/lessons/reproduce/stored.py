"""Stored effects of each thing that the published code does differently, one at a time.

`make differences` takes hours and writes its tables into the page of the reproductions;
`python -m tools.lesson_data 12` copies them from there into the file beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from mas_edu.lessons.stored_results import load_results, save_results

PATH = Path(__file__).with_name("differences.json")
TABLES = {"split-domain": "split", "permuted": "permuted"}  # experiment: its table on the page
FIXED = ("method", "λ", "published %")  # columns that are no way of running the experiment


def stored() -> Mapping[str, Any]:
    """Read the file: "settings", and a table for each experiment."""
    return load_results(PATH)


def settings() -> dict[str, str]:
    """Return the digest of the settings that each table on the page was made with."""
    return {name: _block(table)[0] for name, table in TABLES.items()}


def make() -> Path:
    """Copy the tables of the page into the file."""
    return save_results(PATH, settings(), {name: read_table(t) for name, t in TABLES.items()})


def read_table(table: str) -> dict[str, Any]:
    """Return a table of the page: "caption", and "rows" with λ and the intervals by way.

    >>> sorted(read_table("permuted")["rows"]["EWC"]["ways"])
    ['Adam carried on', 'this library']
    """
    lines = _block(table)[1].strip().splitlines()
    heads, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:-2]]
    found = {}
    for row in rows:
        cells = dict(zip(heads, row, strict=True))
        ways = {way: _numbers(text) for way, text in cells.items() if way not in FIXED}
        found[cells["method"]] = {"lam": cells["λ"], "ways": ways}
    return {"caption": lines[-1], "rows": found}


def _block(table: str) -> tuple[str, str]:
    """Return the digest and the text of a table on the page."""
    page = (resources.files("mas_edu.reproduction") / "README.md").read_text(encoding="utf-8")
    name = f"differences {table}"
    found = re.search(rf"<!-- {name}: (\w+) -->\n(.*?)<!-- /{name} -->", page, re.DOTALL)
    if found is None:
        raise ValueError(f"table: expected one on the page of the reproductions, got {table!r}")
    return found[1], found[2]


def _numbers(text: str) -> list[float]:
    """Return a mean, and its interval if there is one.

    >>> _numbers("62.71 (61.11 … 64.32)"), _numbers("72.80")
    ([62.71, 61.11, 64.32], [72.8])
    """
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]
