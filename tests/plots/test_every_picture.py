"""What every picture owes: opaque, readable, no pyplot, the data left alone."""

from __future__ import annotations

import copy
import io
import itertools
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from mas_edu import plots
from mas_edu.plots import captions as words
from mas_edu.plots import display, labels
from mas_edu.plots import style as canvas
from tests.results.test_comparison import RUNS as COMPARED
from tests.support.pictures import (
    FINISHED,
    OMEGA,
    PICTURES,
    STREAM,
    SWEEP,
    each_picture,
    figure_of,
    inside,
    luminance,
    run,
    texts_in,
)

pytestmark = pytest.mark.slow


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
        "import sys, mas_edu as me; assert 'matplotlib' not in sys.modules;"
        "me.plots.frontier; assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_last_line_of_a_cell_shows_axes_at_their_size():
    from IPython.core.formatters import DisplayFormatter

    ax = plots.accuracy_matrix(run())
    bundle, metadata = DisplayFormatter().format(ax)
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == figure_of(ax).get_size_inches()[0] * 100


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
