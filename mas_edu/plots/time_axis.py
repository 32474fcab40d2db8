"""The axis of training: updates, or tasks learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mas_edu._common import translate
from mas_edu.plots.style import root_figure, run_layout
from mas_edu.plots.text_fit import ruler
from mas_edu.results import Curves


def time_span(views: Sequence[Curves]) -> tuple[float, float]:
    """Return where the axis begins and ends, so that all curves have room."""
    last = max(float(np.max([*view.ends, *view.x], initial=0)) for view in views) or 1.0
    if views[0].by_task:
        return float(np.min([*views[0].x, 0.8])), last  # nothing is known before the first task
    return 0.0, last


def time_label(view: Curves) -> str:
    """Return what the axis counts."""
    return translate("tasks learned" if view.by_task else "updates")


def draw_time_ticks(ax: Axes, first: float, last: float) -> None:
    """Write the numbers of updates or tasks, as closely as there is room, up to the last one."""
    scale, (left, right) = run_layout(ax), ax.get_xlim()
    room = ax.get_window_extent().width * (last - first) / (right - left)
    widest = ruler(root_figure(ax))(f"{last:.0f}") + 10 * scale
    most = max(1, min(9, int(room / widest)))
    ticks = MaxNLocator(most, integer=True, steps=[1, 2, 2.5, 5, 10]).tick_values(first, last)
    ax.set_xticks([tick for tick in ticks if first <= tick <= last])
