"""Pictures: each takes data and, if you like, the axes to draw on, and gives the axes back.

ax = me.plots.forgetting_curves([record])       # how each task rises and falls
me.plots.show(ax, alt=me.words.forgetting_curves([record]))   # in a notebook, with its sentence

Nothing here computes a result, keeps a figure or touches matplotlib's global state: figures are
made without pyplot, so they may be drawn from any thread.
"""

from mas_edu.plots.curves import forgetting_curves
from mas_edu.plots.display import show
from mas_edu.plots.distribution import omega_distribution
from mas_edu.plots.dots import comparison
from mas_edu.plots.heatmap import omega_heatmap
from mas_edu.plots.matrix import accuracy_matrix
from mas_edu.plots.samples import task_samples
from mas_edu.plots.scale import limits
from mas_edu.plots.tradeoff import frontier
from mas_edu.plots.units import omega_image, omega_units

__all__ = [
    "accuracy_matrix",
    "comparison",
    "forgetting_curves",
    "frontier",
    "limits",
    "omega_distribution",
    "omega_heatmap",
    "omega_image",
    "omega_units",
    "show",
    "task_samples",
]
