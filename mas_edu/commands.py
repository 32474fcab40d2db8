"""What the commands of the command line do, once their options are read."""

from __future__ import annotations

import argparse
import inspect
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from mas_edu import (
    comparison,
    datasets,
    findings,
    methods,
    report,
    reproduce,
    streams,
    train,
    verdicts,
)
from mas_edu.arguments import number, one_of, processes, whole
from mas_edu.disk import TENSORS, TEXT, writable, write
from mas_edu.models import mlp
from mas_edu.protocols import PROTOCOLS
from mas_edu.record import Record
from mas_edu.schedule import Schedule
from mas_edu.sweep import sweep as many
from mas_edu.tasks import Stream

DONE, PROBLEM, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
RUNS = "runs"  # the folder within --out in which a sweep keeps its runs
TABLE = "comparison.csv"
OF_STREAM = ("tasks", "step", "classes_per_task", "scenario", "samples")
OF_SCHEDULE = ("epochs", "steps", "batch", "lr", "optimizer", "precision")


def say(message: str) -> None:
    """A line on stderr, apart from the results and from a progress bar."""
    tqdm.write(f"mas_edu: {message}", file=sys.stderr)


def run(args: argparse.Namespace) -> int:
    """Train, save the record, print its table, draw the pictures, in this order."""
    lam, seed = number("lam", args.lam), whole("seed", args.seed, 0)
    method, schedule, hidden, stream = _asked(args)
    model = mlp([stream.features, *hidden, stream.outputs], seed) if hidden else None
    if args.out:
        writable(args.out)  # known before the work, not after it
    with interruptible() as pressed:
        record = train.learn(stream, method, lam, seed=seed, schedule=schedule, model=model)
        interrupted = bool(pressed)
        pressed.append(True)  # from here on nothing interrupts the saving
        keep = args.out and record.finished > 0
        try:
            if keep:
                record.save(args.out)
        finally:
            print(report.table(record), flush=True)
    files = f"{TENSORS}, {TEXT}"
    drawn = not keep or _pictures(lambda: report.pictures(record), args.out, files)
    if interrupted:
        return INTERRUPTED
    return DONE if drawn and record.complete else PROBLEM


def sweep(args: argparse.Namespace) -> int:
    """Train every λ with every seed, each stored as it goes; print the table, draw the frontier."""
    method, schedule, hidden, stream = _asked(args)
    sizes, jobs = [stream.features, *hidden, stream.outputs], processes("jobs", args.jobs)
    if args.out:
        writable(args.out, overwrite=True)
    with interruptible() as pressed:
        records = many(
            stream,
            method,
            list(dict.fromkeys(args.lams)) if method.penalised else [0.0],
            list(dict.fromkeys(args.seeds)),  # a seed given twice says nothing about the spread
            schedule=schedule,
            model=partial(mlp, sizes) if hidden else None,
            store=args.out / RUNS if args.out else None,
            n_jobs=jobs,
        )
        interrupted = bool(pressed)
        pressed.append(True)
        print(report.sweep_table(records), flush=True)
    drawn = not args.out or _pictures(lambda: report.sweep_pictures(records), args.out, RUNS)
    if interrupted:
        return INTERRUPTED
    return DONE if drawn and all(record.complete for record in records) else PROBLEM


def reproduction(args: argparse.Namespace) -> int:
    """Run a published experiment again, or print what was measured once; JSON beside it."""
    one_of("name", args.name, PROTOCOLS)
    if args.stored:
        _nothing_else(args, "rows", "seeds", "quick")
        found = findings.measured(args.name)
    else:
        try:
            found = _reproduced(args)
        except KeyboardInterrupt:
            kept = f"what is finished is kept in {args.out}, the same command goes on from there"
            say(f"interrupted; {kept}")
            return INTERRUPTED
        paths = [findings.save(one, args.out) for one in found]
        texts = (path.read_text(encoding="utf-8") for path in paths)
        found = [json.loads(text) for text in texts]  # with the rows that were there before
    print("\n\n".join(verdicts.report(one) for one in found), flush=True)
    if not args.stored:
        print("saved:", *map(str, paths))
    return DONE


