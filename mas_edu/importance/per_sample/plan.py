"""The route of each weight, as it was found for a model, and what else was learned about it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from mas_edu.importance.per_sample.graph import Graph, Use, find_last

Route = Literal["closed form", "vmap", "loop"]


@dataclass(frozen=True)
class Plan:
    """The route of each weight, for one structure of the graph.

    Attributes:
        routes: of each weight.
        uses: of the weights with a closed form.
        by_node: the same by operation.
        last: the operations at which the backward pass ends.
        sequence_first: the operations whose samples lie as [L, N] along one axis.
        lasting: whether there was a gradient when it was tried; else it holds for one call, as the
            weights may be others in the next.
    """

    routes: dict[str, Route]
    uses: dict[str, list[Use]]
    by_node: dict[int, list[Use]]
    last: list[int]
    sequence_first: frozenset[int]
    lasting: bool

    @classmethod
    def of(
        cls,
        graph: Graph,
        routes: dict[str, Route],
        uses: dict[str, list[Use]],
        sequence_first: frozenset[int] = frozenset(),
        lasting: bool = True,
    ) -> Plan:
        """Keep the uses that the closed forms need, and find where the backward pass ends."""
        closed = {
            name: found for name, found in uses.items() if found and routes[name] == "closed form"
        }
        by_node: dict[int, list[Use]] = {}
        for use in chain.from_iterable(closed.values()):
            by_node.setdefault(use.node, []).append(use)
        last = find_last(graph, set(by_node))
        return cls(dict(routes), closed, by_node, last, sequence_first, lasting)

    def weights_on(self, route: Route) -> list[str]:
        """Return the names of the weights that take this route."""
        return [name for name, taken in self.routes.items() if taken == route]


@dataclass
class ModelPlans:
    """The plans of a model for inputs of one kind, by the structure of the graph."""

    bytes_per_sample: int = 0  # that autograd keeps; 0: not measured yet
    one_by_one: bool = False  # samples interact, or the way through the model depends on them
    largest: int = 0  # samples of which it was seen, in this call, that they do not interact
    plans: dict[Hashable, Plan] = field(default_factory=dict)

    def begin_call(self) -> None:
        """Forget what may depend on the numbers in the weights: they may have changed."""
        self.largest = 0
        self.plans = {structure: plan for structure, plan in self.plans.items() if plan.lasting}
