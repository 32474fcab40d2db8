"""Questions and words of lesson 05."""

from mas_edu.widgets import Question

WORDS = (
    "penalty",
    "λ",
    "anchor",
    "θ*",
    "Ω",
    "stability",
    "plasticity",
    "frontier",
    "learned",
    "forgetting",
    "validation part",
    "seed",
    "band",
    "learning rate",
    "divergence",
)

QUIZ = (
    Question(
        "At a very large λ the network forgets almost nothing. What else does the frontier show?",
        (
            "This is the best setting: no other forgets less.",
            False,
            "Read the other axis. The later tasks were hardly learned, so there was little to "
            "forget.",
        ),
        (
            "Its Ω must be 0, or the network would have learned more.",
            False,
            "The other way round: weights with Ω = 0 are the only ones that can still change.",
        ),
        (
            "'Learned' is at its lowest: the network is nearly frozen.",
            True,
            "A frozen network forgets nothing. Only both numbers together say how good it is.",
        ),
    ),
    Question(
        "lr = 0.1 and the largest Ω is 4. Above which λ does plain SGD on the penalty diverge?",
        (
            "Above λ = 5.",
            True,
            "There lr · λ · max Ω = 0.1 · 5 · 4 = 2. Above 2, each step ends further away than "
            "it began.",
        ),
        (
            "Above λ = 20.",
            False,
            "There lr · λ is 2, and times the largest Ω it is 8: far above the limit.",
        ),
        (
            "Never: the penalty is a bowl, so descent always arrives.",
            False,
            "A step that is too long ends higher up on the other side, and the next one higher "
            "still.",
        ),
    ),
    Question(
        "Why is λ chosen on the validation parts and not on the test parts?",
        (
            "The test parts would usually lead to a worse λ.",
            False,
            "It may well be the same λ. What is wrong then is the accuracy that you report.",
        ),
        (
            "The best of many test results is partly luck, and you would report it as skill.",
            True,
            "If you choose on one part and report on another, the luck of the choice stays out.",
        ),
        (
            "The test parts are needed to train the network once λ is known.",
            False,
            "The network never trains on the test parts. Otherwise they would measure nothing.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "write the penalised loss": ("golden", "checks", "zero"),
    "read the stability": ("infinity-claim", "quiz 1"),
    "choose λ": ("choose", "luck", "quiz 3"),
    "tell why training blows up": ("blow", "proximal-run", "quiz 2"),
}
