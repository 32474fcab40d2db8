"""Fingerprints of the initial weights, the data and the batch order, for comparing runs.

They are kept in `record.settings["evidence"]`, so that runs can be compared long after they were
made, and a comparison that would not be fair is noticed.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from weakref import WeakKeyDictionary

from torch import Tensor, nn

from mas_edu._common import digest
from mas_edu.data import Task
from mas_edu.training.batches import pass_orders

PARTS = ("x", "y", "x_test", "y_test", "x_val", "y_val")
MOST_PASSES = 20_000  # over the samples
LENGTH = 16  # hexadecimal digits: 64 bits, far beyond any number of runs that meet
_known: WeakKeyDictionary[Task, tuple[object, str]] = WeakKeyDictionary()


def fingerprint_model(model: nn.Module) -> str:
    """Return the digest of a network: its layers as printed, weights, buffers, what is frozen.

    >>> from mas_edu.networks import models
    >>> one, same, other = (fingerprint_model(models.mlp([4, 3, 2], seed)) for seed in (0, 0, 1))
    >>> one == same, one == other
    (True, False)
    """
    state = (f"{name} {_content(value)}" for name, value in model.state_dict().items())
    frozen = (f"{name} frozen" for name, p in model.named_parameters() if not p.requires_grad)
    return digest(["\n".join([str(model), *state, *frozen])], LENGTH)


def fingerprint_task(task: Task) -> str:
    """Return the digest of name, active classes and samples; read again only if they change."""
    kept = [vars(task).get(part) for part in PARTS]  # without what would have to be made
    versions = [None if part is None else (id(part), _version(part)) for part in kept]
    state = (*versions, getattr(task, "changes", 0))
    before, found = _known.get(task, (None, ""))
    if before != state:
        parts = [getattr(task, part) for part in PARTS]
        content = f"{task.name} {task.classes} {' '.join(map(_content, parts))}"
        found = digest([content], LENGTH)
        _known[task] = (state, found)
    return found


@lru_cache(maxsize=1024)  # all λ of a sweep share them
def fingerprint_batches(samples: int, batch: int, updates: int, seed: int) -> str:
    """Return the digest of which samples are in each batch, in order.

    Args:
        samples: how many are trained on.
        batch: samples in one update.
        updates: how many.
        seed: of the order, for this task.
    """
    orders = pass_orders(samples, batch, updates, seed)
    first = islice(orders, MOST_PASSES)  # they tell what the seed is; all of them could take hours
    more = [f"{updates} updates"] if updates > MOST_PASSES * -(-samples // batch) else []
    return digest(chain([f"{batch}"], first, more), LENGTH)


def _version(tensor: Tensor) -> int:
    """Return how often the tensor was changed in place; inference tensors do not count it."""
    return 0 if tensor.is_inference() else tensor._version


def _content(tensor: Tensor | None) -> str:
    if tensor is None:
        return "none"
    return f"{digest([tensor])} {tuple(tensor.shape)} {tensor.dtype}"
