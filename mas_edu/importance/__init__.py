"""Compute Ω, how much each weight matters to what the network has learned."""

from mas_edu.importance.fisher_information import Kind, fisher
from mas_edu.importance.omega import (
    NotFiniteError,
    Tally,
    active_logits,
    explain,
    mas,
    mas_batch,
    mas_local,
    squared_norm,
    tally_scores,
)
from mas_edu.importance.path_integral import PathIntegral, RiemannianWalk
from mas_edu.importance.sliced_cramer import scp

__all__ = [
    "Kind",
    "NotFiniteError",
    "PathIntegral",
    "RiemannianWalk",
    "Tally",
    "active_logits",
    "explain",
    "fisher",
    "mas",
    "mas_batch",
    "mas_local",
    "scp",
    "squared_norm",
    "tally_scores",
]
