"""The options of the command line.

Numbers are read as they are and checked by the library, so that both say the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, get_args

from mas_edu.cli.commands import (
    BAD_INPUT,
    compare_command,
    prefetch_command,
    reproduce_command,
    run_command,
    show_command,
    sweep_command,
)
from mas_edu.cli.course import course_command
from mas_edu.cli.doctor import run_doctor
from mas_edu.cli.grading import DESCRIPTION, grade_command
from mas_edu.cli.option_values import as_path, literal
from mas_edu.cli.progress import DESCRIPTION as PROGRESS
from mas_edu.cli.progress import progress_command
from mas_edu.data import DATASETS, STREAMS, Scenario
from mas_edu.methods import METHODS
from mas_edu.reproduction import PROTOCOLS
from mas_edu.training import HIDDEN, LAMS, Optimizer, Precision, Schedule

EXAMPLES = """\
examples:
  python -m mas_edu run --method FineTune
        how much is forgotten when nothing is protected; seconds, no download
  python -m mas_edu run --method MAS --lam 0.1 --out runs/mas
        the same with Memory Aware Synapses; record and pictures go to runs/mas
  python -m mas_edu sweep --method MAS --lams 0 0.01 0.1 1 --seeds 0 1 2 --out runs/sweep
        which λ? every one with every seed, and a picture of what each holds and learns
  python -m mas_edu show runs/mas
        its table once more
  python -m mas_edu compare runs/sweep runs/ewc --out runs/both
        several methods: intervals over seeds, cost beside, and a picture; only what is fair
  python -m mas_edu reproduce split --stored
        what a published experiment claimed, and what came out here
  python -m mas_edu run --stream split --dataset mnist --hidden 400 400 --epochs 4 --batch 128
        five tasks of two digits each; MNIST is downloaded once
"""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print one line, and exit with code 2."""
        self.exit(BAD_INPUT, f"mas_edu: error: {message}; see {self.prog} --help\n")

    def print_help(self, file: Any = None) -> None:
        """Print the help; argparse's own does not say where that is impossible."""
        stream = file or sys.stdout
        if stream is not None:  # it was closed before the start
            stream.write(self.format_help())


def make_parser() -> Parser:
    """Make the parser of all commands and their options."""
    top = Parser(
        prog="python -m mas_edu",
        description="Memory Aware Synapses: learn one task after the other, and see what is left.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    group = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run_options(
        _add_command(group, "run", run_command, "learn a stream of tasks, and measure what is left")
    )
    text = "learn it with every λ and every seed, and choose λ"
    _add_sweep_options(_add_command(group, "sweep", sweep_command, text))
    text = "run a published experiment again, and judge its claim"
    _add_reproduce_options(_add_command(group, "reproduce", reproduce_command, text))
    show = _add_command(group, "show", show_command, "print the table of a saved record")
    show.add_argument("folder", metavar="DIR", type=as_path, help="what --out was when it ran")
    _add_compare_options(
        _add_command(group, "compare", compare_command, "compare saved records of several methods")
    )
    prefetch = _add_command(
        group, "prefetch", prefetch_command, "download data sets, to work offline"
    )
    prefetch.description = """\
Download data sets, to work offline.

They go into the folder that MAS_EDU_DATA names, or else into a cache folder of yours."""
    names = f"{', '.join(DATASETS)} (default: all)"
    prefetch.add_argument("names", nargs="*", metavar="NAME", help=names)
    text = "copy the notebooks, and open them"
    _add_course_options(_add_command(group, "course", course_command, text))
    text = "grade a folder of exercise notebooks"
    _add_grade_options(_add_command(group, "grade", grade_command, text))
    text = "show, export or delete what is kept about you"
    _add_progress_options(_add_command(group, "progress", progress_command, text))
    text = "look over this installation, and say how to cure what is wrong"
    _add_command(group, "doctor", lambda _: run_doctor(), text)
    return top


def _add_command(group: Any, name: str, carry_out: Callable[..., int], summary: str) -> Parser:
    made: Parser = group.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.set_defaults(carry_out=carry_out)
    return made


