"""What a person wrote for each lesson's teacher page: board, timing, discussion, in parts.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools import markdown

SOURCE = Path(__file__).parent / "parts.md"
SECTIONS = ("Board", "Timing", "Discuss")
MINUTES = re.compile(r"^- (\d+): ", re.MULTILINE)


@dataclass(frozen=True)
class Parts:
    """The hand-written parts of one page, as Markdown."""

    board: str
    timing: str
    discuss: str

    @property
    def minutes(self) -> int:
        """Return the sum of the minutes of the timing."""
        return sum(map(int, MINUTES.findall(self.timing)))

    @property
    def timing_table(self) -> str:
        """Return the timing as a table."""
        rows = [line.removeprefix("- ").split(": ", 1) for line in self.timing.splitlines()]
        return markdown.table(("minutes", "what"), rows, "rl").rstrip()


def read_parts(text: str | None = None) -> dict[str, Parts]:
    """Return the parts of each lesson, by its number.

    Raises:
        ValueError: if a lesson has other sections than these three.

    >>> parts = read_parts("# 01\\n## Board\\nb\\n## Timing\\n- 5: t\\n- 2: u\\n## Discuss\\nd\\n")
    >>> parts["01"].board, parts["01"].minutes, parts["01"].discuss
    ('b', 7, 'd')
    """
    text = SOURCE.read_text(encoding="utf-8") if text is None else text
    found = {}
    for number, page in _split(r"^# (\d\d)$", text):
        sections = dict(_split(r"^## (\w+)$", page))
        if tuple(sections) != SECTIONS:
            raise ValueError(f"{number}: expected {', '.join(SECTIONS)}, got {', '.join(sections)}")
        found[number] = Parts(*sections.values())
    return found


def _split(heading: str, text: str) -> list[tuple[str, str]]:
    """Return what stands below each heading, by the heading."""
    pieces = re.split(heading, text, flags=re.MULTILINE)[1:]
    return [(name, below.strip()) for name, below in zip(pieces[::2], pieces[1::2], strict=True)]
