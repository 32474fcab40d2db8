"""The commands of the command line, once their options are read."""

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

from mas_edu import _ctrl_c
from mas_edu._common import (
    as_choice,
    as_float,
    as_int,
    as_job_count,
    check_kinds,
    write_whole,
)
from mas_edu.cli.output import (
    Pictures,
    comparison_pictures,
    draw_pictures,
    load_records,
    record_table,
    run_pictures,
    sweep_pictures,
    sweep_table,
)
from mas_edu.data import (
    DATASETS,
    STREAMS,
    Stream,
    data_folder,
    images_label,
    is_present,
    load_images,
)
from mas_edu.methods import Method, make_method
from mas_edu.networks import mlp
from mas_edu.reproduction import PROTOCOLS, format_result, load_stored_all, reproduce, save_result
from mas_edu.results import TENSORS, TEXT, Record, check_writable, compare
from mas_edu.training import Schedule, learn
from mas_edu.training import sweep as many

DONE, PROBLEM, BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141
ENDING_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
RUNS = "runs"  # the folder within --out in which a sweep keeps its runs
TABLE = "comparison.csv"
STREAM_OPTIONS = ("tasks", "step", "classes_per_task", "scenario", "samples")
SCHEDULE_OPTIONS = ("epochs", "steps", "batch", "lr", "optimizer", "precision")


def say(message: str) -> None:
    """Print a line on stderr, apart from the results and from a progress bar."""
    tqdm.write(f"mas_edu: {message}", file=sys.stderr)


def run_command(args: argparse.Namespace) -> int:
    """Train, save the record, print its table, draw the pictures, in this order."""
    lam, seed = as_float("lam", args.lam), as_int("seed", args.seed, 0)
    method, schedule, hidden, stream = _training_options(args)
    model = mlp([stream.features, *hidden, stream.outputs], seed) if hidden else None
    if args.out:
        check_writable(args.out)  # known before the work, not after it
    with catch_first_interrupt() as pressed:
        record = learn(
            stream,
            method,
            lam,
            seed=seed,
            schedule=schedule,
            model=model,
            stop=lambda: bool(pressed),
        )
        interrupted = bool(pressed)
        pressed.append(True)  # from here on nothing interrupts the saving
        keep = args.out and record.finished > 0
        try:
            if keep:
                record.save(args.out)
        finally:
            print(record_table(record), flush=True)
    files = f"{TENSORS}, {TEXT}"
    drawn = not keep or _draw_into(lambda: run_pictures(record), args.out, files)
    if interrupted:
        return INTERRUPTED
    return DONE if drawn and record.complete else PROBLEM


def sweep_command(args: argparse.Namespace) -> int:
    """Train every λ with every seed, each stored as it goes; print the table, draw the frontier."""
    method, schedule, hidden, stream = _training_options(args)
    sizes, jobs = [stream.features, *hidden, stream.outputs], as_job_count("jobs", args.jobs)
    if args.out:
        check_writable(args.out, overwrite=True)
        check_kinds("out", args.out, folders=[RUNS])
    with catch_first_interrupt() as pressed:
        records = many(
            stream,
            method,
            list(dict.fromkeys(args.lams)) if method.penalised else [0.0],
            list(dict.fromkeys(args.seeds)),  # a seed given twice says nothing about the spread
            schedule=schedule,
            model=partial(mlp, sizes) if hidden else None,
            store=args.out / RUNS if args.out else None,
            n_jobs=jobs,
            stop=lambda: bool(pressed),
        )
        interrupted = bool(pressed)
        pressed.append(True)
        print(sweep_table(records), flush=True)
    drawn = not args.out or _draw_into(lambda: sweep_pictures(records), args.out, RUNS)
    if interrupted:
        return INTERRUPTED
    return DONE if drawn and all(record.complete for record in records) else PROBLEM


def reproduce_command(args: argparse.Namespace) -> int:
    """Run a published experiment again, or print what was measured once; JSON beside it."""
    as_choice("name", args.name, PROTOCOLS)
    if args.stored:
        _check_left_out(args, "rows", "seeds", "quick")
        found = load_stored_all(args.name)
    else:
        try:
            found = _run_experiment(args)
        except KeyboardInterrupt as error:
            why = str(error).partition(":")[0] or "interrupted"
            kept = f"what is finished is kept in {args.out}, the same command goes on from there"
            say(f"{why}; {kept}")
            return INTERRUPTED
        paths = [save_result(one, args.out) for one in found]
        texts = (path.read_text(encoding="utf-8") for path in paths)
        found = [json.loads(text) for text in texts]  # with the rows that were there before
    print("\n\n".join(format_result(one) for one in found), flush=True)
    if not args.stored:
        print("saved:", *map(str, paths))
    return DONE


