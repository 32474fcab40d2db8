"""One backward pass that takes δ at every operation that uses a weight, and adds up there.

The inputs and δ of an operation are in memory at the moment in which the pass comes to it; so no
more is held than in any backward pass, and the gradients of some samples for one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

from mas_edu.importance.per_sample.closed_form import CLOSED_FORMS
from mas_edu.importance.per_sample.graph import Graph, Use
from mas_edu.importance.per_sample.operation import Operation, SampleGradients
from mas_edu.importance.per_sample.plan import Plan
from mas_edu.importance.per_sample.sums import Sums

CHUNK = 8 * 2**20  # bytes of per-sample gradients that are made at once; more was slower


def add_by_closed_forms(
    sums: Sums,
    graph: Graph,
    scores: Tensor,
    plan: Plan,
    power: int,
    failed: set[str] | None = None,
) -> None:
    """Add what the weights with a closed form sum up to, in one backward pass from the scores.

    An error of a closed form is raised; on trial its weight is put into `failed` instead.
    """
    if plan.uses:
        _BackwardPass(sums, graph, len(scores), plan, power, failed).run(scores)


@dataclass
class _BackwardPass:
    """The backward pass over one batch; it keeps gradients of weights whose other uses follow."""

    sums: Sums
    graph: Graph
    samples: int
    plan: Plan
    power: int
    failed: set[str] | None
    pending: dict[str, list[tuple[Use, SampleGradients]]] = field(default_factory=dict)

    def run(self, scores: Tensor) -> None:
        """Go back from the scores to the last operations that use a weight."""
        uses = self._uses_by_node()
        last = self.plan.last
        with ExitStack() as stack:
            for node in uses.keys() - set(last):
                handle = self.graph.nodes[node].register_prehook(self._hook(uses[node]))
                stack.callback(handle.remove)
            edges = [GradientEdge(self.graph.nodes[node], 0) for node in last]
            deltas = torch.autograd.grad(scores.sum(), edges, allow_unused=True)
        with torch.no_grad():
            for node, delta in zip(last, deltas, strict=True):
                self._collect(uses[node], delta)
            for name, parts in self.pending.items():  # their other uses have no part in the scores
                self._attempt(name, partial(self._add, name, parts))

    def _uses_by_node(self) -> Mapping[int, Sequence[Use]]:
        by_node: dict[int, list[Use]] = {}
        for uses in self.plan.uses.values():
            for use in uses:
                by_node.setdefault(use.node, []).append(use)
        return by_node

    def _hook(self, uses: Sequence[Use]) -> Callable[[tuple[Tensor | None, ...]], None]:
        def hook(deltas: tuple[Tensor | None, ...]) -> None:
            with torch.no_grad():
                self._collect(uses, deltas[0])

        return hook

    def _attempt(self, name: str, step: Callable[[], None]) -> None:
        """Run a step for one weight; on trial note that it failed."""
        try:
            step()
        except Exception:
            if self.failed is None:
                raise
            self.failed.add(name)

    def _collect(self, uses: Sequence[Use], delta: Tensor | None) -> None:
        if delta is None:  # the scores do not depend on this operation
            return
        for use in uses:
            self._attempt(use.weight, partial(self._collect_one, use, delta))

    def _collect_one(self, use: Use, delta: Tensor) -> None:
        """Take the gradients of one use; add up once those of all uses of the weight are here."""
        node = self.graph.nodes[use.node]
        source = self.graph.structure[use.node][1][use.slot][0]
        operation = Operation(
            node,
            delta,
            self.samples,
            use.axis,
            use.node in self.plan.sequence_first,
            use.slot,
            self.graph.shape(source, use.output),
        )
        parts = self.pending.setdefault(use.weight, [])
        parts.append((use, CLOSED_FORMS[node.name()](operation)))
        complete = len(parts) == len(self.plan.uses[use.weight])
        # other operations on the path can be run only after the pass, in which they are left out
        if complete and all(_only_transposes(self.graph, use) for use, _ in parts):
            self._add(use.weight, self.pending.pop(use.weight))

    def _add(self, name: str, parts: Sequence[tuple[Use, SampleGradients]]) -> None:
        use, first = parts[0]
        if len(parts) == 1 and first.total is not None and _only_transposes(self.graph, use):
            total = first.total(self.power)
            self.sums.add(name, total.T if len(use.path) % 2 else total)
            return
        size = max(1, CHUNK // (4 * sum(part.numbers for _, part in parts)))
        for begin in range(0, self.samples, size):
            part = slice(begin, min(begin + size, self.samples))
            gradients = sum(to_weight(self.graph, use, own.of(part)) for use, own in parts)
            assert isinstance(gradients, Tensor)
            self.sums.add_gradients(name, gradients, self.power)


def _only_transposes(graph: Graph, use: Use) -> bool:
    """Tell whether at most transpositions lie between the weight and its use."""
    return all(graph.nodes[node].name() == "TBackward0" for node, _, _ in use.path)


def to_weight(graph: Graph, use: Use, gradients: Tensor) -> Tensor:
    """Take gradients at a use, `[n, …]`, back to the weight, through the operations in between."""
    if _only_transposes(graph, use):
        return gradients.mT if len(use.path) % 2 else gradients
    return torch.stack([_one_to_weight(graph, use, gradient) for gradient in gradients])


def _one_to_weight(graph: Graph, use: Use, gradient: Tensor) -> Tensor:
    for node, slot, output in reversed(use.path):
        operation = graph.nodes[node]
        inputs: list[Tensor | None] = [None] * len(operation._input_metadata)
        inputs[output] = gradient
        found = operation(*inputs)
        gradient = found[slot] if isinstance(found, tuple) else found
    return gradient
