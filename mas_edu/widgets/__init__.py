"""Show live figures, predictions and quizzes in a notebook."""

from mas_edu._common import Guess, reader_answers, reader_guesses
from mas_edu.widgets.guess_mark import (
    GUESS_COLOUR,
    draw_guess,
    guess_argument,
    guess_words,
    label_guess,
)
from mas_edu.widgets.interactive import Interactive, look
from mas_edu.widgets.questions import Question
from mas_edu.widgets.start_values import (
    MOST_SEED,
    number_code,
    start_choice,
    start_number,
    start_whole,
)
from mas_edu.widgets.suggestion import try_this

__all__ = [
    "GUESS_COLOUR",
    "MOST_SEED",
    "Guess",
    "Interactive",
    "Question",
    "draw_guess",
    "guess_argument",
    "guess_words",
    "label_guess",
    "look",
    "number_code",
    "reader_answers",
    "reader_guesses",
    "start_choice",
    "start_number",
    "start_whole",
    "try_this",
]
