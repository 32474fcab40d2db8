"""Write what is made in the teacher pack, notebooks/teacher.

python -m tools.teacher            # the lesson pages, the table of the plans, sample submissions
python -m tools.teacher --grade    # also grade the sample, and write what came out into its page
python -m tools.teacher --memory   # also measure what a student takes with this build of PyTorch
"""

from __future__ import annotations

import argparse

from tools.teacher.lesson_pages import pages
from tools.teacher.memory import write_memory
from tools.teacher.sample import write_results, write_sample


def main() -> None:
    """Write the pages; measure if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.teacher",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--grade", action="store_true", help="grade the sample submissions")
    parser.add_argument("--memory", action="store_true", help="measure a student's memory")
    chosen = parser.parse_args()
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_sample()
    if chosen.grade:
        write_results()
    if chosen.memory:
        write_memory()


if __name__ == "__main__":
    main()
