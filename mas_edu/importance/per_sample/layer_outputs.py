"""Outputs of each layer of a network when its input is held fixed, for the local rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized
from torch.overrides import TorchFunctionMode

from mas_edu.networks import as_logits

ACTIVATIONS = {
    *(F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_),
    *(F.leaky_relu, F.elu, F.gelu, F.silu, F.softplus, F.selu, F.relu6, F.hardtanh, F.mish),
    *(torch.tanh, Tensor.tanh, F.tanh, torch.sigmoid, Tensor.sigmoid, F.sigmoid),
}


class _Following(TorchFunctionMode):
    """Follows a forward pass: which outputs layers have, and which weights are used outside them.

    A layer's output is replaced by that of the activation function applied to it. Outputs are
    copied: the model may go on writing into them, as `out += x` does.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.outputs: list[Tensor] = []
        self.used_outside: set[str] = set()  # names of weights
        self.running: list[set[nn.Module]] = []  # layers whose forward is under way, with parts
        self._live: list[tuple[Tensor, int]] = []  # in the model's hands, with their version
        self._owners: dict[nn.Parameter, set[nn.Module]] = defaultdict(set)
        for module in model.modules():
            for weight in module.parameters(recurse=False):
                self._owners[weight].add(module)
        self._names = {weight: name for name, weight in model.named_parameters()}

    def note(self, output: Tensor) -> None:
        """Note the output of a layer."""
        self.outputs.append(output.clone())
        self._live.append((output, output._version))

    def pairs(self) -> list[tuple[Tensor, Tensor]]:
        """Return each copy with what it is a copy of."""
        return [(copy, live) for copy, (live, _) in zip(self.outputs, self._live, strict=True)]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        before = args[0]._version if func in ACTIVATIONS else 0
        result = func(*args, **(kwargs or {}))
        results = result if isinstance(result, list | tuple) else [result]
        if any(isinstance(one, Tensor) and one.requires_grad for one in results):
            self._note_uses([*args, *(kwargs or {}).values()])
        if func in ACTIVATIONS:
            for i, live in enumerate(self._live):
                if live[0] is args[0] and live[1] == before:
                    self.outputs[i] = result.clone()
                    self._live[i] = (result, result._version)
        return result

    def _note_uses(self, values: Sequence[Any]) -> None:
        """Note which of these values are weights of modules that are not under way."""
        for value in values:
            if isinstance(value, list | tuple):
                self._note_uses(value)
            elif (
                isinstance(value, nn.Parameter)
                and value.requires_grad
                and value in self._names
                and all(parts.isdisjoint(self._owners[value]) for parts in self.running)
            ):
                self.used_outside.add(self._names[value])


def local_outputs(model: nn.Module, x: Tensor, classes: Sequence[int] | None = None) -> Tensor:
    """Compute the outputs of all layers side by side, `[N, units of all layers]`.

    Every module that owns trainable weights counts as a layer; its input is detached, so a
    gradient of the result stays inside the layer. Of the network's own output only the active
    classes count.
    """
    with ExitStack() as stack:
        following = stack.enter_context(_Following(model))

        def begin(layer: nn.Module, _inputs: Any) -> None:
            following.running.append(set(layer.modules()))  # what is in a layer is part of it

        def detach(_layer: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(
                a.detach() if isinstance(a, Tensor) and a.is_floating_point() else a for a in inputs
            )

        def note(_layer: nn.Module, _inputs: Any, output: Any) -> None:
            following.running.pop()
            following.note(output[0] if isinstance(output, tuple) else output)

        for layer in _layers(model):
            # before its own hooks: one may compute the weight, as weight_norm does
            stack.callback(layer.register_forward_pre_hook(begin, prepend=True).remove)
            stack.callback(layer.register_forward_pre_hook(detach).remove)
            stack.callback(layer.register_forward_hook(note).remove)
        samples = len(x)  # the model may also write into x, and give it another shape
        final = as_logits(model(x), samples, classes)
    if following.used_outside:
        raise ValueError(
            "model: expected every weight to be used by its own module alone, but "
            f"{min(following.used_outside)!r} is used outside it, as in F.linear(x, layer.weight); "
            "call it as layer(x), or take me.mas"
        )
    outputs = [
        y[:, list(classes)] if live is final and classes is not None else y
        for y, live in following.pairs()
    ]
    if not outputs:
        raise ValueError(
            "model: expected modules with weights that forward calls, found none; call a layer as "
            "layer(x), not F.linear(x, layer.weight)"
        )
    return torch.cat([y.reshape(samples, -1) for y in outputs], 1)


def _layers(model: nn.Module) -> list[nn.Module]:
    """Return the modules that own trainable weights; those of a parametrization are the layer's."""
    inside = {
        part
        for module in model.modules()
        if is_parametrized(module)
        for part in module.parametrizations.modules()  # type: ignore[union-attr]
    }

    def owned(module: nn.Module) -> Iterator[nn.Parameter]:
        yield from module.parameters(recurse=False)
        if is_parametrized(module):
            yield from module.parametrizations.parameters()  # type: ignore[union-attr]

    return [
        module
        for module in model.modules()
        if module not in inside and any(weight.requires_grad for weight in owned(module))
    ]
