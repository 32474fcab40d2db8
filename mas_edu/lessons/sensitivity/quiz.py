"""Questions of lesson 02."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "For F(x) = θ₁x₁ + θ₂x₂, when is the importance of θ₂ large?",
        (
            "When θ₂ itself is large.",
            False,
            "A large weight on an input that is always 0 moves nothing: its Ω is 0.",
        ),
        (
            "When x₂ and the output are large together.",
            True,
            "Ω₂ is the mean of |2 F x₂|: both factors have to be there, for the same input.",
        ),
        (
            "When the network still makes errors on A.",
            False,
            "No label enters Ω. It asks how the output moves, not whether it is right.",
        ),
    ),
    Question(
        "With its best λ, why does L2 stay behind MAS in the first figure?",
        (
            "Its penalty is too weak.",
            False,
            "λ may be as large as you like: no place on L2's path does better than its star.",
        ),
        (
            "It holds θ₂ as firmly as θ₁, although A hardly needs θ₂.",
            True,
            "One λ for both: firm enough for θ₁ is too firm for θ₂, which B wants to move.",
        ),
        (
            "It knows nothing of task B.",
            False,
            "Neither does MAS: both bowls are made before B is seen.",
        ),
    ),
    Question(
        "A's right answer is 0 for every input, and the network has learned it. What is Ω?",
        (
            "0 for every weight: MAS protects nothing.",
            True,
            "The gradient of F² is 2 F ∂F/∂θ, and F is 0. This is the blind spot of ‖F‖².",
        ),
        (
            "Large: every change of a weight would spoil the answer.",
            False,
            "It would, but Ω is a first derivative of F², and F² has its minimum here.",
        ),
        (
            "It depends on A's labels.",
            False,
            "Ω never sees labels, only outputs; and these are 0.",
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
