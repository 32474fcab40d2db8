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
MOST_COMPARED = 64  # samples among which they are found
CLEARLY = 30.0  # times the error of the right way has a wrong one, at least
_aten = torch.ops.aten
CHOOSE_ROWS = {
    _aten.nonzero.default, _aten.masked_select.default, _aten._unique2.default,
    _aten.repeat_interleave.Tensor, _aten._pack_padded_sequence.default,
}  # fmt: skip
INDEX = {_aten.index.Tensor, _aten.index_put.default, _aten.index_put_.default,
         _aten._index_put_impl_.default}  # fmt: skip


def find_plan(scored: ScoredModel, x: Tensor, scores: Tensor, graph: Graph) -> Plan | None:
    """Find the fastest exact route for each weight; None if samples cannot go together.

    Args:
        scored: the model.
        x: a batch of more samples than are tried.
        scores: of the batch.
        graph: behind these scores; the plan holds for graphs of the same structure.
    """
    samples = _two_that_differ(x)
    truth, alone = Sums(), []
    for sample in samples.split(1):
        score = scored(sample)
        alone.append(score.detach())
        add_gradients_of(truth, scored, score, list(scored.weights), 2)
    with _DataDependence() as data:
        together = scored(samples)
    interact = not _same(together.detach(), torch.cat(alone), scores)
    if interact or data.chooses_rows or samples_interact(scored, x, scores, alone[0]):
        return None
    if data.is_read and branches_on_values(scored, samples):
        return None
    trial = _Trial(scored, samples, truth.recent, {}, {}, frozenset())
    if together.requires_grad:
        small = Graph(together, scored.weights)
        if small.structure == graph.structure:
            trial.uses = find_uses(graph, small, (len(x), TRIAL_SAMPLES))
        trial.find_routes(small, together)
    lasting = any(bool(value.any()) for value in truth.recent.values())
    return Plan.of(graph, trial.routes, trial.uses, trial.sequence_first, lasting)


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
        wrong, error = self._judge(graph, scores)
        if shared:
            samples_first = self._errors_at(shared, error)
            self.sequence_first = frozenset(shared)
            sequence_first = self._errors_at(shared, self._judge()[1])
            self.sequence_first = frozenset(
                node for node in shared if sequence_first[node] < samples_first[node]
            )
            wrong, _ = self._judge()
            for node in shared:
                low, high = sorted((samples_first[node], sequence_first[node]))
                if high <= CLEARLY * low and low > self._rounding():  # neither is clearly right
                    wrong |= {
                        name
                        for name, uses in self.uses.items()
                        if self.routes[name] == "closed form" and node in {u.node for u in uses}
                    }
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
    ) -> tuple[set[str], dict[str, float]]:
        """Return the weights whose route is wrong, and the relative errors of closed forms."""
        found = self._run(graph, scores)
        largest = {name: float(value.max()) for name, value in self.truth.items()}
        scale = max(largest.values(), default=0.0)
        wrong: set[str] = set()
        error: dict[str, float] = {}
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
            if route == "closed form" and most > 0:  # of zeros each way is right
                error[name] = away / most
        return wrong, error

    def _rounding(self) -> float:
        return 30 * max(torch.finfo(w.dtype).eps for w in self.scored.weights.values())

    def _errors_at(self, nodes: set[int], error: dict[str, float]) -> dict[int, float]:
        """Return, for each operation, the smallest error of the weights that are used there."""
        smallest = dict.fromkeys(nodes, math.inf)
        for name, found in error.items():
            for node in {use.node for use in self.uses.get(name, [])} & nodes:
                smallest[node] = min(smallest[node], found)
        return smallest

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


def samples_interact(
    scored: ScoredModel, x: Tensor, scores: Tensor, first: Tensor | None = None
) -> bool:
    """Return whether the first or last sample of a batch has another score alone than in it.

    `first`: the score that the first one has alone, where it is known.
    """
    with torch.no_grad():
        alone = torch.cat([scored(x[:1]) if first is None else first, scored(x[-1:])])
    return not _same(torch.cat([scores[:1], scores[-1:]]).detach(), alone, scores)


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


def _same(together: Tensor, alone: Tensor, scores: Tensor) -> bool:
    """Return whether samples have the score in a batch that they have alone, up to rounding.

    What counts as rounding depends on their size, or that of the others: `scores`.
    """
    if not bool(torch.isfinite(alone).all()):
        return True
    tolerance = {torch.float64: 1e-9, torch.float32: 1e-4}.get(alone.dtype, 0.05)
    scale = torch.maximum(alone.abs().max(), scores.detach().abs().mean())
    return bool((together - alone).abs().max() <= tolerance * scale)


def _two_that_differ(x: Tensor) -> Tensor:
    """Return the first sample and the one that differs most: equal ones would show nothing.

    Where all are nearly equal, the second is made of the first.
    """
    first, few = x[0], x[:MOST_COMPARED]
    is_float = x.is_floating_point()
    apart = (few - first).abs().float() if is_float else (few != first).float()
    differences = apart.reshape(len(few), -1).sum(1)
    other = int(differences.argmax())
    enough = 0.1 * float(first.abs().float().sum()) if is_float else 0.0
    if float(differences[other]) > enough:
        return torch.stack([first, x[other]])
    moved = first.roll(1, -1) if first.ndim else first
    if is_float:
        return torch.stack([first, moved / 2 if first.any() else first + 1])
    return torch.stack([first, torch.zeros_like(first) if moved.equal(first) else moved])


class _DataDependence(DispatchMode):
    """Notes what depends on the numbers in a tensor.

    `is_read`: Python reads one, as `if x.sum() > 0` does. `chooses_rows`: they decide how many rows
    an operation gets, as in `x[x > 0]`: rows then belong to samples in no fixed way.
    """

    is_read: bool = False
    chooses_rows: bool = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self.is_read = self.is_read or func is torch.ops.aten._local_scalar_dense.default
        self.chooses_rows = self.chooses_rows or func in CHOOSE_ROWS or _takes_a_mask(func, args)
        return func(*args, **(kwargs or {}))


def _takes_a_mask(func: Any, args: tuple[Any, ...]) -> bool:
    """Return whether the operation indexes by True and False, as in `x[x > 0]`."""
    if func not in INDEX:
        return False
    masks = torch.bool, torch.uint8
    return any(isinstance(index, Tensor) and index.dtype in masks for index in args[1])
