"""Values that no argument accepts, and the check of the error that names the argument."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import mas_edu as me

NAN, INF = math.nan, math.inf
X = torch.ones(4, 9, dtype=torch.float64)
Y = torch.tensor([0, 1, 2, 0])

NOT_WHOLE = [-1, 2.5, NAN, INF, None, "3", "", True, np.bool_(True), [1], {}, torch.ones(2)]
NOT_WHOLE += [torch.ones(0), np.ones(3), 1j, 10**400 + 0.5 if False else -(10**400)]
NOT_NUMBER = [-1, NAN, INF, -INF, None, "3", "", True, np.bool_(True), [1.0], torch.ones(2), 1j]
NOT_NUMBER += [10**400, np.ones(3), np.float64("nan")]
NOT_NAME = ["", "dig its", None, 3, NAN, ["digits"], b"digits"]


def one_error(argument: str, call: Callable[[], Any], *words: str) -> str:
    """Check that the call raises one readable error that begins with the argument; return it."""
    with pytest.raises((ValueError, OSError)) as caught:
        call()
    text = str(caught.value)
    assert re.match(rf"({argument})\b.*: .+", text), text
    assert "\n" not in text
    assert len(text) < 400, text
    for word in words:
        assert word in text, text
    return text


def ids(value: Any) -> str:
    """Name a value in the name of its test."""
    return repr(value)[:20]


def make_task(**changes: Any) -> me.Task:
    """Return a task without fault, but for the changes."""
    parts = {"x": X, "y": Y, "x_test": X, "y_test": Y, "x_val": X, "y_val": Y, "classes": None}
    return me.Task("mine", **(parts | changes))
