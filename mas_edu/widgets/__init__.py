"""Show live figures, predictions and quizzes in a notebook."""

from mas_edu.widgets.interactive import Interactive, look
from mas_edu.widgets.questions import Question

__all__ = ["Interactive", "Question", "look"]
