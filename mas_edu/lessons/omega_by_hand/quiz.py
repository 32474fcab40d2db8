"""Questions of lesson 03."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "For some sample F = 3. What is δ at the output, and why?",
        (
            "6: the derivative of F² is 2F.",
            True,
            "It is the square that is differentiated. So δ has the sign of F and twice its size.",
        ),
        (
            "3: δ at the output is the output itself.",
            False,
            "The factor 2 is missing: the derivative of F² with respect to F is 2F.",
        ),
        (
            "You cannot say without the label.",
            False,
            "A loss would need a label. F² depends on the output alone.",
        ),
    ),
    Question(
        "For one sample the hidden unit h₁ is off. Which gradients are 0 because of that?",
        (
            "Those of its incoming edges only.",
            False,
            "These are 0, because δ is 0 at h₁. But the edge that leaves h₁ begins at a = 0.",
        ),
        (
            "All six: the signal cannot pass.",
            False,
            "It still passes through h₂, and so does δ on its way back.",
        ),
        (
            "Those of all edges that lead to h₁ or leave it.",
            True,
            "Incoming edges end at δ = 0, the outgoing edge begins at a = 0: each product is 0.",
        ),
    ),
    Question(
        "You show the network every sample twice. What happens to Ω?",
        (
            "It doubles: twice as many gradients are added up.",
            False,
            "They are, but N is twice as large, too: Ω is a mean over samples.",
        ),
        (
            "Nothing: sum and number of samples both double.",
            True,
            "That is why Ω divides by N: it does not grow with the amount of data.",
        ),
        (
            "It is halved: the same sum is divided by twice as many samples.",
            False,
            "The sum is not the same: each sample adds its gradient twice.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "follow a sample": ("product", "quiz 1", "quiz 2"),
    "get the same Ω": ("library", "claim-hand"),
    "say why Ω needs no labels": ("labels-claim", "mean", "quiz 3"),
    "test an Ω": ("euler", "claim-euler"),
}
