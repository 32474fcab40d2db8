"""Questions of lesson 02."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "For F(x) = θ₁x₁ + θ₂x₂, when is the importance of θ₂ large?",
        (
            "When θ₂ itself is large.",
            False,
            "A large weight on an input that is always 0 changes nothing: its Ω is 0.",
        ),
        (
            "When the network still makes errors on A.",
            False,
            "No label enters Ω. It asks how the output changes, not whether it is right.",
        ),
        (
            "When x₂ and the output are large for the same samples.",
            True,
            "Ω₂ is the mean of |2 F x₂|, so both factors have to be large together.",
        ),
    ),
    Question(
        "Even with its best λ, L2 stays behind MAS in the first figure. Why?",
        (
            "It holds θ₂ as firmly as θ₁, but A hardly needs θ₂.",
            True,
            "There is one λ for both weights: large enough to hold θ₁, it holds θ₂ too, which B"
            " needs to change.",
        ),
        (
            "Its penalty is too weak: a larger λ would close the gap.",
            False,
            "You may choose any λ: no point on L2's path is better than its star.",
        ),
        (
            "It knows nothing about task B, so it leaves no room for it.",
            False,
            "MAS knows nothing about B either: both bowls are made before B is seen.",
        ),
    ),
    Question(
        "A's right answer is 0 for every input, and the network has learned it. What is Ω?",
        (
            "Large: any change of a weight would spoil the answer.",
            False,
            "It would. But Ω is a first derivative of F², and F² has its minimum here.",
        ),
        (
            "It depends on A's labels, which are all 0 here.",
            False,
            "Ω never sees labels, only outputs. It is these that are 0.",
        ),
        (
            "0 for every weight: MAS protects nothing.",
            True,
            "The gradient of F² is 2 F ∂F/∂θ, and F is 0. This is the blind spot of ‖F‖².",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "say what importance": ("library", "quiz 1"),
    "read Ω as a bowl": ("descent", "quiz 2"),
    "explain how MAS": ("claim", "not-always", "quiz 2"),
    "name a place": ("blind", "quiz 3"),
}
