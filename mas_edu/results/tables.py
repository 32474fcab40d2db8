"""Tables of texts, laid out by pandas: as lines, or as HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Rows = Iterable[tuple[str, ...]]


def table_lines(head: tuple[str, ...], rows: Rows, left: bool = False) -> list[str]:
    r"""Return the head and each row as a line of text.

    Args:
        head: the names of the columns.
        rows: the cells; the first of each row names it.
        left: whether all columns begin below each other, instead of ending there.

    >>> print(*table_lines(("", "seconds"), [("MAS", "1.5"), ("SI", "12.0")]), sep="\n")
        seconds
    MAS     1.5
    SI     12.0
    """
    frame = _as_frame(head, rows)
    if frame.empty:
        return ["  ".join(head)]
    if left:
        frame = frame.apply(lambda column: column.str.ljust(column.str.len().max()))
    lines = frame.to_string(justify="left" if left else "right").splitlines()
    return [line.rstrip() for line in lines]


def table_html(caption: str, head: tuple[str, ...], rows: Rows, notes: Iterable[str] = ()) -> str:
    """Return the same as an HTML table, escaped, its caption above and the notes below.

    >>> table_html("Cost", ("", "seconds"), [("MAS", "1.5")]).count("<td>")
    1
    """
    import pandas as pd

    with pd.option_context("display.max_colwidth", None):  # never cut a cell
        table = _as_frame(head, rows).to_html(border=0)
    table = table.replace("<thead>", f"<caption>{html.escape(caption)}</caption><thead>", 1)
    return table + "".join(f"<p>{html.escape(note)}</p>" for note in notes)


def _as_frame(head: tuple[str, ...], rows: Rows) -> pd.DataFrame:
    """Return the cells as a frame of texts; the first of the head stands above the row names."""
    import pandas as pd

    cells = [(name, *more) for name, *more in rows]
    columns = pd.Index(head[1:], name=head[0] or None)
    index = [name for name, *_ in cells]
    return pd.DataFrame([more for _, *more in cells], index, columns, dtype=object)
