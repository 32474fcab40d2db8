"""Grade a folder of submissions, and fill the gradebook of Moodle or Canvas."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mas_edu._common import as_choice, as_float, as_job_count, as_seed, check_kinds, write_whole
from mas_edu.cli.commands import DONE, INTERRUPTED, catch_first_interrupt, say
from mas_edu.results import check_writable

if TYPE_CHECKING:
    from mas_edu.classroom import Grade

DESCRIPTION = """\
Grade a folder of exercise notebooks: points, and for each student a page that names the mistakes.

DIR holds notebooks, or a folder for each student, as Moodle, Canvas and nbgrader make them, or is a
zip of that. Answers are found by their names, so file names, cell order and metadata do not matter.
Each submission runs in a process of its own, with limits of time, memory and files, without
network. What hangs or dies costs that exercise alone. Given again, the command runs only what
changed.

It runs your students' code with your rights. The limits stop accidents, not an attacker: for
people whom you do not know, use a container, or an account that may do nothing else."""


def grade_command(args: argparse.Namespace) -> int:
    """Grade, write the pages, fill the gradebook if there is one; keep what is done on Ctrl-C."""
    from mas_edu.classroom import (
        WRITTEN_FILES,
        WRITTEN_FOLDERS,
        Grader,
        Limits,
        exercises_in,
        find_submissions,
        load_exercises,
        write_pages,
    )

    if bool(args.fill) != bool(args.column):
        raise ValueError("fill: expected --fill and --column together; give both")
    seed, jobs = as_seed(args.seed), as_job_count("jobs", args.jobs)
    limits = Limits(
        cell=as_float("cell_seconds", args.cell_seconds, above=True),
        call=as_float("call_seconds", args.call_seconds, above=True),
    )
    for file in args.own:
        load_exercises(file)
    gradebook = _read_gradebook(args) if args.fill else b""
    submissions = find_submissions(args.folder)
    exercises = _chosen(args.exercises) if args.exercises else exercises_in(submissions)
    if not exercises:
        raise ValueError(
            f"DIR: found no exercise of this course in {args.folder}; name --exercises"
        )
    grader = Grader(exercises, seed, limits, jobs if jobs > 0 else os.cpu_count() or 1)
    check_writable(args.out, overwrite=True)
    check_kinds("out", args.out, WRITTEN_FILES, WRITTEN_FOLDERS)
    found: list[Grade] = []
    bar = tqdm(total=len(submissions), unit=" submissions", file=sys.stderr, leave=False)
    try:
        with catch_first_interrupt() as pressed, bar:
            for grade in grader.grade(submissions, args.out, stop=lambda: bool(pressed)):
                found.append(grade)
                bar.update()
            if pressed:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        say(f"interrupted; {len(found)} of {len(submissions)} are kept in {args.out}")
        return INTERRUPTED
    found.sort(key=lambda grade: grade.student.casefold())
    write_pages(found, args.out)
    for grade in found:
        of = sum(verdict.of for verdict in grade.verdicts.values())
        state = "" if grade.status == "graded" else f"  {grade.status}"
        print(f"{grade.student:32} {grade.points:g} of {of}{state}")
    print(f"saved in {args.out}: grades.csv, feedback, summary.html", flush=True)
    if args.fill:
        _fill(args, gradebook, found)
    return DONE


def _chosen(names: list[str]) -> tuple[str, ...]:
    """Return the exercises named, each by its number or together by that of their lesson."""
    from mas_edu.classroom import all_exercises

    known = all_exercises()
    lessons = {exercise.lesson for exercise in known.values()}
    chosen = {as_choice("exercises", name, [*sorted(lessons), *known]) for name in names}
    return tuple(number for number, one in known.items() if {number, one.lesson} & chosen)


def _read_gradebook(args: argparse.Namespace) -> bytes:
    """Return the gradebook; raise, before anything runs, if it could not be filled."""
    from mas_edu.classroom import WRITTEN_FILES, WRITTEN_FOLDERS, fill_gradebook

    path, copy = args.fill, args.out / args.fill.name
    if path.name.casefold() in (*WRITTEN_FILES, *WRITTEN_FOLDERS):
        raise ValueError(
            f"fill: expected another name than {path.name}, which grading writes into {args.out} "
            "itself; rename the file"
        )
    try:
        if copy.resolve() == path.resolve():
            raise ValueError(f"fill: expected a file outside {args.out}, got {path}; move it")
        content: bytes = path.read_bytes()
    except OSError as error:
        raise OSError(
            f"fill: {path} cannot be read ({error.strerror}); give the CSV file that Moodle or "
            "Canvas exported"
        ) from error
    check_kinds("fill", args.out, [path.name])
    fill_gradebook(content, _columns(args), [])  # it raises if a column is not there
    return content


def _columns(args: argparse.Namespace) -> dict[str, Callable[[Grade], str]]:
    """Return what to write for a grade, by the name of the column."""
    from mas_edu.classroom import feedback_text

    columns: dict[str, Callable[[Grade], str]] = {args.column: lambda grade: f"{grade.points:g}"}
    if args.feedback_column:
        columns[args.feedback_column] = feedback_text
    return columns


def _fill(args: argparse.Namespace, gradebook: bytes, grades: list[Grade]) -> None:
    from mas_edu.classroom import fill_gradebook

    filled = fill_gradebook(gradebook, _columns(args), grades)
    path = args.out / args.fill.name
    write_whole(path, partial(Path.write_bytes, data=filled.content))
    print(f"filled {filled.matched} of {len(grades)} into {path}")
    for names, why in ((filled.unmatched, "not in it"), (filled.ambiguous, "not told apart in it")):
        if names:
            say(f"warning: {why}, left empty: {', '.join(names)}")
