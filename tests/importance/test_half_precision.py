"""Ω of networks in half precision: sums are float32, and what overflows is an error."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.importance import NotFiniteError, PathIntegral, RiemannianWalk, tally_scores
from tests.support import contract


@pytest.mark.parametrize("size", [1e-4, 300.0])
def test_sums_of_half_precision_are_float32(size: float) -> None:
    """Beyond 65,504 a number in float16 is infinite, below 6e-8 it is 0: size² is such a number."""
    model, x = nn.Linear(2, 1).half(), torch.full((5, 2), size)
    mean = tally_scores(model, x, lambda net, x: net(x).sum(1), power=2).mean()
    assert mean["weight"].dtype == torch.float32
    contract.assert_close(
        mean, {"weight": torch.full((1, 2), size**2), "bias": torch.ones(1)}, 1e-2
    )


def test_half_precision_that_overflows_is_an_error() -> None:
    model = nn.Linear(2, 1).half()
    nn.init.constant_(model.weight, 300.0)
    with pytest.raises(NotFiniteError, match="float16"):
        me.mas(model, torch.full((5, 2), 100.0))


@pytest.mark.parametrize(
    ("kind", "samples"),
    [pytest.param(torch.float16, 2_500, marks=pytest.mark.slow), (torch.bfloat16, 400)],
)
def test_sums_over_batches_keep_their_digits_in_half_precision(
    kind: torch.dtype, samples: int
) -> None:
    """A sum in half precision stops growing: 256 + 1 is 256, and of float16 2,048 + 1 is 2,048."""
    model, x = nn.Linear(1, 1).to(kind), torch.ones(samples, 1)
    nn.init.ones_(model.weight), nn.init.zeros_(model.bias)
    expected = {"weight": torch.full((1, 1), 2.0), "bias": torch.full((1,), 2.0)}
    contract.assert_close(me.mas_batch(model, x, batch_size=1), expected, 1e-2)
    expected = {name: value / 2 for name, value in expected.items()}
    contract.assert_close(me.scp(model, list(x.split(1))), expected, 1e-2)


def test_paths_of_half_precision_are_float32() -> None:
    begin, tiny = torch.zeros(2).half(), torch.full((2,), 1e-4).half()
    path, walk = PathIntegral.starting_at(begin), RiemannianWalk.starting_at(begin, None)
    path.step(tiny, -tiny)
    walk.step(tiny, -tiny, decay=0.9)
    for gain in (path.gain, walk.gain, path.importance(begin, xi=1.0)):
        assert torch.allclose(gain, torch.tensor(1e-8), rtol=1e-2)


@pytest.mark.parametrize("size", [1e-4, 300.0])
def test_squares_of_half_precision_are_float32(size: float) -> None:
    model = nn.Linear(1, 1).half()
    found = me.scp(model, torch.full((5, 1), size))
    contract.assert_close(
        found, {"weight": torch.full((1, 1), size**2), "bias": torch.ones(1)}, 1e-2
    )


def test_scp_of_half_precision_that_overflows_is_an_error() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)).half()
    nn.init.constant_(model[1].weight, 300.0)  # ∂F/∂w of the first layer: 300 · 1000
    with pytest.raises(NotFiniteError, match=r"0\.weight"):
        me.scp(model, torch.full((5, 1), 1000.0))
