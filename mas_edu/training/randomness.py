"""A random state of its own for a run that pauses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from mas_edu.networks import OwnGenerators, within


def with_own_randomness(steps: Generator[int]) -> Generator[int]:
    """Yield what `steps` yields, with a random state of its own while it runs.

    While it pauses PyTorch's global random state is the caller's: neither sees the other's draws.

    >>> def draws() -> Generator[int]:
    ...     torch.manual_seed(0)
    ...     while True:
    ...         yield int(torch.randint(1000, ()))
    >>> one, other = with_own_randomness(draws()), with_own_randomness(draws())
    >>> [next(one) == next(other) for _ in range(3)]
    [True, True, True]
    """
    own: list[Tensor] = []
    return within(steps, lambda: _lent(own))


def with_own_generators(
    steps: Callable[[Callable[[int], object]], Generator[int]],
) -> Generator[int]:
    """Yield the same as `with_own_randomness` without touching the global state: for workers.

    `steps` takes the function that seeds its random numbers.
    """
    own = OwnGenerators(0)
    return within(steps(own.seed), lambda: own)


@contextmanager
def _lent(own: list[Tensor]) -> Iterator[None]:
    """Put the own state, if there is one yet, into force for the block, and note it at its end."""
    before = _states()
    if own:
        _set(own)
    try:
        yield
        own[:] = _states()
    finally:
        _set(before)


def _states() -> list[Tensor]:
    """Return the states of PyTorch's global generators, the CPU's first."""
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return [torch.get_rng_state(), *gpus]


def _set(states: list[Tensor]) -> None:
    torch.set_rng_state(states[0])
    if len(states) > 1:
        torch.cuda.set_rng_state_all(states[1:])
