"""Modes that see every operation of PyTorch, without its compiler."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class DispatchMode(TorchDispatchMode):
    """A dispatch mode that leaves PyTorch's compiler alone.

    PyTorch hides a mode's code from the compiler, and imports the compiler to do so, which takes
    two seconds the first time that a network is trained. Nothing is compiled here.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False
