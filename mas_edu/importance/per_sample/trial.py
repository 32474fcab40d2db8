"""The trial: each weight's fastest route that agrees with the loop on two samples.

Compared is Σ g² over the samples: of |g|, where all have one sign, a mix-up of samples would have
the right sum. A weight whose route fails, or raises, takes the next slower one. A gradient of zero
proves nothing: where samples and positions share an axis, and no weight shows how they lie there,
the closed form is not used.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mas_edu._common import USER_ERRORS
from mas_edu.importance.per_sample.backward import add_by_closed_forms
from mas_edu.importance.per_sample.closed_form import CLOSED_FORMS
from mas_edu.importance.per_sample.graph import MOST_USES, Graph, Use, find_uses
from mas_edu.importance.per_sample.loop import add_gradients_of
from mas_edu.importance.per_sample.plan import Plan, Route
from mas_edu.importance.per_sample.scores import ScoredModel
from mas_edu.importance.per_sample.sums import Sums, pieces
from mas_edu.importance.per_sample.vmap import add_by_vmap, branches_on_values
from mas_edu.networks import DispatchMode, Params

TRIAL_SAMPLES = 2  # on which the routes are tried


def find_plan(scored: ScoredModel, x: Tensor, scores: Tensor, graph: Graph) -> Plan | None:
    """Find the fastest exact route for each weight; None if samples cannot go together.

    Args:
        scored: the model.
        x: a batch of more samples than are tried.
        scores: of the batch.
        graph: behind these scores; the plan holds for graphs of the same structure.
    """
    samples = _make_different(x[:TRIAL_SAMPLES])
    truth, alone = Sums(), []
    for sample in samples.split(1):
        score = scored(sample)
        alone.append(score.detach())
        add_gradients_of(truth, scored, score, list(scored.weights), 2)
    with _ValueReads() as reads:
        together = scored(samples)
    expected = torch.cat(alone)
    interact = not _same(together.detach(), expected)
    if samples.data_ptr() == x.data_ptr():
        with torch.no_grad():
            ends = torch.cat([expected, scored(x[-1:])])
        interact |= not _same(torch.cat([scores[:TRIAL_SAMPLES], scores[-1:]]).detach(), ends)
    if interact or (reads.seen and branches_on_values(scored, samples)):
        return None
    trial = _Trial(scored, samples, truth.recent, {}, {}, frozenset())
    if together.requires_grad:
        small = Graph(together, scored.weights)
        if small.structure == graph.structure:
            trial.uses = find_uses(graph, small, (len(x), TRIAL_SAMPLES))
        trial.find_routes(small, together)
    return Plan.of(graph, trial.routes, trial.uses, trial.sequence_first)


@dataclass
class _Trial:
    """The routes on trial, held to the loop on a few samples."""

    scored: ScoredModel
    samples: Tensor
    truth: Params  # Σ g² by the loop; none for a weight that has no part in the scores
    uses: dict[str, list[Use]]
    routes: dict[str, Route]
    sequence_first: frozenset[int]

    def find_routes(self, graph: Graph, scores: Tensor) -> None:
        """Begin with the fastest route of each weight, and go to slower ones where it is wrong."""
        self.routes = {name: self._fastest(name) for name in self.scored.weights}
        shared = {  # operations where samples and positions share an axis
            use.node
            for uses in self.uses.values()
            for use in uses
            if use.axis >= 0 and graph.shape(use.node)[use.axis] != TRIAL_SAMPLES
        }
        wrong, proven = self._judge(graph, scores)
        if suspects := shared - proven:
            self.sequence_first = frozenset(suspects)  # perhaps they lie the other way round
            wrong, proven = self._judge()
        for name, uses in self.uses.items():
            if self.routes[name] == "closed form" and {use.node for use in uses} & shared - proven:
                wrong.add(name)
        slower: dict[Route, Route] = {"closed form": "vmap", "vmap": "loop"}
        while wrong:
            for name in wrong:
                self.routes[name] = slower[self.routes[name]]
            wrong = {name for name in self._judge()[0] if self.routes[name] != "loop"}

    def _fastest(self, name: str) -> Route:
        uses = self.uses.get(name, [])
        closed = all(use.axis >= 0 and use.kind in CLOSED_FORMS for use in uses)
        found = uses or name not in self.truth
        return "closed form" if found and closed and len(uses) < MOST_USES else "vmap"

    def _judge(
        self, graph: Graph | None = None, scores: Tensor | None = None
    ) -> tuple[set[str], set[int]]:
        """Return the weights whose route is wrong, and the operations that a right one proves."""
        found = self._run(graph, scores)
        largest = {name: float(value.max()) for name, value in self.truth.items()}
        scale = max(largest.values(), default=0.0)
        wrong: set[str] = set()
        proven: set[int] = set()
        for name, route in self.routes.items():
            if route == "loop":
                continue
            if name not in found:
                wrong.add(name)
                continue
            kind, most = self.scored.weights[name].dtype, largest.get(name, 0.0)
            away = _distance(found[name], self.truth.get(name))
            if not _agree(away, most, kind, scale):
                wrong.add(name)
            elif route == "closed form" and most > 0 and _agree(away, most, kind, 0.0):
                proven |= {use.node for use in self.uses.get(name, [])}
        return wrong, proven

    def _run(self, graph: Graph | None, scores: Tensor | None) -> dict[str, Tensor | None]:
        """Compute Σ g² by closed forms and vmap; a route that raises has none."""
        sums, done = Sums(), set[str]()
        if graph is None or scores is None:
            scores = self.scored(self.samples)
            graph = Graph(scores, self.scored.weights)
        plan = Plan.of(graph, self.routes, self.uses, self.sequence_first)
        with suppress(*USER_ERRORS):  # what a fast route cannot do, the loop can; errors show there
            failed: set[str] = set()
            add_by_closed_forms(sums, graph, scores, plan, 2, failed)
            done |= set(plan.weights_on("closed form")) - failed
        del graph, scores
        if names := plan.weights_on("vmap"):
            with suppress(*USER_ERRORS):
                add_by_vmap(sums, self.scored, self.samples, names, 2)
                done |= set(names)
        return {name: sums.recent.get(name) for name in done}


def interact_with_last(scored: ScoredModel, x: Tensor, scores: Tensor) -> bool:
    """Return whether the last sample of a batch has another score alone than `scores` says."""
    with torch.no_grad():
        return not _same(scores[-1:].detach(), scored(x[-1:]))


def _distance(found: Tensor | None, truth: Tensor | None) -> float:
    """Compute the largest |found − truth|; None is zero."""
    if found is None or truth is None:
        return max((float(v.max()) for v in (found, truth) if v is not None), default=0.0)
    return max(float((a - b).abs().max()) for a, b in pieces(found, truth))


def _agree(away: float, largest: float, dtype: torch.dtype, scale: float) -> bool:
    """Return whether squares so far from the truth equal it up to rounding; a wrong route is far.

    What should cancel, such as the gradient of an attention's key bias, is nothing but rounding: it
    is compared with `scale`, the largest of all weights.
    """
    if not math.isfinite(largest):
        return True  # there is nothing to compare, and Ω will be refused whatever its route
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-2}.get(dtype, 5e-2)
    return away <= tolerance * largest + (10 * torch.finfo(dtype).eps) ** 2 * scale


def _same(together: Tensor, alone: Tensor) -> bool:
    """Return whether each sample has the score in a batch that it has alone, up to rounding."""
    if not bool(torch.isfinite(alone).all()):
        return True
    tolerance = {torch.float64: 1e-9, torch.float32: 1e-4}.get(alone.dtype, 0.05)
    return bool((together - alone).abs().max() <= tolerance * alone.abs().max())


def _make_different(samples: Tensor) -> Tensor:
    """Return samples that differ: equal ones would not show that they interact."""
    if not bool((samples == samples[0]).all()):
        return samples
    first = samples[0]
    if samples.is_floating_point():
        return torch.stack([first, first / 2 if first.any() else first + 1])
    moved = first.roll(1, -1) if first.ndim else first
    return torch.stack([first, torch.zeros_like(first) if moved.equal(first) else moved])


class _ValueReads(DispatchMode):
    """Notes whether Python reads a number from a tensor, as `if x.sum() > 0` does."""

    seen: bool = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self.seen = self.seen or func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))
