"""Σ over samples of |g|^p for every trainable weight of any model, at the price of one pass.

Three routes, all exact. "closed form": linear layers and convolutions, see `closed_forms`. "vmap":
every other weight (norms, embeddings, a layer called twice, tied weights, a weight used
functionally) by `torch.func.vmap(grad)` over just those weights, in chunks. "loop": one backward
pass a sample, for models that `torch.func` cannot handle. Which way a weight may go is found out
on the first samples, and held to the loop there before it is trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

from mas_edu import closed_forms
from mas_edu.closed_forms import exact, raised
from mas_edu.params import Params, trainable

Score = Callable[[nn.Module, Tensor], Tensor]
"""(model, x `[N, …]`) -> one number for each sample, `[N]`, of which gradients are taken."""

MEMORY = 256 * 2**20  # bytes for one chunk of per-sample gradients under vmap
ACTIVATIONS = {"cpu": 20 * 2**20, "cuda": 2**30}  # bytes of one batch; more was slower on a CPU
LARGEST_BATCH = 512  # samples; more were no faster, and a float32 sum over more loses digits
PROBE = 3  # samples on which the routes are tried


@dataclass(frozen=True)
class Call:
    """One call of a layer: what went in, and the place in the graph where it came out."""

    a: Tensor
    version: int
    edge: GradientEdge
    samples: int
    size: int

    @property
    def intact(self) -> bool:
        """Whether the input is still what it was: nothing wrote into it later."""
        return self.a._version == self.version


@dataclass(frozen=True)
class Plan:
    """The route of each weight, and how many samples may go together."""

    routes: dict[str, str]
    rows: int
    chunk: int

    def on(self, route: str) -> list[str]:
        """The weights that take this route."""
        return [name for name, taken in self.routes.items() if taken == route]


class Scored(nn.Module):
    """The model with its score, as one module: `x` in, one number for each sample out."""

    def __init__(self, model: nn.Module, score: Score) -> None:
        super().__init__()
        self.model = model
        self.score = score

    def forward(self, x: Tensor) -> Tensor:
        """`[N, …]` to `[N]`."""
        scores: Tensor = self.score(self.model, x)
        return scores


@contextmanager
def gradients_on() -> Iterator[None]:
    """Gradients whatever the caller switched off, and full precision for the sums."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


@contextmanager
def recording(layers: Mapping[str, nn.Module]) -> Iterator[dict[str, list[Call]]]:
    """Note every call of the given layers while the block runs."""
    calls: dict[str, list[Call]] = {name: [] for name in layers}

    def noting(name: str) -> Callable[..., None]:
        def hook(
            _layer: nn.Module, args: tuple[Tensor, ...], kwargs: dict[str, Tensor], output: Tensor
        ) -> None:
            if not output.requires_grad:  # called under no_grad: no gradient comes this way
                return
            a = (args[0] if args else kwargs["input"]).detach()
            samples = len(output) if output.ndim > 1 and len(a) == len(output) else 0
            size = a.numel() + output.numel()
            calls[name].append(Call(a, a._version, get_gradient_edge(output), samples, size))

        return hook

    with ExitStack() as stack:
        for name, layer in layers.items():  # first of the hooks: before others change the output
            handle = layer.register_forward_hook(noting(name), prepend=True, with_kwargs=True)
            stack.callback(handle.remove)
        yield calls


