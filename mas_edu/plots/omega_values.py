"""Ω as a picture or a sentence needs it: checked, by name, as NumPy numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mas_edu._common import as_choice, as_instance
from mas_edu.methods import MAS, omega_unit
from mas_edu.networks import Params
from mas_edu.results import Array, Record


def unit_of(omega: Params | Tensor | Record, unit: str | None = None) -> str:
    """Return the unit of Ω as given, or of the record's method; else that of MAS.

    Records made by hand, and those of methods that are not known here, say no unit.

    >>> unit_of(Record([[0.9]], settings={"method": "SI(xi=0.1)"}))
    'loss per unit of weight²'
    """
    if unit is not None:
        return as_instance("unit", unit, str, "'loss per unit of weight'")
    if isinstance(omega, Record):
        return omega_unit(str(omega.settings.get("method", "")))
    return MAS.unit


def omega_params(omega: Params | Tensor | Record) -> Params:
    """Return Ω by weight name; of a record, the one in force after its last finished task.

    Raises:
        ValueError: if there is no Ω, or it holds negative numbers, NaN or infinity.
    """
    if isinstance(omega, Record):
        if not omega.omegas:
            raise ValueError(
                f"omega: the record of {omega.label} holds no Ω: this method protects nothing, "
                "or no task is finished yet; take a finished run of me.MAS(), for example"
            )
        omega = omega.omegas[-1]
    found: dict[str, Any] = dict(omega) if isinstance(omega, Mapping) else {"": omega}
    for name in found:
        as_instance("omega: the name of a weight", name, str, "'hidden1.weight'")
    if not found:
        raise ValueError("omega: expected Ω for at least one weight, got an empty dict")
    for name, values in found.items():
        _check_omega(f"omega[{name!r}]" if name else "omega", values)
    return found


def _check_omega(name: str, values: Any) -> None:
    """Raise unless the values are a tensor as every Ω is."""
    if not isinstance(values, Tensor):
        raise ValueError(
            f"{name}: expected a tensor, or tensors by weight name such as me.mas(model, x), "
            f"got {type(values).__name__}"
        )
    if values.is_meta or values.is_complex() or values.layout != torch.strided:
        raise ValueError(
            f"{name}: expected real numbers in memory, got {values.dtype}, {values.layout}, on "
            f"{values.device}; give its to_dense(), on the CPU or a GPU"
        )
    if not values.numel():
        raise ValueError(f"{name}: expected at least one number, got shape {tuple(values.shape)}")
    bad = int((~(values.isfinite() & (values >= 0))).sum())
    if bad:
        raise ValueError(
            f"{name}: expected finite numbers of at least 0, as every Ω has, found {bad} that are "
            "negative, NaN or infinite; look at how this Ω was made"
        )


def omega_of(omega: Params | Tensor | Record, name: str | None = None) -> tuple[str, Array]:
    """Return one weight's name and Ω; without a name, the first that has more than one dimension.

    Raises:
        ValueError: for an unknown name, with the names there are and the nearest of them.
    """
    found = omega_params(omega)
    if name is None:
        matrices = [key for key, values in found.items() if values.ndim > 1]
        name = (matrices or list(found))[0]
    as_choice("name", name, found)
    return name, found[name].detach().cpu().double().numpy()


def share_of_zeros(values: Array) -> float:
    """Return the share of exact zeros: weights that nothing protects."""
    return float((values == 0).mean())
