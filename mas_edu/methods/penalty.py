r"""The quadratic penalty that all methods share: Σ Ω (θ − θ*)².

The training loss is L(θ) = L_new(θ) + (λ/2) Σ Ω (θ − θ*)². The factor λ/2 belongs to the loss, not
to the form; the paper and most code write λ without the ½: λ in this library = 2 × λ of the paper.
The gradient of the whole term is λ Ω (θ − θ*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import torch
from torch import Tensor, nn

from mas_edu._common import digest, is_iterable, short_repr
from mas_edu.methods.changed_network import fit_anchor
from mas_edu.networks import Params, trainable


@dataclass(frozen=True, eq=False)
class Anchor:
    r"""The weights after the last task, and how much each of them matters.

    .. math:: \text{penalty}(\theta) = \sum_i \Omega_i (\theta_i - \theta^*_i)^2

    Args:
        theta: θ*, the weights to stay near, by name; copied, so later training leaves it alone.
        omega: Ω ≥ 0, same names and shapes; copied.
        memory: what a method needs at its next task beside these, flat vectors by name; no part of
            the penalty.
        changes: what `fitted_to` changed, in words; nothing else makes use of it.

    Raises:
        ValueError: if the two do not fit each other, or Ω is negative or not finite.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.constant_(model.weight, 1.5)
    >>> anchor = Anchor({"weight": torch.tensor([[1.0]])}, {"weight": torch.tensor([[2.0]])})
    >>> anchor.penalty(model).item()  # 2 · (1.5 − 1)²; the loss adds λ/2 times this
    0.5
    """

    theta: Params
    omega: Params
    memory: Params = field(default_factory=dict)
    changes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("theta", "omega"):
            object.__setattr__(self, name, _as_copy(name, getattr(self, name)))
        check_same_weights("omega", self.omega, "theta", self.theta)
        memory = self.memory
        if not isinstance(memory, Mapping) or not all(
            isinstance(value, Tensor) for value in memory.values()
        ):
            raise ValueError(f"memory: expected tensors by name, got {short_repr(memory)}")
        several = is_iterable(self.changes) and not isinstance(self.changes, str)
        if not several or not all(isinstance(one, str) for one in self.changes):
            raise ValueError(f"changes: expected words, got {short_repr(self.changes)}")
        object.__setattr__(self, "changes", tuple(self.changes))
        for name, value in self.omega.items():
            if bool((value < 0).any()):
                raise ValueError(f"omega: expected values of at least 0, found others in {name!r}")

    @property
    def code(self) -> str:
        """A checksum that tells runs with one anchor from those with another."""
        named = [*self.theta.items(), *self.omega.items(), *self.memory.items()]
        parts = ((f"{name} {tuple(value.shape)}", value.cpu().double()) for name, value in named)
        return digest(chain.from_iterable(parts), 12)

    def penalty(self, model: nn.Module) -> Tensor:
        """Return Σ Ω (θ − θ*)² of the model's present weights: one number, differentiable in them.

        Raises:
            ValueError: naming the weight in which the model and this anchor do not fit.
        """
        weights = trainable(model)
        check_same_weights("anchor", self.theta, "model", dict(weights))
        terms = []
        for name, weight in weights.items():
            omega = self.omega[name]  # of half-precision weights it has more digits
            away = weight.to(torch.promote_types(weight.dtype, omega.dtype)) - self.theta[name]
            terms.append((omega * away.square()).sum())
        return torch.stack(terms).sum()

    def fitted_to(self, model: nn.Module) -> Anchor:
        """Return this anchor for a network that has changed since, to learn on with it.

        New outputs and new heads have Ω = 0: they are free. Weights that were frozen or removed are
        dropped. The weights of before are the first rows and columns of those that have grown.
        `changes` of the anchor that is returned says what was done. Weights are told by their
        names: a layer put into the middle of an `nn.Sequential` renames all that follow.

        Raises:
            ValueError: if a weight shrank, or none is left; naming it.

        >>> small, wide = nn.Linear(2, 3), nn.Linear(2, 5)
        >>> theta = dict(small.named_parameters())
        >>> anchor = Anchor(theta, {name: torch.ones_like(value) for name, value in theta.items()})
        >>> for change in anchor.fitted_to(wide).changes:
        ...     print(change)
        weight: grown from (3, 2) to (5, 2), Ω = 0 where it is new
        bias: grown from (3,) to (5,), Ω = 0 where it is new
        """
        return Anchor(*fit_anchor(self, model))


def _as_copy(argument: str, params: Params) -> Params:
    """Return a copy of finite tensors by name, or raise."""
    named = isinstance(params, Mapping) and all(isinstance(name, str) for name in params)
    if not named or not params:
        raise ValueError(
            f"{argument}: expected tensors by the names of the weights, such as those of "
            f"me.snapshot(model), got {short_repr(params)}"
        )
    for name, value in params.items():
        plain = isinstance(value, Tensor) and not (value.is_meta or value.is_complex())
        if isinstance(value, Tensor) and not (plain and value.layout == torch.strided):
            raise ValueError(
                f"{argument}: expected real numbers in memory for {name!r}, got {value.dtype}, "
                f"{value.layout}, on {value.device}"
            )
        if not isinstance(value, Tensor) or not bool(torch.isfinite(value).all()):
            found = "NaN or infinity" if isinstance(value, Tensor) else short_repr(value)
            raise ValueError(f"{argument}: expected a finite tensor for {name!r}, got {found}")
    return {name: value.detach().clone() for name, value in params.items()}


def check_same_weights(first_name: str, first: Params, second_name: str, second: Params) -> None:
    """Raise unless both have the same names and, under each, the same shape."""
    for name, params in ((first_name, first), (second_name, second)):
        if not isinstance(params, Mapping):
            raise ValueError(f"{name}: expected tensors by name, got {short_repr(params)}")
    cure = "were they made from the same network?"
    if (first_name, second_name) == ("anchor", "model"):
        cure += " If it has grown or was frozen since, take anchor.fitted_to(model)"
    if odd := sorted(first.keys() ^ second.keys()):
        where = first_name if odd[0] in first else second_name
        raise ValueError(
            f"{first_name} and {second_name}: expected the same weights, "
            f"but {odd[0]!r} is only in {where}; {cure}"
        )
    for name, value in first.items():
        if value.shape != second[name].shape:
            raise ValueError(
                f"{first_name} and {second_name}: {name!r} has shape {tuple(value.shape)} in one "
                f"and {tuple(second[name].shape)} in the other; {cure}"
            )
