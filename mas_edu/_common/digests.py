"""Short digests of texts and tensors, to tell whether two are equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import torch
from torch import Tensor


def digest(parts: Iterable[str | Tensor], digits: int | None = None) -> str:
    """Compute the SHA-256 of the parts, in their order: the first `digits` of 64, None: all.

    Only the numbers of a tensor count, not its device, shape or type: where these should count,
    pass them as a text beside it.

    >>> one, other = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0])
    >>> digest(["weight", one], 8), digest(["weight", other], 8)
    ('4bb5bdb8', '208cde13')
    """
    code = hashlib.sha256()
    for part in parts:
        code.update(part.encode() if isinstance(part, str) else _bytes_of(part))
    return code.hexdigest()[:digits]


def _bytes_of(tensor: Tensor) -> memoryview:
    """Return the bytes of a tensor, row by row."""
    bytewise = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return bytewise.numpy().data
