"""The conditions that a page must fulfil: it loads nothing, and every picture has an alt text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser

WITHOUT_ALT = "No description has been provided for this image"  # what nbconvert puts in
LOADING = ("src", "srcset", "poster", "data", "background")  # attributes that fetch something
ELSEWHERE = re.compile(r"@import|url\(\s*['\"]?(?!data:)[^)#]", re.IGNORECASE)


class UnfitError(Exception):
    """A notebook that cannot be published, and why, in one sentence."""

    def __init__(self, notebook: str, cell: str, why: str) -> None:
        where = f", cell {cell!r}" if cell else ""
        super().__init__(f"{notebook}{where}: {why}")


def check(name: str, page: str, pages: Collection[str], script: str = "") -> None:
    """Raise the first of the page's problems.

    Args:
        name: of the notebook, for the message.
        page: the HTML.
        pages: the names of all pages, which links may lead to.
        script: the one that the page may have, as it stands there.

    Raises:
        UnfitError: if there is one.
    """
    if script:
        page = page.replace(f"<script>\n{script}\n</script>", "", 1)
    for cell, why in problems(page, pages):
        raise UnfitError(name, cell, why)


def problems(page: str, pages: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a page: the cell, if it is known, and a sentence."""
    reader = _Reader(pages)
    reader.feed(page)
    reader.close()
    yield from reader.found


class _Reader(HTMLParser):
    def __init__(self, pages: Collection[str]) -> None:
        super().__init__()
        self.pages, self.cell, self.in_style = pages, "", False
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if has.get("id", "").startswith("cell-id="):
            self.cell = has["id"].removeprefix("cell-id=")
        self.in_style = tag == "style"
        self.found += [(self.cell, why) for why in self._wrong(tag, has)]

    def handle_data(self, data: str) -> None:
        if self.in_style and ELSEWHERE.search(data):
            self.found.append((self.cell, "a style loads something from elsewhere"))

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def _wrong(self, tag: str, has: dict[str, str]) -> Iterator[str]:
        if tag == "script":
            yield "the page has a script; without a kernel there is nothing for it to do"
        if tag == "img" and has.get("alt", "").strip() in ("", WITHOUT_ALT):
            yield "a picture has no alt text; me.plots.show gives it one"
        if tag == "link" or ELSEWHERE.search(has.get("style", "")):
            yield f"<{tag}> loads something from elsewhere"
        for name in LOADING:
            if name in has and not has[name].startswith("data:"):
                yield f"<{tag}> loads {has[name]!r}, which is not in the page"
        target = has.get("href", "").partition("#")[0] if tag == "a" else ""
        if target and not re.match(r"https?://|mailto:", target) and target not in self.pages:
            yield f"a link leads to {target!r}, and there is no such page"
