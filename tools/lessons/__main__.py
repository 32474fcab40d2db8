"""Check the form of the lessons, and measure what each costs.

python -m tools.lessons                  # what is missing in the form
python -m tools.lessons --measure        # run each top to bottom, refresh the seconds in its header
python -m tools.lessons --measure 01 02  # these alone
"""

from __future__ import annotations

import argparse
import os
import sys

from tools.lessons.cost import measure, refresh
from tools.lessons.form import problems
from tools.lessons.lesson import LESSONS


def main() -> None:
    """Check all lessons or some, and measure them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tools.lessons", description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01; none: all")
    parser.add_argument("--measure", action="store_true", help="run them, refresh the headers")
    chosen = parser.parse_args()
    failed = False
    for lesson in LESSONS:
        if chosen.numbers and lesson.number not in chosen.numbers:
            continue
        found = []
        if chosen.measure:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
            cost = measure(lesson)
            refresh(lesson, cost)
            print(f"{lesson.path.name}: {cost}")
            found = cost.too_much
        found += problems(lesson.read())
        print(*(f"{lesson.path.name}: {problem}" for problem in found), sep="\n", end="")
        print("\n" if found else "", end="")
        failed = failed or bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
