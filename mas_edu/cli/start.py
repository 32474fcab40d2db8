"""One command from its arguments to its exit code: how mistakes, Ctrl-C and closed pipes end it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from typing import Any, TextIO, cast

from mas_edu import _ctrl_c
from mas_edu.cli.commands import BAD_INPUT, BROKEN_PIPE, INTERRUPTED, say
from mas_edu.cli.parser import make_parser


def main(
    arguments: Sequence[str] | None = None, when_done: Callable[[], None] = lambda: None
) -> int:
    """Carry out one command; return the exit code: 0, 1 problem, 2 bad input, 130 interrupted.

    Args:
        arguments: of the command line; None: those of this process.
        when_done: called as soon as only Python's own end is left.
    """
    if sys.stderr is None:  # it was closed before the start, and progress bars write to it
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # for consoles that have no λ
    spoken = cast("TextIO", _Spoken(sys.stderr))
    with warnings.catch_warnings(), redirect_stderr(spoken):
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = lambda message, *_: say(f"warning: {message}")
        try:
            _ctrl_c.raise_again()
            return _answer(arguments)
        except BrokenPipeError:  # whoever reads the output, such as `head`, has enough
            return BROKEN_PIPE
        except KeyboardInterrupt as error:
            say(str(error) or "interrupted, nothing was finished")
            return INTERRUPTED
        finally:
            when_done()
            _drop_what_cannot_be_written()


def _answer(arguments: Sequence[str] | None) -> int:
    """Carry out one command, and say in one line what is wrong with its input."""
    try:
        try:
            args = make_parser().parse_args(arguments)
        finally:
            _flush(sys.stdout)  # --help leaves from here
        code = int(args.carry_out(args))
        _flush(sys.stdout)
        return code
    except BrokenPipeError:
        raise
    except (ValueError, OSError) as error:
        say(f"error: {error}")
        return BAD_INPUT


def _flush(stream: TextIO | None) -> None:
    """Write what is waiting; a stream that was closed before the start is None."""
    if stream is not None:
        stream.flush()


def _drop_what_cannot_be_written() -> None:
    """Let Python end in order, which writes what is left of the output: a pipe may be closed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            _flush(stream)
        except OSError:
            _to_nowhere(stream)


def _to_nowhere(stream: TextIO | None) -> None:
    """Drop what waits in this stream, and what follows."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Spoken:
    """Words beside the results: on a full disk they are dropped, and the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._or_nowhere():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._or_nowhere():
            self._stream.flush()

    @contextmanager
    def _or_nowhere(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError:
            _to_nowhere(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
