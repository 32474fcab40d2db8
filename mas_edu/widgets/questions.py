"""Questions with an answer to every answer.

    QUIZ = (
        Question(
            "Which cell of the matrix says how well task 1 is known at the end?",
            Option("The first of the last row.", True, "Rows are moments, columns are tasks."),
            Option("The last of the first row.", False, "That is task T after learning task 1."),
        ),
    )
    quiz(QUIZ)   # in a notebook

What was answered is kept on this computer alone, for the start page: the right answer once it was
found, else the latest.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ipywidgets as w

from mas_edu._common import as_instance, as_list, reader_answers, translate
from mas_edu.widgets.text import Page, set_text, text_line

KEPT = "The start page counts your right answers. They stay on this computer."  # translated
LONGEST = 90  # letters of an option: more would not fit in one line of a radio button


class Option(NamedTuple):
    """One answer that can be chosen, and what there is to say about it."""

    text: str
    right: bool
    feedback: str


@dataclass(frozen=True, init=False)
class Question:
    """A question and its options, of which one is right.

    Raises:
        ValueError: if not exactly one option is right, one is too long, or lacks its feedback.
    """

    text: str
    options: tuple[Option, ...]

    def __init__(self, text: str, *options: Option | tuple[str, bool, str]) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "options", tuple(Option(*option) for option in options))
        if len(options) < 2 or sum(option.right for option in self.options) != 1:
            raise ValueError(f"options: expected two or more, one of them right, for {text!r}")
        for option in self.options:
            if not option.feedback.strip():
                raise ValueError(f"feedback: expected a sentence for {option.text!r}, got none")
            if len(option.text) > LONGEST:
                raise ValueError(f"option: at most {LONGEST} letters fit, got {option.text!r}")

    @property
    def right(self) -> Option:
        """The right option."""
        return next(option for option in self.options if option.right)


class Asked(w.VBox):  # type: ignore[misc]
    """One question on the page: choose with the arrow keys or a click, the answer follows."""

    def __init__(self, number: int, question: Question) -> None:
        self.question = question
        self.options = w.RadioButtons(
            options=[translate(option.text) for option in question.options],
            value=None,
            tooltip=translate(question.text),
            layout={"width": "max-content", "max_width": "100%"},
        )
        self.feedback = text_line("", "status")
        self.options.observe(self._answered, "value")
        title = text_line(f"{number}. {translate(question.text)}", style="font-weight: 600")
        super().__init__([title, self.options, self.feedback], layout={"margin": "0 0 14px 0"})

    def _answered(self, _: object) -> None:
        if self.options.index is None:
            return
        option = self.question.options[self.options.index]
        colour = "--jp-success-color0, #1b5e20" if option.right else "--jp-warn-color0, #b0440a"
        set_text(
            self.feedback,
            f"{_verdict(option)} {self._keep(option)}".rstrip(),
            "status",
            f"border-left: 5px solid var({colour}); padding: 2px 0 2px 10px",
        )

    def _keep(self, option: Option) -> str:
        """Keep the answer; once the right one is kept, it stays: the others are worth trying too.

        Not the first answer: the arrow keys choose each option that they pass. Return what there is
        to say, the first time, of a folder that cannot be written.
        """
        right = self.question.right.text
        return reader_answers().change_if_possible(
            self.question.text, lambda kept: right if kept == right else option.text
        )


class Quiz(Page):
    """Questions below each other; `answer` chooses as a reader would."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.asked = [Asked(k, question) for k, question in enumerate(questions, 1)]
        self.still = "".join(_still(k, question) for k, question in enumerate(questions, 1))
        super().__init__([*self.asked, text_line(translate(KEPT), style="font-size: 90%")])

    def __repr__(self) -> str:
        return "\n".join(translate(asked.question.text) for asked in self.asked)

    def answer(self, question: int, option: int) -> str:
        """Choose an option, both counted from 0; return the feedback that appears."""
        asked = self.asked[question]
        asked.options.index = option
        return _verdict(asked.question.options[option])


def quiz(questions: Sequence[Question]) -> Any:
    """Show the questions as widgets; make it the last line of a cell.

    >>> one = Question("2 + 2?", ("4", True, "As always."), ("5", False, "One too many."))
    >>> quiz([one])
    2 + 2?
    """
    found = as_list("questions", questions)
    for question in found:
        as_instance("questions", question, Question, "Question('2 + 2?', …)")
    return Quiz(found)


def _verdict(option: Option) -> str:
    verdict = translate("✓ Right." if option.right else "✗ Not quite.")
    return f"{verdict} {translate(option.feedback)}"


def _still(number: int, question: Question) -> str:
    """Return a copy for a page without a kernel: each option opens its own feedback."""
    options = "".join(
        f"<details><summary>{html.escape(translate(option.text))}</summary>"
        f"<p>{html.escape(_verdict(option))}</p></details>"
        for option in question.options
    )
    return f"<p><strong>{number}. {html.escape(translate(question.text))}</strong></p>{options}"
