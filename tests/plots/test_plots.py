"""Pictures: what is drawn is what was measured, and everyone can read it."""

from __future__ import annotations

import copy
import dataclasses
import io
import itertools
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import LogNorm, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import mas_edu as me
from mas_edu import plots
from mas_edu.plots import captions as words
from mas_edu.plots import display, labels
from mas_edu.plots import dot_plot as dots
from mas_edu.plots import style as canvas
from mas_edu.results import frontier_points
from mas_edu.results.curves import task_ends
from tests.results.test_comparison import RUNS as COMPARED
from tests.results.test_comparison import run as fair

RUN = {"method": "MAS()", "lam": 0.1, "stream": {"name": "rotated digits"}, "shape": [1, 2, 3]}
PER_TASK = 5  # measurements of a made-up curve


def run(tasks: int = 3, measured: int | None = None, updates: bool = True, seed: int = 0) -> Record:
    """A made-up run, broken off after so many measurements (None: to the end)."""
    numbers = np.random.default_rng(seed)
    steps = np.arange(tasks * PER_TASK + 1) * 7
    curve = numbers.random((len(steps), tasks)).round(3)
    kept = len(steps) if measured is None else measured
    accuracy = np.full((tasks, tasks), np.nan)
    for i in range((kept - 1) // PER_TASK):
        accuracy[i] = curve[(i + 1) * PER_TASK]
    names = [f"{20 * j}°" for j in range(tasks)]
    settings = RUN | ({"updates": [7 * PER_TASK] * tasks} if updates else {})
    return Record(accuracy, steps=steps[:kept], curve=curve[:kept], names=names, settings=settings)


Record = me.Record
OMEGA = {
    "hidden.weight": torch.rand(8, 6) * (torch.arange(8) % 4 > 0).unsqueeze(1),
    "hidden.bias": torch.rand(8),
    "dead": torch.zeros(2, 2),
}
FINISHED = dataclasses.replace(run(), omegas=(OMEGA,))
STREAM = me.rotated("digits", tasks=3, samples=20)
SWEEP = [
    Record(
        [[0.9 - lam / 4 + seed / 50, 0.1], [0.4 + lam / 5, 0.9 - lam / 3]],
        settings=RUN | {"method": method, "lam": lam, "seed": seed},
    )
    for method in ("MAS()", "L2()")
    for lam in (0.0, 0.1, 0.11, 1.0)
    for seed in range(3)
]
PICTURES: dict[str, Callable[[Axes | None], Axes]] = {
    "forgetting_curves": lambda ax: plots.forgetting_curves([run(), run(seed=1)], ax),
    "accuracy_matrix": lambda ax: plots.accuracy_matrix(run(), ax),
    "omega_heatmap": lambda ax: plots.omega_heatmap(OMEGA, "hidden.weight", ax, log=True),
    "omega_units": lambda ax: plots.omega_units(OMEGA["hidden.weight"], (1, 2, 3), ax, log=True),
    "omega_image": lambda ax: plots.omega_image(OMEGA["hidden.weight"], (1, 2, 3), ax),
    "omega_distribution": lambda ax: plots.omega_distribution(OMEGA, ax),
    "task_samples": lambda ax: plots.task_samples(STREAM, ax),
    "frontier": lambda ax: plots.frontier(SWEEP, ax),
    "comparison": lambda ax: plots.comparison(COMPARED, ax),
}
each_picture = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def texts_in(ax: Axes) -> list[Text]:
    """Everything that is written when the figure is drawn."""
    written: list[Text] = []
    draw = Text.draw

    def noted(text: Text, renderer: RendererBase) -> None:
        written.extend([text] if text.get_text() and text.get_visible() else [])
        draw(text, renderer)

    with mock.patch.object(Text, "draw", noted):
        figure_of(ax).draw_without_rendering()
    return written


def extents(texts: Iterable[Text]) -> list[Bbox]:
    return [Text.get_window_extent(text) for text in texts]  # of an annotation: without its leader


def overlapping(texts: Iterable[Text]) -> list[tuple[str, str]]:
    pairs = itertools.combinations(texts, 2)
    return [
        (one.get_text(), two.get_text())
        for one, two in pairs
        if Text.get_window_extent(one).overlaps(Text.get_window_extent(two))
    ]


def inside(ax: Axes, texts: Iterable[Text]) -> bool:
    frame = figure_of(ax).bbox.padded(1)
    return all(frame.contains(*b.min) and frame.contains(*b.max) for b in extents(texts))


def curve_lines(ax: Axes, j: int) -> tuple[Line2D, Line2D]:
    """The thin line over the whole run and the bold one from the task's turn on."""
    lines = [line for line in ax.lines if len(line.get_xdata()) != 2 or line.get_linestyle() != ":"]
    return lines[2 * j], lines[2 * j + 1]


# every picture


@each_picture
def test_a_picture_draws_on_the_axes_given_and_returns_them(draw):
    ax = Figure().add_subplot()
    assert draw(ax) is ax


@each_picture
def test_a_picture_is_no_pyplot_figure_and_changes_no_setting(draw):
    before, open_figures = copy.deepcopy(dict(mpl.rcParams)), plt.get_fignums()
    ax = draw(None)
    display.figure_png(figure_of(ax))
    assert plt.get_fignums() == open_figures
    assert dict(mpl.rcParams) == before


@each_picture
def test_a_picture_is_opaque_and_white(draw):
    image = imread(io.BytesIO(display.figure_png(figure_of(draw(None)))))
    assert (image[..., 3:] == 1).all()
    assert (image[0, 0, :3] == 1).all()


@each_picture
def test_text_is_large_enough_and_inside_the_figure(draw):
    ax = draw(None)
    texts = texts_in(ax)
    assert min(text.get_fontsize() for text in texts) >= 10
    assert inside(ax, texts)


@each_picture
def test_a_picture_needs_no_mathtext(draw):
    assert not [t.get_text() for t in texts_in(draw(None)) if "$" in t.get_text()]


@each_picture
def test_axes_say_what_they_are(draw):
    ax = draw(None)
    says = ax.get_xlabel() + ax.get_ylabel() + ax.get_title(loc="left")
    assert says.strip()


def test_pictures_can_be_drawn_by_many_threads_at_once():
    def pixels(name: str) -> bytes:
        buffer = io.BytesIO()
        figure_of(PICTURES[name](None)).savefig(buffer, dpi=40)
        return buffer.getvalue()

    alone = {name: pixels(name) for name in PICTURES}
    names = list(PICTURES) * 2
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(pixels, names))
    assert all(alone[name] == image for name, image in zip(names, together, strict=True))


