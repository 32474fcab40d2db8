"""Results of long runs, kept beside a lesson: a JSON file with the settings they were made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mas_edu._common import write_whole


@cache
def load_results(path: Path) -> Mapping[str, Any]:
    """Read the file, once: "settings", and the results by name."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def save_results(path: Path, settings: Mapping[str, Any], results: Mapping[str, Any]) -> Path:
    """Write the file, whole or not at all, some rows of numbers a line; return its path."""
    text = json.dumps({"settings": settings, **results})
    lines = text.replace("]], ", "]],\n").replace("}, {", "},\n{") + "\n"
    write_whole(path, lambda fresh: fresh.write_text(lines, encoding="utf-8"))
    load_results.cache_clear()
    return path


def as_stored(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they come back from the file: lists for tuples, text for keys.

    >>> as_stored({"seeds": (0, 1)})
    {'seeds': [0, 1]}
    """
    return dict(json.loads(json.dumps(settings)))
