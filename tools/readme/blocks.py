"""Tables that a program writes into a page: each stands between two marks with its name."""

from __future__ import annotations

import re


def block(name: str) -> re.Pattern[str]:
    """Return the pattern of a block, marks included; its first group is the table.

    >>> block("bench").search("<!-- bench: a1 -->\\n| 1 |\\n<!-- /bench -->")[1]
    '| 1 |\\n'
    """
    return re.compile(rf"<!-- {name}(?:: \w*)? -->\n(.*?)<!-- /{name} -->", re.DOTALL)


def renewed(text: str, name: str, table: str, code: str = "") -> str:
    """Return the text with this table; with `code`, a digest of its settings for a test to see.

    >>> renewed("<!-- bench -->\\n| 1 |\\n<!-- /bench -->", "bench", "| 2 |\\n", "b2")
    '<!-- bench: b2 -->\\n| 2 |\\n<!-- /bench -->'
    """
    head = f"{name}: {code}" if code else name
    return block(name).sub(lambda _: f"<!-- {head} -->\n{table}<!-- /{name} -->", text)
