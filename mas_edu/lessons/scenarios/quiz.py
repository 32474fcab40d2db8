"""Questions and words of lesson 11."""

from mas_edu.widgets import Question

WORDS = (
    "task",
    "stream",
    "task-incremental",
    "domain-incremental",
    "class-incremental",
    "logits",
    "fine-tuning",
    "joint training",
    "penalty",
    "λ",
    "average",
    "learned",
    "interval",
    "stability",
    "plasticity",
)

QUIZ = (
    Question(
        "A camera learns cats and dogs, later cars and trucks. In use it has to name any of the"
        " four. Which scenario is it?",
        (
            "Task-incremental.",
            False,
            "Then somebody would have to tell it each time: this is an animal, or a vehicle.",
        ),
        (
            "Domain-incremental.",
            False,
            "Then both tasks would ask the same question. These two have different answers.",
        ),
        (
            "Class-incremental.",
            True,
            "All four answers compete, and nobody says which task the picture belongs to.",
        ),
    ),
    Question(
        "Class-incremental, task 3: the data have no old digit. What does the loss do to the "
        "logits of the old digits?",
        (
            "Nothing: their digits do not occur.",
            False,
            "They are part of the softmax, so each gets a gradient of p, which is above 0.",
        ),
        (
            "It pushes them down with every batch.",
            True,
            "The gradient at a logit is p, minus 1 for the right answer. An old digit is never "
            "the right answer.",
        ),
        (
            "It pushes them up, as the network remembers them.",
            False,
            "The loss rewards the right answer alone, and here that is never an old digit.",
        ),
    ),
    Question(
        "The last row of an accuracy matrix, class-incremental, is 99, 2, 2, 0, 0 %. What is λ?",
        (
            "Very large: the network learns nothing new.",
            True,
            "The first pair is held, and no new digit gets a larger output than the old ones.",
        ),
        (
            "Near 0: the network has forgotten nearly everything.",
            False,
            "A network that forgets knows the last task. This one knows the first.",
        ),
        (
            "Just right: its forgetting is close to 0.",
            False,
            "It forgets little because it learned little. Look at the average.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "sort a problem into": ("names", "quiz 1"),
    "say why a penalty cannot": ("class-table", "gradient", "quiz 2"),
    "read off the last row": ("ends", "quiz 3"),
}
