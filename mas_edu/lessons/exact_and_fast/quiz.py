"""Questions of the notebook on how Ω is computed."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "Why is exact Ω of a linear layer one matrix product?",
        (
            "Because the absolute value of a product is the product of the absolute values.",
            True,
            "|δᵢ aⱼ| = |δᵢ| |aⱼ|. So the sum over samples of |δ aᵀ| is |Δ|ᵀ |A|.",
        ),
        (
            "Because gradients of different samples never cancel in it.",
            False,
            "They do cancel in ΔᵀA. The product of absolute values takes the signs away first.",
        ),
        (
            "Because a backward pass keeps the gradient of each sample.",
            False,
            "It keeps their sum. But it has passed by Δ and A, from which they can be made.",
        ),
    ),
    Question(
        "In a convolution, why is the absolute value not taken at each position?",
        (
            "It would cost more memory than there is.",
            False,
            "It would even cost less. But the result would be too large.",
        ),
        (
            "A convolution has no absolute value.",
            False,
            "Every gradient has one. The question is after which sum it is taken.",
        ),
        (
            "One weight acts at all positions, so they belong to one gradient.",
            True,
            "Within one sample the positions may cancel: that is the true gradient. Then | · |.",
        ),
    ),
    Question(
        "The loop and exact Ω are the same numbers. Why does the loop take so much longer?",
        (
            "The loop is more exact, and that takes longer.",
            False,
            "Both are exact, as the cell above checks. The loop pays for each sample anew.",
        ),
        (
            "A batch is worked on as one product; the loop pays for every sample anew.",
            True,
            "Exact Ω is a few products, each as large as one of a plain pass.",
        ),
        (
            "Exact Ω stops once enough samples have been seen.",
            False,
            "All samples are in it. Leave one out, and Ω changes.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "say why exact Ω": ("batch", "quiz 1"),
    "say why a convolution": ("conv", "quiz 2"),
    "measure what Ω costs": ("agree", "quiz 3"),
}
