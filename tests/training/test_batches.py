"""Batches are the samples in their order, however many are gathered at once."""

from __future__ import annotations

import pytest
import torch

from mas_edu.training import batches
from mas_edu.training.batches import TrainingData, pass_orders

N, BATCH = 23, 4
X = torch.arange(N * 3.0).view(N, 3)
Y = torch.arange(N)
MASKS = {"none": None, "one for all": torch.arange(5) > 2, "own": torch.arange(N * 5).view(N, 5)}


@pytest.mark.parametrize("gathered", [1, 30, 75, 2**18])  # numbers: 1, 2, 6 and all batches
@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("networks", [0, 2])
def test_each_batch_has_its_own_samples_and_masks(
    monkeypatch: pytest.MonkeyPatch, gathered: int, kind: str, networks: int
) -> None:
    monkeypatch.setattr(batches, "GATHERED", gathered)
    masks, seeds = MASKS[kind], range(max(1, networks))
    each = [list(pass_orders(N, BATCH, updates=8, seed=seed)) for seed in seeds]
    orders = [torch.stack(some) for some in zip(*each, strict=True)] if networks else each[0]
    found = list(TrainingData(X, Y, masks).batches(orders, BATCH))
    cuts = [rows for order in orders for rows in order.split(BATCH, dim=-1)]
    assert [cut.shape[-1] for cut in cuts] == [4, 4, 4, 4, 4, 3, 4, 4]
    for (x, y, own), rows in zip(found, cuts, strict=True):
        assert torch.equal(x, X[rows])
        assert torch.equal(y, Y[rows])
        if masks is None or masks.ndim == 1:
            assert own is masks
        else:
            assert torch.equal(own, masks[rows])


def test_what_is_gathered_at_once_is_bounded_for_all_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    take = TrainingData._take

    def noted(data: TrainingData, rows: torch.Tensor) -> list[torch.Tensor]:
        sizes.append(rows.numel() * 3)
        return take(data, rows)

    monkeypatch.setattr(TrainingData, "_take", noted)
    monkeypatch.setattr(batches, "GATHERED", 100)
    order = torch.arange(N)
    for rows in (order, order.expand(4, N)):
        assert list(TrainingData(X, Y, None).batches([rows], BATCH))
        assert 50 <= max(sizes) <= 100
        sizes.clear()