def test_pictures_leave_the_data_alone():
    omega, stream = copy.deepcopy(OMEGA), copy.deepcopy(STREAM)
    records = [copy.deepcopy(record) for record in [run(), FINISHED, *SWEEP, *COMPARED]]
    for draw in PICTURES.values():
        draw(None)
    plots.forgetting_curves(FINISHED)
    assert all(torch.equal(omega[name], OMEGA[name]) for name in omega)
    assert all(torch.equal(a.x, b.x) for a, b in zip(stream, STREAM, strict=True))
    assert records == [run(), FINISHED, *SWEEP, *COMPARED]


@each_picture
def test_axes_that_are_none_are_refused(draw):
    with pytest.raises(ValueError, match=r"ax: expected matplotlib Axes or None, got Figure"):
        draw(Figure())


def test_importing_the_package_does_not_import_matplotlib():
    code = (
        "import sys, mas_edu as me; me.words; assert 'matplotlib' not in sys.modules;"
        "me.plots.frontier; assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_last_line_of_a_cell_shows_axes_at_their_size():
    from IPython.core.formatters import DisplayFormatter

    ax = plots.accuracy_matrix(run())
    bundle, metadata = DisplayFormatter().format(ax)
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == figure_of(ax).get_size_inches()[0] * 100


# looks


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_ten_lines_differ_in_colour_and_style_and_in_marker():
    looks = [
        (str(canvas.line_look(k)["color"]), str(canvas.line_look(k)["linestyle"]))
        for k in range(10)
    ]
    assert len(set(looks)) == 10
    assert len({canvas.marker_of(k) for k in range(10)}) == 10


@pytest.mark.parametrize("colour", [*canvas.COLOURS, canvas.GREY, canvas.INK])
def test_colours_are_dark_enough_for_text_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG 2.2, success criterion 1.4.3


# Machado, Oliveira and Fernandes 2009: what is left of linear RGB without one kind of cone
SIGHT = {
    "full": np.eye(3),
    "no red cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue cones": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("matrix", SIGHT.values(), ids=SIGHT)
def test_colours_stay_apart_for_every_kind_of_colour_vision(matrix):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]

    def lab(colour):
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.array(matrix) @ linear, 0, 1)
        x, y, z = np.cbrt(np.array(to_xyz) @ seen / [0.9505, 1, 1.089])
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    pairs = itertools.combinations(canvas.COLOURS, 2)
    assert min(np.linalg.norm(lab(one) - lab(two)) for one, two in pairs) > 20


# labels


@pytest.mark.parametrize(
    "wanted", [[0.5] * 4, [0, 0, 1, 1], [0.1, 0.9, 0.12], [1, 0.99, 0.98], [0]]
)
def test_spread_labels_keep_their_distance_order_and_bounds(wanted):
    placed = labels.spread(wanted, gap=0.1, low=0.05, high=0.95)
    assert placed.min() >= 0.05 - 1e-9
    assert placed.max() <= 0.95 + 1e-9
    assert np.diff(np.sort(placed)).min(initial=1) >= 0.1 - 1e-9
    assert (np.argsort(placed, kind="stable") == np.argsort(wanted, kind="stable")).all()


def test_labels_that_have_room_stay_where_they_belong():
    assert labels.spread([0.2, 0.8, 0.5], 0.1, 0, 1).tolist() == [0.2, 0.8, 0.5]


def test_labels_move_as_little_as_possible():
    assert labels.spread([0.5, 0.52], 0.1, 0, 1) == pytest.approx([0.46, 0.56])


# forgetting curves


@pytest.mark.parametrize("tasks", range(1, 11))
def test_curves_show_what_was_measured(tasks):
    record = run(tasks)
    ax = plots.forgetting_curves([record])
    for j in range(tasks):
        thin, bold = curve_lines(ax, j)
        assert np.array_equal(thin.get_xdata(), record.steps)
        assert np.array_equal(thin.get_ydata(), record.curve[:, j])
        assert np.array_equal(bold.get_xdata(), record.steps[j * PER_TASK :])
        assert np.array_equal(bold.get_ydata(), record.curve[j * PER_TASK :, j])
        assert bold.get_linewidth() > thin.get_linewidth()


@pytest.mark.parametrize("tasks", [1, 2, 5, 10])
@pytest.mark.parametrize("name", ["{}°", "permutation {}"])
@pytest.mark.parametrize("end", [0.0, 0.5, 1.0])
def test_names_stand_at_the_line_ends_and_do_not_overlap(tasks, name, end):
    record = run(tasks)
    curve = record.curve.copy()
    curve[-1] = end  # the worst case: all lines end in one point
    names = [name.format(j) for j in range(tasks)]
    ax = plots.forgetting_curves([dataclasses.replace(record, curve=curve, names=names)])
    texts = texts_in(ax)
    assert [text.get_text() for text in ax.texts] == names
    assert not overlapping(texts)
    assert inside(ax, texts)
    ends = [ax.transData.transform((record.steps[-1], end))[0]] * tasks
    assert all(0 < box.x0 - x < 40 for box, x in zip(extents(ax.texts), ends, strict=True))


@pytest.mark.parametrize("size", [(4, 3), (7, 3.6), (12, 6)])
def test_names_do_not_overlap_in_axes_of_any_size(size):
    ax = Figure(size).add_subplot()
    plots.forgetting_curves([run(8)], ax)
    texts_in(ax)
    assert not overlapping(ax.texts)


