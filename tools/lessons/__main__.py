"""Check the form of the lessons, and measure what each costs.

python -m tools.lessons                  # what is missing in the form
python -m tools.lessons --measure        # run each top to bottom, refresh the seconds in its header
python -m tools.lessons --measure 01 02  # these alone
python -m tools.lessons --links          # write what follows from the set of lessons: the links
                                         # between them, the start page's list, the glossary and
                                         # the bibliography
"""

from __future__ import annotations

import argparse
import os
import sys

import nbformat

from tools.lessons import chain, reference_pages
from tools.lessons.cost import measure, refresh
from tools.lessons.form import problems
from tools.lessons.lesson import BESIDE, LESSONS


def write_links() -> None:
    """Write the links into all lessons, then the pages that are made from them."""
    for make in (lambda: chain.linked(chain.pages()), reference_pages.made):
        for path, notebook in make().items():
            nbformat.write(notebook, path)


def main() -> None:
    """Check all lessons or some, and measure them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tools.lessons", description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01; none: all")
    parser.add_argument("--measure", action="store_true", help="run them, refresh the headers")
    parser.add_argument("--links", action="store_true", help="write links and reference pages")
    chosen = parser.parse_args()
    if chosen.links:
        write_links()
    failed = False
    for lesson in (*LESSONS, *BESIDE):
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
