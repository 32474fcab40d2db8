"""The data as training sees them: which samples in which order, and which logits compete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mas_edu.data import Task
from mas_edu.networks import device_of, evaluating, to_model


def batch_order(samples: int, batch: int, updates: int, seed: int) -> Iterator[Tensor]:
    """Yield the row numbers of each batch, `[batch]`, one update after the other.

    Each pass over the samples has an order of its own, and its last batch may be smaller.

    >>> [len(rows) for rows in batch_order(samples=5, batch=2, updates=4, seed=0)]
    [2, 2, 1, 2]
    """
    for order in pass_orders(samples, batch, updates, seed):
        yield from order.split(batch)


def pass_orders(samples: int, batch: int, updates: int, seed: int) -> Iterator[Tensor]:
    """Yield the row numbers of each pass, `[samples]`; the last ends with the last update."""
    generator = torch.Generator().manual_seed(seed)
    for done in range(0, updates, -(-samples // batch)):
        order = torch.randperm(samples, generator=generator)
        yield order[: (updates - done) * batch]


def task_seed(seed: int, task: int) -> int:
    """Return the seed of one task's order: a run can then resume from any task."""
    return 1_000_003 * task + seed


@dataclass(frozen=True)
class TrainingData:
    """Samples on the device of the model, and the logits that are masked.

    `masks` is None, one row for all samples, `[C]`, or one row a sample, `[N, C]`.
    """

    x: Tensor
    y: Tensor
    masks: Tensor | None

    def __len__(self) -> int:
        return self.x.shape[0]

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return x, y and the masks of these samples; `rows` may have any shape."""
        masks = self.masks
        if masks is not None and masks.ndim > 1:
            masks = _take(masks, rows)
        return _take(self.x, rows), _take(self.y, rows), masks


def training_data(model: nn.Module, tasks: Sequence[Task]) -> TrainingData:
    """Return the training parts of all tasks together, where the model is."""
    device = device_of(model)
    x, y = torch.cat([task.x for task in tasks]), torch.cat([task.y for task in tasks])
    x = to_model(x, model)
    masks = None
    if any(task.classes is not None for task in tasks):
        with evaluating(model), torch.no_grad():
            outputs = model(x[:1]).shape[1]
        masks = inactive_masks(tasks, [len(task.x) for task in tasks], outputs).to(device)
    return TrainingData(x, y.to(device), masks)


def inactive_masks(tasks: Sequence[Task], samples: Sequence[int], outputs: int) -> Tensor:
    """Return True where a logit is masked: `[C]` for one task, `[N, C]` for several.

    Args:
        tasks: the tasks.
        samples: how many each has; N in all.
        outputs: C, the number of logits.
    """
    masks = torch.stack([inactive_mask(task, outputs) for task in tasks])
    return masks[0] if len(tasks) == 1 else masks.repeat_interleave(torch.tensor(samples), 0)


def _take(data: Tensor, rows: Tensor) -> Tensor:
    """Return `data[rows]`; for small batches this way takes half the time."""
    return data.index_select(0, rows.flatten()).view(*rows.shape, *data.shape[1:])


def inactive_mask(task: Task, outputs: int) -> Tensor:
    """Return True where a logit is masked, `[C]`."""
    mask = torch.ones(outputs, dtype=torch.bool)
    mask[list(task.classes or range(outputs))] = False
    return mask