@pytest.mark.parametrize("measured", [1, 2, 5, 6, 7, 13, 26])
def test_a_run_can_be_watched_while_it_trains(measured):
    record, whole = run(5, measured), run(5, seed=1)
    ax = plots.forgetting_curves([record, whole])
    assert not overlapping(ax.texts)
    for j in range(5):
        thin, bold = curve_lines(ax, j)
        assert np.array_equal(thin.get_ydata(), record.curve[:, j])
        assert len(bold.get_xdata()) == max(measured - j * PER_TASK, 0)
    assert not overlapping(texts_in(ax))
    assert ax.get_window_extent().width > 0.8 * figure_of(ax).bbox.width


def test_the_axes_do_not_jump_while_the_lines_grow():
    frames = [plots.forgetting_curves([run(5, measured)]) for measured in (2, 13, 26)]
    for ax in frames:
        texts_in(ax)
    assert len({ax.get_xlim() for ax in frames}) == 1
    assert len({ax.get_window_extent().bounds for ax in frames}) == 1


def boundary_marks(ax: Axes) -> list[float]:
    return [float(line.get_xdata()[0]) for line in ax.lines if line.get_linestyle() == ":"]


@pytest.mark.parametrize("tasks", range(1, 11))
@pytest.mark.parametrize("updates", [True, False])
def test_task_boundaries_are_marked_known_or_derived(tasks, updates):
    ax = plots.forgetting_curves([run(tasks, updates=updates)])
    assert boundary_marks(ax) == [7 * PER_TASK * (i + 1) for i in range(tasks)]


def test_boundaries_of_unequal_tasks_come_from_the_settings():
    record = run(3)
    settings = record.settings | {"updates": [14, 21, 70]}
    assert task_ends(dataclasses.replace(record, settings=settings)).tolist() == [
        14, 35, 105,
    ]  # fmt: skip


def test_boundaries_of_an_unfinished_run_without_settings_are_those_of_finished_tasks():
    assert task_ends(run(4, measured=13, updates=False)).tolist() == [35, 70]
    assert task_ends(run(4, measured=3, updates=False)).tolist() == []


def test_a_task_whose_turn_has_come_has_its_name_in_colour_a_later_one_in_grey():
    ax = plots.forgetting_curves([run(4, measured=8)])
    greys = [text.get_color() == canvas.GREY for text in ax.texts]
    assert greys == [False, False, True, True]


def test_a_record_made_by_hand_is_drawn_over_tasks_learned():
    record = Record([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.5, 0.6, 0.9]])
    ax = plots.forgetting_curves([record])
    thin, bold = curve_lines(ax, 1)
    assert thin.get_xdata().tolist() == [1, 2, 3]
    assert thin.get_ydata().tolist() == record.accuracy[:, 1].tolist()
    assert bold.get_xdata().tolist() == [1, 2, 3]
    assert ax.get_xlabel() == "tasks learned"


def test_initial_accuracy_is_the_first_point_of_a_record_made_by_hand():
    record = Record([[0.9, 0.1], [0.6, 0.8]], initial=[0.1, 0.2])
    thin, bold = curve_lines(plots.forgetting_curves([record]), 1)
    assert thin.get_xdata().tolist() == [0, 1, 2]
    assert thin.get_ydata().tolist() == [0.2, 0.1, 0.8]
    assert bold.get_xdata().tolist() == [1, 2]


def test_a_record_with_nothing_in_it_says_so():
    ax = plots.forgetting_curves([Record(np.full((2, 2), np.nan))])
    assert [text.get_text() for text in ax.texts] == ["nothing measured yet"]


def test_a_run_to_compare_is_pale_and_in_the_legend():
    main, other = run(3), dataclasses.replace(run(3, seed=1), settings={"method": "FineTune()"})
    ax = plots.forgetting_curves([main, other])
    bold = [line for line in ax.lines if line.get_linewidth() > 1.5]
    assert [line.get_alpha() < 0.5 for line in bold] == [False] * 3 + [True] * 3
    assert np.array_equal(bold[3].get_ydata(), other.curve[:, 0])
    assert len(ax.texts) == 3
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["MAS, λ = 0.1", "FineTune"]
    texts_in(ax)
    assert legend.get_window_extent().y0 > ax.get_window_extent().y1  # it hides no curve


def test_runs_with_and_without_a_curve_share_one_axis():
    by_hand = Record([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.5, 0.6, 0.9]])
    ax = plots.forgetting_curves([run(3), by_hand])
    assert ax.get_xlabel() == "tasks learned"
    assert ax.get_xlim()[0] >= 0
    assert max(max(line.get_xdata()) for line in ax.lines) == 3


def test_accuracy_runs_from_0_to_100_percent():
    ax = plots.forgetting_curves([run(2)])
    texts_in(ax)
    written = [text.get_text() for text in ax.get_yticklabels()]
    assert (written[0], written[-1]) == ("0 %", "100 %")


def test_names_with_a_dollar_sign_are_not_formulas():
    names = ["costs $5", "costs $x_", "$\\frac{"]
    record = dataclasses.replace(run(3), names=names)
    for ax in (plots.forgetting_curves([record]), plots.accuracy_matrix(record)):
        display.figure_png(figure_of(ax))
        assert all(not t.get_parse_math() for t in texts_in(ax) if "$" in t.get_text())


@pytest.mark.parametrize("draw", [plots.forgetting_curves, plots.frontier])
@pytest.mark.parametrize("records", [[], ()])
def test_no_records_is_an_error_that_says_how_to_get_one(draw, records):
    with pytest.raises(ValueError, match=r"records: .*empty list; make one with me\.learn"):
        draw(records)


@pytest.mark.parametrize("records", [[0.5], ["run"], [run(1), None], 7])
def test_something_else_than_a_record_is_named(records):
    with pytest.raises(
        ValueError, match=r"records: expected a Record, got (float|str|NoneType|int)"
    ):
        plots.forgetting_curves(records)


