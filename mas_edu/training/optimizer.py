"""Adam, AdamW and SGD on one flat tensor of weights: PyTorch's fused kernels, called directly.

`torch.optim` calls the same kernels, with the same result to the last bit. But its `step()` takes
far longer to reach the kernel than the kernel itself takes for a few thousand weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BETAS, EPS = (0.9, 0.999), 1e-8  # the defaults of torch.optim


@dataclass(eq=False)
class Adam:
    r"""Adam (Kingma and Ba, ICLR 2015), or AdamW (Loshchilov and Hutter, ICLR 2019).

    .. math:: \theta \leftarrow \theta - \mathrm{lr} \, \hat m / (\sqrt{\hat v} + \epsilon)

    Args:
        values: the weights, changed in place.
        grads: their gradient.
        lr: learning rate.
        weight_decay: added to the gradient, times the weights.
        decoupled: AdamW: the decay shrinks the weights instead.

    >>> values = torch.ones(2)
    >>> Adam(values, grads=torch.tensor([1.0, -3.0]), lr=0.1).step()
    >>> values  # the first step is lr in each direction
    tensor([0.9000, 1.1000])
    """

    values: Tensor
    grads: Tensor
    lr: float
    weight_decay: float = 0.0
    decoupled: bool = False

    def __post_init__(self) -> None:
        self.mean, self.square = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self.steps = torch.zeros((), dtype=torch.float32, device=self.values.device)

    def step(self) -> None:
        """Make one update."""
        self.steps += 1
        update = torch._fused_adamw_ if self.decoupled else torch._fused_adam_
        update(
            [self.values], [self.grads], [self.mean], [self.square], [], [self.steps],
            lr=self.lr, beta1=BETAS[0], beta2=BETAS[1], weight_decay=self.weight_decay, eps=EPS,
            amsgrad=False, maximize=False,
        )  # fmt: skip


@dataclass(eq=False)
class SGD:
    """Stochastic gradient descent, with momentum; arguments as in `Adam`.

    >>> values = torch.ones(2)
    >>> SGD(values, grads=torch.tensor([1.0, -3.0]), lr=0.1).step()
    >>> values
    tensor([0.9000, 1.3000])
    """

    values: Tensor
    grads: Tensor
    lr: float
    weight_decay: float = 0.0
    momentum: float = 0.0

    def __post_init__(self) -> None:
        self.velocity = [torch.zeros_like(self.values)] if self.momentum else []
        self.first = True

    def step(self) -> None:
        """Make one update."""
        torch._fused_sgd_(
            [self.values], [self.grads], self.velocity, lr=self.lr, momentum=self.momentum,
            weight_decay=self.weight_decay, dampening=0.0, nesterov=False, maximize=False,
            is_first_step=self.first,
        )  # fmt: skip
        self.first = False
