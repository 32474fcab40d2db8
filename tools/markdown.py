"""Tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

RULES = {"l": ":---", "r": "---:"}


def table(head: Sequence[str], rows: Iterable[Iterable[str]], align: str = "") -> str:
    """Return a table, a line a row.

    Args:
        head: the names of the columns.
        rows: the cells of each row.
        align: a letter a column, l or r; "": as the reader's program does it.

    >>> print(table(("method", "average"), [("MAS", "80 %")], "lr"), end="")
    | method | average |
    |:---|---:|
    | MAS | 80 % |
    """
    rules = [RULES[one] for one in align] or ["---"] * len(head)
    return "".join([line(head), f"|{'|'.join(rules)}|\n", *map(line, rows)])


def line(cells: Iterable[str]) -> str:
    """Return a row of a table.

    >>> line(["MAS", "80 %"])
    '| MAS | 80 % |\\n'
    """
    return f"| {' | '.join(cells)} |\n"
