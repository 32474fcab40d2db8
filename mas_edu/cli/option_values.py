"""The values of options, as they are written on the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mas_edu._common import short_repr


def as_path(text: str) -> Path:
    """Return a path, of what may not be there; raise for what no disk can hold."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, got nothing; for this folder, write .")
    try:
        os.stat(text)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:  # too long, a zero byte, a link to itself
        reason = getattr(error, "strerror", None) or error
        raise argparse.ArgumentTypeError(
            f"expected a path, got {short_repr(text)} ({reason}); choose another"
        ) from error
    return Path(text)


def literal(text: str) -> int | float | str:
    """Return a whole number, a number, or else the text itself.

    >>> literal("5"), literal("0.1"), literal("MAS")
    (5, 0.1, 'MAS')
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
