"""The graph that autograd keeps behind the scores, and where in it the samples meet the weights.

Autograd already keeps what a closed form needs: the node of an operation has its inputs
(`node._saved_input`), and passes on δ when it is run. So nothing needs to be known about the
modules: a weight that is used twice, functionally, or with broadcasting is seen as well as that of
a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

Node = Any  # torch.autograd.graph.Node, with the attributes of its kind
Step = tuple[int, int, int]
"""(node, which of its inputs, which of its outputs) on the path from a weight to an operation."""
MOST_USES = 1000  # of one weight; a recurrent network uses one at each time step


class Graph:
    """All nodes behind some scores, in the order of a walk, and how they are connected.

    Two graphs of equal `structure` come from the same operations, on the same weights.
    """

    def __init__(self, scores: Tensor, weights: Mapping[str, Tensor]) -> None:
        names = {weight: name for name, weight in weights.items()}
        self.nodes: list[Node] = [scores.grad_fn]
        places = {scores.grad_fn: 0}
        structure = []
        for node in self.nodes:  # grows while it is walked
            inputs = []
            for source, output in node.next_functions:
                if source is None:
                    inputs.append((-1, 0))
                    continue
                if source not in places:
                    places[source] = len(self.nodes)
                    self.nodes.append(source)
                inputs.append((places[source], output))
            leaf = getattr(node, "variable", None)
            kind = node.name() if leaf is None else "a leaf that is no weight"
            kind = f"weight {names[leaf]}" if leaf is not None and leaf in names else kind
            structure.append((kind, tuple(inputs)))
        self.structure = tuple(structure)

    def shape(self, node: int, output: int = 0) -> tuple[int, ...]:
        """Return the shape of an operation's output."""
        if (leaf := getattr(self.nodes[node], "variable", None)) is not None:
            return tuple(leaf.shape)
        return tuple(self.nodes[node]._input_metadata[output].shape)


@dataclass(frozen=True)
class Use:
    """A place where samples meet a weight: input `slot` of an operation is made of the weight.

    `path` has the operations in between, from the weight on, such as the transposition in x Wᵀ.
    """

    weight: str
    node: int
    kind: str
    """The name of the operation."""
    slot: int
    shape: tuple[int, ...]
    """The shape of that input."""
    path: tuple[Step, ...]
    transposed: bool | None
    """True: the path is an odd number of transpositions; None: something else is on it."""
    axis: int
    """The axis of the operation's output along which the samples lie; -1: not found."""


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

    An operation whose output grows with the samples has met them; before that, everything is made
    of weights alone.
    """
    followers: dict[int, list[tuple[int, int, int]]] = {}
    for node, (_, inputs) in enumerate(graph.structure):
        for slot, (source, output) in enumerate(inputs):
            followers.setdefault(source, []).append((node, slot, output))
    uses: dict[str, list[Use]] = {}
    for leaf, (kind, _) in enumerate(graph.structure):
        if not kind.startswith("weight "):
            continue
        name = kind.removeprefix("weight ")
        pending: list[tuple[int, tuple[Step, ...]]] = [(leaf, ())]
        found = uses.setdefault(name, [])
        while pending and len(found) < MOST_USES:
            at, path = pending.pop()
            for node, slot, output in followers.get(at, []):
                # which of its outputs the next operation takes belongs to the step before
                before = (*path[:-1], (*path[-1][:2], output)) if path else ()
                axis = sample_axis(graph.shape(node), other.shape(node), sizes)
                if axis is None:
                    pending.append((node, (*before, (node, slot, 0))))
                else:
                    kind, shape = graph.structure[node][0], graph.shape(at, output)
                    plain = all(graph.structure[step][0] == "TBackward0" for step, _, _ in path)
                    transposed = len(path) % 2 == 1 if plain else None
                    found.append(Use(name, node, kind, slot, shape, before, transposed, axis))
    return uses


def find_last(graph: Graph, wanted: set[int]) -> list[int]:
    """Find those wanted nodes behind which there is no other: the backward pass ends there."""
    reaches: dict[int, bool] = {}
    pending = [0]
    while pending:
        node = pending[-1]
        sources = [source for source, _ in graph.structure[node][1] if source >= 0]
        if unknown := [source for source in sources if source not in reaches]:
            pending += unknown
            continue
        reaches[node] = any(source in wanted or reaches[source] for source in sources)
        pending.pop()
    return [node for node in sorted(wanted) if not reaches[node]]
