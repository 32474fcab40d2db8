"""Questions and words of lesson 07."""

from mas_edu.widgets import Question

WORDS = ("Ω", "δ", "F", "gradient", "control", "correlation", "seed", "accuracy matrix")

QUIZ = (
    Question(
        "The pixel map of Ω shows a bright blob where digits have ink. What does that tell you?",
        (
            "The network has learned to look where the digits are.",
            False,
            "The untrained network shows the same blob, and it has learned nothing.",
        ),
        (
            "Mostly where the inputs are large: Ω of a weight contains its input as a factor.",
            True,
            "Compare with the untrained network: what both show cannot come from training.",
        ),
        (
            "The weights in the middle are larger than the others.",
            False,
            "Ω is no picture of the weights' size; in the first layer it is |δ| times the input.",
        ),
    ),
    Question(
        "Half of a map looks empty on a linear scale. What is there?",
        (
            "Weights with Ω = 0.",
            False,
            "Some of them. Zeros and small values look alike on a linear scale.",
        ),
        (
            "Weights that can be removed without harm.",
            False,
            "Ω says how much the output moves when a weight moves a little, not what removal does.",
        ),
        (
            "Weights far below the maximum, which together hold little of the sum.",
            True,
            "A linear scale shows the large values. Log or rank shows the others; say which it is.",
        ),
    ),
    Question(
        "Unit 12 is bright in your network and dark in a friend's, trained with another seed. Why?",
        (
            "One of the two was not trained for long enough.",
            False,
            "Both may be trained well. The number of a unit has no meaning across seeds.",
        ),
        (
            "The units have no common order: number 12 is another unit in each network.",
            True,
            "Units may be swapped without changing the outputs. Compare sorted units, or pixels.",
        ),
        (
            "Ω depends on the labels, and the two saw other labels.",
            False,
            "Ω uses no labels at all, and both networks were trained on the same samples.",
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
