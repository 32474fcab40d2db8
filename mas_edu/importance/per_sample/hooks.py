"""Record every call of a layer: its input, and where its output stands in the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge


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
        """Tell whether the input is unchanged: nothing was written into it later."""
        return self.a._version == self.version


def called_once(seen: list[Call], samples: int) -> bool:
    """Tell whether a layer was called once, on all samples, and its input is unchanged."""
    return len(seen) == 1 and seen[0].samples == samples and seen[0].intact


@contextmanager
def record_calls(layers: Mapping[str, nn.Module]) -> Iterator[dict[str, list[Call]]]:
    """Record every call of the given layers while the block runs."""
    calls: dict[str, list[Call]] = {name: [] for name in layers}

    def hook_for(name: str) -> Callable[..., None]:
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
            handle = layer.register_forward_hook(hook_for(name), prepend=True, with_kwargs=True)
            stack.callback(handle.remove)
        yield calls
