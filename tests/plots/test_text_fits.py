"""No text covers another or leaves the figure: every plot, few and many tasks, all sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import text_fit
from tests.results.test_comparison import run as fair
from tests.support.plots import figure_of, run
from tests.support.texts import inside, overlapping, texts_in

SHORT = {"method": "MAS()", "stream": "rotated digits", "task": "{}°", "layer": "fc{}.weight"}
LONG = {
    "method": "Own(data='test', batch_size=128, separate=False)",
    "stream": "handwritten digits, permuted, of two classes each",
    "task": "permutation of the pixels {}",
    "layer": "features.{}.block.convolution.weight",
}
NAMES = {"short": SHORT, "long": LONG}
SIZES = {"own": None, "large": (1000, 600), "small": (420, 380)}

SMALLEST = 5  # points, of the numbers of ten tasks in a small figure


def record(tasks: int, names: dict[str, str], lam: float = 100.0, seed: int = 0) -> me.Record:
    """A made-up run whose names are short or long."""
    made = run(tasks, seed=seed)
    settings = made.settings | {
        "method": names["method"], "lam": lam, "stream": {"name": names["stream"]}, "seed": seed,
    }  # fmt: skip
    tasknames = [names["task"].format(j) for j in range(1, tasks + 1)]
    return dataclasses.replace(made, names=tasknames, settings=settings)


def with_longer_run(tasks: int, names: dict[str, str]) -> list[me.Record]:
    """A run, and to compare a longer one and one of another method."""
    first = record(tasks, names)
    longer = dataclasses.replace(first, steps=3 * first.steps, settings=first.settings | {"lam": 1})
    tuned = first.settings | {"method": "FineTune()", "lam": None}
    return [first, longer, dataclasses.replace(first, settings=tuned)]


def four_methods(tasks: int, names: dict[str, str]) -> list[me.Record]:
    """Runs of four methods, of which one is fine-tuning."""
    first = record(tasks, names)
    others = {"EWC()": 30.0, "SI()": 1.0, "FineTune()": None}
    changed = [{"method": name, "lam": lam} for name, lam in others.items()]
    return [first] + [
        dataclasses.replace(record(tasks, names, seed=seed), settings=first.settings | change)
        for seed, change in enumerate(changed, 1)
    ]


def omega(tasks: int, names: dict[str, str]) -> dict[str, torch.Tensor]:
    """Ω of as many layers, some of it exactly 0."""
    values = torch.linspace(0, 1, 96).reshape(8, 12) ** 4
    return {names["layer"].format(j): values for j in range(tasks)}


def stream(tasks: int, names: dict[str, str]) -> me.Stream:
    """As many tasks of made-up images."""
    x, y = torch.linspace(0, 1, 512).reshape(8, 64), torch.zeros(8, dtype=torch.long)
    made = (me.Task(names["task"].format(j), x, y, x, y) for j in range(tasks))
    return me.Stream(names["stream"], tuple(made), 1, (1, 8, 8))


def methods(count: int, names: dict[str, str]) -> list[str]:
    """As many methods, the first with the name given."""
    return [names["method"], *(f"M{k}({k}.5)" for k in range(1, count))]


Names = dict[str, str]
PLOTS: dict[str, Callable[[int, Names, Axes | None], Axes]] = {
    "curves": lambda tasks, names, ax: plots.forgetting_curves(
        record(tasks, names), ax, panels=False
    ),
    "curves of three": lambda tasks, names, ax: plots.forgetting_curves(
        with_longer_run(tasks, names), ax, panels=False
    ),
    "panels": lambda tasks, names, ax: plots.forgetting_curves(
        record(tasks, names), ax, panels=True
    ),
    "panels of four": lambda tasks, names, ax: plots.forgetting_curves(
        four_methods(tasks, names), ax, panels=True
    ),
    "matrix": lambda tasks, names, ax: plots.accuracy_matrix(record(tasks, names), ax),
    "heatmap": lambda tasks, names, ax: plots.omega_heatmap(omega(tasks, names), ax=ax, log=True),
    "units": lambda tasks, names, ax: plots.omega_units(torch.rand(12 * tasks, 64), (1, 8, 8), ax),
    "image": lambda tasks, names, ax: plots.omega_image(torch.rand(tasks, 64), (1, 8, 8), ax),
    "distribution": lambda tasks, names, ax: plots.omega_distribution(omega(tasks, names), ax),
    "samples": lambda tasks, names, ax: plots.task_samples(stream(tasks, names), ax),
    "frontier": lambda tasks, names, ax: plots.frontier(
        [
            dataclasses.replace(
                record(2, names, lam, seed),
                settings=record(2, names, lam, seed).settings | {"method": method},
            )
            for method in methods(tasks, names)
            for lam in (0.1, 100.0)
            for seed in range(2)
        ],
        ax,
    ),
    "comparison": lambda tasks, names, ax: plots.comparison(
        [
            fair(method, seed, 0.4 + k / 100 + seed / 50, seconds=k / 3 + seed)
            for k, method in enumerate(methods(tasks, names))
            for seed in range(2)
        ],
        ax,
    ),
}


FEW_LABELS = {"image": ([5], ["short"]), "units": ([2, 5, 10], ["short"]), "heatmap": ([5], NAMES)}
"""Plots that look the same whatever the number of tasks or their names: drawn less often."""
CASES = [  # each number of tasks with each size and names, and each size with short and long names
    pytest.param(draw, tasks, NAMES[names], size, id=f"{plot}-{tasks}-{names}-{place}")
    for plot, draw in PLOTS.items()
    for j, tasks in enumerate(FEW_LABELS.get(plot, ([2, 5, 10], NAMES))[0])
    for names in FEW_LABELS.get(plot, ([2, 5, 10], NAMES))[1]
    for k, (place, size) in enumerate(SIZES.items())
    if plot in FEW_LABELS or (names == "long") == ((j + k) % 2 == 0)
]


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "tasks", "names", "size"), CASES)
def test_no_text_covers_another_or_leaves_the_figure(draw, tasks, names, size):
    ax = plots.white_figure(size, "constrained").add_subplot() if size else None
    ax = draw(tasks, names, ax)
    texts = texts_in(ax)
    assert not overlapping(texts)
    assert inside(ax, texts), [text.get_text() for text in texts if not inside(ax, [text])]
    figure, box = figure_of(ax), ax.get_window_extent()
    assert box.width > 0.35 * figure.bbox.width  # names and colour bars do not crush the axes
    assert box.height > 0.15 * figure.bbox.height  # two rows of samples are low by nature
    assert min(text.get_fontsize() for text in texts) >= SMALLEST


@pytest.mark.parametrize("name", ["x" * 200_000, "x " * 100_000], ids=["letters", "words"])
def test_a_very_long_name_is_measured_a_few_times_only(name, monkeypatch):
    measured, figure, ruler = [], Figure(), text_fit.ruler

    def counted(*args):
        measure = ruler(*args)
        return lambda text: measured.append(text) or measure(text)

    monkeypatch.setattr(text_fit, "ruler", counted)
    shown, _ = text_fit.fit_text(figure, [name], 200, (12, 11, 10))
    assert "…" in shown
    assert 150 < ruler(figure)(shown) <= 200
    assert len(measured) < 100
