"""Make again what lessons keep of long runs, a file each.

python -m tools.lesson_data 06  # the lesson's number
"""

from __future__ import annotations

import argparse
import importlib

from tools.lessons import LESSONS


def main() -> None:
    """Call `make` in `stored.py` of each lesson that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.lesson_data", description=__doc__)
    parser.add_argument("numbers", nargs="+", help="such as 06")
    for number in parser.parse_args().numbers:
        lesson = next((lesson for lesson in LESSONS if lesson.number == number), None)
        if lesson is None:
            known = ", ".join(lesson.number for lesson in LESSONS)
            parser.error(f"there is no lesson {number!r}; there are {known}")
        stored = importlib.import_module(f"mas_edu.lessons.{lesson.path.stem[3:]}.stored")
        print(stored.make())


if __name__ == "__main__":
    main()
