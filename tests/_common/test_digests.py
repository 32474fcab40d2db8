"""Digests are equal for equal content, wherever and however it is stored."""

from __future__ import annotations

import torch

from mas_edu._common import digest


def test_only_the_numbers_of_a_tensor_count() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    same = [x.clone(), x.T.contiguous().T, x.flatten(), x.clone().requires_grad_()]
    assert {digest([value]) for value in same} == {digest([x])}
    assert digest([x.T]) != digest([x])


def test_texts_and_order_count() -> None:
    assert digest(["ab", "c"]) != digest(["c", "ab"])
    assert digest(["a"]) != digest(["b"])


def test_digits_are_the_first_ones() -> None:
    assert len(digest(["a"])) == 64
    assert digest(["a"]).startswith(digest(["a"], 8))
