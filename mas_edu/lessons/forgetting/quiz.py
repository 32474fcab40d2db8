"""Questions and words of lesson 01."""

from mas_edu.widgets import Question

WORDS = (
    "task",
    "stream",
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
            "The network is too small for both tasks.",
            False,
            "Joint training puts both into the same network: there is room enough.",
        ),
        (
            "The updates serve B alone, and they move weights that A needs.",
            True,
            "The loss of B does not contain A, so nothing speaks for the weights A depends on.",
        ),
        (
            "The learning rate is too large.",
            False,
            "A smaller one only makes the same journey slower: B is still all that is asked for.",
        ),
    ),
    Question(
        "In the accuracy matrix, where do you see one task being forgotten?",
        (
            "Along a row, from left to right.",
            False,
            "A row is one moment: it compares tasks, not times.",
        ),
        (
            "Down a column, from its diagonal cell on.",
            True,
            "A column is one task; its diagonal cell is the moment just after learning it.",
        ),
        (
            "Along the diagonal.",
            False,
            "The diagonal says how well each task was learned when it was new.",
        ),
    ),
    Question(
        "A frozen network, never updated after task 1, has forgetting 0. Is it good?",
        (
            "Yes: it forgets nothing.",
            False,
            "Nor does it learn anything: look at the diagonal from task 2 on.",
        ),
        (
            "No: 'learned' is low, and so is the average.",
            True,
            "Forgetting alone can be had for nothing. Read it beside 'learned'.",
        ),
        (
            "That cannot be said without its backward transfer.",
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
