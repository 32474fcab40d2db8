"""Questions and words of lesson 07."""

from mas_edu.widgets import Question

WORDS = ("Ω", "δ", "F", "gradient", "control", "correlation", "seed", "accuracy matrix")

QUIZ = (
    Question(
        "The pixel map of Ω has a bright spot where digits have ink. What does that tell you?",
        (
            "Mostly that inputs are large there: Ω has the input as a factor.",
            True,
            "Compare with the untrained network: what both show cannot come from training.",
        ),
        (
            "The network has learned to look where the digits are.",
            False,
            "The untrained network shows the same spot, and it has learned nothing.",
        ),
        (
            "The weights in the middle are larger than the others.",
            False,
            "Ω does not show how large the weights are; in the first layer it is |δ| times the "
            "input.",
        ),
    ),
    Question(
        "Half of a map looks empty on a linear scale. What is there?",
        (
            "Weights with Ω = 0, which nothing protects.",
            False,
            "Some of them. On a linear scale, zeros and small values look the same.",
        ),
        (
            "Weights that can be removed without changing the outputs.",
            False,
            "Ω says how much the output changes when a weight changes a little, not when it is "
            "removed.",
        ),
        (
            "Weights far below the maximum, with little of the sum.",
            True,
            "A linear scale shows the large values. Log or rank shows the others; say which you"
            " use.",
        ),
    ),
    Question(
        "Unit 12 is bright in your network and dark in a friend's, trained with another seed. Why?",
        (
            "One of the two networks was not trained for long enough.",
            False,
            "Both may be well trained. The number of a unit means nothing across seeds.",
        ),
        (
            "Ω depends on the labels, and the two networks saw different labels.",
            False,
            "Ω uses no labels at all, and both networks were trained on the same samples.",
        ),
        (
            "The units have no common order: number 12 is another unit there.",
            True,
            "You can swap units without changing the outputs. Compare sorted units, or pixels.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "compare a map with a control": ("control", "quiz 1"),
    "say what in a first-layer map": ("control", "units-claim", "quiz 1"),
    "choose scale and limits": ("scale", "sums", "zeros", "quiz 2"),
    "say why units cannot": ("seeds", "quiz 3"),
}
