"""Which route to its sums each weight may take, found out on the first few samples.

A route is proposed from what the layers were seen to do, and held to the loop, the slow and plain
way, before it is trusted; a weight whose route fails goes one route down.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

from mas_edu.importance.per_sample.hooks import called_once, record_calls
from mas_edu.importance.per_sample.scores import Score, Scored, check_differentiable
from mas_edu.importance.per_sample.sums import (
    Plan,
    add_by_closed_form,
    add_by_loop,
    add_by_vmap,
    closed_form_layers,
    score_of_one,
    weight_name,
    zero_sums,
)
from mas_edu.networks import Params, trainable

MEMORY = 256 * 2**20  # bytes for one chunk of per-sample gradients under vmap
ACTIVATIONS = {"cpu": 20 * 2**20, "cuda": 2**30}  # bytes of one batch; more was slower on a CPU
LARGEST_BATCH = 512  # samples; more were no faster, and a float32 sum over more loses digits
PROBE = 3  # samples on which the routes are tried


def make_plan(model: nn.Module, x: Tensor, score: Score) -> Plan:
    """Find the fastest exact route for each weight, tried on the first few samples of `x`."""
    probe = x[torch.arange(PROBE) % len(x)]
    with torch.autocast(probe.device.type, enabled=False):
        check_differentiable(Scored(model, score)(probe))
        if _branches(model, probe, score):
            return Plan(dict.fromkeys(trainable(model), "loop"), len(x), 1)
        closed, rows = _watched(model, probe, score)
        truth = zero_sums(model, exactly=False)
        add_by_loop(truth, model, probe, score, list(truth), 1)
        scale = max(float(value.max()) for value in truth.values())
        kinds = {name: weight.dtype for name, weight in trainable(model).items()}
        routes = {name: "closed form" if name in closed else "vmap" for name in truth}
        for slower in ("vmap", "loop"):  # whatever fails its trial goes one route down
            plan = Plan(routes, rows, _chunk(model, routes))
            found = _trial(model, probe, score, plan)
            kept = {name for name in found if _agree(found[name], truth[name], kinds[name], scale)}
            routes = {
                name: taken if taken == "loop" or name in kept else slower
                for name, taken in routes.items()
            }
    return Plan(routes, rows, _chunk(model, routes))


def _watched(model: nn.Module, probe: Tensor, score: Score) -> tuple[set[str], int]:
    """Find the weights that a closed form seems to fit, and how many samples may go together.

    It fits a layer that is called once, on all samples, whose input nobody overwrites, and whose
    weights nothing else reads.
    """
    layers = closed_form_layers(model)
    with record_calls(layers) as calls:
        scores = Scored(model, score)(probe)
    uses = _uses(scores)
    closed = {
        weight_name(name, part)
        for name, layer in layers.items()
        for part, weight in layer.named_parameters(recurse=False)
        if called_once(calls[name], PROBE) and uses[weight] == 1
    }
    size = sum(call.size for seen in calls.values() for call in seen) or PROBE * probe[0].numel()
    memory = ACTIVATIONS.get(probe.device.type, ACTIVATIONS["cpu"])
    return closed, max(1, min(LARGEST_BATCH, PROBE * memory // (probe.element_size() * size)))


def _branches(model: nn.Module, x: Tensor, score: Score) -> bool:
    """Tell whether the path through the model depends on numbers, as in `if x.sum() > 0`.

    Then samples that go together may take another way than each of them alone.
    """
    one = score_of_one(model, score)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
            torch.func.vmap(one, (None, 0), randomness="different")({}, x)
    except Exception as error:
        if "data-dependent control flow" in str(error) or ".item()" in str(error):
            return True
    else:
        return False
    reading = _Reading()
    with torch.no_grad(), reading:  # vmap gave up before it came to any branch
        score(model, x)
    return reading.seen


class _Reading(TorchDispatchMode):
    """Notes whether Python reads a number from a tensor, as `if x.sum() > 0` does."""

    seen: bool = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self.seen = self.seen or func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def _uses(scores: Tensor) -> Counter[Tensor]:
    """Count how many operations of the graph behind `scores` read each weight directly."""
    uses: Counter[Tensor] = Counter()
    seen, waiting = set(), [scores.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for behind, _ in node.next_functions:
            if behind is not None and hasattr(behind, "variable"):
                uses[behind.variable] += 1
            else:
                waiting.append(behind)
    return uses


def _trial(model: nn.Module, probe: Tensor, score: Score, plan: Plan) -> Params:
    """Compute sums by closed form and vmap on the probe; none for a route that raises."""
    total, tried = zero_sums(model, exactly=False), set()
    closed, mapped = set(plan.on("closed form")), plan.on("vmap")
    if closed and add_by_closed_form(total, model, probe, score, closed, 1):
        tried |= closed
    if mapped:
        with suppress(Exception):  # what torch.func cannot do, the loop can; errors show there
            add_by_vmap(total, model, probe, score, mapped, 1, PROBE)
            tried |= set(mapped)
    return {name: total[name] for name in tried}


def _agree(found: Tensor, truth: Tensor, dtype: torch.dtype, scale: float) -> bool:
    """Equal up to rounding; a wrong route is wrong by far more.

    What should cancel, such as the gradient of an attention's key bias, is nothing but rounding: it
    is compared with `scale`, the largest gradient of all weights.
    """
    if not bool(torch.isfinite(truth).all()):
        return True  # there is nothing to compare, and Ω will be refused whatever its route
    tolerance = 1e-6 if dtype == torch.float64 else 1e-2
    allowed = tolerance * truth.max() + 10 * torch.finfo(dtype).eps * scale
    return bool((found - truth).abs().max() <= allowed)


def _chunk(model: nn.Module, routes: dict[str, str]) -> int:
    """How many samples' gradients, of the weights that go through vmap, fit into `MEMORY`."""
    weights = trainable(model)
    size = sum(weights[name].nbytes for name, route in routes.items() if route == "vmap")
    return max(1, MEMORY // (4 * size + 1))  # 4: gradient, its absolute value, and what is between
