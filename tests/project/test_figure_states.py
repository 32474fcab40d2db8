"""The states that figures are tried in: single steps, pairs of values, each once."""

from __future__ import annotations

import itertools

import ipywidgets as w
import pytest

from tests.support.figure_states import chosen, path, states, values

SIZES = [[2], [3, 2], [2, 3, 4, 3], [13, 6, 2, 2, 5]]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_single_steps_and_pairs_of_values_are_tried(sizes: list[int]) -> None:
    rest = tuple(size - 1 for size in sizes)
    found = chosen(sizes, rest)
    for k, size in enumerate(sizes):
        assert {(*rest[:k], value, *rest[k + 1 :]) for value in range(size)} <= set(found)
    few = [(0, size - 1) for size in sizes]
    for a, b in itertools.combinations(range(len(sizes)), 2):
        tried = {(state[a], state[b]) for state in found}
        assert set(itertools.product(few[a], few[b])) <= tried


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_path_meets_each_state_once(sizes: list[int]) -> None:
    found = chosen(sizes, tuple(0 for _ in sizes))
    assert sorted(path(found)) == sorted(set(found))


def test_the_controls_are_set() -> None:
    controls = {"a": w.Dropdown(options=[("one", 1), ("two", 2)]), "b": w.Checkbox()}
    met = [(state, controls["a"].value, controls["b"].value) for state in states(controls)]
    assert all(state == (a, b) for state, a, b in met)
    assert {state for state, *_ in met} == set(itertools.product([1, 2], [False, True]))


@pytest.mark.parametrize("present", [0.0, 0.35, 0.37, 1.0])  # 35 * 0.01 is not 0.35
def test_some_of_many_values_are_tried_with_the_ends_and_the_present_one(present: float) -> None:
    some = values(w.FloatSlider(present, min=0, max=1, step=0.01))
    assert len(some) in (5, 6)
    assert {0.0, present, 1.0} <= set(some)
    assert some == sorted(some)
