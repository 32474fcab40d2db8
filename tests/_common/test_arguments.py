"""What counts as a number, a list or a choice, and what the error says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from mas_edu._common import (
    as_choice,
    as_float,
    as_int,
    as_ints,
    as_job_count,
    as_list,
    as_seed,
    short_repr,
)


@pytest.mark.parametrize("value", [2, 2.0, np.int64(2), np.float32(2), torch.tensor(2)], ids=repr)
def test_whole_numbers_of_any_type_become_an_int(value: Any) -> None:
    found = as_int("tasks", value, least=1)
    assert found == 2
    assert type(found) is int


@pytest.mark.parametrize("value", [True, np.True_, torch.tensor(True), "2", b"2", None], ids=repr)
@pytest.mark.parametrize("check", [lambda v: as_int("n", v, 0), lambda v: as_float("n", v)])
def test_booleans_and_texts_are_no_numbers(check: Callable[[Any], object], value: Any) -> None:
    with pytest.raises(ValueError, match=r"^n: expected a .* number"):
        check(value)


def test_a_bound_may_be_excluded() -> None:
    assert as_float("lr", 0) == 0
    with pytest.raises(ValueError, match="lr: expected a finite number above 0, got 0"):
        as_float("lr", 0, above=True)


def test_a_seed_fits_into_64_bits() -> None:
    assert as_seed(2**63 - 1) == 2**63 - 1
    with pytest.raises(ValueError, match="below 2 to the 63rd"):
        as_seed(2**63)


def test_a_negative_job_count_is_allowed_and_zero_is_not() -> None:
    assert as_job_count("jobs", -1) == -1
    with pytest.raises(ValueError, match="-1 for one on each core, got 0"):
        as_job_count("jobs", 0)


@pytest.mark.parametrize("value", ["ab", 3, torch.tensor(3.0), np.float64(3)], ids=repr)
def test_a_single_value_is_no_list(value: Any) -> None:
    with pytest.raises(ValueError, match="lams: expected several"):
        as_list("lams", value)


def test_an_iterator_becomes_a_list_and_must_not_be_empty() -> None:
    assert as_list("lams", iter([1, 2])) == [1, 2]
    with pytest.raises(ValueError, match="at least one, got none"):
        as_list("lams", [])


def test_a_choice_is_suggested_whatever_its_case() -> None:
    with pytest.raises(ValueError, match="did you mean 'mnist'"):
        as_choice("dataset", "MNSIT", ["digits", "mnist"])
    with pytest.raises(ValueError, match=r"got 'q'$"):
        as_choice("dataset", "q", ["digits", "mnist"])


def test_a_long_value_is_shortened_to_one_line() -> None:
    assert short_repr("a") == "'a'"
    text = short_repr(torch.zeros(50, 50))
    assert len(text) == 60
    assert "\n" not in text


class HalfMade:
    """An object of the reader's of which even `repr` fails."""

    def __init__(self) -> None:
        raise ValueError("not yet")

    def __repr__(self) -> str:
        return self.name  # type: ignore[attr-defined]  # `__init__` did not come so far


def test_a_value_without_a_repr_is_named_by_its_type() -> None:
    value = HalfMade.__new__(HalfMade)
    assert short_repr(value) == "an object of type HalfMade"
    with pytest.raises(ValueError, match="dataset: expected one of a, b, got an object of type"):
        as_choice("dataset", value, ["a", "b"])


@pytest.mark.parametrize("value", [np.complex128(2), np.ones(1, complex)[0], torch.tensor(2j)])
def test_a_complex_number_is_no_number(value: Any) -> None:
    for check in (as_int, as_float):
        with pytest.raises(ValueError, match="lam: expected"):
            check("lam", value, 0)


@pytest.mark.parametrize("values", [b"abc", {1: 2}, {}], ids=repr)
def test_bytes_and_dicts_are_no_whole_numbers(values: Any) -> None:
    with pytest.raises(ValueError, match="sizes: expected several"):
        as_ints("sizes", values, 1)
