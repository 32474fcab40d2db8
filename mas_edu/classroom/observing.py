"""Call an answer on every case, and write down what it did as plain data."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from mas_edu._common import first_line
from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.guarding import GuardedError, guarded, refusal
from mas_edu.classroom.plain_data import Json, encode
from mas_edu.classroom.side_effects import Watched

LONGEST = 2_000  # letters of what an answer prints that are kept


@dataclass(frozen=True)
class Failure:
    """An exception in an answer: its type and message, and the student's own line."""

    type: str
    message: str
    line: str = ""
    number: int = 0


@dataclass(frozen=True)
class Observation:
    """The behaviour of one answer on one case, as JSON.

    Args:
        result: what `observe` returned, encoded.
        unwritten: whether the answer is still a blank.
        failure: the exception that ended the call, as a dict, or None.
        left: what the call did to its inputs and to the random state, in words.
        printed: what it printed, the beginning of it.
        warned: its warnings, each once.
    """

    result: Json = None
    unwritten: bool = False
    failure: dict[str, Any] | None = None
    left: list[str] = field(default_factory=list)
    printed: str = ""
    warned: list[str] = field(default_factory=list)


class UnwrittenError(Exception):
    """The answer is a blank."""


def observe_cases(exercise: Exercise, answer: Any, seed: int) -> Iterator[Observation]:
    """Yield what the answer did on each case drawn from the seed; stop where it fails.

    Whatever the answer raises is written down, not raised; Ctrl-C alone goes through.
    """
    if problem := _wrong_signature(exercise, answer):
        yield Observation(failure=asdict(Failure("TypeError", problem)))
        return
    for function in exercise.guarded:
        if answer is function:
            words = refusal(function, exercise.id)
            yield Observation(failure=asdict(Failure(GuardedError.__name__, words)))
            return
    for case in exercise.cases(seed):
        found = observe_case(exercise, answer, case)
        yield found
        if found.unwritten or found.failure:
            return


def observe_case(exercise: Exercise, answer: Any, case: Case) -> Observation:
    """Return what the answer did on one case."""
    watched, printed = Watched(case), Beginning()
    result, failure, unwritten = None, None, False
    with warnings.catch_warnings(record=True) as warned, _redirected(printed):
        warnings.simplefilter("always")
        try:
            with guarded(exercise.guarded, exercise.id, answer):
                result = encode(exercise.observe(_watched(answer, exercise.returns), case))
        except (UnwrittenError, NotImplementedError):
            unwritten = True
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit, too: it ends the call, not the kernel
            failure = asdict(describe_failure(error, _globals(answer)))
    texts = dict.fromkeys(f"{one.category.__name__}: {one.message}"[:300] for one in warned)
    return Observation(
        result, unwritten, failure, watched.changes(), printed.getvalue(), list(texts)[:5]
    )


class Beginning(io.TextIOBase):
    """A text file that keeps the beginning of what is written, and forgets the rest."""

    def __init__(self) -> None:
        self._kept = ""

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        self._kept += text[: max(0, LONGEST - len(self._kept))]
        return len(text)

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def getvalue(self) -> str:
        """Return what was kept."""
        return self._kept


@contextlib.contextmanager
def _redirected(printed: Beginning) -> Iterator[None]:
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        yield


def _watched(answer: Any, returns: bool) -> Any:
    """Return the answer so that a blank in what it returns, or is, is noticed."""
    if not callable(answer):
        return _checked(answer)

    def call(*args: Any, **kwargs: Any) -> Any:
        found = answer(*args, **kwargs)
        return _checked(found) if returns else found

    with contextlib.suppress(AttributeError, TypeError):
        return functools.update_wrapper(call, answer)
    return call


def _checked(value: Any) -> Any:
    """Return a value; raise if it, or an entry of it, is still a blank."""
    entries = value.values() if isinstance(value, dict) else ()
    if value is None or value is ... or any(entry is ... for entry in entries):
        raise UnwrittenError
    return value


def _wrong_signature(exercise: Exercise, answer: Any) -> str:
    """Return what is wrong with the arguments that a function takes, or nothing."""
    if not callable(exercise.solution) or answer is None or answer is ...:
        return ""
    if not callable(answer):
        return f"expected the function {exercise.name}, got what is no function"
    wanted = list(inspect.signature(exercise.solution).parameters)
    try:
        inspect.signature(answer).bind(*wanted)
    except TypeError:
        return f"{exercise.name} is called with ({', '.join(wanted)}); yours takes other arguments"
    except ValueError:  # some functions in C have no signature
        pass
    return ""


def describe_failure(error: BaseException, own: Any) -> Failure:
    """Return the exception with the last line of the student's own code, if it was in any.

    `own`: the globals of the student's code.
    """
    frames = traceback.walk_tb(error.__traceback__)
    lines = [(frame.f_code.co_filename, n) for frame, n in frames if frame.f_globals is own]
    file, number = lines[-1] if lines else ("", 0)
    line = linecache.getline(file, number).strip() if file else ""
    name = type(error).__name__
    return Failure(name, first_line(error).removeprefix(f"{name} "), line, number)


def _globals(answer: Any) -> Any:
    function: Callable[..., Any] = inspect.unwrap(answer) if callable(answer) else answer
    return getattr(function, "__globals__", None)
