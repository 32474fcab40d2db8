"""Two exercises of a teacher's own, to copy and change.

In a notebook:  from mas_edu.classroom import load_exercises; load_exercises("my_exercises.py")
                me.check("my.1", top_share)
For a class:    python -m mas_edu grade submissions --own my_exercises.py
"""

import torch
from torch import Tensor

from mas_edu.classroom import Exercise


def top_share(omega: dict[str, Tensor], k: int) -> float:
    """Return the share of all Ω that the k most important weights have, from 0 to 1.

    omega: Ω by the names of the weights; k: how many, over all of them together.
    """
    values = torch.cat([value.flatten() for value in omega.values()])
    return (values.topk(k).values.sum() / values.sum()).item()


def draw_cases(seed):
    """Return two cases, the smaller first; the arguments stand in their order."""
    draw = torch.Generator().manual_seed(seed)
    shapes = ({"a": (2,), "b": (3,)}, {"weight": (4, 3), "bias": (4,)})
    return [
        {"omega": {n: torch.rand(shape, generator=draw) for n, shape in some.items()}, "k": 2}
        for some in shapes
    ]


def share_in_each(omega, k):
    """Take the k largest of each tensor, which are too many."""
    top = sum(value.flatten().topk(k).values.sum() for value in omega.values())
    return (top / sum(value.sum() for value in omega.values())).item()


TOP_SHARE = Exercise(
    id="my.1",
    name="top_share",
    points=2,
    asks="How much of all Ω do the k most important weights have?",
    solution=top_share,
    why="The weights of all layers compete, so their values belong into one list first.",
    hints=(
        "Do the k weights come from one layer or from all of them?",
        "Put the values of all tensors into one long tensor first.",
        "torch.cat of the flattened values, then topk(k), then divide by the sum of all.",
    ),
    cases=draw_cases,
    mistakes={
        "each": (share_in_each, "These are the k largest of each tensor: take k of all together."),
        "sum": (
            lambda omega, k: top_share(omega, k) * sum(v.sum() for v in omega.values()).item(),
            "This is the sum of the k largest: divide it by the sum of all Ω.",
        ),
    },
    judge=lambda case, found: "" if 0 <= found <= 1 else "A share lies between 0 and 1.",
)

SMALLEST = Exercise(
    id="my.2",
    name="smallest",
    points=1,
    asks='Which Ω does a weight have that the output does not depend on: "zero" or "one"?',
    solution="zero",
    why="Where nothing depends on a weight, every gradient with respect to it is 0.",
    hints=(
        "What is the gradient of a constant?",
        "Ω is the mean of absolute gradients.",
        "The mean of zeros.",
    ),
    mistakes={"one": ("one", "Ω is made of gradients, and these are 0 here.")},
)
