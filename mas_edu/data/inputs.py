"""Unlabelled inputs as a setting of a method: a value with a short name, equal to its like."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from mas_edu._common import digest
from mas_edu.data.unlabelled import Data, as_batches, inputs_of_batch

OTHER = ", a function from a task to inputs, or one of train, val, test"  # what a method takes


@dataclass(frozen=True, repr=False)
class Inputs:
    """Inputs `[N, …]` without labels; two are equal if all their numbers are.

    >>> Inputs.of([torch.zeros(2, 3), torch.ones(4, 3)])
    <6 inputs, 6f61d5aa>
    >>> Inputs.of(torch.zeros(2)) == Inputs.of(torch.ones(2))
    False
    """

    x: Tensor = field(compare=False)
    code: str

    @classmethod
    def of(cls, data: Data) -> Inputs:
        """All batches of the data, gathered and copied: an iterable may give them but once.

        Raises:
            ValueError: for data that are empty, not finite, or whose batches do not fit together.
        """
        found = [inputs_of_batch(item) for item in as_batches(data, OTHER)]
        kinds = {(tuple(x.shape[1:]), x.dtype) for x in found}
        if len(kinds) > 1:
            shapes = " and ".join(sorted(f"{size} of {dtype}" for size, dtype in kinds))
            raise ValueError(
                f"data: expected batches of inputs of one shape and type, got inputs of {shapes}; "
                "inputs with labels are given as an iterable of (x, y) tuples"
            )
        if not sum(x.numel() for x in found):
            raise ValueError("data: expected at least one sample, found none")
        x = torch.cat(found).detach().cpu().clone()
        return cls(x, digest([f"{tuple(x.shape)} {x.dtype}", x], 8))

    def __repr__(self) -> str:
        return f"<{len(self.x)} inputs, {self.code}>"
