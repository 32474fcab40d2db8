"""Each weight's sum over samples by its route, which is found out on the first few samples.

"closed form": from the graph of the batch, see `graph` and `closed_form`. "vmap": every sample's
gradient at once. "loop": one backward pass a sample. A faster route is held to the loop on trial
before it is trusted (see `trial`). All weights take the loop where samples cannot go together: they
interact, or the way through the model depends on their numbers, or a few of them fill the memory,
so that nothing would be gained.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.backward import add_by_closed_forms
from mas_edu.importance.per_sample.batch_size import SavedBytes, choose_batch_size
from mas_edu.importance.per_sample.forward_state import ForwardState
from mas_edu.importance.per_sample.graph import Graph
from mas_edu.importance.per_sample.loop import add_by_loop, add_gradients_of
from mas_edu.importance.per_sample.plan import ModelPlans, Plan, Route
from mas_edu.importance.per_sample.scores import ScoredModel, check_differentiable
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.importance.per_sample.trial import TRIAL_SAMPLES, find_plan, samples_interact
from mas_edu.importance.per_sample.vmap import add_by_vmap

MOST_PLANS = 16  # structures of the graph that are tried for one model


def add_samples(
    sums: Sums,
    scored: ScoredModel,
    x: Tensor,
    power: int,
    known: ModelPlans,
    memory: int | None = None,
) -> None:
    """Add Σ_n |∂ score_n / ∂θ|^power over the samples of one batch, for every trainable weight.

    The result is the same, bit by bit, whether the plans are known before or found here.
    """
    names, done = list(scored.weights), 0
    if not known.bytes_per_sample:
        state = ForwardState(scored.model)
        score = _measure(known, scored, x)
        if choose_batch_size(known.bytes_per_sample, x.device.type, memory) == 1:
            add_gradients_of(sums, scored, score, names, power)
            done = 1
        else:
            state.restore()
    size = choose_batch_size(known.bytes_per_sample, x.device.type, memory)
    for part in x[done:].split(size) if len(x) > done else ():
        if not _add_together(sums, scored, part, power, known):
            add_by_loop(sums, scored, part, names, power)


def _measure(known: ModelPlans, scored: ScoredModel, x: Tensor) -> Tensor:
    """Note the bytes that autograd keeps of a sample; return the score of the first one."""
    with SavedBytes(scored.model) as saved:
        score = scored(x[:1])
    known.bytes_per_sample = saved.total
    return score


def _add_together(
    sums: Sums, scored: ScoredModel, x: Tensor, power: int, known: ModelPlans
) -> bool:
    """Add the samples by a plan, which is found if need be; return False if there is none."""
    if known.one_by_one or len(x) <= TRIAL_SAMPLES:
        return False
    state = ForwardState(scored.model) if len(x) > known.largest else None
    scores = scored(x)
    if not scores.requires_grad:
        return False
    graph = Graph(scores, scored.weights)
    plan = known.plans.get(graph.structure)
    if plan is None and len(known.plans) < MOST_PLANS:
        plan = _learn(known, scored, x, scores, graph)
    elif len(x) > known.largest:  # a larger batch, or other numbers in the weights
        known.one_by_one |= samples_interact(scored, x, scores)
        known.largest = len(x)
    if state is not None and state.restore() and plan is not None:
        scores = scored(x)  # again, as the trial changed what they were made of
        graph = Graph(scores, scored.weights)
    if plan is None or known.one_by_one:
        return False
    add_by_closed_forms(sums, graph, scores, plan, power)
    del scores, graph
    if names := plan.weights_on("vmap"):
        add_by_vmap(sums, scored, x, names, power)
    if names := plan.weights_on("loop"):
        add_by_loop(sums, scored, x, names, power)
    return True


def _learn(
    known: ModelPlans, scored: ScoredModel, x: Tensor, scores: Tensor, graph: Graph
) -> Plan | None:
    """Find a plan for graphs like this one; None, and noted, if samples cannot go together."""
    plan = find_plan(scored, x, scores, graph)
    if plan is None:
        known.one_by_one = True
    else:
        known.plans[graph.structure], known.largest = plan, len(x)
    return plan


def find_routes(scored: ScoredModel, x: Tensor) -> dict[str, Route]:
    """Return the route of each weight for such samples."""
    known = ModelPlans()
    check_differentiable(_measure(known, scored, x))
    plan = None
    if choose_batch_size(known.bytes_per_sample, x.device.type, None) > 1:
        few = x[torch.arange(TRIAL_SAMPLES + 1, device=x.device) % len(x)]
        scores = check_differentiable(scored(few))
        plan = find_plan(scored, few, scores, Graph(scores, scored.weights))
    return dict.fromkeys(scored.weights, "loop") if plan is None else plan.routes
