"""Unlabelled data in any form: the same Ω from each, and a sentence where it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import mas_edu as me
from mas_edu.data.unlabelled import INPUT_KEYS
from tests.support import contract, nets
from tests.support.items import Items

X = torch.randn(30, 9, generator=torch.Generator().manual_seed(0))
Y = torch.arange(30) % 3


class Stream(IterableDataset):
    """Batches that come by themselves."""

    def __iter__(self):
        return iter(X.split(7))


class Picture:
    """Like an image that nobody has turned into numbers."""


FORMS = {
    "tensor": X,
    "array": X.numpy(),
    "wide array": X.numpy().astype(np.float64),
    "array seen backwards": X.numpy()[::-1],
    "list of tensors": list(X.split(8)),
    "list of arrays": [x.numpy() for x in X.split(8)],
    "pairs": [(x.numpy(), "labels") for x in X.split(8)],
    "dataset of pairs": TensorDataset(X, Y),
    "dataset of inputs": Items(list(X)),
    "dataset of arrays": Items([x.numpy() for x in X]),
    "loader": DataLoader(TensorDataset(X, Y), batch_size=8),
    "stream": Stream(),
}
every_form = pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)


@every_form
def test_omega_is_the_same_from_each(data: Any) -> None:
    model = nets.build("mlp")
    expected = me.mas(model, X)
    with contract.left_as_it_was(model), torch.random.fork_rng():
        before = torch.get_rng_state()
        found = me.mas(model, data)
        if not isinstance(data, DataLoader):  # the reader's loader draws a number by itself
            assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.allclose(found[name], expected[name], rtol=1e-5) for name in expected)


@every_form
def test_a_method_takes_each(data: Any) -> None:
    assert len(me.MAS(data=data).data.x) == 30
    if data is not FORMS["array seen backwards"]:
        assert torch.allclose(me.MAS(data=data).data.x.float(), X)


def test_an_array_for_a_wide_network_keeps_its_digits() -> None:
    model = nets.build("mlp").double()
    wide = X.double() + 1e-12
    found, expected = me.mas(model, wide.numpy()), me.mas(model, wide)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("data", [FORMS["dataset of pairs"], Items([*zip(X, Y, strict=True)])])
def test_labels_come_along_for_the_empirical_fisher(data: Any) -> None:
    model = nets.build("mlp")
    expected = me.fisher(model, X, kind="empirical", labels=Y)
    for found in (
        me.fisher(model, data, kind="empirical"),
        me.fisher(model, X.numpy(), kind="empirical", labels=Y.numpy()),
    ):
        assert all(torch.allclose(found[name], expected[name], rtol=1e-5) for name in expected)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (Items([Picture()]), "ToTensor"),
        (Items([X[0], X[0, :3]]), "one shape"),
        (Items([]), "at least one sample"),
        (X.numpy() * np.nan, "NaN"),
        (np.array([["a"]]), "expected numbers"),
        (X.numpy().astype(complex), "real numbers"),
    ],
    ids=["pictures", "shapes", "empty", "nan", "letters", "complex"],
)
def test_what_is_no_data_gets_a_sentence(data: Any, said: str) -> None:
    for take in (lambda: me.mas(nets.build("mlp"), data), lambda: me.MAS(data=data)):
        with pytest.raises(ValueError, match=f"^data: .*{said}"):
            take()


def test_bytes_are_told_how_to_become_numbers() -> None:
    grey = torch.zeros(4, 9, dtype=torch.uint8)
    with pytest.raises(ValueError, match="255"):
        me.mas(nets.build("mlp"), grey)
    with pytest.raises(ValueError, match="255"):
        me.learn(me.stream([(X, Y)]), me.MAS(data=grey), progress=False)


def test_reading_a_dataset_draws_no_number_of_the_caller_s() -> None:
    before = torch.get_rng_state()
    assert me.MAS(data=TensorDataset(X, Y)) == me.MAS(data=X)
    assert torch.equal(torch.get_rng_state(), before)


def test_tokens_are_told_how_to_stay_whole_numbers() -> None:
    words = torch.nn.Sequential(torch.nn.Embedding(9, 4), torch.nn.Flatten(), torch.nn.Linear(8, 3))
    tokens = torch.arange(60).reshape(30, 2) % 9
    with pytest.raises(ValueError, match=r"x\.long\(\), to me\.stream in a me\.Task"):
        me.learn(me.stream([(tokens, Y)]), me.MAS(), model=words, progress=False)
    own = me.stream([me.Task("tokens", tokens, Y, tokens, Y)])
    assert me.learn(own, me.MAS(), model=words, progress=False).complete


# ---- unlabelled data sets as they come ---------------------------------------------------------

BESIDE: dict[str, Any] = {
    "None": lambda i: None,
    "a word": lambda i: "cat",
    "a path": lambda i: Path("a.png"),
    "boxes": lambda i: torch.zeros(i % 3, 4),
    "a dict of boxes": lambda i: {"boxes": torch.zeros(i % 3, 4), "name": None},
    "an object": lambda i: Picture(),
}


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_whatever_stands_beside_the_input_is_not_looked_at(beside: Any) -> None:
    model = nets.build("mlp")
    expected = me.mas(model, X)
    items = [(x, beside(i)) for i, x in enumerate(X)]
    longer = [(x, beside(i), beside(i + 1), i) for i, x in enumerate(X)]
    for data in (Items(items), Items(longer), Items([list(item) for item in items])):
        found = me.mas(model, data)
        assert all(torch.allclose(found[name], expected[name], rtol=1e-5) for name in expected)
        assert torch.equal(me.MAS(data=data).data.x, X)


@pytest.mark.parametrize("key", INPUT_KEYS)
def test_a_dict_with_one_input(key: str) -> None:
    model = nets.build("mlp")
    expected = me.mas(model, X)
    for data in (
        Items([{key: x, "label": None, "id": i} for i, x in enumerate(X)]),
        [{"mask": None, key: x} for x in X.split(7)],
        DataLoader(Items([{key: x, "label": i} for i, x in enumerate(X)]), batch_size=7),
    ):
        found = me.mas(model, data)
        assert all(torch.allclose(found[name], expected[name], rtol=1e-5) for name in expected)


@pytest.mark.parametrize("item", [{"left": X[0], "right": X[0]}, {"x": X[0], "image": X[0]}, {}])
def test_a_dict_without_one_input_names_its_keys(item: dict[str, Any]) -> None:
    for data in (Items([item] * 3), [item]):
        with pytest.raises(ValueError, match=r"^data: .*one of the keys x, input.*choose it") as e:
            me.mas(nets.build("mlp"), data)
        assert all(repr(key) in str(e.value) for key in item)


def test_a_dict_alone_is_no_iterable_of_batches() -> None:
    with pytest.raises(ValueError, match=r"^data: expected a tensor.*got dict"):
        me.mas(nets.build("mlp"), {"x": X})


def test_a_loader_that_cannot_put_labels_together_names_its_dataset() -> None:
    loader = DataLoader(Items([(x, None) for x in X]), batch_size=7)
    with pytest.raises(ValueError, match=r"^data: the DataLoader .*NoneType.*give loader\.dataset"):
        me.mas(nets.build("mlp"), loader)
    assert me.mas(nets.build("mlp"), loader.dataset)


class Endless(Dataset):
    """Has no length: it is read until there is no further item."""

    def __getitem__(self, i: int) -> Any:
        return X[i], Y[i]


class Unmeasured(Endless):
    """Has a length that cannot be read."""

    def __len__(self) -> int:
        raise NotImplementedError("no length yet")


def test_a_dataset_without_a_length_is_read_to_its_end() -> None:
    model = nets.build("mlp")
    found, expected = me.mas(model, Endless()), me.mas(model, X)
    assert all(torch.allclose(found[name], expected[name], rtol=1e-5) for name in expected)
    with pytest.raises(ValueError, match=r"^data: the length .*cannot be read \(no length yet\)"):
        me.mas(model, Unmeasured())
    with pytest.raises(ValueError, match=r"^tasks\[0\]: the length .*cannot be read \(no length"):
        me.stream([Unmeasured()])


def test_a_dataset_that_raises_says_so() -> None:
    class Broken(Items):
        def __getitem__(self, i: int) -> Any:
            raise FileNotFoundError("a.png")

    with pytest.raises(ValueError, match=r"^data: an item of the Dataset cannot be read \(a\.png"):
        me.mas(nets.build("mlp"), Broken([1]))


def test_a_dataset_that_reads_several_items_at_once_is_asked_so() -> None:
    class Several(Items):
        def __getitem__(self, i: int) -> Any:
            raise AssertionError("one by one")

        def __getitems__(self, rows: list[int]) -> list[Any]:
            return [(X[i], None) for i in rows]

    assert torch.equal(me.MAS(data=Several(list(X))).data.x, X)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_a_sparse_tensor_is_read() -> None:
    for sparse in (X.to_sparse(), X.to_sparse_csr()):
        assert torch.equal(me.MAS(data=[sparse]).data.x, X)


def test_images_as_whole_numbers_are_told_how_to_become_numbers() -> None:
    for kind in (torch.int64, torch.int32, torch.uint8):
        with pytest.raises(ValueError, match=r"x\.float\(\) / 255"):
            me.mas(nets.build("mlp"), torch.zeros(4, 9, dtype=kind))


def test_inputs_that_are_not_found_name_the_cure() -> None:
    x, net = torch.rand(6, 4), nn.Linear(4, 2)
    with pytest.raises(ValueError, match=r"choose the input, as in \[batch\[0\]"):
        me.mas(net, [((x, x), 0)])
    with pytest.raises(ValueError, match=r"samples rather than batches of them.*torch.stack"):
        me.mas(net, iter(x))


def test_images_with_channels_last_name_the_cure() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.LazyLinear(2))
    net(torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match=r"channels first here: give x\.permute\(0, 3, 1, 2\)"):
        me.mas(net, torch.rand(4, 8, 8, 3))
