"""PyTorch's global random state: only the main thread may touch it.

There is one state for all threads. A worker that saved and restored it would set back what a
reader's cell drew meanwhile, so off the main thread random numbers come from own generators.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.networks.dispatch_mode import DispatchMode


def in_main_thread() -> bool:
    """Return whether the caller runs in the main thread, where a notebook's cells run too."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def keep_random_state(draws: bool, devices: Sequence[torch.device] = ()) -> Iterator[None]:
    """Restore the global random state after the block, if it has changed.

    Off the main thread the state is left alone, as draws of other threads cannot be told apart; a
    block that `draws` has own generators there.
    """
    if not in_main_thread():
        with OwnGenerators(0) if draws else nullcontext():
            yield
        return
    before, gpus = torch.get_rng_state(), {one: torch.cuda.get_rng_state(one) for one in devices}
    try:
        yield
    finally:
        if not torch.equal(before, torch.get_rng_state()):
            torch.set_rng_state(before)
        for device, state in gpus.items():
            torch.cuda.set_rng_state(state, device)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed all random numbers in the block, and leave the global random state as it was.

    >>> with seeded(0):
    ...     first = torch.rand(2)
    >>> with seeded(0):
    ...     bool(torch.equal(first, torch.rand(2)))
    True
    """
    if in_main_thread():
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
    else:
        with OwnGenerators(seed):
            yield


class OwnGenerators(DispatchMode):
    """Random operations of this thread draw from own generators, which start at a seed.

    On the CPU they return the numbers that the global generator would after `manual_seed`.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Start again at this seed."""
        self._seed = seed
        self._generators: dict[torch.device, torch.Generator] = {}

    def __torch_dispatch__(
        self,
        func: Any,
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the operation, with the own generator where it takes one and was given none."""
        given = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded in func.tags:
            func = _with_generator(func)
            place, device = _generator_place(func), _device(args, given)
            unset = place is not None and place >= len(args) and given.get("generator") is None
            if unset and device.type != "meta":  # nothing is drawn there
                given["generator"] = self._generator(device)
        return func(*args, **given)

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


def _with_generator(func: Any) -> Any:
    """Return the form of the operation that takes a generator; the same one if there is none."""
    if _generator_place(func) is not None:
        return func
    kind = func._overloadname
    name = "generator" if kind == "default" else f"{kind}_generator"
    return getattr(func.overloadpacket, name, func)


def _generator_place(func: Any) -> int | None:
    names = [argument.name for argument in func._schema.arguments]
    return names.index("generator") if "generator" in names else None


def _device(args: tuple[Any, ...], given: dict[str, Any]) -> torch.device:
    if given.get("device") is not None:
        return torch.device(given["device"])
    return next((arg.device for arg in args if isinstance(arg, Tensor)), torch.device("cpu"))


def may_draw(model: nn.Module, training: bool) -> bool:
    """Return whether a forward pass may draw random numbers, as of dropout or unknown code."""
    return any(_module_may_draw(module, training) for module in model.modules())


def _module_may_draw(module: nn.Module, training: bool) -> bool:
    home = type(module).__module__
    if not home.startswith(("torch.nn.modules.", "mas_edu.")):
        return True
    if isinstance(module, nn.FractionalMaxPool2d | nn.FractionalMaxPool3d):
        return True
    random = isinstance(module, nn.modules.dropout._DropoutNd | nn.RReLU)
    return training and (random or bool(getattr(module, "dropout", 0)))
