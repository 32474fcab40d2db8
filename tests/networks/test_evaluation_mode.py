"""A borrowed model comes back as it was: modes, buffers, attributes, random state."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import mas_edu as me
from mas_edu.networks import KeptValues, evaluating, evaluation_mode, keep_modes
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


def test_evaluating_restores_attributes_that_a_forward_writes_into_or_first_fills() -> None:
    model = nn.Linear(2, 1)
    model.last, model.mean = None, torch.zeros(2)
    model.register_buffer("late", None)
    with evaluating(model):
        model.last = model.late = torch.ones(2)
        model.mean += 1
    assert model.last is None
    assert model.late is None
    assert model.mean.tolist() == [0, 0]


def test_evaluating_takes_buffers_that_cannot_be_compared_or_written() -> None:
    model = nn.Linear(2, 1)
    model.register_buffer("sparse", torch.eye(2).to_sparse())
    model.register_buffer("expanded", torch.ones(1).expand(2))
    model.register_buffer("meta", torch.ones(2, device="meta"))
    with torch.inference_mode():
        model.register_buffer("made", torch.ones(2))
    with evaluating(model), torch.inference_mode():
        model.made += 1
    assert model.made.tolist() == [1, 1]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_buffers_without_a_shape_are_named() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LazyBatchNorm1d(affine=False))
    with pytest.raises(ValueError, match=r"'1\.running_mean' takes its shape.*on a batch"):
        me.mas(model, torch.zeros(3, 2))


def test_weights_that_a_forward_writes_into_come_back() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(5, 3, max_norm=0.5), nn.Flatten(), nn.Linear(6, 2))
    x = torch.arange(10).remainder(5).view(5, 2)
    with contract.left_as_it_was(model):
        omega = me.mas(model, x)
        me.accuracies(model, [me.Task("words", x, x[:, 0] % 2, x, x[:, 0] % 2)])
    assert all(value.any() for value in omega.values())


def test_keep_modes_restores_each_module() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    model[0].eval()
    with keep_modes(model):
        model.train()
    assert [module.training for module in model] == [False, True]


def test_weights_are_copied_only_where_a_forward_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of all weights would be half of the memory that Ω of a large network takes."""

    class Own(nn.Linear):
        pass

    def noted(tensors: list[torch.Tensor]) -> KeptValues:
        kept.append(len(tensors))
        return KeptValues(tensors)

    kept: list[int] = []
    monkeypatch.setattr(evaluation_mode, "KeptValues", noted)
    hooked = nn.Linear(2, 2)
    hooked.register_forward_hook(lambda module, inputs, output: None)
    embeddings = nn.Embedding(5, 3), nn.Embedding(5, 3, max_norm=1)
    for model in (nn.Linear(2, 2), Own(2, 2), hooked, *embeddings):
        with evaluating(model):
            pass
    assert kept == [0, 2, 2, 0, 1]
