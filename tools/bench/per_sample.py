"""The sum of Ω over samples, Σ_n |∂‖F(x_n)‖²/∂θ|, by the per-sample gradients of other libraries.

Each function takes a network and inputs, and returns what computes the sum, by name of the weight;
the gradients of `chunk` samples are held at once. curvlinops is not here: it multiplies vectors
with curvature matrices, and has no gradients of single samples.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from mas_edu.networks import Params
from tools.bench.omega import vmap_grad

Sum = Callable[[], Params]


def by_vmap(model: nn.Module, x: Tensor, chunk: int) -> Sum:
    """Use PyTorch's own vmap(grad)."""
    return lambda: vmap_grad(model, x, chunk)


def by_opacus(model: nn.Module, x: Tensor, chunk: int) -> Sum:
    """Use Opacus, also for layers that it does not allow in private training."""
    from opacus.grad_sample import GradSampleModule

    own = _without_inplace(model).train()  # it does not look at networks in eval mode
    for module in own.modules():
        if hasattr(module, "p"):
            module.p = 0.0  # no dropout
    wrapped = GradSampleModule(own, loss_reduction="sum", strict=False)

    def total() -> Params:
        found = {name: torch.zeros_like(weight) for name, weight in own.named_parameters()}
        for part in x.split(chunk):
            wrapped.zero_grad(set_to_none=True)
            wrapped(part).square().sum().backward()
            for name, weight in own.named_parameters():
                found[name] += weight.grad_sample.abs().sum(0)
        return found

    return total


def by_backpack(model: nn.Module, x: Tensor, chunk: int) -> Sum:
    """Use BackPACK; its converter takes a network apart that is not a sequence of layers."""
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    own = _without_inplace(model)
    extended = extend(own, use_converter=not isinstance(own, nn.Sequential)).eval()
    names = {id(weight): name for name, weight in own.named_parameters()}
    loss_function = extend(nn.MSELoss(reduction="sum"))  # ‖F − 0‖², summed

    def total() -> Params:
        found = {name: torch.zeros_like(weight) for name, weight in own.named_parameters()}
        for part in x.split(chunk):
            outputs = extended(part)
            with backpack(BatchGrad()):
                loss_function(outputs, torch.zeros_like(outputs)).backward()
            for weight in extended.parameters():
                found[names[id(weight)]] += weight.grad_batch.abs().sum(0)
                weight.grad = None
        return found

    return total


LIBRARIES: dict[str, Callable[[nn.Module, Tensor, int], Sum]] = {
    "PyTorch's vmap(grad)": by_vmap,
    "Opacus": by_opacus,
    "BackPACK": by_backpack,
}


def _without_inplace(model: nn.Module) -> nn.Module:
    """Return a copy whose activations leave their inputs as they are, which hooks look at."""
    own = copy.deepcopy(model)
    for module in own.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    return own
