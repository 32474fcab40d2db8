"""Questions and words of lesson 09."""

from mas_edu.widgets import Question

WORDS = (
    "MAS",
    "Ω",
    "adaptation",
    "logits",
    "penalty",
    "λ",
    "validation part",
    "seed",
    "interval",
    "paired difference",
)

QUIZ = (
    Question(
        "Your device meets images that nobody has labelled. Can you compute Ω from them?",
        (
            "No: without labels there is no loss, and so no gradient to take.",
            False,
            "Ω is not the gradient of a loss. It is that of ‖F(x)‖², which needs x alone.",
        ),
        (
            "Yes: Ω asks how strongly the outputs change, not whether they are right.",
            True,
            "So any images met in use are good enough, and Ω can be updated as more come in.",
        ),
        (
            "Yes, but only if the network's own predictions are taken as labels.",
            False,
            "Other methods do that. Ω of MAS does not even need the predictions.",
        ),
    ),
    Question(
        "Ω from the chosen digits hardly separates them from the others. Why?",
        (
            "Both need much the same weights, so holding them helps all digits.",
            True,
            "Ω from the chosen and Ω from the others put the weights in much the same order.",
        ),
        (
            "λ was too small for Ω to have any effect on what is kept.",
            False,
            "Look at the hollow and full marks: with Ω much more is kept than with nothing.",
        ),
        (
            "The seeds differ so much that even a large effect could not be seen.",
            False,
            "Seed by seed the interval is narrow: if there is an effect, it is small.",
        ),
    ),
    Question(
        "With the chosen logits alone, the gap gets wider. Mostly because of what?",
        (
            "The chosen digits are kept much better than before.",
            False,
            "Compare both with Ω from all digits: the chosen gain little, the others lose much.",
        ),
        (
            "The new task is learned less well, which leaves room.",
            False,
            "Every λ was chosen for the same price: the new task may lose equally much with "
            "every Ω.",
        ),
        (
            "The others are given up: nothing holds their outputs.",
            True,
            "Their output weights have Ω = 0. The chosen gain little; the others lose much.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "compute Ω from unlabelled": ("unlabelled", "again", "quiz 1"),
    "choose λ by a price": ("price",),
    "tell whether a small effect": ("choose-claim", "paired", "quiz 2"),
    "separate some digits": ("logits-claim", "quiz 3"),
}
