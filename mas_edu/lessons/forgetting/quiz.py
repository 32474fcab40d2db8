"""Questions and words of lesson 01."""

from mas_edu.widgets import Question

WORDS = (
    "task",
    "stream",
    "update",
    "seed",
    "continual learning",
    "fine-tuning",
    "catastrophic forgetting",
    "joint training",
    "capacity",
    "accuracy matrix",
    "average",
    "forgetting",
    "backward transfer",
    "learned",
)

QUIZ = (
    Question(
        "While B is learned, why does the accuracy on A fall?",
        (
            "The network is too small to hold both tasks.",
            False,
            "Joint training puts both tasks into the same network, so it is large enough.",
        ),
        (
            "The updates serve B alone, and they change weights that A needs.",
            True,
            "A does not appear in the loss of B, so nothing keeps the weights that A depends on.",
        ),
        (
            "The learning rate is too large for the second task.",
            False,
            "A smaller one only makes the same thing slower: the loss still asks for B alone.",
        ),
    ),
    Question(
        "Where in the accuracy matrix do you see that a task is forgotten?",
        (
            "Along a row: the numbers fall from left to right.",
            False,
            "A row is one moment. It compares tasks, not moments.",
        ),
        (
            "Along the diagonal: the numbers fall from task to task.",
            False,
            "The diagonal says how well each task was learned when it was new.",
        ),
        (
            "Down a column: the numbers fall below the diagonal.",
            True,
            "A column is one task; its diagonal cell is the moment just after learning it.",
        ),
    ),
    Question(
        "A network is frozen after task 1, so its forgetting is 0. Is it a good network?",
        (
            "No: 'learned' is low, and so is the average.",
            True,
            "Any frozen network has forgetting 0. Read it together with 'learned'.",
        ),
        (
            "Yes: whatever it has learned it keeps until the end.",
            False,
            "It keeps task 1, and learns nothing after that: look at the diagonal from task 2 on.",
        ),
        (
            "You cannot say before you know its backward transfer.",
            False,
            "Backward transfer is 0 too: it looks at the same columns and misses the same thing.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "show a network forgetting": ("claim", "quiz 1"),
    "build an accuracy matrix": ("average", "quiz 2"),
    "compute average": ("average", "forgetting", "transfer", "quiz 3"),
    "tell forgetting from": ("claim", "quiz 1"),
}
