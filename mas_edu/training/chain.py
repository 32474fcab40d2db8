r"""The gradient by hand, for chains of layers: lesson 03 at full speed, K networks side by side.

A chain is linear layers, activation functions and flattening, one after the other. Forward, each
layer turns its input a into its output z. Backward, δ = ∂L/∂z goes from layer to layer:

    at the output      δ = softmax(z) − one-hot
    linear z = W a + b ∂L/∂W = Σ_n δ_n a_nᵀ,  ∂L/∂b = Σ_n δ_n,  and δ ← Wᵀ δ below
    activation z = f(a)                                      and δ ← δ f′(a) below

Autograd computes the same, from a graph that it builds anew for each update; for a small network
that takes longer than the arithmetic. All tensors have K, the number of networks, as their first
dimension; one network is K = 1.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as all_modules

from mas_edu.training.start import gradient_hooks

HOOKS_OF_ALL = (
    "_global_forward_hooks", "_global_forward_pre_hooks",
    "_global_backward_hooks", "_global_backward_pre_hooks",
)  # fmt: skip
SLOPES: dict[type[nn.Module], Callable[[Any, Tensor, Tensor], Tensor]] = {
    nn.Identity: lambda f, a, z: torch.ones_like(z),
    nn.ReLU: lambda f, a, z: z.sign(),  # z ≥ 0: 1 where the input was let through
    nn.LeakyReLU: lambda f, a, z: torch.where(a > 0, torch.ones_like(a), f.negative_slope),
    nn.ELU: lambda f, a, z: torch.where(a > 0, torch.ones_like(a), z + f.alpha),
    nn.Tanh: lambda f, a, z: 1 - z.square(),
    nn.Sigmoid: lambda f, a, z: z * (1 - z),
    nn.SiLU: lambda f, a, z: a.sigmoid() + z * (1 - a.sigmoid()),
    nn.GELU: lambda f, a, z: _slope_of_gelu(f, a),
}
"""The slope f′(a) of each activation function f, from a and z = f(a)."""


def is_chain(model: nn.Module) -> bool:
    """Return whether the network is a sequence of linear layers, activations and flattening.

    A layer or weight that occurs twice, a hook, or a `forward` put in the place of the class's own
    makes it something else.
    """
    if type(model) is not nn.Sequential or not all(map(_is_plain, model.modules())):
        return False
    layers = [layer for _, layer in _layers(model)]
    linear = [layer for layer in layers if type(layer) is nn.Linear]
    weights = [id(weight) for layer in linear for weight in layer.parameters()]
    known = all(type(layer) in (nn.Linear, *SLOPES) or _flattens(layer) for layer in layers)
    return known and bool(linear) and len(set(weights)) == len(weights)


class Chain:
    """K networks of one architecture: their outputs, and the gradient of each one's loss.

    Args:
        model: a network for which `is_chain` holds; its own weights are not used.
        weights: of all K networks, `[K, …]`, by name.
        grads: where gradients are written, like `weights`; a weight without one is frozen.

    >>> model = nn.Sequential(nn.Linear(1, 2, bias=False))
    >>> weights, grads = ({"0.weight": torch.zeros(1, 2, 1)} for _ in range(2))
    >>> chain = Chain(model, weights, grads)
    >>> _ = chain.gradient(torch.ones(1, 1, 1), torch.tensor([[0]]))  # δ = (½, ½) − (1, 0)
    >>> grads["0.weight"].flatten()
    tensor([-0.5000,  0.5000])
    """

    def __init__(
        self,
        model: nn.Module,
        weights: Mapping[str, Tensor],
        grads: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.layers = [_link(name, one, weights, grads or {}) for name, one in _layers(model)]
        learns = [isinstance(one, _Linear) and one.learns for one in self.layers]
        self.lowest = learns.index(True) if any(learns) else len(learns)  # below it nothing learns
        self.one_hot = torch.zeros(0, 0)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each network, `[K, N, C]`, for inputs `[K, N, …]`."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def gradient(self, x: Tensor, y: Tensor, masks: Tensor | None = None) -> Tensor:
        """Write the gradient of each network's mean cross-entropy, and return the logits.

        Args:
            x: inputs, `[K, N, …]`.
            y: labels, `[K, N]`.
            masks: True for logits that do not compete, `[C]` or `[K, N, C]`.
        """
        outputs = [x]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1]))
        logits = outputs[-1]
        seen = logits if masks is None else logits.masked_fill(masks, -torch.inf)
        delta = (seen.softmax(-1) - self._targets(y, logits)) / y.shape[-1]
        for k in range(len(self.layers) - 1, self.lowest - 1, -1):
            delta = self.layers[k].backward(delta, outputs[k], outputs[k + 1], k > self.lowest)
        return logits

    def _targets(self, y: Tensor, logits: Tensor) -> Tensor:
        """Return the labels one-hot, `[K, N, C]`."""
        if len(self.one_hot) != logits.shape[-1]:
            self.one_hot = torch.eye(logits.shape[-1], dtype=logits.dtype, device=logits.device)
        return torch.embedding(self.one_hot, y)


@dataclass(frozen=True, eq=False)
class _Linear:
    """z = W a + b."""

    weight: Tensor  # [K, out, in]
    bias: Tensor | None  # [K, 1, out]
    weight_grad: Tensor | None
    bias_grad: Tensor | None  # [K, out]

    @property
    def learns(self) -> bool:
        return self.weight_grad is not None or self.bias_grad is not None

    def forward(self, a: Tensor) -> Tensor:
        rows = _as_rows(a)
        if self.bias is None:
            z = torch.bmm(rows, self.weight.mT)
        else:
            z = torch.baddbmm(self.bias, rows, self.weight.mT)
        return z if a.ndim == 3 else z.unflatten(1, a.shape[1:-1])

    def backward(self, delta: Tensor, a: Tensor, z: Tensor, further: bool) -> Tensor:
        rows = _as_rows(delta)
        if self.weight_grad is not None:
            torch.bmm(rows.mT, _as_rows(a), out=self.weight_grad)  # Σ_n δ_n a_nᵀ
        if self.bias_grad is not None:
            torch.sum(rows, 1, out=self.bias_grad)
        if not further:
            return delta
        below = torch.bmm(rows, self.weight)  # Wᵀ δ of each sample
        return below if a.ndim == 3 else below.unflatten(1, a.shape[1:-1])


@dataclass(frozen=True, eq=False)
class _Activation:
    """z = f(a), element by element."""

    f: nn.Module

    def forward(self, a: Tensor) -> Tensor:
        z: Tensor = self.f.forward(a)  # it has no hooks
        return z

    def backward(self, delta: Tensor, a: Tensor, z: Tensor, further: bool) -> Tensor:
        return delta * SLOPES[type(self.f)](self.f, a, z)


class _Flatten:
    """`[K, N, …]` to `[K, N, features]`."""

    def forward(self, a: Tensor) -> Tensor:
        return a.flatten(2)

    def backward(self, delta: Tensor, a: Tensor, z: Tensor, further: bool) -> Tensor:
        return delta.reshape(a.shape)


def _link(
    name: str, layer: nn.Module, weights: Mapping[str, Tensor], grads: Mapping[str, Tensor]
) -> _Linear | _Activation | _Flatten:
    """Return the layer in a form that goes forward and backward."""
    if isinstance(layer, nn.Linear):
        w, b = f"{name}.weight", f"{name}.bias"
        bias = None if layer.bias is None else weights[b].unsqueeze(1)
        return _Linear(weights[w], bias, grads.get(w), grads.get(b))
    if _flattens(layer):
        return _Flatten()
    f = copy.copy(layer)
    if hasattr(f, "inplace"):
        f.inplace = False  # type: ignore[assignment]  # its input is needed on the way back
    return _Activation(f)


def _as_rows(a: Tensor) -> Tensor:
    """Return `[K, …, features]` as `[K, rows, features]`."""
    return a if a.ndim == 3 else a.flatten(1, -2)


def _slope_of_gelu(f: nn.GELU, a: Tensor) -> Tensor:
    """Return the slope of a Φ(a), or of its approximation with tanh."""
    if f.approximate == "none":
        density = (-a.square() / 2).exp() / math.sqrt(2 * math.pi)
        return (1 + torch.erf(a / math.sqrt(2))) / 2 + a * density
    scale, cubic = math.sqrt(2 / math.pi), 0.044715
    t = (scale * (a + cubic * a**3)).tanh()
    return (1 + t) / 2 + a * (1 - t.square()) / 2 * scale * (1 + 3 * cubic * a.square())


def _layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers in order, with their names; a sequence within the sequence is opened."""
    for name, layer in model._modules.items():  # not named_children, which leaves repeats out
        if type(layer) is nn.Sequential:
            yield from ((f"{name}.{inner}", part) for inner, part in _layers(layer))
        elif layer is not None:
            yield name, layer


def _flattens(layer: nn.Module) -> bool:
    return type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1)


def _is_plain(module: nn.Module) -> bool:
    """Return whether nothing is hung on the module: no hook, no other `forward`.

    Hooks may also be those of all modules, and of its weights' gradients.
    """
    hooks = (
        module._forward_hooks, module._forward_pre_hooks,
        module._backward_hooks, module._backward_pre_hooks,
    )  # fmt: skip
    return (
        "forward" not in vars(module)
        and not any(hooks)
        and not any(vars(all_modules).get(name) for name in HOOKS_OF_ALL)
        and not gradient_hooks(module, recurse=False)
    )
