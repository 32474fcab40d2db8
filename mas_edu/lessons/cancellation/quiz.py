"""Questions of lesson 04."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "Three samples pull on a weight with g = 3, −1 and −2. What do the two forms say?",
        (
            "Exact 2, batch form 0.",
            True,
            "The mean of 3, 1 and 2 is 2; the mean of 3, −1 and −2 is 0, and so is its |·|.",
        ),
        (
            "Both say 2.",
            False,
            "They would if all three had the same sign. Here the pulls cancel before the |·|.",
        ),
        (
            "Exact 0, batch form 2.",
            False,
            "The other way round: the exact form takes |·| first, so nothing can cancel.",
        ),
    ),
    Question(
        "Your Ω comes out smaller with batches of 64 than with batches of 8. What is likely?",
        (
            "Larger batches are more accurate: the mean of many is less noisy.",
            False,
            "Exact Ω is the same mean over all samples, however they are cut into batches.",
        ),
        (
            "The absolute value is taken after the mean over the batch.",
            True,
            "Exact Ω cannot depend on the batch size. This makes a good test for any code.",
        ),
        (
            "The learning rate should be adapted to the batch size.",
            False,
            "Ω is computed after training, with the weights held fixed: no step is taken.",
        ),
    ),
    Question(
        "Why is |Δ|ᵀ|A| exact for a linear layer, and too large for a convolution?",
        (
            "A convolution has several channels.",
            False,
            "So has a linear layer, in a way: many inputs, many outputs. They do no harm.",
        ),
        (
            "A convolution has fewer weights.",
            False,
            "Their number does not matter. What matters is how often one sample uses each.",
        ),
        (
            "One sample uses its weight at many positions, and they are summed before |·|.",
            True,
            "|Σ δa| is at most Σ |δ||a|. With one position, as in a linear layer, they are equal.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "say what gets lost": ("two", "zero", "quiz 1"),
    "recognise the bug": ("test", "quiz 2"),
    "get exact Ω": ("free", "convolution", "quiz 3"),
    "judge from seeds": ("same", "tuned"),
}
