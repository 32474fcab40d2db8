"""Questions of lesson 03."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "For some sample F = 3. What is δ at the output, and why?",
        (
            "3, the output itself.",
            False,
            "The factor 2 is missing: the derivative of F² by F is 2F.",
        ),
        (
            "6: the derivative of F² by F is 2F.",
            True,
            "The square is what is differentiated. Its sign is that of F, its size twice F.",
        ),
        (
            "It cannot be said without the label.",
            False,
            "A loss would need a label. F² is made of the output alone.",
        ),
    ),
    Question(
        "For one sample h₁ is off. Which gradients are 0 because of that?",
        (
            "Those of its incoming edges only.",
            False,
            "They are, for δ is 0 at h₁. But the edge that leaves h₁ begins at 0, too.",
        ),
        (
            "Those of all edges that end or begin at h₁.",
            True,
            "Incoming edges end at δ = 0, the outgoing one begins at a = 0: each product is 0.",
        ),
        (
            "All six: the signal is cut.",
            False,
            "It still flows through h₂, and so does δ on its way back.",
        ),
    ),
    Question(
        "You show the network every sample twice. What happens to Ω?",
        (
            "It doubles: twice as many gradients are added.",
            False,
            "They are, but N is twice as large, too: Ω is a mean over samples.",
        ),
        (
            "Nothing: sum and number of samples both double.",
            True,
            "That is what dividing by N is for: Ω does not grow with the size of the data.",
        ),
        (
            "It halves: the same sum is shared by twice as many samples.",
            False,
            "The sum is not the same: each sample adds its gradients again.",
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