def _reproduced(args: argparse.Namespace) -> list[dict[str, Any]]:
    """The experiment, run anew, or to its end."""
    if args.seeds is not None:
        whole("seeds", args.seeds, 1)
    jobs = processes("jobs", args.jobs)
    writable(args.out, overwrite=True)
    return reproduce.reproduce(
        args.name,
        rows=args.rows,
        seeds=args.seeds,
        quick=args.quick,
        n_jobs=jobs,
        store=args.out / RUNS,
        say=say,
    )


def _nothing_else(args: argparse.Namespace, *names: str) -> None:
    """Raise if one of these is given with --stored, which runs nothing."""
    for name in names:
        if getattr(args, name):
            raise ValueError(f"{name}: --stored runs nothing; leave out one of the two")


def show(args: argparse.Namespace) -> int:
    """Print the table of a saved record."""
    print(report.table(Record.load(args.folder)))
    return DONE


def compare(args: argparse.Namespace) -> int:
    """Print the comparison of saved records; keep it as a table and as a picture."""
    found = comparison.compare([run for folder in args.folders for run in report.saved(folder)])
    if args.out:
        writable(args.out, overwrite=True)
        write(args.out / TABLE, lambda path: found.to_frame().to_csv(path, index=False))
    print(found, flush=True)
    drawn = not args.out or _pictures(lambda: report.comparison_pictures(found), args.out, TABLE)
    return DONE if drawn else PROBLEM


def prefetch(args: argparse.Namespace) -> int:
    """Download the data sets that are not there yet; one that fails does not stop the others."""
    names = [one_of("dataset", name, datasets.NAMES) for name in args.names or datasets.NAMES]
    code = DONE
    for name in names:
        there = datasets.present(name)
        try:
            images = datasets.load(name)
        except (OSError, ValueError) as error:
            say(f"error: {error}")
            code = BAD_INPUT
            continue
        state = f"{'was already there' if there else 'downloaded'}, in {datasets.folder()}"
        place = "comes with scikit-learn, nothing to download" if name == "digits" else state
        print(f"{name:8} {len(images.x)} {datasets.counted(name)}, {place}", flush=True)
    return code


@contextmanager
def interruptible() -> Iterator[list[bool]]:
    """Let the first Ctrl-C interrupt, and no other; the list is empty until it is pressed."""
    pressed: list[bool] = []

    def once(number: int, frame: FrameType | None) -> None:
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, once)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _asked(
    args: argparse.Namespace,
) -> tuple[methods.Method, Schedule, list[int], Stream]:
    """What all trainings are told: method, schedule, units of the hidden layers, stream."""
    method = methods.named(args.method)
    schedule = Schedule(**{name: getattr(args, name) for name in OF_SCHEDULE})
    hidden = [whole("hidden", units, 1) for units in args.hidden or ()]
    return method, schedule, hidden, _stream(args)


def _stream(args: argparse.Namespace) -> Stream:
    """The stream asked for; an option that belongs to another kind of stream is refused."""
    make = streams.STREAMS[one_of("stream", args.stream, streams.STREAMS)]
    given = {name: getattr(args, name) for name in OF_STREAM if getattr(args, name) is not None}
    for name in given.keys() - inspect.signature(make).parameters.keys():
        raise ValueError(f"{name}: not an option of the stream {args.stream!r}; leave it out")
    return make(args.dataset, **given)


def _pictures(find: Callable[[], report.Pictures], folder: Path, saved: str) -> bool:
    """Draw into the folder where records are safe by now: a failure costs only the picture."""
    print(f"saved in {folder}: {saved}", end="", flush=True)
    try:
        for path in report.draw(find(), folder):
            print(f", {path.name}", end="", flush=True)
        print()
    except Exception as error:  # whatever matplotlib or the disk may say
        print()
        say(f"warning: a picture could not be drawn ({error}); what is in {folder} is safe")
        return False
    return True
