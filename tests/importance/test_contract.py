"""What every importance owes, over every importance and several networks."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import mas_edu as me
from mas_edu.data import Data
from mas_edu.importance import reference
from tests.support import contract, nets
from tests.support.contract import Importance

LABEL_FREE: dict[str, Importance] = {
    "mas": me.mas,
    "mas_batch": me.mas_batch,
    "mas_local": me.mas_local,
    "fisher": me.fisher,
    "fisher, sampled": partial(me.fisher, kind="sampled"),
    "scp": me.scp,
    "scp, random slices": partial(me.scp, slices=4),
}


def empirical(model: nn.Module, data: Data, classes: Sequence[int] | None = None) -> me.Params:
    """Labels that follow from the inputs, one of two active classes for each sample."""
    pairs = (
        (part, torch.tensor(classes or (0, 1))[(part.flatten(1)[:, 0] > 0).long()])
        for part in ([data] if isinstance(data, Tensor) else data)
    )
    return me.fisher(model, pairs, kind="empirical", classes=classes)


IMPORTANCES = LABEL_FREE | {"fisher, empirical": empirical}
PER_SAMPLE = {name: value for name, value in IMPORTANCES.items() if name != "mas_batch"}
"""The norm inside the sum: what a batch average breaks (and `mas_batch` exists to show)."""

UNORDERED = {name: value for name, value in IMPORTANCES.items() if "sampled" not in name}
"""The k-th sample draws the k-th number: another order, other labels."""

MEANS = {name: v for name, v in PER_SAMPLE.items() if name in UNORDERED and "scp" not in name}
"""Means over samples; SCP is the square of a mean."""

AXES = torch.eye(3, dtype=torch.float64)
SLOW: dict[str, Importance] = {
    "mas": reference.mas,
    "mas_batch": reference.mas_batch,
    "fisher": reference.fisher,
    "scp": lambda model, x, classes=None: reference.scp(
        model, x, AXES if classes is None else AXES[: len(classes), : len(classes)], classes
    ),
}
SQUARE = {name: IMPORTANCES[name] for name in ("mas", "mas_batch", "scp")}

every_net = pytest.mark.parametrize("net", nets.NETS)
every_importance = pytest.mark.parametrize("name", IMPORTANCES)
label_free = pytest.mark.parametrize("name", LABEL_FREE)
unordered = pytest.mark.parametrize("name", UNORDERED)
per_sample = pytest.mark.parametrize("name", PER_SAMPLE)


@every_net
@every_importance
def test_names_shapes_signs(net: str, name: str, x: Tensor) -> None:
    model = nets.build(net)
    contract.assert_is_importance(IMPORTANCES[name](model, x), model)


@every_net
@pytest.mark.parametrize("name", SLOW)
def test_equals_its_slow_twin(net: str, name: str, x: Tensor) -> None:
    model = nets.build(net)
    contract.assert_close(IMPORTANCES[name](model, x), SLOW[name](model, x))


@pytest.mark.parametrize("net", ["mlp", "cnn", "frozen weights", "no bias"])
def test_local_equals_its_slow_twin(net: str, x: Tensor) -> None:
    model = nets.build(net)
    contract.assert_close(me.mas_local(model, x), reference.mas_local(model, x))


@every_net
@per_sample
def test_batch_size_does_not_matter(net: str, name: str, x: Tensor) -> None:
    contract.assert_batch_size_invariant(PER_SAMPLE[name], nets.build(net), x)


def test_batch_size_does_matter_for_the_batch_average(x: Tensor) -> None:
    with pytest.raises(AssertionError):
        contract.assert_batch_size_invariant(me.mas_batch, nets.build("mlp"), x)


@every_net
@unordered
def test_order_does_not_matter_within_a_batch(net: str, name: str, x: Tensor) -> None:
    contract.assert_order_invariant(IMPORTANCES[name], nets.build(net), x)


@every_net
@unordered
def test_duplicates_do_not_matter(net: str, name: str, x: Tensor) -> None:
    contract.assert_duplication_invariant(IMPORTANCES[name], nets.build(net), x)


@every_net
@pytest.mark.parametrize("name", MEANS)
@pytest.mark.parametrize("cut", [1, 5])
def test_two_portions_merge_exactly(net: str, name: str, cut: int, x: Tensor) -> None:
    contract.assert_mergeable(MEANS[name], nets.build(net), x, cut)


@every_net
@every_importance
@pytest.mark.parametrize("mode", ["train", "eval", "mixed"])
def test_the_model_is_given_back(net: str, name: str, mode: str, x: Tensor) -> None:
    model = nets.build(net)
    model.train(mode != "eval")
    if mode == "mixed":  # one layer is kept in eval, as for a frozen BatchNorm
        list(model.children())[1].eval()
    for weight in list(model.parameters())[::2]:  # some have a gradient, some have none
        weight.grad = torch.randn_like(weight)
    with contract.left_as_it_was(model), contract.world_untouched():
        IMPORTANCES[name](model, x)


@every_net
@every_importance
def test_training_mode_does_not_matter(net: str, name: str, x: Tensor) -> None:
    model = nets.build(net)
    training = IMPORTANCES[name](model, x)
    contract.assert_close(IMPORTANCES[name](model.eval(), x), training, tolerance=0)


@every_importance
def test_the_model_is_given_back_after_an_error(name: str) -> None:
    model = nets.build("batchnorm and dropout")
    model[1].eval()  # type: ignore[index]
    good, bad = torch.zeros(4, 9), torch.full((4, 9), torch.nan)
    with contract.left_as_it_was(model), contract.world_untouched(), pytest.raises(ValueError):
        IMPORTANCES[name](model, [good, bad])


@label_free
def test_labels_are_never_used(name: str, x: Tensor) -> None:
    model = nets.build("mlp")
    unlabelled = IMPORTANCES[name](model, x)
    contract.assert_close(IMPORTANCES[name](model, [(x, "no labels", None)]), unlabelled, 0)


@every_importance
def test_a_dead_unit_does_not_matter(name: str, x: Tensor) -> None:
    model = nets.build("mlp")
    with torch.no_grad():
        model.hidden1.bias[2] = -1e3
    omega = IMPORTANCES[name](model, x)
    assert not omega["hidden1.weight"][2].any()
    assert not omega["hidden1.bias"][2]
    assert not omega["hidden2.weight"][:, 2].any()
    assert omega["hidden1.weight"][1].any()


@every_importance
def test_an_inactive_class_does_not_matter(name: str, x: Tensor) -> None:
    model = nets.build("mlp")
    omega = IMPORTANCES[name](model, x, classes=(0, 2))
    assert not omega["output.weight"][1].any()
    assert not omega["output.bias"][1]
    assert omega["output.weight"][0].any()
    assert omega["output.weight"][2].any()


@pytest.mark.parametrize("name", SLOW)
def test_active_classes_as_in_the_slow_twin(name: str, x: Tensor) -> None:
    model = nets.build("mlp")
    fast = IMPORTANCES[name](model, x, classes=(2, 0))
    contract.assert_close(fast, SLOW[name](model, x, classes=(2, 0)))


def test_logits_of_minus_infinity_can_be_masked(x: Tensor) -> None:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(9, 3).double()

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(x).index_fill(1, torch.tensor([1]), -torch.inf)

    model = Masked()
    expected = me.mas(model.layer, x, classes=(0, 2))
    found = me.mas(model, x, classes=(0, 2))
    contract.assert_close({k.removeprefix("layer."): v for k, v in found.items()}, expected)


@pytest.mark.parametrize("name", SQUARE)  # a layer of the local rule does not feel the next one
@pytest.mark.parametrize("factor", [3.0, -0.5])
def test_omega_scales_with_the_square_of_the_output(name: str, factor: float, x: Tensor) -> None:
    contract.assert_scales_with_the_square(IMPORTANCES[name], nets.build("mlp"), x, factor)


@every_importance
def test_the_global_seed_does_not_matter(name: str, x: Tensor) -> None:
    model = nets.build("batchnorm and dropout")
    first = IMPORTANCES[name](model, x)
    torch.manual_seed(99)
    contract.assert_close(IMPORTANCES[name](model, x), first, tolerance=0)


@every_net
def test_a_batch_average_is_never_above_the_exact_value(net: str, x: Tensor) -> None:
    """Triangle inequality."""
    model = nets.build(net)
    exact = me.mas(model, x)
    for size in (1, 2, 5, 13):
        for name, value in me.mas_batch(model, x, batch_size=size).items():
            assert bool((value <= exact[name] * (1 + 1e-12) + 1e-15).all())


def test_larger_batches_never_give_a_larger_sum(x: Tensor) -> None:
    """Merging two equal batches can only cancel: Ω falls from size to double size."""
    model, sums = nets.build("mlp"), []
    for size in (1, 2, 4, 8):
        found = me.mas_batch(model, x[:8], batch_size=size)
        sums.append(sum(float(value.sum()) for value in found.values()))
    assert sums == sorted(sums, reverse=True)
    assert sums[0] > sums[-1]


seeds = st.integers(0, 2**32 - 1)
widths = st.lists(st.integers(1, 6), min_size=2, max_size=4)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, sizes=widths, samples=st.integers(1, 9), cut=st.integers(1, 8))
def test_for_any_small_net(seed: int, sizes: list[int], samples: int, cut: int) -> None:
    """The triangle inequality, the merge, c², and the slow twin, for nets of any shape."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(samples, sizes[0], generator=draw, dtype=torch.float64)
    model = me.mlp(sizes, seed=seed).double()
    exact = me.mas(model, x)
    contract.assert_close(exact, reference.mas(model, x))
    for name, value in me.mas_batch(model, x).items():
        assert bool((value <= exact[name] * (1 + 1e-12) + 1e-15).all())
    if cut < samples:
        contract.assert_mergeable(me.mas, model, x, cut)
    if len(sizes) > 2:
        contract.assert_scales_with_the_square(me.mas, model, x, 2.0)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, hidden=st.integers(1, 8), samples=st.integers(1, 9))
