"""A model with its score, run with gradients, and every call of its layers noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

Score = Callable[[nn.Module, Tensor], Tensor]
"""(model, x `[N, …]`) -> one number for each sample, `[N]`, of which gradients are taken."""


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


def check_differentiable(scores: Tensor) -> Tensor:
    """The scores, if gradients can be taken of them."""
    if not scores.requires_grad:
        raise ValueError(
            "model: expected an output that depends on the trainable weights, got one that is cut "
            "off from them; does forward() use no_grad() or detach()?"
        )
    return scores


@contextmanager
def enable_gradients() -> Iterator[None]:
    """Gradients, whatever the caller switched off."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


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


def called_once(seen: list[Call], samples: int) -> bool:
    """Whether a layer was called once, on all samples, and its input is still there."""
    return len(seen) == 1 and seen[0].samples == samples and seen[0].intact


@contextmanager
def record_calls(layers: Mapping[str, nn.Module]) -> Iterator[dict[str, list[Call]]]:
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
