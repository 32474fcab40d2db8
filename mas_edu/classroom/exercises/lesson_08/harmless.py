"""Exercise 08.2, `harmless`."""

from __future__ import annotations

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Exercise

LAYERS = {
    "first": "the first layer: pixels from 0 to 1 come in, ReLU behind it",
    "second": "the next layer: outputs of a ReLU come in, ReLU behind it",
    "centred": "the first layer with centred pixels: each minus its mean over the samples",
    "tanh": "a layer behind tanh: outputs of tanh come in, ReLU behind it",
    "output": "the output layer: outputs of a ReLU come in, nothing behind it",
}
SAME, SMALLER = "same", "smaller"
HARMLESS = dict.fromkeys(LAYERS, SMALLER) | {"first": SAME, "second": SAME}
WRONG_LAYERS = {
    (
        "first",
        SMALLER,
    ): "In the first layer nothing can cancel: look at the signs of pixels, and of "
    "what a ReLU lets through.",
    ("second", SMALLER): "In the second layer both ends come from a ReLU, so neither is ever "
    "negative.",
    ("centred", SAME): "Centred pixels are negative where they are below their mean: think of what "
    "that does to 2 y x.",
    ("tanh", SAME): "Behind tanh inputs have both signs: two samples can pull one weight in "
    "opposite ways.",
    ("output", SAME): "In the output layer no ReLU cuts the outputs: look at the sign of y.",
}

WHERE = Exercise(
    id="08.2",
    name="harmless",
    points=1,
    asks="Local gradients of all samples are averaged first, and the absolute value is taken "
    "afterwards. What does that do to the sum of local Ω over a layer? Choose "
    f'`"{SAME}"` or `"{SMALLER}"` for each:\n\n'
    + "\n".join(f'- `"{name}"`: {text}.' for name, text in LAYERS.items()),
    solution=HARMLESS,
    start="harmless = {" + ", ".join(f'"{name}": ...' for name in LAYERS) + "}",
    why="The local gradient is 2 y x. If both ends are never negative, no two samples cancel; if "
    "one of them has both signs, some do.",
    hints=(
        "What is the sign of 2 y x?",
        "For each layer: can what comes in be negative? Can what goes out?",
        "Nothing cancels only where neither of the two is ever negative.",
    ),
    mistakes=wrong_choices(HARMLESS, WRONG_LAYERS),
    judge=judge_choices(HARMLESS, WRONG_LAYERS),
    by_property=True,
)
