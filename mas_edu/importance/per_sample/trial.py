"""Held to the loop: each weight's fastest route that gives what the loop gives, on a few samples.

Compared are √Σ g² over the samples: of |g|, where all have one sign, a mix-up of samples would have
the right sum. A weight whose route fails, or raises, goes one route down. A gradient of zero proves
nothing: where samples and positions share an axis, and no weight shows how they lie there, the form
is not used.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from mas_edu.importance.per_sample.backward import Summing
from mas_edu.importance.per_sample.closed_form import CLOSED_FORMS
from mas_edu.importance.per_sample.graph import MOST_USES, Graph, Use, find_uses, last_nodes
from mas_edu.importance.per_sample.loop import add_by_loop
from mas_edu.importance.per_sample.plan_cache import Knowledge, Plan
from mas_edu.importance.per_sample.scores import Score, Scored, check_differentiable
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.importance.per_sample.vmap import add_by_vmap, branches_on_values
from mas_edu.networks import Params, trainable

PROBE = 3  # samples on which the routes are tried
MOST_PLANS = 16  # structures of the graph that are tried for one model


def add_by_plan(
    sums: Sums,
    model: nn.Module,
    x: Tensor,
    scores: Tensor,
    graph: Graph,
    score: Score,
    power: int,
    plan: Plan,
    failed: set[str] | None = None,
) -> None:
    """Add what each weight sums up to, on its route; note in `failed` whose closed form raises."""
    if plan.uses:
        summing = Summing(sums, graph, len(x), power, plan.uses, plan.inner, failed)
        summing.run(scores, plan.last)
    del scores, graph
    if names := plan.on("vmap"):
        add_by_vmap(sums, model, x, score, names, power)
    if names := plan.on("loop"):
        add_by_loop(sums, model, x, score, names, power)


def learn_plan(known: Knowledge, model: nn.Module, x: Tensor, score: Score) -> None:
    """Find the fastest exact route for each weight, tried on the first few samples of `x`."""
    probe, names = _different(x[torch.arange(PROBE) % len(x)]), list(trainable(model))
    truth = Sums()
    single = add_by_loop(truth, model, probe, score, names, 2)
    with _Reading() as reading:
        smaller = Graph(check_differentiable(Scored(model, score)(probe[:2])), trainable(model))
    scores = Scored(model, score)(probe)
    graph = Graph(check_differentiable(scores), trainable(model))
    if not _same(scores.detach(), single) or (
        reading.seen and branches_on_values(model, probe, score)
    ):
        known.alone = True
        return
    if len(known.plans) < MOST_PLANS:
        uses = {}
        if graph.structure == smaller.structure:
            uses = find_uses(graph, smaller, (PROBE, 2))
        root = {name: value.sqrt_() for name, value in truth.recent.items()}
        known.plans[graph.structure] = _tried(model, probe, score, root, uses, graph)


def _tried(
    model: nn.Module,
    probe: Tensor,
    score: Score,
    truth: Params,
    uses: dict[str, list[Use]],
    graph: Graph,
) -> Plan:
    """Give each weight its fastest route that agrees with the loop."""
    weights = trainable(model)
    kinds = {name: graph.structure[use.node][0] for name, own in uses.items() for use in own}
    routes = {
        name: "closed form"
        if len(uses.get(name, [])) < MOST_USES
        and all(
            use.axis >= 0 and graph.structure[use.node][0] in CLOSED_FORMS
            for use in uses.get(name, [])
        )
        and (name in kinds or name not in truth)
        else "vmap"
        for name in weights
    }
    top = {name: float(truth[name].max()) if name in truth else 0.0 for name in weights}
    scale = max(top.values())
    inner: frozenset[int] = frozenset()
    folded = {  # operations where samples and positions share an axis
        use.node
        for own in uses.values()
        for use in own
        if use.axis >= 0 and graph.shape(use.node)[use.axis] != PROBE
    }

    def judge() -> tuple[set[str], set[int]]:
        """Return the weights whose route is wrong, and the operations that a right one proves."""
        found = _trial(model, probe, score, _plan(routes, uses, inner, graph))
        wrong, proven = set(), set()
        for name, route in routes.items():
            if route == "loop":
                continue
            if name not in found:
                wrong.add(name)
                continue
            kind, largest = weights[name].dtype, top[name]
            away = float(
                (found[name].sub_(truth[name]).abs_() if name in truth else found[name]).max()
            )
            if not _agree(away, largest, kind, scale):
                wrong.add(name)
            elif route == "closed form" and largest > 0 and _agree(away, largest, kind, 0.0):
                proven |= {use.node for use in uses.get(name, [])}
        return wrong, proven

    wrong, proven = judge()
    if suspects := folded - proven:
        inner = frozenset(suspects)  # perhaps their samples lie the other way round
        wrong, proven = judge()
    for name, own in uses.items():
        if routes[name] == "closed form" and {use.node for use in own} & (folded - proven):
            wrong.add(name)
    for slower in ("vmap", "loop"):
        for name in wrong:
            routes[name] = "loop" if routes[name] == "vmap" else slower
        wrong = judge()[0] if slower == "vmap" else set()
    return _plan(routes, uses, inner, graph)


def _plan(
    routes: dict[str, str], uses: dict[str, list[Use]], inner: frozenset[int], graph: Graph
) -> Plan:
    closed = {name: own for name, own in uses.items() if own and routes.get(name) == "closed form"}
    nodes = {use.node for own in closed.values() for use in own}
    return Plan(dict(routes), closed, last_nodes(graph, nodes), inner)


def _trial(model: nn.Module, probe: Tensor, score: Score, plan: Plan) -> Params:
    """Compute √Σ g² by closed form and vmap on the probe; none for a route that raises."""
    sums, tried = Sums(), set()
    for route in ("closed form", "vmap"):
        names = plan.on(route)
        part = Plan(
            dict.fromkeys(names, route),
            plan.uses if route == "closed form" else {},
            plan.last,
            plan.inner,
        )
        with suppress(Exception):  # what a fast route cannot do, the loop can; errors show there
            scores = Scored(model, score)(probe)
            graph = Graph(scores, trainable(model))
            failed: set[str] = set()
            add_by_plan(sums, model, probe, scores, graph, score, 2, part, failed)
            tried |= set(names) - failed
    zero = torch.zeros((), device=probe.device)
    return {
        name: sums.recent.pop(name).sqrt_() if name in sums.recent else zero.clone()
        for name in tried
    }


def _agree(away: float, largest: float, dtype: torch.dtype, scale: float) -> bool:
    """Tell whether values so far from the truth equal it up to rounding; a wrong route is far.

    What should cancel, such as the gradient of an attention's key bias, is nothing but rounding: it
    is compared with `scale`, the largest gradient of all weights.
    """
    if not math.isfinite(largest):
        return True  # there is nothing to compare, and Ω will be refused whatever its route
    tolerance = 1e-6 if dtype == torch.float64 else 1e-2
    return away <= tolerance * largest + 10 * torch.finfo(dtype).eps * scale


def _same(together: Tensor, alone: Tensor) -> bool:
    """Tell whether each sample has the score in a batch that it has alone, up to rounding."""
    if not bool(torch.isfinite(alone).all()):
        return True
    tolerance = {torch.float64: 1e-9, torch.float32: 1e-4}.get(alone.dtype, 0.05)
    return bool((together - alone).abs().max() <= tolerance * alone.abs().max())


def _different(probe: Tensor) -> Tensor:
    """Return samples that differ: equal ones would not show that they interact."""
    if not bool((probe == probe[0]).all()):
        return probe
    if not probe.is_floating_point():
        return torch.stack([row.roll(i, -1) if row.ndim else row for i, row in enumerate(probe)])
    factors = torch.linspace(1, 0.5, PROBE, dtype=probe.dtype, device=probe.device)
    return probe * factors.view(-1, *(1,) * (probe.ndim - 1))


class _Reading(TorchDispatchMode):
    """Notes whether Python reads a number from a tensor, as `if x.sum() > 0` does."""

    seen: bool = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self.seen = self.seen or func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))
