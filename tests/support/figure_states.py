"""The states in which a figure is tried: single steps, and pairs of the ends of two controls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as w

MOST, ALONG = 7, 5  # values of one control; of a slider, where most are alike
State = tuple[int, ...]  # which of its values each control has


def states(controls: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Bring the controls into every state that is tried, from one to a near one."""
    ways = [values(control) for control in controls.values()]
    rest = tuple(
        way.index(control.value) for way, control in zip(ways, controls.values(), strict=True)
    )
    for state in path(chosen([len(way) for way in ways], rest)):
        wanted = tuple(way[k] for way, k in zip(ways, state, strict=True))
        for control, value in zip(controls.values(), wanted, strict=True):
            control.value = value
        yield wanted


def chosen(sizes: Sequence[int], rest: State) -> list[State]:
    """Return single steps from rest, and states with each pair of first and last values.

    A fault of two controls together shows in one of these. All combinations would be many more:

    >>> len(chosen([2, 3, 9, 3], rest=(0, 0, 0, 0)))
    15
    """
    found = {(*rest[:k], v, *rest[k + 1 :]): 0 for k, size in enumerate(sizes) for v in range(size)}
    few = [sorted({0, size - 1}) for size in sizes]
    every = [[(k, value) for value in some] for k, some in enumerate(few)]
    wanted = {pair for a, b in itertools.combinations(every, 2) for pair in itertools.product(a, b)}
    missing = wanted.difference(*(pairs(state) for state in found))
    while missing:
        state = dict(min(missing))
        for k, some in enumerate(few):
            if k not in state:
                state[k] = max(some, key=lambda v: _new(state | {k: v}, missing))
        found[tuple(state[k] for k in range(len(sizes)))] = 0
        missing -= pairs(list(found)[-1])
    return list(found)


def pairs(state: State) -> set[Any]:
    """Return the pairs of values in a state, each with the number of its control."""
    return set(itertools.combinations(enumerate(state), 2))


def _new(state: dict[int, int], missing: set[Any]) -> int:
    """Return how many of the missing pairs a part of a state has."""
    return len(missing.intersection(itertools.combinations(sorted(state.items()), 2)))


def path(found: list[State]) -> Iterator[State]:
    """Yield the states so that few controls change from one to the next, the first ones rarely."""
    left, now = list(found), found[0]
    while left:
        now = min(left, key=lambda state: [a != b for a, b in zip(state, now, strict=True)])
        left.remove(now)
        yield now


def values(control: Any) -> list[Any]:
    """Return all values of a control; of many some, with both ends and the present one."""
    if hasattr(control, "options"):
        every = [o[1] if isinstance(o, tuple) else o for o in control.options]
    elif isinstance(control, w.Checkbox | w.ToggleButton):
        every = [False, True]
    elif isinstance(control, w.BoundedIntText):
        every = sorted({control.min, control.min + 1, control.value, control.max})
    else:
        kind, steps = type(control.value), round((control.max - control.min) / control.step)
        every = [kind(control.min + k * control.step) for k in range(steps + 1)]
        every[round((control.value - control.min) / control.step)] = control.value  # to the bit
    most = ALONG if isinstance(control, w.SelectionSlider | w.FloatSlider | w.IntSlider) else MOST
    last = len(every) - 1
    some = {round(k * last / (most - 1)) for k in range(most)} if last >= most else range(last + 1)
    return [value for k, value in enumerate(every) if k in some or value == control.value]
