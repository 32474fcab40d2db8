"""The gradient of the task loss: by hand for chains of layers, by autograd for everything else."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mas_edu._common import USER_ERRORS, first_line
from mas_edu.networks import describe_output, forward_error, how_to_wrap, is_logits
from mas_edu.training.chain import Chain, is_chain
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.schedule import Schedule

Gradient = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""(x, y, masks) -> logits; writes the gradient of the mean cross-entropy into `flat.grads`."""


def make_gradient(model: nn.Module, flat: FlatParams, schedule: Schedule) -> Gradient:
    """Return what computes the gradient of a batch, by the faster of two ways."""
    if schedule.precision == "fp32" and is_chain(model):
        return gradient_by_hand(model, flat)
    return gradient_by_autograd(model, flat, schedule)


def gradient_by_hand(model: nn.Module, flat: FlatParams) -> Gradient:
    """Return the gradient of one chain of layers: K = 1."""
    weights = {name: weight.data.unsqueeze(0) for name, weight in model.named_parameters()}
    chain = Chain(model, weights, {k: v.unsqueeze(0) for k, v in flat.params(flat.grads).items()})

    def gradient(x: Tensor, y: Tensor, masks: Tensor | None) -> Tensor:
        with torch.inference_mode():
            return chain.gradient(x.unsqueeze(0), y.unsqueeze(0), masks).squeeze(0)

    return gradient


def gradient_by_autograd(model: nn.Module, flat: FlatParams, schedule: Schedule) -> Gradient:
    """Return the gradient of any network; the forward pass may be in bfloat16."""
    device = flat.values.device.type
    bf16 = torch.autocast(device, torch.bfloat16, enabled=schedule.precision == "bf16")

    def gradient(x: Tensor, y: Tensor, masks: Tensor | None) -> Tensor:
        flat.grads.zero_()
        with bf16:
            logits = _logits(model, x).to(flat.values.dtype)
        try:
            loss = masked_cross_entropy(logits, y, masks)
        except IndexError as error:
            raise ValueError(
                f"model: expected more logits than the largest label, got {logits.shape[1]} in "
                f"training and the label {int(y.max())}; let it return as many as in eval mode"
            ) from error
        flat.bind_grads()
        try:
            loss.backward()
        except USER_ERRORS as error:  # one of the model's own functions may raise anything
            raise ValueError(
                f"model: its gradient cannot be computed ({first_line(error)}); does its forward "
                "change a tensor in place that is needed on the way back?"
            ) from error
        return logits.detach()

    return gradient


def masked_cross_entropy(
    logits: Tensor, y: Tensor, masks: Tensor | None, reduction: str = "mean"
) -> Tensor:
    """Return the cross-entropy of logits `[…, C]` and labels `[…]`, some logits masked.

    >>> logits, y = torch.zeros(4, 3), torch.zeros(4, dtype=torch.long)
    >>> masked_cross_entropy(logits, y, torch.tensor([False, False, True])).exp().round()
    tensor(2.)
    """
    if masks is not None:
        logits = logits.masked_fill(masks, -torch.inf)
    return F.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction=reduction)


def _logits(model: nn.Module, x: Tensor) -> Tensor:
    """Return the logits, with a sentence for models that behave differently in training."""
    try:
        logits = model(x)
    except USER_ERRORS as error:  # a model may raise anything; it is kept as the cause
        if len(x) > 1:
            raise forward_error(x, error, "in training") from error
        raise ValueError(
            f"batch: the last one of a pass has a single sample, and the model cannot be trained "
            f"on that ({error}); take another batch, or one sample less"
        ) from error
    if not is_logits(logits, len(x)):
        cure = f"give {how_to_wrap(logits, len(x))}"
        if isinstance(logits, Tensor):
            cure = "let it return the same as in eval mode"
        raise ValueError(
            f"model: expected logits [N, C] in training, too, got {describe_output(logits)} for "
            f"{len(x)} samples; {cure}"
        )
    if not logits.requires_grad:
        raise ValueError(
            "model: expected logits that depend on the weights in training, got ones that are cut "
            "off from them; is there a detach(), a no_grad() or NumPy in its forward?"
        )
    checked: Tensor = logits
    return checked
