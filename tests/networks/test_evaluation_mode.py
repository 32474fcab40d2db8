"""A borrowed model comes back as it was: modes, buffers, attributes, random state."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mas_edu.networks import evaluating, keep_modes
from tests.support import contract


def test_evaluating_restores_mixed_flags_buffers_and_randomness() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.1)))
    model[0].eval()
    model[2].eval()  # the container is in eval, what it contains is not
    model[2][0].train()
    with contract.left_as_it_was(model), contract.world_untouched(), evaluating(model) as net:
        assert not any(module.training for module in net.modules())
        torch.rand(3)
        model[0].running_mean += 1


def test_evaluating_restores_after_an_error() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5))

    def borrow() -> None:
        with evaluating(model):
            torch.rand(3)
            model[0].running_mean = torch.ones(4)
            raise KeyError

    with contract.left_as_it_was(model), contract.world_untouched(), pytest.raises(KeyError):
        borrow()


def test_evaluating_restores_plain_tensor_attributes() -> None:
    model = nn.Linear(2, 1)
    model.kept = before = torch.zeros(2)
    with evaluating(model):
        model.kept, model.added = torch.ones(2), torch.ones(3)
    assert model.kept is before
    assert not hasattr(model, "added")


def test_keep_modes_restores_each_module() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    model[0].eval()
    with keep_modes(model):
        model.train()
    assert [module.training for module in model] == [False, True]
