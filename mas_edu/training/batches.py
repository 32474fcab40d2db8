"""The data as training sees them: which samples in which order, and which logits compete."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mas_edu.data import JoinedInputs, Task
from mas_edu.networks import device_of, evaluating, to_model

GATHERED = 2**18  # numbers that are gathered at once: 1 MB, which stays in the cache


def pass_orders(samples: int, batch: int, updates: int, seed: int) -> Iterator[Tensor]:
    """Yield the row numbers of each pass, `[samples]`; the last ends with the last update.

    Each pass over the samples has an order of its own, and its last batch may be smaller.

    >>> [len(order) for order in pass_orders(samples=5, batch=2, updates=4, seed=0)]
    [5, 2]
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    for done in range(0, updates, -(-samples // batch)):
        order = torch.randperm(samples, generator=generator, device="cpu")
        yield order[: (updates - done) * batch]


def task_seed(seed: int, task: int) -> int:
    """Return the seed of one task's order: a run can then resume from any task."""
    return 1_000_003 * task + seed


@dataclass(frozen=True)
class TrainingData:
    """Samples on the device of the model, and the logits that are masked.

    `masks` is None, one row for all samples, `[C]`, or one row a sample, `[N, C]`.
    """

    x: Tensor | JoinedInputs
    y: Tensor
    masks: Tensor | None

    def __len__(self) -> int:
        return self.x.shape[0]

    def batches(
        self, orders: Iterable[Tensor], batch: int, alike: int = 1
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        """Yield x, y and the masks of each batch.

        Several batches are gathered at once and then cut: a batch alone takes longer to gather than
        a small network to learn from it.

        Args:
            orders: the row numbers of each pass, `[samples]`, or of K networks, `[K, samples]`.
            batch: samples in a batch; the last one of a pass may be smaller.
            alike: of the K networks, always so many in a row have the same order; their x is there
                once, `[K / alike, batch, …]`.
        """
        numbers = batch * math.prod(self.x.shape[1:])
        for order in orders:
            networks = 1 if order.ndim == 1 else len(order) // alike
            at_once = batch * max(1, GATHERED // (numbers * networks))
            for rows in order.split(at_once, -1):
                cut = [part.split(batch, rows.ndim - 1) for part in self._take(rows, alike)]
                masks = cut[2] if len(cut) > 2 else itertools.repeat(self.masks)
                yield from zip(cut[0], cut[1], masks, strict=False)

    def _take(self, rows: Tensor, alike: int) -> list[Tensor]:
        """Return x, y and, if each sample has its own, the masks of these samples."""
        taken = [_rows_of(self.x, rows[::alike] if alike > 1 else rows), _rows_of(self.y, rows)]
        if self.masks is not None and self.masks.ndim > 1:
            taken.append(_rows_of(self.masks, rows))
        return taken


def _rows_of(part: Tensor | JoinedInputs, rows: Tensor) -> Tensor:
    """Return `part[rows]`, but faster."""
    return part.index_select(0, rows.flatten()).view(*rows.shape, *part.shape[1:])


def training_data(model: nn.Module, tasks: Sequence[Task]) -> TrainingData:
    """Return the training parts of all tasks together, where the model is."""
    device = device_of(model)
    y = torch.cat([task.y for task in tasks])
    x: Tensor | JoinedInputs
    if device.type == "cpu" and JoinedInputs.are_large(tasks):
        x = JoinedInputs(tasks, to_model(tasks[0].x_test[:1], model).dtype)
    else:
        joined = torch.cat([task.x for task in tasks]) if len(tasks) > 1 else tasks[0].x
        x = to_model(joined, model)
    masks = None
    if any(task.classes is not None for task in tasks):
        with evaluating(model), torch.no_grad():
            first = x.index_select(0, torch.zeros(1, dtype=torch.long, device=device))
            outputs = model(first).shape[1]
        masks = inactive_masks(tasks, [len(task.y) for task in tasks], outputs).to(device)
    return TrainingData(x, y.to(device), masks)


def inactive_masks(tasks: Sequence[Task], samples: Sequence[int], outputs: int) -> Tensor:
    """Return True where a logit is masked: `[C]` for one task, `[N, C]` for several.

    Args:
        tasks: the tasks.
        samples: how many each has; N in all.
        outputs: C, the number of logits.
    """
    masks = torch.stack([inactive_mask(task, outputs) for task in tasks])
    counts = torch.tensor(samples, device="cpu")
    return masks[0] if len(tasks) == 1 else masks.repeat_interleave(counts, 0)


def inactive_mask(task: Task, outputs: int) -> Tensor:
    """Return True where a logit is masked, `[C]`."""
    mask = torch.ones(outputs, dtype=torch.bool, device="cpu")
    mask[list(task.classes or range(outputs))] = False
    return mask
