"""The words and symbols of the lessons, one sentence each."""

from __future__ import annotations

import html
from dataclasses import dataclass

from mas_edu._common import short_repr, translate

TERMS = {  # translated
    # what is learned
    "task": "A set of inputs and labels that the network is asked to learn, with a test part of "
    "its own.",
    "stream": "Tasks in the order in which they are learned, one after the other.",
    "continual learning": "Learning a stream of tasks without going back to the data of earlier "
    "ones.",
    "fine-tuning": "Training on the new task and protecting nothing.",
    "joint training": "Training on the data of all tasks so far: not continual learning, but an "
    "upper bound that shows what the network could do with all data.",
    "task-incremental": "A scenario: in use the task is known, and only its own classes compete.",
    "domain-incremental": "A scenario: every task asks the same question about other inputs.",
    "class-incremental": "A scenario: in use the task is not known, and the classes of all tasks "
    "compete.",
    "capacity": "How much a network can hold at once; joint training shows whether it is enough.",
    "catastrophic forgetting": "Losing most of an earlier task quickly while a new one is learned.",
    # how it is measured
    "accuracy": "The share of inputs for which the answer is right.",
    "accuracy matrix": "a(i, j) is the accuracy on task j after learning task i: a row for each "
    "moment, a column for each task.",
    "average": "The mean of the last row of the accuracy matrix: how well all tasks are known at "
    "the end.",
    "learned": "The mean of the diagonal: how well each task was known just after learning it.",
    "forgetting": "How far earlier tasks fell from their best, on average; read it together with "
    "'learned', because a network that learns nothing forgets nothing.",
    "backward transfer": "The mean of a(T, j) − a(j, j) over the earlier tasks: what later "
    "learning did to them; negative when they were forgotten.",
    "average over time": "The mean of the averages after each task, over the tasks seen by then.",
    "intransigence": "How far the accuracy just after learning a task lies below that of joint "
    "training on all tasks so far, on average: how much protection hinders learning.",
    "adaptation": "Computing Ω on the unlabelled inputs that the network meets in use, so that "
    "what matters there is kept, at the price of the rest.",
    "seed": "A number that determines the initial weights and the order of the samples.",
    "update": "One step of the optimizer, on one batch.",
    "interval": "A range for a mean that is known from a few seeds only; of many such 95 % "
    "intervals, about 95 in 100 contain the mean over all seeds.",
    "band": "The range of a result over several seeds.",
    "paired difference": "The difference of two results with the same seed, taken seed by seed, so "
    "that the effect of the seed cancels.",
    "control": "The same measurement with one thing changed, to see what difference that makes.",
    "correlation": "How far two lists of numbers rise and fall together: 1 if one is the other "
    "times a positive number, plus a constant; near 0 if they have nothing in common.",
    "rank correlation": "The correlation of two lists of ranks: 1 if both put things in the same "
    "order, whatever the distances, −1 if in the opposite one.",
    # the network
    "θ": "The weights of the network, all together; θᵢ is one of them.",
    "θ*": "The weights just after the previous task was learned.",
    "F": "The function that the network computes: F(x; θ) are its outputs, before any softmax.",
    "logits": "The outputs of a classifier before the softmax.",
    "δ": "How much a quantity changes for each unit of change of a layer's output, sample by "
    "sample; backpropagation carries it from layer to layer.",
    "activation": "The output of a unit, which the next layer gets, written a.",
    "gradient": "The derivatives with respect to all weights, one number for each.",
    # Memory Aware Synapses
    "MAS": "Memory Aware Synapses: measure how much each weight matters for the network's "
    "outputs, and make the important weights hard to change.",
    "sensitivity": "How much the output changes when one weight changes a little.",
    "Ω": "The importance of the weights, one number for each: the mean over samples of "
    "|∂‖F(x)‖²/∂θᵢ|, the absolute value taken for each sample.",
    "batch form": "Ω with the absolute value after the mean over a batch, where opposite "
    "gradients cancel: a common mistake.",
    "local Ω": "Ω with each layer taken for the whole network, its input held fixed; in a layer "
    "with ReLU it is twice the mean product of the activations at both ends of a weight.",
    "penalty": "What is added to the loss of the new task: λ/2 times the sum of Ωᵢ(θᵢ − θ*ᵢ)².",
    "λ": "The strength of the penalty; λ here = 2 × λ of the paper, which writes the "
    "penalty without the ½.",
    "anchor": "θ* and Ω together: what the penalty ties the network to.",
    "L2": "The penalty with Ω = 1 for every weight: stay near the old weights, whether they "
    "matter or not.",
    "frontier": "The curve of 'learned' against 'forgetting' over all λ: what can be reached.",
    "stability": "Keeping what was learned.",
    "plasticity": "Being able to learn something new.",
    "validation part": "Samples kept from training on which λ is chosen, so that the test part "
    "stays unseen.",
    "learning rate": "How far one update goes along the gradient, written lr.",
    "divergence": "Updates that grow instead of settling; for the penalty alone it begins at "
    "lr · λ · max Ω > 2.",
}


@dataclass(frozen=True)
class Glossary:
    """Some terms with what they mean; a notebook shows them as a list."""

    terms: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(f"{translate(term)}: {translate(TERMS[term])}" for term in self.terms)

    def _repr_html_(self) -> str:
        parts = (
            f"<dt><strong>{html.escape(translate(term))}</strong></dt>"
            f"<dd>{html.escape(translate(TERMS[term]))}</dd>"
            for term in self.terms
        )
        return f"<dl>{''.join(parts)}</dl>"


def glossary(*terms: str) -> Glossary:
    """Explain these terms, or all of them; the last line of a cell.

    Raises:
        ValueError: naming the term that the glossary does not have.

    >>> glossary("task", "stream")
    task: A set of inputs and labels that the network is asked to learn, with a test part of its
        own.
    stream: Tasks in the order in which they are learned, one after the other.
    """
    for term in terms:
        if not isinstance(term, str) or term not in TERMS:
            raise ValueError(
                f"terms: the glossary has no {short_repr(term)}; it has {', '.join(TERMS)}"
            )
    return Glossary(terms or tuple(TERMS))
