"""Running statistics that follow each new task, although Ω protects the weights."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, float_buffers


class StatisticsWatch:
    """Warns once: of layers with running statistics at the start, of other buffers when they moved.

    Args:
        model: before training.
        watching: whether Ω will protect the weights; False: nothing is looked at.
    """

    def __init__(self, model: nn.Module, watching: bool) -> None:
        self.before: Params | None = float_buffers(model) if watching else None
        if watching:
            _warn_of_running_mean(model, stacklevel=5)

    def finish_task(self, model: nn.Module, protected: bool) -> None:
        """Warn if a buffer moved while the weights were protected."""
        if self.before is not None:
            now = float_buffers(model)
            warned = protected and _warn_of_moved_buffer(model, self.before, now)
            self.before = None if warned else now


def _warn_of_running_mean(model: nn.Module, stacklevel: int) -> None:
    """Warn if running statistics of the model follow each task, which no penalty prevents."""
    moving = [
        name
        for name, module in model.named_modules()
        if module.training
        and getattr(module, "running_mean", None) is not None
        and getattr(module, "momentum", None) != 0
    ]
    if moving:
        warnings.warn(
            f"model: the running statistics of {moving[0]!r} follow each new task, although Ω "
            "protects the weights; to keep them, put such layers into eval mode before training: "
            f"model.get_submodule({moving[0]!r}).eval()",
            stacklevel=stacklevel,
        )


def _warn_of_moved_buffer(model: nn.Module, before: Params, now: Params) -> bool:
    """Return whether there was something to warn of that was not known at the start."""
    for name, value in now.items():
        path = name.rpartition(".")[0]
        known = getattr(model.get_submodule(path), "running_mean", None) is not None
        if not known and name in before and not _equal(value, before[name].to(value)):
            module = f"model.get_submodule({path!r})" if path else "model"
            warnings.warn(
                f"model: the buffer {name!r} followed the new task, although Ω protects the "
                f"weights; to keep it, let {module} change it in training mode only, and put it "
                f"into eval mode before training: {module}.eval()",
                stacklevel=2,
            )
            return True
    return False


def _equal(value: Tensor, other: Tensor) -> bool:
    return bool(torch.isclose(value, other, rtol=0, atol=0, equal_nan=True).all())
