"""Values of tensors that somebody else may change in place, to be put back."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class KeptValues:
    """Copies of tensors; those that cannot be compared, sparse or without numbers, are left out."""

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        self._values = {
            tensor: tensor.detach().clone()
            for tensor in tensors
            if tensor.layout == torch.strided and not tensor.is_meta
        }

    def restore(self) -> bool:
        """Write the values back where they differ; return whether any did.

        >>> tensor = torch.zeros(2)
        >>> kept = KeptValues([tensor])
        >>> tensor += 1
        >>> kept.restore(), tensor, kept.restore()
        (True, tensor([0., 0.]), False)
        """
        changed = [
            (tensor, value)
            for tensor, value in self._values.items()
            if not torch.equal(tensor, value)
        ]
        for tensor, value in changed:  # a tensor made in inference mode is written only there
            with torch.inference_mode(tensor.is_inference()), torch.no_grad():
                tensor.copy_(value)
        return bool(changed)
