"""Questions and words of lesson 08."""

from mas_edu.widgets import Question

WORDS = (
    "MAS",
    "Ω",
    "local Ω",
    "F",
    "δ",
    "activation",
    "gradient",
    "batch form",
    "rank correlation",
    "control",
    "λ",
    "validation part",
    "seed",
    "paired difference",
)

QUIZ = (
    Question(
        "When is the local Ω of a weight large, in a layer with ReLU?",
        (
            "When both its ends are active on the same samples.",
            True,
            "It is twice the mean product of both activations: what fires together has a large Ω.",
        ),
        (
            "When the weight itself is large, whatever its sign.",
            False,
            "The weight is no factor of the product. It only helps to make the unit active.",
        ),
        (
            "When the network's outputs depend strongly on its unit.",
            False,
            "That is global Ω. The local one never looks beyond its layer.",
        ),
    ),
    Question(
        "In a first layer, local and global Ω rank the weights much alike. What does that prove?",
        (
            "That local Ω knows which units the outputs depend on.",
            False,
            "Compare the weights from one pixel: from unit to unit the two agree far less.",
        ),
        (
            "That training has made each layer represent the whole.",
            False,
            "The untrained network shows the same agreement, and no layer has learned anything.",
        ),
        (
            "Little: both share the inputs and the inactive units.",
            True,
            "A control that only knows when a unit is active agrees with global Ω just as well.",
        ),
    ),
    Question(
        "Local Ω, but averaged over a batch before the absolute value. Where does that matter?",
        (
            "In every layer: averages always cancel something.",
            False,
            "Numbers that are never negative cannot cancel. Behind a ReLU, 2yx is never negative.",
        ),
        (
            "Wherever an input or an output can be negative.",
            True,
            "Then 2yx has both signs, as in the output layer, or with centred pixels.",
        ),
        (
            "In no layer: local Ω needs no backward pass.",
            False,
            "Cancelling needs both signs, not a backward pass. In the output layer it happens.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "compute local Ω": ("by-hand", "as-network", "quiz 1"),
    "say why it ranks": ("rank-claim", "control-claim", "quiz 2"),
    "say in what": ("sizes-claim", "inputs-claim", "accuracy-claim"),
    "say where averaging": ("batch-claim", "quiz 3"),
}
