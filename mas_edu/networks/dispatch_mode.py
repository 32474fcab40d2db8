"""Modes that see every operation of PyTorch, without its compiler."""

from __future__ import annotations

import sys
from typing import Any, Self

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class DispatchMode(TorchDispatchMode):
    """A dispatch mode that does not import PyTorch's compiler.

    PyTorch hides a mode's code from the compiler, and imports the compiler to do so, which takes
    two seconds and 100 MB the first time that a network is trained. Here the code is hidden only
    once the compiler is there, as it is for a network that was compiled.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __enter__(self) -> Self:
        kind: Any = type(self)
        if "torch._dynamo" in sys.modules and "_hidden" not in vars(kind):
            kind._hidden = True
            kind.__torch_dispatch__ = torch.compiler.disable(kind.__torch_dispatch__)
        super().__enter__()
        return self
