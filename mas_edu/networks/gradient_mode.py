"""Gradients on and autocast off, whatever the caller has switched for the whole notebook."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

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
    return within(steps, lambda: nullcontext() if _enabled() else enable_gradients())


def within(
    steps: Generator[int], context: Callable[[], AbstractContextManager[object]]
) -> Generator[int]:
    """Yield what `steps` yields, which runs in a context that is left at each pause.

    >>> def modes() -> Generator[int]:
    ...     yield int(torch.is_grad_enabled())
    >>> [(inside, torch.is_grad_enabled()) for inside in within(modes(), torch.no_grad)]
    [(0, True)]
    """
    try:
        while True:
            with context():
                done = next(steps, None)
            if done is None:
                return
            yield done
    finally:
        with context():
            steps.close()


def _enabled() -> bool:
    return torch.is_grad_enabled() and not torch.is_inference_mode_enabled() and not _casting()


def _casting() -> list[str]:
    """Return the devices for which the caller has switched autocast on."""
    return [device for device in ("cpu", "cuda") if torch.is_autocast_enabled(device)]