# accuracy matrix


@pytest.mark.parametrize("tasks", [1, 2, 5, 10])
@pytest.mark.parametrize("left_out", [0, 1, 10])
def test_the_matrix_shows_finished_rows_up_to_the_diagonal_in_percent(tasks, left_out):
    finished = max(tasks - left_out, 0)
    record = run(tasks, measured=finished * PER_TASK + 1)
    ax = plots.accuracy_matrix(record)
    cells = [(i, j) for i in range(finished) for j in range(i + 1)]
    assert [text.get_text() for text in ax.texts] == [
        f"{100 * record.accuracy[i, j]:.0f} %" for i, j in cells
    ]
    assert [text.get_position() for text in ax.texts] == [(j + 0.5, i + 0.5) for i, j in cells]
    shown = ax.collections[0].get_array()
    assert np.array_equal(~np.ma.getmaskarray(shown), np.tril(np.ones((tasks, tasks)))
                          * (np.arange(tasks) < finished)[:, None] == 1)  # fmt: skip
    assert np.array_equal(shown.compressed(), [record.accuracy[cell] for cell in cells])
    assert not overlapping(texts_in(ax))


def test_the_matrix_says_what_rows_columns_and_colours_are():
    ax = plots.accuracy_matrix(run(3))
    texts_in(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("accuracy on task j", "after learning task i")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1: 0°", "2: 20°", "3: 40°"]
    bar = ax.collections[0].colorbar
    assert (ax.collections[0].norm.vmin, ax.collections[0].norm.vmax) == (0, 1)
    assert [text.get_text() for text in bar.ax.get_yticklabels()][::5] == ["0 %", "100 %"]
    assert bar.ax.get_ylabel() == "accuracy on the test part"


def test_the_first_row_is_on_top():
    low, high = plots.accuracy_matrix(run(3)).get_ylim()
    assert low > high


def test_numbers_in_the_matrix_can_be_read_on_their_colour():
    record = Record(np.linspace(0, 1, 100).reshape(10, 10))
    ax = plots.accuracy_matrix(record)
    figure_of(ax).draw_without_rendering()
    mesh = ax.collections[0]
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        cell = luminance(mesh.cmap(mesh.norm(record.accuracy[row, column])))
        light, dark = sorted([cell, luminance(text.get_color())], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_matrix_wants_one_record():
    with pytest.raises(ValueError, match=r"record: expected a Record, got list"):
        plots.accuracy_matrix([run(2)])


# Ω heatmaps


def drawn(ax: Axes) -> np.ma.MaskedArray:
    return ax.collections[0].get_array()


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("shape", "rows"), [((4, 3), 4), ((4, 3, 2), 4), ((4, 3, 2, 2), 4), ((5,), 1), ((), 1)]
)
def test_the_heatmap_shows_omega_with_one_row_for_each_output(shape, rows, log):
    omega = torch.rand(shape) + 0.1
    ax = plots.omega_heatmap({"w": omega}, "w", log=log)
    assert np.allclose(drawn(ax), omega.reshape(rows, -1).numpy())
    assert not drawn(ax).mask.any()


def test_axes_of_the_heatmap_say_how_kernels_are_laid_out():
    ax = plots.omega_heatmap(torch.rand(4, 3, 2, 2))
    assert ax.get_xlabel() == "input channel × kernel, laid out flat: 3 × 2 × 2"
    assert ax.get_ylabel() == "output channel"
    ax = plots.omega_heatmap(torch.rand(4))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("output unit", "")


def test_rows_and_columns_are_numbered_as_in_the_tensor():
    ax = plots.omega_heatmap(torch.rand(30, 200))
    for ticks, written in (
        (ax.get_xticks(), ax.get_xticklabels()),
        (ax.get_yticks(), ax.get_yticklabels()),
    ):
        assert [float(text.get_text()) + 0.5 for text in written] == list(ticks)
    assert max(ax.get_xticks()) < 200


def test_the_colour_bar_has_the_unit():
    for log in (False, True):
        bar = plots.omega_heatmap(torch.rand(4, 3) + 0.1, log=log).collections[0].colorbar
        assert bar.ax.get_ylabel() == "Ω, output² per unit of weight"


def test_without_a_name_the_first_layer_is_shown_also_of_a_loaded_record(tmp_path):
    order = {"z.bias": torch.rand(3), "z.weight": torch.rand(3, 2), "a.weight": torch.rand(2, 3)}
    for attempt in range(5):  # the file format itself keeps no order
        folder = dataclasses.replace(run(), omegas=(order,)).save(tmp_path / str(attempt))
        ax = plots.omega_heatmap(Record.load(folder))
        assert ax.get_title(loc="left") == "Ω of z.weight (3 × 2)"


def test_zeros_on_a_log_scale_are_grey_and_the_bar_says_so():
    omega = torch.tensor([[0.0, 1.0], [10.0, 100.0]])
    ax = plots.omega_heatmap(omega, log=True)
    mesh = ax.collections[0]
    assert isinstance(mesh.norm, LogNorm)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (1, 100)
    assert mesh.colorbar.ax.get_ylabel().endswith("(grey: exactly 0)")
    figure_of(ax).draw_without_rendering()
    grey = mesh.get_facecolors()[0]
    assert np.ptp(grey[:3]) < 1e-6
    assert grey[3] == 1


@pytest.mark.parametrize("log", [False, True])
def test_an_omega_of_zeros_can_be_drawn(log):
    omega = torch.zeros(4, 6)
    for ax in (
        plots.omega_heatmap(omega, log=log),
        plots.omega_units(omega, (1, 2, 3), log=log),
        plots.omega_image(omega, (1, 2, 3), log=log),
        plots.omega_distribution(omega),
    ):
        display.figure_png(figure_of(ax))


def test_a_log_scale_reaches_at_most_six_decades_and_the_bar_shows_that_there_is_more():
    ax = plots.omega_heatmap(torch.tensor([[1e-30, 1.0]]), log=True)
    assert ax.collections[0].norm.vmin == pytest.approx(1e-6)
    assert ax.collections[0].colorbar.extend == "min"


def test_shared_limits_fit_all_tasks():
    omegas = [{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 8.0])}]
    assert plots.limits(omegas, "w") == (0, 8)
    low, high = plots.limits(omegas, "w")
    norms = [
        plots.omega_heatmap(omega, "w", vmin=low, vmax=high).collections[0].norm for omega in omegas
    ]
    assert {(norm.vmin, norm.vmax) for norm in norms} == {(0, 8)}


