"""The graph that autograd keeps behind the scores, and where in it the samples meet the weights.

Autograd already keeps what a closed form needs: the node of an operation has what flowed in
(`node._saved_input`), and hands over what flows back, δ, when it is run. So nothing needs to be
known about the modules: a weight that is used twice, functionally, or with broadcasting is seen
as well as that of a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

Node = Any  # torch.autograd.graph.Node, with the attributes of its kind
Step = tuple[int, int, int]
"""(node, which of its inputs, which of its outputs) on the way from a weight to an operation."""


class Graph:
    """All nodes behind some scores, in the order of a walk, and how they hang together.

    Two graphs of equal `structure` come from the same operations, on the same weights.
    """

    def __init__(self, scores: Tensor, weights: Mapping[str, Tensor]) -> None:
        names = {weight: name for name, weight in weights.items()}
        self.nodes: list[Node] = [scores.grad_fn]
        places = {scores.grad_fn: 0}
        structure = []
        for node in self.nodes:  # grows while it is walked
            inputs = []
            for behind, output in node.next_functions:
                if behind is None:
                    inputs.append((-1, 0))
                    continue
                if behind not in places:
                    places[behind] = len(self.nodes)
                    self.nodes.append(behind)
                inputs.append((places[behind], output))
            leaf = getattr(node, "variable", None)
            kind = node.name() if leaf is None else f"weight {names.get(leaf)}"
            structure.append((kind, tuple(inputs)))
        self.structure = tuple(structure)

    def shape(self, node: int, output: int = 0) -> tuple[int, ...]:
        """Return the shape of what an operation puts out."""
        if (leaf := getattr(self.nodes[node], "variable", None)) is not None:
            return tuple(leaf.shape)
        return tuple(self.nodes[node]._input_metadata[output].shape)


@dataclass(frozen=True)
class Use:
    """A place where samples come to a weight: input `slot` of an operation is made of the weight.

    `way` has the operations in between, from the weight on, such as the transposition in x Wᵀ.
    """

    weight: str
    node: int
    slot: int
    output: int
    way: tuple[Step, ...]
    axis: int
    """The axis of the operation's output along which the samples lie."""


def sample_axis(
    first: tuple[int, ...], second: tuple[int, ...], sizes: tuple[int, int]
) -> int | None:
    """Return the axis that grows with the number of samples; None for none, -1 for several."""
    grown = [
        axis
        for axis, (a, b) in enumerate(zip(first, second, strict=False))
        if a != b and a * sizes[1] == b * sizes[0]
    ]
    if len(first) != len(second) or len(grown) > 1:
        return -1
    return grown[0] if grown else None


def find_uses(graph: Graph, other: Graph, sizes: tuple[int, int]) -> dict[str, list[Use]]:
    """Find the uses of each weight, from graphs of one structure over different numbers of samples.

    An operation whose output grows with the samples has met them; before that, there is only what
    is made of weights alone.
    """
    followers: dict[int, list[tuple[int, int, int]]] = {}
    for node, (_, inputs) in enumerate(graph.structure):
        for slot, (behind, output) in enumerate(inputs):
            followers.setdefault(behind, []).append((node, slot, output))
    uses: dict[str, list[Use]] = {}
    for leaf, (kind, _) in enumerate(graph.structure):
        if not kind.startswith("weight "):
            continue
        name = kind.removeprefix("weight ")
        waiting: list[tuple[int, tuple[Step, ...]]] = [(leaf, ())]
        found = uses.setdefault(name, [])
        while waiting and len(found) < MOST_USES:
            at, way = waiting.pop()
            for node, slot, output in followers.get(at, []):
                # which of its outputs the next operation takes belongs to the step before
                before = (*way[:-1], (*way[-1][:2], output)) if way else ()
                axis = sample_axis(graph.shape(node), other.shape(node), sizes)
                if axis is None:
                    waiting.append((node, (*before, (node, slot, 0))))
                else:
                    found.append(Use(name, node, slot, output, before, axis))
    return uses


MOST_USES = 1000  # of one weight; a recurrent network uses one at each time step


def last_nodes(graph: Graph, wanted: set[int]) -> list[int]:
    """Find those wanted nodes behind which there is no other: the backward pass ends there."""
    reaches: dict[int, bool] = {}
    waiting = [0]
    while waiting:
        node = waiting[-1]
        inputs = [behind for behind, _ in graph.structure[node][1] if behind >= 0]
        if unknown := [behind for behind in inputs if behind not in reaches]:
            waiting += unknown
            continue
        reaches[node] = any(behind in wanted or reaches[behind] for behind in inputs)
        waiting.pop()
    return [node for node in sorted(wanted) if not reaches[node]]
