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
        "At a very large λ the network forgets almost nothing. What else does the frontier say?",
        (
            "It is the best setting: no other forgets less.",
            False,
            "Read the other axis. Later tasks were hardly learned: there was little to keep.",
        ),
        (
            "'Learned' is at its lowest: the network is nearly frozen.",
            True,
            "A frozen network forgets nothing. Only both numbers together say how good it is.",
        ),
        (
            "Its Ω must have been 0, or it would have learned more.",
            False,
            "The other way round: weights with Ω = 0 are the only ones it can still move.",
        ),
    ),
    Question(
        "lr = 0.1 and the largest Ω is 4. From which λ on does plain SGD on the penalty diverge?",
        (
            "From λ = 5 on.",
            True,
            "lr · λ · max Ω = 0.1 · 5 · 4 = 2: beyond, each step overshoots by more than it gains.",
        ),
        (
            "From λ = 20 on.",
            False,
            "There lr · λ is 2, but the steepest direction counts, and its gradient has Ω = 4.",
        ),
        (
            "Never: the penalty is a bowl, so descent always arrives.",
            False,
            "A step that is too long lands higher up on the other side, the next one higher still.",
        ),
    ),
    Question(
        "Why is λ chosen on the validation parts and not on the test parts?",
        (
            "The test parts are larger, so it would take longer.",
            False,
            "Time is not the reason. What was used for a choice can no longer measure it fairly.",
        ),
        (
            "λ chosen on the test parts would be a worse λ.",
            False,
            "It may well be the same λ. What suffers is the accuracy you then report.",
        ),
        (
            "The best of many test results is partly luck, and would be reported as skill.",
            True,
            "Choose on one part, report on another, and the luck of the choice stays out.",
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
