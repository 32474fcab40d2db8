"""Lesions: borrow a network without its most or its least important weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from mas_edu._common import as_choice, as_float, as_seed, short_repr
from mas_edu.networks import Params, flatten, trainable

Removed = Literal["most", "least", "random"]


@contextmanager
def lesioned(
    model: nn.Module,
    omega: Mapping[str, Tensor],
    share: float,
    which: Removed = "most",
    seed: int = 0,
) -> Iterator[nn.Module]:
    """Borrow a network without a share of its weights: in the block they are 0.

    If Ω is true, the network loses much without its most important weights, and little without
    the least important ones. Afterwards all weights are what they were, also after an error.

    Args:
        model: any network.
        omega: Ω by the names of the weights, as from `me.mas`; weights that it does not name stay.
        share: of the weights that `omega` names, all together, from 0 to 1.
        which: remove those with the "most" or the "least" Ω, or "random" ones.
        seed: of the random order, which also decides among weights of equal Ω.

    Raises:
        ValueError: if Ω does not fit the network or is not finite, or `share` is above 1.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> with lesioned(layer, {"weight": torch.tensor([[5.0, 1.0]])}, share=0.5):
    ...     print(layer.weight.tolist())
    [[0.0, 1.0]]
    >>> layer.weight.tolist()
    [[1.0, 1.0]]
    """
    weights = {name: weight.detach() for name, weight in trainable(model).items()}
    _check_fits(omega, weights)
    removed = _removed(omega, share, which, seed)
    kept = {name: weights[name].clone() for name in omega}
    try:
        for name, gone in removed.items():
            weights[name].masked_fill_(gone.to(weights[name].device), 0.0)
        yield model
    finally:
        for name, value in kept.items():
            weights[name].copy_(value)


def _removed(omega: Mapping[str, Tensor], share: float, which: str, seed: int) -> Params:
    """Return for each weight whether it is removed."""
    share = as_float("share", share)
    if share > 1:
        raise ValueError(f"share: expected a share of the weights, from 0 to 1, got {share:g}")
    values = flatten({name: value.cpu().double() for name, value in omega.items()})
    random = torch.randperm(
        len(values), generator=torch.Generator().manual_seed(as_seed(seed)), device="cpu"
    )
    order = random
    if as_choice("which", which, get_args(Removed)) != "random":
        order = random[values[random].argsort(descending=which == "most", stable=True)]
    gone = torch.zeros(len(values), dtype=torch.bool)
    gone[order[: round(share * len(values))]] = True
    parts = gone.split([value.numel() for value in omega.values()])
    return {
        name: part.view(value.shape)
        for (name, value), part in zip(omega.items(), parts, strict=True)
    }


def _check_fits(omega: Mapping[str, Tensor], weights: Params) -> None:
    """Raise unless Ω has finite values in the shapes of some of the weights."""
    if not isinstance(omega, Mapping) or not omega:
        raise ValueError(
            f"omega: expected Ω by the names of the weights, such as that of me.mas(model, x), got "
            f"{short_repr(omega)}"
        )
    for name, value in omega.items():
        if name not in weights:
            raise ValueError(
                f"omega: expected names of the network's weights, {', '.join(weights)}, got "
                f"{short_repr(name)}; compute Ω of this network"
            )
        if not isinstance(value, Tensor) or value.shape != weights[name].shape:
            raise ValueError(
                f"omega: expected {name!r} in the shape {tuple(weights[name].shape)}, got "
                f"{tuple(value.shape) if isinstance(value, Tensor) else short_repr(value)}; "
                "compute Ω of this network"
            )
        if not bool(torch.isfinite(value).all()):
            raise ValueError(f"omega: expected finite numbers, found NaN or infinity in {name!r}")
