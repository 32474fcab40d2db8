"""The way from page to page: playground, then lesson after lesson, with links at both ends.

The header of each page ends with a link to the start page, its summary with its exercises, where
there are any, and the pages before and after. `python -m tools.lessons --links` writes them for the
lessons that exist; a test holds them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tools.lessons.form import LINKS
from tools.lessons.lesson import FOLDER, LESSONS

INDEX = FOLDER / "index.ipynb"
PLAYGROUND = FOLDER / "00_playground.ipynb"
START = f"[Start page]({INDEX.name})"
OLD_START = re.compile(rf"\s*{re.escape(START)}\s*\Z")


@dataclass(frozen=True)
class Page:
    """A notebook on the way, with its title as links show it."""

    path: Path
    notebook: Any

    @property
    def title(self) -> str:
        """Return number and title, such as "01 Forgetting in a minute"."""
        title = self.notebook.cells[0].source.splitlines()[0].removeprefix("# ")
        numbered = re.fullmatch(r"\d+ · (.+)", title)
        return f"{self.path.name[:2]} {numbered[1]}" if numbered else title

    @property
    def link(self) -> str:
        """Return a link to the page."""
        return f"[{self.title}]({self.path.name})"

    @property
    def exercises(self) -> str:
        """Return a line with the link to the exercises; nothing where there are none."""
        place = f"exercises/{self.path.name}"
        there = (self.path.parent / place).is_file()
        return f"Now you: [exercises that name your mistake]({place})\n\n" if there else ""


def pages() -> list[Page]:
    """Read the pages in their order."""
    paths = [PLAYGROUND, *(lesson.path for lesson in LESSONS)]
    return [Page(path, nbformat.read(path, as_version=4)) for path in paths]


def linked(way: Sequence[Page]) -> dict[Path, Any]:
    """Put the links into the notebooks of a way; return them by their paths."""
    for place, page in enumerate(way):
        before = [f"Back: {way[place - 1].link}"] if place else []
        after = [f"Next: {way[place + 1].link}"] if place + 1 < len(way) else []
        first, last = page.notebook.cells[0], _end(page.notebook)
        first.source = f"{OLD_START.sub('', first.source)}\n\n{START}"
        way_on = f"{page.exercises}{' · '.join(before + after)}"
        last.source = f"{LINKS.sub('', last.source)}\n\n{way_on}"
    return {page.path: page.notebook for page in way}


def _end(notebook: Any) -> Any:
    """Return the cell that leads on: a lesson's summary, or the playground's last words."""
    return next(cell for cell in notebook.cells if cell.id in ("summary", "next"))
