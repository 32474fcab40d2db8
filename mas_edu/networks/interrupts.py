"""Ctrl-C at any moment, also while something that was borrowed is given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from mas_edu.networks.randomness import in_main_thread
from mas_edu.networks.threads import own_numbers, set_own_numbers


@contextmanager
def settle_after_ctrl_c(model: nn.Module | None = None) -> Iterator[None]:
    """Restore threads, gradients and random state, and a model's modes, if Ctrl-C ends the block.

    Each is given back where it was changed; but Ctrl-C may come just there. As it comes once, it
    does not come here, too.
    """
    if not in_main_thread():  # which alone is interrupted
        yield
        return
    numbers, gradients, state = own_numbers(), torch.is_grad_enabled(), torch.get_rng_state()
    modes = {} if model is None else {module: module.training for module in model.modules()}
    try:
        yield
    except KeyboardInterrupt:
        set_own_numbers(numbers)
        torch.set_grad_enabled(gradients)
        torch.set_rng_state(state)
        for module, mode in modes.items():
            module.training = mode
        raise