def test_shared_log_limits_leave_zeros_out():
    omegas = [{"w": torch.tensor([0.0, 0.01])}, {"w": torch.tensor([1.0, 8.0])}]
    assert plots.limits(omegas, "w", log=True) == pytest.approx((0.01, 8))


def test_limits_of_a_record_are_those_of_all_its_omegas():
    omegas = ({"w": torch.tensor([1.0])}, {"w": torch.tensor([3.0])})
    assert plots.limits(dataclasses.replace(run(), omegas=omegas)) == (0, 3)


def test_an_unknown_weight_is_named_with_the_nearest_one():
    with pytest.raises(ValueError, match=r"name: .*'hiden\.weight'; did you mean 'hidden\.weight'"):
        plots.omega_heatmap(OMEGA, "hiden.weight")


@pytest.mark.parametrize("draw", [plots.omega_heatmap, plots.omega_distribution])
def test_a_run_without_omega_is_an_error_that_says_why(draw):
    tuned = dataclasses.replace(run(), settings={"method": "FineTune()"})
    with pytest.raises(ValueError, match=r"record of FineTune holds no Ω: this method protects no"):
        draw(tuned)
    with pytest.raises(ValueError, match=r"omegas: expected Ω of at least one task, got none"):
        plots.limits(tuned)
    with pytest.raises(ValueError, match=r"omegas: .* FineTune keeps none"):
        plots.limits([])


@pytest.mark.parametrize(
    ("omega", "message"),
    [
        ({}, "omega: .* empty dict"),
        (np.ones(3), "omega: expected a tensor.* got ndarray"),
        ({"w": [1.0]}, r"omega\['w'\]: expected a tensor.* got list"),
        (torch.zeros(0, 3), r"omega: expected at least one number, got shape \(0, 3\)"),
        (torch.tensor([1.0, float("nan")]), "omega: expected finite numbers .* found 1 "),
        (torch.tensor([-1.0, -2.0]), "omega: .* of at least 0, .* found 2 "),
    ],
)
def test_what_is_no_omega_is_refused_with_a_sentence(omega, message):
    for draw in (plots.omega_heatmap, plots.omega_distribution):
        with pytest.raises(ValueError, match=message):
            draw(omega)


@pytest.mark.parametrize(
    ("limits", "log", "message"),
    [
        ({"vmin": 3.0, "vmax": 2.0}, False, "vmin < vmax, got 3 and 2"),
        ({"vmin": 0.0}, True, "0 < vmin < vmax, got 0 and 1"),
        ({"vmax": -1.0}, False, "vmin < vmax, got 0 and -1"),
        ({"vmax": float("nan")}, False, "vmin < vmax, got 0 and nan"),
    ],
)
def test_limits_that_cannot_be_used_are_refused(limits, log, message):
    with pytest.raises(ValueError, match=rf"vmin, vmax: expected {message}; me\.plots\.limits"):
        plots.omega_heatmap(torch.ones(2, 2), log=log, **limits)


# Ω as images


def tiles(ax: Axes, height: int, width: int, count: int) -> list[np.ndarray]:
    """The small images of a mosaic in reading order: what stands between the gaps."""
    image = ax.images[0]
    seen = image.get_alpha() > 0
    rows = np.flatnonzero(seen.any(1) & ~np.roll(seen.any(1), 1) | (np.arange(len(seen)) == 0))
    across = np.arange(seen.shape[1])
    columns = np.flatnonzero(seen.any(0) & ~np.roll(seen.any(0), 1) | (across == 0))
    found = [image.get_array()[r : r + height, c : c + width] for r in rows for c in columns]
    return found[:count]


@pytest.mark.parametrize("units", [1, 2, 7, 12, 128])
def test_each_hidden_unit_is_one_small_image(units):
    omega = torch.rand(units, 20)
    shown = tiles(plots.omega_units(omega, (1, 4, 5)), 4, 5, units)
    assert np.allclose(np.stack(shown), omega.reshape(units, 4, 5).numpy())


def test_between_small_images_there_are_gaps():
    ax = plots.omega_units(torch.ones(4, 16), (1, 4, 4))
    alpha = ax.images[0].get_alpha()
    assert alpha.sum() == 4 * 16
    assert alpha.size > 4 * 16


def test_rows_of_the_mosaic_are_numbered_by_their_first_unit():
    ax = plots.omega_units(torch.rand(128, 64), (1, 8, 8))
    assert [text.get_text() for text in ax.get_yticklabels()] == [str(16 * k) for k in range(8)]
    ax = plots.omega_units(torch.rand(2000, 16), (1, 4, 4))
    assert not overlapping(text for text in texts_in(ax) if text.get_text().isdigit())


def test_the_mean_image_is_the_mean_over_units():
    omega = torch.rand(6, 12)
    ax = plots.omega_image(omega, (1, 3, 4))
    assert np.allclose(ax.images[0].get_array(), omega.mean(0).reshape(3, 4).numpy())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pixel column", "pixel row")


def test_colour_channels_are_summed():
    omega = torch.rand(6, 3 * 2 * 4)
    summed = omega.reshape(6, 3, 2, 4).sum(1)
    assert np.allclose(np.stack(tiles(plots.omega_units(omega, (3, 2, 4)), 2, 4, 6)), summed)
    assert np.allclose(plots.omega_image(omega, (3, 2, 4)).images[0].get_array(), summed.mean(0))


