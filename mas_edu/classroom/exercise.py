"""An exercise: what is asked, the cases it is checked on, the mistakes that have a name."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Case = dict[str, Any]
Observe = Callable[[Any, Case], Any]

SETUP = """\
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import mas_edu as me
from mas_edu import Anchor, Record, Stream, Tally, mas
"""  # the first cell of every exercise notebook: what a solution may use without more
YOUR_TURN = 'raise NotImplementedError("your turn")'


class FormError(Exception):
    """An answer returned a form that `observe` cannot use; the message says which."""


class Mistake(NamedTuple):
    """A wrong answer that is known, and what to tell who makes it.

    Args:
        answer: the wrong answer, of the same kind as the solution.
        words: what the answer equals, then what to move; at most 25 words.
        points: what it is worth all the same.
    """

    answer: Any
    words: str
    points: float = 0.0


def one_case(seed: int) -> list[Case]:
    """Return the only case of an exercise whose answer is a value: nothing to call it with."""
    return [{}]


def call(answer: Any, case: Case) -> Any:
    """Call a function with the inputs of a case, by position; return a value as it is.

    >>> call(lambda a, b: a - b, {"x": 3, "y": 1}), call(7, {})
    (2, 7)
    """
    return answer(*case.values()) if callable(answer) else answer


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise; its answer is a function, or a value such as a number or a dict.

    Args:
        id: lesson and number, such as "05.1".
        name: of the function or value that the student writes.
        points: 1 for a choice or a number, 2 for a function, 3 for an experiment.
        asks: the task in one to three sentences of Markdown.
        solution: the right answer. The source of a function is shown as the solution; its
            signature and docstring, with shapes, are what the student starts from.
        why: one or two sentences on why the solution is right.
        hints: three: a question, the idea, the line in words.
        mistakes: by name, a wrong answer and its sentence.
        cases: seed -> cases, the smallest first. A case holds the inputs by name, in the order of
            the arguments; it is drawn again for every answer, so an answer may spoil it.
        observe: (answer, case) -> what came out, as numbers, texts, arrays, tensors, lists, dicts
            or records. It runs where the student's code runs, and raises `FormError` if it cannot
            use what the answer returned.
        judge: (case, observed) -> nothing, or one sentence that names a broken property. It runs
            apart from the student's code, for the cases on which the answer is not right and
            no known mistake.
        by_property: whether `judge` alone decides: any answer it has nothing to say about is right.
        guarded: functions of this library that are the answer, so the answer may not call them.
        returns: whether the function returns something; if not, `None` is no sign of a blank.
        start: what stands in the cell of an answer that is a value; by default `name = ...`.
        code: what makes an answer that is a value, where that takes more than to write it down.
        before: code of a cell above the answer, such as one that shows a figure.
        after: code of a cell between the answer and its check, which may not raise for a blank.
    """

    id: str
    name: str
    points: int
    asks: str
    solution: Any
    why: str
    hints: tuple[str, str, str]
    mistakes: Mapping[str, Mistake | tuple[Any, str]] = field(default_factory=dict)
    cases: Callable[[int], Sequence[Case]] = one_case
    observe: Observe = call
    judge: Callable[[Case, Any], str] | None = None
    by_property: bool = False
    guarded: tuple[Callable[..., Any], ...] = ()
    returns: bool = True
    start: str = ""
    code: str = ""
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        known = {name: Mistake(*mistake) for name, mistake in self.mistakes.items()}
        object.__setattr__(self, "mistakes", known)

    def __repr__(self) -> str:
        return f"Exercise({self.id} {self.name})"

    @property
    def lesson(self) -> str:
        """The number of the lesson, such as "05"."""
        return self.id.partition(".")[0]

    @property
    def known_mistakes(self) -> dict[str, Mistake]:
        """The mistakes by name."""
        return {name: Mistake(*mistake) for name, mistake in self.mistakes.items()}

    @property
    def solution_code(self) -> str:
        """The solution as source code."""
        if not callable(self.solution):
            return self.code or f"{self.name} = {self.solution!r}"
        return textwrap.dedent(inspect.getsource(self.solution)).rstrip()

    @property
    def start_code(self) -> str:
        """Return what the student starts from: the signature and the docstring, or `name = ...`."""
        if not callable(self.solution):
            return self.start or f"{self.name} = ...  # your turn"
        lines = self.solution_code.splitlines()
        function = ast.parse(self.solution_code).body[0]
        assert isinstance(function, ast.FunctionDef)
        first = function.body[0]
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        end = first.end_lineno if documented else first.lineno - 1
        return "\n".join([*lines[:end], f"    {YOUR_TURN}"])
