"""Show, export or delete what is kept about the reader on this computer."""

from __future__ import annotations

import argparse
import json
import sys

from mas_edu._common import write_whole
from mas_edu.cli.commands import DONE, PROBLEM, say
from mas_edu.results import check_writable

DESCRIPTION = """\
Show what is kept about you: guesses, quiz answers and checks of exercises, none of your code.

It lies in the folder that MAS_EDU_HOME names, or else in your folder for user data, and is sent
nowhere. Where several people share one account, let MAS_EDU_HOME name a folder for each."""


def progress_command(args: argparse.Namespace) -> int:
    """Print the progress; write it as JSON, or delete it once that is confirmed."""
    from mas_edu.classroom import delete_progress, reader_progress

    found = reader_progress()
    if args.export:
        text = json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n"
        if args.export.is_dir():
            raise IsADirectoryError(
                f"export: expected a file, got the folder {args.export}; name a file in it"
            )
        check_writable(args.export.parent, overwrite=True, name="export")
        write_whole(args.export, lambda path: path.write_text(text, encoding="utf-8"))
    print(found, flush=True)
    if args.export:
        print(f"exported to {args.export}")
    if args.delete:
        if not (args.yes or _confirmed(f"Delete all of it from {found.folder}? [y/N] ")):
            say("nothing is deleted; answer y, or give --yes")
            return PROBLEM
        print(f"deleted: {', '.join(path.name for path in delete_progress()) or 'nothing'}")
    return DONE


def _confirmed(question: str) -> bool:
    if sys.stdin is None:  # it was closed before the start
        return False
    print(question, end="", flush=True)
    answer = sys.stdin.readline()
    if not answer:  # nobody is there to answer
        print()
    return answer.strip().lower() in ("y", "yes")