def make_plan(model: nn.Module, x: Tensor, score: Score) -> Plan:
    """Find the fastest exact route for each weight, tried on the first few samples of `x`."""
    probe = x[torch.arange(PROBE) % len(x)]
    names = list(trainable(model))
    layers = _candidates(model)
    with torch.autocast(probe.device.type, enabled=False):
        learnable(Scored(model, score)(probe))
        if _branches(model, probe, score):
            return Plan(dict.fromkeys(names, "loop"), len(x), 1)
        with recording(layers) as calls:
            scores = Scored(model, score)(probe)
        uses = _uses(scores)
        closed = {
            f"{layer_name}.{part}".removeprefix("."): "closed form"
            for layer_name, layer in layers.items()
            for part, weight in layer.named_parameters(recurse=False)
            if len(calls[layer_name]) == 1
            and calls[layer_name][0].samples == PROBE
            and calls[layer_name][0].intact
            and uses[weight] == 1
        }
        size = sum(call.size for seen in calls.values() for call in seen) or PROBE * x[0].numel()
        memory = ACTIVATIONS.get(probe.device.type, ACTIVATIONS["cpu"])
        rows = max(1, min(LARGEST_BATCH, PROBE * memory // (probe.element_size() * size)))
        truth = zeros(model, exactly=False)
        _by_loop(truth, model, probe, score, names, 1)
        scale = max(float(value.max()) for value in truth.values())
        kinds = {name: weight.dtype for name, weight in trainable(model).items()}
        routes = {name: closed.get(name, "vmap") for name in names}
        for slower in ("vmap", "loop"):  # whatever fails its trial goes one route down
            plan = Plan(routes, rows, _chunk(model, routes))
            found = _trial(model, probe, score, plan)
            kept = {name for name in found if _agree(found[name], truth[name], kinds[name], scale)}
            routes = {
                name: taken if taken == "loop" or name in kept else slower
                for name, taken in routes.items()
            }
    return Plan(routes, rows, _chunk(model, routes))


def learnable(scores: Tensor) -> Tensor:
    """The scores, if gradients can be taken of them."""
    if not scores.requires_grad:
        raise ValueError(
            "model: expected an output that depends on the trainable weights, got one that is cut "
            "off from them; does forward() use no_grad() or detach()?"
        )
    return scores


def zeros(model: nn.Module, exactly: bool = True) -> Params:
    """Where the sums of each weight begin: in the precision that many terms need, or its own."""
    return {
        name: torch.zeros_like(
            weight, dtype=exact(weight.device) if exactly else None, requires_grad=False
        )
        for name, weight in trainable(model).items()
    }


def add_samples(
    total: Params, model: nn.Module, x: Tensor, score: Score, power: int, plan: Plan
) -> None:
    """Add Σ_n |∂ score_n / ∂θ|^power over the samples of one batch, for every trainable weight."""
    closed = set(plan.on("closed form"))
    if closed and not _by_closed_form(total, model, x, score, closed, power):
        # for this batch the model took another way than on trial
        _by_loop(total, model, x, score, list(plan.routes), power)
        return
    if names := plan.on("vmap"):
        _by_vmap(total, model, x, score, names, power, plan.chunk)
    if names := plan.on("loop"):
        _by_loop(total, model, x, score, names, power)


def _candidates(model: nn.Module) -> dict[str, closed_forms.Layer]:
    """The layers with a closed form and something to train."""
    return {
        name: layer
        for name, layer in model.named_modules()
        if closed_forms.supports(layer)
        and any(weight.requires_grad for weight in layer.parameters(recurse=False))
    }


def _branches(model: nn.Module, x: Tensor, score: Score) -> bool:
    """Whether the way through the model depends on numbers in the batch, as in `if x.sum() > 0`.

    Then samples that go together may take another way than each of them alone.
    """
    score_of_one = _score_of_one(model, score)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
            torch.func.vmap(score_of_one, (None, 0), randomness="different")({}, x)
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


def _score_of_one(model: nn.Module, score: Score) -> Callable[[Params, Tensor], Tensor]:
    """(some of the weights, a sample) -> its score; for `torch.func`."""
    scored = Scored(model, score)
    places = _places(scored)
    # handed over, so that none is left replaced by vmap
    buffers = {at: buffer for buffer in scored.buffers() for at in places[buffer]}
    weights = {name: places[weight] for name, weight in trainable(model).items()}

    def score_of_one(some: Params, sample: Tensor) -> Tensor:
        named = buffers | {at: weight for name, weight in some.items() for at in weights[name]}
        scores: Tensor = torch.func.functional_call(
            scored, named, (sample.unsqueeze(0),), tie_weights=False
        )
        return scores.sum()

    return score_of_one


def _places(model: nn.Module) -> dict[Tensor, list[str]]:
    """Where each weight and buffer is kept: once in each module that has it.

    `functional_call` finds tied weights by itself, but replaces those of a module with two names
    twice, and does not give the first ones back.
    """
    places: dict[Tensor, list[str]] = {}
    for name, module in model.named_modules():
        for kept in (module._parameters, module._buffers):
            for part, tensor in kept.items():
                if tensor is not None:
                    places.setdefault(tensor, []).append(f"{name}.{part}".removeprefix("."))
    return places


def _uses(scores: Tensor) -> Counter[Tensor]:
    """How many operations of the graph behind `scores` read each weight directly."""
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


def _by_closed_form(
    total: Params, model: nn.Module, x: Tensor, score: Score, names: set[str], power: int
) -> bool:
    """Add what these weights sum up to; False, and nothing added, if a layer is not as on trial."""
    layers = {
        name: layer
        for name, layer in _candidates(model).items()
        if any(f"{name}.{part}".removeprefix(".") in names for part in ("weight", "bias"))
    }
    with recording(layers) as calls:
        scores = Scored(model, score)(x)
    if any(
        len(seen) != 1 or seen[0].samples != len(x) or not seen[0].intact for seen in calls.values()
    ):
        return False
    edges = [seen[0].edge for seen in calls.values()]
    deltas: list[Tensor | None] = list(torch.autograd.grad(scores.sum(), edges, allow_unused=True))
    del scores, edges
    with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
        for name, layer in layers.items():
            call, delta = calls.pop(name)[0], deltas.pop(0)  # popped: their memory is free then
            if delta is None:  # the score does not depend on this layer
                continue
            # not the precision of autocast, nor half of one: the sums need all digits
            kind = torch.promote_types(layer.weight.dtype, torch.float32)
            found = closed_forms.sums(layer, call.a.to(kind), delta.to(kind), power)
            for part, value in found.items():
                if (key := f"{name}.{part}".removeprefix(".")) in names:
                    total[key] += value
    return True


def _by_vmap(
    total: Params,
    model: nn.Module,
    x: Tensor,
    score: Score,
    names: list[str],
    power: int,
    chunk: int,
) -> None:
    gradient = torch.func.grad(_score_of_one(model, score))
    gradients_of = torch.func.vmap(gradient, (None, 0), randomness="different")
    weights = trainable(model)
    some = {name: weights[name].detach() for name in names}
    for part in x.split(chunk):
        # the fast kernels for attention, and autocast before a norm, have no batching rule
        with sdpa_kernel(SDPBackend.MATH), torch.autocast(x.device.type, enabled=False):
            found = gradients_of(some, part)
        for name, gradients in found.items():
            total[name] += raised(gradients.detach(), power).sum(0)


def _by_loop(
    total: Params, model: nn.Module, x: Tensor, score: Score, names: list[str], power: int
) -> None:
    weights = [trainable(model)[name] for name in names]
    for sample in x.split(1):
        scores = Scored(model, score)(sample).sum()
        if not scores.requires_grad:  # this sample takes a way without weights
            continue
        gradients = torch.autograd.grad(scores, weights, materialize_grads=True)
        for name, gradient in zip(names, gradients, strict=True):
            total[name] += raised(gradient, power)


def _chunk(model: nn.Module, routes: dict[str, str]) -> int:
    """How many samples' gradients, of the weights that go through vmap, fit into `MEMORY`."""
    weights = trainable(model)
    size = sum(weights[name].nbytes for name, route in routes.items() if route == "vmap")
    return max(1, MEMORY // (4 * size + 1))  # 4: gradient, its absolute value, and what is between


def _trial(model: nn.Module, probe: Tensor, score: Score, plan: Plan) -> Params:
    """What the closed form and vmap say on the probe; nothing for a route that raises."""
    total, tried = zeros(model, exactly=False), set()
    closed, mapped = set(plan.on("closed form")), plan.on("vmap")
    if closed and _by_closed_form(total, model, probe, score, closed, 1):
        tried |= closed
    if mapped:
        with suppress(Exception):  # what torch.func cannot do, the loop can; errors show there
            _by_vmap(total, model, probe, score, mapped, 1, PROBE)
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