def test_kernels_of_a_first_convolution_are_images_too():
    omega = torch.rand(6, 1, 3, 3)
    assert np.allclose(np.stack(tiles(plots.omega_units(omega, (1, 3, 3)), 3, 3, 6)), omega[:, 0])


def test_inputs_that_are_no_images_become_strips():
    omega = torch.rand(5, 8)
    image = plots.omega_image(omega, (8,)).images[0].get_array()
    assert np.allclose(image, omega.mean(0).numpy())
    assert image.shape[1] == 8


@pytest.mark.parametrize("draw", [plots.omega_units, plots.omega_image])
def test_a_shape_that_does_not_fit_is_an_error(draw):
    with pytest.raises(ValueError, match=r"shape: \(1, 8, 8\) stands for 64 inputs, .* has 10 for"):
        draw(torch.rand(3, 10), (1, 8, 8))


def test_images_of_several_tasks_can_share_their_scale():
    norm = plots.omega_units(torch.rand(4, 4), (1, 2, 2), vmin=0.0, vmax=5.0).images[0].norm
    assert (norm.vmin, norm.vmax) == (0, 5)


# distribution


def test_the_distribution_has_a_body_for_each_weight_and_says_the_share_of_zeros():
    ax = plots.omega_distribution(OMEGA)
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "hidden.weight\n25 % exactly 0",
        "hidden.bias\n0 % exactly 0",
        "dead\n100 % exactly 0",
    ]
    assert ax.get_xscale() == "log"
    assert len(ax.collections) == 2  # nothing to draw for the dead weight


@pytest.mark.parametrize("count", [101, 50_000])
def test_the_bodies_span_the_positive_values_and_mark_their_quartiles(count):
    values = torch.logspace(-3, 2, count)
    ax = plots.omega_distribution({"w": torch.cat([values, torch.zeros(50)])})
    body = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert (body.min(), body.max()) == pytest.approx((1e-3, 1e2), rel=1e-3)
    quartiles = sorted(float(line.get_xdata()[0]) for line in ax.lines)
    assert quartiles == pytest.approx([10**-1.75, 10**-0.5, 10**0.75], rel=1e-2)


def test_the_distribution_of_a_convolution_and_of_a_single_number():
    model = me.cnn((1, 8, 8), 10, channels=(4,))
    omega = me.mas(model, torch.rand(5, 64))
    assert len(plots.omega_distribution(omega).get_yticklabels()) == len(omega)
    display.figure_png(figure_of(plots.omega_distribution({"scale": torch.tensor([2.0])})))


# samples


def stream(*inputs: torch.Tensor, shape: tuple[int, ...]) -> me.Stream:
    tasks = []
    for k, x in enumerate(inputs):
        y = torch.zeros(len(x), dtype=torch.long)
        tasks.append(me.Task(f"task {k}", x, y, x, y))
    return me.Stream("made up", tuple(tasks), 1, shape)


def scaled(x: torch.Tensor, everything: torch.Tensor) -> np.ndarray:
    return ((x - everything.min()) / (everything.max() - everything.min())).numpy()


def test_samples_are_a_row_for_each_task():
    x = [torch.rand(6, 4), torch.rand(6, 4)]
    ax = plots.task_samples(stream(*x, shape=(1, 2, 2)), per_task=3)
    everything = torch.cat([part[:3] for part in x])
    picture = ax.images[0].get_array()
    assert picture.shape == (5, 8)
    for row, part in enumerate(x):
        for k in range(3):
            tile = picture[3 * row : 3 * row + 2, 3 * k : 3 * k + 2]
            assert np.allclose(tile, scaled(part[k], everything).reshape(2, 2))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["task 0", "task 1"]


def test_colour_images_are_shown_in_colour():
    x = torch.rand(2, 3, 2, 2)
    picture = plots.task_samples(stream(x, shape=(3, 2, 2)), per_task=2).images[0].get_array()
    assert picture.shape == (2, 5, 3)
    assert np.allclose(picture[:, :2], scaled(x[0], x).transpose(1, 2, 0))


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 3), (2, 3)), ((1, 6), (1, 6)), ((2, 3, 1), (3, 1))]
)
def test_inputs_of_any_shape_can_be_shown(shape, size):
    x = torch.randn(2, 6)
    picture = plots.task_samples(stream(x, shape=shape), per_task=2).images[0].get_array()
    seen = x if len(shape) < 3 else x.reshape(2, 2, 3).mean(1)  # two channels: their mean, in grey
    shown = picture[: size[0], : size[1]]
    assert np.allclose(shown, scaled(seen[0], seen).reshape(size))


def test_inputs_that_are_no_images_are_a_table_each_column_in_its_own_range():
    x = torch.tensor([[[0.0, 500.0], [1.0, 700.0]], [[3.0, 500.0], [4.0, 900.0]]])
    ax = plots.task_samples(stream(*x, shape=(2,)), per_task=8)
    table = ax.images[0].get_array()
    assert np.allclose(table[:2], [[0, 0], [0.25, 0.5]])
    assert np.ma.getmaskarray(table)[2].all(), "a gap between the tasks"
    assert np.allclose(table[3:], [[0.75, 0], [1, 1]])
    assert list(ax.get_yticks()) == [0.5, 3.5]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["task 0", "task 1"]
    assert "number of the input" in ax.get_xlabel()
    display.figure_png(figure_of(plots.task_samples(stream(torch.ones(3, 1), shape=(1,)))))


def test_a_task_with_fewer_samples_leaves_blanks():
    long, short = torch.rand(5, 4), torch.rand(2, 4)
    picture = plots.task_samples(stream(long, short, shape=(1, 2, 2)), per_task=4).images[0]
    assert np.ma.getmaskarray(picture.get_array())[3:, 6:].all()


