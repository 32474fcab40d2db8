"""Every plot: axes, colours, threads, fonts."""

from __future__ import annotations

import copy
import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from mas_edu import plots
from mas_edu.plots import display
from tests.results.test_comparison import RUNS as COMPARED
from tests.support.contrast import pale_texts
from tests.support.plots import FINISHED, OMEGA, PLOTS, STREAM, SWEEP, each_plot, figure_of, run
from tests.support.texts import inside, texts_in

pytestmark = pytest.mark.slow


@each_plot
def test_a_plot_draws_on_the_given_axes_and_returns_them(draw):
    ax = Figure().add_subplot()
    assert draw(ax) is ax


@each_plot
def test_every_text_can_be_read(draw):
    assert pale_texts(figure_of(draw(None))) == []


def test_text_in_a_pale_colour_is_found():
    figure = plots.white_figure((300, 200))
    figure.text(0.1, 0.2, "grey", color="#8a8a8a")
    figure.text(0.1, 0.5, "boxed", color="white", bbox={"facecolor": "black"})
    figure.text(0.1, 0.8, "large", color="#8a8a8a", fontsize=18)
    assert pale_texts(figure) == ["'grey' has 3.45"]


@each_plot
def test_a_plot_leaves_pyplot_and_its_settings_alone(draw):
    before, open_figures = copy.deepcopy(dict(mpl.rcParams)), plt.get_fignums()
    ax = draw(None)
    display.figure_png(figure_of(ax))
    assert plt.get_fignums() == open_figures
    assert dict(mpl.rcParams) == before


@each_plot
def test_a_plot_is_opaque_and_white(draw):
    image = imread(io.BytesIO(display.figure_png(figure_of(draw(None)))))
    assert (image[..., 3:] == 1).all()
    assert (image[0, 0, :3] == 1).all()


@each_plot
def test_text_is_large_enough_and_inside_the_figure(draw):
    ax = draw(None)
    texts = texts_in(ax)
    assert min(text.get_fontsize() for text in texts) >= 10
    assert inside(ax, texts)


@each_plot
def test_a_plot_needs_no_mathtext(draw):
    assert not [t.get_text() for t in texts_in(draw(None)) if "$" in t.get_text()]


FORMULA = "$\\frac$"  # of which mathtext can make nothing
ODD = [
    dataclasses.replace(
        record,
        names=[f"{FORMULA} {k}" for k in range(len(record.names))],
        omegas=[{FORMULA: torch.rand(4, 6)}],
        settings=record.settings | {"method": record.settings["method"] + FORMULA},
    )
    for record in COMPARED
]
WITH_FORMULAS = {
    "matrix": lambda: plots.accuracy_matrix(ODD[0]),
    "curves": lambda: plots.forgetting_curves(ODD[0], panels=False),
    "panels": lambda: plots.forgetting_curves(ODD, panels=True),
    "comparison": lambda: plots.comparison(ODD),
    "heatmap": lambda: plots.omega_heatmap(ODD[0], unit=FORMULA),
    "log heatmap": lambda: plots.omega_heatmap(ODD[0], unit=FORMULA, log=True),
    "units": lambda: plots.omega_units(ODD[0], (2, 3), unit=FORMULA),
    "image": lambda: plots.omega_image(ODD[0], (2, 3), unit=FORMULA),
    "distribution": lambda: plots.omega_distribution(ODD[0], unit=FORMULA),
}


@pytest.mark.parametrize("draw", WITH_FORMULAS.values(), ids=WITH_FORMULAS)
def test_names_and_units_are_no_formulas(draw):
    ax = draw()
    assert display.figure_png(figure_of(ax))
    assert any(FORMULA in text.get_text() for text in figure_of(ax).findobj(Text))


@each_plot
def test_axes_have_labels(draw):
    ax = draw(None)
    says = ax.get_xlabel() + ax.get_ylabel() + ax.get_title(loc="left")
    assert says.strip()


def test_plots_can_be_drawn_by_many_threads_at_once():
    def pixels(name: str) -> bytes:
        buffer = io.BytesIO()
        figure_of(PLOTS[name](None)).savefig(buffer, dpi=40)
        return buffer.getvalue()

    alone = {name: pixels(name) for name in PLOTS}
    names = list(PLOTS)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(pixels, names))
    assert all(alone[name] == image for name, image in zip(names, together, strict=True))


def test_plots_leave_the_data_alone():
    omega, stream = copy.deepcopy(OMEGA), copy.deepcopy(STREAM)
    records = [copy.deepcopy(record) for record in [run(), FINISHED, *SWEEP, *COMPARED]]
    for draw in PLOTS.values():
        draw(None)
    plots.forgetting_curves(FINISHED)
    assert all(torch.equal(omega[name], OMEGA[name]) for name in omega)
    assert all(torch.equal(a.x, b.x) for a, b in zip(stream, STREAM, strict=True))
    assert records == [run(), FINISHED, *SWEEP, *COMPARED]


@each_plot
def test_other_things_than_axes_are_refused(draw):
    with pytest.raises(ValueError, match=r"ax: expected matplotlib Axes or None, got Figure"):
        draw(Figure())


def test_the_last_line_of_a_cell_shows_axes_at_their_size():
    from IPython.core.formatters import DisplayFormatter

    ax = plots.accuracy_matrix(run())
    bundle, metadata = DisplayFormatter().format(ax)
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == figure_of(ax).get_size_inches()[0] * 100
