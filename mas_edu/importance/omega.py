r"""Ω: how much each weight matters to what the network has learned.

`mas` is Memory Aware Synapses, exact: the mean over samples of |∂‖F(x)‖²/∂θ|, the absolute value
inside the sum. It costs about one forward and backward pass over the data, because for a linear
layer a sample's gradient is an outer product δ aᵀ, whose absolute value is |δ||a|ᵀ: the sum over
samples is one matrix product (see `linear` in `per_sample`; `closed_form` for all operations,
`routing` for the choice of a route).
`mas_batch` and `mas_local` are its two best-known relatives; the same values as obvious loops
stand in `reference`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mas_edu._common import as_int
from mas_edu.data import Data, batches
from mas_edu.importance.per_sample.layer_outputs import local_outputs
from mas_edu.importance.per_sample.operation import at_least_float32
from mas_edu.importance.per_sample.routing import find_routes
from mas_edu.importance.per_sample.scores import ScoredModel, check_differentiable
from mas_edu.importance.tally import (
    Tally,
    check_finite,
    omega_dtype,
    squared_norm,
    tally_scores,
)
from mas_edu.networks import (
    Params,
    check_classes,
    enable_gradients,
    evaluating,
    explain_errors,
    trainable,
)

MOST_SAMPLES = 10**9  # of a batch: beyond, PyTorch cannot count


def mas(
    model: nn.Module,
    data: Data,
    *,
    classes: Sequence[int] | None = None,
    memory: int | None = None,
) -> Params:
    r"""Compute how strongly each weight moves the squared length of the network's output: Ω.

    .. math:: \Omega_i = \frac1N \sum_{k=1}^N
              \Big| \frac{\partial \|F(x_k)\|_2^2}{\partial \theta_i} \Big|

    The absolute value is inside the sum: opposite pulls of two samples both count. Labels are
    never used. The model is borrowed in eval mode and given back as it was.

    Args:
        model: any module that maps `[N, …]` to logits `[N, C]`.
        data: inputs the network should stay faithful to: a tensor or an array `[N, …]`; an
            iterable of batches, such as a DataLoader; or a Dataset. Of `(x, …)` only x is used.
        classes: the active logits; None: all.
        memory: bytes that one batch may take, beside model, data and sums; None: 128 MiB on a
            CPU, 2 GiB on a GPU. If not even six samples fit, they go one by one.

    Returns:
        One tensor per trainable weight, same name and shape, in output² per unit of weight.

    Raises:
        ValueError: for a model without trainable weights, whose output is not `[N, C]` or is cut
            off from the weights; for data that is empty or not finite.

    Cost: about one forward and backward pass over the data for an MLP; one to two for
    convolutional networks, where each sample's gradient of a layer is formed; the loop over single
    samples where a sample is large (images of 224 pixels in a ResNet or ViT: there a batch is no
    faster), where samples interact, and for LSTM in one kernel; see `explain`. The first call for
    a network tries the routes on two samples, at the price of about five in the loop.
    Source: Aljundi et al., ECCV 2018, arXiv 1711.09601, section 4.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> mas(layer, torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))  # |2| and |2|: nothing cancels
    {'weight': tensor([[2., 0.]])}
    """
    return Tally.of(model, data, classes=classes, memory=memory).spend()


def mas_batch(
    model: nn.Module,
    data: Data,
    *,
    batch_size: int = 128,
    classes: Sequence[int] | None = None,
) -> Params:
    r"""Compute Ω with the common mistake: the absolute value *after* the mean over a batch.

    .. math:: \sum_b \frac{n_b}{N} \Big| \frac1{n_b} \sum_{k \in b}
              \frac{\partial \|F(x_k)\|_2^2}{\partial \theta_i} \Big|

    Opposite gradients of one batch cancel, so this is never above `mas`, and equal to it for
    `batch_size=1`. Arguments, returns and errors as in `mas`; cost: one pass.

    Args:
        model: as in `mas`.
        data: as in `mas`; batches of an iterable are cut further to `batch_size`.
        batch_size: samples whose gradients are averaged first.
        classes: as in `mas`.

    >>> layer = nn.Linear(1, 1)
    >>> _ = nn.init.ones_(layer.weight), nn.init.zeros_(layer.bias)
    >>> mas_batch(layer, torch.tensor([[1.0], [-1.0]]))["bias"]  # 2 and −2 cancel; `mas` says 2
    tensor([0.])
    """
    weights, batch_size = trainable(model), as_int("batch_size", batch_size, 1, MOST_SAMPLES)
    samples = 0
    with evaluating(model), enable_gradients():
        total = {  # in half precision a sum stops growing: 256 + 1 is 256
            name: at_least_float32(torch.zeros_like(weight)) for name, weight in weights.items()
        }
        for x in batches(model, data, batch_size):
            if not samples:
                check_classes(model, x[:1].clone(), classes)
            with explain_errors(x, "with gradients"):
                score = check_differentiable(squared_norm(model(x.clone()), classes).sum())
                gradients = torch.autograd.grad(
                    score, list(weights.values()), materialize_grads=True
                )
            for value, gradient in zip(total.values(), gradients, strict=True):
                value += gradient.to_dense().abs()
            samples += len(x)
        return check_finite(
            {
                name: (value.detach() / samples).to(omega_dtype(weights[name].dtype))
                for name, value in total.items()
            }
        )


def mas_local(model: nn.Module, data: Data, *, classes: Sequence[int] | None = None) -> Params:
    r"""Compute Ω by Hebb's rule: each layer is the network, its input held fixed.

    For :math:`y = \mathrm{ReLU}(Wx)` this is the co-activation of the two units,

    .. math:: \Omega_{ij} = \frac1N \sum_k |\partial \|y_k\|^2 / \partial W_{ij}|
              = \frac2N \sum_k y_i x_j

    so no gradient travels through the network. The activation function that follows a layer
    belongs to it; for the last layer the result equals `mas`. Arguments, returns, errors and cost
    as in `mas`. Source: Aljundi et al., ECCV 2018, section 4.3.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> mas_local(nn.Sequential(layer, nn.ReLU()), torch.tensor([[1.0, 2.0], [-3.0, 0.0]]))
    {'0.weight': tensor([[3., 6.]])}
    """
    return tally_scores(
        model,
        data,
        lambda net, x: local_outputs(net, x, classes).square().sum(1),
        classes=classes,
    ).spend()


def explain(model: nn.Module, x: Tensor) -> dict[str, str]:
    """Return the route of each weight in `mas`: "closed form", "vmap" or "loop" (all exact).

    "loop" for all weights means that samples cannot go together: they interact in forward(), as in
    a mean over the batch; their numbers decide on the way through the model, or on how many rows an
    operation gets; or so few of them fit into the memory that nothing would be gained.

    >>> explain(nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2, bias=False)), torch.randn(4, 3))
    {'0.weight': 'closed form', '0.bias': 'closed form', '1.weight': 'closed form'}
    """
    scored = ScoredModel.of(model, lambda net, x: squared_norm(net(x)))
    with evaluating(model), enable_gradients():
        first = next(batches(model, x))
        check_classes(model, first[:1].clone())
        with (
            explain_errors(first, "with gradients"),
            torch.autocast(first.device.type, enabled=False),
        ):
            return dict(find_routes(scored, first))
