"""Questions and words of lesson 12."""

from mas_edu.widgets import Question

WORDS = (
    "seed",
    "average",
    "validation part",
    "paired difference",
    "control",
    "λ",
    "fine-tuning",
    "joint training",
    "task-incremental",
    "domain-incremental",
    "class-incremental",
    "batch form",
)

QUIZ = (
    Question(
        "A paper reports 95.3 ± 1. Your seeds give 93.1, with an interval from 89.1 to 97.2. What "
        "do you report?",
        (
            "Refuted: the mean, 93.1, lies outside their 94.3 to 96.3.",
            False,
            "Your mean does. But your interval reaches far into theirs: other seeds could agree.",
        ),
        (
            "Confirmed: the two intervals overlap.",
            False,
            "They also overlap where the true mean is 90. Overlapping rules little out.",
        ),
        (
            "Undecided: the mean is below, but the two overlap.",
            True,
            "More seeds would decide it: they make your interval narrower.",
        ),
    ),
    Question(
        "You rotate the images with another library than the paper. When do you write that down?",
        (
            "Before you know your number.",
            True,
            "A list of differences that is written afterwards is a list of excuses.",
        ),
        (
            "When your number differs from theirs, as its cause.",
            False,
            "You have not tested that it is the cause. And if the numbers agree, nobody learns it.",
        ),
        (
            "Never: it is too small to matter.",
            False,
            "That is what a run with this one thing changed can show. A guess cannot.",
        ),
    ),
    Question(
        "A study chose λ on the test parts, with ten seeds. How good is its number?",
        (
            "Fine: with ten seeds, whatever luck there was averages out.",
            False,
            "They average over seeds. λ was chosen once for all ten, with the answers known.",
        ),
        (
            "Too high, by a bit of luck that nobody knows.",
            True,
            "So it is no evidence for a gap of that size. Choose on the validation parts.",
        ),
        (
            "Worthless: nothing can be learned from it.",
            False,
            "The luck may be small compared with a wide gap. But the study cannot say how small.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "give a verdict on": ("verdicts", "quiz 1"),
    "write down what you do": ("deviations", "quiz 2"),
    "find out what a difference": ("otherwise", "longer"),
    "plan a small study": ("check", "seed-missing", "test-chosen", "quiz 3"),
}
