"""A network whose forward pass takes more than x, or returns more than logits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu._common import short_repr
from mas_edu.networks.params import as_module

WRAPPED = "mas_edu.networks.Wrapped"  # for messages


class Wrapped(nn.Module):
    """A network as one from inputs `[N, …]` to logits `[N, C]`, which all functions here take.

    Its weights are those of the network, their names begin with "model.". Training it trains the
    network.

    Args:
        model: the network, called as `model(x, **inputs)`.
        output: what to take as logits of all that it returns; None: everything.
        inputs: what it needs beside x, such as `task=0`.

    Raises:
        ValueError: if `model` is no module, or `output` no function.

    >>> class TwoHeads(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.heads = nn.ModuleList([nn.Linear(4, 2), nn.Linear(4, 3)])
    ...     def forward(self, x, task):
    ...         return {"logits": self.heads[task](x)}
    >>> import torch
    >>> second = Wrapped(TwoHeads(), output=lambda found: found["logits"], task=1)
    >>> second(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self, model: nn.Module, output: Callable[[Any], Tensor] | None = None, **inputs: Any
    ) -> None:
        super().__init__()
        if output is not None and not callable(output):
            raise ValueError(
                "output: expected a function that returns the logits of all that the network "
                f"returns, got {short_repr(output)}"
            )
        self.model, self.output, self.inputs = as_module(model), output, inputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits `[N, C]` for inputs `[N, …]`."""
        found: Tensor = self.model(x, **self.inputs)
        return found if self.output is None else self.output(found)


def how_to_wrap(outputs: object, samples: int) -> str:
    """Return the call that makes logits of what a network returned, as far as it can be guessed.

    >>> import torch
    >>> how_to_wrap({"loss": torch.zeros(()), "logits": torch.zeros(2, 3)}, samples=2)
    "mas_edu.networks.Wrapped(model, output=lambda found: found['logits'])"
    """
    if isinstance(outputs, Mapping):
        parts: dict[Any, Any] = dict(outputs)
    elif isinstance(outputs, tuple | list):
        parts = dict(enumerate(outputs))
    else:
        parts = {}
    good = [key for key, part in parts.items() if is_logits(part, samples)]
    key = "logits" if "logits" in good or not good else good[0]
    place = f"found[{key!r}]" if parts else f"found.{key}"
    return f"{WRAPPED}(model, output=lambda found: {place})"


def is_logits(outputs: object, samples: int) -> bool:
    """Return whether this is one row of numbers for each sample, `[N, C]`."""
    return (
        isinstance(outputs, Tensor)
        and outputs.is_floating_point()
        and outputs.dtype.itemsize > 1  # nothing can be computed with 8 bits
        and outputs.layout == torch.strided
        and not outputs.is_meta
        and not outputs.is_nested
        and outputs.ndim == 2
        and len(outputs) == samples
        and outputs.shape[1] > 0
    )


def describe_output(outputs: object) -> str:
    """Return in a few words what a network returned, for messages.

    >>> import torch
    >>> describe_output(torch.zeros(2, 3)), describe_output(None)
    ('(2, 3) of torch.float32', 'NoneType')
    """
    if not isinstance(outputs, Tensor):
        return type(outputs).__name__
    if outputs.is_nested:
        return "a nested tensor"
    place = " on the device meta" if outputs.is_meta else ""
    layout = "" if outputs.layout == torch.strided else f", {outputs.layout}"
    return f"{tuple(outputs.shape)} of {outputs.dtype}{layout}{place}"
