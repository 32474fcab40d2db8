"""Which route to its sums each weight takes, found out on the first few samples.

"closed form": from the graph of the batch, see `graph` and `closed_form`. "vmap": every sample's
gradient at once. "loop": one backward pass a sample. A faster route is held to the loop on
`PROBE` samples before it is trusted; a weight whose route fails goes one route down. All weights
take the loop where samples cannot go together: they interact, or the way through the model depends
on their numbers, or a few of them fill the memory, so that nothing would be gained.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from mas_edu.importance.per_sample.graph import Graph
from mas_edu.importance.per_sample.loop import add_by_loop
from mas_edu.importance.per_sample.plan_cache import Knowledge
from mas_edu.importance.per_sample.scores import Score, Scored, check_differentiable
from mas_edu.importance.per_sample.sums import Sums
from mas_edu.importance.per_sample.trial import add_by_plan, learn_plan
from mas_edu.networks import trainable

BUDGET = {"cpu": 128 * 2**20, "cuda": 2 * 2**30}  # bytes of one batch; more was not faster
LEAST = 6  # samples that have to fit into the budget; with fewer the loop was faster
LARGEST_BATCH = 512  # samples; more were no faster, and a float32 sum over more loses digits


def add_samples(
    sums: Sums,
    model: nn.Module,
    x: Tensor,
    score: Score,
    power: int,
    known: Knowledge,
    memory: int | None,
    first: bool,
) -> None:
    """Add Σ_n |∂ score_n / ∂θ|^power over the samples of one batch, for every trainable weight.

    The `first` sample of all takes the loop, and shows what a sample needs: also where that is
    known already, so that a call has the same result, bit by bit, whatever is remembered.
    """
    names = list(trainable(model))
    if first:
        with _Kept(model) as kept:
            add_by_loop(sums, model, x[:1], score, names, power)
        known.bytes_a_sample, x = max(1, kept.size), x[1:]
        sums.done(1)
    for part in x.split(rows_of(known, x, memory)) if len(x) else ():
        if known.alone or len(part) == 1:
            add_by_loop(sums, model, part, score, names, power)
        else:
            _add_together(sums, model, part, score, power, known)
        sums.done(len(part))


def _add_together(
    sums: Sums, model: nn.Module, x: Tensor, score: Score, power: int, known: Knowledge
) -> None:
    scores = Scored(model, score)(x)
    graph = Graph(scores, trainable(model)) if scores.requires_grad else None
    if graph is not None and graph.structure not in known.plans:
        learn_plan(known, model, x, score)
    plan = None if graph is None or known.alone else known.plans.get(graph.structure)
    if graph is None or plan is None:  # more ways through the model than can be tried
        add_by_loop(sums, model, x, score, list(trainable(model)), power)
    else:
        add_by_plan(sums, model, x, scores, graph, score, power, plan)


def rows_of(known: Knowledge, x: Tensor, memory: int | None) -> int:
    """Return how many samples go together; 1: the loop."""
    budget = memory or BUDGET.get(x.device.type, BUDGET["cpu"])
    fit = budget // max(1, known.bytes_a_sample)
    return 1 if known.alone or fit < LEAST else min(fit, LARGEST_BATCH)


class _Kept(saved_tensors_hooks):
    """Counts the bytes of tensors that autograd keeps for the backward pass, but for weights."""

    def __init__(self, model: nn.Module) -> None:
        own = {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
        self.kept: dict[int, int] = {}

        def pack(tensor: Tensor) -> Tensor:
            if id(tensor) not in own and id(tensor._base) not in own:
                storage = tensor.untyped_storage()
                self.kept[storage.data_ptr()] = storage.nbytes()
            return tensor.detach()

        super().__init__(pack, lambda tensor: tensor)

    def __enter__(self) -> _Kept:  # type: ignore[override]
        super().__enter__()
        return self

    @property
    def size(self) -> int:
        """All bytes that were kept."""
        return sum(self.kept.values())


def routes_of(model: nn.Module, x: Tensor, score: Score) -> dict[str, str]:
    """Return the route of each weight for such samples."""
    known, names = Knowledge(), list(trainable(model))
    with _Kept(model) as kept:
        check_differentiable(Scored(model, score)(x[:1]))
    known.bytes_a_sample = max(1, kept.size)
    if rows_of(known, x, None) > 1:
        learn_plan(known, model, x, score)
    plan = next(iter(known.plans.values()), None)
    return dict.fromkeys(names, "loop") if plan is None else plan.routes
