"""Mistaken arguments of the networks: one clear error that begins with the argument.

Nothing is lost by it: no model is changed, no file is touched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import nn

import mas_edu as me
from mas_edu.networks import Wrapped
from tests.support.bad_input import NOT_WHOLE, ids, one_error


@pytest.mark.parametrize(
    "sizes", [None, 5, "64", [], [3], [3, 0], [3, -1], [3, 2.5], [3, None], [3, "2"]], ids=ids
)
def test_sizes(sizes: Any) -> None:
    one_error("sizes", lambda: me.mlp(sizes), "expected", "got")


@pytest.mark.parametrize("value", [2**64, *NOT_WHOLE], ids=ids)
def test_seed_of_a_network(value: Any) -> None:
    one_error("seed", lambda: me.mlp([2, 2], seed=value), "got")
    one_error("seed", lambda: me.cnn((1, 4, 4), 2, seed=value), "got")


@pytest.mark.parametrize("value", [0, *NOT_WHOLE], ids=ids)
def test_settings_of_a_cnn(value: Any) -> None:
    one_error("outputs", lambda: me.cnn((1, 8, 8), value), "got")
    one_error("shape", lambda: me.cnn((1, value, 8), 2), "got")
    one_error("channels", lambda: me.cnn((1, 8, 8), 2, channels=(value,)), "got")
    if not isinstance(value, np.ndarray):  # three numbers
        one_error("shape", lambda: me.cnn(value, 2), "got")


def test_a_shape_or_channels_that_do_not_fit() -> None:
    one_error("shape", lambda: me.cnn((8, 8), 2), "channels, height, width")
    one_error("channels", lambda: me.cnn((1, 3, 8), 2), "fewer")
    one_error("channels", lambda: me.cnn((1, 8, 8), 2, channels=5), "got 5")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, 3, "net", nn.Linear], ids=ids)
def test_what_is_wrapped_is_a_network(value: Any) -> None:
    one_error("model", lambda: Wrapped(value), "an nn.Module", "got")
    if not callable(value) and value is not None:
        one_error("output", lambda: Wrapped(nn.Linear(2, 2), output=value), "a function", "got")