def test_samples_that_are_all_alike_or_whole_numbers_can_be_shown():
    x = torch.full((3, 4), 7)
    display.figure_png(figure_of(plots.task_samples(stream(x, shape=(1, 2, 2)))))


def test_bad_arguments_of_samples_are_named():
    with pytest.raises(ValueError, match="per_task: expected a whole number of at least 1, got 0"):
        plots.task_samples(STREAM, per_task=0)
    with pytest.raises(ValueError, match="stream: expected a Stream, such as"):
        plots.task_samples(torch.rand(3, 4))


# frontier


def point(learned: float, forgetting: float, **settings: object) -> Record:
    return Record([[learned, 0], [learned - forgetting, learned]], settings=RUN | settings)


def test_the_frontier_has_a_point_for_each_lambda_in_order():
    runs = [point(0.7, 0.1, lam=1.0), point(0.9, 0.5, lam=0.0), point(0.8, 0.3, lam=0.1)]
    ax = plots.frontier(runs)
    line = ax.lines[0]
    assert line.get_xdata() == pytest.approx([0.5, 0.3, 0.1])
    assert line.get_ydata() == pytest.approx([0.9, 0.8, 0.7])
    assert [text.get_text() for text in ax.texts] == ["λ = 0", "λ = 0.1", "λ = 1"]


def test_seeds_are_one_point_with_bars_from_the_lowest_to_the_highest():
    runs = [point(0.7 + d, 0.1 + 2 * d, lam=1.0, seed=k) for k, d in enumerate([0, 0.02, 0.04])]
    ax = plots.frontier(runs)
    middle, across, upright = ax.lines
    assert (middle.get_xdata()[0], middle.get_ydata()[0]) == pytest.approx((0.14, 0.72))
    assert across.get_xdata() == pytest.approx([0.1, 0.18])
    assert upright.get_ydata() == pytest.approx([0.7, 0.74])
    assert ax.get_title(loc="right") == "bars: lowest to highest seed"


def test_a_single_seed_has_no_bars():
    ax = plots.frontier([point(0.7, 0.1, lam=1.0)])
    assert len(ax.lines) == 1
    assert ax.get_title(loc="right") == ""


def test_methods_differ_in_marker_and_are_in_the_legend():
    ax = plots.frontier([*SWEEP, point(0.9, 0.6, method="FineTune()", lam=None)])
    found = {line.get_label(): line.get_marker() for line in ax.lines if line.get_label()[0] != "_"}
    assert list(found) == ["MAS", "L2", "FineTune"]
    assert len(set(found.values())) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(found)
    assert "FineTune" in [text.get_text() for text in ax.texts]


def test_frontier_labels_do_not_overlap_each_other_or_the_points():
    crowd = [
        point(0.9 - k / 500, 0.3 - k / 300, lam=2.0**k, seed=0, method=method)
        for k in range(8)
        for method in ("MAS()", "L2()")
    ]
    for runs in (SWEEP, crowd):
        ax = plots.frontier(runs)
        texts_in(ax)
        assert not overlapping(ax.texts)
        assert inside(ax, ax.texts)
        ends = [ax.transData.transform(xy) for line in ax.lines for xy in line.get_xydata()]
        boxes = extents(ax.texts)
        assert not [xy for xy in ends for box in boxes if box.contains(*xy)]


def test_the_better_corner_is_said_and_the_axes_are_learned_and_forgetting():
    ax = plots.frontier(SWEEP)
    assert ax.get_title(loc="left") == "↖ better"
    assert ax.get_xlabel().startswith("forgetting")
    assert ax.get_ylabel().startswith("learned")


def test_runs_that_are_not_complete_are_left_out_of_the_frontier():
    ax = plots.frontier([point(0.7, 0.1, lam=1.0), run(3, measured=7)])
    assert [text.get_text() for text in ax.texts] == ["λ = 1"]
    with pytest.raises(ValueError, match=r"records: .* learned all its tasks, found none"):
        plots.frontier([run(3, measured=7)])


def test_runs_on_different_streams_are_not_averaged():
    runs = [point(0.7, 0.1), point(0.9, 0.5, stream={"name": "permuted digits"})]
    assert list(frontier_points(runs)) == [
        "MAS on rotated digits",
        "MAS on permuted digits",
    ]


# the comparison


def marks(ax: Axes, kind: str) -> list[tuple[list[float], float]]:
    """Across and height of: the "mean" of each row, its "interval", its "seeds"."""
    sizes = {"mean": dots.MEAN, "interval": dots.ENDS, "seeds": dots.SEED}
    lines = [line for line in ax.lines if line.get_markersize() == sizes[kind]]
    return [(list(line.get_xdata()), line.get_ydata()[0]) for line in lines]


@pytest.mark.parametrize("measure", ["average", "forgetting", "learned", "backward_transfer"])
def test_the_comparison_has_a_row_for_each_method_as_in_the_table(measure):
    found = me.compare(COMPARED)
    ax = plots.comparison(found, measure=measure)
    ticks = [text.get_text().split("\n")[0] for text in ax.get_yticklabels()]
    assert ticks == [row.label for row in found.rows]
    assert ax.yaxis_inverted()
    for y, row in enumerate(found.rows):
        mean, low, high = getattr(row, measure)
        assert marks(ax, "mean")[y] == ([mean], y)
        assert marks(ax, "interval")[y] == ([low, high], y)
        assert marks(ax, "seeds")[y] == (row.values(measure), y)
        assert ax.texts[y].get_text() == f"{100 * mean:.1f} %"
    assert measure.replace("_", " ") in ax.get_xlabel()


def test_cost_stands_beside_accuracy_on_the_same_rows():
    ax = plots.comparison(COMPARED)
    cost = figure_of(ax).axes[-1]
    figure_of(ax).draw_without_rendering()
    assert cost.get_xlabel() == "seconds of one run"
    assert marks(cost, "mean") == [([2.0], y) for y in range(3)]
    assert marks(cost, "seeds") == [([1.0, 2.0, 3.0], y) for y in range(3)]
    assert [text.get_text() for text in cost.texts] == ["2 s"] * 3
    assert cost.get_xlim()[0] == 0
    assert cost.get_ylim() == ax.get_ylim()
    assert cost.get_position().x0 > ax.get_position().x1
    assert (cost.get_position().y0, cost.get_position().y1) == pytest.approx(
        (ax.get_position().y0, ax.get_position().y1)
    )


