"""Ω of all networks of a sweep at once: `mas` by hand, for chains of layers."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from mas_edu.data import Task, batches
from mas_edu.importance import accumulation_dtype
from mas_edu.methods import MAS, Method
from mas_edu.networks import Params
from mas_edu.training.flat_params import FlatParams
from mas_edu.training.sweeps.ensemble import Ensemble

SAMPLES_AT_ONCE = 256  # in the precision of the weights; their sums in float64


@torch.no_grad()
def omegas(
    copies: Ensemble, flat: FlatParams, methods: Sequence[Method], task: Task
) -> Sequence[Params | None]:
    """Return what the methods, if all are alike, return as `importance` of each network.

    None where that is left to the methods: for all but MAS, and MAS that is not the same for all;
    for networks that are no chains or of half precision; and where Ω is not finite. `flat.grads` is
    overwritten.
    """
    networks, method = len(copies.stacked[0]), methods[0]
    if type(method) is not MAS or any(other != method for other in methods):
        return [None] * networks
    if not copies.by_hand or flat.grads.dtype.itemsize < 4:
        return [None] * networks
    chain, samples = copies.as_chain(flat, networks), 0
    total = torch.zeros_like(flat.grads, dtype=accumulation_dtype(flat.grads))
    try:
        for x in batches(copies, method.inputs(task), SAMPLES_AT_ONCE):
            chain.omega_sum(x.unsqueeze(0), task.classes)
            total += flat.grads
            samples += len(x)
    except NotImplementedError:
        return [None] * networks
    mean = (total / samples).to(flat.grads.dtype)
    found, finite = copies.unstack(flat.params(mean)), flat.of_each_network(mean).isfinite().all(1)
    return [own if one else None for own, one in zip(found, finite, strict=True)]
