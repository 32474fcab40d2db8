"""One backward pass that takes δ at every operation that uses a weight, and adds up there.

The inputs and δ of an operation are in memory at the moment in which the pass comes to it; so no
more is held than in any backward pass, and the gradients of some samples for one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial, reduce

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
        uses, last = self.plan.by_node, self.plan.last
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
        operation = Operation(
            self.graph.nodes[use.node],
            delta,
            self.samples,
            use.axis,
            use.node in self.plan.sequence_first,
            use.slot,
            use.shape,
        )
        parts = self.pending.setdefault(use.weight, [])
        parts.append((use, CLOSED_FORMS[use.kind](operation)))
        complete = len(parts) == len(self.plan.uses[use.weight])
        # other operations on the path can be run only after the pass, in which they are left out
        if complete and all(use.transposed is not None for use, _ in parts):
            self._add(use.weight, self.pending.pop(use.weight))

    def _add(self, name: str, parts: Sequence[tuple[Use, SampleGradients]]) -> None:
        use, first = parts[0]
        if len(parts) == 1 and first.total is not None and use.transposed is not None:
            total = first.total(self.power)
            self.sums.add(name, total.T if use.transposed else total)
            return
        size = max(1, CHUNK // (4 * sum(part.numbers for _, part in parts)))
        for begin in range(0, self.samples, size):
            part = slice(begin, min(begin + size, self.samples))
            gradients = (to_weight(self.graph, use, own.of(part)) for use, own in parts)
            self.sums.add_gradients(name, reduce(torch.add, gradients), self.power)


def to_weight(graph: Graph, use: Use, gradients: Tensor) -> Tensor:
    """Take gradients at a use, `[n, …]`, back to the weight, through the operations in between."""
    if use.transposed is not None:
        return gradients.mT if use.transposed else gradients
    return torch.stack([_one_to_weight(graph, use, gradient) for gradient in gradients])


def _one_to_weight(graph: Graph, use: Use, gradient: Tensor) -> Tensor:
    for node, slot, output in reversed(use.path):
        operation = graph.nodes[node]
        inputs: list[Tensor | None] = [None] * len(operation._input_metadata)
        inputs[output] = gradient
        found = operation(*inputs)
        gradient = found[slot] if isinstance(found, tuple) else found
    return gradient