def test_one_seed_has_no_interval_and_says_so():
    ax = plots.comparison([fair(), fair("L2()")])
    assert len(marks(ax, "mean")) == 2
    assert not marks(ax, "interval")
    assert not marks(ax, "seeds")
    assert ax.get_title(loc="left") == "rotated digits: one seed, no interval"


def test_a_reference_is_grey_and_open_and_says_why():
    ax = plots.comparison(COMPARED)
    joint, mas, _ = [line for line in ax.lines if line.get_markersize() == dots.MEAN]
    assert (joint.get_color(), joint.get_markerfacecolor()) == (canvas.GREY, "white")
    assert mas.get_markerfacecolor() == mas.get_color() != canvas.GREY
    assert ax.get_yticklabels()[0].get_text() == "Joint\nsees old data again"


@pytest.mark.parametrize("methods", [1, 2, 5, 10, 25])
@pytest.mark.parametrize("place", ["new", "grid", "free"])
def test_numbers_and_names_of_a_comparison_do_not_overlap(methods, place):
    long = "Own(setting=1.0, other=2.0, third='x')"
    runs = [
        fair(f"M{k}()" if k else long, seed, 0.4 + k / 100 + seed / 50, seconds=k / 3 + seed)
        for k in range(methods)
        for seed in range(3)
    ]
    ax = None
    if place != "new":
        free = place == "free"
        figure = Figure(figsize=(9, 2 + methods / 2), layout=None if free else "constrained")
        ax = figure.add_axes((0.3, 0.2, 0.65, 0.7)) if free else figure.add_subplot()
    ax = plots.comparison(runs, ax)
    written = texts_in(ax)
    assert not overlapping([*ax.texts, *figure_of(ax).axes[-1].texts, *ax.get_yticklabels()])
    assert inside(ax, [text for text in written if text not in ax.get_yticklabels()])


def test_intervals_beyond_what_is_possible_are_cut_at_the_frame():
    ax = plots.comparison([fair(seed=0, end=0.0), fair(seed=1, end=1.0)])
    (interval,) = marks(ax, "interval")
    assert interval[0][0] < 0 < 1 < interval[0][1]
    assert ax.get_xlim() == pytest.approx((-0.02, 1.02))


def test_costs_taken_differently_are_called_a_hint():
    runs = [fair(), fair("L2()", side_by_side=4)]
    assert "hint" in figure_of(plots.comparison(runs)).axes[-1].get_xlabel()


def test_a_comparison_that_is_not_fair_is_not_marks():
    with pytest.raises(ValueError, match="lacks seed 1"):
        plots.comparison([fair(), fair(seed=1), fair("L2()")])
    with pytest.raises(ValueError, match=r"measure: expected one of average, .* did you mean"):
        plots.comparison([fair()], measure="averge")


# show


def test_show_prints_the_sentence_outside_a_notebook(capsys):
    plots.show(plots.accuracy_matrix(run(2)), alt="Two rows.")
    assert capsys.readouterr().out == "Two rows.\n"


@pytest.mark.parametrize("alt", ["", "  \n", None, 3])
def test_show_wants_a_sentence(alt):
    with pytest.raises(ValueError, match=r"alt: expected a sentence .* me\.words has one"):
        plots.show(Figure(), alt=alt)


def test_show_wants_a_figure():
    with pytest.raises(ValueError, match=r"fig_or_ax: expected a matplotlib Figure or Axes.* str"):
        plots.show("figure", alt="Nothing.")


def test_show_leaves_no_figure_with_pyplot(capsys):
    figure, ax = plt.subplots()
    other = plt.figure()
    for shown in (ax, figure):
        plots.show(shown, alt="Empty.")
    assert plt.get_fignums() == [other.number]
    plt.close(other)


def test_the_output_carries_the_sentence_in_metadata_and_escaped_in_html():
    figure = Figure((3, 2))
    bundle, metadata = display.cell_output(figure, 'a < b & "c"')
    assert metadata == {"image/png": {"alt": 'a < b & "c"', "width": 300, "height": 200}}
    assert "<figcaption>a &lt; b &amp; &quot;c&quot;</figcaption>" in bundle["text/html"]
    assert 'alt="a &lt; b &amp; &quot;c&quot;"' in bundle["text/html"]
    assert bundle["text/plain"] == 'a < b & "c"'


def test_in_a_notebook_the_sentence_is_seen_and_heard_also_after_export():
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's start, not ours
        import nbformat
        from nbconvert import HTMLExporter
        from nbconvert.preprocessors import ExecutePreprocessor

        source = (
            "import mas_edu as me\n"
            "ax = me.plots.accuracy_matrix(me.Record([[.9, .1], [.6, .8]]))\n"
            "me.plots.show(ax, alt='Falls to 60 % < 90 %')"
        )
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        ExecutePreprocessor(timeout=120).preprocess(notebook)
        pages = {
            template: HTMLExporter(template_name=template).from_notebook_node(notebook)[0]
            for template in ("lab", "classic")
        }
    (output,) = notebook.cells[0].outputs
    assert output.metadata["image/png"]["alt"] == "Falls to 60 % < 90 %"
    for page in pages.values():
        soup = BeautifulSoup(page, "html.parser")
        assert [image["alt"] for image in soup.find_all("img")] == ["Falls to 60 % < 90 %"]
        assert soup.find("figcaption").text == "Falls to 60 % < 90 %"


def test_every_picture_has_its_sentence():
    for name in ("forgetting_curves", "accuracy_matrix", "frontier", "comparison", "task_samples"):
        assert hasattr(words, name)
        assert hasattr(plots, name)
