"""What a run starts from and what it will see, as short digests: equal digests, equal things.

They travel in `record.settings["evidence"]`, so that runs can be compared long after they were
made, and a comparison that would not be fair is noticed.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mas_edu._common import digest
from mas_edu.data import Task

PARTS = ("x", "y", "x_test", "y_test", "x_val", "y_val")
LENGTH = 16  # hexadecimal digits: 64 bits, far beyond any number of runs that meet
_known: WeakKeyDictionary[Task, tuple[object, str]] = WeakKeyDictionary()


def fingerprint_model(model: nn.Module) -> str:
    """Of the network as it is: its layers as they print, every weight and buffer, what is frozen.

    >>> from mas_edu.networks import models
    >>> one, same, other = (fingerprint_model(models.mlp([4, 3, 2], seed)) for seed in (0, 0, 1))
    >>> one == same, one == other
    (True, False)
    """
    state = (f"{name} {_content(value)}" for name, value in model.state_dict().items())
    frozen = (f"{name} frozen" for name, p in model.named_parameters() if not p.requires_grad)
    return digest(["\n".join([str(model), *state, *frozen])], LENGTH)


def fingerprint_task(task: Task) -> str:
    """Of its name, its active classes and all its samples; read once, until they change."""
    parts = [getattr(task, part) for part in PARTS]
    versions = [None if part is None else (id(part), _version(part)) for part in parts]
    before, found = _known.get(task, (None, ""))
    if before != versions:
        content = f"{task.name} {task.classes} {' '.join(map(_content, parts))}"
        found = digest([content], LENGTH)
        _known[task] = (versions, found)
    return found


@lru_cache(maxsize=1024)  # all λ of a sweep share them
def fingerprint_batches(samples: int, batch: int, updates: int, seed: int) -> str:
    """Of which samples are in each batch, in the order in which `steps.updates` draws them.

    Args:
        samples: how many are trained on.
        batch: samples in one update.
        updates: how many.
        seed: of the order, for this task.
    """
    generator = torch.Generator().manual_seed(seed)
    orders = (
        torch.randperm(samples, generator=generator)[: (updates - done) * batch]
        for done in range(0, updates, -(-samples // batch))
    )
    return digest(chain([f"{batch}"], orders), LENGTH)


def _version(tensor: Tensor) -> int:
    """How often the tensor was changed in place; PyTorch does not count for inference tensors."""
    return 0 if tensor.is_inference() else tensor._version


def _content(tensor: Tensor | None) -> str:
    if tensor is None:
        return "none"
    return f"{digest([tensor])} {tuple(tensor.shape)} {tensor.dtype}"