def _add_run_options(parser: Parser) -> None:
    parser.epilog = EXAMPLES
    parser.description = """\
Learn a stream of tasks one after the other, and measure what is left of each.

A network with one hidden layer is trained on the first task, then on the second, and so on.
After each task the method decides which weights to hold on to. Printed is the accuracy on every
task after learning each, and in three numbers: average, forgetting, learned. With --out the
record and its pictures are kept."""
    _add_task_options(parser)
    method = _add_method_options(parser)
    _add_option(method, "lam", "λ, in: loss = L_new + λ/2 Σ Ω (θ − θ*)²", 0.1, metavar="X")
    _add_option(method, "seed", "of the first weights and of the order of the samples", 0)
    _add_training_options(parser)
    results = parser.add_argument_group("results")
    out = "folder for the record and the pictures, made if needed (default: only print)"
    _add_option(results, "out", out, type=as_path, metavar="DIR")


def _add_sweep_options(parser: Parser) -> None:
    parser.epilog = EXAMPLES
    parser.description = """\
Learn a stream of tasks with every λ and every seed, and choose λ.

Small networks are trained side by side, in a fraction of the time of as many single runs.
Printed is one line for each λ, the mean over the seeds; the λ that is best on the validation
parts of the tasks is marked. With --out every run is stored task by task, and what is held is
drawn against what is still learned: the same command given again goes on where it ended."""
    _add_task_options(parser)
    method = _add_method_options(parser)
    lams = f"values of λ (default: {' '.join(f'{lam:g}' for lam in LAMS)})"
    _add_option(method, "lams", lams, nargs="+", metavar="X")
    parser.set_defaults(lams=LAMS)
    seeds = "of the first weights and of the order of the samples (default: 0 1 2)"
    _add_option(method, "seeds", seeds, nargs="+")
    parser.set_defaults(seeds=(0, 1, 2))
    training = _add_training_options(parser)
    _add_option(training, "jobs", "processes, for networks too large to train side by side", 1)
    results = parser.add_argument_group("results")
    out = "folder for the runs and the picture, made if needed (default: only print)"
    _add_option(results, "out", out, type=as_path, metavar="DIR")


def _add_compare_options(parser: Parser) -> None:
    parser.description = """\
Compare saved records of several methods: mean and 95 % interval over seeds, cost beside.

Only what is fair is compared: the same tasks, schedule and number of updates for all, the same
initial weights and batches within each seed, the same seeds for all. Whatever differs is named."""
    text = "folders that --out was given as, of runs or of sweeps"
    parser.add_argument("folders", metavar="DIR", type=as_path, nargs="+", help=text)
    out = "folder for the table and the picture, made if needed (default: only print)"
    _add_option(parser, "out", out, type=as_path, metavar="DIR")


def _add_course_options(parser: Parser) -> None:
    parser.description = """\
Copy the notebooks of the course into a folder of yours, and open its start page in JupyterLab.

A notebook that you changed, also by running and saving it, is never replaced. Given again after
an update, the command renews the others."""
    parser.add_argument("folder", metavar="DIR", type=as_path, help="made if needed")
    parser.add_argument("--no-open", action="store_true", help="only copy")


def _add_grade_options(parser: Parser) -> None:
    parser.description = DESCRIPTION
    parser.add_argument(
        "folder", metavar="DIR", type=as_path, help="of submissions, or a zip of it"
    )
    text = "lessons or exercises, such as 03 05.1 (default: the lessons that are found in DIR)"
    _add_option(parser, "exercises", text, nargs="+", metavar="NN", type=str)
    text = "a file with exercises of your own; may be given several times"
    parser.add_argument(
        "--own", action="append", type=as_path, metavar="FILE", default=[], help=text
    )
    _add_option(parser, "seed", "of the inputs that answers are tried with", 7)
    _add_option(parser, "jobs", "submissions at a time", 2)
    _add_option(parser, "cell-seconds", "of computing that a cell may take", 20, metavar="S")
    _add_option(parser, "call-seconds", "of computing that an exercise may take", 10, metavar="S")
    results = parser.add_argument_group("results")
    out = "folder for grades.csv, feedback and summary.html (default: %(default)s)"
    results.add_argument("--out", type=as_path, metavar="DIR", default=Path("grades"), help=out)
    text = "a gradebook that Moodle or Canvas exported as CSV; a copy of it is filled, into --out"
    results.add_argument("--fill", type=as_path, metavar="CSV", help=text)
    results.add_argument("--column", metavar="NAME", help="of the gradebook, for the points")
    results.add_argument("--feedback-column", metavar="NAME", help="for the sentences")


