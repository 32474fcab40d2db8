"""Whether a model fits the data, and what to do if it does not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mas_edu.networks import check_classes, check_logits, check_model_fits, to_model
from tests.support import contract, nets


def test_check_logits_returns_them_without_a_graph() -> None:
    logits = check_logits(nn.Linear(2, 3), torch.zeros(4, 2))
    assert logits.shape == (4, 3)
    assert not logits.requires_grad


@pytest.mark.parametrize(
    ("x", "advice"),
    [
        (torch.zeros(4, 9, dtype=torch.uint8), r"give x\.float\(\) / 255"),
        (torch.zeros(4, 8), "do model and data belong together"),
    ],
    ids=["bytes", "another size"],
)
def test_inputs_that_do_not_fit_come_with_advice(x: torch.Tensor, advice: str) -> None:
    with pytest.raises(ValueError, match=f"^model: cannot be applied to 4 of the inputs.*{advice}"):
        check_logits(nn.Linear(9, 3), x)


def test_an_embedding_asks_for_whole_numbers() -> None:
    with pytest.raises(ValueError, match=r"give x\.long\(\)"):
        check_logits(nn.Embedding(9, 3), torch.zeros(4, 2))


def test_check_model_fits_asks_for_enough_logits() -> None:
    model = nets.build("batchnorm and dropout")
    with contract.left_as_it_was(model):
        check_model_fits(model, torch.zeros(5, 9), outputs=3)
        with pytest.raises(ValueError, match="at least 4 logits for each sample, got 3"):
            check_model_fits(model, torch.zeros(5, 9), outputs=4)


@pytest.mark.parametrize("classes", [[], [0, 0], [3], [-1], [0.5], iter([0])])
def test_classes_that_the_model_does_not_have_are_refused(classes: object) -> None:
    with pytest.raises(ValueError, match=r"^classes: expected"):
        check_classes(nn.Linear(2, 3), torch.zeros(1, 2), classes)  # type: ignore[arg-type]


def test_classes_are_optional_and_in_any_order() -> None:
    model, x = nn.Linear(2, 3), torch.zeros(1, 2)
    check_classes(model, x)
    check_classes(model, x, (2, 0))


def test_to_model_keeps_whole_numbers() -> None:
    model = nn.Linear(2, 3).double()
    assert to_model(torch.zeros(2), model).dtype == torch.float64
    assert to_model(torch.zeros(2, dtype=torch.int64), model).dtype == torch.int64
    assert to_model(torch.zeros(2), nn.ReLU()).dtype == torch.float32
