"""Cells as a table: lines of text, or HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

Cells = Sequence[str]


def align_columns(rows: Sequence[Cells], right: bool = True) -> list[str]:
    r"""A line a row, the columns below each other; `right`: all but the first end in line.

    >>> print(*align_columns([("", "seconds"), ("MAS", "1.5"), ("SI", "12.0")]), sep="\n")
         seconds
    MAS      1.5
    SI      12.0
    """
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if k and right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(cells, wide, strict=True))
        ).rstrip()
        for cells in rows
    ]


def as_html(caption: str, head: Cells, rows: Iterable[Cells], notes: Iterable[str] = ()) -> str:
    """The same cells as HTML, escaped; the first of a row is its heading, the notes come below.

    >>> as_html("Cost", ["", "seconds"], [["MAS", "1.5"]]).count("<td>")
    1
    """
    top = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{_row(cells)}</tr>" for cells in rows)
    below = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    title = f"<caption>{html.escape(caption)}</caption>"
    return f"<table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{below}"


def _row(cells: Cells) -> str:
    name, *numbers = (html.escape(cell) for cell in cells)
    heading = f'<th scope="row" style="text-align: left">{name}</th>'
    return heading + "".join(f"<td>{number}</td>" for number in numbers)
