"""Questions of lesson 04."""

from mas_edu.widgets import Question

QUIZ = (
    Question(
        "For one weight, three samples have g = 3, −1 and −2. What do the two forms say?",
        (
            "Exact 2, batch form 0.",
            True,
            "The mean of 3, 1 and 2 is 2. The mean of 3, −1 and −2 is 0, and so is its |·|.",
        ),
        (
            "Exact 0, batch form 2.",
            False,
            "The other way round: the exact form takes |·| first, so nothing can cancel.",
        ),
        (
            "Exact 2, batch form 2.",
            False,
            "That would be so if all three had the same sign. Here they cancel before the |·|.",
        ),
    ),
    Question(
        "Your Ω is smaller with batches of 64 than with batches of 8. What is likely?",
        (
            "Larger batches are more accurate: the mean of many is less noisy.",
            False,
            "Exact Ω is the same mean over all samples, however they are cut into batches.",
        ),
        (
            "The absolute value is taken after the mean over the batch.",
            True,
            "Exact Ω cannot depend on the batch size. You can test any code for this.",
        ),
        (
            "The learning rate was not adapted to the batch size.",
            False,
            "Ω is computed after training, with fixed weights: no update is made.",
        ),
    ),
    Question(
        "Why is |Δ|ᵀ|A| exact for a linear layer, but too large for a convolution?",
        (
            "A convolution has several channels, and their products add up.",
            False,
            "A linear layer has many inputs and outputs, too. These do no harm.",
        ),
        (
            "One sample uses a weight at many positions, which are summed before |·|.",
            True,
            "|Σ δa| is at most Σ |δ||a|. With one position, as in a linear layer, they are equal.",
        ),
        (
            "A convolution has fewer weights, so each gets a larger share.",
            False,
            "Their number does not matter. What matters is how often one sample uses each.",
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