def test_weights_times_omega_are_at_least_twice_the_squared_output(
    seed: int, hidden: int, samples: int
) -> None:
    """⟨W, ∂‖F‖²/∂W⟩ = 2‖F‖² in each layer of a bias-free ReLU net; hence Σ|W|Ω ≥ 2·mean‖F‖²."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(4, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, 3, bias=False)
    ).double()
    x = torch.randn(samples, 4, dtype=torch.float64)
    least = 2 * model(x).square().sum(1).mean().item()
    omega = me.mas(model, x)
    for name, weight in model.named_parameters():
        found = (weight.abs() * omega[name]).sum().item()
        assert found >= least * (1 - 1e-12)
        if samples == 1:  # all terms of one sample need not have one sign, their sum has
            signed = torch.autograd.grad(model(x).square().sum(), weight)[0]
            assert (weight * signed).sum().item() == pytest.approx(least)


def test_a_buffer_that_forward_replaces_is_restored() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(9, 3).double()
            self.register_buffer("seen", torch.zeros(1))
            self.register_buffer("last", None)

        def forward(self, x: Tensor) -> Tensor:
            self.seen = self.seen + len(x)  # a new tensor under the old name
            self.last = x.detach()
            return self.layer(x)

    for importance in (*IMPORTANCES.values(), partial(me.explain)):
        model = Counting()
        importance(model, torch.randn(5, 9, dtype=torch.float64))
        assert model.seen.item() == 0
        assert model.last is None


@every_importance
def test_a_forward_that_writes_into_its_input_does_not_change_the_data(name: str) -> None:
    class Writing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(9, 3).double()

        def forward(self, x: Tensor) -> Tensor:
            x -= 0.5
            return self.layer(x)

    model, x = Writing(), torch.randn(7, 9, dtype=torch.float64)
    before = x.clone()
    labels = (before[:, 0] > 0).long()  # those that `empirical` takes
    expected = (
        me.fisher(model.layer, [(x - 0.5, labels)], kind="empirical")
        if name == "fisher, empirical"
        else IMPORTANCES[name](model.layer, x - 0.5)
    )
    found = IMPORTANCES[name](model, x)
    me.explain(model, x)
    assert torch.equal(x, before)
    contract.assert_close({k.removeprefix("layer."): v for k, v in found.items()}, expected)
    sum(me.Tally.of(model, part) for part in x.split(3))
    assert torch.equal(x, before)


def test_omega_shares_nothing_with_the_model() -> None:
    """No memory, and no graph: training on changes nothing in it."""
    model = nets.build("mlp")
    omega = me.mas(model, torch.randn(4, 9, dtype=torch.float64))
    before = copy.deepcopy(omega)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    contract.assert_close(omega, before, 0)


class Residual(nn.Module):
    """A block that goes on writing into the output of its second layer, or does not."""

    def __init__(self, in_place: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.last = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)
        self.in_place = in_place

    def forward(self, x: Tensor) -> Tensor:
        before = torch.relu(self.first(x.unsqueeze_(0)[0] if self.in_place else x))
        out = self.second(before)
        if self.in_place:
            out += before
        else:
            out = out + before
        return self.last(torch.relu(out))


def test_local_rule_is_not_changed_by_what_is_written_into_an_output() -> None:
    x = torch.randn(5, 4)
    contract.assert_close(me.mas_local(Residual(True), x), me.mas_local(Residual(False), x))
