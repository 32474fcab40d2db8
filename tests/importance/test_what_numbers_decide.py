"""Ω where the numbers in weights or inputs decide what can be seen on trial: always the loop's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torch.nn.utils.parametrizations as parametrized
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import reference
from mas_edu.importance.per_sample import plan_cache, routing
from tests.support.contract import assert_close


def assert_is_loop(model: nn.Module, x: Tensor) -> None:
    """Compare Ω with that of the slow loop."""
    assert_close(me.mas(model, x), reference.mas(model, x))


class Centring(nn.Module):
    """Takes the mean over the batch away: a sample alone has the output of its bias."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(5, 4), nn.Linear(4, 3)

    def forward(self, i: Tensor) -> Tensor:
        z = self.embed(i).mean(1)
        return self.head(z - z.mean(0))


class RealTokens(nn.Module):
    """Computes only for tokens that are not 0."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.layer = nn.Embedding(9, 4), nn.Linear(4, 3)

    def forward(self, i: Tensor) -> Tensor:
        real = i != 0
        y = self.layer(self.embed(i[real])).tanh()
        out = y.new_zeros(*i.shape, 3)
        out[real] = y
        return out.sum(1)


class Experts(nn.Module):
    """Sends each token to one of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 2)
        self.experts = nn.ModuleList([nn.Linear(4, 3), nn.Linear(4, 3)])

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(0, 1)
        chosen = self.gate(tokens).argmax(1)
        out = tokens.new_zeros(len(tokens), 3)
        for k, expert in enumerate(self.experts):
            rows = (chosen == k).nonzero().squeeze(1)
            out[rows] = expert(tokens[rows])
        return out.view(len(x), -1, 3).tanh().sum(1)


