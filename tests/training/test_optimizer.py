"""The optimizers are those of torch.optim, to the last bit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import mas_edu as me


def of_torch(schedule: me.Schedule, weight: nn.Parameter) -> torch.optim.Optimizer:
    shared = {"lr": schedule.lr, "weight_decay": schedule.weight_decay, "fused": True}
    if schedule.optimizer == "sgd":
        return torch.optim.SGD([weight], momentum=schedule.momentum, **shared)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[schedule.optimizer]
    return kind([weight], **shared)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(
    ("name", "momentum"), [("adam", 0), ("adamw", 0), ("sgd", 0), ("sgd", 0.9)]
)
def test_each_step_is_that_of_torch(
    name: str, momentum: float, decay: float, dtype: torch.dtype
) -> None:
    schedule = me.Schedule(optimizer=name, lr=0.01, momentum=momentum, weight_decay=decay)  # type: ignore[arg-type]
    values = torch.randn(100, dtype=dtype)
    weight, grads = nn.Parameter(values.clone()), torch.zeros_like(values)
    ours, theirs = schedule.make_optimizer(values, grads), of_torch(schedule, weight)
    for _ in range(5):
        grads.copy_(torch.randn(100, dtype=dtype))
        weight.grad = grads.clone()
        ours.step()
        theirs.step()
        assert torch.equal(values, weight.data)
