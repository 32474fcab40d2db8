"""Ω: how much each weight matters to what the network has learned."""

from mas_edu.importance.fisher_information import Kind, fisher
from mas_edu.importance.omega import MOST_SAMPLES, explain, mas, mas_batch, mas_local
from mas_edu.importance.path_integral import PathIntegral, RiemannianWalk
from mas_edu.importance.per_sample.sums import accumulation_dtype
from mas_edu.importance.sliced_cramer import MOST_SLICES, scp
from mas_edu.importance.tally import (
    NotFiniteError,
    Tally,
    active_logits,
    squared_norm,
    tally_scores,
)
from mas_edu.importance.weight_removal import Removed, lesioned

__all__ = [
    "MOST_SAMPLES",
    "MOST_SLICES",
    "Kind",
    "NotFiniteError",
    "PathIntegral",
    "Removed",
    "RiemannianWalk",
    "Tally",
    "accumulation_dtype",
    "active_logits",
    "explain",
    "fisher",
    "lesioned",
    "mas",
    "mas_batch",
    "mas_local",
    "scp",
    "squared_norm",
    "tally_scores",
]