def _add_progress_options(parser: Parser) -> None:
    parser.description = PROGRESS
    parser.add_argument("--export", type=as_path, metavar="FILE", help="write it as JSON")
    parser.add_argument("--delete", action="store_true", help="delete all of it, after a question")
    parser.add_argument("--yes", action="store_true", help="delete without the question")


def _add_reproduce_options(parser: Parser) -> None:
    parser.description = """\
Run a published experiment again, and judge its claim.

  seed      rotated MNIST, five tasks; the protocol this project starts from
  split     Split MNIST, task-, domain- and class-incremental
  permuted  Permuted MNIST, ten tasks

λ is chosen on validation data, never on test data. Printed are the claim, the setting, what
deviates from the original, our mean with a 95 % interval over the seeds, and a verdict; the same
goes as JSON into --out, where every run is kept: the command given again goes on where it ended,
and rows run one after the other come together. The whole takes hours; each row's JSON has the
seconds of a run."""
    parser.add_argument("name", metavar="NAME", help=", ".join(PROTOCOLS))
    text = "such as MAS and fine-tuning: these rows alone (default: all)"
    _add_option(parser, "rows", text, nargs="+", metavar="ROW", type=str)
    _add_option(parser, "seeds", "how many (default: as many as the protocol has)")
    text = "few samples and updates, minutes; shows that it works, judges nothing"
    parser.add_argument("--quick", action="store_true", help=text)
    text = "print what was measured before, instead of running it again"
    parser.add_argument("--stored", action="store_true", help=text)
    _add_option(parser, "jobs", "processes at a time", 1)
    out = "folder for runs and JSON (default: %(default)s)"
    parser.add_argument(
        "--out", type=as_path, metavar="DIR", default=Path("runs/reproduce"), help=out
    )


def _add_option(group: Any, name: str, text: str, default: Any = None, **more: Any) -> None:
    text += "" if default is None else " (default: %(default)s)"
    more = {"metavar": "N", "type": literal, **more}
    group.add_argument(f"--{name}", default=default, help=text, **more)


def _add_task_options(parser: Parser) -> None:
    tasks = parser.add_argument_group("tasks")
    _add_option(tasks, "stream", ", ".join(STREAMS), "rotated", metavar="NAME")
    _add_option(tasks, "dataset", ", ".join(DATASETS), "digits", metavar="NAME")
    _add_option(tasks, "tasks", "how many (default: 5; split: as many as the classes allow)")
    _add_option(tasks, "step", "rotated: degrees from task to task (default: 20)", metavar="DEG")
    _add_option(tasks, "classes-per-task", "split: classes in each task (default: 2)")
    scenarios = ", ".join(get_args(Scenario))
    _add_option(tasks, "scenario", f"split: {scenarios} (default: task)", metavar="NAME")
    _add_option(tasks, "samples", "at most so many training samples a task (default: all)")


def _add_method_options(parser: Parser) -> Any:
    method = parser.add_argument_group("method")
    _add_option(method, "method", ", ".join(METHODS), "MAS", metavar="NAME")
    return method


def _add_training_options(parser: Parser) -> Any:
    default = Schedule()
    training = parser.add_argument_group("training, for each task")
    _add_option(training, "epochs", "passes over the training part", default.epochs)
    _add_option(training, "steps", "updates, instead of --epochs")
    _add_option(training, "batch", "samples in one update", default.batch)
    _add_option(training, "lr", "learning rate", default.lr, metavar="X")
    choices = ", ".join(get_args(Optimizer))
    _add_option(training, "optimizer", choices, default.optimizer, metavar="NAME")
    choices = ", ".join(get_args(Precision))
    _add_option(training, "precision", choices, default.precision, metavar="NAME")
    hidden = f"units of each hidden layer (default: {HIDDEN})"
    _add_option(training, "hidden", hidden, nargs="+")
    return training
