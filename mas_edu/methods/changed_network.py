"""An anchor fitted to a network that has changed since: new outputs, new heads, frozen layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from mas_edu.networks import Params, trainable

if TYPE_CHECKING:
    from mas_edu.methods.penalty import Anchor

COMPILED = "_orig_mod."  # what torch.compile puts into the names of the weights
WRAPPERS = "module.", "model."  # what nn.DataParallel, and `Wrapped`, put before all of them


def fit_anchor(anchor: Anchor, model: nn.Module) -> tuple[Params, Params, Params, tuple[str, ...]]:
    """Return θ*, Ω and memory for the weights of the model, and in words what was changed.

    What is new has Ω = 0, and θ* where it is now. See `Anchor.fitted_to`.

    Raises:
        ValueError: if a weight shrank or changed its kind, or none is left.
    """
    weights = trainable(model)
    names = dict(zip(_plain(anchor.theta), anchor.theta, strict=True))
    pairs = {name: names.get(plain) for name, plain in zip(weights, _plain(weights), strict=True)}
    if not any(pairs.values()):
        raise ValueError(
            f"anchor and model: expected weights in common, found none: {_first(anchor.theta)} in "
            f"the anchor, {_first(weights)} in the model; were they made from the same network? If "
            "its modules were renamed, make me.Anchor(theta, omega) with the new names"
        )
    for name, old in pairs.items():
        if old and not _has_grown(anchor.theta[old].shape, weights[name].shape):
            raise ValueError(
                f"anchor and model: {name!r} had the shape {tuple(anchor.theta[old].shape)} and "
                f"has {tuple(weights[name].shape)} now; a weight may grow, but not shrink"
            )

    def of_model(
        old: Mapping[str, Tensor], fresh: Callable[[Tensor], Tensor], keeps_dtype: bool = True
    ) -> Params:
        found = {name: fresh(weight.detach()).clone() for name, weight in weights.items()}
        for name, before in pairs.items():
            if before:
                if keeps_dtype:  # Ω of weights in half precision has more digits
                    found[name] = found[name].to(old[before].dtype)
                block = tuple(slice(size) for size in old[before].shape)
                found[name][block] = old[before].to(found[name])
        return found

    def of_memory(name: str, vector: Tensor) -> Tensor:
        sizes = [value.numel() for value in anchor.theta.values()]
        if vector.shape != (sum(sizes),):  # nothing that belongs to single weights
            return vector
        parts = zip(anchor.theta.items(), vector.split(sizes), strict=True)
        by_name = {key: part.view(value.shape) for (key, value), part in parts}
        fresh = of_model(by_name, _same if name == "theta" else torch.zeros_like, name != "theta")
        return torch.cat([value.flatten() for value in fresh.values()])

    theta = of_model(anchor.theta, _same, keeps_dtype=False)
    omega = of_model(anchor.omega, torch.zeros_like)
    memory = {name: of_memory(name, value) for name, value in anchor.memory.items()}
    return theta, omega, memory, tuple(_changes(anchor, model, weights, pairs))


def _changes(
    anchor: Anchor, model: nn.Module, weights: Mapping[str, Tensor], pairs: dict[str, str | None]
) -> list[str]:
    """Say of each weight that is not as it was what became of it."""
    found = []
    for name, old in pairs.items():
        if old is None:
            found.append(f"{name}: new, Ω = 0")
        elif (shape := anchor.theta[old].shape) != weights[name].shape:
            sizes = f"from {tuple(shape)} to {tuple(weights[name].shape)}"
            found.append(f"{name}: grown {sizes}, Ω = 0 where it is new")
    there = set(_plain([name for name, _ in model.named_parameters(remove_duplicate=False)]))
    kept = set(pairs.values())
    for name, plain in zip(anchor.theta, _plain(anchor.theta), strict=True):
        if name not in kept:
            why = "frozen" if plain in there else "no longer in the network"
            found.append(f"{name}: {why}, dropped")
    return found


def _has_grown(old: torch.Size, new: torch.Size) -> bool:
    """Return whether the shape is the same or larger, the old one its first rows and columns."""
    return len(old) == len(new) and all(a <= b for a, b in zip(old, new, strict=True))


def _plain(names: Iterable[str]) -> list[str]:
    """Return the names without what `torch.compile` and wrappers of networks put into them."""
    plain = [name.replace(COMPILED, "") for name in names]
    for wrapper in WRAPPERS:
        if all(name.startswith(wrapper) for name in plain):
            plain = [name.removeprefix(wrapper) for name in plain]
    return plain


def _first(params: Mapping[str, Tensor]) -> str:
    return repr(next(iter(params)))


def _same(weight: Tensor) -> Tensor:
    return weight
