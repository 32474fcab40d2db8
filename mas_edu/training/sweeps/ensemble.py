"""Many networks of one architecture as one network: the weights side by side.

A step of a small network costs little arithmetic and much overhead; K copies with weights
`[K, …]` share the overhead. `torch.func` turns the forward pass of one network into that of all.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mas_edu._common import USER_ERRORS
from mas_edu.networks import (
    Params,
    UnknowableError,
    explain_errors,
    fingerprint,
    keep_random_state,
    may_draw,
    trainable,
)
from mas_edu.training.chain import Chain, is_chain
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.gradient import Gradient, masked_cross_entropy
from mas_edu.training.start import gradient_hooks


class Ensemble(nn.Module):
    """K networks as one: inputs `[K, N, …]` to outputs `[K, N, C]`, weights `[K, …]`.

    Modules in eval mode stay so while the ensemble is in training mode.

    Raises:
        ValueError: if the networks cannot be run side by side: frozen or tied weights, buffers,
            weights of different shapes.

    >>> from mas_edu.networks import models
    >>> pair = Ensemble([models.mlp([4, 3, 2], seed) for seed in (0, 1)])
    >>> pair(torch.zeros(2, 5, 4)).shape
    torch.Size([2, 5, 2])
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        weights = [trainable(model) for model in models]
        if any(
            own.keys() != _state_names(model) for own, model in zip(weights, models, strict=True)
        ):
            raise ValueError(
                "model: frozen weights, tied weights and buffers cannot be trained side by side"
            )
        shapes = [{name: weight.shape for name, weight in own.items()} for own in weights]
        if any(other != shapes[0] for other in shapes):
            raise ValueError("model: only networks of one architecture go side by side")
        self.names = list(weights[0])
        self.stacked = nn.ParameterList(
            torch.stack([own[name].detach() for own in weights]) for name in self.names
        )
        self.by_hand = is_chain(models[0])
        # a chain has no mode, and its own weights are not used
        template = models[0] if self.by_hand else copy.deepcopy(models[0]).to("meta")
        self.template = [template]  # in a list: its weights are not those of the ensemble
        self.modes = [(module, module.training) for module in template.modules()]

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs `[K, N, C]` for the inputs of each copy, `[K, N, …]`."""
        return self._all(x, 0)

    def shared(self, x: Tensor) -> Tensor:
        """Return the outputs `[K, N, C]` for the same inputs to every copy, `[N, …]`."""
        return self._all(x, None)

    def stack(self, params: Sequence[Params]) -> Params:
        """Return tensors of each network stacked, `[K, …]`, under the names of these weights."""
        return {
            f"stacked.{i}": torch.stack([own[name] for own in params])
            for i, name in enumerate(self.names)
        }

    def unstack(self, params: Params) -> list[Params]:
        """Return stacked tensors as those of each network, under its names."""
        every = zip(*(stacked.unbind() for stacked in params.values()), strict=True)
        return [dict(zip(self.names, own, strict=True)) for own in every]

    def hand_out(self, models: Sequence[nn.Module], place: Sequence[int]) -> None:
        """Write the weights of a copy into each model; `place`: which of the K copies that is."""
        with torch.no_grad():
            for model, k in zip(models, place, strict=True):
                own = trainable(model)
                for name, weights in zip(self.names, self.stacked, strict=True):
                    own[name].copy_(weights[k])

    def as_chain(self, flat: FlatParams, alike: int = 1) -> Chain:
        """Return the networks as a chain of layers that writes into `flat.grads`."""
        values, grads = (
            dict(zip(self.names, flat.params(vector).values(), strict=True))
            for vector in (flat.values.data, flat.grads)
        )
        return Chain(self.template[0], values, grads, alike)

    def make_gradient(self, flat: FlatParams, alike: int = 1) -> Gradient:
        """Return what writes the gradient of each copy's mean loss into `flat.grads`.

        By hand for chains of layers, else by autograd.

        Args:
            flat: the weights and gradients of all copies.
            alike: always so many copies in a row share their inputs; 1 unless by hand.
        """
        if self.by_hand:
            return torch.inference_mode()(self.as_chain(flat, alike).gradient)

        def gradient(x: Tensor, y: Tensor, masks: Tensor | None) -> Tensor:
            with explain_errors(x[0], "in training"):
                logits: Tensor = self(x)  # [K, batch, C]
            losses = masked_cross_entropy(logits, y, masks, reduction="none")
            total = losses.sum() / y.shape[1]  # the mean of each copy, added up
            found = torch.autograd.grad(total, list(self.stacked), materialize_grads=True)
            for view, grad in zip(flat.params(flat.grads).values(), found, strict=True):
                view.copy_(grad)
            return logits.detach()

        return gradient

    def _all(self, x: Tensor, dimension: int | None) -> Tensor:
        template = self.template[0]
        if self.by_hand:
            alike = 1 if dimension == 0 else len(self.stacked[0])
            weights = dict(zip(self.names, self.stacked, strict=True))
            every = x if dimension == 0 else x.unsqueeze(0)
            return Chain(template, weights, alike=alike).forward(every)
        for module, mode in self.modes:
            module.training = mode and self.training

        def one(weights: tuple[Tensor, ...], inputs: Tensor) -> Tensor:
            named = dict(zip(self.names, weights, strict=True))
            outputs: Tensor = torch.func.functional_call(template, named, (inputs,))
            return outputs

        outputs: Tensor = torch.func.vmap(one, in_dims=(0, dimension), randomness="error")(
            tuple(self.stacked), x
        )
        return outputs


def can_batch(models: Sequence[nn.Module], x: Tensor) -> bool:
    """Return whether these models, side by side, compute what each computes alone.

    Tried on a few inputs: outputs and gradients in training, outputs in testing. A network that
    draws random numbers fails, as does one that `torch.func` cannot batch or only by a loop.
    """
    if any(gradient_hooks(model) for model in models) or not _differ_in_weights_alone(models):
        return False
    try:
        draws = any(may_draw(model, True) for model in models)
        with keep_random_state(draws), warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*performance drop")
            shapes = {_common_shape(models, x, training) for training in (True, False)}
            return len(shapes) == 1 and None not in shapes
    except USER_ERRORS:  # whatever cannot be batched is trained one by one instead
        return False


def _differ_in_weights_alone(models: Sequence[nn.Module]) -> bool:
    """Return whether it is known of these networks: a function may make others for other seeds."""
    modes = {tuple(module.training for module in model.modules()) for model in models}
    try:
        return len(modes) == len({fingerprint(model, numbers=True) for model in models}) == 1
    except UnknowableError:
        return False


def _common_shape(models: Sequence[nn.Module], x: Tensor, training: bool) -> tuple[int, ...] | None:
    """Return the shape `[K, N, C]` of the logits if they are the same alone; else None."""
    copies = Ensemble(models).train(training)
    with torch.set_grad_enabled(training):
        # each copy's own inputs in training, the same for all in testing, as they are used
        every = (
            copies(x.repeat(len(models), *[1] * x.ndim)) if training else copies.shared(x.clone())
        )
    gradients = _gradients(every, list(copies.stacked)) if training else []
    # chains that differ in their weights alone are computed alike: one stands for all
    for k, model in enumerate(models[:1] if copies.by_hand else models):
        alone = model
        if not is_chain(model):  # which has no mode, and nothing that a pass could change
            alone = copy.deepcopy(model) if training else copy.deepcopy(model).eval()
        with torch.set_grad_enabled(training):
            outputs = alone(x.clone())
        pairs = [(every[k], outputs)]
        if training:
            own = _gradients(outputs, list(trainable(alone).values()))
            pairs += [(stacked[k], mine) for stacked, mine in zip(gradients, own, strict=True)]
        if not all(torch.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in pairs):
            return None
    return tuple(every.shape) if every.ndim == 3 and every.is_floating_point() else None


def _gradients(outputs: Tensor, weights: list[nn.Parameter]) -> tuple[Tensor, ...]:
    return torch.autograd.grad(outputs.square().sum(), weights, materialize_grads=True)


def _state_names(model: nn.Module) -> set[str]:
    """Return the names of the model's whole state; a tied weight has several."""
    return {*model.state_dict(), *(name for name, _ in model.named_buffers())}
