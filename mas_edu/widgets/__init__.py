"""Show live figures, predictions and quizzes in a notebook."""

from mas_edu.widgets.guess_file import Guess, reader_answers, reader_guesses
from mas_edu.widgets.interactive import Interactive, look
from mas_edu.widgets.questions import Question
from mas_edu.widgets.suggestion import try_this

__all__ = [
    "Guess",
    "Interactive",
    "Question",
    "look",
    "reader_answers",
    "reader_guesses",
    "try_this",
]
