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

    def noted(data: TrainingData, rows: torch.Tensor, alike: int) -> list[torch.Tensor]:
        sizes.append(rows.numel() // alike * 3)
        return take(data, rows, alike)

    monkeypatch.setattr(TrainingData, "_take", noted)
    monkeypatch.setattr(batches, "GATHERED", 100)
    order = torch.arange(N)
    for rows, alike in ((order, 1), (order.expand(4, N), 1), (order.expand(12, N), 3)):
        assert list(TrainingData(X, Y, None).batches([rows], BATCH, alike))
        assert 50 <= max(sizes) <= 100
        sizes.clear()


def test_networks_with_the_same_order_share_their_inputs() -> None:
    orders = torch.stack([torch.randperm(N) for _ in range(2)]).repeat_interleave(3, 0)
    data = TrainingData(X, Y, torch.rand(N, 4) > 0.5)
    for one, own in zip(
        data.batches([orders], BATCH, alike=3), data.batches([orders], BATCH), strict=True
    ):
        assert torch.equal(one[0].repeat_interleave(3, 0), own[0])
        assert all(map(torch.equal, one[1:], own[1:]))
