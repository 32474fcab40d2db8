"""Make the stored results of lessons anew: those that take too long to train in a notebook.

    python -m tools.lesson_data        # which lessons have one
    python -m tools.lesson_data 09     # make that one again, minutes

A lesson takes part by a function `stored_result()` in its folder's `__init__`. It computes, and
returns the file to write and its content, text or bytes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from tools.lessons import LESSONS

Stored = Callable[[], tuple[Path, str | bytes]]


def makers() -> dict[str, Stored]:
    """Return the function that makes the stored result, by the number of the lesson."""
    return {
        lesson.number: lesson.module.stored_result
        for lesson in LESSONS
        if hasattr(lesson.module, "stored_result")
    }


def main() -> None:
    """Make the stored results that were asked for."""
    known = makers()
    parser = argparse.ArgumentParser(prog="python -m tools.lesson_data", description=__doc__)
    parser.add_argument("numbers", nargs="*", help=f"of {', '.join(known) or 'none yet'}")
    numbers = parser.parse_args().numbers
    if unknown := sorted(set(numbers) - set(known)):
        parser.error(f"{', '.join(unknown)}: no stored result; there are: {', '.join(known)}")
    if not numbers:
        print("Lessons with a stored result:", ", ".join(known) or "none")
    for number in numbers:
        begun = time.perf_counter()
        path, content = known[number]()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        size, seconds = path.stat().st_size / 1000, time.perf_counter() - begun
        print(f"{number}: {path.name}, {size:.0f} kB, {seconds:.0f} s")


if __name__ == "__main__":
    main()
