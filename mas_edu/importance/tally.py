"""Sums over samples, with the number of samples, from which an importance is the mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mas_edu._common import as_int, short_repr
from mas_edu.data import Data, batches
from mas_edu.importance.per_sample.plan_cache import recall
from mas_edu.importance.per_sample.routing import add_samples
from mas_edu.importance.per_sample.scores import Score, ScoredModel, cut_off
from mas_edu.importance.per_sample.sums import Sums, accumulation_dtype, divide
from mas_edu.networks import (
    Params,
    as_logits,
    check_classes,
    enable_gradients,
    evaluating,
    explain_errors,
)


class NotFiniteError(ValueError):
    """An importance is not finite: the network's weights or outputs hold NaN or infinity."""


@dataclass(frozen=True, eq=False)
class Tally:
    """A sum over samples and their number: add two tallies, and the mean stays exact.

    >>> from mas_edu.importance import mas
    >>> layer, x = nn.Linear(3, 2), torch.randn(10, 3)
    >>> both = Tally.of(layer, x[:4]) + Tally.of(layer, x[4:])
    >>> bool(torch.allclose(both.mean()["weight"], mas(layer, x)["weight"]))
    True
    """

    total: Params  # float64 from 17 samples on: sums over 60,000 keep their digits
    samples: int
    dtypes: dict[str, torch.dtype]

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", as_int("samples", self.samples, 1))
        parts = (("total", self.total, Tensor), ("dtypes", self.dtypes, torch.dtype))
        for name, found, kind in parts:
            named = isinstance(found, Mapping)
            if not named or not all(isinstance(value, kind) for value in found.values()):
                raise ValueError(
                    f"{name}: expected a {kind.__name__} for each weight, got {short_repr(found)}; "
                    "take a tally that me.Tally.of makes"
                )
        if self.total.keys() != self.dtypes.keys():
            raise ValueError(
                f"dtypes: expected the names of total, {short_repr([*self.total])}, got "
                f"{short_repr([*self.dtypes])}"
            )

    @classmethod
    def of(
        cls,
        model: nn.Module,
        data: Data,
        *,
        classes: Sequence[int] | None = None,
        memory: int | None = None,
    ) -> Tally:
        """Compute the MAS sums of one portion of data; arguments as in `mas`."""
        return tally_scores(
            model,
            data,
            lambda net, x: squared_norm(as_logits(net(x), len(x), classes), classes),
            classes=classes,
            memory=memory if memory is None else as_int("memory", memory, 1),
        )

    def __add__(self, other: Tally) -> Tally:
        """Add the tally of another portion."""
        if not isinstance(other, Tally):
            return NotImplemented
        if {name: t.shape for name, t in self.total.items()} != {
            name: t.shape for name, t in other.total.items()
        }:
            raise ValueError("tally: expected two tallies of the same network, got different ones")
        total = {
            name: value.to(accumulation_dtype(value)) + other.total[name]
            for name, value in self.total.items()
        }
        return Tally(total, self.samples + other.samples, self.dtypes)

    def __radd__(self, other: object) -> Tally:
        """Support `sum(tallies)`, which begins with 0."""
        return self if other == 0 else NotImplemented

    def mean(self) -> Params:
        """Return Ω, the sum divided by the number of samples, in the precision of the weights.

        That of float16 weights is float32: numbers beyond 65,504 would become infinity.
        """
        return self._divide(in_place=False)

    def spend(self) -> Params:
        """Return Ω in the memory of the sum, where it fits; the tally is of no use afterwards."""
        return self._divide(in_place=True)

    def _divide(self, in_place: bool) -> Params:
        with enable_gradients():  # under inference_mode Ω would be of no use in a loss
            return {
                name: divide(value, self.samples, omega_dtype(self.dtypes[name]), in_place)
                for name, value in self.total.items()
            }


def omega_dtype(weight: torch.dtype) -> torch.dtype:
    """Return the precision of Ω for a weight's."""
    return torch.float32 if weight == torch.float16 else weight


def squared_norm(outputs: Tensor, classes: Sequence[int] | None = None) -> Tensor:
    """Compute ‖F(x)‖² of each sample, `[N]`, over the active classes."""
    return active_logits(outputs, classes).square().sum(1)


def active_logits(outputs: Tensor, classes: Sequence[int] | None = None) -> Tensor:
    """Select the columns of the active classes; others may be −∞, whose square is not finite."""
    return outputs if classes is None else outputs[:, list(classes)]


def tally_scores(
    model: nn.Module,
    data: Data,
    score: Score,
    power: int = 1,
    classes: Sequence[int] | None = None,
    memory: int | None = None,
) -> Tally:
    """Sum |∂ score_n/∂θ|^power over all samples n, and count the samples.

    `classes` are those that `score` uses; it raises where the model returns no logits of them.
    """
    scored = ScoredModel.of(model, score)
    samples, sums, known = 0, Sums(), None
    with evaluating(model), enable_gradients():
        for batch in batches(model, data):
            if known is None:
                known = recall(model, batch)
                known.begin_call()
            try:
                with (
                    explain_errors(batch, "with gradients"),
                    torch.autocast(batch.device.type, enabled=False),  # Ω is exact
                ):
                    add_samples(sums, scored, batch, power, known, memory)
            except ValueError:
                check_classes(model, batch[:1].clone(), classes)  # says more where a sample fails
                raise
            samples += len(batch)
    if not sums.names:
        raise cut_off()
    found = sums.finish()
    total = {
        name: found[name] if name in found else torch.zeros_like(weight, requires_grad=False)
        for name, weight in scored.weights.items()
    }
    dtypes = {name: weight.dtype for name, weight in scored.weights.items()}
    return Tally(check_finite(total), samples, dtypes)


def check_finite(params: Params) -> Params:
    """Return an importance, or raise if it holds NaN or infinity."""
    if math.isfinite(sum(float(value.sum()) for value in params.values())):
        return params
    for name, value in params.items():
        if not bool(torch.isfinite(value).all()):
            raise NotFiniteError(
                f"model: the importance of {name!r} is not finite; its weights or outputs hold "
                "NaN or infinity, did training diverge? Of float16, numbers beyond 65,504 are "
                "infinite: there give model.float()"
            )
    return params
