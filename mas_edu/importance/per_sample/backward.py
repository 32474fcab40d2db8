"""One backward pass that hands out δ at every operation that uses a weight, and sums up there.

What is needed of an operation is there for the moment in which the pass comes to it; so no more is
held than in any backward pass, and the gradients of a layer's samples while that layer is summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

from mas_edu.importance.per_sample.closed_form import CLOSED_FORMS
from mas_edu.importance.per_sample.graph import Graph, Use
from mas_edu.importance.per_sample.operation import Operation, PerSample
from mas_edu.importance.per_sample.sums import Sums

CHUNK = 8 * 2**20  # bytes of per-sample gradients that are made at once; more was slower


@dataclass
class Summing:
    """The backward pass over one batch, which adds what each weight sums up to."""

    sums: Sums
    graph: Graph
    samples: int
    power: int
    uses: Mapping[str, Sequence[Use]]
    inner: frozenset[int]
    failed: set[str] | None = None  # on trial: the weights whose closed form raised
    waiting: dict[str, list[tuple[Use, PerSample]]] = field(default_factory=dict)

    def run(self, scores: Tensor, last: Sequence[int]) -> None:
        """Go back from the scores to the `last` operations that use a weight."""
        at = self._uses_by_node()
        with ExitStack() as stack:
            for node in at.keys() - set(last):
                handle = self.graph.nodes[node].register_prehook(self._hook(at[node]))
                stack.callback(handle.remove)
            edges = [GradientEdge(self.graph.nodes[node], 0) for node in last]
            deltas = torch.autograd.grad(scores.sum(), edges, allow_unused=True)
        with torch.no_grad():
            for node, delta in zip(last, deltas, strict=True):
                self._hook(at[node])((delta,))
            for name, parts in self.waiting.items():  # some uses have no part in the scores
                try:
                    self._sum(name, parts)
                except Exception:
                    if self.failed is None:
                        raise
                    self.failed.add(name)

    def _uses_by_node(self) -> dict[int, list[Use]]:
        at: dict[int, list[Use]] = {}
        for uses in self.uses.values():
            for use in uses:
                at.setdefault(use.node, []).append(use)
        return at

    def _hook(self, uses: Sequence[Use]) -> Callable[[tuple[Tensor | None, ...]], None]:
        def hook(deltas: tuple[Tensor | None, ...]) -> None:
            if (delta := deltas[0]) is None:  # the scores do not depend on this operation
                return
            with torch.no_grad():
                for use in uses:
                    try:
                        self._arrive(use, delta)
                    except Exception:
                        if self.failed is None:
                            raise
                        self.failed.add(use.weight)

        return hook

    def _arrive(self, use: Use, delta: Tensor) -> None:
        """Take the gradients of one use; sum up once those of all uses of the weight are here."""
        node = self.graph.nodes[use.node]
        behind = self.graph.structure[use.node][1][use.slot][0]
        shape = self.graph.shape(behind, use.output)
        inner = use.node in self.inner
        operation = Operation(node, delta, self.samples, use.axis, inner, use.slot, shape)
        parts = self.waiting.setdefault(use.weight, [])
        parts.append((use, CLOSED_FORMS[node.name()](operation)))
        # what lies between can be run only after the pass, in which it is left out
        if len(parts) == len(self.uses[use.weight]) and all(self._near(use) for use, _ in parts):
            self._sum(use.weight, self.waiting.pop(use.weight))

    def _sum(self, name: str, parts: Sequence[tuple[Use, PerSample]]) -> None:
        use, first = parts[0]
        if len(parts) == 1 and first.total is not None and self._near(use):
            self.sums.add(name, self._back(use, first.total(self.power)[None])[0])
            return
        held = 4 * sum(part.numbers for _, part in parts)
        step = max(1, CHUNK // held)
        for begin in range(0, self.samples, step):
            part = slice(begin, min(begin + step, self.samples))
            gradients = sum(self._back(use, own.of(part)) for use, own in parts)
            assert isinstance(gradients, Tensor)
            self.sums.add_gradients(name, gradients, self.power)

    def _near(self, use: Use) -> bool:
        """Tell whether at most a transposition lies between the weight and its use."""
        return all(self.graph.nodes[node].name() == "TBackward0" for node, _, _ in use.way)

    def _back(self, use: Use, gradients: Tensor) -> Tensor:
        """Take each sample's gradient back to the weight, through what lies in between."""
        if self._near(use):
            return gradients.mT if len(use.way) % 2 else gradients
        return torch.stack([self._one_back(use, gradient) for gradient in gradients])

    def _one_back(self, use: Use, gradient: Tensor) -> Tensor:
        for node, slot, output in reversed(use.way):
            operation = self.graph.nodes[node]
            into: list[Tensor | None] = [None] * len(operation._input_metadata)
            into[output] = gradient
            found = operation(*into)
            gradient = found[slot] if isinstance(found, tuple) else found
        return gradient
