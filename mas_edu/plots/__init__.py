"""Plots: each draws its data on the given axes, or on new ones, and returns the axes.

ax = me.plots.forgetting_curves([record])       # how each task rises and falls
me.plots.show(ax, alt=me.words.forgetting_curves([record]))   # in a notebook, with its caption

Nothing here computes a result, keeps a figure or touches matplotlib's global state: figures are
made without pyplot, so they may be drawn from any thread.
"""

from mas_edu._common import figure_png
from mas_edu.plots import captions
from mas_edu.plots.colours import OMEGA_COLOURS, limits
from mas_edu.plots.curves import forgetting_curves
from mas_edu.plots.display import show
from mas_edu.plots.distribution import omega_distribution
from mas_edu.plots.dot_plot import comparison
from mas_edu.plots.heatmap import omega_heatmap
from mas_edu.plots.labels import spread
from mas_edu.plots.matrix import accuracy_matrix
from mas_edu.plots.samples import task_samples
from mas_edu.plots.style import COLOURS, FAINT, GREY, INK, PERCENT, PLAIN, root_figure, white_figure
from mas_edu.plots.tiles import as_image, thicken_strips, tile, tile_gap
from mas_edu.plots.tradeoff import frontier
from mas_edu.plots.unit_images import omega_image, omega_units
from mas_edu.plots.wording import percent, short_names, task_name

__all__ = [
    "COLOURS",
    "FAINT",
    "GREY",
    "INK",
    "OMEGA_COLOURS",
    "PERCENT",
    "PLAIN",
    "accuracy_matrix",
    "as_image",
    "captions",
    "comparison",
    "figure_png",
    "forgetting_curves",
    "frontier",
    "limits",
    "omega_distribution",
    "omega_heatmap",
    "omega_image",
    "omega_units",
    "percent",
    "root_figure",
    "short_names",
    "show",
    "spread",
    "task_name",
    "task_samples",
    "thicken_strips",
    "tile",
    "tile_gap",
    "white_figure",
]
