"""Gradients on and autocast off, whatever the caller has switched for the whole notebook."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def enable_gradients() -> Iterator[None]:
    """Enable gradients, without autocast, in the block or in the function that this decorates.

    >>> with torch.no_grad(), enable_gradients():
    ...     torch.is_grad_enabled()
    True
    """
    if _enabled():
        yield
        return
    with torch.inference_mode(False), torch.enable_grad(), ExitStack() as stack:
        for device in _casting():
            stack.enter_context(torch.autocast(device, enabled=False))
        yield


def with_gradients(steps: Generator[int]) -> Generator[int]:
    """Yield what `steps` yields, which runs with gradients; at each pause the mode is the caller's.

    >>> def modes() -> Generator[int]:
    ...     yield int(torch.is_grad_enabled())
    >>> with torch.no_grad():
    ...     [(inside, torch.is_grad_enabled()) for inside in with_gradients(modes())]
    [(1, False)]
    """
    try:
        while True:
            if _enabled():  # as usual: no context for each update
                done = next(steps, None)
            else:
                with enable_gradients():
                    done = next(steps, None)
            if done is None:
                return
            yield done
    finally:
        with enable_gradients():
            steps.close()


def _enabled() -> bool:
    return torch.is_grad_enabled() and not torch.is_inference_mode_enabled() and not _casting()


def _casting() -> list[str]:
    """Return the devices for which the caller has switched autocast on."""
    return [device for device in ("cpu", "cuda") if torch.is_autocast_enabled(device)]