def _run_experiment(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Run the experiment, or what is not finished of it."""
    if args.seeds is not None:
        as_int("seeds", args.seeds, 1)
    jobs = as_job_count("jobs", args.jobs)
    check_writable(args.out, overwrite=True)
    check_kinds("out", args.out, folders=[RUNS])
    return reproduce(
        args.name,
        rows=args.rows,
        seeds=args.seeds,
        quick=args.quick,
        n_jobs=jobs,
        store=args.out / RUNS,
        say=say,
    )


def _check_left_out(args: argparse.Namespace, *names: str) -> None:
    """Raise if one of these is given with --stored, which runs nothing."""
    for name in names:
        if getattr(args, name):
            raise ValueError(f"{name}: --stored runs nothing; leave out one of the two")


def show_command(args: argparse.Namespace) -> int:
    """Print the table of a saved record."""
    print(record_table(Record.load(args.folder)))
    return DONE


def compare_command(args: argparse.Namespace) -> int:
    """Print the comparison of saved records; keep it as a table and as a picture."""
    found = compare([run for folder in args.folders for run in load_records(folder)])
    if args.out:
        check_writable(args.out, overwrite=True)
        check_kinds("out", args.out, [TABLE])
        write_whole(args.out / TABLE, lambda path: found.to_frame().to_csv(path, index=False))
    print(found, flush=True)
    drawn = not args.out or _draw_into(lambda: comparison_pictures(found), args.out, TABLE)
    return DONE if drawn else PROBLEM


def prefetch_command(args: argparse.Namespace) -> int:
    """Download the data sets that are not there yet; one that fails does not stop the others."""
    names = [as_choice("dataset", name, DATASETS) for name in args.names or DATASETS]
    code = DONE
    for name in names:
        there = is_present(name)
        try:
            images = load_images(name)
        except (OSError, ValueError) as error:
            say(f"error: {error}")
            code = BAD_INPUT
            continue
        state = f"{'was already there' if there else 'downloaded'}, in {data_folder()}"
        place = "comes with scikit-learn, nothing to download" if name == "digits" else state
        print(f"{name:8} {len(images.x)} {images_label(name)}, {place}", flush=True)
    return code


@contextmanager
def catch_first_interrupt() -> Iterator[list[bool]]:
    """Let the first Ctrl-C interrupt, and no other; the list is empty until it is pressed.

    SIGTERM and a closed terminal (SIGHUP) count as Ctrl-C, unless they are ignored. Some packages
    swallow every exception while they are imported: so long work asks the list, too.
    """
    pressed: list[bool] = []

    def once(number: int, frame: FrameType | None) -> None:
        if not pressed:
            pressed.append(True)
            raise _ctrl_c.Pressed

    heard = [
        number
        for number in ENDING_SIGNALS
        if signal.getsignal(number) not in (None, signal.SIG_IGN)
    ]
    before = {number: signal.signal(number, once) for number in (signal.SIGINT, *heard)}
    try:
        yield pressed
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)


def _training_options(
    args: argparse.Namespace,
) -> tuple[Method, Schedule, list[int], Stream]:
    """Return what all trainings are told: method, schedule, hidden units, stream."""
    method = make_method(args.method)
    schedule = Schedule(**{name: getattr(args, name) for name in SCHEDULE_OPTIONS})
    hidden = [as_int("hidden", units, 1) for units in args.hidden or ()]
    return method, schedule, hidden, _make_stream(args)


def _make_stream(args: argparse.Namespace) -> Stream:
    """Return the stream asked for; raise at an option that another kind of stream has."""
    make = STREAMS[as_choice("stream", args.stream, STREAMS)]
    given = {
        name: getattr(args, name) for name in STREAM_OPTIONS if getattr(args, name) is not None
    }
    for name in given.keys() - inspect.signature(make).parameters.keys():
        raise ValueError(f"{name}: not an option of the stream {args.stream!r}; leave it out")
    return make(args.dataset, **given)


def _draw_into(find: Callable[[], Pictures], folder: Path, saved: str) -> bool:
    """Draw into the folder where records are safe by now: a failure costs only the picture."""
    print(f"saved in {folder}: {saved}", end="", flush=True)
    try:
        for path in draw_pictures(find(), folder):
            print(f", {path.name}", end="", flush=True)
        print()
    except KeyboardInterrupt:
        print()
        raise KeyboardInterrupt(f"interrupted; what is in {folder} is safe") from None
    except Exception as error:  # whatever matplotlib or the disk may say
        print()
        say(f"warning: a picture could not be drawn ({error}); what is in {folder} is safe")
        return False
    return True
