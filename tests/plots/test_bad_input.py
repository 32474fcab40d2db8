"""The helpers that `me.plots` exports: a wrong argument gets a sentence that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu import plots, words
from tests.support.bad_input import INF, NAN, ids, one_error
from tests.support.plots import run

IMAGES = np.zeros((3, 2, 2))
OMEGA = torch.linspace(0, 1, 12).reshape(3, 4)
removed = Figure().add_subplot()
removed.remove()


def _learned() -> me.Record:
    schedule = me.Schedule(steps=1, evaluations=1)
    return me.learn(me.rotated(tasks=2, samples=20), me.L2(), schedule=schedule, progress=False)


META, SPARSE = torch.ones(3, 4, device="meta"), OMEGA.to_sparse()
DRAWN: list[Callable[[Any], Any]] = [
    lambda ax: plots.accuracy_matrix(run(), ax),
    lambda ax: plots.comparison(_learned(), ax),
    lambda ax: plots.forgetting_curves([run()], ax),
    lambda ax: plots.frontier([run()], ax),
    lambda ax: plots.omega_distribution(OMEGA, ax),
    lambda ax: plots.omega_heatmap(OMEGA, ax=ax),
    lambda ax: plots.omega_image(OMEGA, (2, 2), ax),
    lambda ax: plots.omega_units(OMEGA, (2, 2), ax),
    lambda ax: plots.task_samples(me.rotated(tasks=2, samples=20), ax),
]
OF_OMEGA: list[Callable[..., Any]] = [
    plots.omega_distribution,
    plots.omega_heatmap,
    lambda omega, **unit: plots.omega_units(omega, (2, 2), **unit),
    words.distribution,
    words.omega,
]

BAD: list[tuple[str, Callable[[Any], Any], list[Any]]] = [
    ("share", plots.percent, ["much", None, [0.1, 0.2], {}, 1j, torch.ones(2)]),
    ("text", plots.short_names, [None, 3, b"MAS", ["MAS"]]),
    ("name", plots.task_name, [None, 3, b"task 1"]),
    ("shape", plots.as_image, [None, 3, "ab", (0, 2), (1.5,), (NAN,)]),
    ("images", plots.thicken_strips, [None, "ab", 3, [[1.0]], {}]),
    ("images", lambda v: plots.tile(v, 2), [None, "ab", 3, [[1.0]], IMAGES[:0]]),
    ("across", lambda v: plots.tile(IMAGES, v), [0, -1, 1.5, None, "2"]),
    ("figure", plots.figure_png, [None, 3, "picture.png", b""]),
    ("sharp", lambda v: plots.figure_png(Figure(), v), [np.ones(2)]),
    ("size", plots.white_figure, [None, 3, (1,), (1, 2, 3), (0, 5), (NAN, 5), (5, INF), (5, 1e9)]),
    ("layout", lambda v: plots.white_figure((9, 9), v), ["tight", 3]),
    ("ax", plots.root_figure, [None, Figure(), 3, removed]),
    ("omegas?", plots.limits, [None, 3, "Ω", [], {}, torch.ones(2), [None], ["Ω"], [{}], [3]]),
    ("wanted", lambda v: plots.spread(v, 0.1, 0, 1), [None, 3, "ab", [NAN], [INF], IMAGES]),
    ("gap|wanted", lambda v: plots.spread([0.5], v, 0, 1), [None, "1", NAN, INF, -1]),
    ("low|wanted", lambda v: plots.spread([0.5], 0.1, v, 1), [None, "1", NAN, -INF, 2]),
    ("high|wanted", lambda v: plots.spread([0.5], 0.1, 0, v), [None, "1", NAN, INF, -1]),
    ("vmin", lambda v: plots.omega_heatmap(OMEGA, vmin=v), ["0", [], {}, NAN, torch.ones(2)]),
    ("vmax", lambda v: plots.omega_units(OMEGA, (2, 2), vmax=v), ["0", [], {}, INF]),
    ("log", lambda v: plots.omega_heatmap(OMEGA, log=v), [torch.ones(2)]),
    ("shape", lambda v: plots.omega_units(OMEGA, v), [None, 3, "ab", (3, 3)]),
    ("panels", lambda v: plots.forgetting_curves([run()], panels=v), [torch.ones(2)]),
    ("stream", plots.task_samples, [None, torch.ones(2, 2)]),
    ("fig_or_ax", lambda v: plots.show(v, "A picture."), [None, 3, "picture.png"]),
    ("alt", lambda v: plots.show(Figure(), v), [None, 3, "", " ", IMAGES]),
    ("shape", lambda v: words.omega(OMEGA, shape=v), [3, "ab", OMEGA, [None], [1.5]]),
    *(("ax", draw, [removed]) for draw in DRAWN),
    *(("omega", draw, [META, SPARSE, OMEGA * 1j, {1: OMEGA}]) for draw in OF_OMEGA),
    *(("unit", lambda v, f=f: f(OMEGA, unit=v), [True, 3, IMAGES, META]) for f in OF_OMEGA),
]


@pytest.mark.parametrize(
    ("argument", "call", "value"),
    [(argument, call, value) for argument, call, values in BAD for value in values],
    ids=ids,
)
def test_a_wrong_argument_is_named(argument: str, call: Callable[[Any], Any], value: Any) -> None:
    one_error(argument, lambda: call(value))


def test_what_is_right_is_taken() -> None:
    assert plots.percent(np.float32(0.5)) == plots.percent(torch.tensor(0.5)) == "50 %"
    assert plots.tile(IMAGES.tolist(), 2)[0].shape == (5, 5)
    assert plots.as_image([5]) == (1, 1, 5)
    assert plots.spread([], 0.1, 0, 1).shape == (0,)
    assert plots.figure_png(plots.white_figure((30, 20), "constrained"))[1:4] == b"PNG"


def test_more_samples_than_there_are() -> None:
    stream = me.rotated(tasks=2, samples=20)
    (image,) = plots.task_samples(stream, per_task=10**9).images
    assert image.get_array().shape[1] < 20 * 10
