r"""The gradient by hand, for chains of layers: lesson 03 at full speed, K networks side by side.

A chain is linear layers, activation functions and flattening, one after the other. Forward, each
layer turns its input a into its output z. Backward, δ = ∂L/∂z goes from layer to layer:

    at the output      δ = softmax(z) − one-hot
    linear z = W a + b ∂L/∂W = Σ_n δ_n a_nᵀ,  ∂L/∂b = Σ_n δ_n,  and δ ← Wᵀ δ below
    activation z = f(a)                                      and δ ← δ f′(a) below

Autograd computes the same, from a graph that it builds again for each update; for a small network
that takes longer than the arithmetic. All tensors have K, the number of networks, as their first
dimension; one network is K = 1. Networks that share their inputs have, together, one wider first
layer: a large product is faster than many small ones. Samples are columns, as in the formulas:
products with few rows, as in a last layer, take half as long as with few columns. Activations
overwrite what is not needed any more.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as all_modules

from mas_edu.networks import Params
from mas_edu.training.slopes import SLOPES
from mas_edu.training.start import gradient_hooks

HOOKS_OF_ALL = (
    "_global_forward_hooks", "_global_forward_pre_hooks",
    "_global_backward_hooks", "_global_backward_pre_hooks",
)  # fmt: skip
Product = Callable[[Tensor, Tensor, Tensor | None, Tensor | None], None]
"""(δ, a, gradient of W, gradient of b): writes the gradients of a linear layer."""
MOST_SAMPLES = 10**9  # in a batch


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
        grads: where gradients are written, like `weights`; a weight without one is frozen. None:
            the chain only goes forward.
        alike: of the K networks, always so many in a row share their inputs.

    >>> model = nn.Sequential(nn.Linear(1, 2, bias=False))
    >>> weights, grads = ({"0.weight": torch.zeros(1, 2, 1)} for _ in range(2))
    >>> chain = Chain(model, weights, grads)
    >>> _ = chain.gradient(torch.ones(1, 1, 1), torch.tensor([[0]]))  # δ = (½, ½) − (1, 0)
    >>> grads["0.weight"].flatten()
    tensor([-0.5000,  0.5000])
    """

    def __init__(
        self, model: nn.Module, weights: Params, grads: Params | None = None, alike: int = 1
    ) -> None:
        self.layers: list[_Link] = []
        for name, layer in _layers(model):
            below = [isinstance(one, _Linear) for one in self.layers]
            if isinstance(layer, nn.Linear):
                shared = 1 if any(below) else alike
                self.layers.append(_linear(f"{name}.", weights, grads or {}, shared))
            elif _flattens(layer):
                self.layers.append(_Flatten())
            else:  # a ReLU needs only its own output on the way back
                spare = any(below) and (grads is None or (below[-1] and type(layer) is nn.ReLU))
                self.layers.append(_activation(layer, overwrite=spare))
        first = next(iter(weights.values()))
        self.minus_one = first.new_full((1, 1, 1), -1.0).expand(len(first), 1, MOST_SAMPLES)
        learns = [isinstance(one, _Linear) and one.learns for one in self.layers]
        self.lowest = learns.index(True) if any(learns) else len(learns)  # below it nothing learns

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each network, `[K, N, C]`, for inputs `[K / alike, N, …]`."""
        a = _as_columns(x)
        for layer in self.layers:
            a = layer.forward(a)
        return a.mT

    def gradient(self, x: Tensor, y: Tensor, masks: Tensor | None = None) -> Tensor:
        """Write the gradient of each network's mean cross-entropy, and return the logits.

        Args:
            x: inputs, `[K / alike, N, …]`.
            y: labels, `[K, N]`.
            masks: True for logits that do not compete, `[C]` or `[K, N, C]`.
        """
        outputs = self._outputs(x)
        logits = outputs[-1].mT  # [K, N, C]
        seen = outputs[-1] if masks is None else logits.masked_fill(masks, -torch.inf).mT
        delta = seen.softmax(1)  # [K, C, N]
        delta.scatter_add_(1, y.unsqueeze(1), self.minus_one)  # − one-hot
        delta /= y.shape[1]
        self._backward(outputs, delta, _product)
        return logits

    def omega_sum(self, x: Tensor, classes: Sequence[int] | None = None) -> None:
        """Write Σ_n |∂‖F(x_n)‖²/∂θ| of each network where gradients are written.

        Args:
            x: inputs, `[K / alike, N, …]`.
            classes: the active logits; None: all.

        Raises:
            NotImplementedError: if a linear layer meets a sample at several positions: its gradient
                is their sum, to be formed before the absolute value is taken.
        """
        outputs = self._outputs(x)
        inputs = zip(self.layers, outputs[:-1], strict=True)
        if any(isinstance(layer, _Linear) and a.ndim > 3 for layer, a in inputs):
            raise NotImplementedError("a linear layer with several positions of a sample")
        logits = outputs[-1]  # [K, C, N]
        active = list(range(logits.shape[1]) if classes is None else classes)
        delta = torch.zeros_like(logits)
        delta[:, active] = 2 * logits[:, active]
        self._backward(outputs, delta, _product_of_magnitudes)

    def _outputs(self, x: Tensor) -> list[Tensor]:
        """Return the input and the output of each layer, samples as columns."""
        outputs = [_as_columns(x)]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1]))
        return outputs

    def _backward(self, outputs: Sequence[Tensor], delta: Tensor, product: Product) -> None:
        """Take δ from layer to layer; each linear one writes the products of δ and its input."""
        for k in range(len(self.layers) - 1, self.lowest - 1, -1):
            further = k > self.lowest
            delta = self.layers[k].backward(delta, outputs[k], outputs[k + 1], further, product)


@dataclass(frozen=True, eq=False)
class _Linear:
    """z = W a + b.

    Where always `alike` of the K networks have the same a, these are G = K / alike wider layers.
    """

    weight: Tensor  # [G, alike · out, in]
    bias: Tensor | None  # [G, alike · out, 1]
    weight_grad: Tensor | None
    bias_grad: Tensor | None  # [G, alike · out]
    alike: int

    @property
    def learns(self) -> bool:
        return self.weight_grad is not None or self.bias_grad is not None

    def forward(self, a: Tensor) -> Tensor:
        z = torch.bmm(self.weight, _flat(a))
        if self.bias is not None:
            z += self.bias  # `baddbmm` would first write it to all columns
        if self.alike > 1:
            z = z.view(z.shape[0] * self.alike, -1, z.shape[2])
        return _unflat(z, a)

    def backward(
        self, delta: Tensor, a: Tensor, z: Tensor, further: bool, product: Product
    ) -> Tensor:
        delta = _flat(delta)
        if self.alike > 1:
            delta = delta.view(a.shape[0], -1, delta.shape[2])
        product(delta, _flat(a), self.weight_grad, self.bias_grad)
        return _unflat(torch.bmm(self.weight.mT, delta), a) if further else delta


@dataclass(frozen=True, eq=False)
class _Activation:
    """z = f(a), element by element."""

    f: nn.Module
    slope: Callable[[Any, Tensor, Tensor], Tensor]

    def forward(self, a: Tensor) -> Tensor:
        z: Tensor = self.f.forward(a)  # it has no hooks
        return z

    def backward(
        self, delta: Tensor, a: Tensor, z: Tensor, further: bool, product: Product
    ) -> Tensor:
        return delta.mul_(self.slope(self.f, a, z))


class _Flatten:
    """`[K, features, N, positions]` to `[K, positions · features, N]`."""

    def forward(self, a: Tensor) -> Tensor:
        return a if a.ndim == 3 else a.movedim(1, -1).flatten(2).mT

    def backward(
        self, delta: Tensor, a: Tensor, z: Tensor, further: bool, product: Product
    ) -> Tensor:
        return _as_columns(delta.mT.reshape(a.movedim(1, -1).shape))


_Link = _Linear | _Activation | _Flatten


def _linear(prefix: str, weights: Params, grads: Params, alike: int) -> _Linear:
    """Return a linear layer of K networks as one of K / alike wider networks."""
    own, grad = (
        {
            part: one.view(one.shape[0] // alike, -1, *one.shape[2:])
            for part in ("weight", "bias")
            if (one := params.get(prefix + part)) is not None
        }
        for params in (weights, grads)
    )
    bias = own["bias"].unsqueeze(2) if "bias" in own else None
    return _Linear(own["weight"], bias, grad.get("weight"), grad.get("bias"), alike)


def _activation(layer: nn.Module, overwrite: bool) -> _Activation:
    f = copy.copy(layer)
    if hasattr(f, "inplace"):
        f.inplace = overwrite  # type: ignore[assignment]
    return _Activation(f, SLOPES[type(f)])


def _product(delta: Tensor, a: Tensor, weight: Tensor | None, bias: Tensor | None) -> None:
    """Write the gradients Σ_n δ_n a_nᵀ and Σ_n δ_n."""
    if weight is not None:
        torch.bmm(delta, a.mT, out=weight)
    if bias is not None:
        torch.sum(delta, 2, out=bias)


def _product_of_magnitudes(
    delta: Tensor, a: Tensor, weight: Tensor | None, bias: Tensor | None
) -> None:
    """Write Σ_n |δ_n a_nᵀ| = Σ_n |δ_n| |a_n|ᵀ and Σ_n |δ_n|."""
    _product(delta.abs(), a.abs(), weight, bias)


def _as_columns(x: Tensor) -> Tensor:
    """Return `[K, N, …, features]` as `[K, features, N, …]`."""
    return x.mT if x.ndim == 3 else x.movedim(-1, 1)


def _flat(a: Tensor) -> Tensor:
    """Return `[K, features, N, …]` as `[K, features, columns]`."""
    return a if a.ndim == 3 else a.flatten(2)


def _unflat(z: Tensor, a: Tensor) -> Tensor:
    """Return `[K, features, columns]` with the columns of a, `[K, …, N, …]`."""
    return z if a.ndim == 3 else z.unflatten(2, a.shape[2:])


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