class Attention(nn.Module):
    """Attention over six positions, and their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.attend(x, x, x)[0].mean(1))


def _mixing() -> nn.Sequential:
    norm = nn.BatchNorm2d(4, track_running_stats=False)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), norm, nn.ReLU(), nn.Flatten(), nn.Linear(36, 3)
    ).double()


def test_what_a_head_of_zeros_hides_is_seen_once_it_has_learned() -> None:
    x = torch.randn(20, 1, 5, 5, dtype=torch.float64)
    model, other = _mixing(), _mixing()
    for values in model[4].parameters():
        nn.init.zeros_(values)
    me.mas(model, x)
    assert_is_loop(other, x)  # of the same structure
    nn.init.normal_(model[4].weight)
    assert_is_loop(model, x)


def test_an_output_that_mixes_samples_is_seen_after_one_that_does_not() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            y = self.layer(x)
            return torch.stack([y[:, 0], y[:, 1] - y[:, 1].mean()], 1)

    model, x = Half().double(), torch.randn(20, 4, dtype=torch.float64)
    for classes in ([0], [1]):
        assert_close(me.mas(model, x, classes=classes), reference.mas(model, x, classes))


@pytest.mark.parametrize("padded", [2, 3, 5])
def test_tokens_that_are_left_out_belong_to_their_samples(padded: int) -> None:
    model, full = RealTokens().double(), torch.randint(1, 9, (8, 6))
    some = full[:5].clone()
    some[0, -3:] = 0
    some[2, -padded:] = 0
    for x in (full, some, torch.cat([full, some])):
        assert_is_loop(model, x)


@pytest.mark.parametrize("seed", range(4))
def test_tokens_of_experts_belong_to_their_samples(seed: int) -> None:
    torch.manual_seed(seed)
    model = Experts().double()
    for samples in (6, 7):
        assert_is_loop(model, torch.randn(samples, 5, 4, dtype=torch.float64))


@pytest.mark.parametrize("apart", [0.0, 1e-3])
def test_two_first_samples_that_are_nearly_equal_show_nothing(apart: float) -> None:
    plan_cache.forget()
    model, x = Attention().double(), torch.randn(8, 6, 4, dtype=torch.float64)
    x[1] = x[0] + apart
    for values in (x, x.flip(0), x[:2].repeat(3, 1, 1)):
        assert_is_loop(model, values)


def test_the_layout_that_is_clearly_right_is_taken() -> None:
    model, x = Attention(), torch.randn(12, 6, 4)
    found, expected = me.fisher(model, x), reference.fisher(model.double(), x.double())
    assert_close({k: v.double() for k, v in found.items()}, expected, 1e-5)


def test_two_first_samples_of_zeros_show_nothing() -> None:
    i = torch.randint(0, 5, (20, 3))
    i[:2] = 0
    assert_is_loop(Centring().double(), i)
    assert_is_loop(Centring().double(), torch.zeros_like(i))


def _embedding() -> nn.Module:
    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 4, sparse=True), nn.Linear(4, 3)

        def forward(self, i: Tensor) -> Tensor:
            return self.head(self.embed(i).mean(1))

    return Mean().double()


@pytest.mark.parametrize("importance", [me.mas, me.mas_batch, me.mas_local, me.fisher, me.scp])
def test_sparse_gradients_are_added_like_others(importance: Callable[..., dict]) -> None:
    sparse, i = _embedding(), torch.randint(0, 7, (12, 5))
    found = importance(sparse, i)
    sparse.embed.sparse = False
    assert_close(found, importance(sparse, i))


@pytest.mark.parametrize("importance", [me.mas, me.mas_batch, me.mas_local, me.fisher, me.scp])
def test_inputs_that_the_network_itself_made_are_inputs(importance: Callable[..., dict]) -> None:
    model = nn.Linear(4, 4).double()
    x = model(torch.randn(6, 4, dtype=torch.float64))
    assert_close(importance(model, x), importance(model, x.detach()))


def test_a_parametrized_layer_is_one_layer() -> None:
    model = nn.Sequential(parametrized.weight_norm(nn.Linear(6, 5))).double()
    x = torch.randn(12, 6, dtype=torch.float64)
    assert_close(me.mas_local(model, x), me.mas(model, x))


@pytest.mark.parametrize(("zeros", "trials"), [("hidden", 1), ("head", 2)])
def test_a_trial_lasts_unless_it_saw_no_gradient(
    zeros: str, trials: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    find = routing.find_plan

    def counted(*arguments: Any) -> Any:
        asked.append(1)
        return find(*arguments)

    monkeypatch.setattr(routing, "find_plan", counted)
    model, x = nn.Sequential(nn.Linear(11, 5), nn.ReLU(), nn.Linear(5, 3)), torch.randn(9, 11)
    if zeros == "hidden":
        nn.init.constant_(model[0].bias, -1e3)  # no unit is active
    else:
        for values in model[2].parameters():
            nn.init.zeros_(values)
    plan_cache.forget()
    me.mas(model, x)
    me.mas(model, x)
    assert len(asked) == trials


class Outside(nn.Module):
    """Uses weights of `b` without calling it, or beside calling it."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.a, self.b = kind, nn.Linear(6, 6), nn.Linear(6, 6)
        self.unused = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "first":
            return self.a(F.linear(x, self.b.weight))
        if self.kind == "both":
            return F.linear(self.b(self.a(x)), self.b.weight)
        if self.kind == "cut":
            first, last = self.b.weight.chunk(2)  # several results of one operation
            return torch.cat([F.linear(self.a(x), first), F.linear(self.a(x), last)], 1)
        if self.kind == "joined":
            weights = torch.cat([self.b.weight, self.b.weight])
            return self.b(self.a(x)) @ weights[:6]
        return F.linear(self.a(x), self.b.weight)


@pytest.mark.parametrize("kind", ["first", "last", "both", "joined", "cut"])
def test_weights_that_are_used_outside_their_layer_have_no_local_omega(kind: str) -> None:
    with pytest.raises(ValueError, match=r"model: .*'b\.weight' is used outside"):
        me.mas_local(Outside(kind), torch.randn(5, 6))


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_weights_that_their_layer_uses_in_its_own_ways_have_a_local_omega() -> None:
    attend = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
    old = nn.utils.weight_norm(nn.Linear(4, 4))  # its hook computes the weight before forward
    model = nn.Sequential(attend, normed, old, nn.Flatten())
    omega = me.mas_local(model, torch.randn(5, 3, 4))
    assert all(bool(value.any()) for value in omega.values())
